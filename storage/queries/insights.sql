-- name: lock_document
-- One writer at a time per document, so that exactly one analysis stays current.
select state from document where id = %(document_id)s for update;

-- name: analysed_before
-- The analysis that was saved before for the same question to the same analyst, and whose
-- analysis of the document counts now.
select (select id from analysis
         where document_id = %(document_id)s and analyst = %(analyst)s and model = %(model)s
           and prompt_version = %(prompt_version)s) as known,
       (select analyst from analysis
         where document_id = %(document_id)s and is_current) as current;

-- name: retire_current
-- The analysis that counted until now makes room for a better one.
update analysis set is_current = false where document_id = %(document_id)s and is_current;

-- name: add_analysis
-- Who read the document, how, and what it cost.
insert into analysis
       (document_id, text_id, analyst, model, prompt_version, is_current, is_results, degraded,
        period_kind, period_end, period_label, period_weeks, input_tokens, cache_write_tokens,
        cache_read_tokens, output_tokens, cost_usd, notes, instead_of, instead_why)
values (%(document_id)s, %(text_id)s, %(analyst)s, %(model)s, %(prompt_version)s,
        %(is_current)s, %(is_results)s, %(degraded)s, %(period_kind)s, %(period_end)s,
        %(period_label)s, %(period_weeks)s, %(input_tokens)s, %(cache_write_tokens)s,
        %(cache_read_tokens)s, %(output_tokens)s, %(cost_usd)s, %(notes)s, %(instead_of)s,
        %(instead_why)s)
returning id;

-- name: add
-- The claims of an analysis, and what was withheld: all rows at once, as JSON by column.
insert into insight
       (analysis_id, document_id, kind, status, metric, theme, value, prior, low, high,
        prior_low, prior_high, unit, basis, action, period_kind, period_end, period_label,
        period_weeks, span_start, span_end, context, words, cited, speaker, reason, near_start,
        near_end, agreement, taken_from)
select %(analysis_id)s, %(document_id)s, kind, status, metric, theme, value, prior, low, high,
       prior_low, prior_high, unit, basis, action, period_kind, period_end, period_label,
       period_weeks, span_start, span_end, context, words, cited, speaker, reason, near_start,
       near_end, agreement, taken_from
  from json_populate_recordset(null::insight, %(rows)s::json);

-- name: move_document
-- The document's new state, saved with what was found in it.
update document set state = %(to)s, state_since = now(), reason = %(reason)s
 where id = %(document_id)s and state <> %(to)s;

-- name: get
-- One insight, claimed or withheld.
select * from insight_in_full where id = %(id)s;

-- name: for_document
-- Everything the current analysis of a document holds, withheld included.
select * from insight_in_full where document_id = %(document_id)s and is_current
 order by status, kind, span_start, id;

-- name: for_company
-- What is claimed in a company's newest documents.
select i.* from (
    select d.id from document d
     where d.ticker = %(ticker)s and d.state = 'analysed'
       and not exists (select from superseded s where s.document_id = d.id)
     order by d.reported_at desc, d.id desc limit %(documents)s
) d
join insight_in_full i on i.document_id = d.id and i.is_current and i.status = 'claimed'
 order by i.reported_at desc, i.document_id desc, i.kind, i.span_start, i.id;

-- name: unanswered
-- Documents that count with an analysis made while a configured analyst did not answer (to
-- `upgrade`: also where another one did in its stead), unless
-- the question waits for a batch or for its answers, or a person dropped it.
select a.document_id
  from analysis a join document d on d.id = a.document_id
 where a.is_current and (a.degraded or (%(upgrade)s and a.instead_of <> ''))
   and not exists (
       select from paid_call c
        where c.sha256 = d.sha256
          and (c.state = 'dropped'
               or (c.state = 'queued' and not %(queued)s)
               or (c.state = 'intent' and c.batch_id is not null)))
 order by a.document_id limit %(limit)s;

-- name: read_since
-- Documents that somebody read since then, oldest first.
select document_id from analysis where created_at >= %(since)s
 group by document_id order by min(created_at), document_id limit %(limit)s;

-- name: stands_in
-- The same analysis once more: it may be its turn by now.
update analysis set instead_of = %(instead_of)s, instead_why = %(instead_why)s
 where id = %(id)s and instead_of <> %(instead_of)s;

