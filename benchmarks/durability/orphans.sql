-- A process died an hour ago in the middle of a run and of a document.
insert into instance (executor, name, kind, pid, host, started_at, seen_at)
values (%(dead)s, 'bench-dead', 'worker', 1, 'gone', now() - interval '1 hour',
        now() - interval '1 hour');
insert into job_run (job, slot, due_at, state, decided_by)
values ('quota_check', %(dead)s, now() - interval '1 hour', 'due', 'bench');
update job_run set state = 'running', executor = %(dead)s, attempts = 1,
                   started_at = now() - interval '1 hour'
 where job = 'quota_check' and slot = %(dead)s;
update dbos.workflow_status set status = 'PENDING', executor_id = %(dead)s, recovery_attempts = 1
 where workflow_uuid = %(dead)s;
