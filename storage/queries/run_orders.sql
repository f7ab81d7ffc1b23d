-- name: skip
-- Compare-and-set: what waits is not run any more, because a person said so.
update job_run set state = 'skipped', reason = %(words)s, finished_at = %(at)s
 where id = %(id)s and state in ('due', 'deferred', 'abandoned');

-- name: ask
-- Compare-and-set: of this attempt a person wants that it stops. It holds whatever becomes of the
-- process that runs it; the first who asks is kept.
update job_run set cancel_asked = case when cancel_asked = '' then %(words)s else cancel_asked end
 where id = %(id)s and state = 'running' and executor = %(executor)s
   and attempts = %(attempts)s;

-- name: end
-- Compare-and-set: the process that ran it is dead, and a person had told it to stop.
update job_run set state = 'cancelled', finished_at = %(at)s, error = cancel_asked
 where id = %(id)s and state = 'running' and executor = %(executor)s and cancel_asked <> '';

-- name: again
-- Compare-and-set: a slot of the schedule that ended otherwise than well is due once more. Of two
-- who ask, one finds another number of retries.
update job_run
   set state = 'due', reason = %(words)s, retries = retries + 1, executor = null,
       not_before = null, started_at = null, finished_at = null, summary = '{}', error = '',
       cancel_asked = ''
 where id = %(id)s and scheduled and state in ('failed', 'skipped', 'cancelled')
   and retries = %(retries)s;
