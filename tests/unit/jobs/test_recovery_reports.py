"""What is said of a recovery: of every start, and of a later look that found something."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, cast

import pytest

from jobs.recovery import Recovery
from jobs.recovery_reports import MENDED, WAITS, Holdings, ReportedRecovery, Told
from resilience.testing import FakeClock
from storage.errors import DatabaseUnavailable
from storage.recovery_reports import Finding
from tests.unit.jobs.fakes import FakeEngine
from tests.unit.jobs.test_recovery import Graveyard, ledger_with


class FakeReports:
    """`away`: raised by the next that is written."""

    def __init__(self) -> None:
        self.begun = 0
        self.finished: dict[int, Sequence[Finding]] = {}
        self.added: list[Sequence[Finding]] = []
        self.away: list[Exception] = []

    def begin(self, executor: str) -> int:
        self._reach()
        self.begun += 1
        return self.begun

    def finish(self, report_id: int, found: Sequence[Finding], took_s: float) -> bool:
        self._reach()
        self.finished[report_id] = found
        return True

    def add(self, executor: str, found: Sequence[Finding], took_s: float) -> None:
        self._reach()
        self.added.append(found)

    def _reach(self) -> None:
        if self.away:
            raise self.away.pop(0)


class Bench:
    def __init__(self, clock: FakeClock, left: Mapping[str, int] | None = None) -> None:
        self.told = Told()
        self.reports = FakeReports()
        self.finds: list[Callable[[], None]] = []
        self.recovery = ReportedRecovery(
            self._sweep, self.told, lambda: left or {}, self.reports, "us", clock
        )

    def _sweep(self) -> None:
        while self.finds:
            self.finds.pop(0)()

    def will_find(self, **counts: int) -> None:
        for what, count in counts.items():
            self.finds.append(partial(self.told, what, count))

    def will_fail(self) -> None:
        def fail() -> None:
            raise DatabaseUnavailable("database", "gone")

        self.finds.append(fail)


def counts(found: Sequence[Finding]) -> dict[str, int]:
    return {one.what: one.count for one in found}


def test_every_start_is_reported_also_one_that_found_nothing(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench = Bench(clock)
    bench.recovery.look()
    assert bench.reports.finished == {1: ()}
    (line,) = caplog.records
    assert line.levelno == logging.INFO
    assert "nothing to put right" in line.message


def test_a_start_says_what_was_left_and_what_became_of_it_in_one_line(
    clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bench = Bench(clock, {"documents fetched": 3, "calls in doubt": 1, "runs deferred": 0})
    bench.will_find(work=16, runs=1, agents=2)
    bench.recovery.look()
    (found,) = bench.reports.finished.values()
    assert [(one.count, one.is_mended) for one in found] == [
        (1, True),
        (16, True),
        (2, True),
        (3, False),
        (1, False),
    ]
    (line,) = caplog.records
    assert line.levelno == logging.WARNING
    for words in (
        "1 runs whose process died: free to be claimed again",
        "16 pieces of work whose process died: back in their queues",
        "not done yet: 3 documents fetched, 1 calls in doubt",
    ):
        assert words in line.message


def test_a_later_look_is_reported_only_if_it_found_something(clock: FakeClock) -> None:
    bench = Bench(clock, {"documents fetched": 3})
    bench.recovery.look()
    bench.recovery.look()
    bench.recovery.look()
    assert bench.reports.added == []
    bench.will_find(calls=1)
    bench.recovery.look()
    bench.recovery.look()
    assert [counts(found) for found in bench.reports.added] == [
        {"paid calls whose process died before the answer": 1}
    ]
    assert bench.reports.begun == 1


def test_what_a_look_that_broke_off_put_right_is_in_the_next_report(clock: FakeClock) -> None:
    """The database went away between two steps, and again before the report was stored."""
    bench = Bench(clock)
    bench.recovery.look()
    bench.will_find(runs=2)
    bench.will_fail()
    with pytest.raises(DatabaseUnavailable):
        bench.recovery.look()
    bench.reports.away = [DatabaseUnavailable("database", "gone")]
    with pytest.raises(DatabaseUnavailable):
        bench.recovery.look()
    bench.will_find(runs=1)
    bench.recovery.look()
    bench.recovery.look()
    assert [counts(found) for found in bench.reports.added] == [{"runs whose process died": 3}]


def test_a_start_that_could_not_be_reported_is_one_the_next_time(clock: FakeClock) -> None:
    """And the report that was begun stays open, as of a process that died over it."""
    bench = Bench(clock)
    bench.will_find(runs=2)
    bench.will_fail()
    with pytest.raises(DatabaseUnavailable):
        bench.recovery.look()
    bench.recovery.look()
    assert list(bench.reports.finished) == [2]
    assert counts(bench.reports.finished[2]) == {"runs whose process died": 2}


def test_recovery_tells_of_every_step(clock: FakeClock) -> None:
    """Runs, work, calls, and the steps that were handed in; each with one verdict."""
    engine, told, graves = FakeEngine(), Told(), Graveyard("dead")
    engine.pending_of = {"dead": 16}
    Recovery(
        ledger_with("dead", "slow"),
        engine,
        graves,
        clock,
        settle_calls=lambda: 2,
        further=lambda is_dead: {"agents": int(is_dead("dead")) + int(is_dead("slow"))},
        tell=told,
    ).sweep()
    assert told.counts() == {"runs": 1, "work": 16, "calls": 2, "agents": 1, "processes": 1}
    assert sorted(graves.asked) == ["dead", "slow"]


class Holders:
    """Of agents and of reports: "dead" and "slow" hold one of each."""

    def __init__(self) -> None:
        self.taken: list[tuple[str, ...]] = []

    def holders(self) -> list[str]:
        return ["dead", "slow"]

    def evict(self, executors: Sequence[str]) -> list[str]:
        self.taken.append(tuple(executors))
        return ["edgar"] * len(executors)

    def release_claims(self, executors: Sequence[str]) -> int:
        self.taken.append(tuple(executors))
        return len(executors)


def test_from_the_dead_is_taken_what_they_hold_and_from_the_living_nothing() -> None:
    held = Holders()
    holdings = Holdings(cast(Any, held), cast(Any, held))
    assert holdings.take_back(lambda _: False) == {}
    assert held.taken == []
    assert holdings.take_back(lambda executor: executor == "dead") == {"agents": 1, "claims": 1}
    assert held.taken == [("dead",), ("dead",)]


def test_all_that_is_told_has_its_words() -> None:
    assert all(words and done for words, done in MENDED.values())
    assert all(WAITS.values())
