-- Every move of every run (storage/run_lives.py), and what a person asks of one
-- (storage/run_orders.py).

-- ---- a person's word --------------------------------------------------------------------

alter table job_run drop constraint job_run_state_check;
alter table job_run add constraint job_run_state_check check (state in
    ('due', 'deferred', 'skipped', 'running', 'succeeded', 'failed', 'abandoned', 'cancelled'));
alter table job_run
    add column retries      int not null default 0,   -- how often a person made it due again
    add column cancel_asked text not null default '', -- of the attempt that runs: by whom, and why
    add column options      jsonb not null default '{}'; -- what a person asked for (a ticker, a week)
create index job_run_state on job_run (state, due_at desc, id desc);

insert into allowed_move (machine, from_state, to_state) values
    ('job_run', 'running', 'cancelled'),
    ('job_run', 'failed', 'due'),
    ('job_run', 'skipped', 'due'),
    ('job_run', 'cancelled', 'due');

-- ---- moves ------------------------------------------------------------------------------

create table run_move (
    run_id     bigint not null references job_run (id) on delete cascade,
    number     int not null, -- from 1 on; a gap is where the middle of a very long life was dropped
    at         timestamptz not null default clock_timestamp(), -- the server's, one for all machines
    from_state text not null, -- '' for a row just written
    to_state   text not null,
    executor   text, -- who runs or ran it; of a row just written, who decided
    attempt    int not null,
    reason     text not null default '', -- of a decision
    error      text not null default '', -- of an end
    said       text not null default '', -- an end's summary, in its own sentence
    not_before timestamptz,
    primary key (run_id, number)
);

-- Fires with every change of state, in its transaction, whoever makes it.
create function note_run_move() returns trigger language plpgsql as $$
declare
    before text := '';
    who    text := new.decided_by;
    next   int := 1;
begin
    if tg_op = 'UPDATE' then
        before := old.state;
        who := coalesce(new.executor, old.executor);
        select coalesce(max(number), 0) + 1 into next from run_move where run_id = new.id;
    end if;
    insert into run_move (run_id, number, from_state, to_state, executor, attempt, reason, error,
                          said, not_before)
    values (new.id, next, before, new.state, who, new.attempts,
            case when new.state in ('due', 'deferred', 'skipped') then new.reason else '' end,
            case when new.state in ('succeeded', 'failed', 'abandoned', 'cancelled')
                 then new.error else '' end,
            case when new.state in ('succeeded', 'failed', 'cancelled')
                 then coalesce(new.summary ->> 'said', '') else '' end,
            case when new.state = 'deferred' then new.not_before end);
    -- A run that is put off for ever keeps how it began and what became of it lately.
    if next > 1000 then
        delete from run_move where run_id = new.id and number > 100 and number <= next - 900;
    end if;
    return null;
end $$;

create trigger job_run_note_insert after insert on job_run
    for each row execute function note_run_move();
create trigger job_run_note_update after update on job_run
    for each row when (old.state is distinct from new.state) execute function note_run_move();

-- Moves are written by the trigger above alone (then this one is called from within another),
-- and go only with their run.
create function keep_run_moves() returns trigger language plpgsql as $$
begin
    if tg_op in ('UPDATE', 'TRUNCATE') or pg_trigger_depth() < 2 then
        raise exception 'the moves of runs are written by the moves of job_run alone: no %',
            lower(tg_op) using errcode = 'RX001';
    end if;
    if tg_op = 'DELETE' then
        return old;
    end if;
    return new;
end $$;

create trigger run_move_kept before insert or update or delete on run_move
    for each row execute function keep_run_moves();
create trigger run_move_kept_whole before truncate on run_move
    for each statement execute function keep_run_moves();
