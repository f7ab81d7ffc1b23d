-- name: ask
-- Written down and told in one transaction: whoever is woken finds it.
with asked as (
    insert into command (verb, target, args, asked_by)
    values (%(verb)s, %(target)s, %(args)s, %(by)s)
    returning id
)
select id, pg_notify(%(channel)s, id::text) from asked;

-- name: pending
-- What was asked since then and an executor has not answered, oldest first.
select id, verb, target, args, asked_by, asked_at
  from command c
 where asked_at >= %(since)s
   and not exists (select from command_ack a
                    where a.command_id = c.id and a.executor = %(executor)s)
 order by asked_at, id limit %(limit)s;

-- name: pending_since_start
-- What was asked since an executor started and it has not answered, oldest first.
select c.id, c.verb, c.target, c.args, c.asked_by, c.asked_at
  from instance i
  join command c on c.asked_at >= i.started_at
 where i.executor = %(executor)s
   and not exists (select from command_ack a
                    where a.command_id = c.id and a.executor = %(executor)s)
 order by c.asked_at, c.id limit %(limit)s;

-- name: acknowledge
-- One answer per command and executor; none to a command that was forgotten.
insert into command_ack (command_id, executor, outcome, answer)
select id, %(executor)s, %(outcome)s, %(answer)s from command where id = %(id)s
on conflict (command_id, executor) do nothing;

-- name: acks
-- Who answered a command, in the order they did.
select executor, outcome, answer, at from command_ack
 where command_id = %(id)s order by at, executor;

-- name: recent
-- What was asked lately, newest first.
select id, verb, target, args, asked_by, asked_at from command
 order by asked_at desc, id desc limit %(limit)s;

-- name: forget
-- Commands of long ago, and with them their answers.
delete from command where asked_at < now() - %(age_s)s * interval '1 second';

-- name: listen
-- Be told on this connection of new commands.
listen retailxai_command;
