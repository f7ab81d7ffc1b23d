-- Which filing counts instead of which (earnings/superseding.py).
create table superseded (
    document_id bigint primary key references document on delete cascade,
    by_id       bigint not null references document on delete cascade,
    why         text not null check (why in ('amended', 'reported_again', 'repeated')),
    since       timestamptz not null default now(),
    check (by_id <> document_id)
);
create index superseded_by on superseded (by_id);

-- A document as listings show it, with the one that counts instead of it.
drop view document_listing;
create view document_listing as
select d.id, d.source, d.external_id, d.ticker, c.name as company, d.title, d.url,
       d.published_at, d.discovered_at, d.reported_at, d.is_sample, d.details, d.state,
       d.state_since, d.reason, d.attempts, d.sha256, d.content_type, d.size_bytes,
       d.fetched_at, d.text_id, s.by_id as superseded_by, s.why as superseded_why
from document d
left join superseded s on s.document_id = d.id
left join company c on c.ticker = d.ticker;

-- An insight with its document, the one that counts instead of that (if any), the analysis it
-- shows in (is it current, degraded, of which text) and who found it (analyst, model).
drop view insight_in_full;
create view insight_in_full as
select i.id, i.analysis_id, i.taken_from, i.document_id, i.kind, i.status, i.metric, i.theme,
       i.value, i.prior, i.low, i.high, i.prior_low, i.prior_high, i.unit, i.basis, i.action,
       i.period_kind, i.period_end, i.period_label, i.period_weeks, i.span_start, i.span_end,
       i.context, i.words, i.cited, i.speaker, i.reason, i.near_start, i.near_end, i.agreement,
       f.analyst, f.model, a.degraded, a.is_current, a.text_id,
       d.ticker, d.title, d.url, d.reported_at, d.is_sample, c.name as company,
       s.by_id as superseded_by
from insight i
join analysis a on a.id = i.analysis_id
join analysis f on f.id = coalesce(i.taken_from, i.analysis_id)
join document d on d.id = i.document_id
left join superseded s on s.document_id = d.id
left join company c on c.ticker = d.ticker;
