-- Paid questions that can wait are sent together (storage/paid_batches.py).

create table paid_batch (
    id           bigint generated always as identity primary key,
    provider     text not null,
    state        text not null check (state in
                     ('intent', 'sent', 'cancelling', 'ended', 'done', 'refused', 'lost')),
    owner        text not null, -- who sends it
    remote_id    text,          -- the provider's name for it
    requests     int not null check (requests > 0),
    begun_at     timestamptz not null,
    deadline_at  timestamptz not null, -- then it is cancelled
    next_look_at timestamptz not null, -- by whoever comes first
    ended_at     timestamptz,
    reason       text not null default '',
    check (state not in ('sent', 'cancelling', 'ended', 'done') or remote_id is not null)
);
create unique index paid_batch_remote on paid_batch (provider, remote_id);
create index paid_batch_open on paid_batch (next_look_at, id)
    where state in ('intent', 'sent', 'cancelling', 'ended');
create index paid_batch_begun on paid_batch (begun_at desc, id desc);

create trigger paid_batch_guard_insert before insert on paid_batch
    for each row execute function guard_move();
create trigger paid_batch_guard_update before update of state on paid_batch
    for each row when (old.state is distinct from new.state) execute function guard_move();

insert into allowed_move (machine, from_state, to_state) values
    ('paid_call', '', 'queued'),
    ('paid_call', 'queued', 'intent'),
    ('paid_call', 'queued', 'refused'),
    ('paid_call', 'intent', 'queued'),
    ('paid_call', 'refused', 'queued'),
    ('paid_batch', '', 'intent'),
    ('paid_batch', 'intent', 'sent'),
    ('paid_batch', 'intent', 'refused'),
    ('paid_batch', 'intent', 'lost'),
    ('paid_batch', 'sent', 'cancelling'),
    ('paid_batch', 'sent', 'ended'),
    ('paid_batch', 'sent', 'lost'),
    ('paid_batch', 'cancelling', 'ended'),
    ('paid_batch', 'cancelling', 'lost'),
    ('paid_batch', 'ended', 'done');

alter table paid_call
    drop constraint paid_call_state_check,
    add constraint paid_call_state_check check (state in
        ('queued', 'intent', 'answered', 'refused', 'in_doubt', 'dropped')),
    add column batch_id bigint references paid_batch,
    add column custom_id text, -- by which an answer is told from the others of its batch
    add column request json,   -- what is to be asked; dropped once it is answered
    add check (state <> 'queued' or request is not null),
    add check (batch_id is null or custom_id is not null);

-- What only waits was not asked, and takes nothing of the caps.
drop index paid_call_spend;
alter table paid_call drop column taken_usd;
alter table paid_call add column taken_usd numeric not null generated always as (
    written_off_usd + case state when 'answered' then cost_usd
                                 when 'refused' then 0
                                 when 'queued' then 0
                                 when 'dropped' then
                                     case when billed is false then 0 else estimate_usd end
                                 else estimate_usd end) stored;
create index paid_call_spend on paid_call (provider, begun_at) include (taken_usd);

create index paid_call_queued on paid_call (provider, begun_at, id) where state = 'queued';
create index paid_call_waiting on paid_call (sha256)
    where state = 'queued' or (state = 'intent' and batch_id is not null);
create index paid_call_batch on paid_call (batch_id) where batch_id is not null;
