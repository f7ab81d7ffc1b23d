-- name: window
-- The window that holds a moment; without one: the window that runs.
select begins, ends from policy_window(%(per)s, %(zone)s, coalesce(%(at)s::timestamptz, now()));

-- name: lease
-- Take part of the running window, in one step. A configuration that is new here sets the limit
-- for all; a new window begins with the limit of the last one.
insert into policy_quota as q
       (service, resource, per, zone, window_start, window_end, allowed, leased, granted)
select %(service)s, %(resource)s, %(per)s, %(zone)s, w.begins, w.ends, a.allowed, g.granted,
       g.granted
  from policy_window(%(per)s, %(zone)s, now()) w
 cross join lateral (
    select case when %(is_new)s then %(limit)s
                else coalesce((select p.allowed from policy_quota p
                                where p.service = %(service)s and p.resource = %(resource)s
                                  and p.per = %(per)s
                                order by p.window_start desc limit 1), %(limit)s)
           end::numeric as allowed
 ) a
 cross join lateral (
    select policy_grant(%(amount)s, 0, %(limit)s, a.allowed, null) as granted
 ) g
on conflict (service, resource, per, window_start) do update
   set allowed = case when %(is_new)s then %(limit)s else q.allowed end,
       granted = policy_grant(%(amount)s, q.leased, %(limit)s,
                              case when not %(is_new)s then q.allowed end, q.ceiling),
       leased = q.leased + policy_grant(%(amount)s, q.leased, %(limit)s,
                              case when not %(is_new)s then q.allowed end, q.ceiling),
       updated_at = now()
returning granted, leased, window_start,
          greatest(0, extract(epoch from window_end - clock_timestamp()))::float8 as left_s;

-- name: give_back
-- Into the window it came from while that runs; what the provider counted stays spent.
update policy_quota
   set leased = greatest(reported, leased - %(amount)s), updated_at = now()
 where service = %(service)s and resource = %(resource)s and per = %(per)s
   and window_start = %(window)s::timestamptz and window_end > clock_timestamp();

-- name: tighten
-- The provider counted more than we did.
insert into policy_quota as q
       (service, resource, per, zone, window_start, window_end, allowed, leased, reported,
        ceiling)
select %(service)s, %(resource)s, %(per)s, %(zone)s, w.begins, w.ends, %(limit)s, u.used, u.used,
       u.used + %(remaining)s
  from policy_window(%(per)s, %(zone)s, now()) w
 cross join lateral (select greatest(0, %(limit)s::numeric - %(remaining)s::numeric) as used) u
on conflict (service, resource, per, window_start) do update
   set reported = greatest(q.reported, least(q.allowed, %(limit)s) - %(remaining)s),
       leased = greatest(q.leased, least(q.allowed, %(limit)s) - %(remaining)s),
       ceiling = least(q.ceiling, greatest(q.leased, least(q.allowed, %(limit)s) - %(remaining)s)
                                  + %(remaining)s),
       updated_at = now();
