-- name: connections
-- How many connections the server has, and how many of them are ours.
select count(*) filter (where backend_type = 'client backend')                as taken,
       count(*) filter (where application_name like 'retailxai%%')             as ours
  from pg_stat_activity;

-- name: stuck
-- Who waits for a lock, or keeps a transaction open and does nothing, for longer than that.
select pid, application_name as application, coalesce(usename::text, '') as role,
       coalesce(wait_event_type, '') = 'Lock' as waits,
       pg_blocking_pids(pid) as blocked_by,
       extract(epoch from clock_timestamp() -
               case when coalesce(wait_event_type, '') = 'Lock' then query_start
                    else state_change end)::float8 as for_s
  from pg_stat_activity
 where datname = current_database() and pid <> pg_backend_pid()
   and ((coalesce(wait_event_type, '') = 'Lock'
         and query_start < clock_timestamp() - %(waiting_s)s * interval '1 second')
     or (state like 'idle in transaction%%'
         and state_change < clock_timestamp() - %(idle_s)s * interval '1 second'))
 order by for_s desc;

-- name: prepared
-- Transactions that were prepared and never ended: they hold their locks over every restart.
select gid, extract(epoch from clock_timestamp() - prepared)::float8 as for_s
  from pg_prepared_xacts
 where database = current_database()
   and prepared < clock_timestamp() - %(idle_s)s * interval '1 second'
 order by for_s desc;

-- name: stored
-- Bytes of documents that came within the last so many days, of the newest so many.
select coalesce(sum(size_bytes), 0)::bigint as bytes
  from (select size_bytes, fetched_at from document order by id desc limit %(newest)s) d
 where fetched_at > now() - %(days)s * interval '1 day';
