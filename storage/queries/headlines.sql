-- name: one_at_a_time
-- Whoever adds headlines does so alone until its commit: two sources may bring the same one.
select pg_advisory_xact_lock(%(key)s);

-- name: same
-- The headline with this link, or with this text at about the same time.
select id from headline where link_key = %(link_key)s
 union all
select id from headline
 where text_key = %(text_key)s and text_key <> ''
   and told_at between coalesce(%(published_at)s, now()) - interval '7 days'
                   and coalesce(%(published_at)s, now()) + interval '7 days'
 limit 1;

-- name: add
-- A headline nobody brought before.
insert into headline (link_key, text_key, title, link, source, publisher, published_at)
values (%(link_key)s, %(text_key)s, %(title)s, %(link)s, %(source)s, %(publisher)s,
        %(published_at)s)
returning id;

-- name: is_about
-- The company it is about; others may have been found before.
insert into headline_company (headline_id, ticker) values (%(id)s, %(ticker)s)
on conflict (headline_id, ticker) do nothing;

-- name: list
-- Headlines, newest first: of one company or all, told in [since, until).
select h.id, h.title, h.link, h.source, h.publisher, h.published_at, h.seen_at, h.told_at,
       coalesce((select array_agg(c.ticker order by c.ticker) from headline_company c
                  where c.headline_id = h.id), '{}') as tickers
  from headline h
 where (%(ticker)s::text is null
        or exists (select from headline_company c
                    where c.headline_id = h.id and c.ticker = %(ticker)s))
   and (not %(linked)s or exists (select from headline_company c where c.headline_id = h.id))
   and (%(since)s::timestamptz is null or h.told_at >= %(since)s)
   and (%(until)s::timestamptz is null or h.told_at < %(until)s)
 order by h.told_at desc, h.id desc
 limit %(limit)s;

-- name: forget
-- What was seen long ago; news has no second day.
delete from headline where seen_at < now() - make_interval(secs => %(seconds)s);
