"""Databases that are moved in tests: filled with everything that is hard to carry."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psycopg2
from psycopg2 import sql

from jobs.durable import Engine
from resilience.clock import SystemClock
from storage import server_account
from storage.archive_tables import Catalog, identifier
from storage.exporting import Exported, export
from storage.importing import EngineSchema, Imported, load
from storage.server_binaries import Binaries
from tests.servers.http import closed_port

ENGINE = EngineSchema(Engine.schema_steps())
ROLE, PASSWORD = "retailxai", "moved"

# rows of all kinds: odd words and bytes, nothing at all, final and open states, derived columns
FILL = r"""
insert into company (ticker, name) values ('ACME', E'Acme \\ "Sons"\t\n“ü” 🛒'), ('NULL', '\N');
insert into document (source, external_id, ticker, title, sha256, details)
    select 'inbox', 'd' || n, 'ACME', E'\\.', repeat(n::text, 64), '{"a": "\u00fc\\n", "b": [1.50]}'
      from generate_series(1, 9) n;
insert into document_raw select id, decode('000a0d5c2e09ff', 'hex') || repeat('x', 9000)::bytea
  from document;
insert into document_text (document_id, reader, text)
    select id, 'html-1', E'Net sales\r\n\trose \\N 5%.' from document;
update document set state = 'fetched';
update document set state = 'read', text_id = id;
update document set state = 'analysed' where id < 5;
insert into analysis (document_id, text_id, analyst, model, prompt_version, is_current, is_results,
                      degraded) select id, id, 'local', 'r', '1', true, true, true from document;
insert into insight (analysis_id, document_id, kind, status, metric, value, span_start, span_end)
    select id, id, 'figure', 'claimed', 'net_sales', 1.50, 0, 9 from document;
insert into job_run (job, slot, due_at, state, decided_by)
    values ('scan', '2026-11-22T07:00', now(), 'due', 'd');
update job_run set state = 'running', executor = 'ex-0';
insert into paid_call (provider, model, prompt_version, sha256, state, owner, estimate_usd,
                       begun_at) select 'claude', 'm', '1', repeat(n::text, 64), 'intent', 'ex-0',
                       0.01, now() from generate_series(1, 3) n;
update paid_call set state = 'in_doubt' where id > 1;
update paid_call set state = 'dropped', reason = 'enough' where id = 3;
insert into policy_breaker (instance, service, executor, state, open_until)
    values ('main', 'edgar', 'ex-0', 'open', now());
insert into dead_letter (service, kind, key, cause) values ('edgar', 'document', '1', 'outage');
insert into instance (executor, name, kind, pid, host) values ('ex-0', 'main', 'daemon', 1, 'h');
"""


def execute(dsn: str, statement: str) -> list[tuple[object, ...]]:
    with closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def contents(dsn: str) -> dict[str, list[str]]:
    """Every row of every table, as the server writes it; and where counters stand."""
    with closing(psycopg2.connect(dsn)) as connection:
        catalog = Catalog(connection)
        revision = catalog.revision()
        if revision is None:
            return {}
        names = catalog.tables(revision)
        found = {}
        for name in names:
            with connection.cursor() as cursor:
                asked = sql.SQL("select t::text from {} t order by 1").format(identifier(name))
                cursor.execute(asked)
                found[name] = [text for (text,) in cursor.fetchall()]
        found["counters"] = [str(one) for one in catalog.sequences(names)]
        return found


def moved_out(dsn: str, path: Path, *, force: bool = False) -> Exported:
    return export(
        dsn, path, force=force, clock=SystemClock(), version="1", on_table=lambda *_: None
    )


def moved_in(dsn: str, path: Path) -> Imported:
    return load(dsn, path, engine=ENGINE, on_table=lambda *_: None)


@contextmanager
def tcp_server(folder: Path, binaries: Binaries) -> Iterator[str]:
    """A PostgreSQL as others run it: on a port, with a password and a role that is no superuser.
    The address of an empty database of that role."""
    cluster, port = folder / "pg", closed_port()
    folder.mkdir(parents=True, exist_ok=True)
    cluster.mkdir(mode=0o700)
    account = server_account.choose(cluster, binaries)
    account.give(cluster)
    run = {"check": True, "capture_output": True, **account.popen_options()}
    init = ["initdb", "-D", str(cluster), "-U", "boss", "-A", "trust", "-E", "UTF8", "--locale=C"]
    subprocess.run([*account.prefix, binaries.program("initdb"), *init[1:]], **run)
    settings = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": ".",
                "fsync": "off"}  # fmt: skip
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    command = [binaries.program("postgres"), "-D", str(cluster), *options]
    server = subprocess.Popen(
        [*account.prefix, *command], stderr=subprocess.DEVNULL, **account.popen_options()
    )
    try:
        _prepare(f"postgresql://boss@127.0.0.1:{port}/postgres")
        yield f"postgresql://{ROLE}:{PASSWORD}@127.0.0.1:{port}/{ROLE}"
    finally:
        os.kill(server.pid, signal.SIGQUIT)
        server.wait(20)
        shutil.rmtree(folder, ignore_errors=True)


def _prepare(dsn: str) -> None:
    clock = SystemClock()
    give_up_at = clock.monotonic() + 30
    while True:
        try:
            connection = psycopg2.connect(dsn)
            break
        except psycopg2.OperationalError:
            assert clock.monotonic() < give_up_at
            clock.wait(0.05)
    connection.autocommit = True
    with closing(connection), connection.cursor() as cursor:
        cursor.execute(f"create role {ROLE} login password '{PASSWORD}'")
        cursor.execute(f"create database {ROLE} owner {ROLE}")
