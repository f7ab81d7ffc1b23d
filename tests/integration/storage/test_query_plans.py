"""On many rows no statement of the room reads a big table from end to end."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from psycopg2 import extensions
from psycopg2.extras import Json

from storage import statements
from storage.dsn import parse
from storage.prepared import is_planned, prepare_of
from tests.length import IS_LONG

pytestmark = pytest.mark.database

BIG = {
    "document",
    "document_raw",
    "document_text",
    "analysis",
    "insight",
    "job_run",
    "run_move",
    "paid_call",
    "health_history",
    "instance",
    "policy_quota",
    "policy_call",
    "command",
    "command_ack",
    "dead_letter",
    "workflow_status",
    "workflow_input",
    "workflow_output",
    "operation_outputs",
}

# three years of documents of 500 companies, most of them done
_FILL = """
set session_replication_role = replica;  -- the guards are tested elsewhere
insert into company (ticker, name)
    select 'T' || n, 'Company ' || n from generate_series(1, 500) n;
insert into document (source, external_id, ticker, published_at, state, attempts, sha256, text_id)
    select 'edgar', 'd' || n, 'T' || (1 + n %% 500),
           timestamptz '2024-01-01' + n * interval '15 minutes',
           case when n %% 1000 = 0 then 'failed' when n %% 1000 = 1 then 'discovered'
                when n %% 10 = 2 then 'irrelevant' else 'analysed' end,
           n %% 7, encode(sha256(n::text::bytea), 'hex'), n
      from generate_series(1, %(rows)s) n;
insert into document_raw select n, 'x' from generate_series(1, %(rows)s) n;
insert into document_text (document_id, reader, text)
    select n, 'html-1', 'text' from generate_series(1, %(rows)s) n;
insert into analysis (document_id, text_id, analyst, model, prompt_version, is_current,
                      is_results, created_at)
    select n, n, 'local', 'rules-1', '1', true, true,
           timestamptz '2024-01-01' + n * interval '15 minutes'
      from generate_series(1, %(rows)s) n;
insert into insight (analysis_id, document_id, kind, status, metric, theme, span_start, span_end,
                     basis, period_label, reason)
    select n, n, (array['figure', 'guidance', 'quote'])[1 + n %% 3],
           case when n %% 10 = 0 then 'withheld' else 'claimed' end,
           case when n %% 3 < 2 then 'net_sales' end, case when n %% 3 = 2 then 'shrink' end,
           0, 1, 'gaap', 'Q' || n %% 4, case when n %% 10 = 0 then 'implausible' end
      from generate_series(1, %(rows)s) n;
insert into job_run (job, slot, due_at, state, decided_by)
    select 'job-' || n %% 5,
           to_char(timestamp '2024-01-01' + n * interval '15 minutes', 'YYYY-MM-DD"T"HH24:MI'),
           timestamptz '2024-01-01' + n * interval '15 minutes',
           case when n > %(rows)s - 5 then 'due' else 'succeeded' end, 'd'
      from generate_series(1, %(rows)s) n;
insert into run_move (run_id, number, from_state, to_state, executor, attempt)
    select id, number, 'due', 'running', 'ex-' || id, 1
      from job_run, generate_series(1, 2) number;
insert into paid_call (provider, model, prompt_version, sha256, state, owner, estimate_usd,
                       begun_at, body)
    select 'claude', 'm', '1', n::text, case when n %% 5000 = 0 then 'in_doubt' else 'answered' end,
           'o', 0.01, timestamptz '2024-01-01' + n * interval '15 minutes',
           case when n %% 5000 <> 0 then '{}'::json end
      from generate_series(1, %(rows)s) n;
insert into health_history (at, name, status)
    select timestamptz '2024-01-01' + n * interval '15 minutes', 'disk', 'ok'
      from generate_series(1, %(rows)s) n;
insert into instance (executor, name, kind, pid, host, started_at, seen_at, left_at, settled_at)
    select 'ex-' || n, 'i' || n %% 20, 'command', 1, 'h', now() - n * interval '10 minutes',
           now() - n * interval '10 minutes', ended.at, ended.at
      from generate_series(1, %(rows)s / 10) n,
           lateral (select case when n %% 1000 > 0 then now() end as at) ended;
insert into policy_quota (service, resource, per, zone, window_start, window_end, allowed)
    select 's' || n %% 10, 'units', 'minute', 'UTC', w.at, w.at + interval '1 minute', 5
      from generate_series(1, %(rows)s) n,
           lateral (select date_trunc('minute', now()) - (n / 10) * interval '1 minute' as at) w;
insert into policy_call (service, at, outcome, duration_s, attempts, kept_at)
    select 's' || n %% 10, timestamptz '2024-01-01' + n * interval '15 minutes', 'success', 1, 1,
           timestamptz '2024-01-01' + n * interval '15 minutes'
      from generate_series(1, %(rows)s) n;
