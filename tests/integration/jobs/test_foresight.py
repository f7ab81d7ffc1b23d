"""The forecast, held against what the ticker writes into a real ledger."""

from __future__ import annotations

import threading
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings

from jobs.catch_up import CatchUp
from jobs.foresight import foresee
from jobs.planning import Plan
from jobs.slots import parse
from jobs.ticker import Ticker
from resilience.testing import FakeClock
from storage.database import Database
from storage.ledger import Ledger
from tests.length import IS_LONG
from tests.unit.jobs.fakes import FakeEngine
from tests.unit.jobs.reality import Reality, Story, stories, told

pytestmark = pytest.mark.database


@given(story=stories(days=5, jobs=2))
@settings(max_examples=25 if IS_LONG else 8, suppress_health_check=list(HealthCheck))
def test_the_forecast_is_what_stands_in_the_ledger(
    database: Database, dsn: str, story: Story
) -> None:
    """The same decisions and reasons for every slot, with two more processes ticking: none is
    lost, none is decided twice, none runs twice to its end."""
    with closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cursor:
        cursor.execute("delete from job_run")
    found = foresee(story.plans, story.begin, story.end, downs=story.downs, takes=story.takes)
    reality = Reality(story, lambda clock: Ledger(database, clock), beside=2)
    reality.play()
    written = told(Ledger(database).history(limit=10_000))
    assert {
        key: written.get(key) for one in found if (key := (one.job, one.slot.name)) in written
    } == {
        (one.job, one.slot.name): (str(one.decision), one.reason)
        for one in found
        if one.decision is not None
    }
    assert len(reality.finished) == len(set(reality.finished))


def test_processes_that_tick_at_once_after_a_week_decide_every_slot_once(
    database: Database,
) -> None:
    """Eight of them, on one ledger, with one engine."""
    clock = FakeClock(datetime(2026, 11, 22, 13, 0, tzinfo=UTC))
    plan = Plan("scan", parse("07:00", "America/New_York"), CatchUp.ALL, timedelta(days=30))
    engine = FakeEngine()
    ledger = Ledger(database, clock)
    Ticker([plan], ledger, engine, clock).tick()
    clock.advance(7 * 86_400)
    gate = threading.Barrier(8)
    broken: list[BaseException] = []

    def tick() -> None:
        ticker = Ticker([plan], Ledger(database, clock), engine, clock)
        gate.wait(10)
        try:
            ticker.tick()
        except BaseException as error:  # noqa: BLE001  told below
            broken.append(error)

    threads = [threading.Thread(target=tick) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert broken == []
    rows = sorted((run.slot, str(run.state)) for run in ledger.history("scan"))
    assert rows == [
        ("2026-11-22T07:00", "skipped"),
        *((f"2026-11-{day}T07:00", "due") for day in range(23, 30)),
    ]
    assert [work_id for _, work_id, _ in engine.enqueued] == ["scan:2026-11-23T07:00"]
