-- name: put
-- What could not be done; a known one is counted again and waits again, whatever it was.
insert into dead_letter as d (service, kind, key, payload, error, cause)
values (%(service)s, %(kind)s, %(key)s, %(payload)s, %(error)s, %(cause)s)
on conflict (kind, key) do update
   set service = excluded.service, payload = excluded.payload, error = excluded.error,
       cause = excluded.cause, state = 'waiting', attempts = d.attempts + 1, last_at = now(),
       state_since = case when d.state = 'waiting' then d.state_since else now() end
returning id;

-- name: get
-- One letter by its number.
select id, service, kind, key, payload, error, cause, state, attempts, first_at, last_at,
       state_since
  from dead_letter where id = %(id)s;

-- name: find
-- One letter by the name of its work.
select id, service, kind, key, payload, error, cause, state, attempts, first_at, last_at,
       state_since
  from dead_letter where kind = %(kind)s and key = %(key)s;

-- name: waiting
-- What waits for its service or for a person, longest first.
select id, service, kind, key, payload, error, cause, state, attempts, first_at, last_at,
       state_since
  from dead_letter
 where state = 'waiting' and (%(service)s::text is null or service = %(service)s)
   and (%(cause)s::text is null or cause = %(cause)s)
 order by last_at, id limit %(limit)s;

-- name: in_state
-- Letters that stand in one state, newest first.
select id, service, kind, key, payload, error, cause, state, attempts, first_at, last_at,
       state_since
  from dead_letter where state = %(state)s order by last_at desc, id desc limit %(limit)s;

-- name: claim
-- Compare-and-set: those that wait longest are ours to replay; another one's are passed over.
with picked as (
    select id from dead_letter
     where state = 'waiting' and (%(service)s::text is null or service = %(service)s)
       and (%(cause)s::text is null or cause = %(cause)s)
     order by last_at, id limit %(limit)s
       for update skip locked
)
update dead_letter d set state = 'replaying', state_since = now()
  from picked
 where d.id = picked.id and d.state = 'waiting'
returning d.id, d.service, d.kind, d.key, d.payload, d.error, d.cause, d.state, d.attempts,
          d.first_at, d.last_at, d.state_since;

-- name: resolve
-- Compare-and-set: it was done after all, by a replay or by itself.
update dead_letter set state = 'resolved', state_since = now()
 where kind = %(kind)s and key = %(key)s and state in ('waiting', 'replaying');

-- name: back
-- Compare-and-set: not replayed after all.
update dead_letter set state = 'waiting', state_since = now()
 where id = %(id)s and state = 'replaying';

-- name: drop
-- Compare-and-set: a person does not want it done any more.
update dead_letter set state = 'dropped', state_since = now()
 where id = %(id)s and state = 'waiting';

-- name: release_stale
-- Replays that nobody ended for so long wait again: their process is gone.
update dead_letter set state = 'waiting', state_since = now()
 where state = 'replaying' and state_since < now() - %(age_s)s * interval '1 second';

-- name: counts
-- How many letters are open, and since when.
select service, cause, state, count(*)::int as letters, min(first_at) as oldest_at
  from dead_letter where state in ('waiting', 'replaying')
 group by service, cause, state order by service, cause, state;

-- name: forget
-- Letters that ended long ago.
delete from dead_letter
 where state in ('resolved', 'dropped')
   and state_since < now() - %(age_s)s * interval '1 second';
