"""`dead-letters`: what is kept, and a person's word on it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from cli.exit_codes import ExitCode
from cli.letter_views import LetterView
from tests.unit.cli.fakes import NOON, FakeDesk, typed

OUTAGE = LetterView(
    id=12,
    service="edgar",
    cause="outage",
    state="waiting",
    kind="document",
    key="41",
    what="Third quarter \x1b[2Jresults",
    error="edgar: circuit open after 5 failures in a row",
    step="fetch",
    attempts=3,
    first_at=NOON,
    last_at=NOON + timedelta(minutes=5),
    next="goes on when edgar would be asked again",
)
POISON = replace(OUTAGE, id=13, cause="poison", service="retailxai", next="waits for a person")


def desk(*letters: LetterView, daemons: int = 1) -> FakeDesk:
    return FakeDesk(letters={one.id: one for one in letters}, daemons=daemons)


@pytest.mark.parametrize(
    ("line", "ended"),
    [
        ("dead-letters", False),
        ("dead-letters list", False),
        ("dead-letters --all", True),
        ("dead-letters list --all", True),
    ],
)
def test_the_list_is_what_it_does_without_a_verb(line: str, ended: bool) -> None:
    house = desk(OUTAGE, POISON)
    shown = typed(line, house)
    assert shown.code == ExitCode.DONE
    assert house.calls == [("dead_letters", ended)]
    for words in ("12", "waiting", "outage", "edgar", "circuit open after 5", "poison"):
        assert words in shown.out
    assert "\x1b" not in shown.out


def test_an_empty_list_says_so() -> None:
    assert typed("dead-letters").out == "There are no dead letters.\n"
    assert typed("dead-letters --json").json == {"dead_letters": []}


def test_one_with_everything_that_is_known() -> None:
    text = typed("dead-letters show 12", desk(OUTAGE)).out
    for words in (
        "#12",
        "outage of edgar",
        "fetch",
        "3 times, first 2026-11-20T12:00:00Z",
        "2026-11-20T12:05:00Z",
        "goes on when edgar would be asked again",
        "document   41",
    ):
        assert words in text
    assert typed("dead-letters show #12 --json", desk(OUTAGE)).json["cause"] == "outage"


@pytest.mark.parametrize("verb", ["show", "retry", "drop"])
def test_an_unknown_number(verb: str) -> None:
    """Exit 4, in both forms."""
    assert typed(f"dead-letters {verb} 99", desk(OUTAGE)).code == ExitCode.UNKNOWN
    shown = typed(f"dead-letters {verb} 99 --json", desk(OUTAGE))
    assert shown.error["code"] == "unknown_dead_letter"


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("retry 12", (12, None)),
        ("retry --all", (None, None)),
        ("retry --all --service EDGAR", (None, "edgar")),
    ],
)
def test_trying_again(line: str, asked: tuple[int | None, str | None]) -> None:
    house = desk(OUTAGE)
    shown = typed(f"dead-letters {line}", house)
    assert shown.code == ExitCode.DONE
    assert house.calls == [("retry_letters", *asked)]
    assert "tried again within seconds" in shown.out


def test_without_a_daemon_it_says_who_will() -> None:
    shown = typed("dead-letters retry 12", desk(OUTAGE, daemons=0))
    assert "by the next daemon that starts (none runs)" in shown.out
    assert typed("dead-letters retry 12 --json", desk(OUTAGE, daemons=0)).json["daemons"] == 0
    assert typed("dead-letters retry --all", desk()).out == "There is nothing to try again.\n"


@pytest.mark.parametrize(
    "line",
    [
        "retry",
        "retry 12 --all",
        "retry 12 --service edgar",
        "retry none",
        "retry 0",
        "show",
        "drop",
        "drop -1",
        "drop --all",
        "bury 12",
    ],
)
def test_wrong_command_lines(line: str) -> None:
    """Nothing is opened for them."""
    house = desk(OUTAGE)
    assert typed(f"dead-letters {line}", house).code == ExitCode.USAGE
    assert house.calls == []


def test_dropping() -> None:
    shown = typed("dead-letters drop 12", desk(OUTAGE))
    assert shown.code == ExitCode.DONE
    assert shown.out.startswith("Dropped: Third quarter")
    assert typed("dead-letters drop 12 --json", desk(OUTAGE)).json["id"] == 12
