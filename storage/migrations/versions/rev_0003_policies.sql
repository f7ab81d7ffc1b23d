-- What policies remember across a restart and share between processes (storage/policy_*.py),
-- what people ask of running processes (commands.py), what could not be done (dead_letters.py).

-- ---- policies: breakers, pauses, holds --------------------------------------------------

create table policy_breaker (
    instance      text not null,
    service       text not null,
    executor      text not null, -- who wrote it: another one's open state is not lightly undone
    state         text not null check (state in ('closed', 'open', 'half_open')),
    failures      int not null default 0,
    failed_rounds int not null default 0,
    open_until    timestamptz,
    last_error    text not null default '',
    calls         bigint not null default 0, -- since the writer started
    failed        bigint not null default 0,
    rejected      bigint not null default 0,
    updated_at    timestamptz not null default now(),
    primary key (instance, service),
    check ((state = 'open') = (open_until is not null))
);

create table policy_pause (
    service    text primary key,
    ends_at    timestamptz not null, -- only ever moved later
    why        text not null default '',
    updated_at timestamptz not null default now()
);

create table policy_hold (
    service  text primary key,
    kind     text not null check (kind in ('hold', 'disable')),
    ends_at  timestamptz, -- null: until a person takes it back
    why      text not null default '',
    asked_by text not null,
    asked_at timestamptz not null default now()
);

-- processes that are here, whatever the number of those that were; seen_at stays out of the
-- index, or every beat of every process would write to it
create index instance_here on instance (started_at) where left_at is null;

-- ---- policies: quotas -------------------------------------------------------------------

create table policy_quota (
    service      text not null,
    resource     text not null,
    per          text not null check (per in ('minute', 'hour', 'day', 'month')),
    zone         text not null,
    window_start timestamptz not null,
    window_end   timestamptz not null,
    allowed      numeric not null check (allowed >= 0), -- as the latest configuration says
    leased       numeric not null default 0 check (leased >= 0),
    -- What the provider counted, if that was told: leases given back never go below it.
    reported     numeric not null default 0 check (reported >= 0),
    -- Up to where the provider lets `leased` grow, also if `allowed` is raised meanwhile.
    ceiling      numeric,
    granted      numeric not null default 0, -- by the last lease: its own answer
    updated_at   timestamptz not null default now(),
    primary key (service, resource, per, window_start)
);
create index policy_quota_end on policy_quota (window_end);

-- The calendar window that holds a moment. Days and months begin at the zone's midnight,
-- however long they are; hours and minutes keep the moment's own offset, so that the
-- repeated hour of autumn is two windows.
create function policy_window(
    per text, zone text, moment timestamptz, out begins timestamptz, out ends timestamptz
) language sql stable as $$
    select date_trunc(per, moment, zone),
           case when per in ('minute', 'hour')
                then date_trunc(per, moment, zone) + ('1 ' || per)::interval
                else (date_trunc(per, moment at time zone zone) + ('1 ' || per)::interval)
                     at time zone zone
           end
$$;

-- How much of `amount` may still be leased: no limit is passed, null is no limit.
create function policy_grant(
    amount numeric, leased numeric, own_limit numeric, shared_limit numeric, ceiling numeric
) returns numeric language sql immutable as $$
    select greatest(0, least(amount, least(own_limit, shared_limit, ceiling) - leased))
$$;

-- ---- policies: calls, for the back-test -------------------------------------------------

create table policy_call (
    id            bigint generated always as identity primary key,
    service       text not null,
    at            timestamptz not null, -- by the clock of who called
    outcome       text not null check (outcome in
                      ('success', 'failure', 'slow', 'neutral', 'rejected')),
    duration_s    double precision not null,
    attempts      int not null,
    retry_after_s double precision,
    cost          jsonb not null default '{}',
    kept_at       timestamptz not null default now() -- by the server's: its age goes by it
);
create index policy_call_service on policy_call (service, at, id);
create index policy_call_kept on policy_call (kept_at);

-- ---- commands ---------------------------------------------------------------------------

create table command (
    id       bigint generated always as identity primary key,
    verb     text not null,
    target   text not null default '',
    args     jsonb not null default '{}',
    asked_by text not null,
    asked_at timestamptz not null default now()
);
create index command_asked on command (asked_at, id);

create table command_ack (
    command_id bigint not null references command (id) on delete cascade,
    executor   text not null,
    outcome    text not null check (outcome in ('done', 'refused', 'failed')),
    answer     jsonb not null default '{}',
    at         timestamptz not null default now(),
    primary key (command_id, executor)
);

-- ---- dead letters -----------------------------------------------------------------------

insert into allowed_move (machine, from_state, to_state) values
    ('dead_letter', '', 'waiting'),
    ('dead_letter', 'waiting', 'replaying'),
    ('dead_letter', 'waiting', 'resolved'),
    ('dead_letter', 'waiting', 'dropped'),
    ('dead_letter', 'replaying', 'waiting'),
    ('dead_letter', 'replaying', 'resolved'),
    ('dead_letter', 'resolved', 'waiting'),
    ('dead_letter', 'dropped', 'waiting');

create table dead_letter (
    id          bigint generated always as identity primary key,
    service     text not null,
    kind        text not null, -- of work: what knows how to do it again
    key         text not null,
    payload     jsonb not null default '{}',
    error       text not null default '',
    cause       text not null check (cause in ('outage', 'poison')),
    state       text not null default 'waiting' check (state in
                    ('waiting', 'replaying', 'resolved', 'dropped')),
    attempts    int not null default 1,
    first_at    timestamptz not null default now(),
    last_at     timestamptz not null default now(),
    state_since timestamptz not null default now(),
    unique (kind, key)
);
create index dead_letter_waiting on dead_letter (last_at, id) where state = 'waiting';
create index dead_letter_waiting_for on dead_letter (service, cause, last_at, id)
    where state = 'waiting';
create index dead_letter_replaying on dead_letter (state_since) where state = 'replaying';
create index dead_letter_state on dead_letter (state, last_at desc, id desc);
create index dead_letter_ended on dead_letter (state_since)
    where state in ('resolved', 'dropped');

create trigger dead_letter_guard_insert before insert on dead_letter
    for each row execute function guard_move();
create trigger dead_letter_guard_update before update of state on dead_letter
    for each row when (old.state is distinct from new.state) execute function guard_move();