insert into command (verb, asked_by, asked_at)
    select 'reload', 'ann', now() - n * interval '15 minutes' from generate_series(1, %(rows)s) n;
insert into command_ack (command_id, executor, outcome)
    select n, 'ex-1', 'done' from generate_series(1, %(rows)s) n;
insert into dead_letter (service, kind, key, cause, state, first_at, last_at, state_since)
    select 's' || n %% 10, 'document', 'd' || n,
           case when n %% 3 = 0 then 'poison' else 'outage' end,
           case when n %% 100 = 0 then 'waiting' when n %% 1000 = 1 then 'replaying'
                when n %% 10 = 2 then 'dropped' else 'resolved' end, w.at, w.at, w.at
      from generate_series(1, %(rows)s) n,
           lateral (select timestamptz '2024-01-01' + n * interval '15 minutes' as at) w;
insert into dbos.workflow_status (workflow_uuid, status, name, queue_name, executor_id, owner_xid,
                                  application_version, application_name, created_at, completed_at)
    select 'w' || n, w.status, 'document', 'documents', 'ex-' || n,
           case when w.status = 'PENDING' then 'claim' end, '1', 'retailxai', n,
           case when w.status = 'SUCCESS' then n end
      from generate_series(1, %(rows)s) n,
           lateral (select case when n %% 1000 = 0 then 'ENQUEUED' when n %% 1000 = 1 then 'PENDING'
                                else 'SUCCESS' end as status) w;
insert into dbos.workflow_input (workflow_uuid, inputs)
    select 'w' || n, '[]' from generate_series(1, %(rows)s) n;
insert into dbos.workflow_output (workflow_uuid, output)
    select 'w' || n, 'null' from generate_series(1, %(rows)s) n;
insert into dbos.operation_outputs (workflow_uuid, function_id, function_name)
    select 'w' || n, 1, 'step' from generate_series(1, %(rows)s) n;
