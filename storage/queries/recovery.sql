-- name: begin
-- A start's report, before anything is looked at: a process that dies over it leaves it open.
insert into recovery_report (executor, occasion) values (%(executor)s, 'start') returning id;

-- name: finish
-- What a start found, and what was done about it.
update recovery_report
   set ended_at = now(), took_s = %(took_s)s, findings = %(findings)s, found = %(found)s
 where id = %(id)s and ended_at is null;

-- name: add
-- What a later look found, written down only if there was something.
insert into recovery_report (executor, occasion, ended_at, took_s, findings, found)
values (%(executor)s, 'sweep', now(), %(took_s)s, %(findings)s, %(found)s);

-- name: get
-- One report of a recovery, whole.
select id, at, executor, occasion, ended_at, took_s, findings, found
  from recovery_report where id = %(id)s;

-- name: recent
-- The newest reports of every process.
select id, at, executor, occasion, ended_at, took_s, findings, found
  from recovery_report order by id desc limit %(limit)s;

-- name: forget
-- Reports of long ago.
delete from recovery_report where at < now() - make_interval(days => %(days)s);

-- name: left
-- What is not done, whoever does it next: each a count over an index that holds nothing else.
select 'runs waiting' as what, count(*)::int as found from job_run where state in ('due', 'abandoned')
union all
select 'runs deferred', count(*)::int from job_run where state = 'deferred'
union all
select 'runs under way', count(*)::int from job_run where state = 'running'
union all
select 'documents discovered', count(*)::int from document where state = 'discovered'
union all
select 'documents fetched', count(*)::int from document where state = 'fetched'
union all
select 'documents read', count(*)::int from document where state = 'read'
union all
select 'documents failed', count(*)::int from document where state = 'failed'
union all
select 'calls under way', count(*)::int from paid_call where state = 'intent'
union all
select 'calls in doubt', count(*)::int from paid_call where state = 'in_doubt'
union all
select 'dead letters waiting', count(*)::int from dead_letter where state = 'waiting'
union all
select 'processes silent', count(*)::int
  from instance i where settled_at is null and may_come_back(i);

-- name: holders
-- Who is said to work in an agent, or has claimed a report and not saved it.
select unnest(workers) as executor from agent
union
select claimed_by from report where saved_at is null
 order by 1;

-- name: release_claims
-- Claims of the dead are gone: the next composer need not wait until they look old.
delete from report where saved_at is null and claimed_by = any(%(executors)s::text[]);
