"""Policies in whole processes over a real PostgreSQL, when processes and servers are killed."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from resilience.clock import SystemClock
from storage import server_process
from storage.embedded import EmbeddedServer
from tests.acceptance.caller import FAILED, MADE, READY, Note, Notes
from tests.acceptance.installation import CONTACT, SCAN, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import Running, eventually
from tests.acceptance.test_two_daemons import page
from tests.servers.edgar import EdgarServer
from tests.servers.http import LoopbackServer, RecordedRequest, Reply, closed_port

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

ROOT = Path(__file__).resolve().parents[2]
CALLER = (sys.executable, "-m", "tests.acceptance.caller")
SERVICES = ("claude", "edgar")
CLOCK = SystemClock()


class Callers:
    """Processes of one installation that only call services, and what they noted."""

    def __init__(self, house: Installation, settings: str = "") -> None:
        self.house = house
        self.notes = Notes(house.folder / "notes.jsonl")
        (house.folder / "retailxai.toml").write_text(settings, encoding="utf-8")

    def begin(self, *arguments: str, name: str = "main") -> Running:
        return self.house.start(
            str(self.notes.path),
            *arguments,
            program=CALLER,
            RETAILXAI_INSTANCE=name,
            PYTHONPATH=str(ROOT),
        )

    def ready(self, caller: Running) -> None:
        """It has made, or tried to make, its first calls."""

        def look() -> bool:
            assert caller.lives(), caller.err[-3000:]
            return bool(self.notes.read(what=READY, pid=caller.pid))

        eventually(look, "the caller is ready")

    def start(self, *arguments: str, name: str = "main") -> Running:
        caller = self.begin(*arguments, name=name)
        self.ready(caller)
        return caller

    def made(self, service: str) -> list[Note]:
        return self.notes.read(service, MADE)

    def since(self, at: float, service: str, what: str) -> list[Note]:
        return [note for note in self.notes.read(service, what) if note.at > at]


class Counted:
    """A server that remembers when it was asked, and answers as it is told to."""

    def __init__(self, server: LoopbackServer) -> None:
        self.server = server
        self.asked: dict[str, list[float]] = {}
        self.answer: dict[str, Reply] = {}
        server.otherwise(self._reply)

    def url(self, path: str) -> str:
        return f"{self.server.url}{path}"

    def since(self, at: float, *paths: str) -> list[float]:
        return sorted(each for path in paths for each in self.asked.get(path, []) if each > at)

    def _reply(self, request: RecordedRequest) -> Reply:
        self.asked.setdefault(request.path, []).append(CLOCK.monotonic())
        return self.answer.get(request.path, Reply.json({}))


@pytest.fixture
def service() -> Iterator[Counted]:
    with LoopbackServer() as server:
        yield Counted(server)


# ---- killed again and again -----------------------------------------------------------------

STARTS = 6
KILLED_AFTER_S = 1.6
MOST_CALLS = 12


def test_a_crash_loop_leaves_a_dead_service_alone(
    house: Installation, fast_path: Path, empty_dsn: str, service: Counted
) -> None:
    """With the numbers as they are shipped and eight threads for each service, by function here
    and over HTTP there: what the first start learned before it was killed holds for the other
    five. They make not a single call, and every caller is told until when."""
    shipped = (ROOT / "retailxai.toml").read_text(encoding="utf-8")
    with Installation(fast_path / "by-http", dsn=empty_dsn) as other:
        by_function, by_http = Callers(house, shipped), Callers(other, shipped)
        for name in SERVICES:
            by_function.notes.down(name).touch()
            service.answer[f"/{name}"] = Reply(status=503)
        urls = [f"{name}={service.url(f'/{name}')}" for name in SERVICES]
        first: dict[str, int] = {}
        for _ in range(STARTS):
            started = CLOCK.monotonic()
            pair = (by_function.begin(*SERVICES), by_http.begin(*urls))
            for callers, caller in zip((by_function, by_http), pair, strict=True):
                callers.ready(caller)
            CLOCK.wait(KILLED_AFTER_S)
            for caller in pair:
                caller.kill()
            calls = {name: len(by_function.made(name)) for name in SERVICES}
            calls |= {path: len(each) for path, each in service.asked.items()}
            first = first or calls
            assert calls == first
            for callers in (by_function, by_http):
                for name in SERVICES:
                    told = callers.since(started, name, "CircuitOpen")
                    assert told, f"{name} was not asked for"
                    assert all(note.retry_at for note in told)
        assert set(first) == {*SERVICES, *(f"/{name}" for name in SERVICES)}
        assert max(first.values()) <= MOST_CALLS, first


BLOCK, THREADS = 10, 8
LIMITS = {"edgar": 100, "claude": 2000}
QUOTAS = """
[[policies.edgar.rates]]
rate = 10
shared = true
[[policies.edgar.quotas]]
limit = 100
block = 10
[[policies.claude.rates]]
rate = 300
[[policies.claude.quotas]]
limit = 2000
block = 10
"""


def test_a_quota_is_never_over_spent(house: Installation) -> None:
    """Six processes, two at a time, are killed while eight threads of each spend it. Each loses
    what it had in hand, at most one block (and the call that was being made). Two others spend
    the rest together: exactly that, and then all are told when it begins anew."""
    callers = Callers(house, QUOTAS)
    lost = dict.fromkeys(LIMITS, 0)
    leased = "select leased::int from policy_quota where service = %s"
    for _ in range(STARTS // 2):
        pair = [callers.begin(*SERVICES, name=name) for name in ("one", "other")]
        for caller in pair:
            callers.ready(caller)
        CLOCK.wait(0.7)
        for caller in pair:
            caller.kill()
        for name, lost_before in lost.items():
            lost[name] = house.one(leased, name) - len(callers.made(name))
            assert 0 <= lost[name] - lost_before <= 2 * (BLOCK + 1), name
    pair = [callers.begin(*SERVICES, name=name) for name in ("one", "other")]

    def is_used_up(name: str) -> bool:
        told = {note.pid for note in callers.notes.read(name, "QuotaExhausted")}
        is_spent = len(callers.made(name)) >= LIMITS[name] - lost[name]
        return is_spent and told >= {each.pid for each in pair}

    for name in LIMITS:
        eventually(partial(is_used_up, name), f"the quota of {name} is used up")
        assert all(note.retry_at for note in callers.notes.read(name, "QuotaExhausted"))
    for caller in pair:
        assert caller.stop().code == 0
    assert {name: len(callers.made(name)) for name in LIMITS} == {
        name: limit - lost[name] for name, limit in LIMITS.items()
    }


# ---- without the database -------------------------------------------------------------------

BACK_WITHIN_S = 15.0
AWAY = """
[[policies.claude.rates]]
rate = 100
burst = 10
[[policies.claude.quotas]]
limit = 100_000
block = 10
"""


def test_a_database_that_is_killed_under_calls(fast_path: Path) -> None:
    """kill -9 of PostgreSQL: policies go on deciding. Of a quota only what was in hand is spent,
    and then each caller is told when to ask again; a circuit that opens meanwhile holds at once,
    and is stored when the server is back. Then the quota is there again too, within 15 s."""
    server = EmbeddedServer(fast_path / "server", fsync=False)
    try:
        with Installation(fast_path / "house", dsn=server.start()) as house:
            callers = Callers(house, AWAY)
            caller = callers.start(*SERVICES)
            eventually(lambda: len(callers.made("claude")) > 3 * BLOCK, "it calls")
            pid = server_process.serving_pid(server.cluster)
            assert pid is not None
            os.kill(pid, signal.SIGKILL)
            killed_at = CLOCK.monotonic()
            callers.notes.down("edgar").touch()
            opened = eventually(
                lambda: callers.since(killed_at, "edgar", "CircuitOpen"), "edgar's circuit opens", 5
            )
            rejected = eventually(
                lambda: callers.since(killed_at, "claude", "QuotaExhausted"), "no quota in hand", 5
            )
            CLOCK.wait(1.0)
            assert server_process.serving_pid(server.cluster) is None, "it was away all the time"
            assert all(note.retry_at for note in (*opened, *rejected))
            assert "cannot be asked" in rejected[0].said
            spent_by = rejected[0].at + 0.5  # what waited for its turn then has gone
            assert not callers.since(spent_by, "claude", MADE)

            server.start()
            back_at = CLOCK.monotonic()
            eventually(
                lambda: callers.since(back_at, "claude", MADE), "claude is called", BACK_WITHIN_S
            )
            stored = "select state, open_until > now() from policy_breaker where service = 'edgar'"
            left_s = BACK_WITHIN_S - (CLOCK.monotonic() - back_at)
            eventually(lambda: house.rows(stored) == [("open", True)], "it is stored", left_s)
            spent = callers.made("claude")
            leased = house.one("select leased from policy_quota where service = 'claude'")
            assert len(spent) <= leased
            assert caller.stop().code == 0
    finally:
        server.leave()


# ---- beside each other ----------------------------------------------------------------------

PACE = 8  # a second, of all together: what is shipped
MOST_IN_A_SECOND = 10  # what the SEC bears: a turn is kept, but its request may be under way
KNOWN_AFTER_S = 3.0
COUNTED_S = 4.0
PAUSE_S = 8
TOGETHER = """
[policies.edgar]
max_queue_s = 1
wait_s = 0.5
max_wait_s = 1
"""


@dataclass(frozen=True)
class Pair:
    """Two processes that share one database and call edgar, each a page of its own."""

    callers: Callers
    service: Counted
    first: Running
    second: Running


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory, module_dsn: str) -> Iterator[Pair]:
    """The wall clock of the second is two hours ahead."""
    folder = tmp_path_factory.mktemp("pair")
    with LoopbackServer() as server, Installation(folder / "house", dsn=module_dsn) as house:
        service, callers = Counted(server), Callers(house, TOGETHER)
        first = callers.begin(f"edgar={service.url('/first')}", name="first")
        second = callers.begin(f"edgar={service.url('/second')}", "--ahead-s=7200", name="second")
        callers.ready(first)
        callers.ready(second)
        yield Pair(callers, service, first, second)
        assert first.stop().code == second.stop().code == 0


def test_two_processes_keep_one_pace(pair: Pair) -> None:
    """Eight threads each, and together what one alone would be allowed, shared alike."""
    CLOCK.wait(KNOWN_AFTER_S)
    began = CLOCK.monotonic()
    CLOCK.wait(COUNTED_S)
    asked = pair.service.since(began, "/first", "/second")
    assert 0.7 * PACE * COUNTED_S <= len(asked) <= PACE * COUNTED_S + 2
    most = max(sum(at <= each < at + 1.0 for each in asked) for at in asked)
    assert most <= MOST_IN_A_SECOND
    for path in ("/first", "/second"):
        assert len(pair.service.since(began, path)) >= 0.3 * len(asked), path


def test_a_pause_holds_every_process(pair: Pair) -> None:
    """One 429 with Retry-After to the first: the second leaves edgar alone within 3 s, and so
    does a third that starts later, whatever the day is on their clocks; when it is over all go
    on by themselves."""
    callers, service = pair.callers, pair.service
    service.answer["/first"] = Reply(status=429, headers={"retry-after": str(PAUSE_S)})
    refused = eventually(lambda: callers.notes.read("edgar", FAILED, pair.first.pid), "the 429")
    service.answer.clear()
    asked_at = refused[0].at
    third = callers.start(f"edgar={service.url('/third')}", "--ahead-s=-86400", name="third")
    paths = ("/first", "/second", "/third")
    for path in paths:
        eventually(partial(service.since, asked_at + KNOWN_AFTER_S, path), f"{path} goes on")
    pids = {pair.first.pid, pair.second.pid, third.pid}
    for path in paths:
        goes_on_after_s = service.since(asked_at + KNOWN_AFTER_S, path)[0] - asked_at
        assert PAUSE_S - 0.2 <= goes_on_after_s <= PAUSE_S + 5, path
    assert service.since(asked_at, "/third")[0] >= asked_at + PAUSE_S - 0.2
    told = [
        note
        for note in callers.since(asked_at, "edgar", "RateLimited")
        if "paused for another" in note.said and note.at < asked_at + PAUSE_S
    ]
    # The third waits for its part of the shared rate first, and may have no need to be told.
    assert {pair.first.pid, pair.second.pid} <= {note.pid for note in told} <= pids
    assert all(note.retry_at for note in told)
    assert third.stop().code == 0


# ---- in the daemon --------------------------------------------------------------------------

TICKERS = ("COA", "COB", "COC", "COD", "COE", "COF")
SHORT = {"wait_s": 0.05, "max_wait_s": 0.2, "timeout_s": 5, "open_s": 4, "max_open_s": 4}


def test_a_scan_that_meets_a_dead_edgar_does_its_work_when_it_is_back(house: Installation) -> None:
    """The scheduled scan is put off, and the ledger says why and until when. Nothing waits for
    it in the meantime: no work is under way, the daemon answers and is degraded, not dead. When
    the server is there again the same run reads everything, once."""
    port = closed_port()
    url = f"http://127.0.0.1:{port}"
    house.environ |= {
        "SEC_CONTACT": CONTACT,
        "RETAILXAI_SEC_WWW_URL": url,
        "RETAILXAI_SEC_DATA_URL": url,
    }
    companies = [filer(number, ticker) for number, ticker in enumerate(TICKERS, 1)]
    house.miss_a_slot(companies=companies, policies=SHORT)
    daemon = house.daemon()
    put_off = (
        "select reason from job_run where job = %s and state = 'deferred'"
        " and not_before > now() + interval '2 seconds' and not exists"
        " (select from dbos.workflow_status where status in ('PENDING', 'ENQUEUED'))"
    )
    ((reason,),) = eventually(partial(house.rows, put_off, SCAN), "it is put off")
    assert reason.startswith("edgar: circuit open")
    assert page(house, "/health/live")[0] == 200
    status, health = page(house, "/health")
    assert (status, health) == (200, '{"status":"warn"}')
    shown = house.run("status")
    assert shown.code == 1
    assert "degraded  the breaker of edgar is open" in shown.out
    assert house.analyses() == {}

    with EdgarServer(port) as sec:
        for company in companies:
            sec.add(company)
        eventually(lambda: [state for _, state in house.runs()] == ["succeeded"], "its work", 30)
        assert house.analyses() == dict.fromkeys(TICKERS, 1)
        assert daemon.stop().code == 0


# ---- the end --------------------------------------------------------------------------------

STOPPED_WITHIN_S = 3.0
WAITING = """
[[policies.edgar.rates]]
rate = 1
per_s = 5
shared = true