-- name: stand_ins
-- How many documents one analyst read in another's stead since then, and why it last was.
select analyst, instead_of, count(*)::int as documents,
       (array_agg(instead_why order by created_at desc, id desc))[1] as why
  from analysis
 where is_current and instead_of <> '' and created_at >= %(since)s
 group by analyst, instead_of order by instead_of, analyst;

-- name: between
-- What was claimed in the documents of a span of time that count: a week's summary.
select * from insight_in_full
 where reported_at >= %(start)s and reported_at < %(end)s and is_current and status = %(status)s
   and superseded_by is null
 order by ticker, reported_at, document_id, kind, span_start, id;

-- name: previous_guidance
-- The issuer's latest earlier range for each metric, period and basis; what an amendment amends
-- is not earlier than it.
select distinct on (i.metric, coalesce(i.period_end::text, lower(i.period_label)), i.basis) i.*
  from insight_in_full i
 where i.ticker = %(ticker)s and i.reported_at < %(before)s
   and i.kind = 'guidance' and i.status = 'claimed' and i.is_current
   and i.superseded_by is null
   and not exists (
       select from analysis a
        where a.id = i.analysis_id and abs(a.period_end - %(amends)s::date) <= 7)
 order by i.metric, coalesce(i.period_end::text, lower(i.period_label)), i.basis,
          i.reported_at desc, i.id desc;

-- name: analysis
-- Who made an insight, when, and what it cost.
select id, document_id, text_id, analyst, model, prompt_version, is_current, is_results,
       degraded, period_kind, period_end, period_label, period_weeks, input_tokens,
       cache_write_tokens, cache_read_tokens, output_tokens, cost_usd, notes, created_at,
       instead_of
  from analysis where id = %(id)s;

-- name: analyses_of_document
-- Every analysis of a document, the one that counts first.
select id, document_id, text_id, analyst, model, prompt_version, is_current, is_results,
       degraded, period_kind, period_end, period_label, period_weeks, input_tokens,
       cache_write_tokens, cache_read_tokens, output_tokens, cost_usd, notes, created_at,
       instead_of
  from analysis where document_id = %(document_id)s
 order by is_current desc, created_at desc, id desc;

-- name: cut_text
-- The words from one character to another of a stored text; the text itself stays there.
select substr(text, %(start)s + 1, %(end)s - %(start)s) as words
  from document_text where id = %(text_id)s;

-- name: withheld_beside
-- What could not be shown in the same analysis.
select * from insight_in_full where analysis_id = %(analysis_id)s and status = 'withheld'
 order by kind, span_start, id;

-- name: said_in_document
-- What others than its finder found of an insight's document: each where it was found first,
-- also what was withheld.
select * from insight_in_full
 where document_id = %(document_id)s and taken_from is null
   and analysis_id <> %(finder)s and kind = %(kind)s
   and (metric = %(metric)s or theme = %(theme)s)
 order by status, analysis_id, span_start, id;

-- name: said_elsewhere
-- What is claimed of the same measure in other documents of the same company, newest first.
select * from insight_in_full
 where ticker = %(ticker)s and document_id <> %(document_id)s and is_current
   and status = 'claimed' and kind = %(kind)s and metric = %(metric)s
 order by reported_at desc, document_id desc, id limit %(limit)s;

-- name: made_by
-- How many items an analysis holds of its own, claimed and withheld: its cost is shared by them.
select count(*)::int as items from insight
 where analysis_id = %(analysis_id)s and taken_from is null;

-- name: paid_for
-- The paid call that an analysis was made of, if it was.
select batch_id is not null as in_batch, asked, begun_at, ended_at from paid_call
 where provider = %(provider)s and model = %(model)s and prompt_version = %(prompt_version)s
   and sha256 = %(sha256)s and state = 'answered';

-- name: instead
-- The same number in the filing that counts instead of this one's, or in one that this one
-- replaced.
with other as (
    select by_id as id from superseded
     where document_id = (select document_id from insight where id = %(id)s)
    union all
    select document_id from superseded
     where by_id = (select document_id from insight where id = %(id)s)
)
select o.*
  from insight i
  join insight_in_full o
    on o.document_id in (select id from other) and o.kind = i.kind and o.metric = i.metric
   and o.basis = i.basis and o.unit = i.unit and o.period_kind = i.period_kind
   and coalesce(o.period_end::text, lower(o.period_label))
       = coalesce(i.period_end::text, lower(i.period_label))
 where i.id = %(id)s and o.is_current and o.status = 'claimed' and i.status = 'claimed'
 order by o.reported_at, o.id;
