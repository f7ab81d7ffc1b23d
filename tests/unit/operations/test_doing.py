"""The one line of `systemctl status`."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from operations.doing import Doing, in_words
from resilience.breaker import BreakerState
from resilience.status import PolicyStatus

ZONE = ZoneInfo("America/New_York")
AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
IDLE = Doing(0, 0, ("daily_earnings_scan", AT), (), database_hears=True, zone=ZONE)


def service(name: str, state: BreakerState, *, paused_s: float = 0.0) -> PolicyStatus:
    return PolicyStatus(name, state, 0, AT, 0, 0, 0, 0, "", paused_s)


def test_an_idle_daemon_says_what_comes_next() -> None:
    """In the schedule's own zone."""
    assert in_words(IDLE) == "waiting for work; next daily_earnings_scan Mon 07:00"


def test_work_is_counted() -> None:
    assert in_words(replace(IDLE, jobs=1, documents=4)).startswith("1 job and 4 documents under")
    assert in_words(replace(IDLE, documents=1)).startswith("1 document under way; next")


def test_a_worker_has_no_schedule() -> None:
    assert in_words(replace(IDLE, next_job=None)) == "waiting for work"


def test_who_is_left_alone_is_named() -> None:
    """By its breaker, by its own wish, by a person; not who only sets its pace, and the database
    in words of its own."""
    services = (
        service("edgar", BreakerState.OPEN),
        service("claude", BreakerState.HELD),
        service("groq", BreakerState.CLOSED, paused_s=61),
        service("ollama", BreakerState.CLOSED, paused_s=2),
        service("database", BreakerState.OPEN),
    )
    said = in_words(replace(IDLE, services=services, database_hears=False))
    assert said == (
        "the database does not answer: nothing new is begun until it does; waiting for work; "
        "next daily_earnings_scan Mon 07:00; edgar left alone until 07:00:00; "
        "claude held by a person until 07:00:00; groq left alone until 07:00:00"
    )
