"""The other jobs, over real stores."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

import psycopg2
import pytest

from earnings.analysts.base import Begin, CallKey, PaidAnswer, Usage
from jobs.job import Summary
from jobs.manual import run_now, scan_now
from operations.checks.base import CheckResult, Status
from operations.health import Health
from resilience.state import QuotaKey
from resilience.testing import START
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.errors import SERVICE, DatabaseUnavailable
from storage.health_history import HealthEntry
from storage.ledger import Ledger
from storage.policy_state import PolicyStates
from storage.states import RunState
from tests.integration.jobs.house import House
from tests.integration.jobs.releases import HARBOR, PINE, release
from tests.unit.jobs.fakes import Published

pytestmark = pytest.mark.database

HALF = Decimal("0.5")


def run(house: House, job: str, **options: object) -> Summary:
    report = run_now(house.context, house.runner, job, **options)
    assert report.outcome is RunState.SUCCEEDED, report.error
    json.dumps(report.summary)
    return report.summary


class LosesTheAnswer(Ledger):
    """The first claim is written, and the connection is lost before that is known."""

    lost = False

    def claim(self, job: str, slot: str, executor: str, at: datetime | None = None) -> int | None:
        claimed = super().claim(job, slot, executor, at)
        if not self.lost:
            self.lost = True
            raise DatabaseUnavailable(SERVICE, "lost while committing")
        return claimed


def test_a_slot_whose_claim_was_written_unheard_is_run(house: House) -> None:
    """Otherwise it would stand as running in a living process for ever, and no later slot of the
    job could begin."""
    ledger = LosesTheAnswer(house.database, house.clock)
    house.use(replace(house.context, ledger=ledger))
    slot = "2026-11-22T02:00"
    ledger.decide("memory_cleanup", slot, house.clock.now(), "run", "on time", "us")
    report = house.runner.run_slot("memory_cleanup", slot)
    assert report is not None
    run = ledger.get("memory_cleanup", slot)
    assert run is not None
    assert (run.state, run.attempts) == (RunState.SUCCEEDED, 1)


# ---- health_check -----------------------------------------------------------------------


class Red:
    name = "disk"
    deadline_s = 1.0

    def __call__(self) -> CheckResult:
        return CheckResult("disk", Status.FAIL, "the disk is full", details={"free": 0})


def test_a_failing_check_is_a_finding_and_not_a_failure_of_the_job(house: House) -> None:
    object.__setattr__(house.context, "health", Health([Red()], house.clock))
    summary = run(house, "health_check")
    assert summary["status"] == "fail"
    assert summary["wrong"] == {"disk": "the disk is full"}
    kept = house.context.health_history.recent(10)
    assert [(entry.name, entry.status) for entry in kept] == [("disk", "fail")]


# ---- memory_cleanup ---------------------------------------------------------------------


def test_histories_are_bounded(house: House) -> None:
    old = START - timedelta(hours=30)
    history = house.context.health_history
    history.add([HealthEntry(old, "disk", "pass")] * 3 + [HealthEntry(START, "disk", "pass")])
    summary = run(house, "memory_cleanup")
    assert summary["health_entries"] == 3
    assert len(history.recent(10)) == 1
    assert "collected" in summary["said"]


def test_cleanup_forgets_old_commands_and_calls(house: House, dsn: str) -> None:
    """Calls and commands after their days, what nobody tells of any more after some weeks."""
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        for days in (1, 10, 40):
            ago = f"now() - interval '{days} days'"
            cursor.execute(
                f"insert into command (verb, asked_by, asked_at) values ('v', 'a', {ago})"
            )
            cursor.execute(
                "insert into policy_call (service, at, outcome, duration_s, attempts, kept_at)"
                f" values ('edgar', {ago}, 'success', 1, 1, {ago})"
            )
            cursor.execute(
                "insert into policy_breaker (instance, service, executor, state, updated_at)"
                f" values ('one-{days}', 'edgar', 'x', 'closed', {ago})"
            )
    connection.close()
    summary = run(house, "memory_cleanup")
    assert (summary["commands"], summary["calls"], summary["breakers_and_quotas"]) == (2, 2, 1)
    assert "2 recorded calls" in summary["said"]


def test_cleanup_forgets_dead_letters_that_ended_long_ago(house: House, dsn: str) -> None:
    """Those that wait are kept however old they are."""
    letters = DeadLetters(house.database)
    house.use(replace(house.context, dead_letters=letters))
    for key in ("1", "2", "3"):
        letters.put("edgar", "document", key, {}, "down", "outage")
    letters.resolve("document", "1")
    letters.resolve("document", "2")
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "update dead_letter set state_since = now() - interval '40 days' where key <> '2'"
        )
    assert run(house, "memory_cleanup")["dead_letters"] == 1
    assert [letters.find("document", key) is None for key in ("1", "2", "3")] == [
        True,
        False,
        False,
    ]


# ---- quota_check ------------------------------------------------------------------------


def test_use_and_reset_are_told_per_provider(house: House) -> None:
    key = CallKey("model", "m-1", "p-1", "0" * 64)
    spent = PaidAnswer({}, Usage(100, 20, 30, 40, HALF))

    def call(begin: Begin) -> PaidAnswer:
        begin()
        return spent

    house.context.paid_calls.once(key, HALF, call)
    summary = run(house, "quota_check")
    model = summary["providers"]["model"]
    assert (model["today"]["calls"], model["today"]["usd"]) == (1, "0.5000")
    assert (model["today"]["cap_usd"], model["today"]["left_usd"]) == ("1.00", "0.5000")
    assert (model["today"]["input_tokens"], model["today"]["output_tokens"]) == (150, 40)
    assert model["day_resets_at"] == "2026-11-23T00:00:00+00:00"
    assert model["month_resets_at"] == "2026-12-01T00:00:00+00:00"
    assert model["breaker"] == "closed"
    assert summary["said"].startswith("model: 1 calls today (0.5000 USD of 1.00)")


def test_a_quota_that_is_nearly_used_up_is_said(house: House, database: Database) -> None:
    """With when it begins anew; one with plenty left is only listed."""
    states = PolicyStates(database, "one", "x")
    states.lease(QuotaKey("model", "tokens", "day", "UTC", 1000), 850)
    states.lease(QuotaKey("edgar", "requests", "day", "UTC", 1000), 10)
    summary = run(house, "quota_check")
    taken = {(one["service"], one["taken"]) for one in summary["quotas"]}
    assert taken == {("model", "850"), ("edgar", "10")}
    assert "model: 850 of 1000 tokens of this day taken, anew" in summary["said"]
    assert "requests" not in summary["said"]


def test_without_a_paid_provider_it_says_so(house: House) -> None:
    object.__setattr__(house.context, "budgets", {})
    assert "no paid provider" in run(house, "quota_check")["said"]


# ---- weekly_summary ---------------------------------------------------------------------


@pytest.fixture
def week(house: House) -> House:
    """Two releases in the week of 16 November 2026; it is now the Sunday."""
    house.watch(PINE, HARBOR)
    house.source.put(PINE, "p3", Published(release(), "text/html", 18))
    house.source.put(HARBOR, "h3", Published(release(HARBOR), "text/html", 17))
    scan_now(house.context, house.runner)
    return house


def files(house: House) -> dict[str, bytes]:
    folder = house.context.reports_dir
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


def test_the_weeks_report_is_stored_and_laid_into_the_folder(week: House) -> None:
    summary = run(week, "weekly_summary", week="2026-W47")
    assert (summary["week"], summary["companies"]) == ("2026-W47", 2)
    assert summary["figures"] > 0
    found = files(week)
    assert list(found) == ["2026-W47.html", "2026-W47.txt"]
    assert b"Pinewood" in found["2026-W47.html"]
    assert week.context.reports.weeks()


def test_made_again_without_new_facts_it_changes_nothing(week: House) -> None:
    run(week, "weekly_summary", week="2026-W47")
    before = files(week)
    stored = week.context.reports.latest()
    week.past(0.5)
    again = run(week, "weekly_summary", week="2026-W47")
    assert "nothing new" in again["said"]
    assert files(week) == before
    assert week.context.reports.latest() == stored


def test_new_facts_make_a_new_report(week: House) -> None:
    run(week, "weekly_summary", week="2026-W47")
    before = files(week)
    week.source.put(PINE, "p3a", Published(release(sales="1,300.0"), "text/html", 19))
    scan_now(week.context, week.runner)
    run(week, "weekly_summary", week="2026-W47")
    assert files(week) != before


def test_a_file_that_was_lost_is_laid_again(week: House) -> None:
    run(week, "weekly_summary", week="2026-W47")
    before = files(week)
    (week.context.reports_dir / "2026-W47.html").unlink()
    run(week, "weekly_summary", week="2026-W47")
    assert files(week) == before


def test_a_folder_that_cannot_be_written_costs_the_files_only(week: House, tmp_path: Path) -> None:
    """A full disk, a file where the folder should be."""
    (tmp_path / "reports").write_text("in the way")
    summary = run(week, "weekly_summary", week="2026-W47")
    assert "cannot be written" in summary["said"]
    assert week.context.reports.latest() is not None


def test_by_hand_it_is_the_week_that_ended_last(week: House) -> None:
    assert run(week, "weekly_summary")["week"] == "2026-W46"
    week.past(1)
    assert run(week, "weekly_summary")["week"] == "2026-W47"


def test_by_schedule_it_is_the_week_before_the_slot(week: House) -> None:
    """Also when it is caught up days later."""
    slot = "2026-11-23T08:00"
    week.past(4)
    week.context.ledger.decide("weekly_summary", slot, week.clock.now(), "run", "", "us")
    report = week.runner.run_slot("weekly_summary", slot)
    assert report is not None
    assert report.summary["week"] == "2026-W47"


def test_a_week_that_does_not_exist_is_named(house: House) -> None:
    report = run_now(house.context, house.runner, "weekly_summary", week="2026-W60")
    assert report.outcome is RunState.FAILED
    assert "2026-W60" in report.error


def test_a_week_without_documents_has_a_report_too(house: House) -> None:
    summary = run(house, "weekly_summary", week="2026-W40")
    assert summary["companies"] == 0
    assert (house.context.reports_dir / "2026-W40.txt").exists()
