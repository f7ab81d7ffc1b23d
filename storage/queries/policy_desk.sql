-- name: breakers
-- Every breaker of every instance, as it was last told.
select instance, service, state, failures, failed_rounds, open_until, last_error, calls, failed,
       rejected, executor, updated_at
  from policy_breaker order by service, instance;

-- name: forget_breakers
-- Breakers of instances that have not told of them for long.
delete from policy_breaker where updated_at < now() - %(age_s)s * interval '1 second';

-- name: forget_windows
-- Windows of quotas that ended long ago.
delete from policy_quota where window_end < now() - %(age_s)s * interval '1 second';

-- name: quotas
-- The windows that run.
select service, resource, per, zone, window_start, window_end, allowed, leased as used, ceiling,
       updated_at
  from policy_quota where window_end > now() and window_start <= now()
 order by service, resource, window_end;

-- name: pauses
-- Services that asked to be left alone and still are.
select service, ends_at, why, updated_at from policy_pause
 where ends_at > now() order by service;

-- name: holds
-- What people decided and did not take back.
select service, kind, ends_at, why, asked_by, asked_at from policy_hold
 where ends_at is null or ends_at > now() order by service;

-- name: set_hold
-- A person's decision, in the place of an earlier one.
insert into policy_hold (service, kind, ends_at, why, asked_by)
values (%(service)s, %(kind)s, now() + %(left_s)s * interval '1 second', %(why)s, %(by)s)
on conflict (service) do update
   set kind = excluded.kind, ends_at = excluded.ends_at, why = excluded.why,
       asked_by = excluded.asked_by, asked_at = now();

-- name: clear_hold
-- A person's decision is taken back.
delete from policy_hold where service = %(service)s;

-- name: clear_pause
-- A person knows that the service may be asked again.
delete from policy_pause where service = %(service)s;

-- name: calls
-- One page of a service's calls, in their order.
select id, service, at, outcome, duration_s, attempts, retry_after_s, cost from policy_call
 where service = %(service)s and (at, id) > (%(at)s, %(id)s)
 order by at, id limit %(limit)s;

-- name: drop_calls
-- One batch of the calls that were kept long enough.
delete from policy_call
 where id = any(array(select id from policy_call
                       where kept_at < now() - %(age_s)s * interval '1 second'
                       order by kept_at limit %(limit)s));
