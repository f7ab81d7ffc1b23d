-- How much work is marked as that of a process.
select count(*)
  from dbos.workflow_status w
  join instance i on i.executor = w.executor_id
 where w.status = 'PENDING' and i.pid = %s
