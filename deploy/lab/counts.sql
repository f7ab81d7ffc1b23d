-- What a lab asks of the installation's database: documents that were analysed, how often in all,
-- and how the runs of the scan stand, oldest first.
select
    (select count(distinct document_id) from analysis),
    (select count(*) from analysis),
    (
        select coalesce(json_agg(state order by id), '[]')
        from job_run
        where job = 'daily_earnings_scan' and state <> 'skipped'
    );
