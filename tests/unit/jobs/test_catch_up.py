"""Which missed slots are made up for."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.catch_up import CatchUp, Decided, Decision, Overlap, decide
from jobs.slots import Slot

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def slot(age: timedelta) -> Slot:
    at = NOW - age
    return Slot(at, f"{at:%Y-%m-%dT%H:%M}")


def outcomes(decided: list[Decided]) -> list[Decision]:
    return [one.decision for one in decided]


MISSED = [slot(DAY * 3), slot(DAY * 2), slot(timedelta(hours=3))]
RUN, SKIPPED = Decision.RUN, Decision.SKIPPED


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_punctual_slot_runs_under_every_rule(catch_up: CatchUp) -> None:
    decided = decide([slot(timedelta(seconds=4))], NOW, catch_up=catch_up, max_age=DAY)
    assert outcomes(decided) == [RUN]
    assert decided[0].reason == ""


def test_latest_runs_the_newest_and_says_why_not_the_others() -> None:
    decided = decide(MISSED, NOW, catch_up=CatchUp.LATEST, max_age=DAY * 7)
    assert outcomes(decided) == [SKIPPED, SKIPPED, RUN]
    assert "only the latest" in decided[0].reason
    assert decided[2].reason == "late by 3 h"


def test_none_makes_up_for_nothing() -> None:
    decided = decide(MISSED, NOW, catch_up=CatchUp.NONE, max_age=DAY * 7)
    assert outcomes(decided) == [SKIPPED, SKIPPED, SKIPPED]
    assert "missed by 3 days" in decided[0].reason


def test_all_runs_everything_oldest_first() -> None:
    """All is decided at once, so that nobody need ask what becomes of it; each run waits for the
    one before."""
    decided = decide(MISSED, NOW, catch_up=CatchUp.ALL, max_age=DAY * 7)
    assert [(one.slot, one.decision) for one in decided] == [(slot, RUN) for slot in MISSED]
    assert decided[0].reason == "late by 3 days"
    assert decided[2].reason == f"late by 3 h, after the run of {MISSED[1].name}"


@pytest.mark.parametrize("catch_up", [CatchUp.LATEST, CatchUp.ALL])
def test_a_slot_beyond_the_maximum_age_is_skipped(catch_up: CatchUp) -> None:
    decided = decide([slot(DAY * 2)], NOW, catch_up=catch_up, max_age=DAY)
    assert outcomes(decided) == [SKIPPED]
    assert "more than 24 h" in decided[0].reason


def test_a_slot_that_falls_into_a_running_one_is_skipped() -> None:
    decided = decide(
        [slot(timedelta(0))],
        NOW,
        catch_up=CatchUp.LATEST,
        max_age=DAY,
        busy_with="2026-11-21T07:00",
    )
    assert outcomes(decided) == [SKIPPED]
    assert decided[0].reason == "the run of 2026-11-21T07:00 has not ended"


BUSY = "2026-11-21T07:00"


@pytest.mark.parametrize(
    ("catch_up", "overlap", "runs"),
    [
        (CatchUp.LATEST, Overlap.AUTO, [SKIPPED, SKIPPED, SKIPPED]),
        (CatchUp.LATEST, Overlap.SKIP, [SKIPPED, SKIPPED, SKIPPED]),
        (CatchUp.LATEST, Overlap.QUEUE, [SKIPPED, SKIPPED, RUN]),
        (CatchUp.ALL, Overlap.AUTO, [RUN, RUN, RUN]),
        (CatchUp.ALL, Overlap.QUEUE, [RUN, RUN, RUN]),
        (CatchUp.ALL, Overlap.SKIP, [SKIPPED, SKIPPED, SKIPPED]),
    ],
)
def test_what_falls_into_a_run_is_skipped_or_waits(
    catch_up: CatchUp, overlap: Overlap, runs: list[Decision]
) -> None:
    decided = decide(
        MISSED, NOW, catch_up=catch_up, max_age=DAY * 7, overlap=overlap, busy_with=BUSY
    )
    assert outcomes(decided) == runs


@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_punctual_slot_may_wait_under_every_rule(catch_up: CatchUp) -> None:
    decided = decide(
        [slot(timedelta(0))],
        NOW,
        catch_up=catch_up,
        max_age=DAY,
        overlap=Overlap.QUEUE,
        busy_with=BUSY,
    )
    assert [(one.decision, one.reason) for one in decided] == [(RUN, f"after the run of {BUSY}")]


@given(
    ages=st.lists(st.integers(0, 60 * 24 * 30), min_size=1, max_size=20, unique=True),
    catch_up=st.sampled_from(CatchUp),
    overlap=st.sampled_from(Overlap),
    busy=st.booleans(),
)
def test_everything_is_decided_and_every_skip_has_a_reason(
    ages: list[int], catch_up: CatchUp, overlap: Overlap, busy: bool
) -> None:
    """However long the daemon was away nothing is left open or dropped silently, and there is no
    storm: unless all are asked for, one runs at most."""
    due = [slot(timedelta(minutes=age)) for age in sorted(ages, reverse=True)]
    decided = decide(
        due,
        NOW,
        catch_up=catch_up,
        max_age=DAY,
        overlap=overlap,
        busy_with="earlier" if busy else None,
    )
    assert [one.slot for one in decided] == due
    assert all(one.reason for one in decided if one.decision is SKIPPED)
    running = [one for one in decided if one.decision is RUN]
    assert all("after the run of" in one.reason for one in running[0 if busy else 1 :])
    if catch_up is not CatchUp.ALL:
        assert len(running) <= 1
    if busy and overlap is Overlap.SKIP:
        assert not running
