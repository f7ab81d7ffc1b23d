"""Quotas that are counted in one process: their windows are the calendar's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.local_quotas import LocalQuotas, window_of
from resilience.quota import PERIODS
from resilience.state import Lease, QuotaKey
from resilience.testing import START, FakeClock

HOUR = timedelta(hours=1)
LA = "America/Los_Angeles"
# A half hour and three quarters off, a leap at midnight, a whole day left out, no summer time.
ZONES = (
    *("UTC", LA, "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu"),
    *("America/Sao_Paulo", "Africa/Cairo", "Pacific/Apia", "Asia/Tokyo"),
)
MOMENTS = st.datetimes(datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))
DAY = QuotaKey("shop", "requests", "day", "UTC", 100.0)


def at(text: str, zone: str = "UTC") -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


# ---- windows -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("noon", "hours"),
    [
        ("2026-03-07 12:00", 24),
        ("2026-03-08 12:00", 23),  # two o'clock is three
        ("2026-03-09 12:00", 24),
        ("2026-11-01 12:00", 25),  # one o'clock comes twice
        ("2026-11-02 12:00", 24),
    ],
)
def test_a_day_of_los_angeles_begins_at_its_midnight(noon: str, hours: int) -> None:
    begins, ends = window_of(at(noon, LA), "day", LA)
    assert ends - begins == hours * HOUR
    assert begins == at(noon[:10], LA)


@pytest.mark.parametrize("minutes", [0, 30, 90, 150])
def test_both_turns_of_an_hour_that_comes_twice_are_of_one_day(minutes: int) -> None:
    first = at("2026-11-01 00:30", LA) + timedelta(minutes=minutes)
    assert window_of(first, "day", LA) == (at("2026-11-01", LA), at("2026-11-02", LA))


def test_an_hour_that_comes_twice_is_two_windows() -> None:
    once = at("2026-11-01 01:00", LA)
    assert window_of(once, "hour", LA) == (once, once + HOUR)
    assert window_of(once + HOUR, "hour", LA) == (once + HOUR, once + 2 * HOUR)


@pytest.mark.parametrize(
    ("moment", "zone", "begins", "ends"),
    [
        ("2024-02-29 23:59:59", "UTC", "2024-02-01", "2024-03-01"),
        ("2026-12-31 23:59:59", "UTC", "2026-12-01", "2027-01-01"),
        ("2026-01-31 00:00:00", "UTC", "2026-01-01", "2026-02-01"),
        ("2026-03-31 12:00:00", LA, "2026-03-01", "2026-04-01"),
        ("2026-11-01 00:00:00", LA, "2026-11-01", "2026-12-01"),
    ],
)
def test_a_month_is_the_calendars(moment: str, zone: str, begins: str, ends: str) -> None:
    assert window_of(at(moment, zone), "month", zone) == (at(begins, zone), at(ends, zone))


@pytest.mark.parametrize(("per", "begins"), [("minute", "09:41"), ("hour", "09:00")])
def test_hours_and_minutes_are_those_of_the_zones_clock(per: str, begins: str) -> None:
    moment = at("2026-05-04 09:41:07", "Asia/Kathmandu")  # 5:45 before UTC
    found, _ = window_of(moment, per, "Asia/Kathmandu")
    assert found == at(f"2026-05-04 {begins}", "Asia/Kathmandu")


def test_a_midnight_that_is_left_out_is_when_the_clock_leaps() -> None:
    """Cairo goes from midnight to one o'clock."""
    begins, ends = window_of(at("2024-04-26 12:00", "Africa/Cairo"), "day", "Africa/Cairo")
    assert ends - begins == 23 * HOUR
    assert window_of(begins - HOUR, "day", "Africa/Cairo")[1] == begins


def test_a_period_nobody_knows_is_refused() -> None:
    with pytest.raises(ValueError, match="per minute, hour, day or month, not per 'week'"):
        window_of(START, "week", "UTC")


@given(moment=MOMENTS, per=st.sampled_from(PERIODS), zone=st.sampled_from(ZONES))
def test_windows_follow_each_other_without_a_gap(moment: datetime, per: str, zone: str) -> None:
    begins, ends = window_of(moment, per, zone)
    instant = timedelta(microseconds=1)
    assert begins <= moment < ends
    assert begins.tzinfo is ends.tzinfo is UTC
    assert window_of(begins, per, zone) == window_of(ends - instant, per, zone) == (begins, ends)
    assert window_of(ends, per, zone)[0] == ends
    assert window_of(begins - instant, per, zone)[1] == begins


@given(moment=MOMENTS, zone=st.sampled_from(ZONES))
def test_a_day_is_all_that_has_its_date(moment: datetime, zone: str) -> None:
    begins, ends = window_of(moment, "day", zone)
    date = moment.astimezone(ZoneInfo(zone)).date()
    assert begins.astimezone(ZoneInfo(zone)).date() == date
    assert (ends - timedelta(microseconds=1)).astimezone(ZoneInfo(zone)).date() == date
    assert 22 * HOUR < ends - begins < 26 * HOUR


# ---- leases ------------------------------------------------------------------------------


