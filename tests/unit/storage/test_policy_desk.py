"""storage.policy_desk: what people see of the policies, and decide."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest

from resilience.state import QuotaKey, RecordedCall, StoredBreaker, StoredPause
from storage.database import Database
from storage.errors import Conflict
from storage.policy_desk import PolicyDesk
from storage.policy_state import PolicyStates

pytestmark = pytest.mark.database

AT = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)


@pytest.fixture
def desk(database: Database) -> PolicyDesk:
    return PolicyDesk(database)


@pytest.fixture
def states(database: Database) -> PolicyStates:
    return PolicyStates(database, "main", "ex-1")


def execute(dsn: str, sql: str) -> None:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def call(n: int, service: str = "edgar") -> RecordedCall:
    cost = {"units": 1.5, "usd": n / 8}
    return RecordedCall(service, AT + timedelta(seconds=n), "failure", 0.25, 2, 30.0, cost)


def test_breakers_of_all_instances_with_who_told(
    desk: PolicyDesk, states: PolicyStates, database: Database
) -> None:
    states.save([StoredBreaker("edgar", "open", 5, 1, 60, "ReadTimeout", 9, 5, 4)], [])
    PolicyStates(database, "second", "ex-2").save([StoredBreaker("edgar", "closed")], [])
    main, second = desk.breakers()
    assert (main.instance, main.executor, main.state) == ("main", "ex-1", "open")
    assert (main.calls, main.failed, main.rejected) == (9, 5, 4)
    assert main.open_until is not None
    assert main.open_until - main.updated_at == timedelta(seconds=60)
    assert (second.instance, second.open_until) == ("second", None)


def test_quotas_of_the_windows_that_run(desk: PolicyDesk, states: PolicyStates, dsn: str) -> None:
    """Money exact, and the end as a moment."""
    states.lease(QuotaKey("claude", "usd", "month", "UTC", 10.0), 0.1)
    execute(
        dsn,
        "update policy_quota set window_start = window_start - interval '40 days',"
        " window_end = window_end - interval '40 days'",
    )
    states.lease(QuotaKey("claude", "usd", "month", "UTC", 10.0), 0.3)
    states.lease(QuotaKey("claude", "calls", "day", "America/Los_Angeles", 50), 50)
    states.tighten(QuotaKey("claude", "calls", "day", "America/Los_Angeles", 50), 0)
    calls, usd = desk.quotas()
    assert (usd.used, usd.allowed, usd.ceiling) == (Decimal("0.3"), Decimal(10), None)
    assert (usd.per, usd.window_end.day, usd.window_start.day) == ("month", 1, 1)
    assert (calls.used, calls.ceiling) == (Decimal(50), Decimal(50))
    assert calls.zone == "America/Los_Angeles"
    assert calls.window_start < desk.quotas()[0].updated_at < calls.window_end


def test_pauses_can_be_ended(desk: PolicyDesk, states: PolicyStates) -> None:
    states.save([], [StoredPause("edgar", 90, "429"), StoredPause("sec", 0)])
    (pause,) = desk.pauses()
    assert (pause.service, pause.why) == ("edgar", "429")
    assert pause.ends_at - pause.updated_at == timedelta(seconds=90)
    assert desk.clear_pause("edgar")
    assert not desk.clear_pause("edgar")
    assert desk.pauses() == []


def test_a_later_decision_takes_the_place_of_an_earlier_one(desk: PolicyDesk) -> None:
    desk.set_hold("edgar", "hold", None, "maintenance", "ann")
    desk.set_hold("edgar", "disable", 60, "their page says all is well", "bob")
    (hold,) = desk.holds()
    assert (hold.kind, hold.why, hold.asked_by) == (
        "disable",
        "their page says all is well",
        "bob",
    )
    assert hold.ends_at is not None
    assert hold.ends_at - hold.asked_at == timedelta(seconds=60)
    desk.set_hold("claude", "hold", 0, "over at once", "ann")
    assert [each.service for each in desk.holds()] == ["edgar"]
    assert desk.clear_hold("edgar")
    assert not desk.clear_hold("edgar")


def test_another_kind_of_hold_is_refused(desk: PolicyDesk) -> None:
    with pytest.raises(Conflict):
        desk.set_hold("edgar", "maybe", None, "", "ann")  # type: ignore[arg-type]


def test_calls_come_back_as_they_were_in_their_order(
    desk: PolicyDesk, states: PolicyStates, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Over the borders of pages, calls of one moment included."""
    monkeypatch.setattr("storage.policy_desk._PAGE", 3)
    same = [call(5), call(5), call(5), call(5)]
    states.record([call(9), *same, call(1), call(2, "claude"), call(0)])
    assert list(desk.calls("edgar", AT + timedelta(seconds=1))) == [call(1), *same, call(9)]
    assert list(desk.calls("edgar", AT + timedelta(seconds=10))) == []
    plain = RecordedCall("sec", AT, "success", 0.1, 1)
    states.record([plain])
    assert list(desk.calls("sec", AT)) == [plain]


def test_old_calls_are_dropped_in_batches(desk: PolicyDesk, states: PolicyStates, dsn: str) -> None:
    """By when the database got them: a caller with a wrong clock keeps nothing for ever."""
    states.record([call(n) for n in range(25)])
    execute(dsn, "update policy_call set kept_at = kept_at - interval '31 days'")
    states.record([call(50)])
    execute(dsn, "update policy_call set at = at + interval '90 years' where id % 2 = 0")
    assert desk.drop_calls(32 * 86_400) == 0
    assert desk.drop_calls(30 * 86_400, batch=10) == 25
    assert desk.drop_calls(30 * 86_400, batch=10) == 0
    execute(dsn, "update policy_call set kept_at = kept_at - interval '31 days'")
    assert desk.drop_calls(30 * 86_400, batch=1) == 1


def test_what_nobody_tells_of_any_more_is_forgotten(
    desk: PolicyDesk, states: PolicyStates, dsn: str
) -> None:
    """Breakers of instances that are gone, and windows that are over; the newest stay."""
    quota = QuotaKey("claude", "usd", "month", "UTC", 10.0)
    states.save([StoredBreaker("edgar", "closed")], [])
    states.lease(quota, 1)
    execute(
        dsn,
        "update policy_breaker set updated_at = updated_at - interval '31 days';"
        "update policy_quota set window_start = window_start - interval '90 days',"
        " window_end = window_end - interval '90 days'",
    )
    states.save([StoredBreaker("claude", "closed")], [])
    states.lease(quota, 2)
    assert desk.forget(365 * 86_400) == 0
    assert desk.forget(30 * 86_400) == 2
    assert [each.service for each in desk.breakers()] == ["claude"]
    assert [each.used for each in desk.quotas()] == [2]
