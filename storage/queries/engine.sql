-- name: put
-- Have work wait in a queue; an id that is known is left as it is. In the order of the ids, so
-- that two who put the same at once do not wait for each other.
with given as (
    select id, inputs, place
      from unnest(%(ids)s::text[], %(inputs)s::text[]) with ordinality as g (id, inputs, place)
), put as (
    insert into dbos.workflow_status
           (workflow_uuid, status, name, executor_id, application_version, application_id,
            queue_name, recovery_attempts, priority, serialization, creator_xid,
            application_name, created_at, updated_at)
    select id, 'ENQUEUED', %(name)s, %(executor)s, %(version)s, '', %(queue)s, 0, 0,
           %(serialization)s, gen_random_uuid()::text, %(application)s,
           (extract(epoch from now()) * 1000)::bigint + place - 1,
           (extract(epoch from now()) * 1000)::bigint + place - 1
      from given order by id
    on conflict (workflow_uuid) do nothing
    returning workflow_uuid
)
insert into dbos.workflow_input (workflow_uuid, inputs)
select id, inputs from given join put on put.workflow_uuid = given.id order by id
on conflict (workflow_uuid) do nothing;

-- name: claim
-- Take what waits longest, as much as there is room for; each claim has a token of its own.
with waiting as (
    select workflow_uuid
      from dbos.workflow_status
     where queue_name = %(queue)s and status = 'ENQUEUED'
       and status in ('ENQUEUED', 'PENDING')
       and name = any(%(names)s::text[])
       and (application_version = %(version)s or application_version is null)
       and (application_name = %(application)s or application_name is null)
     order by priority, created_at
     limit %(room)s
       for update skip locked
), claimed as (
    update dbos.workflow_status w
       set status = 'PENDING', owner_xid = %(claim)s, executor_id = %(executor)s,
           application_version = %(version)s, application_name = %(application)s,
           started_at_epoch_ms = (extract(epoch from now()) * 1000)::bigint,
           recovery_attempts = coalesce(w.recovery_attempts, 0) + 1,
           updated_at = (extract(epoch from now()) * 1000)::bigint
      from waiting where w.workflow_uuid = waiting.workflow_uuid
    returning w.workflow_uuid, w.name, w.recovery_attempts, w.serialization, w.priority,
              w.created_at
)
select c.workflow_uuid as id, c.name, c.recovery_attempts as attempts, c.serialization, i.inputs
  from claimed c left join dbos.workflow_input i using (workflow_uuid)
 order by c.priority, c.created_at;

-- name: finish
-- The ends of any number of pieces of work: of each that is still this claim's.
with given as (
    select id, claim, state, output, error
      from unnest(%(ids)s::text[], %(claims)s::text[], %(states)s::text[], %(outputs)s::text[],
                  %(errors)s::text[]) as g (id, claim, state, output, error)
), ended as (
    update dbos.workflow_status w
       set status = given.state, deduplication_id = null, owner_xid = null,
           updated_at = (extract(epoch from now()) * 1000)::bigint,
           completed_at = (extract(epoch from now()) * 1000)::bigint
      from given
     where w.workflow_uuid = given.id and w.owner_xid = given.claim and w.status = 'PENDING'
    returning w.workflow_uuid, given.output, given.error
)
insert into dbos.workflow_output (workflow_uuid, output, error)
select workflow_uuid, output, error from ended
on conflict (workflow_uuid) do update set output = excluded.output, error = excluded.error;

-- name: give_up
-- What was begun too often without an end is not begun again.
update dbos.workflow_status
   set status = 'MAX_RECOVERY_ATTEMPTS_EXCEEDED', owner_xid = null, deduplication_id = null,
       started_at_epoch_ms = null, queue_name = null,
       updated_at = (extract(epoch from now()) * 1000)::bigint,
       completed_at = (extract(epoch from now()) * 1000)::bigint
 where workflow_uuid = %(id)s and owner_xid = %(claim)s and status = 'PENDING';

-- name: put_back
-- What executors have taken and do no more waits again: all of theirs, or these pieces of it.
update dbos.workflow_status
   set status = 'ENQUEUED', owner_xid = null, started_at_epoch_ms = null,
       updated_at = (extract(epoch from now()) * 1000)::bigint
 where status = 'PENDING' and executor_id = any(%(executors)s::text[])
   and queue_name is not null
   and (%(ids)s::text[] is null or workflow_uuid = any(%(ids)s::text[]));

-- name: return_unbegun
-- What was claimed and not begun: as if it had never been taken.
update dbos.workflow_status
   set status = 'ENQUEUED', owner_xid = null, started_at_epoch_ms = null,
       recovery_attempts = recovery_attempts - 1,
       updated_at = (extract(epoch from now()) * 1000)::bigint
 where workflow_uuid = any(%(ids)s::text[]) and owner_xid = any(%(claims)s::text[])
   and status = 'PENDING';

-- name: pending
-- What is under way, by whom.
select workflow_uuid as id, executor_id as executor
  from dbos.workflow_status where status = 'PENDING' order by created_at limit %(limit)s;

-- name: is_ours
-- Whether a claim still holds: the work was not cancelled, nor given to another.
select exists (
    select from dbos.workflow_status
     where workflow_uuid = %(id)s and owner_xid = %(claim)s and status = 'PENDING') as is_ours;

-- name: steps
-- What was recorded of work that was begun before.
select function_id as number, function_name as name, output, serialization
  from dbos.operation_outputs where workflow_uuid = %(id)s order by function_id;

-- name: record_step
-- A step's result, if the work is still this claim's. No row: it is not.
with ours as (
    select workflow_uuid from dbos.workflow_status
     where workflow_uuid = %(id)s and owner_xid = %(claim)s and status = 'PENDING'
       for no key update
)
insert into dbos.operation_outputs
       (workflow_uuid, function_id, function_name, output, started_at_epoch_ms,
        completed_at_epoch_ms, serialization, application_name)
select workflow_uuid, %(number)s, %(name)s, %(output)s, %(began_ms)s,
       (extract(epoch from clock_timestamp()) * 1000)::bigint, %(serialization)s,
       %(application)s
  from ours
on conflict (workflow_uuid, function_id) do update set output = excluded.output
returning function_id;

-- name: finished
-- Those of some pieces of work that have ended, and how.
select w.workflow_uuid as id, w.name, w.status, coalesce(w.executor_id, '') as executor,
       coalesce(w.recovery_attempts, 0)::int as attempts, w.serialization, o.output, o.error
  from dbos.workflow_status w left join dbos.workflow_output o using (workflow_uuid)
 where w.workflow_uuid = any(%(ids)s::text[]) and w.status = any(%(states)s::text[]);

-- name: in_flight
-- How much waits or is under way, counted in the partial index that queues are taken from.
select count(*)::int as work
  from dbos.workflow_status where status in ('ENQUEUED', 'PENDING');
