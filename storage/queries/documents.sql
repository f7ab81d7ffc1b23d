-- name: cursor
-- Up to where a source was asked about a scope.
select cursor from source_cursor where source = %(source)s and scope = %(scope)s;

-- name: begin_cursor
-- Make the place for a scope's cursor on the first question about it.
insert into source_cursor (source, scope) values (%(source)s, %(scope)s)
on conflict (source, scope) do nothing;

-- name: move_cursor
-- Compare-and-set: only from where the question was asked, or another one was faster.
update source_cursor set cursor = %(cursor)s, moved_at = now()
 where source = %(source)s and scope = %(scope)s
   and cursor is not distinct from %(expected)s;

-- name: add
-- A newly found document; one that is known already is left as it is and gives no row.
insert into document (source, external_id, ticker, title, url, published_at, is_sample, details)
values (%(source)s, %(external_id)s, %(ticker)s, %(title)s, %(url)s, %(published_at)s,
        %(is_sample)s, %(details)s)
on conflict (source, external_id) do nothing
returning id;

-- name: get
-- One document without its bytes and text.
select * from document_listing where id = %(id)s;

-- name: several
-- Some documents by their ids.
select * from document_listing where id = any(%(ids)s::bigint[]);

-- name: find
-- One document by the name its source gave it.
select * from document_listing where source = %(source)s and external_id = %(external_id)s;

-- name: of_company
-- A company's documents, newest first.
select * from document_listing where ticker = %(ticker)s
 order by reported_at desc, id desc limit %(limit)s;

-- name: recent
-- The newest documents of everybody.
select * from document_listing order by reported_at desc, id desc limit %(limit)s;

-- name: in_state
-- The documents that stand in one state, newest first.
select * from document_listing where state = %(state)s order by id desc limit %(limit)s;

-- name: superseded_between
-- Filings of a span of time that do not count, because another one does.
select * from document_listing
 where reported_at >= %(start)s and reported_at < %(end)s and superseded_by is not null
 order by reported_at, id;

-- name: pending
-- Documents with work left, oldest first; those that failed too often are left to a person.
select id from document
 where state in ('discovered', 'fetched', 'read', 'failed') and attempts < %(max_attempts)s
 order by id limit %(limit)s;

-- name: fetched
-- Compare-and-set: its bytes are here; a repeated fetch after a failure brings newer ones.
with moved as (
  update document
     set state = 'fetched', state_since = now(), reason = '', sha256 = %(sha256)s,
         content_type = %(content_type)s, size_bytes = %(size_bytes)s,
         fetched_at = %(fetched_at)s, title = coalesce(nullif(title, ''), %(title)s)
   where id = %(id)s and state in ('discovered', 'failed')
  returning id)
insert into document_raw (document_id, content) select id, %(content)s::bytea from moved
on conflict (document_id) do update set content = excluded.content;

-- name: raw
-- The bytes of a document.
select content from document_raw where document_id = %(id)s;

-- name: derived
-- Keep the text one reader derived, and compare-and-set: spans count on this one. Nothing if the
-- same reader derived one before.
with derived as (
  insert into document_text (document_id, reader, text, mark_starts, mark_seconds)
  values (%(id)s, %(reader)s, %(text)s, %(starts)s::int[], %(seconds)s::int[])
  on conflict (document_id, reader) do nothing
  returning id),
moved as (
  update document d
     set state = 'read', state_since = now(), reason = '', text_id = derived.id
    from derived
   where d.id = %(id)s and d.state in ('fetched', 'failed'))
select id from derived;

-- name: same_text
-- The earlier text of the same reader, and whether it is the same text.
select id, text = %(text)s as same
  from document_text where document_id = %(id)s and reader = %(reader)s;

-- name: derived_before
-- Compare-and-set: spans count on a text that was there.
update document set state = 'read', state_since = now(), reason = '', text_id = %(text_id)s
 where id = %(id)s and state in ('fetched', 'failed');

-- name: text
-- The text in force of a document.
select t.id, t.document_id, t.reader, t.text
  from document d join document_text t on t.id = d.text_id
 where d.id = %(id)s;

-- name: move
-- Compare-and-set of the state; a failure is counted.
update document
   set state = %(to)s, state_since = now(), reason = %(reason)s,
       attempts = attempts + (case when %(to)s = 'failed' then 1 else 0 end)
 where id = %(id)s and state = any(%(states)s::text[]);

-- name: retry
-- A failed document goes back to where its stored parts let it go on.
update document d
   set state = case when d.text_id is not null then 'read'
                    when exists (select from document_raw r where r.document_id = d.id)
                    then 'fetched' else 'discovered' end,
       state_since = now()
 where d.id = %(id)s and d.state = 'failed'
returning d.state;

-- name: attribute
-- What reading it taught about a document: whose it is, when it was published.
update document
   set ticker = coalesce(%(ticker)s, ticker),
       published_at = coalesce(%(published_at)s, published_at),
       title = coalesce(nullif(%(title)s, ''), title)
 where id = %(id)s;

-- name: same_content
-- Other documents with the very same bytes, oldest first.
select id from document where sha256 = %(sha256)s and id is distinct from %(but)s order by id;

-- name: by_state
-- How many documents stand in each state.
select s.state, (select count(*) from document d where d.state = s.state)::int as documents
  from unnest(%(states)s::text[]) as s (state);
