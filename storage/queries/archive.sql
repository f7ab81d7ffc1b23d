-- name: engine_tables
-- The tables of the durable engine, but for the one its revision stands in.
select c.relname as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where n.nspname = %(schema)s and c.relkind = 'r' and c.relname <> 'dbos_migrations'
 order by c.relname;

-- name: has_engine
-- Whether the durable engine ever ran here.
select to_regclass('dbos.dbos_migrations') is not null as found;

-- name: engine_revision
-- The revision of the durable engine's tables.
select version from dbos.dbos_migrations;

-- name: has_work
-- Whether the durable engine keeps any work here.
select exists (select from dbos.workflow_status) as found;

-- name: is_there
-- Which of some tables exist.
select name from unnest(%(tables)s::text[]) as name where to_regclass(name) is not null;

-- name: columns
-- The columns of some tables that are stored, not derived, in their order.
select n.name as table, a.attname as column
  from unnest(%(tables)s::text[]) with ordinality as n(name, place)
  join pg_attribute a on a.attrelid = to_regclass(n.name)
 where a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
 order by n.place, a.attnum;

-- name: leans
-- Which table's rows must be there before another's: foreign keys checked at once.
select distinct child.name as child, parent.name as parent
  from pg_constraint c
  join unnest(%(tables)s::text[]) as child(name) on to_regclass(child.name) = c.conrelid
  join unnest(%(tables)s::text[]) as parent(name) on to_regclass(parent.name) = c.confrelid
 where c.contype = 'f' and not c.condeferrable and c.conrelid <> c.confrelid;

-- name: sequences
-- The numbers that count on by themselves, with the sequence behind each.
select n.name as table, a.attname as column,
       pg_get_serial_sequence(n.name, a.attname) as sequence
  from unnest(%(tables)s::text[]) with ordinality as n(name, place)
  join pg_attribute a on a.attrelid = to_regclass(n.name)
 where a.attnum > 0 and not a.attisdropped
   and pg_get_serial_sequence(n.name, a.attname) is not null
 order by n.place, a.attnum;

-- name: set_sequence
-- Count on from where the other server was.
select setval(pg_get_serial_sequence(%(table)s, %(column)s), %(last)s, %(is_called)s);

-- name: others
-- Sessions of this database that hold a lock as our processes do for as long as they live.
select a.pid, coalesce(nullif(a.application_name, ''), 'a process') as application,
       coalesce(host(a.client_addr), 'this machine') as host, min(a.backend_start) as since
  from pg_locks l join pg_stat_activity a on a.pid = l.pid
 where l.locktype = 'advisory' and l.granted and l.pid <> pg_backend_pid()
   and l.database = (select oid from pg_database where datname = current_database())
 group by a.pid, a.application_name, a.client_addr
 order by since, a.pid;

-- name: all_constraints
-- Check now what would be checked at the end.
set constraints all immediate;

-- name: server
-- The version of the server.
select current_setting('server_version') as version;

-- name: beside
-- Tables and databases that are not the program's.
select c.oid::regclass::text as name
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'm', 'f') and n.nspname not in ('pg_catalog', 'information_schema')
   and n.nspname not like 'pg_toast%%' and n.nspname not like 'pg_temp%%'
   and c.oid not in (select to_regclass(name) from unnest(%(ours)s::text[]) as name
                      where to_regclass(name) is not null)
union all
select 'database ' || quote_ident(datname) from pg_database
 where not datistemplate and datname not in ('postgres', current_database())
 order by name;
