"""All jobs: what each does, and when unless it is configured otherwise."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Protocol

from jobs.catch_up import CatchUp, Overlap
from jobs.daily_earnings_scan import daily_earnings_scan
from jobs.edgar_watch import edgar_watch
from jobs.health_check import health_check
from jobs.job import Job
from jobs.memory_cleanup import memory_cleanup
from jobs.planning import Plan
from jobs.quota_check import quota_check
from jobs.slots import parse
from jobs.weekly_summary import weekly_summary

_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)

JOBS: Mapping[str, Job] = {
    job.name: job
    for job in (
        Job(
            "daily_earnings_scan",
            daily_earnings_scan,
            "asks every source for new releases and reads them",
            at="07:00",
            catch_up=CatchUp.LATEST,
            max_age=_DAY,
            deadline_s=2 * 3600,
        ),
        Job(
            "edgar_watch",
            edgar_watch,
            "reads releases minutes after the SEC took them, all day in earnings season",
            at="06:00",
            catch_up=CatchUp.LATEST,
            max_age=_DAY,
            deadline_s=25 * 3600,
            begins_at_once=True,
        ),
        Job(
            "weekly_summary",
            weekly_summary,
            "composes the report of the week that ended",
            at="Mon 08:00",
            catch_up=CatchUp.LATEST,
            max_age=6 * _DAY,
            deadline_s=600,
        ),
        Job(
            "health_check",
            health_check,
            "looks at the database, memory, disk, breakers, logs and the process",
            at="00:00",
            catch_up=CatchUp.NONE,
            max_age=_HOUR,
            deadline_s=120,
        ),
        Job(
            "memory_cleanup",
            memory_cleanup,
            "bounds histories and gives memory back",
            at="02:00",
            catch_up=CatchUp.NONE,
            max_age=_HOUR,
            deadline_s=300,
        ),
        Job(
            "quota_check",
            quota_check,
            "reports what each paid provider took, and when its caps begin anew",
            at="23:00",
            catch_up=CatchUp.NONE,
            max_age=_HOUR,
            deadline_s=120,
        ),
    )
}


class Configured(Protocol):
    """A job's schedule as the settings give it."""

    @property
    def at(self) -> str: ...
    @property
    def catch_up(self) -> str: ...
    @property
    def max_age_h(self) -> float: ...
    @property
    def overlap(self) -> str: ...
    @property
    def enabled(self) -> bool: ...


def every_plan(zone: str, configured: Mapping[str, Configured] | None = None) -> tuple[Plan, ...]:
    """When each job is due in `zone`, also those that are switched off; one that is not
    configured keeps the table's own.

    Raises ValueError for a schedule that cannot be read or a job that does not exist.
    """
    given = dict(configured or {})
    unknown = sorted(set(given) - set(JOBS))
    if unknown:
        known = ", ".join(JOBS)
        raise ValueError(f"there is no job {', '.join(unknown)}; there are {known}")
    return tuple(_plan(job, zone, given.get(job.name)) for job in JOBS.values())


def plans(zone: str, configured: Mapping[str, Configured] | None = None) -> tuple[Plan, ...]:
    """Of `every_plan` those that are not switched off."""
    return tuple(plan for plan in every_plan(zone, configured) if plan.enabled)


def _plan(job: Job, zone: str, given: Configured | None) -> Plan:
    if given is None:
        return Plan(
            job.name,
            parse(job.at, zone),
            job.catch_up,
            job.max_age,
            begins_at_once=job.begins_at_once,
        )
    return Plan(
        job.name,
        parse(given.at, zone),
        CatchUp(given.catch_up),
        timedelta(hours=given.max_age_h),
        Overlap(given.overlap),
        given.enabled,
        job.begins_at_once,
    )
