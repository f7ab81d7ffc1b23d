-- name: exists
-- Whether a migration ever ran here: the table Alembic keeps its revision in.
select to_regclass('alembic_version') is not null as migrated;

-- name: revision
-- The revision the database is at.
select version_num as revision from alembic_version;

-- name: works_from
-- The oldest program that works on this schema, as a sentence that the last migration left.
select obj_description(to_regclass('alembic_version'), 'pg_class') as said;

-- name: say_works_from
-- Leave that sentence.
comment on table alembic_version is %(said)s;

-- name: lock
-- Hold off every other process that wants to migrate, until this connection ends.
select pg_advisory_lock(hashtextextended('retailxai:migrate', 0));
