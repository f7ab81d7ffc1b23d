"""Looks that raise, hang or have nothing to look at harm no other; repairs are told one by one."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

import pytest

from operations.doctor.examination import LONGEST, Finding, Report, Subject, examine
from operations.doctor.findings import (
    Look,
    NotLooked,
    NotRepaired,
    Repair,
    Row,
    Verdict,
    bad,
    not_applicable,
    ok,
    warn,
)
from operations.doctor.table import CHECKS, NAMES, Entry, Need
from resilience.outcomes import CallFailed
from resilience.testing import FakeClock

ONE = Entry("one", Need.NOTHING, "?", deadline_s=0.2)
TWO = Entry("two", Need.DATABASE, "?", deadline_s=0.2)


def examined(
    looks: dict[str, Look],
    gates: dict[Need, Callable[[], None]] | None = None,
    fix: bool = False,
    secrets: tuple[str, ...] = (),
) -> Report:
    checks = [entry for entry in (ONE, TWO) if entry.name in looks]
    subject = Subject(looks, gates or {}, secrets)
    return examine(subject, FakeClock(), fix=fix, checks=checks)


def raising(error: Exception) -> Look:
    def look() -> Sequence[Row]:
        raise error

    return look


def test_names_are_words_of_their_own() -> None:
    """A name is a section of the runbook and a row for people: none twice, each with a question."""
    assert len(set(NAMES)) == len(NAMES) > 20
    assert all(entry.asks.endswith("?") and entry.deadline_s <= 30 for entry in CHECKS)


def test_the_gravest_row_is_the_verdict() -> None:
    report = examined({"one": lambda: [ok("a"), warn("b", "f")], "two": lambda: [bad("c", "g")]})

    assert report.verdict is Verdict.BAD
    assert [(one.name, one.found) for one in report.findings] == [
        ("one", "a"),
        ("one", "b"),
        ("two", "c"),
    ]


@pytest.mark.parametrize(
    ("error", "verdict", "said"),
    [
        (NotLooked("no systemd here"), Verdict.NOT_APPLICABLE, "no systemd here"),
        (ZeroDivisionError("oops"), Verdict.BAD, "ZeroDivisionError: oops"),
        (CallFailed("database", "it is away", fix="start it"), Verdict.BAD, "it is away"),
    ],
)
def test_what_a_look_raises_is_its_row(error: Exception, verdict: Verdict, said: str) -> None:
    """And the other look is told as usual."""
    report = examined({"one": raising(error), "two": lambda: [ok("well")]})
    first, second = report.findings

    assert first.verdict is verdict
    assert said in first.found
    assert second == Finding("two", Verdict.OK, "well")


def test_a_look_that_hangs_is_given_up() -> None:
    """Its thread may hang for ever; the report does not."""
    never = threading.Event()

    def hang() -> Sequence[Row]:
        never.wait()
        return []

    report = examined({"one": hang, "two": lambda: [ok("well")]})
    never.set()

    assert report.findings[0].verdict is Verdict.BAD
    assert "no answer within 0.2 s" in report.findings[0].found
    assert report.findings[1].verdict is Verdict.OK


def test_a_shut_gate_makes_a_check_not_applicable() -> None:
    """A database that is away is told once, by its own check, and not ten times."""
    asked: list[str] = []

    def look() -> Sequence[Row]:
        asked.append("two")
        return [ok("asked")]

    def shut() -> None:
        raise NotLooked("see `database`")

    report = examined({"one": lambda: [ok("well")], "two": look}, {Need.DATABASE: shut})

    assert report.findings[1] == Finding("two", Verdict.NOT_APPLICABLE, "see `database`")
    assert asked == []


def test_a_page_is_named_where_there_is_something_to_do() -> None:
    report = examined({"one": lambda: [ok("a"), warn("b", "f"), not_applicable("c")]})

    assert [one.runbook for one in report.findings] == ["", "docs/runbook.md#one", ""]


def test_repairs_are_done_only_when_asked_for() -> None:
    """What was repaired is told."""
    state = {"mode": 0o644}

    def look() -> Sequence[Row]:
        if state["mode"] == 0o600:
            return [ok("closed")]
        return [bad("open", "chmod", Repair("closed it", lambda: state.update(mode=0o600)))]

    assert examined({"one": look}).verdict is Verdict.BAD
    assert state["mode"] == 0o644
    report = examined({"one": look, "two": lambda: [ok("well")]}, fix=True)

    assert state["mode"] == 0o600
    assert [one.what for one in report.repairs] == ["closed it"]
    assert examined({"one": look}, fix=True).repairs == ()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotRepaired("somebody uses it by now"), "somebody uses it by now"),
        (PermissionError(1, "Operation not permitted"), "Operation not permitted"),
        (CallFailed("database", "it is away"), "it is away"),
    ],
)
def test_a_repair_that_failed_is_said(error: Exception, said: str) -> None:
    """The finding stays, and the next repair is tried."""
    done: list[str] = []

    def fail() -> None:
        raise error

    rows = [
        bad("open", "chmod", Repair("close it", fail)),
        warn("left", "rm", Repair("remove it", lambda: done.append("removed"))),
    ]
    report = examined({"one": lambda: rows}, fix=True)

    assert said in report.repairs[0].problem
    assert report.repairs[1].problem == ""
    assert done == ["removed"]
    assert report.verdict is Verdict.BAD


def test_no_finding_shows_a_secret_or_a_whole_page() -> None:
    """Whatever an error quotes."""
    key = "sk-ant-api03-notakeynotakeynotakey"
    report = examined(
        {"one": raising(ValueError(f"bad key {key}")), "two": lambda: [ok("x" * 50_000)]},
        secrets=(key,),
    )

    assert key not in report.findings[0].found
    assert len(report.findings[1].found) < LONGEST + 100
