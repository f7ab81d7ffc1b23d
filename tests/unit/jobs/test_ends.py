"""How work ended is written for all that ended meanwhile, and for each at last."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence

import pytest

from jobs import ends as module
from jobs.ends import Ends
from resilience.outcomes import CallFailed, Rejected
from storage.engine_work import Ended

PATIENCE_S = 10.0


class Disk:
    """Where ends are written; `held` keeps a writer waiting."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.errors: list[Exception] = []
        self.refused: set[str] = set()
        self.held = threading.Event()
        self.held.set()
        self.reached = threading.Event()

    def write(self, batch: Sequence[Ended]) -> None:
        self.reached.set()
        assert self.held.wait(PATIENCE_S)
        if self.errors:
            raise self.errors.pop(0)
        ids = [each.id for each in batch]
        if self.refused & set(ids):
            raise CallFailed("database", "no such character", retryable=False)
        self.batches.append(ids)


def end(work_id: str) -> Ended:
    return Ended(work_id, "claim", "SUCCESS", output="null")


@pytest.fixture
def disk() -> Disk:
    return Disk()


@pytest.fixture
def ends(disk: Disk, monkeypatch: pytest.MonkeyPatch) -> Iterator[Ends]:
    monkeypatch.setattr(module, "AGAIN_S", 0.01)
    ends = Ends(disk.write)
    ends.start()
    yield ends
    disk.held.set()
    ends.stop()


def test_what_ends_while_one_batch_is_written_is_the_next(disk: Disk, ends: Ends) -> None:
    disk.held.clear()
    ends.add(end("a"))
    assert disk.reached.wait(PATIENCE_S)
    for work_id in "bcd":
        ends.add(end(work_id))
    assert ends.waiting() == {"a", "b", "c", "d"}
    assert not ends.wait_until_written(0.01)
    disk.held.set()
    assert ends.wait_until_written(PATIENCE_S)
    assert disk.batches == [["a"], ["b", "c", "d"]]
    assert ends.waiting() == set()


@pytest.mark.parametrize(
    "away", [CallFailed("database", "gone", retryable=True), Rejected("database", "circuit open")]
)
def test_a_database_that_is_away_is_tried_again(
    disk: Disk, ends: Ends, away: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    disk.errors = [away, away]
    with caplog.at_level(logging.INFO, logger="jobs.ends"):
        ends.add(end("a"))
        assert ends.wait_until_written(PATIENCE_S)
    assert disk.batches == [["a"]]
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


def test_one_that_cannot_be_written_takes_no_other_with_it(
    disk: Disk, ends: Ends, caplog: pytest.LogCaptureFixture
) -> None:
    disk.held.clear()
    disk.refused = {"poison"}
    for work_id in ("a", "poison", "b"):
        ends.add(end(work_id))
    disk.held.set()
    assert ends.wait_until_written(PATIENCE_S)
    assert sorted(work_id for batch in disk.batches for work_id in batch) == ["a", "b"]
    assert "how poison ended cannot be written" in caplog.text


def test_it_stops_although_nothing_can_be_written(disk: Disk, ends: Ends) -> None:
    disk.errors = [CallFailed("database", "gone", retryable=True)] * 1000
    ends.add(end("a"))
    ends.stop()
    ends.stop()
    assert disk.batches == []


def test_one_that_was_never_started_can_be_stopped(disk: Disk) -> None:
    Ends(disk.write).stop()
