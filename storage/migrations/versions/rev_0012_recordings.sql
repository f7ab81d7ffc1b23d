-- A text that was spoken has a recording behind it: from character mark_starts[i] on, the text
-- is of second mark_seconds[i] of it.

alter table document_text
    add column mark_starts  int[],
    add column mark_seconds int[],
    add check ((mark_starts is null) = (mark_seconds is null)),
    add check (cardinality(mark_starts) = cardinality(mark_seconds));

-- The address of an insight leads to the second at which its words are said.
drop view insight_in_full;
create view insight_in_full as
select i.id, i.analysis_id, i.taken_from, i.document_id, i.kind, i.status, i.metric, i.theme,
       i.value, i.prior, i.low, i.high, i.prior_low, i.prior_high, i.unit, i.basis, i.action,
       i.period_kind, i.period_end, i.period_label, i.period_weeks, i.span_start, i.span_end,
       i.context, i.words, i.cited, i.speaker, i.reason, i.near_start, i.near_end, i.agreement,
       f.analyst, f.model, a.degraded, a.is_current, a.text_id,
       d.ticker, d.title,
       case when t.mark_starts is null or width_bucket(i.span_start, t.mark_starts) = 0 then d.url
            else d.url || case when position('?' in d.url) > 0 then '&' else '?' end
                 || 't=' || t.mark_seconds[width_bucket(i.span_start, t.mark_starts)] || 's'
        end as url,
       d.reported_at, d.is_sample, c.name as company, s.by_id as superseded_by
from insight i
join analysis a on a.id = i.analysis_id
join analysis f on f.id = coalesce(i.taken_from, i.analysis_id)
join document_text t on t.id = a.text_id
join document d on d.id = i.document_id
left join superseded s on s.document_id = d.id
left join company c on c.ticker = d.ticker;
