"""The engine, on a real PostgreSQL: begun work is finished, by whom does not matter."""

from __future__ import annotations

import logging
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psycopg2
import pytest

from jobs.durable import Engine
from jobs.work import Work, WorkState
from resilience.clock import SystemClock
from resilience.outcomes import CallFailed, ShuttingDown
from storage.database import Database
from storage.leases import Instances
from tests.integration.jobs.worker import STEPS, engine_of, lines

pytestmark = pytest.mark.database

SOON_S = 30.0


def until(what: Callable[[], bool]) -> bool:
    """Polls a real process or thread."""
    deadline = time.monotonic() + SOON_S
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


class Bench:
    """Engines on one database, one at a time in this process."""

    def __init__(self, dsn: str) -> None:
        self.dsn = dsn
        self.fns: dict[str, Callable[..., object]] = {}
        self.open: Engine | None = None

    def engine(self) -> Engine:
        engine = Engine(
            self.dsn, uuid.uuid4().hex, queues={"q": 4}, clock=SystemClock(), poll_s=0.1
        )
        for name, fn in self.fns.items():
            engine.register(name, fn, "q")
        engine.launch()
        self.open = engine
        return engine


@pytest.fixture
def bench(dsn: str) -> Iterator[Bench]:
    bench = Bench(dsn)
    yield bench
    if bench.open is not None:
        bench.open.close(5)


def test_work_is_done_once_however_often_it_is_enqueued(bench: Bench) -> None:
    done: list[str] = []

    def note(work: Work, word: str) -> dict[str, str]:
        done.append(word)
        return {"word": word}

    bench.fns["note"] = note
    engine = bench.engine()
    for _ in range(3):
        engine.enqueue("note", "a", "hello")
    found = engine.wait(["a"], SOON_S)
    assert found["a"].state is WorkState.DONE
    assert found["a"].result == {"word": "hello"}
    engine.enqueue("note", "a", "again")
    assert engine.wait(["a"], SOON_S)["a"].result == {"word": "hello"}
    assert done == ["hello"]


def test_waiting_tells_each_end_and_gives_up_in_time(bench: Bench) -> None:
    go_on = threading.Event()
    bench.fns["quick"] = lambda work: "quick"
    bench.fns["slow"] = lambda work: go_on.wait(SOON_S)
    engine = bench.engine()
    engine.enqueue("quick", "q1")
    engine.enqueue("slow", "s1")
    told: list[str] = []
    found = engine.wait(["q1", "s1", "unknown"], 2.5, lambda status: told.append(status.id))
    assert set(found) == {"q1"}
    assert told == ["q1"]
    status = engine.status("s1")
    assert status is not None
    assert status.state is WorkState.RUNNING
    assert engine.running == 1
    go_on.set()
    assert engine.wait(["s1"], SOON_S)["s1"].state is WorkState.DONE
    assert engine.status("unknown") is None


