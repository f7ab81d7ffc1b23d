"""storage.ledger: every slot has one decision and one runner, whoever ticks."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

import pytest

from resilience.testing import FakeClock
from storage.database import Database
from storage.errors import IllegalMove
from storage.ledger import Ledger
from storage.run_orders import RunOrders
from storage.states import RunState

pytestmark = pytest.mark.database

DUE = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SLOT = "2026-11-22T07:00"


@pytest.fixture
def ledger(database: Database, clock: FakeClock) -> Ledger:
    return Ledger(database, clock)


def decide(ledger: Ledger, slot: str = SLOT, decision: str = "run", job: str = "scan") -> bool:
    return ledger.decide(job, slot, DUE, decision, "on time", "d1")


def test_a_slot_is_decided_once(ledger: Ledger) -> None:
    """The second tick, of this or another process, changes nothing."""
    assert decide(ledger)
    assert not decide(ledger, decision="skipped")
    run = ledger.get("scan", SLOT)
    assert run is not None
    assert (run.state, run.reason, run.decided_by) == (RunState.DUE, "on time", "d1")
    assert (run.due_at, run.decided_at, run.scheduled) == (DUE, DUE, True)


def test_a_run_from_decision_to_end(ledger: Ledger, clock: FakeClock) -> None:
    """What it did, how long it took and who ran it are kept."""
    decide(ledger)
    run_id = ledger.claim("scan", SLOT, "ex-1")
    assert run_id is not None
    clock.advance(90)
    assert ledger.finish(run_id, "succeeded", {"documents": 3}, executor="ex-1")
    run = ledger.get("scan", SLOT)
    assert run is not None
    assert (run.state, run.summary, run.executor) == (RunState.SUCCEEDED, {"documents": 3}, "ex-1")
    assert run.took == timedelta(seconds=90)


def test_of_many_claimers_one_wins(ledger: Ledger) -> None:
    """Twenty threads, one run."""
    decide(ledger)
    won: list[int | None] = []
    threads = [
        threading.Thread(target=lambda n=n: won.append(ledger.claim("scan", SLOT, f"ex-{n}")))
        for n in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([each for each in won if each is not None]) == 1


def test_the_same_claim_once_more_is_the_same_claim(ledger: Ledger, clock: FakeClock) -> None:
    """Whoever lost the connection while it committed asks again, and runs it once; nobody else
    and no later claim gets in."""
    decide(ledger)
    at = clock.now()
    run_id = ledger.claim("scan", SLOT, "ex-1", at)
    assert ledger.claim("scan", SLOT, "ex-1", at) == run_id
    assert ledger.claim("scan", SLOT, "ex-2", at) is None
    clock.advance(1)
    assert ledger.claim("scan", SLOT, "ex-1") is None
    run = ledger.get("scan", SLOT)
    assert run is not None
    assert (run.attempts, run.executor) == (1, "ex-1")


def test_nothing_undecided_or_skipped_can_be_claimed(ledger: Ledger) -> None:
    decide(ledger, decision="skipped")
    assert ledger.claim("scan", SLOT, "ex") is None
    assert ledger.claim("scan", "2026-11-23T07:00", "ex") is None
    run = ledger.get("scan", SLOT)
    assert run is not None
    assert run.finished_at == DUE


def test_a_deferred_slot_waits_for_its_time(ledger: Ledger, clock: FakeClock) -> None:
    """A rejected job is put off to when its gate opens; no thread waits for it."""
    decide(ledger)
    run_id = ledger.claim("scan", SLOT, "ex-1")
    assert ledger.defer("scan", SLOT, DUE + timedelta(minutes=5), "circuit open")
    assert ledger.claim("scan", SLOT, "ex-1") is None
    assert ledger.ready() == []
    clock.advance(300)
    assert [run.reason for run in ledger.ready()] == ["circuit open"]
    assert ledger.claim("scan", SLOT, "ex-2") == run_id


def test_a_slot_may_be_deferred_from_the_start(ledger: Ledger, clock: FakeClock) -> None:
    later = DUE + timedelta(hours=1)
    assert ledger.decide("scan", SLOT, DUE, "deferred", "paused", "d1", not_before=later)
    assert ledger.claim("scan", SLOT, "ex") is None
    clock.advance(3600)
    assert ledger.claim("scan", SLOT, "ex") is not None


def test_a_dead_executors_runs_are_claimed_again(ledger: Ledger) -> None:
    """Its late end, should it only have been frozen, changes nothing."""
    decide(ledger)
    run_id = ledger.claim("scan", SLOT, "dead")
    assert run_id is not None
    assert ledger.abandon_of(["dead", "never-was"]) == 1
    assert ledger.abandon_of(["dead"]) == 0
    assert ledger.claim("scan", SLOT, "alive") == run_id
    assert not ledger.finish(run_id, "succeeded", {"by": "dead"}, executor="dead")
    assert ledger.finish(run_id, "failed", error="no disk", executor="alive")
    run = ledger.get("scan", SLOT)
    assert run is not None
    assert (run.state, run.error, run.attempts, run.summary) == (RunState.FAILED, "no disk", 2, {})


def test_what_was_told_to_stop_is_not_put_off_nor_taken_up_again(
    ledger: Ledger, database: Database
) -> None:
    """Neither a shut gate nor the death of its process brings back what a person cancelled."""
    for slot, executor in ((SLOT, "alive"), ("2026-11-23T07:00", "dead")):
        decide(ledger, slot)
        run_id = ledger.claim("scan", slot, executor)
        assert run_id is not None
        assert RunOrders(database).ask(run_id, executor, 1, "cancelled by ann")
    assert not ledger.defer("scan", SLOT, None, "circuit open")
    assert ledger.abandon_of(["dead"]) == 1
    run = ledger.get("scan", "2026-11-23T07:00")
    assert run is not None
    assert (run.state, run.error) == (RunState.CANCELLED, "cancelled by ann")
    assert ledger.ready() == []


def test_a_cancelled_run_says_by_whom_whatever_its_process_knew(
    ledger: Ledger, database: Database
) -> None:
    decide(ledger)
    run_id = ledger.claim("scan", SLOT, "ex")
    assert run_id is not None
    RunOrders(database).ask(run_id, "ex", 1, "cancelled by ann: too slow")
    assert ledger.finish(run_id, "cancelled", {"read": 2}, "", executor="ex")
    run = ledger.get("scan", SLOT)
    assert run is not None
    assert (run.state, run.error) == (RunState.CANCELLED, "cancelled by ann: too slow")
    assert run.summary == {"read": 2}


def test_a_run_ends_once(ledger: Ledger) -> None:
    decide(ledger)
    run_id = ledger.claim("scan", SLOT, "ex")
    assert run_id is not None
    assert ledger.finish(run_id, "succeeded")
    assert not ledger.finish(run_id, "failed", error="late")
    assert not ledger.finish(404, "succeeded")


def test_a_run_cannot_end_as_anything_else(ledger: Ledger) -> None:
    """Words that are no outcome are refused, by the code or by the database's guard."""
    decide(ledger)
    run_id = ledger.claim("scan", SLOT, "ex")
    assert run_id is not None
    with pytest.raises(ValueError, match="no-such-state"):
        ledger.finish(run_id, "no-such-state")
    with pytest.raises(IllegalMove):
        ledger.finish(run_id, "due")
    with pytest.raises(KeyError):
        decide(ledger, "2026-11-23T07:00", "perhaps")


