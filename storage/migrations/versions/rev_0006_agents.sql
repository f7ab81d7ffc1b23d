-- Agents (storage/agents.py): how each collector, analyst and writer stands, what it did lately
-- and by the day. Recovery (recovery_reports.py): what each start found.

-- ---- agents -----------------------------------------------------------------------------

insert into allowed_move (machine, from_state, to_state) values
    ('agent', '', 'idle'),
    ('agent', 'idle', 'working'),
    ('agent', 'idle', 'paused'),
    ('agent', 'working', 'idle'),
    ('agent', 'working', 'degraded'),
    ('agent', 'working', 'paused'),
    ('agent', 'degraded', 'working'),
    ('agent', 'degraded', 'paused'),
    ('agent', 'paused', 'idle'),
    ('agent', 'paused', 'working'),
    ('agent', 'paused', 'degraded');

-- What is shown of an agent: a pause hides that it works, work hides that it is degraded, and
-- neither forgets the other. A row whose state says otherwise is refused.
create function agent_state(
    paused_at timestamptz, workers text[], degraded_since timestamptz
) returns text language sql immutable as $$
    select case when paused_at is not null then 'paused'
                when workers <> '{}' then 'working'
                when degraded_since is not null then 'degraded'
                else 'idle' end
$$;

create table agent (
    name            text primary key,
    kind            text not null check (kind in ('collector', 'analyst', 'writer')),
    state           text not null default 'idle' check (state in
                        ('idle', 'working', 'degraded', 'paused')),
    state_since     timestamptz not null default now(),
    workers         text[] not null default '{}', -- executors it works in now
    cursor          text not null default '',     -- where its last success got to
    executions      bigint not null default 0,
    successes       bigint not null default 0,
    failures        bigint not null default 0,
    found           bigint not null default 0,    -- documents that were new
    read            bigint not null default 0,    -- documents
    claims          bigint not null default 0,
    withheld        bigint not null default 0,
    seconds         double precision not null default 0,
    last_success_at timestamptz,
    last_error      text not null default '',
    last_error_at   timestamptz,
    degraded_since  timestamptz,                  -- the first failure since the last success
    paused_at       timestamptz,
    paused_until    timestamptz,                  -- null: until a person resumes it
    paused_by       text not null default '',
    paused_why      text not null default '',
    check (state = agent_state(paused_at, workers, degraded_since)),
    check (executions = successes + failures)
) with (fillfactor = 50); -- one row is written with every document: room for it on its page

create trigger agent_guard_insert before insert on agent
    for each row execute function guard_move();
create trigger agent_guard_update before update of state on agent
    for each row when (old.state is distinct from new.state) execute function guard_move();

-- Single executions, the newest; older ones are in agent_day as sums.
create table agent_entry (
    id         bigint generated always as identity primary key,
    agent      text not null, -- no foreign key: its lock would be one more on that one row
    at         timestamptz not null default now(),
    executor   text not null,
    what       text not null default '', -- a scope, a document, a week
    is_success boolean not null,
    found      int not null default 0,
    read       int not null default 0,
    claims     int not null default 0,
    withheld   int not null default 0,
    took_s     double precision not null default 0,
    error      text not null default ''
);
create index agent_entry_agent on agent_entry (agent, id desc);

create table agent_day (
    agent      text not null,
    day        date not null, -- in UTC
    executions bigint not null,
    successes  bigint not null,
    failures   bigint not null,
    found      bigint not null,
    read       bigint not null,
    claims     bigint not null,
    withheld   bigint not null,
    seconds    double precision not null,
    primary key (agent, day)
);

-- ---- recovery ---------------------------------------------------------------------------

create table recovery_report (
    id       bigint generated always as identity primary key,
    at       timestamptz not null default now(),
    executor text not null,
    occasion text not null check (occasion in ('start', 'sweep')),
    ended_at timestamptz,            -- null: it is under way, or its process died over it
    took_s   double precision,
    findings int not null default 0, -- how much was put right
    found    jsonb not null default '[]'
);
create index recovery_report_at on recovery_report (at);
