"""The table of jobs and the plans made from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pytest

from jobs.catch_up import CatchUp
from jobs.slots import parse
from jobs.table import JOBS, plans


@dataclass(frozen=True)
class Given:
    at: str = "06:30"
    catch_up: str = "all"
    max_age_h: float = 3
    overlap: str = "auto"
    enabled: bool = True


def test_every_job_has_its_name_a_schedule_and_a_sentence() -> None:
    for name, job in JOBS.items():
        assert job.name == name
        assert str(parse(job.at, "UTC")) == f"{job.at} UTC"
        assert job.about
        assert job.deadline_s > 0


def test_the_default_schedule_is_the_promised_one() -> None:
    found = {plan.job: str(plan.schedule) for plan in plans("America/New_York")}
    assert found == {
        "daily_earnings_scan": "07:00 America/New_York",
        "edgar_watch": "06:00 America/New_York",
        "health_check": "00:00 America/New_York",
        "memory_cleanup": "02:00 America/New_York",
        "quota_check": "23:00 America/New_York",
        "weekly_summary": "Mon 08:00 America/New_York",
    }


def test_settings_change_one_job_and_leave_the_others() -> None:
    found = {plan.job: plan for plan in plans("UTC", {"health_check": Given()})}
    assert str(found["health_check"].schedule) == "06:30 UTC"
    assert found["health_check"].catch_up is CatchUp.ALL
    assert found["health_check"].max_age == timedelta(hours=3)
    assert str(found["quota_check"].schedule) == "23:00 UTC"


def test_a_job_that_is_switched_off_has_no_plan() -> None:
    found = plans("UTC", {"quota_check": Given(enabled=False)})
    assert "quota_check" not in {plan.job for plan in found}
    assert len(found) == len(JOBS) - 1


def test_a_job_that_does_not_exist_is_named_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"no job daily_scan.*daily_earnings_scan"):
        plans("UTC", {"daily_scan": Given()})
