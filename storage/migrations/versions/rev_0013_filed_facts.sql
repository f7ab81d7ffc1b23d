-- Figures of 10-Qs and 10-Ks (earnings/filed_facts.py): each period once, as it was filed last.
create table filed_fact (
    id           bigint generated always as identity primary key,
    ticker       text not null references company on delete cascade,
    tag          text not null,
    unit         text not null,
    period_start date,          -- null: as of a day
    period_end   date not null,
    value        numeric not null,
    form         text not null,
    accession    text not null,
    filed        date not null,
    is_derived   boolean not null default false -- a year less its first nine months
);
create index filed_fact_company on filed_fact (ticker, period_end);
create index filed_fact_filed on filed_fact (filed, ticker);
