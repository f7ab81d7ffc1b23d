-- name: lock_company
-- One at a time settles which of a company's filings count. Before the document is locked.
select c.ticker
  from document d join company c on c.ticker = d.ticker
 where d.id = %(document_id)s and d.details ? 'form'
   for no key update of c;

-- name: beside
-- The filings of the same company about periods of the same kind, this one among them.
select o.id, o.external_id, o.reported_at, o.details ->> 'form' as form, a.id as analysis_id,
       a.period_kind, a.period_end, a.period_label, a.period_weeks,
       exists (select from superseded s where s.document_id = o.id) as is_superseded
  from document d
  join analysis mine on mine.document_id = d.id and mine.is_current
  join document o on o.ticker = d.ticker and o.source = d.source and o.details ? 'form'
                 and o.state = 'analysed'
  join analysis a on a.document_id = o.id and a.is_current and a.period_kind = mine.period_kind
 where d.id = %(document_id)s and d.details ? 'form'
   and (a.period_end is null or mine.period_end is null
        or abs(a.period_end - mine.period_end) <= 31)
 order by o.id;

-- name: claims
-- What the analyses of filings claim in numbers.
select * from insight_in_full
 where analysis_id = any(%(ids)s::bigint[]) and status = 'claimed' and kind <> 'quote'
 order by analysis_id, id;

-- name: clear
-- What was settled before about these filings.
delete from superseded where document_id = any(%(ids)s::bigint[]);

-- name: put
-- A filing that does not count, and the one that does.
insert into superseded (document_id, by_id, why)
values (%(document_id)s, %(by_id)s, %(why)s);
