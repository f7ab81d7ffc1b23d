"""`plan`: what would run, as it is typed and read."""

from __future__ import annotations

import pytest

from settings import Settings, load
from tests.unit.cli.fakes import FakeDesk, FakeDoor, typed

SCAN = "--job daily_earnings_scan"


def test_a_night_that_is_down_every_day() -> None:
    """The morning's job runs as the machine comes up; what fell into the night says why not."""
    shown = typed("plan --from 2026-11-22 --to 2026-11-23 --down 22:00-07:30 --json")
    assert shown.code == 0
    slots = {(one["job"], one["slot"]): one for one in shown.json["slots"]}
    scan = slots["daily_earnings_scan", "2026-11-22T07:00"]
    assert (scan["would"], scan["why"]) == ("late", "late by 30 min")
    assert scan["begun_at"] == "2026-11-22T12:30:00Z"
    assert slots["health_check", "2026-11-22T00:00"]["would"] == "skipped"
    assert shown.json["counts"] == {"skipped": 6, "late": 4, "run": 1}
    assert shown.json["down"] == ["22:00-07:30"]


def test_it_needs_no_database() -> None:
    door = FakeDoor(FakeDesk())
    assert typed("plan", door=door).code == 0
    assert door.opened == 0


def test_without_days_it_is_the_week_from_today_on() -> None:
    shown = typed(f"plan {SCAN} --json")
    assert [one["slot"][:10] for one in shown.json["slots"]] == [
        f"2026-11-{day}" for day in range(22, 29)
    ]


def test_two_outages_and_another_zone() -> None:
    shown = typed(
        f"plan {SCAN} --from 2026-11-20 --to 2026-11-22 --zone Europe/Berlin --json"
        " --down 2026-11-20..2026-11-21T12:00 --down 06:00-09:00"
    )
    assert [(one["would"], one["due_at"]) for one in shown.json["slots"]] == [
        ("skipped", "2026-11-20T06:00:00Z"),
        ("late", "2026-11-21T06:00:00Z"),
        ("late", "2026-11-22T06:00:00Z"),
    ]


def test_a_slow_job_is_in_its_own_way() -> None:
    shown = typed(f"plan {SCAN} --from 2026-11-20 --to 2026-11-21 --takes 25h --json")
    assert [one["would"] for one in shown.json["slots"]] == ["run", "skipped"]
    assert shown.json["slots"][1]["why"] == "the run of 2026-11-20T07:00 has not ended"


def test_the_table_says_what_and_why() -> None:
    out = typed("plan --from 2026-03-08 --to 2026-03-08").out
    assert "2026-03-08 to 2026-03-08, America/New_York" in out
    assert "clocks skip 02:00 on that day" in out
    assert "5 slots: 5 run" in out


def test_the_zone_is_that_of_the_settings() -> None:
    def there() -> Settings:
        return load({"RETAILXAI_SCHEDULE_ZONE": "UTC"})

    shown = typed("plan --json", door=FakeDoor(settings=there))
    assert shown.json["zone"] == "UTC"


@pytest.mark.parametrize(
    ("line", "code", "said"),
    [
        ("plan --job helth_check", 4, "health_check"),
        ("plan --from 2026-11-22 --to 2026-11-21", 2, "is before"),
        ("plan --from 2026-11-22 --to 2028-11-21", 2, "more than 400 days"),
        ("plan --down 25:00-07:00", 2, "22:00-07:00"),
        ("plan --down 07:00-07:00", 2, "is no outage"),
        ("plan --down 2026-11-22..2026-11-20", 2, "is no outage"),
        ("plan --down 2026-02-30..2026-03-20", 2, "is no outage"),
        ("plan --zone Mars", 2, "no time zone"),
        ("plan --zone ../etc", 2, "no time zone"),
        ("plan --dst 26", 2, "no year"),
        ("plan --dst 2026 --from 2026-01-01", 2, "whole year"),
    ],
)
def test_what_cannot_be_foreseen_is_said(line: str, code: int, said: str) -> None:
    shown = typed(line)
    assert shown.code == code
    assert said in shown.err
    assert "Traceback" not in shown.err


def test_the_audit_of_a_year() -> None:
    shown = typed("plan --dst 2026 --json")
    assert shown.json["changes"] == [
        {"at": "2026-03-08T07:00:00Z", "before": "2026-03-08T02:00", "after": "2026-03-08T03:00"},
        {"at": "2026-11-01T06:00:00Z", "before": "2026-11-01T02:00", "after": "2026-11-01T01:00"},
    ]
    assert shown.json["touched"] == [
        {
            "job": "memory_cleanup",
            "slot": "2026-03-08T02:00",
            "due_at": "2026-03-08T07:00:00Z",
            "local": "2026-03-08 03:00 EDT",
            "cron_runs": 0,
            "cron_at": [],
        }
    ]
    out = typed("plan --dst 2026").out
    assert "once, 2026-03-08 03:00 EDT  never" in out
    assert "2026-11-01T02:00  are set to  2026-11-01T01:00" in out


def test_the_audit_of_a_year_in_which_nothing_happens() -> None:
    assert "are not changed in 2026" in typed("plan --dst 2026 --zone Asia/Tokyo").out
    assert "No slot falls" in typed(f"plan --dst 2026 {SCAN}").out
