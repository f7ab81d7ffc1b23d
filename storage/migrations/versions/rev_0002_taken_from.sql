-- What the local rules found stays beside a model's claims: it shows in the model's analysis and
-- names the one that found it. Null: the analysis it shows in.
alter table insight add column taken_from bigint references analysis on delete cascade;
alter table insight add check (taken_from <> analysis_id);
create index insight_taken_from on insight (taken_from) where taken_from is not null;

-- An insight with the document it stands in, the analysis it shows in (is it current, degraded,
-- of which text) and who found it (analyst, model).
drop view insight_in_full;
create view insight_in_full as
select i.id, i.analysis_id, i.taken_from, i.document_id, i.kind, i.status, i.metric, i.theme,
       i.value, i.prior, i.low, i.high, i.prior_low, i.prior_high, i.unit, i.basis, i.action,
       i.period_kind, i.period_end, i.period_label, i.period_weeks, i.span_start, i.span_end,
       i.context, i.words, i.cited, i.speaker, i.reason, i.near_start, i.near_end, i.agreement,
       f.analyst, f.model, a.degraded, a.is_current, a.text_id,
       d.ticker, d.title, d.url, d.reported_at, d.is_sample, c.name as company
from insight i
join analysis a on a.id = i.analysis_id
join analysis f on f.id = coalesce(i.taken_from, i.analysis_id)
join document d on d.id = i.document_id
left join company c on c.ticker = d.ticker;
