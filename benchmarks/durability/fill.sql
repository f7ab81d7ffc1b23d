-- A ledger of years, and what became of its documents; the newest slot is eight days old.
set session_replication_role = replica;  -- guards and the log of moves are tested elsewhere

truncate job_run, document, dbos.workflow_status restart identity cascade;
insert into job_run (job, slot, due_at, state, decided_by, decided_at, started_at, finished_at)
select (array['daily_earnings_scan', 'health_check', 'memory_cleanup', 'quota_check',
              'weekly_summary', 'edgar_watch'])[1 + n %% 6],
       to_char(s.at, 'YYYY-MM-DD"T"HH24:MI'), s.at, 'succeeded', 'bench', s.at, s.at, s.at
  from generate_series(0, %(runs)s - 1) n,
       lateral (select date_trunc('day', now()) - interval '8 days'
                       - (n / 6) * interval '1 minute' as at) s;

insert into company (ticker, name)
select 'T' || n, 'Company ' || n from generate_series(1, 500) n on conflict do nothing;

insert into document (source, external_id, ticker, published_at, state, sha256, text_id)
select 'edgar', 'bench-' || n, 'T' || (1 + n %% 500),
       now() - interval '8 days' - n * interval '15 minutes', 'analysed',
       encode(sha256(n::text::bytea), 'hex'), 1000000 + n
  from generate_series(1, %(documents)s) n;
insert into document_raw (document_id, content)
select id, convert_to(repeat('<p>Net sales</p>', 40), 'UTF8') from document
 where external_id like 'bench-%%';
insert into document_text (id, document_id, reader, text) overriding system value
select text_id, id, 'html-1', repeat('Net sales were $1,204.5 million. ', 20) from document
 where external_id like 'bench-%%';
insert into analysis (document_id, text_id, analyst, model, prompt_version, is_current, is_results,
                      created_at)
select id, text_id, 'local', 'rules-1', '1', true, true, published_at from document
 where external_id like 'bench-%%';
insert into insight (analysis_id, document_id, kind, status, metric, span_start, span_end, basis,
                     period_label)
select a.id, a.document_id, 'figure', 'claimed', 'net_sales', 0, 9, 'gaap', 'Q' || number
  from analysis a, generate_series(1, 5) number where a.model = 'rules-1';

insert into dbos.workflow_status (workflow_uuid, status, name, queue_name, executor_id,
                                  application_version, application_name, created_at, updated_at,
                                  completed_at, recovery_attempts, priority)
select 'doc:edgar:' || n || ':0', 'SUCCESS', 'document', 'documents', 'bench-gone', '1',
       'retailxai', s.at, s.at, s.at, 1, 0
  from generate_series(1, %(documents)s) n,
       lateral (select (extract(epoch from now()) * 1000)::bigint - 800000000 - n as at) s;

select setval(pg_get_serial_sequence('document_text', 'id'),
              (select max(id) from document_text));
reset session_replication_role;
