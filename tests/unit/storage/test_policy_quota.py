"""storage.policy_quota: all leases of all processes together never exceed the limit."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resilience.state import QuotaKey
from storage.database import Database
from storage.errors import DatabaseError
from storage.policy_quota import QuotaBook

pytestmark = pytest.mark.database

LOS_ANGELES = "America/Los_Angeles"


def key(limit: float = 100, per: str = "day", resource: str = "units") -> QuotaKey:
    return QuotaKey("youtube", resource, per, LOS_ANGELES, limit)


def execute(dsn: str, sql: str) -> None:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


@pytest.fixture
def book(database: Database) -> QuotaBook:
    return QuotaBook(database)


# ---- leases -----------------------------------------------------------------------------


def test_a_lease_is_at_most_what_is_left(book: QuotaBook) -> None:
    """In full, then the rest, then nothing."""
    grants = [book.lease(key(), 40) for _ in range(4)]
    assert [each.granted for each in grants] == [40, 40, 20, 0]
    assert [each.taken for each in grants] == [40, 80, 100, 100]
    assert len({each.window for each in grants}) == 1


def test_a_first_lease_beyond_the_limit_is_the_limit(book: QuotaBook) -> None:
    assert book.lease(key(100), 250).granted == 100


def test_resources_and_windows_have_accounts_of_their_own(book: QuotaBook) -> None:
    assert book.lease(key(per="day"), 100).granted == 100
    assert book.lease(key(per="month"), 100).granted == 100
    assert book.lease(key(resource="tokens"), 100).granted == 100


def test_nothing_asked_is_nothing_taken(book: QuotaBook) -> None:
    """A debt (a negative amount) is no deposit."""
    book.lease(key(), 40)
    assert book.lease(key(), 0).granted == 0
    assert book.lease(key(), -30).taken == 40


@pytest.mark.parametrize("amount", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_refused(book: QuotaBook, amount: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        book.lease(key(), amount)
    with pytest.raises(ValueError, match="finite"):
        book.lease(key(amount), 1)


@pytest.mark.parametrize(("per", "zone"), [("week", "UTC"), ("day", "Nowhere/Land")])
def test_an_unknown_window_is_an_error_of_the_database(
    book: QuotaBook, per: str, zone: str
) -> None:
    with pytest.raises(DatabaseError):
        book.lease(QuotaKey("s", "r", per, zone, 1), 1)


def test_a_limit_may_be_beyond_all_counting(book: QuotaBook) -> None:
    endless = key(1e300)
    assert book.lease(endless, 1e290).granted == 1e290
    assert book.lease(endless, 0.5).granted == 0.5


def test_money_does_not_drift(book: QuotaBook) -> None:
    """Ten times ten cents are a dollar, which floats deny."""
    budget = key(1.0, resource="usd")
    assert [book.lease(budget, 0.1).granted for _ in range(10)] == [0.1] * 10
    last = book.lease(budget, 0.1)
    assert (last.granted, last.taken) == (0, 1.0)


def test_a_full_grant_is_exactly_what_was_asked(book: QuotaBook) -> None:
    """Also with more digits than are kept: the account is charged the next millionth."""
    odd = 1 / 3
    lease = book.lease(key(1.0), odd)
    assert lease.granted == odd
    assert lease.taken == 0.333334


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    limit=st.floats(0, 1000),
    steps=st.lists(
        st.tuples(st.sampled_from(["lease", "back", "tighten"]), st.floats(0, 500)), max_size=12
    ),
    name=st.uuids(),
)
def test_no_order_of_steps_over_leases(
    book: QuotaBook, limit: float, steps: list[tuple[str, float]], name: object
) -> None:
    """What is out and not given back stays within the limit, exactly; a grant is never more
    than was asked; after the provider spoke, never more than it left."""
    quota = key(limit, resource=str(name))
    out, room = Decimal(0), Decimal(limit)
    for step, amount in steps:
        if step == "lease":
            lease = book.lease(quota, amount)
            assert 0 <= lease.granted <= amount
            assert lease.granted <= room + Decimal("1e-12")
            out += Decimal(lease.granted)
            room -= Decimal(lease.granted)
        elif step == "back" and out:
            back = min(Decimal(amount), out)
            book.give_back(quota, lease.window, float(back))
            out -= back
            room += back
        elif step == "tighten":
            book.tighten(quota, amount)
            # what is out may be among what the provider left, or not: it cannot know
            room = min(room, Decimal(amount)) if amount < limit else room
        assert out <= Decimal(limit) + Decimal("1e-9")


def test_eight_threads_never_exceed_the_limit(database: Database, book: QuotaBook) -> None:
    """Each with a book of its own, as processes have; all of the limit is leased."""
    granted: list[float] = []
    amounts = [0.7, 1.3, 2.9, 0.000001, 5.0, 3.3333333, 1 / 7, 4.2]

    def lease(amount: float) -> None:
        mine = QuotaBook(database)
        granted.extend([mine.lease(key(400), amount).granted for _ in range(50)])

    threads = [threading.Thread(target=lease, args=(each,)) for each in amounts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(granted) == 400
    total = sum((Decimal(each) for each in granted), Decimal(0))
    assert Decimal(399) < total <= Decimal(400)
    assert book.lease(key(400), 1).taken <= 400


# ---- limits that change -----------------------------------------------------------------


def test_a_lowered_limit_counts_at_once_and_for_all(database: Database) -> None:
    """Also for a process that still has the higher one."""
    old, new = QuotaBook(database), QuotaBook(database)
    assert old.lease(key(100), 30).granted == 30
    assert new.lease(key(50), 5).granted == 5
    assert old.lease(key(100), 30).granted == 15
    assert new.lease(key(50), 30).granted == 0


def test_a_limit_lowered_below_what_is_leased_grants_nothing(database: Database) -> None:
    QuotaBook(database).lease(key(100), 80)
    lease = QuotaBook(database).lease(key(50), 1)
    assert (lease.granted, lease.taken) == (0, 80)


def test_a_raised_limit_counts_for_who_knows_of_it(database: Database) -> None:
    """In the window that runs; who still has the lower one keeps to it."""
    old, new = QuotaBook(database), QuotaBook(database)
    assert old.lease(key(50), 60).granted == 50
    assert new.lease(key(100), 10).granted == 10
    assert old.lease(key(50), 10).granted == 0
    assert new.lease(key(100), 60).granted == 40


def test_a_new_window_begins_with_the_latest_limit(dsn: str, database: Database) -> None:
    """A process with the old configuration does not bring the old limit back."""
    old, new = QuotaBook(database), QuotaBook(database)
    old.lease(key(100), 1)
    new.lease(key(50), 1)
    end_windows(dsn)
    assert old.lease(key(100), 80).granted == 50


# ---- windows ----------------------------------------------------------------------------


def end_windows(dsn: str) -> None:
    """As if every window had begun and ended a month earlier."""
    execute(
        dsn,
        "update policy_quota set window_start = window_start - interval '40 days',"
        " window_end = window_end - interval '40 days'",
    )


def test_a_new_window_is_whole_again(dsn: str, book: QuotaBook) -> None:
    before = book.lease(key(), 100)
    end_windows(dsn)
    after = book.lease(key(), 60)
    assert (after.granted, after.taken) == (60, 60)
    assert after.window == before.window  # which was moved away


def test_a_lease_says_when_its_window_ends(book: QuotaBook) -> None:
    """In seconds, by the database's clock."""
    for per, longest in (("minute", 60), ("hour", 3600), ("day", 90_000), ("month", 31 * 90_000)):
        lease = book.lease(key(per=per), 1)
        window = book.window(per, LOS_ANGELES)
        assert 0 <= lease.left_s <= longest
        assert lease.window == window.begins.isoformat() or per == "minute"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("per", "at", "begins", "ends"),
    [
        # spring: 2026-03-08 has 23 hours
        ("day", "2026-03-08T08:00", "2026-03-08T08:00", "2026-03-09T07:00"),
        ("day", "2026-03-08T07:59:59", "2026-03-07T08:00", "2026-03-08T08:00"),
        ("day", "2026-03-09T06:59:59", "2026-03-08T08:00", "2026-03-09T07:00"),
        ("day", "2026-03-09T07:00", "2026-03-09T07:00", "2026-03-10T07:00"),
        # autumn: 2026-11-01 has 25 hours
        ("day", "2026-11-01T07:00", "2026-11-01T07:00", "2026-11-02T08:00"),
        ("day", "2026-11-02T07:59:59", "2026-11-01T07:00", "2026-11-02T08:00"),
        ("day", "2026-11-02T08:00", "2026-11-02T08:00", "2026-11-03T08:00"),
        # the repeated hour is two windows, the skipped one none
        ("hour", "2026-11-01T08:30", "2026-11-01T08:00", "2026-11-01T09:00"),
        ("hour", "2026-11-01T09:30", "2026-11-01T09:00", "2026-11-01T10:00"),
        ("hour", "2026-03-08T09:30", "2026-03-08T09:00", "2026-03-08T10:00"),
        ("hour", "2026-03-08T10:30", "2026-03-08T10:00", "2026-03-08T11:00"),
        ("minute", "2026-11-01T09:30:59", "2026-11-01T09:30", "2026-11-01T09:31"),
        # months of both changes, and the turn of a year
        ("month", "2026-03-20T00:00", "2026-03-01T08:00", "2026-04-01T07:00"),
        ("month", "2026-11-20T00:00", "2026-11-01T07:00", "2026-12-01T08:00"),
        ("month", "2027-01-01T07:59:59", "2026-12-01T08:00", "2027-01-01T08:00"),
        ("month", "2028-02-29T12:00", "2028-02-01T08:00", "2028-03-01T08:00"),
    ],
)
def test_windows_are_the_calendars(
    book: QuotaBook, per: str, at: str, begins: str, ends: str
) -> None:
    """Of the quota's zone, on the days its clocks change too."""
    window = book.window(per, LOS_ANGELES, utc(at))
    assert (window.begins, window.ends) == (utc(begins), utc(ends))


