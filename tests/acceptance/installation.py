"""One installation of the program: its folders, configuration, environment and processes.

    with Installation(tmp_path) as house:
        house.configure(companies=[BRIGHTWATER])
        ended = house.run("scan")
        assert ended.code == 0

Everything is as a person would have it: `main.py` as it is shipped, an environment of its
own, a working directory that is not the program's. Nothing of it outlives the block.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import timedelta
from itertools import count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psycopg2

from resilience.clock import SystemClock
from storage import server_process
from storage.database import Database
from storage.embedded import EmbeddedServer
from storage.ledger import Ledger
from storage.pool import PoolSettings
from storage.schema import migrate
from tests.acceptance.processes import PYTHON_MAIN, Ended, Running, eventually
from tests.leftovers import fresh_folder, marked
from tests.servers.edgar import Filer
from tests.servers.http import closed_port

# Faults are met with the shipped numbers of attempts, only without the pauses between them.
QUICK = {"wait_s": 0.05, "max_wait_s": 0.2, "timeout_s": 5, "open_s": 1}
SCAN, WEEKLY = "daily_earnings_scan", "weekly_summary"
CONTACT = "Northgate Reading Room reader@northgate-reading.org"


class Installation:
    """`dsn` None: it keeps its own database, as an unset DATABASE_URL has it."""

    def __init__(self, folder: Path, *, dsn: str | None = None, **environ: str) -> None:
        self.folder = folder
        self.dsn = dsn
        self.environ = {
            "PATH": os.environ.get("PATH", ""),
            "HOME": str(folder),
            "LANG": "C.UTF-8",
            **marked(),
            "RETAILXAI_WEB_PORT": str(closed_port()),
            **({"DATABASE_URL": dsn} if dsn else {}),
            **environ,
        }
        self._notes = fresh_folder()
        self._numbers = count(1)
        self._started: list[Running] = []
        folder.mkdir(parents=True, exist_ok=True)
        self.configure()

    # ---- setting up ---------------------------------------------------------------------

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def inbox(self) -> Path:
        return self.data / "inbox"

    def configure(
        self,
        *,
        companies: Iterable[Filer] = (),
        policies: Mapping[str, object] = QUICK,
        more: str = "",
        about: Mapping[str, str] | None = None,
    ) -> None:
        """Write retailxai.toml. `more` comes first: tables of its own, in TOML; `about`: further
        lines on a company, by ticker."""
        # Whether the SEC's feed is looked at must not hang on the day on which tests run.
        lines = [more] if "[edgar]" in more else [more, '[edgar]\nwatch = "never"']
        for service in ("edgar", "claude"):
            lines.append(f"[policies.{service}]")
            lines += [f"{name} = {value}" for name, value in policies.items()]
        for filer in companies:
            ticker = filer.tickers[0]
            lines += ["[[companies]]", f'ticker = "{ticker}"', f'name = "{filer.name.title()}"']
            lines += [f"cik = {filer.cik}", (about or {}).get(ticker, "")]
        if not list(companies):
            lines += ["[[companies]]", 'ticker = "NONE"', 'name = "Nobody Stores"']
        text = "\n".join(lines) + "\n"
        (self.folder / "retailxai.toml").write_text(text, encoding="utf-8")

    def schedule(self, minutes_ago: float, *jobs: str, **kept: Any) -> None:
        """Configure `jobs` for the minute that was so long ago (negative: that will be)."""
        due = SystemClock().now() - timedelta(minutes=minutes_ago)
        days = {WEEKLY: f"{due:%a} "}
        times = [f'{job} = {{ at = "{days.get(job, "")}{due:%H:%M}" }}' for job in jobs]
        lines = ['[schedule]\nzone = "UTC"\ntick_s = 0.2', "[schedule.jobs]", *times]
        self.configure(more="\n".join(lines), **kept)

    def miss_a_slot(self, job: str = SCAN, **kept: Any) -> None:
        """As a machine that was off: the schedule was known, and `job` is ten minutes late."""
        clock = SystemClock()
        before = clock.now() - timedelta(minutes=20)
        with self._dsn() as dsn:
            migrate(dsn)
            database = Database(dsn, PoolSettings(size=1, overflow=0))
            known = f"{before:%Y-%m-%dT%H:%M}"
            Ledger(database, clock).decide(job, known, before, "skipped", "the last before", "-")
            database.close()
        self.schedule(10, job, **kept)

    def drop(self, name: str, content: bytes | str) -> Path:
        """A file into the inbox, as if it had lain there for a while."""
        self.inbox.mkdir(parents=True, exist_ok=True)
        path = self.inbox / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        os.utime(path, (1_700_000_000, 1_700_000_000))
        return path

    # ---- running ------------------------------------------------------------------------

    def start(
        self,
        *arguments: str,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
        program: Sequence[str] = PYTHON_MAIN,
        **environ: str,
    ) -> Running:
        running = Running(
            arguments,
            cwd=cwd or self.folder,
            environ={**self.environ, **environ},
            notes=self._notes / f"{next(self._numbers):03}",
            prefix=prefix,
            program=program,
        )
        self._started.append(running)
        return running

    def run(
        self,
        *arguments: str,
        cwd: Path | None = None,
        prefix: Sequence[str] = (),
        **environ: str,
    ) -> Ended:
        """A command, to its end."""
        return self.start(*arguments, cwd=cwd, prefix=prefix, **environ).ended()

    def run_together(
        self, *commands: Sequence[str], prefix: Sequence[str] = (), **environ: str
    ) -> list[Ended]:
        """Several commands at once, each to its end."""
        started = [self.start(*each, prefix=prefix, cwd=None, **environ) for each in commands]
        return [each.ended() for each in started]

    def json(self, *arguments: str) -> Any:
        """What a command says with --json."""
        ended = self.run(*arguments, "--json")
        assert ended.code == 0, ended.said
        return json.loads(ended.out)

    def daemon(self, **environ: str) -> Running:
        """`main.py` in the foreground, ready."""
        running = self.start(cwd=None, prefix=(), **environ)
        running.says("Ready in")
        return running

    # ---- looking ------------------------------------------------------------------------

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What its database holds; the embedded one is joined for the question."""
        with self._dsn() as dsn:
            return _ask(dsn, sql, values)

    def one(self, sql: str, *values: object) -> Any:
        """The single value of a question."""
        ((value,),) = self.rows(sql, *values)
        return value

    def counts(self) -> dict[str, int]:
        """How much there is of what must not be done twice."""
        tables = ("document", "document_raw", "document_text", "analysis", "insight", "paid_call")
        asked = ", ".join(f"(select count(*) from {table})" for table in tables)
        (found,) = self.rows(f"select {asked}, (select count(*) from dbos.workflow_status)")
        return dict(zip((*tables, "work"), found, strict=True))

    def runs(self, job: str = SCAN) -> list[tuple[str, str]]:
        """(slot, state) of a job's runs that were not skipped, oldest first."""
        asked = "select slot, state from job_run where job = %s and state <> 'skipped' order by id"
        return [(slot, state) for slot, state in self.rows(asked, job)]

    def analyses(self) -> dict[str, int]:
        """How often each company's documents were analysed, by ticker."""
        asked = "select ticker, count(*) from analysis join document d on d.id = document_id"
        return dict(self.rows(f"{asked} group by ticker order by ticker"))

    def log_lines(self) -> list[dict[str, Any]]:
        path = self.folder / "logs" / "retailxai.log"
        return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]

    def postmaster(self) -> int | None:
        """The pid of its embedded server."""
        return server_process.serving_pid((self.data / "postgres").resolve())

    @contextmanager
    def _dsn(self) -> Iterator[str]:
        """Where its database is; the embedded server runs at least as long as this is held."""
        if self.dsn is not None:
            yield self.dsn
            return
        server = EmbeddedServer(self.data)
        try:
            yield server.start()
        finally:
            server.leave()

    # ---- the end ------------------------------------------------------------------------

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for running in self._started:
            running.kill()
        pid = self.postmaster()
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)
            eventually(lambda: self.postmaster() is None, "the embedded server ends")
        shutil.rmtree(self._notes, ignore_errors=True)


def _ask(dsn: str, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
    connection = psycopg2.connect(dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(sql, values or None)
            return list(cursor.fetchall()) if cursor.description else []
    finally:
        connection.close()
