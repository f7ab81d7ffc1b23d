-- Headlines (storage/headlines.py): leads to read elsewhere, never evidence. Nothing of what
-- documents say refers to them.

create table headline (
    id           bigint generated always as identity primary key,
    link_key     text not null unique, -- the link as it is compared
    text_key     text not null,        -- the title as it is compared; '' is too short to be
    title        text not null,
    link         text not null,
    source       text not null,        -- who found it first
    publisher    text not null default '',
    published_at timestamptz,          -- null: nobody said
    seen_at      timestamptz not null default now(),
    told_at      timestamptz not null generated always as (coalesce(published_at, seen_at)) stored
);
create index headline_text on headline (text_key, told_at) where text_key <> '';
create index headline_told on headline (told_at desc, id desc);
create index headline_seen on headline (seen_at);

create table headline_company (
    headline_id bigint not null references headline on delete cascade,
    ticker      text not null references company,
    primary key (headline_id, ticker)
);
create index headline_company_ticker on headline_company (ticker, headline_id);
