-- name: add
-- An agent that is configured for the first time.
insert into agent (name, kind) values (%(agent)s, %(kind)s) on conflict (name) do nothing;

-- name: executed
-- One execution, in the transaction of its effect: its entry, and the sums moved by it. Who wrote it
-- works, whatever was thought of it meanwhile.
with entry as (
    insert into agent_entry
           (agent, executor, what, is_success, found, read, claims, withheld, took_s, error)
    values (%(agent)s, %(executor)s, %(what)s, %(is_success)s, %(found)s, %(read)s, %(claims)s,
            %(withheld)s, %(took_s)s, %(error)s)
)
update agent
   set executions = executions + 1,
       successes = successes + (case when %(is_success)s then 1 else 0 end),
       failures = failures + (case when %(is_success)s then 0 else 1 end),
       found = found + %(found)s, read = read + %(read)s, claims = claims + %(claims)s,
       withheld = withheld + %(withheld)s, seconds = seconds + %(took_s)s,
       cursor = case when %(is_success)s then coalesce(nullif(%(cursor)s, ''), cursor)
                     else cursor end,
       last_success_at = case when %(is_success)s then now() else last_success_at end,
       last_error = case when %(is_success)s then last_error else %(error)s end,
       last_error_at = case when %(is_success)s then last_error_at else now() end,
       degraded_since = case when %(is_success)s then null
                             else coalesce(degraded_since, now()) end,
       workers = case when %(executor)s = any(workers) then workers
                      else array_append(workers, %(executor)s) end,
       state = case when paused_at is null then 'working' else 'paused' end,
       state_since = case when paused_at is null and state <> 'working' then now()
                          else state_since end
 where name = %(agent)s
returning executions;

-- name: enter
-- A process begins to work in it.
update agent
   set workers = array_append(workers, %(executor)s),
       state = case when paused_at is null then 'working' else 'paused' end,
       state_since = case when paused_at is null and state <> 'working' then now()
                          else state_since end
 where name = %(agent)s and not %(executor)s = any(workers);

-- name: rest
-- A process does not work in it any more.
update agent
   set workers = array_remove(workers, %(executor)s),
       state = agent_state(paused_at, array_remove(workers, %(executor)s), degraded_since),
       state_since = case when paused_at is null and workers = array[%(executor)s::text] then now()
                          else state_since end
 where name = %(agent)s and %(executor)s = any(workers);

-- name: evict
-- Executors that are dead work in none any more.
with theirs as (
    select name, array(select w from unnest(workers) w where w <> all(%(executors)s::text[])) as kept
      from agent where workers && %(executors)s::text[] order by name for update
)
update agent
   set workers = theirs.kept,
       state = agent_state(paused_at, theirs.kept, degraded_since),
       state_since = case when paused_at is null and theirs.kept = '{}' then now()
                          else state_since end
  from theirs
 where agent.name = theirs.name
returning agent.name;

-- name: pause
-- A person's word; a second one replaces the first. What is under way ends by itself.
update agent
   set paused_at = now(), paused_by = %(by)s, paused_why = %(reason)s,
       paused_until = now() + make_interval(secs => %(seconds)s),
       state = 'paused',
       state_since = case when state = 'paused' then state_since else now() end
 where name = %(agent)s;

-- name: resume
-- The pause is over: it stands as it would without.
update agent
   set paused_at = null, paused_until = null, paused_by = '', paused_why = '',
       state = agent_state(null, workers, degraded_since), state_since = now()
 where name = %(agent)s and paused_at is not null;

-- name: expire
-- Its time is over: tidied up by whoever begins to work in it next, it holds nobody before that.
update agent
   set paused_at = null, paused_until = null, paused_by = '', paused_why = '',
       state = agent_state(null, workers, degraded_since), state_since = now()
 where name = %(agent)s and paused_until <= now();

-- name: paused
-- Those that are to begin nothing now.
select name, paused_at, paused_until, paused_by, paused_why from agent
 where paused_at is not null and coalesce(paused_until > now(), true)
 order by name;

