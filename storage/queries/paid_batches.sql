-- name: queue
-- A question that waits for the next batch. No row: somebody else was faster.
insert into paid_call (provider, model, prompt_version, sha256, state, owner, estimate_usd,
                       begun_at, asked, request, sent_characters, whole_characters, input_usd,
                       output_usd, batch_share)
values (%(provider)s, %(model)s, %(prompt_version)s, %(sha256)s, 'queued', %(owner)s,
        %(estimate_usd)s, %(at)s, 0, %(request)s, %(sent_characters)s, %(whole_characters)s, %(input_usd)s, %(output_usd)s,
        %(batch_share)s)
on conflict (provider, model, prompt_version, sha256) do nothing;

-- name: queue_again
-- Compare-and-set: a question that was refused waits for the next batch.
update paid_call
   set state = 'queued', owner = %(owner)s, estimate_usd = %(estimate_usd)s, begun_at = %(at)s,
       ended_at = null, reason = '', batch_id = null, custom_id = null, request = %(request)s,
       sent_characters = %(sent_characters)s, whole_characters = %(whole_characters)s,
       input_usd = %(input_usd)s, output_usd = %(output_usd)s, batch_share = %(batch_share)s
 where provider = %(provider)s and model = %(model)s and prompt_version = %(prompt_version)s
   and sha256 = %(sha256)s and state = 'refused';

-- name: withdraw
-- Compare-and-set: what waits, and would not be asked like that any more or was answered by
-- somebody else, waits no longer; the documents without an answer that it is about.
with withdrawn as (
    update paid_call
       set state = 'refused', ended_at = %(at)s, reason = %(reason)s, request = null
     where provider = %(provider)s and state = 'queued'
       and ((model, prompt_version) is distinct from (%(model)s::text, %(prompt_version)s::text)
            or exists (select from document d
                         join analysis a on a.document_id = d.id and a.is_current
                                        and not a.degraded
                                        and not (%(upgrade)s and a.instead_of = %(provider)s)
                        where d.sha256 = paid_call.sha256))
    returning sha256)
select distinct d.id
  from withdrawn w
  join document d on d.sha256 = w.sha256
  join analysis a on a.document_id = d.id and a.is_current and a.degraded
 where d.state = 'analysed' order by d.id;

-- name: waiting
-- How many questions wait for a batch of a provider, and since when.
select count(*)::int as calls, min(begun_at) as oldest, max(begun_at) as newest
  from paid_call where provider = %(provider)s and state = 'queued';

-- name: next_calls
-- The questions of the next batch, oldest first.
select id, request, estimate_usd, provider, model, prompt_version, sha256, asked from paid_call
 where provider = %(provider)s and state = 'queued' order by begun_at, id limit %(limit)s;

-- name: waiting_calls
-- Every question that waits, without what is to be asked.
select id, provider, model, prompt_version, sha256, asked from paid_call
 where provider = %(provider)s and state = 'queued' order by begun_at, id;

-- name: installation
-- The name that no other installation has.
select name from installation;

-- name: lock_remote
-- One process adopts a batch at a time.
select pg_advisory_xact_lock(hashtextextended('paid_batch:' || %(provider)s || %(remote_id)s, 0));

-- name: of_remote
-- The row of a batch by the provider's name for it.
select id, state from paid_batch where provider = %(provider)s and remote_id = %(remote_id)s;

-- name: join_adopted
-- Compare-and-set: a waiting question was part of a batch that was sent before a restore.
update paid_call
   set state = 'intent', owner = %(owner)s, batch_id = %(batch_id)s, custom_id = %(custom_id)s,
       begun_at = %(at)s, asked = %(asked)s
 where id = %(id)s and state = 'queued' and asked < %(asked)s;

-- name: intend
-- Written down before the batch is sent.
insert into paid_batch (provider, state, owner, requests, begun_at, deadline_at, next_look_at)
values (%(provider)s, 'intent', %(owner)s, %(requests)s, %(at)s, %(deadline_at)s,
        %(next_look_at)s)
returning id;

-- name: join
-- Compare-and-set: a waiting question becomes part of a batch that is about to be sent.
update paid_call
   set state = 'intent', owner = %(owner)s, batch_id = %(batch_id)s, custom_id = %(custom_id)s,
       begun_at = %(at)s, asked = asked + 1
 where id = %(id)s and state = 'queued';