def test_a_lease_is_what_was_asked_for_or_what_is_left(clock: FakeClock) -> None:
    quotas = LocalQuotas(clock)
    assert quotas.lease(DAY, 60) == Lease(60, "2026-11-22T00:00:00+00:00", 43_200, 60)
    clock.advance(3600)
    assert quotas.lease(DAY, 60) == Lease(40, "2026-11-22T00:00:00+00:00", 39_600, 100)
    assert quotas.lease(DAY, 60).granted == 0


def test_a_new_window_has_its_whole_allowance(clock: FakeClock) -> None:
    quotas = LocalQuotas(clock)
    quotas.lease(DAY, 100)
    clock.advance(43_199)
    assert quotas.lease(DAY, 1).granted == 0
    clock.advance(1)
    assert quotas.lease(DAY, 100).granted == 100


@pytest.mark.parametrize("seconds", [86_400, -86_400, 3600, -3600, 40 * 86_400])
def test_a_wall_clock_that_is_changed_opens_no_new_window(clock: FakeClock, seconds: float) -> None:
    quotas = LocalQuotas(clock)
    quotas.lease(DAY, 100)
    clock.set_back(seconds)
    assert quotas.lease(DAY, 1).granted == 0
    clock.advance(43_199)
    assert quotas.lease(DAY, 1).granted == 0
    clock.advance(86_401)  # a day that comes twice is spent the second time
    assert quotas.lease(DAY, 100).granted == 100


def test_what_was_given_back_can_be_had_again_in_its_window_only(clock: FakeClock) -> None:
    quotas = LocalQuotas(clock)
    lease = quotas.lease(DAY, 100)
    quotas.give_back(DAY, lease.window, 30)
    assert quotas.lease(DAY, 100).granted == 30
    clock.advance(86_400)
    quotas.lease(DAY, 100)
    quotas.give_back(DAY, lease.window, 30)
    assert quotas.lease(DAY, 1).granted == 0


def test_of_nothing_nothing_is_given_back(clock: FakeClock) -> None:
    """More than was leased makes no more to lease."""
    quotas = LocalQuotas(clock)
    window = quotas.lease(DAY, 10).window
    quotas.give_back(DAY, window, 30)
    assert quotas.lease(DAY, 1000).granted == 100
    LocalQuotas(clock).give_back(DAY, window, 1)


@pytest.mark.parametrize(("leased", "remaining", "left"), [(0, 20, 20), (90, 20, 10), (50, 0, 0)])
def test_what_the_provider_says_only_ever_tightens(
    clock: FakeClock, leased: float, remaining: float, left: float
) -> None:
    quotas = LocalQuotas(clock)
    if leased:
        quotas.lease(DAY, leased)
    quotas.tighten(DAY, remaining)
    assert quotas.lease(DAY, 1000).granted == left
    clock.advance(86_400)
    assert quotas.lease(DAY, 1000).granted == 100


def test_each_account_is_counted_for_itself(clock: FakeClock) -> None:
    quotas = LocalQuotas(clock)
    others = (
        QuotaKey("mail", "requests", "day", "UTC", 100.0),
        QuotaKey("shop", "tokens", "day", "UTC", 100.0),
        QuotaKey("shop", "requests", "hour", "UTC", 100.0),
    )
    quotas.lease(DAY, 100)
    assert [quotas.lease(other, 100).granted for other in others] == [100, 100, 100]


Step = tuple[str, float]
STEPS: st.SearchStrategy[list[Step]] = st.lists(
    st.one_of(
        st.tuples(st.just("lease"), st.floats(0, 60)),
        st.tuples(st.just("wait"), st.floats(0, 40_000)),
        st.tuples(st.just("jump"), st.floats(-90_000, 90_000)),
        st.tuples(st.just("give_back"), st.floats(0, 1)),
    )
)


@given(steps=STEPS, zone=st.sampled_from(ZONES))
def test_no_window_ever_grants_more_than_its_limit(steps: list[Step], zone: str) -> None:
    """Whatever is asked, given back in part, waited for, or done to the clock."""
    clock = FakeClock()
    quotas = LocalQuotas(clock)
    key = QuotaKey("shop", "requests", "day", zone, 100.0)
    granted, ends_at = 0.0, 0.0
    for step, much in steps:
        if step == "wait":
            clock.advance(much)
        elif step == "jump":
            clock.set_back(much)
        else:
            lease = quotas.lease(key, much)
            now = clock.monotonic()
            assert lease.left_s > -0.01
            if now >= ends_at - 0.01:
                granted, ends_at = 0.0, now + lease.left_s
            granted += lease.granted
            if step == "give_back":
                quotas.give_back(key, lease.window, lease.granted * much)
                granted -= lease.granted * much
            assert granted <= 100 + 1e-9
            assert 0 <= lease.granted <= much


@pytest.mark.parametrize("threads", [8])
def test_threads_together_lease_no_more_than_there_is(clock: FakeClock, threads: int) -> None:
    quotas = LocalQuotas(clock)
    granted: list[float] = []

    def lease_all() -> None:
        while (lease := quotas.lease(DAY, 0.75)).granted:
            granted.append(lease.granted)

    _all_at_once([lease_all] * threads)
    assert sum(granted) == pytest.approx(100)
    assert sum(granted) <= 100


def _all_at_once(work: list[Callable[[], None]]) -> None:
    crowd = [threading.Thread(target=each) for each in work]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