-- name: all
-- Every agent as it stands; of collectors also how many places it was asked about.
select a.name, a.kind, agent_state(p.paused_at, a.workers, a.degraded_since) as state,
       a.state_since, a.workers, a.cursor, a.executions, a.successes,
       a.failures, a.found, a.read, a.claims, a.withheld, a.seconds, a.last_success_at,
       a.last_error, a.last_error_at, a.degraded_since, p.paused_at, a.paused_until, a.paused_by,
       a.paused_why, c.scopes, c.moved_at
  from agent a
 cross join lateral (
    select case when coalesce(a.paused_until > now(), true) then a.paused_at end as paused_at
 ) p
 cross join lateral (
    select count(*)::int as scopes, max(moved_at) as moved_at
      from source_cursor where a.kind = 'collector' and source = a.name
 ) c
 order by a.kind = 'writer', a.kind = 'analyst', a.name;

-- name: states
-- How each stands, for whoever asks often.
select a.name, a.kind, agent_state(p.paused_at, a.workers, a.degraded_since) as state,
       a.degraded_since, a.last_error, p.paused_at, a.paused_until, a.paused_by, a.paused_why
  from agent a
 cross join lateral (
    select case when coalesce(a.paused_until > now(), true) then a.paused_at end as paused_at
 ) p
 order by a.name;

-- name: entries
-- What an agent did lately, newest first.
select id, at, executor, what, is_success, found, read, claims, withheld, took_s, error
  from agent_entry where agent = %(agent)s order by id desc limit %(limit)s;

-- name: days
-- What it did by day, newest first, the single entries counted in.
select day, sum(executions)::bigint as executions, sum(successes)::bigint as successes,
       sum(failures)::bigint as failures, sum(found)::bigint as found, sum(read)::bigint as read,
       sum(claims)::bigint as claims, sum(withheld)::bigint as withheld, sum(seconds) as seconds
  from (
    select day, executions, successes, failures, found, read, claims, withheld, seconds
      from agent_day where agent = %(agent)s
    union all
    select (at at time zone 'UTC')::date, 1, is_success::int, 1 - is_success::int, found, read,
           claims, withheld, took_s
      from agent_entry where agent = %(agent)s
 ) each_one
 group by day order by day desc limit %(limit)s;

-- name: roll_up
-- Entries beyond the newest so many, or older than so long, become sums by day: one statement, so
-- that none is counted twice or not at all.
with gone as (
    delete from agent_entry
     where agent = %(agent)s
       and (id < (select coalesce(min(id), 9223372036854775807) from (
                    select id from agent_entry where agent = %(agent)s
                     order by id desc limit %(entries)s) newest)
            or at < now() - make_interval(secs => %(age_s)s))
    returning agent, (at at time zone 'UTC')::date as day, is_success, found, read, claims,
              withheld, took_s
), summed as (
    insert into agent_day (agent, day, executions, successes, failures, found, read, claims,
                           withheld, seconds)
    select agent, day, count(*), count(*) filter (where is_success),
           count(*) filter (where not is_success), sum(found), sum(read), sum(claims),
           sum(withheld), sum(took_s)
      from gone group by agent, day
    on conflict (agent, day) do update
       set executions = agent_day.executions + excluded.executions,
           successes = agent_day.successes + excluded.successes,
           failures = agent_day.failures + excluded.failures,
           found = agent_day.found + excluded.found, read = agent_day.read + excluded.read,
           claims = agent_day.claims + excluded.claims,
           withheld = agent_day.withheld + excluded.withheld,
           seconds = agent_day.seconds + excluded.seconds
)
select count(*)::int as entries from gone;

-- name: names
-- Every agent there ever was.
select name from agent order by name;

-- name: forget_days
-- Days that ended long ago.
delete from agent_day where day < (now() at time zone 'UTC')::date - %(days)s::int;