-- name: due
-- Batches to look at now, and those being sent, whose senders may have died; oldest first.
select id, provider, state, owner, remote_id, requests, begun_at, deadline_at, next_look_at,
       ended_at, reason
  from paid_batch
 where state in ('intent', 'sent', 'cancelling', 'ended')
   and (next_look_at <= %(at)s or next_look_at > %(furthest)s or state = 'intent')
 order by next_look_at, id limit %(limit)s;

-- name: take
-- Compare-and-set: one process looks at a time.
update paid_batch set next_look_at = %(until)s
 where id = %(id)s and next_look_at = %(seen)s and state = %(state)s;

-- name: look
-- Compare-and-set: when it is looked at next.
update paid_batch set next_look_at = %(at)s, reason = %(reason)s
 where id = %(id)s and state = 'intent';

-- name: list
-- Newest first.
select id, provider, state, owner, remote_id, requests, begun_at, deadline_at, next_look_at,
       ended_at, reason
  from paid_batch order by begun_at desc, id desc limit %(limit)s;

-- name: sent
-- Compare-and-set: the provider has it.
update paid_batch set state = 'sent', remote_id = %(remote_id)s, next_look_at = %(next_look_at)s
 where id = %(id)s and state = 'intent';

-- name: cancelling
-- Compare-and-set: its end is awaited, and no longer its answers.
update paid_batch set state = 'cancelling', next_look_at = %(next_look_at)s, reason = %(reason)s
 where id = %(id)s and state = 'sent';

-- name: refuse
-- Compare-and-set: it is proven that nobody took it.
update paid_batch set state = 'refused', ended_at = %(at)s, reason = %(reason)s
 where id = %(id)s and state = 'intent';

-- name: put_back
-- The questions of a batch that nobody took: in the queue again, or free to be asked another way.
update paid_call
   set state = %(state)s, reason = %(reason)s,
       batch_id = case when %(state)s = 'refused' then batch_id end,
       request = case when %(state)s = 'queued' then request end,
       ended_at = case when %(state)s = 'queued' then null else %(at)s::timestamptz end
 where batch_id = %(batch_id)s and state = 'intent';

-- name: known
-- The provider's names of our batches since then.
select remote_id from paid_batch
 where provider = %(provider)s and begun_at >= %(since)s and remote_id is not null;

-- name: calls
-- The questions of a batch.
select id, custom_id, sha256, state from paid_call where batch_id = %(batch_id)s;

-- name: answer
-- Compare-and-set: a batch's answer is stored as it came.
update paid_call
   set state = 'answered', ended_at = %(at)s, body = %(body)s, reason = '', request = null,
       input_tokens = %(input_tokens)s, cache_write_tokens = %(cache_write_tokens)s,
       cache_read_tokens = %(cache_read_tokens)s, output_tokens = %(output_tokens)s,
       cost_usd = %(cost_usd)s
 where batch_id = %(batch_id)s and custom_id = %(custom_id)s and state in ('intent', 'in_doubt');

-- name: unanswered
-- Compare-and-set: the batch ended without an answer to it, and without a price.
update paid_call set state = 'refused', ended_at = %(at)s, reason = %(reason)s, request = null
 where batch_id = %(batch_id)s and custom_id = %(custom_id)s and state = 'intent';

-- name: doubt
-- What a batch should have told of and did not.
update paid_call set state = 'in_doubt', ended_at = %(at)s, reason = %(reason)s, request = null
 where batch_id = %(batch_id)s and state = 'intent';

-- name: end
-- Compare-and-set: its answers are stored.
update paid_batch set state = 'ended', ended_at = %(at)s, next_look_at = %(at)s
 where id = %(id)s and state in ('sent', 'cancelling');

-- name: lose
-- Compare-and-set: the provider does not know it any more.
update paid_batch set state = 'lost', ended_at = %(at)s, reason = %(reason)s
 where id = %(id)s and state in ('intent', 'sent', 'cancelling');

-- name: done
-- Compare-and-set: its documents are on their way.
update paid_batch set state = 'done' where id = %(id)s and state = 'ended';

-- name: documents
-- The documents that a batch's questions were about and that still show the local reading, or
-- one in its provider's stead.
select distinct d.id
  from paid_call c
  join document d on d.sha256 = c.sha256
  join analysis a on a.document_id = d.id and a.is_current
                 and (a.degraded or a.instead_of = c.provider)
 where c.batch_id = %(batch_id)s and d.state = 'analysed' order by d.id;
