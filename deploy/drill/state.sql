-- What a drill asks of the installation's database: the digest of each document's bytes as they are
-- stored, how often each was analysed, in which states documents are, and what became of the runs.
select json_build_object(
    'schema', (select version_num from alembic_version),
    'digests', (
        select coalesce(json_agg(encode(sha256(content), 'hex')), '[]')
        from document_raw
    ),
    'analysed', (select count(distinct document_id) from analysis),
    'analyses', (select count(*) from analysis),
    'states', (
        select coalesce(json_object_agg(state, n), '{}')
        from (select state, count(*) as n from document group by state) as counted
    ),
    'runs', (
        select coalesce(json_agg(job || ' ' || slot || ' ' || state order by id), '[]')
        from job_run
        where state <> 'skipped'
    ),
    'claims', (select count(*) from insight where status = 'claimed')
);
