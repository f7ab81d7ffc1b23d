insert into allowed_move (machine, from_state, to_state)
values ('job_run', 'skipped', 'due')
on conflict do nothing;

-- what was skipped at a time that has not come yet: looked for at every tick, hardly ever found
create index job_run_skipped on job_run (decided_at) where scheduled and state = 'skipped';