@pytest.mark.parametrize(
    ("zone", "at", "begins", "ends"),
    [
        ("Asia/Kolkata", "2026-08-20T12:40", "2026-08-20T12:30", "2026-08-20T13:30"),
        ("UTC", "2026-08-20T12:40", "2026-08-20T12:00", "2026-08-20T13:00"),
    ],
)
def test_an_hour_begins_at_the_zones_full_hour(
    book: QuotaBook, zone: str, at: str, begins: str, ends: str
) -> None:
    window = book.window("hour", zone, utc(at))
    assert (window.begins, window.ends) == (utc(begins), utc(ends))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    per=st.sampled_from(["minute", "hour", "day", "month"]),
    zone=st.sampled_from(
        [LOS_ANGELES, "UTC", "America/Sao_Paulo", "Asia/Kolkata", "Europe/Berlin"]
    ),
    at=st.datetimes(datetime(2015, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
)
def test_windows_leave_no_gap(book: QuotaBook, per: str, zone: str, at: datetime) -> None:
    """Every moment is in exactly one: the next begins where this one ends. (Midnights that a
    zone skips, as Sao Paulo did until 2018, included.)"""
    window = book.window(per, zone, at)
    assert window.begins <= at < window.ends
    assert book.window(per, zone, window.begins) == window
    assert book.window(per, zone, window.ends - timedelta(microseconds=1)) == window
    assert book.window(per, zone, window.ends).begins == window.ends


# ---- giving back, tightening ------------------------------------------------------------


def test_what_is_given_back_may_be_leased_again(book: QuotaBook) -> None:
    lease = book.lease(key(), 100)
    book.give_back(key(), lease.window, 30)
    assert book.lease(key(), 50).granted == 30


def test_more_than_was_leased_cannot_be_given_back(book: QuotaBook) -> None:
    lease = book.lease(key(), 10)
    book.give_back(key(), lease.window, 500)
    assert book.lease(key(), 500).granted == 100


def test_a_window_that_is_over_takes_nothing_back(dsn: str, book: QuotaBook) -> None:
    """Neither itself nor the one that runs now."""
    lease = book.lease(key(), 100)
    end_windows(dsn)
    book.lease(key(), 100)
    gone = (datetime.fromisoformat(lease.window) - timedelta(days=40)).isoformat()
    book.give_back(key(), gone, 100)
    again = book.lease(key(), 1)
    assert (again.granted, again.taken) == (0, 100)


def test_the_providers_count_only_ever_tightens(book: QuotaBook) -> None:
    book.lease(key(), 20)
    book.tighten(key(), 95)  # less was spent than leased: no news
    assert book.lease(key(), 0).taken == 20
    book.tighten(key(), 30)  # somebody else spends this account too
    assert book.lease(key(), 0).taken == 70
    book.tighten(key(), 60)  # an answer that came late
    assert book.lease(key(), 100).granted == 30


def test_the_providers_count_may_come_first(book: QuotaBook) -> None:
    """Before anything is leased of the window; a provider with a larger limit says nothing."""
    book.tighten(key(), 10)
    assert book.lease(key(), 50).granted == 10
    book.tighten(key(resource="other"), 5000)
    assert book.lease(key(resource="other"), 500).granted == 100


def test_what_the_provider_counted_is_not_given_back(book: QuotaBook) -> None:
    """A lease that was not spent comes back only as far as the provider's count allows."""
    lease = book.lease(key(), 50)
    book.tighten(key(), 0)  # all of it is gone, by others
    book.give_back(key(), lease.window, 10)
    assert book.lease(key(), 50).granted == 0
    other = key(resource="other")
    lease = book.lease(other, 100)
    book.tighten(other, 10)  # of the hundred leased ten were not spent, and nothing by others
    book.give_back(other, lease.window, 10)
    assert book.lease(other, 50).granted == 10


def test_a_raised_limit_does_not_outbid_the_provider(database: Database, book: QuotaBook) -> None:
    book.lease(key(100), 60)
    book.tighten(key(100), 10)
    assert QuotaBook(database).lease(key(1000), 500).granted == 10


# ---- what survives ----------------------------------------------------------------------


def test_a_lease_is_on_the_disk_before_it_is_spent(dsn: str) -> None:
    """Even where the server is set not to wait for it."""
    execute(
        dsn,
        "do $$ begin execute format('alter database %I set synchronous_commit = off',"
        " current_database()); end $$",
    )
    execute(
        dsn,
        "create table seen (how text); create function see() returns trigger language plpgsql as"
        " $$ begin insert into seen values (current_setting('synchronous_commit'));"
        " return new; end $$;"
        " create trigger see before insert or update on policy_quota"
        " for each row execute function see()",
    )
    database = Database(dsn)
    book = QuotaBook(database)
    lease = book.lease(key(), 10)
    book.give_back(key(), lease.window, 1)
    database.close()
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select how from seen")
        assert cursor.fetchall() == [("on",), ("off",)]
    connection.close()