def test_what_waits_may_still_be_skipped(ledger: Ledger) -> None:
    decide(ledger)
    assert ledger.skip("scan", SLOT, "too old")
    assert not ledger.skip("scan", SLOT, "again")
    assert ledger.claim("scan", SLOT, "ex") is None


def test_the_last_slot_is_the_schedules(ledger: Ledger) -> None:
    """Runs asked for by hand have other names and do not count."""
    assert ledger.last_slot("scan", DUE) is None
    decide(ledger, "2026-11-21T07:00")
    decide(ledger, "2026-11-22T07:00")
    decide(ledger, "2026-11-20T07:00")
    decide(ledger, "manual:2026-12-24T10:00:00:ab12")
    decide(ledger, "2027-01-01T00:00", job="other")
    assert ledger.last_slot("scan", DUE) == "2026-11-22T07:00"
    assert ledger.first_slot("scan") == "2026-11-20T07:00"
    assert ledger.first_slot("nothing") is None
    manual = ledger.get("scan", "manual:2026-12-24T10:00:00:ab12")
    assert manual is not None
    assert not manual.scheduled


def test_what_is_not_due_yet_is_not_the_last(ledger: Ledger) -> None:
    """A slot of next year, decided by a clock that was ahead, hides none of this year's."""
    decide(ledger)
    ledger.decide("scan", "2027-11-22T07:00", DUE + timedelta(days=365), "skipped", "", "d")
    assert ledger.last_slot("scan", DUE + timedelta(days=1)) == SLOT
    assert ledger.last_slot("scan", DUE + timedelta(days=366)) == "2027-11-22T07:00"


