-- name: may_be_lost
-- What follows in this transaction need not survive the server's sudden end.
select set_config('synchronous_commit', 'off', true);

-- name: must_be_kept
-- What follows is on the disk when the transaction ends, whatever the server's own setting.
select set_config('synchronous_commit', 'on', true)
 where current_setting('synchronous_commit') = 'off';

-- name: breakers_of
-- How the breakers of an instance stood, and what is left of their waits.
select service, state, failures, failed_rounds,
       case when state = 'open'
            then greatest(0, extract(epoch from open_until - now()))::float8 end as open_left_s,
       last_error, calls, failed, rejected, open_until
  from policy_breaker where instance = %(instance)s order by service;

-- name: save_breaker
-- Another process's open state is only undone by who opened it, by who knew of it, or when its
-- wait is over; and only replaced by a longer one.
insert into policy_breaker as b
       (instance, service, executor, state, failures, failed_rounds, open_until, last_error,
        calls, failed, rejected)
values (%(instance)s, %(service)s, %(executor)s, %(state)s, %(failures)s, %(failed_rounds)s,
        now() + %(open_left_s)s * interval '1 second', %(last_error)s, %(calls)s, %(failed)s,
        %(rejected)s)
on conflict (instance, service) do update
   set executor = excluded.executor, state = excluded.state, failures = excluded.failures,
       failed_rounds = excluded.failed_rounds, open_until = excluded.open_until,
       last_error = excluded.last_error, calls = excluded.calls, failed = excluded.failed,
       rejected = excluded.rejected, updated_at = now()
 where b.state <> 'open' or b.executor = excluded.executor or b.open_until <= now()
    or (excluded.state <> 'open' and b.open_until <= %(known_until)s::timestamptz)
    or (excluded.state = 'open' and excluded.open_until > b.open_until + interval '1 second');

-- name: pauses
-- Which services asked to be left alone, and for how much longer.
select service, extract(epoch from ends_at - now())::float8 as left_s, why
  from policy_pause where ends_at > now() order by service;

-- name: save_pause
-- Only ever extended, and by no less than a second: what a process read and told again ends some
-- milliseconds later each time, and would never end.
insert into policy_pause as p (service, ends_at, why)
values (%(service)s, now() + %(left_s)s * interval '1 second', %(why)s)
on conflict (service) do update
   set ends_at = excluded.ends_at, why = excluded.why, updated_at = now()
 where p.ends_at <= now() or excluded.ends_at > p.ends_at + interval '1 second';

-- name: holds
-- What people decided and did not take back.
select service, kind,
       case when ends_at is not null then extract(epoch from ends_at - now())::float8 end as left_s,
       why
  from policy_hold where ends_at is null or ends_at > now() order by service;

-- name: starts
-- How many other processes of this instance started in the last five minutes.
select count(*)::int as others from instance
 where name = %(instance)s and started_at > now() - interval '5 minutes'
   and executor <> %(executor)s;

-- name: members
-- How many other processes are here: not left, and seen a moment ago.
select count(*)::int as others from instance
 where left_at is null and seen_at > now() - interval '10 seconds' and executor <> %(executor)s;

-- name: record
-- One call, for the back-test.
insert into policy_call (service, at, outcome, duration_s, attempts, retry_after_s, cost)
values (%(service)s, %(at)s, %(outcome)s, %(duration_s)s, %(attempts)s, %(retry_after_s)s,
        %(cost)s);
