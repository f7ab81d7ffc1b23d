"""Durations as people type them, moments as they read them."""

from __future__ import annotations

import argparse
from datetime import timedelta
from io import StringIO

import pytest

from cli.output import Output
from cli.times import distance, moment, seconds_of
from tests.unit.cli.fakes import NOON, Terminal


@pytest.mark.parametrize(
    ("typed", "seconds"),
    [("90s", 90), ("30m", 1800), ("30min", 1800), ("2h", 7200), ("1h30m", 5400), ("1.5h", 5400),
     ("3d", 259_200), (" 2 H ", 7200)],
)  # fmt: skip
def test_durations(typed: str, seconds: float) -> None:
    assert seconds_of(typed) == seconds


@pytest.mark.parametrize("typed", ["", "2", "h", "-2h", "2x", "2h!", "0s", "2h30", "900d", "inf"])
def test_what_is_no_duration(typed: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="is no duration"):
        seconds_of(typed)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "now"), (40, "in 40 s"), (185, "in 3 min"), (-185, "3 min ago"), (10_800, "in 3 h")],
)
def test_distances(seconds: float, words: str) -> None:
    assert distance(NOON + timedelta(seconds=seconds), NOON) == words


def test_a_moment_for_people_and_for_programs() -> None:
    """Near ones with their distance, far ones with their day; RFC 3339 where nobody reads."""
    person, program = Output(Terminal(), Terminal()), Output(StringIO(), StringIO())
    soon, later = NOON + timedelta(minutes=3), NOON + timedelta(days=3)
    assert moment(person, soon, NOON) == f"in 3 min, {soon.astimezone():%H:%M:%S}"
    assert moment(person, later, NOON) == f"in 3 days, {later.astimezone():%a %d %b %H:%M}"
    assert moment(program, soon, NOON) == "2026-11-20T12:03:00Z"
    assert moment(person, None, NOON) == "–"