"""
_ROWS = 100_000 if IS_LONG else 30_000
_NOW = datetime(2024, 1, 1, tzinfo=UTC).replace(year=2026, month=11, day=1)

# a value for every parameter name that occurs in the room
_VALUES: dict[str, Any] = {
    "after": _NOW,
    "age_s": 3 * 365 * 86_400.0,
    "allowed": 5,
    "amount": 1,
    "answer": Json({}),
    "args": Json({}),
    "agreement": None,
    "analysis_id": 500,
    "analyst": "local",
    "at": _NOW,
    "before": datetime(2024, 1, 3, tzinfo=UTC),
    "begun_at": _NOW,
    "body": Json({}),
    "but": 1,
    "by": "x",
    "calls": 1,
    "cause": "outage",
    "channel": "c",
    "context": Json([]),
    "cost": Json({}),
    "cost_usd": Decimal(0),
    "cursor": "c",
    "day": date(2026, 11, 1),
    "details": Json({}),
    "document_id": 500,
    "documents": 8,
    "end": _NOW,
    "estimate_usd": Decimal(0),
    "expected": "c",
    "executor": "ex-5",
    "executors": ["x"],
    "facts": Json({}),
    "fetched_at": _NOW,
    "first": date(2026, 11, 1),
    "id": 500,
    "ids": [500, 501],
    "instance": "i5",
    "is_current": False,
    "is_new": False,
    "is_results": True,
    "is_sample": False,
    "is_watched": True,
    "degraded": False,
    "job": "job-1",
    "key": 5,
    "known_until": _NOW,
    "kind": "figure",
    "entries": 1000,
    "limit": 50,
    "max_attempts": 5,
    "metric": "net_sales",
    "newest": 5000,
    "days": 7,
    "not_before": None,
    "notes": Json([]),
    "options": Json({}),
    "outcome": "succeeded",
    "payload": Json({}),
    "per": "minute",
    "published_at": _NOW,
    "remaining": 1,
    "resource": "units",
    "reason": "r",
    "service": "s5",
    "sha256": "5",
    "since": datetime(2026, 10, 25, tzinfo=UTC),
    "slot": "2026-11-01T00:00",
    "stale": _NOW,
    "start": datetime(2026, 10, 25, tzinfo=UTC),
    "state": "failed",
    "states": ["failed", "discovered"],
    "status": "claimed",
    "summary": Json({}),
    "text_id": 500,
    "theme": None,
    "ticker": "T5",
    "tickers": ["T5", "T6"],
    "to": "failed",
    "window": _NOW,
    "zone": "UTC",
    "week": date(2026, 11, 2),
    "content": b"x",
}
# the same name means another kind of value here
_SPECIAL: dict[str, dict[str, Any]] = {
    "engine.put": {"ids": ["w1"], "inputs": ["[]"], "name": "document", "queue": "documents"},
    "engine.claim": {"queue": "documents", "names": ["document"], "room": 8, "version": "1"},
    "engine.finish": {
        **{each: ["w1"] for each in ("ids", "claims", "states", "outputs", "errors")},
    },
    "engine.give_up": {"id": "w1", "claim": "claim"},
    "engine.put_back": {"executors": ["ex-1"], "ids": None},
    "engine.return_unbegun": {"ids": ["w1"], "claims": ["claim"]},
    "engine.is_ours": {"id": "w1", "claim": "claim"},
    "engine.steps": {"id": "w1"},
    "engine.record_step": {"id": "w1", "claim": "claim", "name": "step", "output": "null"},
    "engine.finished": {"ids": ["w1"], "states": ["SUCCESS"]},
    "insights.add": {"rows": Json([])},
    "insights.cut_text": {"start": 0, "end": 9},
    "usage.between": {"last": date(2026, 11, 2)},
    "ledger.open": {"states": ["due", "abandoned"]},
    "documents.in_state": {"state": "discovered"},
    "paid_calls.settle": {"state": "in_doubt"},
    "paid_desk.listed": {"states": ["intent", "in_doubt"]},
    "ledger.decide": {"state": "due"},
    "run_lives.listed": {"job": None},
    "run_lives.of_day": {"day": "2026-11-01"},
    "quotas.lease": {"limit": 5},
    "quotas.tighten": {"limit": 5},
    "commands.pending": {"since": _NOW - timedelta(days=30)},
    "dead_letters.find": {"kind": "document", "key": "d5"},
    "dead_letters.resolve": {"kind": "document", "key": "d5"},
    "dead_letters.in_state": {"state": "dropped"},
    "policy_desk.calls": {"at": datetime(2026, 10, 25, tzinfo=UTC), "limit": 1000},
    "policy_desk.drop_calls": {"limit": 5000},
}
_NUMBERS = (
    "_tokens",
    "_bytes",
    "n_start",
    "n_end",
    "_weeks",
    "calls",
    "failures",
    "bytes",
    "pid",
    "_s",
    "rounds",
    "failed",
    "rejected",
    "attempts",
)


@pytest.fixture(scope="module")
def filled(module_dsn: str) -> Iterator[extensions.connection]:
    connection = parse(module_dsn).connect(statement_timeout_s=0)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(_FILL, {"rows": _ROWS})
        cursor.execute("reset session_replication_role")
        cursor.execute("vacuum analyze")
    yield connection
    connection.close()


def parameters(name: str) -> dict[str, Any]:
    wanted = re.findall(r"%\((\w+)\)s", statements.get(name).sql)
    found = {each: _VALUES.get(each, 1 if each.endswith(_NUMBERS) else None) for each in wanted}
    return {**found, **_SPECIAL.get(name, {})}


def plan_of(connection: extensions.connection, name: str) -> dict[str, Any]:
    with connection.cursor() as cursor:
        cursor.execute(f"explain (format json) {statements.get(name).sql}", parameters(name))
        row = cursor.fetchone()
    assert row is not None
    plan: dict[str, Any] = row[0][0]["Plan"]
    return plan


# A storm reads its own scratch database from end to end, and no other.
OF_STORMS = "aftermath."
# Any row will do: it stops at the first.
FIRST_ONE = "archive.has_work"
# Every document is read to be compared, in the transaction that has just filled them in.
OF_PROOFS = "backups.bodies"


def has_a_plan(name: str) -> bool:
    """The server explains what reads and writes rows, and nothing else."""
    return not name.startswith((OF_STORMS, FIRST_ONE, OF_PROOFS)) and not statements.get(
        name
    ).sql.startswith(("listen", "create or replace", "set ", "comment on", "begin", "rollback"))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.mark.parametrize("name", [each for each in statements.names() if has_a_plan(each)])
def test_no_statement_reads_a_big_table_from_end_to_end(
    filled: extensions.connection, name: str
) -> None:
    """Every statement of the room, as the planner would run it on three years of data."""
    read_whole = [
        node["Relation Name"]
        for node in nodes(plan_of(filled, name))
        if node["Node Type"] == "Seq Scan" and node["Relation Name"] in BIG
    ]
    assert read_whole == []


@pytest.mark.parametrize("name", [each for each in statements.names() if is_planned(each)])
def test_every_statement_can_be_prepared(filled: extensions.connection, name: str) -> None:
    """The server must see from the text alone of which type each value is: one that is used
    nowhere else says it, as in %(limit)s::numeric."""
    with filled.cursor() as cursor:
        cursor.execute(prepare_of(name))
        cursor.execute(f'deallocate "{name}"')


def test_every_foreign_key_to_a_big_table_has_an_index(filled: extensions.connection) -> None:
    """Or deleting one document would read all others."""
    with filled.cursor() as cursor:
        cursor.execute(
            """
            select c.conrelid::regclass::text, a.attname
              from pg_constraint c
              join pg_attribute a on a.attrelid = c.conrelid and a.attnum = c.conkey[1]
             where c.contype = 'f'
               and not exists (select from pg_index i
                                where i.indrelid = c.conrelid and i.indkey[0] = c.conkey[1])
            """
        )
        assert cursor.fetchall() == []
