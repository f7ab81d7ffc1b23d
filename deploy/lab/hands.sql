-- How many processes had documents in hand, ever.
select count(distinct executor_id) from dbos.workflow_status where name = 'document';
