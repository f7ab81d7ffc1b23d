-- name: record
-- A backup that was verified.
insert into backup (taken_at, verified_at, file, host, bytes, documents, is_sealed)
values (%(taken_at)s, %(verified_at)s, %(file)s, %(host)s, %(bytes)s, %(documents)s,
        %(is_sealed)s);

-- name: trim
-- Only the latest are of interest.
delete from backup where id <= (select max(id) - 500 from backup);

-- name: last
-- The backup of the latest instant.
select taken_at, verified_at, file, host, bytes, documents, is_sealed
  from backup order by taken_at desc, id desc limit 1;

-- name: record_restoration
-- This database was filled from a backup.
insert into restoration (restored_at, taken_at, file, host)
values (%(restored_at)s, %(taken_at)s, %(file)s, %(host)s);

-- name: last_restoration
-- What this database was filled from.
select restored_at, taken_at, file, host from restoration order by id desc limit 1;

-- name: bodies
-- How many documents are kept as they came, their size, and how many are not what they were.
select count(*) as bodies, coalesce(sum(length(r.content)), 0)::bigint as bytes,
       count(*) filter (where encode(sha256(r.content), 'hex') <> d.sha256) as rotten
  from document_raw r join document d on d.id = r.document_id;

-- name: on_their_way
-- Paid questions that waited to be sent, and that were on their way.
select count(*) filter (where state = 'queued') as queued,
       count(*) filter (where state = 'intent') as calls_open
  from paid_call where state in ('queued', 'intent');
