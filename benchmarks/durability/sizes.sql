-- What each table takes with its indexes and its large values, after what is dead is gone.
select n.nspname || '.' || c.relname as name, pg_total_relation_size(c.oid) as bytes
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind = 'r' and n.nspname in ('public', 'dbos');
