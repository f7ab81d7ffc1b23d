-- name: holds_anything
-- Whether this database has been used: the chaos run refuses one that has.
select to_regclass('document') is not null or to_regclass('job_run') is not null as used;

-- name: documents
-- Every document as it stands: what was read of it, by whom, and what is kept open about it.
select d.external_id, d.id, d.state, d.reason, d.sha256, a.analyst, a.degraded,
       (select l.state from dead_letter l
         where l.kind = 'document' and l.key = d.id::text) as letter,
       (select i.value from insight i
         where i.analysis_id = a.id and i.metric = 'net_sales' and i.kind = 'figure'
           and i.status = 'claimed'
         order by i.id limit 1) as net_sales
  from document d
  left join analysis a on a.document_id = d.id and a.is_current
 order by d.id;

-- name: calls
-- Every paid question, with the name the provider gave its answer.
select sha256, model, prompt_version, state, reason, body ->> 'id' as answer
  from paid_call order by id;

-- name: slots
-- Every decision about a slot, and what became of it.
select job, slot, scheduled, state, reason, error, attempts from job_run order by id;

-- name: unsettled
-- What is still on its way: work, runs, paid questions. A scan by hand whose process died is
-- abandoned for good: whoever typed it types the next.
select (select count(*) from dbos.workflow_status where status in ('PENDING', 'ENQUEUED'))::int
         as work,
       (select count(*) from job_run where state in ('due', 'running')
           or (state = 'abandoned' and scheduled))::int as runs,
       (select count(*) from paid_call where state in ('intent', 'queued'))::int as calls,
       (select count(*) from document where state in ('discovered', 'fetched', 'read')
           and not exists (select from dead_letter l where l.kind = 'document'
                            and l.key = document.id::text and l.state = 'waiting'))::int
         as documents;

-- name: holds
-- How much work each of these processes is marked as doing.
select executor_id as executor, count(*)::int as work
  from dbos.workflow_status
 where status = 'PENDING' and executor_id = any(%(executors)s)
 group by executor_id;

-- name: executor
-- The latest life of a process of that name.
select executor from instance where name = %(name)s
 order by started_at desc limit 1;

-- name: worked_since
-- When anything was done for the first time after then.
select least(
         (select min(state_since) from document where state_since > %(since)s),
         (select min(begun_at) from paid_call where begun_at > %(since)s),
         (select min(ended_at) from paid_call where ended_at > %(since)s),
         (select min(started_at) from job_run where started_at > %(since)s),
         (select min(finished_at) from job_run where finished_at > %(since)s),
         (select to_timestamp(min(updated_at) / 1000.0) from dbos.workflow_status
           where updated_at > extract(epoch from %(since)s::timestamptz) * 1000)) as at;

-- name: fenced
-- How many processes were taken for dead and shut out.
select count(*)::int as processes from instance where fenced_at is not null;

-- name: late
-- What a process ended after it had been shut out: work, and runs. None of it may stand.
select w.workflow_uuid as what, w.executor_id as executor
  from dbos.workflow_status w join instance i on i.executor = w.executor_id
 where w.status in ('SUCCESS', 'ERROR')
   and w.updated_at > extract(epoch from i.fenced_at) * 1000
 union all
select 'run ' || r.job || ':' || r.slot, r.executor
  from job_run r join instance i on i.executor = r.executor
 where r.state in ('succeeded', 'failed') and r.finished_at > i.fenced_at
 order by 1;
