"""Houses that reach one PostgreSQL over TCP: one straight, one through a cable that can be cut."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from resilience.clock import SystemClock
from storage import server_process
from storage.embedded import EmbeddedServer
from tests.acceptance.conftest import PACE
from tests.acceptance.installation import CONTACT, QUICK, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import Running, eventually
from tests.servers.cable import Cable
from tests.servers.claude import KEY, ClaudeServer
from tests.servers.edgar import EdgarServer, filing_path
from tests.servers.http import Reply

PORT = 5432
TICKERS = ("COA", "COB", "COC", "COD", "COE", "COF", "COG", "COH", "COI", "COJ", "COK", "COL")


class Network:
    """`near` goes through the cable, `far` does not; `dsn` is neither: who looks at it is not cut.
    Both houses have the same companies and ask the same providers."""

    def __init__(self, folder: Path) -> None:
        self.clock = SystemClock()
        self.sec, self.claude = EdgarServer(), ClaudeServer()
        self._folder = folder
        self._held = ExitStack()
        # An address of our own: others may have a server on this port.
        pid = os.getpid()
        self._host = f"127.{1 + pid % 200}.{pid // 200 % 250}.{1 + id(self) // 64 % 250}"

    def __enter__(self) -> Self:
        rules = self._folder / "hba.conf"
        rules.write_text("local all all trust\nhost all all 127.0.0.0/8 trust\n", encoding="ascii")
        self.server = EmbeddedServer(self._folder / "server", fsync=False)
        self.server._settings |= {"listen_addresses": self._host, "hba_file": str(rules)}
        self._held.callback(self.server.leave)
        self.dsn = self.server.start()
        self.cable = self._held.enter_context(Cable((self._host, PORT)))
        self._held.enter_context(self.sec)
        self._held.enter_context(self.claude)
        self.near = self._house("near", self.cable.port, "127.0.0.1")
        self.far = self._house("far", PORT, self._host)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._held.close()

    def publishes(self, *tickers: str, wait_s: float = 0.0, **policies: object) -> None:
        """A release of each, which takes its time to come."""
        companies = [filer(number, ticker) for number, ticker in enumerate(tickers, 1)]
        for company in companies:
            self.sec.add(company)
            filing = company.filings[0]
            slow = Reply(body=filing.documents[1].content, wait_s=wait_s)
            self.sec.route("GET", filing_path(company.cik, filing, "/release.htm"), slow)
        rules: Mapping[str, object] = {**QUICK, **policies}
        self.near.miss_a_slot(companies=companies, policies=rules)
        self.far.configure(companies=companies, policies=rules)

    def busy_pair(self) -> tuple[Running, Running]:
        """A daemon through the cable and a worker straight, in the middle of a run."""
        self.publishes(*TICKERS, wait_s=2.0)
        other = self.far.start("worker")
        other.says("Ready in")
        daemon = self.near.daemon()
        eventually(lambda: any("/release.htm" in path for path in self.sec.paths()), "a fetch")
        return daemon, other

    # ---- the server ---------------------------------------------------------------------

    def end_server(self, number: signal.Signals) -> None:
        pid = server_process.serving_pid(self.server.cluster)
        if pid is not None:
            os.kill(pid, number)
            eventually(
                lambda: server_process.serving_pid(self.server.cluster) is None, "the server ends"
            )

    def freeze_server(self) -> Callable[[], None]:
        """All its processes; what is returned wakes them."""
        pid = server_process.serving_pid(self.server.cluster)
        assert pid is not None
        postmaster = psutil.Process(pid)
        postmaster.suspend()
        asleep = [postmaster, *postmaster.children(recursive=True)]
        for each in asleep[1:]:
            with suppress(psutil.NoSuchProcess):
                each.suspend()

        def wake() -> None:
            for each in asleep:
                with suppress(psutil.NoSuchProcess):  # a zombie when it was put to sleep
                    each.resume()

        self._held.callback(wake)
        return wake

    # ---- looking ------------------------------------------------------------------------

    def executor_of(self, running: Running) -> str:
        """Of the process as it is now; an earlier life of the same pid had another."""
        found: list[tuple[str]] = self.far.rows(
            "select executor from instance where pid = %s order by started_at desc limit 1",
            running.pid,
        )
        ((executor,),) = found
        return executor

    def has_succeeded(self) -> bool:
        return [state for _, state in self.far.runs()] == ["succeeded"]

    # ---- within -------------------------------------------------------------------------

    def _house(self, name: str, port: int, host: str) -> Installation:
        environ = {
            "SEC_CONTACT": CONTACT,
            "RETAILXAI_INSTANCE": name,
            "RETAILXAI_SEC_WWW_URL": self.sec.url,
            "RETAILXAI_SEC_DATA_URL": self.sec.url,
            "RETAILXAI_SEC_REQUESTS_PER_S": str(PACE),
            "RETAILXAI_CLAUDE_BATCHES": "false",
        }
        dsn = f"postgresql://retailxai@{host}:{port}/retailxai"
        house = Installation(self._folder / name, dsn=dsn, **environ)
        return self._held.enter_context(house)

    def asks_claude(self) -> None:
        for house in (self.near, self.far):
            house.environ |= {
                "ANTHROPIC_API_KEY": KEY,
                "RETAILXAI_CLAUDE_BASE_URL": self.claude.url,
            }
