-- name: is_told
-- Whether the engine's table tells of work that waits in a queue.
select count(*) = 2 as told from pg_trigger
 where tgrelid = to_regclass('dbos.workflow_status')
   and tgname in ('retailxai_work_put', 'retailxai_work_put_back');

-- name: hold
-- One process at a time: two that create the same thing at once get in each other's way.
select pg_advisory_xact_lock(hashtextextended('retailxai:work', 0));

-- name: tell
-- Name the queue of all work that begins to wait, in the transaction that makes it wait.
create or replace function dbos.retailxai_tell_work() returns trigger language plpgsql as $$
begin
    perform pg_notify('retailxai_work', new.queue_name);
    return null;
end $$;

-- name: tell_when_put
-- All work that is put in a queue is told of.
create or replace trigger retailxai_work_put
 after insert on dbos.workflow_status
   for each row when (new.status = 'ENQUEUED' and new.queue_name is not null)
   execute function dbos.retailxai_tell_work();

-- name: tell_when_put_back
-- So is work that goes back into one: after a crash, or for another try.
create or replace trigger retailxai_work_put_back
 after update of status on dbos.workflow_status
   for each row when (new.status = 'ENQUEUED' and old.status <> 'ENQUEUED'
                      and new.queue_name is not null)
   execute function dbos.retailxai_tell_work();

-- name: listen
-- Be told on this connection of work that begins to wait.
listen retailxai_work;
