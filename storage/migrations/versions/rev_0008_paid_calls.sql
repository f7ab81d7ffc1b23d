-- A person may give a call in doubt up for good, or have it made again: either way what the
-- first asking may have cost stays counted, unless the person knows that it was not billed.

alter table paid_call drop constraint paid_call_state_check;
alter table paid_call add constraint paid_call_state_check check (state in
    ('intent', 'answered', 'refused', 'in_doubt', 'dropped'));

insert into allowed_move (machine, from_state, to_state) values
    ('paid_call', 'in_doubt', 'dropped');

-- Of a dropped call; null: nobody knows whether it was paid for.
alter table paid_call add column billed boolean;
alter table paid_call add check (billed is null or state = 'dropped');

-- Estimates of earlier askings of the same question that may have been paid for.
alter table paid_call add column written_off_usd numeric not null default 0
    check (written_off_usd >= 0);

-- What a row takes of its provider's caps: the one place that says so. A state that is not
-- named here is open, and counts as estimated.
alter table paid_call add column taken_usd numeric not null generated always as (
    written_off_usd + case state when 'answered' then cost_usd
                                 when 'refused' then 0
                                 when 'dropped' then
                                     case when billed is false then 0 else estimate_usd end
                                 else estimate_usd end) stored;

drop index paid_call_spend;
create index paid_call_spend on paid_call (provider, begun_at) include (taken_usd);
create index paid_call_dropped on paid_call (sha256) where state = 'dropped';
create index paid_call_state on paid_call (state, begun_at, id);
