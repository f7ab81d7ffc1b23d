-- name: listed
-- Calls in some states, oldest first: with the document they ask about and who asked.
select p.id, p.provider, p.model, p.prompt_version, p.sha256, p.state, p.owner, p.estimate_usd,
       p.cost_usd, p.taken_usd, p.begun_at, p.ended_at, p.asked, p.reason, p.billed, p.batch_id,
       d.id as document_id, d.title, d.ticker,
       i.name as instance, i.kind, i.pid, i.host
  from (select * from paid_call where state = any(%(states)s)
         order by begun_at, id limit %(limit)s) p
  left join lateral (select id, title, ticker from document where sha256 = p.sha256
                      order by state <> 'analysed', id limit 1) d on true
  left join instance i on i.executor = p.owner
 order by p.begun_at, p.id;

-- name: get
-- One call: with the document it asks about and who asked.
select p.id, p.provider, p.model, p.prompt_version, p.sha256, p.state, p.owner, p.estimate_usd,
       p.cost_usd, p.taken_usd, p.begun_at, p.ended_at, p.asked, p.reason, p.billed, p.batch_id,
       d.id as document_id, d.title, d.ticker,
       i.name as instance, i.kind, i.pid, i.host
  from paid_call p
  left join lateral (select id, title, ticker from document where sha256 = p.sha256
                      order by state <> 'analysed', id limit 1) d on true
  left join instance i on i.executor = p.owner
 where p.id = %(id)s;

-- name: drop
-- Compare-and-set: a person gives a call in doubt up, for good.
update paid_call set state = 'dropped', ended_at = %(at)s, reason = %(reason)s, billed = %(billed)s
 where id = %(id)s and state = 'in_doubt'
returning sha256;

-- name: settle_documents
-- What the local rules found stands for good in the documents of a dropped call.
update analysis a set degraded = false
  from document d
 where d.sha256 = %(sha256)s and a.document_id = d.id and a.is_current and a.degraded;

-- name: documents
-- The documents of a question that count with the local reading alone.
select d.id from document d
  join analysis a on a.document_id = d.id and a.is_current and a.degraded
 where d.sha256 = %(sha256)s order by d.id;
