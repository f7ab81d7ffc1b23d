-- In whose stead an analyst read a document: who comes before it in the order, could not be asked or
-- did not answer, and why. Empty: it was its turn.
alter table analysis
    add column instead_of  text not null default '',
    add column instead_why text not null default '',
    add check (instead_of <> '' or instead_why = '');
create index analysis_instead on analysis (document_id) where is_current and instead_of <> '';

-- Caps over all providers are checked against sums since a day's or a month's beginning.
drop index paid_call_begun;
create index paid_call_begun on paid_call (begun_at) include (taken_usd);
