"""What becomes of slots when the machine sleeps, its clock is moved, the zone or the schedule
changes: docs/slots.md says it in a table, here each of its rows is played."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from jobs.catch_up import CatchUp, Overlap
from jobs.planning import OVERTAKEN, SWITCHED_OFF
from jobs.ticker import Ticker
from jobs.work import WorkState
from resilience.testing import FakeClock
from tests.unit.jobs.towns import APIA, JOB, NEW_YORK, PAGO_PAGO, TOKYO, MovingTown, a_plan

TODAY, TOMORROW, AFTER = (f"2026-11-{day}T07:00" for day in (22, 23, 24))


# ---- sleep, and days of being down --------------------------------------------------------


@pytest.mark.parametrize(
    ("catch_up", "hours", "state", "reason"),
    [
        (CatchUp.LATEST, 22, "undecided", ""),
        (CatchUp.LATEST, 26, "succeeded", "late by 2 h"),
        (CatchUp.LATEST, 47.5, "succeeded", "late by 23 h"),
        (CatchUp.NONE, 26, "skipped", "missed by 2 h; this job is not caught up"),
        (CatchUp.ALL, 26, "succeeded", "late by 2 h"),
    ],
)
def test_a_machine_that_slept_for_hours(
    catch_up: CatchUp, hours: float, state: str, reason: str
) -> None:
    town = MovingTown(catch_up)
    town.sleep(hours=hours)
    assert town.state(TOMORROW) == state
    if state != "undecided":
        assert town.reason(TOMORROW) == reason


@pytest.mark.parametrize(
    ("catch_up", "ran"),
    [
        (CatchUp.LATEST, ["2026-11-29T07:00"]),
        (CatchUp.NONE, []),
        (CatchUp.ALL, ["2026-11-29T07:00"]),
    ],
)
def test_seven_days_down(catch_up: CatchUp, ran: list[str]) -> None:
    """Every missed slot has its decision after the first tick, and every skip its reason."""
    town = MovingTown(catch_up)
    town.sleep(days=7, hours=3)
    missed = [f"2026-11-{day}T07:00" for day in range(23, 30)]
    assert town.ran[1:] == ran
    assert all(town.state(slot) in ("skipped", "succeeded") for slot in missed)
    assert all(town.reason(slot) for slot in missed)


def test_seven_days_down_with_all_of_them_wanted() -> None:
    town = MovingTown(CatchUp.ALL)
    town.start_anew(max_age=timedelta(days=30))
    town.clock.advance(7 * 86_400)
    town.ticker.tick()
    missed = [f"2026-11-{day}T07:00" for day in range(23, 30)]
    assert [town.state(slot) for slot in missed] == ["due"] * 7
    assert town.reason(missed[3]) == f"late by 3 days, after the run of {missed[2]}"
    town.tick()
    assert town.ran[1:] == missed


# ---- the wall clock is moved --------------------------------------------------------------


def test_a_clock_set_back_a_day_repeats_nothing() -> None:
    """What was decided stays decided; the next slot comes when the clock shows its time."""
    town = MovingTown()
    town.set_clock(days=-1)
    assert town.ran == [TODAY]
    town.pass_by(days=1, hours=1)
    assert town.ran == [TODAY]
    town.pass_by(days=1)
    assert town.ran == [TODAY, TOMORROW]


def test_a_clock_set_on_a_day_runs_what_it_passed() -> None:
    town = MovingTown()
    town.set_clock(days=1)
    assert town.ran == [TODAY, TOMORROW]
    assert town.reason(TOMORROW) == "late by 10 min"


@pytest.mark.parametrize("days", [1, 2, 31, 365, 3650])
@pytest.mark.parametrize("catch_up", list(CatchUp))
def test_a_clock_that_was_ahead_for_a_moment(catch_up: CatchUp, days: int) -> None:
    """Every slot has one run or one reason by the right clock too: what was skipped ahead of its
    time is decided anew, what ran then does not run again."""
    town = MovingTown(catch_up)
    town.set_clock(days=days, hours=1)
    early = town.ran[1:]
    town.set_clock(days=-days, hours=-1)
    town.pass_by(days=4)
    slots = [f"2026-11-{day}T07:00" for day in range(23, 27)]
    assert sorted(set(early) | set(town.ran[1:])) == sorted(set(early) | set(slots))
    assert len(town.ran) == len(set(town.ran))


def test_a_clock_ahead_decides_nothing_for_good_that_did_not_run() -> None:
    """A year ahead 364 slots are skipped in a moment; each is taken back, at its own time."""
    town = MovingTown()
    town.set_clock(days=365, hours=1)
    assert town.state(AFTER) == "skipped"
    town.set_clock(days=-365, hours=-1)
    assert town.state(AFTER) == "skipped"
    town.pass_by(days=1)
    assert town.ran[-1] == TOMORROW
    assert town.state(AFTER) == "skipped"
    town.sleep(days=10)
    assert town.ran[-1] == "2026-12-03T07:00"
    assert "only the latest" in town.reason(AFTER)
    assert town.ledger.rows[JOB, AFTER].decided_at == town.clock.now()


def test_a_clock_that_is_set_right_while_a_tick_writes() -> None:
    """It goes on to write what it had found due: that too is of a clock that was ahead."""
    town = MovingTown()
    town.clock.set_back(-31 * 86_400)
    decide = town.ledger.decide
    right: list[bool] = []

    def slowly(*args: Any, **more: Any) -> bool:
        if len(town.ledger.rows) == 12 and not right:
            town.clock.set_back(31 * 86_400)
            right.append(True)
        return decide(*args, **more)

    town.ledger.decide = slowly  # type: ignore[method-assign]
    town.tick()
    assert right
    town.pass_by(days=20)
    slots = [f"2026-11-{day}T07:00" for day in range(23, 31)]
    slots += [f"2026-12-{day:02}T07:00" for day in range(1, 13)]
    assert set(slots) <= set(town.ran)
    assert len(town.ran) == len(set(town.ran))


def test_a_clock_ahead_at_the_first_start_does_not_keep_the_job_waiting() -> None:
    town = MovingTown()
    town.ledger.rows.clear()
    town.set_clock(days=3650)
    town.set_clock(days=-3650)
    town.pass_by(days=1)
    assert town.ran == [TODAY, TOMORROW]


def test_an_installation_with_a_clock_a_day_ahead_does_not_lose_tomorrow() -> None:
    """What is remembered as its beginning is a slot that is still to come."""
    town = MovingTown()
    town.ledger.rows.clear()
    town.set_clock(days=1)
    assert town.state(TOMORROW) == "skipped"
    town.set_clock(days=-1)
    town.pass_by(days=1)
    assert town.ran == [TODAY, TOMORROW]


def test_a_machine_that_wakes_in_1970() -> None:
    """It has no battery: the clock is right again after a minute."""
    town = MovingTown()
    days = (town.clock.now() - town.clock.now().replace(year=1970)).days
    town.set_clock(days=-days)
    town.set_clock(days=days)
    assert town.ran == [TODAY]
    town.pass_by(days=1)
    assert town.ran == [TODAY, TOMORROW]


@pytest.mark.parametrize("catch_up", list(CatchUp))
@pytest.mark.parametrize("days", [1, -1])
def test_the_clock_is_moved_while_a_run_is_going(catch_up: CatchUp, days: int) -> None:
    """It is not begun twice, nothing is begun beside it, and the days after are as ever."""
    town = MovingTown(catch_up)
    town.clock.advance(24 * 3600 - 500)
    town.ticker.tick()
    town.begin(TOMORROW)
    town.set_clock(days=days)
    assert town.ran == [TODAY, TOMORROW]
    town.clock.advance(60)
    town.end(TOMORROW)
    town.set_clock(days=-days)
    town.pass_by(days=2)
    assert len(set(town.ran)) == len(town.ran)
    assert town.ran[-1] == "2026-11-25T07:00"
    assert town.state(AFTER) in ("succeeded", "skipped")


# ---- another zone -------------------------------------------------------------------------


def test_a_zone_further_west_does_not_repeat_todays_slot() -> None:
    """Los Angeles comes to 07:00 three hours later: the same slot, which has run."""
    town = MovingTown()
    town.move_to("America/Los_Angeles")
    town.pass_by(hours=6)
    assert town.ran == [TODAY]
    town.pass_by(hours=21)
    assert town.ran == [TODAY, TOMORROW]


def test_a_zone_across_the_date_line_repeats_nothing_and_skips_no_date() -> None:
    """From Apia to Pago Pago the same clocks show the day before: a whole day comes again."""
    town = MovingTown()
    town.move_to(APIA)
    town.pass_by(days=1)
    before = list(town.ran)
    town.move_to(PAGO_PAGO)
    town.pass_by(hours=23)
    assert town.ran == before
    town.pass_by(days=2)
    assert len(set(town.ran)) == len(town.ran)
    dates = [slot[:10] for slot in sorted(town.ran)]
    assert dates == [f"2026-11-{22 + n}" for n in range(len(dates))]


@pytest.mark.parametrize(
    ("catch_up", "state", "reason"),
    [
        (CatchUp.LATEST, "succeeded", "late by 12 h"),
        (CatchUp.ALL, "succeeded", "late by 12 h"),
        (CatchUp.NONE, "skipped", "missed by 12 h; this job is not caught up"),
    ],
)
def test_a_zone_further_east_loses_no_slot_silently(
    catch_up: CatchUp, state: str, reason: str
) -> None:
    """At five in the morning in New York it is seven in the evening in Tokyo: 07:00 of that day
    has passed there, and never came here."""
    town = MovingTown(catch_up)
    town.clock.advance(21 * 3600 + 50 * 60)
    town.tick()
    assert town.state(TOMORROW) == "undecided"
    town.move_to(TOKYO)
    assert (town.state(TOMORROW), town.reason(TOMORROW)) == (state, reason)


def test_from_zone_to_zone_every_date_has_one_slot() -> None:
    """New York, Tokyo, Apia, and home again: not one date twice, none without."""
    town = MovingTown()
    for zone in (TOKYO, APIA, NEW_YORK, APIA, TOKYO, NEW_YORK):
        town.move_to(zone)
        town.pass_by(days=1, hours=5)
    rows = sorted(slot for job, slot in town.ledger.rows)
    dates = [slot[:10] for slot in rows]
    assert len(dates) == len(set(dates))
    assert len(town.ran) == len(set(town.ran))
    assert set(rows) - set(town.ran) == {"2026-11-21T07:00"}


# ---- another schedule ---------------------------------------------------------------------


def test_a_later_time_on_the_same_day_is_a_slot_of_its_own() -> None:
    """It ran at 07:00; somebody wants 09:00: so it runs at 09:00 too."""
    town = MovingTown()
    town.move_at("09:00")
    town.pass_by(hours=3)
    assert town.ran == [TODAY, "2026-11-22T09:00"]


def test_an_earlier_time_on_the_same_day_is_not_owed_any_more() -> None:
    """The date has had its run: nothing is made up for."""
    town = MovingTown()
    town.move_at("06:00")
    town.pass_by(hours=20)
    assert town.ran == [TODAY]
    town.pass_by(hours=4)
    assert town.ran == [TODAY, "2026-11-23T06:00"]


def test_a_time_moved_to_before_now_counts_as_missed() -> None:
    """At 08:10 on a day that had 09:00, 07:00 is written: it is late, and runs."""
    town = MovingTown()
    town.move_at("09:00")
    town.pass_by(days=1, hours=1)
    assert town.ran[-1] == "2026-11-22T09:00"
    town.move_at("07:00")
    assert town.ran[-1] == TOMORROW
    assert town.reason(TOMORROW) == "late by 70 min"


def test_a_job_that_was_off_for_months_owes_nothing() -> None:
    """Its slots are written down as they pass; switched on again it begins with the next."""
    town = MovingTown(CatchUp.ALL)
    town.start_anew(enabled=False, max_age=timedelta(days=366))
    town.pass_by(days=90)
    town.start_anew(enabled=True)
    town.tick()
    assert town.ran == [TODAY]
    off = [row for row in town.ledger.rows.values() if row.reason == SWITCHED_OFF]
    assert len(off) == 90
    town.pass_by(days=1)
    assert town.ran == [TODAY, "2027-02-21T07:00"]


def test_a_job_that_was_off_at_the_first_start_is_remembered_too() -> None:
    town = MovingTown()
    town.ledger.rows.clear()
    town.start_anew(enabled=False)
    town.tick()
    assert town.state(TODAY) == "skipped"


# ---- runs that go on, and runs of the dead ------------------------------------------------


def test_a_slot_waits_for_the_run_it_falls_into_if_it_is_to_be_queued() -> None:
    """With `latest` one waits at a time: the newest."""
    town = MovingTown()
    town.start_anew(overlap=Overlap.QUEUE)
    town.clock.advance(24 * 3600)
    town.ticker.tick()
    town.begin(TOMORROW)
    for _ in range(2):
        town.clock.advance(24 * 3600)
        town.tick()
    assert town.ran == [TODAY, TOMORROW]
    assert (town.state(AFTER), town.reason(AFTER)) == ("skipped", OVERTAKEN)
    town.end(TOMORROW)
    town.tick()
    assert town.ran == [TODAY, TOMORROW, "2026-11-25T07:00"]
    assert town.reason("2026-11-25T07:00") == f"late by 10 min, after the run of {TOMORROW}"


def test_what_a_dead_process_left_costs_no_later_slot_its_run() -> None:
    """The plug was pulled over a run, and the machine comes back a week later: that run is
    brought to its end, and the newest slot runs after it."""
    town = MovingTown()
    town.clock.advance(24 * 3600)
    town.ticker.tick()
    town.begin(TOMORROW, by="the dead")
    town.dead = {"the dead"}
    town.clock.advance(7 * 86_400)
    town.ticker.tick()
    assert town.state("2026-11-30T07:00") == "due"
    town.ledger.abandon_of(["the dead"])
    town.engine.finish(f"{JOB}:{TOMORROW}")
    town.tick()
    assert town.ran == [TODAY, TOMORROW, TOMORROW, "2026-11-30T07:00"]


def test_runs_of_one_job_are_never_queued_side_by_side() -> None:
    """Not even one that was put off and one that is new."""
    town = MovingTown(CatchUp.ALL)
    town.start_anew(max_age=timedelta(days=9))
    town.clock.advance(3 * 86_400)
    for _ in range(3):
        town.ticker.tick()
        queued = [w for w in town.engine.work.values() if w.state is WorkState.QUEUED]
        assert len(queued) == 1
        town.work()


def test_work_that_is_claimed_just_now_is_not_taken_for_spent() -> None:
    """Between the look at the ledger and the look at the engine a short run begins, meets a shut
    gate and is put off: that is no reason to give it up."""
    town = MovingTown()
    town.clock.advance(26 * 3600)
    town.ticker.tick()
    stale = town.ledger.rows[JOB, TOMORROW]
    town.begin(TOMORROW)
    town.ledger.defer(JOB, TOMORROW, None, "a gate is shut")
    town.engine.finish(f"{JOB}:{TOMORROW}")
    town.ticker._put_first([stale])
    assert town.state(TOMORROW) == "deferred"


def test_two_processes_with_clocks_that_differ() -> None:
    """One is a minute ahead: one decision per slot, and one run."""
    town = MovingTown()
    ahead = FakeClock(town.clock.now() + timedelta(minutes=1))
    other = Ticker([a_plan()], town.ledger, town.engine, ahead)
    for _ in range(3 * 24 * 12):
        town.clock.advance(300)
        ahead.advance(300)
        other.tick()
        town.tick()
    assert town.ran == [TODAY, TOMORROW, AFTER, "2026-11-25T07:00"]