def test_what_a_clock_ahead_skipped_is_decided_anew_when_its_time_has_come(
    ledger: Ledger, clock: FakeClock
) -> None:
    """And nothing else is: not before that time, not twice, and not what was skipped rightly."""
    clock.advance(7 * 86_400)
    decide(ledger, decision="skipped")
    decide(ledger, "2026-11-23T07:00")
    assert ledger.skipped_ahead(clock.now()) == []
    clock.set_back(7 * 86_400 - 60)
    assert [run.slot for run in ledger.skipped_ahead(clock.now())] == [SLOT]
    assert ledger.skipped_ahead(DUE - timedelta(seconds=1)) == []
    now, again = clock.now(), ("scan", SLOT, DUE, "run", "", "d2")
    assert not ledger.decide_again("scan", "2026-11-23T07:00", DUE, "skipped", "", "d2", at=now)
    assert ledger.decide_again(*again, at=now)
    assert not ledger.decide_again(*again, at=now)
    run = ledger.get("scan", SLOT)
    assert run is not None
    assert (run.state, run.decided_by, run.finished_at) == (RunState.DUE, "d2", None)
    assert ledger.skipped_ahead(clock.now()) == []


def test_a_slot_that_was_begun_meanwhile_is_not_skipped(ledger: Ledger) -> None:
    """Whoever judged it by what it was before has one attempt too few."""
    decide(ledger)
    run_id = ledger.claim("scan", SLOT, "ex")
    assert run_id is not None
    assert ledger.defer("scan", SLOT, None, "a gate is shut")
    assert not ledger.skip("scan", SLOT, "its work ended without a run", attempts=0)
    assert ledger.skip("scan", SLOT, "its work ended without a run", attempts=1)


def test_a_deferred_run_bears_clocks_that_differ(ledger: Ledger, clock: FakeClock) -> None:
    """It was queued by a machine a few seconds ahead of the one that takes it up; refused, its
    work would be spent and the run lost."""
    decide(ledger)
    ledger.defer("scan", SLOT, clock.now() + timedelta(seconds=30), "a gate is shut")
    assert ledger.ready() == []
    assert ledger.claim("scan", SLOT, "ex") is not None
    decide(ledger, "2026-11-23T07:00")
    ledger.defer("scan", "2026-11-23T07:00", clock.now() + timedelta(minutes=2), "a gate is shut")
    assert ledger.claim("scan", "2026-11-23T07:00", "ex") is None


def test_histories_are_newest_first(ledger: Ledger) -> None:
    for day in range(1, 4):
        at = DUE + timedelta(days=day)
        ledger.decide("scan", f"2026-11-2{day}T07:00", at, "run", "", "d")
        ledger.decide("health", f"2026-11-2{day}T00:00", at, "skipped", "down", "d")
    assert [run.slot for run in ledger.history("scan", limit=2)] == [
        "2026-11-23T07:00",
        "2026-11-22T07:00",
    ]
    assert len(ledger.history()) == 6
    assert {job: run.slot for job, run in ledger.latest().items()} == {
        "health": "2026-11-23T00:00",
        "scan": "2026-11-23T07:00",
    }


def test_an_empty_ledger_has_nothing_to_say(ledger: Ledger) -> None:
    assert ledger.latest() == {}
    assert ledger.history() == []
    assert ledger.running() == []
    assert ledger.get("scan", SLOT) is None


def test_running_lists_what_runs(ledger: Ledger) -> None:
    decide(ledger)
    decide(ledger, "2026-11-23T07:00")
    ledger.claim("scan", SLOT, "ex")
    assert [run.slot for run in ledger.running()] == [SLOT]
    assert [run.slot for run in ledger.ready()] == ["2026-11-23T07:00"]
    assert ledger.running()[0].took is None


def test_what_was_asked_for_by_hand_is_left_to_who_asked(ledger: Ledger) -> None:
    """A command that was killed leaves its run abandoned for ever: such rows must neither be
    taken up by a daemon nor push the schedule's own out of the list."""
    for number in range(5):
        decide(ledger, f"by hand {number}")
        ledger.claim("scan", f"by hand {number}", "ex")
    assert ledger.abandon_of(["ex"]) == 5
    decide(ledger)
    assert [run.slot for run in ledger.ready(limit=3)] == [SLOT]
    assert ledger.claim("scan", "by hand 0", "ex-2") is not None