def test_whoever_waits_may_run_out_of_patience(dsn: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The library waits without end for a database that is away; somebody at a terminal is
    told instead. Other errors come through as they are."""
    engine = Engine(dsn, "impatient", queues={"q": 1}, clock=SystemClock(), patience_s=0.2)
    never = threading.Event()
    monkeypatch.setattr(engine, "_statuses", lambda ids, states: never.wait(10))
    with pytest.raises(CallFailed, match=r"no answer for 0 s; the next scan takes up") as failed:
        engine.wait(["w"], 60)
    assert failed.value.retryable
    never.set()

    def broken(ids: object, states: object) -> None:
        raise ZeroDivisionError("a bug")

    monkeypatch.setattr(engine, "_statuses", broken)
    with pytest.raises(ZeroDivisionError, match="a bug"):
        engine.wait(["w"], 60)


def test_a_function_that_raises_ends_its_work_as_failed(bench: Bench) -> None:
    def broken(work: Work) -> None:
        raise ValueError("no such figure")

    bench.fns["broken"] = broken
    engine = bench.engine()
    engine.enqueue("broken", "b")
    status = engine.wait(["b"], SOON_S)["b"]
    assert status.state is WorkState.FAILED
    assert "no such figure" in status.error
    assert [one.id for one in engine.list([WorkState.FAILED])] == ["b"]


def test_work_may_enqueue_more_work(bench: Bench) -> None:
    """And wait for it, and be begun again without expecting the same again."""
    bench.fns["child"] = lambda work, n: n * 2

    def parent(work: Work, n: int) -> int:
        for number in range(n):
            engine.enqueue("child", f"c{number}", number)
        found = engine.wait([f"c{number}" for number in range(n)], SOON_S)
        return sum(status.result for status in found.values())

    bench.fns["parent"] = parent
    engine = bench.engine()
    engine.enqueue("parent", "p", 5)
    assert engine.wait(["p"], SOON_S)["p"].result == 20


def test_closing_leaves_work_at_its_last_step_and_the_next_engine_goes_on(bench: Bench) -> None:
    """The first step is not repeated; the process that stopped began no further one."""
    done: list[int] = []
    first_done = threading.Event()

    def did(number: int) -> int:
        done.append(number)
        return number

    def two_steps(work: Work) -> list[int]:
        one = work.step("one", did, 1)
        first_done.set()
        if len(done) == 1:
            work.stopping.wait(SOON_S)
        return [one, work.step("two", did, 2)]

    bench.fns["two"] = two_steps
    engine = bench.engine()
    engine.enqueue("two", "t")
    assert first_done.wait(SOON_S)
    assert engine.close(5)
    assert done == [1]
    done.append(0)
    engine = bench.engine()
    assert engine.recover(lambda executor: True) == 1
    assert engine.wait(["t"], SOON_S)["t"].result == [1, 2]
    assert done == [1, 0, 2]


def test_work_that_is_told_of_the_shutdown_is_left_and_not_failed(bench: Bench) -> None:
    begun: list[int] = []
    reached = threading.Event()

    def interrupted(work: Work) -> str:
        begun.append(1)
        reached.set()
        if len(begun) == 1:
            work.stopping.wait(SOON_S)
            raise ShuttingDown("shop", "stopped while waiting for its turn")
        return "done"

    bench.fns["one"] = interrupted
    engine = bench.engine()
    engine.enqueue("one", "o")
    assert reached.wait(SOON_S)
    assert engine.close(5)
    engine = bench.engine()
    engine.recover(lambda executor: True)
    assert engine.wait(["o"], SOON_S)["o"].result == "done"


def test_close_says_when_something_still_runs(bench: Bench) -> None:
    stuck, reached = threading.Event(), threading.Event()

    def deaf(work: Work) -> None:
        reached.set()
        stuck.wait(SOON_S)

    bench.fns["deaf"] = deaf
    engine = bench.engine()
    engine.enqueue("deaf", "d")
    assert reached.wait(SOON_S)
    assert engine.close(0.2) is False
    stuck.set()
    assert until(lambda: engine.running == 0)
    assert engine.close() is True


def test_recovery_touches_neither_the_living_nor_its_own(bench: Bench) -> None:
    go_on, reached = threading.Event(), threading.Event()

    def waiting(work: Work) -> None:
        reached.set()
        go_on.wait(SOON_S)

    bench.fns["waiting"] = waiting
    engine = bench.engine()
    engine.enqueue("waiting", "w")
    assert reached.wait(SOON_S)
    assert engine.recover(lambda executor: True) == 0
    assert engine.recover(lambda executor: False) == 0
    go_on.set()
    assert engine.wait(["w"], SOON_S)["w"].attempts == 1


def test_cancelled_work_is_not_begun(bench: Bench) -> None:
    go_on = threading.Event()
    bench.fns["waiting"] = lambda work: go_on.wait(SOON_S)
    engine = bench.engine()
    for number in range(5):  # four places in the queue
        engine.enqueue("waiting", f"w{number}")
    assert until(lambda: engine.running == 4)
    engine.cancel("w4")
    go_on.set()
    found = engine.wait([f"w{number}" for number in range(5)], SOON_S)
    assert Counter(status.state for status in found.values()) == {
        WorkState.DONE: 4,
        WorkState.CANCELLED: 1,
    }


def test_a_process_takes_work_from_the_queues_it_listens_to(bench: Bench) -> None:
    """A command helps with documents and leaves scheduled jobs to the daemons."""
    clock = SystemClock()
    engine = Engine(
        bench.dsn, "command", queues={"q": 4, "jobs": 4}, listens=["q"], clock=clock, poll_s=0.1
    )
    engine.register("here", lambda work: "here", "q")
    engine.register("there", lambda work: "there", "jobs")
    engine.launch()
    bench.open = engine
    engine.enqueue("there", "t")
    engine.enqueue("here", "h")
    assert engine.wait(["h"], SOON_S)["h"].state is WorkState.DONE
    status = engine.status("t")
    assert status is not None
    assert status.state is WorkState.QUEUED


def test_a_process_that_lost_its_hold_takes_nothing_new(bench: Bench) -> None:
    """What runs goes on; the queue waits until the hold is back."""
    go_on, may_take = threading.Event(), [True]
    engine = Engine(
        bench.dsn, "cut", queues={"q": 4}, clock=SystemClock(), poll_s=0.1,
        may_take=lambda: may_take[0],
    )  # fmt: skip
    engine.register("waiting", lambda work: go_on.wait(SOON_S), "q")
    engine.launch()
    bench.open = engine
    engine.enqueue("waiting", "runs")
    assert until(lambda: engine.running == 1)
    may_take[0] = False
    engine.enqueue("waiting", "waits")
    go_on.set()
    assert set(engine.wait(["runs", "waits"], 1.5)) == {"runs"}
    status = engine.status("waits")
    assert status is not None
    assert status.state is WorkState.QUEUED
    may_take[0] = True
    assert engine.wait(["waits"], SOON_S)["waits"].state is WorkState.DONE


def test_old_finished_work_is_forgotten_and_the_rest_kept(bench: Bench) -> None:
    go_on = threading.Event()
    bench.fns["quick"] = lambda work: None
    bench.fns["waiting"] = lambda work: go_on.wait(SOON_S)
    engine = bench.engine()
    engine.enqueue("quick", "old")
    engine.enqueue("waiting", "running")
    engine.wait(["old"], SOON_S)
    now = datetime.now(UTC)
    assert engine.forget(now - timedelta(days=30)) == 0
    assert engine.forget(now + timedelta(minutes=1)) == 1
    assert engine.status("old") is None
    assert engine.status("running") is not None
    go_on.set()


def test_what_is_stored_is_json_and_no_pickle(bench: Bench) -> None:
    """Readable by a person and by another version, and nothing that runs when loaded."""
    bench.fns["quick"] = lambda work, word: {"said": word}
    engine = bench.engine()
    engine.enqueue("quick", "j", "hello")
    engine.wait(["j"], SOON_S)
    connection = psycopg2.connect(bench.dsn)
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "select i.inputs, o.output, s.serialization, s.application_version"
                "  from dbos.workflow_status s"
                "  join dbos.workflow_input i using (workflow_uuid)"
                "  join dbos.workflow_output o using (workflow_uuid)"
            )
            row = cursor.fetchone()
    finally:
        connection.close()
    assert row is not None
    assert '"hello"' in row[0]
    assert row[1:] == ('{"said":"hello"}', "portable_json", "1")


def test_it_opens_and_closes_any_number_of_times(bench: Bench) -> None:
    bench.fns["quick"] = lambda work, n: n
    before = threading.active_count()
    for number in range(4):
        engine = bench.engine()
        engine.enqueue("quick", f"q{number}", number)
        assert engine.wait([f"q{number}"], SOON_S)[f"q{number}"].result == number
        assert engine.close(5)
        assert engine.close(5)
    assert until(lambda: threading.active_count() <= before)


def test_it_is_quiet_and_prints_nothing(
    bench: Bench, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    bench.fns["quick"] = lambda work: None
    with caplog.at_level(logging.INFO):
        engine = bench.engine()
        engine.enqueue("quick", "q")
        engine.wait(["q"], SOON_S)
        engine.close(5)
    assert [record.getMessage() for record in caplog.records if record.name == "dbos"] == []
    assert capfd.readouterr() == ("", "")


def test_a_database_that_is_not_there_is_named() -> None:
    engine = Engine(
        "postgresql://nobody@127.0.0.1:1/none", "x", queues={"q": 1}, clock=SystemClock()
    )
    with pytest.raises(CallFailed, match="the durable engine cannot start") as caught:
        engine.launch()
    assert caught.value.retryable
    assert engine.close() is True


def test_an_unknown_queue_is_refused() -> None:
    engine = Engine("postgresql://x/y", "x", queues={"q": 1}, clock=SystemClock())
    with pytest.raises(ValueError, match="there is no queue 'other'"):
        engine.register("work", lambda work: None, "other")


# ---- trouble ----------------------------------------------------------------------------


class Cable:
    """A way to the server that can be pulled: a link to its socket."""

    def __init__(self, dsn: str, folder: Path) -> None:
        self.straight = dsn
        query = parse_qs(urlsplit(dsn).query)
        self.socket = Path(query["host"][0]) / f".s.PGSQL.{query['port'][0]}"
        self.link = folder / self.socket.name
        self.dsn = dsn.replace(quote(query["host"][0], safe=""), quote(str(folder), safe=""))
        self.plug()

    def plug(self) -> None:
        self.link.symlink_to(self.socket)

    def pull(self) -> None:
        """No new connection, and the open ones end, as when the server restarts."""
        self.link.unlink()
        connection = psycopg2.connect(self.straight)
        try:
            with connection.cursor() as cursor:
                cursor.execute(
                    "select count(pg_terminate_backend(pid)) from pg_stat_activity"
                    " where datname = current_database()"
                    "   and application_name = 'retailxai-engine'"
                )
        finally:
            connection.close()


def test_work_in_flight_outlives_an_outage_of_the_database(dsn: str) -> None:
    """Over a Unix socket, the embedded server's way: nothing is lost, nothing done twice."""
    folder = Path(tempfile.mkdtemp(prefix="rx-"))  # a socket's path must be short
    cable = Cable(dsn, folder)
    assert cable.dsn != dsn
    bench = Bench(cable.dsn)
    done: list[str] = []
    lock = threading.Lock()

    def note(word: str) -> str:
        with lock:
            done.append(word)
        return word

    def three(work: Work) -> None:
        for number in range(3):
            work.step(f"s{number}", note, f"{work.id}:{number}")
            work.stopping.wait(0.3)

    bench.fns["three"] = three
    engine = bench.engine()
    ids = [f"w{number}" for number in range(8)]
    try:
        for work_id in ids:
            engine.enqueue("three", work_id)
        assert until(lambda: len(done) >= 4)
        cable.pull()
        threading.Event().wait(1.5)
        cable.plug()
        found = engine.wait(ids, SOON_S)
    finally:
        engine.close(5)
        shutil.rmtree(folder)
    assert {status.state for status in found.values()} == {WorkState.DONE}
    # A step whose record was lost with the connection is done again; none is left out.
    assert set(done) == {f"{work_id}:{number}" for work_id in ids for number in range(3)}
    assert len(done) - len(set(done)) <= 4


def test_work_that_was_claimed_and_lost_is_put_back(bench: Bench) -> None:
    """The engine claims in one transaction and begins after it; in between the database may
    go away, and nobody but this process, which lives, could take the work up."""
    bench.fns["quick"] = lambda work: "done"
    engine = bench.engine()
    engine.enqueue("quick", "q")
    engine.wait(["q"], SOON_S)
    connection = psycopg2.connect(bench.dsn)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(
                "update dbos.workflow_status set status = 'PENDING', executor_id = %s,"
                " completed_at = null where workflow_uuid = 'q'",
                (engine.executor_id,),
            )
            cursor.execute("delete from dbos.workflow_output where workflow_uuid = 'q'")
    finally:
        connection.close()
    assert engine.recover(lambda executor: False) == 0  # it may just be beginning
    engine._stranded_s = 0.0
    assert engine.recover(lambda executor: False) == 1
    assert engine.wait(["q"], SOON_S)["q"].state is WorkState.DONE


# ---- several processes ------------------------------------------------------------------


class Worker:
    """A process of its own, to be killed."""

    def __init__(self, dsn: str, log: Path, *ids: str) -> None:
        self.executor = f"worker-{uuid.uuid4().hex[:8]}"
        module = "tests.integration.jobs.worker"
        self.process = subprocess.Popen(
            [sys.executable, "-m", module, dsn, self.executor, str(log), *ids]
        )
        self.log = log

    def ready(self) -> bool:
        return until(lambda: f"{self.executor}:ready" in lines(self.log))

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@pytest.fixture
def workers() -> Iterator[list[Worker]]:
    started: list[Worker] = []
    yield started
    for worker in started:
        worker.kill()


def noted(log: Path) -> list[str]:
    return [line for line in lines(log) if not line.endswith(":ready")]


def test_a_killed_process_leaves_its_work_to_another(
    dsn: str, database: Database, tmp_path: Path, workers: list[Worker]
) -> None:
    """kill -9 in the middle of four pieces of work: another executor finishes them from their
    last steps. A step that was under way may be done again, a finished one is not."""
    log = tmp_path / "bill"
    ids = [f"w{number}" for number in range(4)]
    worker = Worker(dsn, log, *ids)
    workers.append(worker)
    instances = Instances(database)
    engine = engine_of(dsn, "rescuer")
    assert until(lambda: len(noted(log)) >= 6)
    worker.kill()
    assert until(lambda: instances.is_dead(worker.executor))
    engine.launch()
    try:
        assert engine.recover(instances.is_dead) >= 1
        found = engine.wait(ids, SOON_S)
    finally:
        engine.close(5)
    assert {status.state for status in found.values()} == {WorkState.DONE}
    counts = Counter(noted(log))
    assert set(counts) == {f"{i}:{n}" for i in ids for n in range(STEPS)}
    assert sum(counts.values()) - len(counts) <= 4  # at most the step each was in


def test_two_processes_do_nothing_twice(dsn: str, tmp_path: Path, workers: list[Worker]) -> None:
    """Both enqueue the same ids and both work: every step is done once."""
    log = tmp_path / "bill"
    worker = Worker(dsn, log)
    workers.append(worker)
    assert worker.ready()
    engine = engine_of(dsn, "second")
    engine.launch()
    ids = [f"w{number}" for number in range(24)]
    try:
        for _ in range(2):
            for work_id in ids:
                engine.enqueue("steps", work_id, str(log), 0.1)
        found = engine.wait(ids, SOON_S)
    finally:
        engine.close(5)
    assert {status.state for status in found.values()} == {WorkState.DONE}
    assert Counter(noted(log)) == Counter(f"{i}:{n}" for i in ids for n in range(STEPS))
    assert {status.executor for status in found.values()} == {"second", worker.executor}
