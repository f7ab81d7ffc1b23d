-- name: role
-- Whether the server has a role of that name.
select exists (select 1 from pg_roles where rolname = %(name)s) as there;

-- name: database
-- Whether the server has a database of that name.
select exists (select 1 from pg_database where datname = %(name)s) as there;
