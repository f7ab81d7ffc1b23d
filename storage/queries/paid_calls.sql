-- name: lock_provider
-- One intent at a time per provider: caps are checked against a sum that cannot change meanwhile.
select pg_advisory_xact_lock(hashtextextended('paid_call:' || %(provider)s, 0));

-- name: find
-- What is known of a question.
select id, state, owner, begun_at, ended_at, body, input_tokens, cache_write_tokens,
       cache_read_tokens, output_tokens, cost_usd, reason, batch_id
  from paid_call
 where provider = %(provider)s and model = %(model)s
   and prompt_version = %(prompt_version)s and sha256 = %(sha256)s;

-- name: spent
-- What a provider took since then: true costs, and estimates of what may have been paid for.
select coalesce(sum(taken_usd), 0) as usd
  from paid_call where provider = %(provider)s and begun_at >= %(since)s;

-- name: spent_on_all
-- The same over all providers.
select coalesce(sum(taken_usd), 0) as usd from paid_call where begun_at >= %(since)s;

-- name: intend
-- Written down before the call is made. No row: somebody else was faster.
insert into paid_call (provider, model, prompt_version, sha256, state, owner, estimate_usd,
                       begun_at, sent_characters, whole_characters, input_usd,
                       output_usd, batch_share)
values (%(provider)s, %(model)s, %(prompt_version)s, %(sha256)s, 'intent', %(owner)s,
        %(estimate_usd)s, %(at)s, %(sent_characters)s, %(whole_characters)s, %(input_usd)s, %(output_usd)s,
        %(batch_share)s)
on conflict (provider, model, prompt_version, sha256) do nothing
returning id;

-- name: intend_again
-- Compare-and-set: a question that was refused, or only waits for a batch, may be asked now.
update paid_call
   set state = 'intent', owner = %(owner)s, estimate_usd = %(estimate_usd)s, begun_at = %(at)s,
       ended_at = null, asked = asked + 1, reason = '', batch_id = null, custom_id = null,
       request = null, sent_characters = %(sent_characters)s, whole_characters = %(whole_characters)s,
       input_usd = %(input_usd)s, output_usd = %(output_usd)s, batch_share = %(batch_share)s
 where id = %(id)s and state in ('refused', 'queued')
returning id;

-- name: answer
-- Compare-and-set by the one who asked: a late answer still ends the doubt about it.
update paid_call
   set state = 'answered', ended_at = %(at)s, body = %(body)s, reason = '',
       input_tokens = %(input_tokens)s, cache_write_tokens = %(cache_write_tokens)s,
       cache_read_tokens = %(cache_read_tokens)s, output_tokens = %(output_tokens)s,
       cost_usd = %(cost_usd)s,
       sent_characters = coalesce(%(sent_characters)s, sent_characters),
       whole_characters = coalesce(%(whole_characters)s, whole_characters),
       input_usd = coalesce(%(input_usd)s, input_usd),
       output_usd = coalesce(%(output_usd)s, output_usd),
       batch_share = coalesce(%(batch_share)s, batch_share)
 where id = %(id)s and owner = %(owner)s and state in ('intent', 'in_doubt');

-- name: settle
-- Compare-and-set: an intent without an answer ends refused or in doubt.
update paid_call set state = %(state)s, ended_at = %(at)s, reason = %(reason)s
 where id = %(id)s and owner = %(owner)s and state = 'intent';

-- name: release
-- Compare-and-set: a person would rather pay again, or knows it was not paid for.
update paid_call
   set state = 'refused', ended_at = %(at)s, reason = %(reason)s,
       written_off_usd = written_off_usd
                         + case when %(billed)s is false then 0 else estimate_usd end
 where id = %(id)s and state = 'in_doubt';

-- name: in_doubt
-- Questions that may have been paid for without an answer, oldest first.
select id, provider, model, prompt_version, sha256, owner, estimate_usd, begun_at, reason
  from paid_call where state = 'in_doubt' order by begun_at, id limit %(limit)s;

-- name: open_intents
-- Questions on their way by themselves, oldest first: recovery judges their owners. Those in a
-- batch are looked up.
select id, provider, model, prompt_version, sha256, owner, estimate_usd, begun_at, reason
  from paid_call where state = 'intent' and batch_id is null order by begun_at, id limit %(limit)s;

-- name: spend
-- What each provider took since then.
select provider,
       count(*) filter (where state = 'answered')::int as calls,
       count(*) filter (where state = 'in_doubt')::int as in_doubt,
       coalesce(sum(cost_usd), 0) as usd,
       coalesce(sum(taken_usd - cost_usd), 0) as open_usd,
       coalesce(sum(input_tokens), 0)::bigint as input_tokens,
       coalesce(sum(cache_write_tokens), 0)::bigint as cache_write_tokens,
       coalesce(sum(cache_read_tokens), 0)::bigint as cache_read_tokens,
       coalesce(sum(output_tokens), 0)::bigint as output_tokens
  from paid_call where begun_at >= %(since)s group by provider order by provider;
