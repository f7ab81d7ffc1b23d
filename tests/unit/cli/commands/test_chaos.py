"""`chaos`: what may be asked, and how what came of it is shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from chaos.options import DatabaseInUse, Options, Report, Tell
from chaos.plan import Fault
from chaos.verdict import Check
from tests.unit.cli.fakes import FakeDoor, Shown, typed

GOOD = Check("paid twice", "0", "0 of 60 billed", True)
QUIET = Check("pg-stop: working again", "≤ 15 s", "not asked for", None)
BAD = Check("documents lost", "0", "2 of 60", False, ("0001: left fetched", "0002: gone"))


def storm(
    *checks: Check, interrupted: bool = False, asked: list[Options] | None = None
) -> Callable[[Options, Tell], Report]:
    """A storm that ends with these."""

    def blow(options: Options, tell: Tell) -> Report:
        tell("12 s kill -9 of 1")
        if asked is not None:
            asked.append(options)
        is_met = not interrupted and all(check.met is not False for check in checks)
        kept = None if is_met else Path("/tmp/retailxai-chaos-x")
        return Report(
            options.seed, options.minutes, options.daemons, 185.0, checks, kept, interrupted
        )

    return blow


def shown(line: str, *checks: Check, interrupted: bool = False) -> Shown:
    return typed(line, door=FakeDoor(storm=storm(*checks, interrupted=interrupted)))


def test_all_met_is_0() -> None:
    """What was not tried does not stand in the way; the same again can be had by its seed."""
    said = shown("chaos --seed 7", GOOD, QUIET)
    assert said.code == 0
    assert "All met: 3.1 minutes, 3 daemons, seed 7." in said.out
    assert "python main.py chaos --seed 7 --minutes 3 --daemons 3" in said.out
    assert "kept" not in said.out
    assert "kill -9 of 1" in said.err


def test_a_breach_is_1_and_named() -> None:
    """Which line, which document, and where the logs are."""
    said = shown("chaos --seed 7", GOOD, BAD)
    assert said.code == 1
    assert "BREACH" in said.out
    assert "documents lost: 0001: left fetched" in said.out
    assert "documents lost: 0002: gone" in said.out
    assert "All logs are kept in /tmp/retailxai-chaos-x" in said.out
    assert "NOT met" in said.out


def test_an_interruption_is_130_and_says_what_was_seen() -> None:
    said = shown("chaos --seed 7", GOOD, interrupted=True)
    assert said.code == 130
    assert "Interrupted after" in said.out
    assert "paid twice" in said.out


def test_json_holds_every_line() -> None:
    document = shown("chaos --seed 7 --json", GOOD, BAD).json
    assert document["met"] is False
    assert document["seed"] == 7
    assert [check["name"] for check in document["checks"]] == ["paid twice", "documents lost"]
    assert document["checks"][1]["breaches"] == ["0001: left fetched", "0002: gone"]


def test_what_is_asked_for_arrives() -> None:
    asked: list[Options] = []
    line = "chaos --minutes 30 --seed 5 --daemons 2 --documents 90 --faults kill,pg-kill"
    typed(f"{line} --database postgresql://me:secret@h/d", door=FakeDoor(storm=storm(asked=asked)))
    (options,) = asked
    assert (options.minutes, options.seed, options.daemons, options.documents) == (30, 5, 2, 90)
    assert options.faults == (Fault.KILL, Fault.CRASH)
    assert options.database == "postgresql://me:secret@h/d"


def test_the_password_is_not_repeated() -> None:
    said = shown("chaos --database postgresql://me:secret@h/d", GOOD)
    assert "secret" not in said.out + said.err
    assert "--database URL" in said.out


def test_without_a_seed_each_storm_has_its_own() -> None:
    asked: list[Options] = []
    for _ in range(8):
        typed("chaos", door=FakeDoor(storm=storm(asked=asked)))
    assert len({options.seed for options in asked}) > 1
    assert asked[0].faults == tuple(Fault)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("chaos --faults pg-stopp", "did you mean pg-stop?"),
        ("chaos --minutes soon", "is no number of minutes"),
        ("chaos --minutes 0", "is no number of minutes"),
        ("chaos --daemons 4", "invalid choice"),
        ("chaos --seed x", "is no seed"),
        ("chaos --documents 20", "is no number from 21 on"),
        ("caos", "did you mean chaos?"),
    ],
)
def test_what_is_wrong_is_2(line: str, words: str) -> None:
    said = typed(line)
    assert said.code == 2
    assert words in said.err


def test_a_database_in_use_is_refused() -> None:
    """5, with what to do instead."""

    def refuse(options: Options, tell: Tell) -> Report:
        raise DatabaseInUse

    said = typed("chaos --database postgresql://h/d", door=FakeDoor(storm=refuse))
    assert said.code == 5
    assert "has tables of RetailXAI" in said.err
    assert "createdb" in said.err
