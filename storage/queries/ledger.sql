-- name: decide
-- One decision per slot, whoever takes it: a second one touches no row.
insert into job_run
       (job, slot, due_at, state, reason, decided_by, decided_at, not_before, options,
        finished_at)
values (%(job)s, %(slot)s, %(due_at)s, %(state)s, %(reason)s, %(by)s, %(at)s,
        %(not_before)s, %(options)s, case when %(state)s = 'skipped' then %(at)s::timestamptz end)
on conflict (job, slot) do nothing;

-- name: decide_again
-- Compare-and-set: only what was skipped at a time that has not come yet.
update job_run
   set state = %(state)s, due_at = %(due_at)s, reason = %(reason)s, decided_by = %(by)s,
       decided_at = %(at)s,
       finished_at = case when %(state)s = 'skipped' then %(at)s::timestamptz end
 where job = %(job)s and slot = %(slot)s and state = 'skipped' and decided_at > %(at)s;

-- name: last_slot
-- The last slot of the schedule that was decided; slots asked for by hand do not count. Nor do those
-- that are not due yet: a clock that was ahead decided them, and the ones before them want a decision.
select slot from job_run
 where job = %(job)s and scheduled and due_at <= %(until)s
 order by slot desc limit 1;

-- name: first_slot
-- Where a job's history begins.
select slot from job_run where job = %(job)s and scheduled order by slot limit 1;

-- name: skipped_ahead
-- What a clock that was ahead had skipped, and is due now. As a rule there is none.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error
  from job_run
 where scheduled and state = 'skipped' and decided_at > %(at)s and due_at <= %(at)s
 order by slot;

-- name: claim
-- Compare-and-set: whoever gets the row runs the slot. The very same claim once more is the same.
update job_run
   set state = 'running', executor = %(executor)s,
       attempts = attempts + (state <> 'running')::int,
       started_at = %(at)s, finished_at = null, error = '',
       cancel_asked = case state when 'running' then cancel_asked else '' end
 where job = %(job)s and slot = %(slot)s
   and (state in ('due', 'abandoned')
        -- whoever queued it has looked, perhaps at a clock a little ahead of this machine's
        or (state = 'deferred'
            and coalesce(not_before <= %(at)s::timestamptz + interval '1 minute', true))
        or (state = 'running' and executor = %(executor)s and started_at = %(at)s))
returning id;

-- name: finish
-- Compare-and-set by the executor that claimed it: a late end of a dead one changes nothing. Who
-- asked for a cancelled one to stop stands in its row.
update job_run
   set state = %(outcome)s, finished_at = %(at)s, summary = %(summary)s,
       error = case when %(outcome)s = 'cancelled' and cancel_asked <> '' then cancel_asked
                    else %(error)s end
 where id = %(id)s and state = 'running'
   and (%(executor)s::text is null or executor = %(executor)s);

-- name: defer
-- Compare-and-set: not now; claimed again when its time has come. Not what was told to stop. The
-- summary is of what it could do so far.
update job_run
   set state = 'deferred', not_before = %(not_before)s, reason = %(reason)s, executor = null,
       summary = coalesce(%(summary)s::jsonb, summary)
 where job = %(job)s and slot = %(slot)s and state in ('due', 'running') and cancel_asked = '';

-- name: skip
-- Compare-and-set: decided to run, but not any more.
update job_run set state = 'skipped', reason = %(reason)s, finished_at = %(at)s
 where job = %(job)s and slot = %(slot)s and state in ('due', 'deferred', 'abandoned')
   and (%(attempts)s::int is null or attempts = %(attempts)s);

-- name: abandon_of
-- Runs whose executors are dead are free to be claimed again, but for those that a person told to
-- stop: they have.
update job_run
   set state = case when cancel_asked = '' then 'abandoned' else 'cancelled' end,
       finished_at = %(at)s,
       error = case when cancel_asked = '' then 'its process died' else cancel_asked end
 where state = 'running' and executor = any(%(executors)s::text[]);

-- name: get
-- One slot of a job.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error
  from job_run where job = %(job)s and slot = %(slot)s;

-- name: of_day
-- The slots of one local date ("2026-11-22" sorts before its slots, "2026-11-22U" after them).
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error
  from job_run
 where job = %(job)s and scheduled and slot >= %(slot)s and slot < %(slot)s || 'U'
 order by slot;

-- name: history
-- A job's runs, newest first.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error
  from job_run where job = %(job)s order by due_at desc, id desc limit %(limit)s;

-- name: recent
-- Everybody's runs, newest first.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error
  from job_run order by due_at desc, id desc limit %(limit)s;

-- name: latest
-- The newest run of each job, one step in the index per job.
with recursive jobs as (
    (select job from job_run order by job limit 1)
    union all
    select (select r.job from job_run r where r.job > jobs.job order by r.job limit 1)
      from jobs where jobs.job is not null
)
select newest.*
  from jobs
 cross join lateral (
    select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
           executor, attempts, started_at, finished_at, summary, error
      from job_run r where r.job = jobs.job order by due_at desc, id desc limit 1
 ) newest
 where jobs.job is not null
 order by newest.job;

-- name: open
-- Runs in one of the states in which something is still to happen, oldest first.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error
  from job_run
 where state = any(%(states)s::text[])
   and state in ('due', 'deferred', 'running', 'abandoned')
 order by due_at, id limit %(limit)s;

-- name: ready
-- Slots of the schedule that may be claimed now, oldest first. One asked for by hand is claimed by
-- who asked; if that process died over it, nobody waits for it any more.
select id, job, slot, due_at, scheduled, state, reason, decided_by, decided_at, not_before,
       executor, attempts, started_at, finished_at, summary, error, retries
  from job_run
 where scheduled and state in ('due', 'abandoned', 'deferred')
   and (state <> 'deferred' or coalesce(not_before <= %(at)s, true))
 order by due_at, id limit %(limit)s;