[policies.claude]
wait_s = 60
max_wait_s = 60
failure_threshold = 0
failure_rate_pct = 0
"""


def test_sigterm_ends_waits_for_a_turn_and_before_another_try(house: Installation) -> None:
    """All threads wait, for a turn of the rate or before they try again: the process ends within
    3 s, with exit code 0, and each call ended as what it is."""
    callers = Callers(house, WAITING)
    callers.notes.down("claude").touch()
    caller = callers.start(*SERVICES)
    eventually(lambda: len(callers.made("claude")) >= 4, "claude failed")
    eventually(lambda: callers.made("edgar"), "edgar is called")
    began = CLOCK.monotonic()
    ended = caller.stop(2 * STOPPED_WITHIN_S)
    assert ended.code == 0, ended.said
    assert CLOCK.monotonic() - began <= STOPPED_WITHIN_S
    assert "Traceback" not in ended.err
    for name in SERVICES:
        assert len(callers.since(began, name, "ShuttingDown")) == THREADS, name


FAST = 1000
FAST_WITHIN_S = 0.05


def test_an_open_circuit_costs_its_callers_nothing(house: Installation, service: Counted) -> None:
    """1,000 calls over HTTP with the circuit open: not one reaches the server, and all together
    take less than 50 ms (four times that is allowed for what else may run here)."""
    service.answer["/edgar"] = Reply(status=503)
    callers = Callers(house, "[policies.edgar]\nattempts = 1\n")
    caller = callers.start("--fail-fast", str(FAST), f"edgar={service.url('/edgar')}")
    (note,) = eventually(lambda: callers.notes.read("edgar"), "it has called")
    assert note.what == f"{FAST} CircuitOpen"
    assert len(service.asked["/edgar"]) == 5, "what opened it"
    assert note.took_s <= 4 * FAST_WITHIN_S
    assert caller.stop().code == 0
