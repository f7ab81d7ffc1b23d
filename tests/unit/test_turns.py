"""Tests that measure time have the machine for themselves; nobody waits for ever."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from tests import turns

SOON_S, NOT_YET_S = 10.0, 0.1


@pytest.fixture(autouse=True)
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another than the one this very test is in."""
    (tmp_path / "room").touch()
    monkeypatch.setattr(turns, "_ROOM", tmp_path / "room")
    monkeypatch.setattr(turns, "_DOOR", tmp_path)
    monkeypatch.setenv("PYTEST_XDIST_WORKER", "gw0")


class Visitor:
    """A worker with one test."""

    def __init__(self, *, alone: bool) -> None:
        self.inside, self.leave = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._visit, args=(alone,))
        self._thread.start()

    def _visit(self, alone: bool) -> None:
        with turns.turn(alone=alone):
            self.inside.set()
            self.leave.wait(SOON_S)

    def go(self) -> None:
        self.leave.set()
        self._thread.join(SOON_S)


def test_others_are_inside_together() -> None:
    one, two = Visitor(alone=False), Visitor(alone=False)
    assert one.inside.wait(SOON_S)
    assert two.inside.wait(SOON_S)
    one.go()
    two.go()


@pytest.mark.parametrize("late", [True, False])
def test_one_that_is_alone_waits_for_all_and_all_for_it(late: bool) -> None:
    """Also those who come while it waits: or it might wait for ever."""
    before = Visitor(alone=False)
    assert before.inside.wait(SOON_S)
    measuring = Visitor(alone=True)
    assert not measuring.inside.wait(NOT_YET_S)
    after = Visitor(alone=late)
    assert not after.inside.wait(NOT_YET_S)
    before.go()
    assert measuring.inside.wait(SOON_S)
    assert not after.inside.wait(NOT_YET_S)
    measuring.go()
    assert after.inside.wait(SOON_S)
    after.go()


def test_without_other_workers_nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PYTEST_XDIST_WORKER")
    with turns.turn(alone=True), turns.turn(alone=True), turns.turn(alone=False):
        pass
