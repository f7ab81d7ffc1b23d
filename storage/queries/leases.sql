-- name: take
-- Hold a name for as long as this connection lives.
select pg_try_advisory_lock(%(key)s) as taken;

-- name: join
-- Every connection of a working process holds its executor's name, together with the others:
-- the name is free only when none of them is left. Waits for whoever is just judging.
select pg_advisory_lock_shared(%(key)s);

-- name: is_member
-- Asked after `join`, in a statement of its own that sees what happened before the lock was given.
select exists (
    select from instance where executor = %(executor)s and fenced_at is null
) as yes;

-- name: backend
-- Which server process speaks (storage/poolers.py).
select pg_backend_pid() as pid;

-- name: begin
-- Hold a server process of a pooler.
begin;

-- name: end
-- And give it back.
rollback;

-- name: enter
-- Who holds the lock, for whoever is refused and for the status page.
insert into instance (executor, name, kind, pid, host, details)
values (%(executor)s, %(name)s, %(kind)s, %(pid)s, %(host)s, %(details)s)
on conflict (executor) do update
   set seen_at = now(), left_at = null, pid = excluded.pid, host = excluded.host,
       details = excluded.details
 where instance.fenced_at is null
returning executor;

-- name: come_back
-- The same process over a new connection, unless it was given up meanwhile.
update instance set seen_at = now(), left_at = null
 where executor = %(executor)s and fenced_at is null
returning executor;

-- name: beat
-- A sign of life over the very connection that holds the lock.
update instance set seen_at = now() where executor = %(executor)s and fenced_at is null
returning executor;

-- name: leave
-- Gone in good order.
update instance set left_at = now() where executor = %(executor)s;

-- name: holder
-- The latest process under a name that did not leave in good order.
select executor, name, kind, pid, host, started_at, seen_at, left_at, details
  from instance where name = %(name)s and kind = 'daemon' and left_at is null
 order by started_at desc limit 1;

-- name: of
-- The process of an executor, gone or not.
select executor, name, kind, pid, host, started_at, seen_at, left_at, details
  from instance where executor = %(executor)s;

-- name: recent
-- The latest processes, gone ones too.
select executor, name, kind, pid, host, started_at, seen_at, left_at, fenced_at, details
  from instance order by started_at desc limit %(limit)s;

-- name: here
-- The processes that are not settled, newest first, and whose names are held just now.
select executor, name, kind, pid, host, started_at, seen_at, left_at, fenced_at, details,
       now() as asked_at, held_locks() as held
  from instance where settled_at is null order by started_at desc;

-- name: unsettled
-- The same in short, for a look every other second.
select executor, held_locks() as held from instance i
 where settled_at is null and not may_come_back(i);

-- name: verdict
-- What is known of one process.
select %(key)s::bigint = any (held_locks()) as held,
       (select fenced_at is not null from instance where executor = %(executor)s) as fenced,
       (select may_come_back(i) from instance i where executor = %(executor)s) as may_come_back,
       (select extract(epoch from now() - seen_at)::float8 from instance
         where executor = %(executor)s) as silent_s;

-- name: take_over
-- Nobody holds the name, and until this transaction ends nobody gets it.
select pg_try_advisory_xact_lock(%(key)s) as taken;

-- name: fence
-- From now on no connection of it is let in.
update instance set fenced_at = now() where executor = %(executor)s and fenced_at is null;

-- name: settle
-- What fenced processes left behind is back in the queues; which of them said no word at the end.
update instance set settled_at = now()
 where executor = any(%(executors)s::text[]) and fenced_at is not null
returning left_at is null as was_sudden;

-- name: forget
-- Processes that were last seen long ago.
delete from instance where started_at < %(before)s and seen_at < %(before)s;

-- name: free
-- Give the locks back now; with the connection alone they would go a moment later.
select pg_advisory_unlock_all();
