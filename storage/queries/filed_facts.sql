-- name: lock
-- One at a time replaces a company's facts.
select ticker from company where ticker = %(ticker)s for no key update;

-- name: clear
-- What was known of a company's facts makes room.
delete from filed_fact where ticker = %(ticker)s;

-- name: put
-- One figure of one period, as it was filed last.
insert into filed_fact
       (ticker, tag, unit, period_start, period_end, value, form, accession, filed, is_derived)
values (%(ticker)s, %(tag)s, %(unit)s, %(period_start)s, %(period_end)s, %(value)s, %(form)s,
        %(accession)s, %(filed)s, %(is_derived)s);

-- name: of_company
-- All facts of one company.
select tag, unit, period_start, period_end, value, form, accession, filed, is_derived
  from filed_fact where ticker = %(ticker)s order by period_end, tag, period_start;

-- name: filers
-- Who filed facts in a span of days.
select distinct ticker from filed_fact
 where filed >= %(first)s::date and filed < %(until)s::date order by ticker;
