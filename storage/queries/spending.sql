-- name: totals
-- What each provider took in a span of time: paid, open, in doubt, given up; tokens; and what of
-- the `measured` answers was saved by trimming, caching and batching (earnings/analysts/savings.py).
select provider,
       count(*) filter (where state = 'answered')::int as calls,
       count(*) filter (where state = 'in_doubt')::int as in_doubt,
       count(*) filter (where state = 'intent')::int as open,
       count(*) filter (where state = 'queued')::int as queued,
       count(*) filter (where state = 'answered' and batch_id is not null)::int as batched,
       coalesce(sum(cost_usd) filter (where batch_id is not null), 0) as batched_usd,
       coalesce(sum(cost_usd), 0) as usd,
       coalesce(sum(estimate_usd) filter (where state = 'in_doubt'), 0) as in_doubt_usd,
       coalesce(sum(estimate_usd) filter (where state = 'intent'), 0) as open_usd,
       coalesce(sum(taken_usd - cost_usd - case
         when state in ('intent', 'in_doubt') then estimate_usd else 0 end), 0) as given_up_usd,
       coalesce(sum(read_tokens), 0)::bigint as input_tokens,
       coalesce(sum(cache_read_tokens), 0)::bigint as cached_tokens,
       coalesce(sum(output_tokens), 0)::bigint as output_tokens,
       count(*) filter (where is_measured)::int as measured,
       coalesce(sum(cost_usd) filter (where is_measured), 0) as measured_usd,
       coalesce(sum(read_tokens * (whole_characters::numeric / sent_characters - 1) * input_usd)
         filter (where is_measured) / 1000000, 0) as trimming_usd,
       coalesce(sum((read_tokens * input_usd + output_tokens * output_usd) / 1000000 - alone_usd)
         filter (where is_measured), 0) as caching_usd,
       coalesce(sum(alone_usd - cost_usd) filter (where is_measured), 0) as batching_usd,
       coalesce(sum(read_tokens * (whole_characters::numeric / sent_characters - 1))
         filter (where is_measured), 0)::bigint as trimming_tokens
  from (select *, input_tokens + cache_write_tokens + cache_read_tokens as read_tokens,
               state = 'answered' and sent_characters is not null as is_measured,
               cost_usd / case when batch_id is null then 1 else batch_share end as alone_usd
          from paid_call where begun_at >= %(since)s and begun_at < %(before)s) p
 group by provider order by provider;

-- name: by_day
-- The same sums for each day (UTC) of a span; and what the naive way would have cost more.
select to_char(begun_at at time zone 'UTC', 'YYYY-MM-DD') as name, provider,
       count(*) filter (where state = 'answered')::int as calls,
       coalesce(sum(cost_usd), 0) as usd, coalesce(sum(taken_usd - cost_usd), 0) as not_known_usd,
       coalesce(sum(saved_usd), 0) as saved_usd,
       coalesce(sum(input_tokens + cache_write_tokens + cache_read_tokens), 0)::bigint
         as input_tokens,
       coalesce(sum(output_tokens), 0)::bigint as output_tokens
  from paid_call where begun_at >= %(since)s and begun_at < %(before)s
 group by 1, 2 order by 1, 2;

-- name: by_model
-- The same sums for each model and prompt.
select model || ' (prompt ' || prompt_version || ')' as name, provider,
       count(*) filter (where state = 'answered')::int as calls,
       coalesce(sum(cost_usd), 0) as usd, coalesce(sum(taken_usd - cost_usd), 0) as not_known_usd,
       coalesce(sum(saved_usd), 0) as saved_usd,
       coalesce(sum(input_tokens + cache_write_tokens + cache_read_tokens), 0)::bigint
         as input_tokens,
       coalesce(sum(output_tokens), 0)::bigint as output_tokens
  from paid_call where begun_at >= %(since)s and begun_at < %(before)s
 group by 1, 2 order by usd desc, 1, 2;

-- name: by_document
-- The same sums for each document, dearest first: all that was asked about its bytes.
select coalesce(nullif(concat_ws(' ', d.ticker, d.title), ''), 'no document: ' || left(p.sha256, 12)) as name,
       p.provider, p.calls, p.usd, p.not_known_usd, p.saved_usd, p.input_tokens, p.output_tokens
  from (select sha256, provider, count(*) filter (where state = 'answered')::int as calls,
               coalesce(sum(cost_usd), 0) as usd,
               coalesce(sum(taken_usd - cost_usd), 0) as not_known_usd,
               coalesce(sum(saved_usd), 0) as saved_usd,
               coalesce(sum(input_tokens + cache_write_tokens + cache_read_tokens), 0)::bigint
                 as input_tokens,
               coalesce(sum(output_tokens), 0)::bigint as output_tokens
          from paid_call where begun_at >= %(since)s and begun_at < %(before)s
         group by sha256, provider
         order by usd desc, not_known_usd desc, sha256 limit %(limit)s) p
  left join lateral (select ticker, title from document where sha256 = p.sha256
                      order by state <> 'analysed', id limit 1) d on true
 order by p.usd desc, p.not_known_usd desc, p.sha256;

-- name: by_company
-- The same sums for each company, dearest first: whose document the bytes are.
select coalesce(d.ticker, 'no company') as name, p.provider,
       count(*) filter (where p.state = 'answered')::int as calls,
       coalesce(sum(p.cost_usd), 0) as usd,
       coalesce(sum(p.taken_usd - p.cost_usd), 0) as not_known_usd,
       coalesce(sum(p.saved_usd), 0) as saved_usd,
       coalesce(sum(p.input_tokens + p.cache_write_tokens + p.cache_read_tokens), 0)::bigint
         as input_tokens,
       coalesce(sum(p.output_tokens), 0)::bigint as output_tokens
  from paid_call p
  left join lateral (select ticker from document where sha256 = p.sha256
                      order by state <> 'analysed', id limit 1) d on true
 where p.begun_at >= %(since)s and p.begun_at < %(before)s
 group by 1, 2 order by usd desc, 1, 2;

-- name: documents
-- How many documents' bytes were answered for in a span.
select count(distinct sha256)::int as documents
  from paid_call
 where begun_at >= %(since)s and begun_at < %(before)s and state = 'answered';
