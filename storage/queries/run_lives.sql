-- name: get
-- One run, by its number.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error, retries, cancel_asked, options
  from job_run where id = %(id)s;

-- name: find
-- One run, by its slot.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error, retries, cancel_asked, options
  from job_run where job = %(job)s and slot = %(slot)s;

-- name: listed
-- Runs of one job or of all, in one state or in any, due from a moment on; newest first.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error, retries, cancel_asked, options
  from job_run
 where (%(job)s::text is null or job = %(job)s)
   and (%(state)s::text is null or state = %(state)s)
   and (%(since)s::timestamptz is null or due_at >= %(since)s)
 order by due_at desc, id desc limit %(limit)s;

-- name: moves
-- Every move of a run, with the process that made it as far as it is still known.
select m.number, m.at, m.from_state, m.to_state, m.executor, m.attempt, m.reason, m.error, m.said,
       m.not_before, i.name as instance, i.host, i.pid, i.details ->> 'log' as log_file
  from run_move m
  left join instance i on i.executor = m.executor
 where m.run_id = %(id)s order by m.number;

-- name: documents
-- The documents of a run, in the order they were found.
select * from document_listing where id = any(%(ids)s::bigint[]) order by id;

-- name: of_day
-- The last slot of a job on a nominal day.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error, retries, cancel_asked, options
  from job_run
 where job = %(job)s and slot >= %(day)s::text and slot < %(day)s::text || 'U'
 order by slot desc limit 1;
