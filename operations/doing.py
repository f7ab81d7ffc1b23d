"""What this process does now, in one line for a person."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo

from resilience.breaker import BreakerState
from resilience.status import PolicyStatus

LONG_PAUSE_S = 60.0  # a service that asks for less is only setting its pace


@dataclass(frozen=True)
class Doing:
    """`next_job`: of the schedule, None where there is none."""

    jobs: int
    documents: int
    next_job: tuple[str, datetime] | None
    services: Sequence[PolicyStatus]
    database_hears: bool
    zone: tzinfo


def in_words(doing: Doing) -> str:
    parts = [_work(doing)]
    if not doing.database_hears:
        parts.insert(0, "the database does not answer: nothing new is begun until it does")
    if doing.next_job is not None:
        job, at = doing.next_job
        parts.append(f"next {job} {at.astimezone(doing.zone):%a %H:%M}")
    parts += _left_alone(doing.services, doing.zone)
    return "; ".join(parts)


def _work(doing: Doing) -> str:
    counted = [
        f"{count} {one if count == 1 else many}"
        for count, one, many in (
            (doing.jobs, "job", "jobs"),
            (doing.documents, "document", "documents"),
        )
        if count
    ]
    return f"{' and '.join(counted)} under way" if counted else "waiting for work"


def _left_alone(services: Iterable[PolicyStatus], zone: tzinfo) -> list[str]:
    """The database is told of apart."""
    said = []
    for one in services:
        held = one.state is BreakerState.HELD
        stopped = held or one.state is BreakerState.OPEN or one.paused_s >= LONG_PAUSE_S
        if not stopped or one.service == "database":
            continue
        until = f" until {one.retry_at.astimezone(zone):%H:%M:%S}" if one.retry_at else ""
        said.append(f"{one.service} {'held by a person' if held else 'left alone'}{until}")
    return said
