"""A process does what it is asked, once, answers, and goes on whatever it was."""

from __future__ import annotations

import logging
from dataclasses import replace

import pytest

from jobs.commands import CommandDesk, Refused
from resilience.outcomes import CallFailed
from storage.commands import Command
from tests.unit.jobs.command_doubles import MemoryBoard, away


class Verbs:
    def __init__(self) -> None:
        self.done: list[Command] = []

    def count(self, command: Command) -> dict[str, object]:
        self.done.append(command)
        return {"so far": len(self.done)}

    def refuse(self, command: Command) -> dict[str, object]:
        raise Refused("not on a Sunday")

    def break_(self, command: Command) -> dict[str, object]:
        raise ZeroDivisionError("by nothing")


@pytest.fixture
def board() -> MemoryBoard:
    return MemoryBoard()


@pytest.fixture
def verbs() -> Verbs:
    return Verbs()


@pytest.fixture
def desk(board: MemoryBoard, verbs: Verbs) -> CommandDesk:
    table = {"count": verbs.count, "refuse": verbs.refuse, "break": verbs.break_}
    return CommandDesk(board, "us", table)


def test_each_is_done_once_in_order(desk: CommandDesk, board: MemoryBoard, verbs: Verbs) -> None:
    """And answered with what came of it."""
    board.ask("count", "first", by="ann")
    board.ask("count", "second", by="ann")
    assert desk.run_pending() == 2
    assert desk.run_pending() == 0
    assert [one.target for one in verbs.done] == ["first", "second"]
    assert board.said(2) == ("done", {"so far": 2})


@pytest.mark.parametrize(
    ("verb", "outcome", "why"),
    [
        ("refuse", "refused", "not on a Sunday"),
        ("dance", "refused", "this process knows no 'dance'"),
        ("break", "failed", "ZeroDivisionError: by nothing"),
    ],
)
def test_what_cannot_be_done_is_answered_too(
    desk: CommandDesk, board: MemoryBoard, verbs: Verbs, verb: str, outcome: str, why: str
) -> None:
    """With the reason; and those behind it are done."""
    board.ask(verb, by="ann")
    board.ask("count", by="ann")
    desk.run_pending()
    assert board.said(1) == (outcome, {"why": why})
    assert len(verbs.done) == 1


def test_what_was_done_and_could_not_be_told_is_not_done_again(
    desk: CommandDesk, board: MemoryBoard, verbs: Verbs
) -> None:
    """The database went away between the deed and the answer: told later, done once."""
    board.errors = [away()]
    board.ask("count", by="ann")
    with pytest.raises(CallFailed):
        desk.run_pending()
    desk.run_pending()
    assert len(verbs.done) == 1
    assert board.said(1) == ("done", {"so far": 1})


def test_a_long_life_does_not_make_looking_slow(desk: CommandDesk, board: MemoryBoard) -> None:
    """What was asked long ago is not gone through again; what came late is still found."""
    for _ in range(200):
        board.ask("count", by="ann")
        desk.run_pending()
    desk.run_pending()
    assert board.looked_at <= 7
    late = board.ask("count", by="ann")
    board.commands[-1] = replace(board.commands[-2], id=late)
    assert desk.run_pending() == 1


def test_who_decided_stands_in_the_log(
    board: MemoryBoard, verbs: Verbs, caplog: pytest.LogCaptureFixture
) -> None:
    """Looking leaves no line, deciding does."""
    desk = CommandDesk(board, "us", {"policy.status": verbs.count, "breakers.hold": verbs.count})
    board.ask("policy.status", by="ann")
    board.ask("breakers.hold", "edgar", by="ann on retail-01")
    with caplog.at_level(logging.INFO):
        desk.run_pending()
    assert caplog.messages == ["breakers.hold edgar, asked by ann on retail-01: done"]
