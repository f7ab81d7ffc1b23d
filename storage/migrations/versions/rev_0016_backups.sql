-- Backups that were verified, so that their age can be told, and what this database was restored
-- from. Both speak of files that need not be there any more.
create table backup (
    id          bigint generated always as identity primary key,
    taken_at    timestamptz not null,  -- the instant it is of
    verified_at timestamptz not null,
    file        text not null,
    host        text not null,
    bytes       bigint not null,
    documents   bigint not null,
    is_sealed   boolean not null
);
create table restoration (
    id          bigint generated always as identity primary key,
    restored_at timestamptz not null,
    taken_at    timestamptz not null,  -- what was done after it is not known here
    file        text not null,
    host        text not null
);
