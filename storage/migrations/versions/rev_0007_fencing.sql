-- A process that only works: any number of them, under any names.
alter table instance drop constraint instance_kind_check;
alter table instance add check (kind in ('daemon', 'worker', 'command'));

-- fenced_at: found dead; whatever it still sends is refused (storage/fence.py).
-- settled_at: what it left behind is back in the queues, nobody looks at it any more.
alter table instance add column fenced_at timestamptz;
alter table instance add column settled_at timestamptz;
create index instance_unsettled on instance (started_at) where settled_at is null;

-- The advisory locks that sessions of this database hold, as the signed keys they were taken by.
-- Looking disturbs no holder.
create function held_locks() returns bigint[] language sql stable as $$
    select coalesce(array_agg(distinct (classid::bigint << 32) | objid::bigint), '{}')
      from pg_locks
     where locktype = 'advisory' and granted and objsubid = 1
       and database = (select oid from pg_database where datname = current_database())
$$;

-- A server that starts has forgotten every lock. Whoever was heard of until then gets a moment
-- to come back before its silence counts.
create function may_come_back(one instance) returns boolean language sql stable as $$
    select one.left_at is null and one.fenced_at is null
       and now() < pg_postmaster_start_time() + interval '6 seconds'
       and one.seen_at < pg_postmaster_start_time()
       and one.seen_at > pg_postmaster_start_time() - interval '1 minute'
$$;

-- Whoever left in good order long ago left nothing behind by now.
update instance set fenced_at = now(), settled_at = now()
 where left_at < now() - interval '1 day';
