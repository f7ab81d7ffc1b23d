-- Whether somebody saw to what the dead process left.
select not exists (select from job_run where slot = %(dead)s and state = 'running')
   and not exists (select from dbos.workflow_status
                    where workflow_uuid = %(dead)s and status = 'PENDING'
                      and executor_id = %(dead)s) as recovered;
