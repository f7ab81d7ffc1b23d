"""storage.spending: what was paid and what may have been, against caps and in a month."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.analysts.base import AskedWith, CallKey, PaidAnswer, Usage
from earnings.analysts.savings import saved
from resilience.outcomes import CallFailed
from resilience.testing import FakeClock
from storage.call_budget import ALL, Caps, month_of, windows
from storage.database import Database
from storage.paid_calls import PaidCallLedger
from storage.paid_desk import PaidDesk
from storage.spending import Spending, cap_uses, used_of
from tests.unit.storage.paying import paying

CENT = Decimal("0.01")
PAID = Decimal("0.004")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)))
def test_a_moment_lies_in_its_day_and_month(now: datetime) -> None:
    """And the next ones begin where they end, at midnight of the first."""
    for window in windows(now):
        assert window.begins <= now < window.ends
        assert window.ends.time() == window.begins.time() == datetime.min.time()
        (after,) = [one for one in windows(window.ends) if one.per == window.per]
        assert after.begins == window.ends
    day, month = windows(now)
    assert day.ends - day.begins == timedelta(days=1)
    assert (month.begins.day, month.ends.day) == (1, 1)
    assert month_of(now.year, now.month, day.begins) == month


def ask(ledger: PaidCallLedger, name: str, error: Exception | None = None) -> None:
    def call() -> PaidAnswer:
        if error is not None:
            raise error
        return PaidAnswer({"text": "ok"}, Usage(10, 1, 2, 5, PAID))

    key = CallKey("claude", "model-x", "7", name * 64)
    if error is None:
        ledger.once(key, CENT, paying(call))
    else:
        with pytest.raises(type(error)):
            ledger.once(key, CENT, paying(call))


@pytest.fixture
def ledger(database: Database, clock: FakeClock) -> PaidCallLedger:
    """Yesterday one was answered; today one was, one is in doubt, one refused, one dropped, and
    one was asked twice."""
    made = PaidCallLedger(database, "ex", is_dead=lambda _: False, clock=clock)
    doubt = CallFailed("claude", "timed out", accepted=True)
    ask(made, "a")
    clock.advance(86_400)
    ask(made, "b")
    ask(made, "c", doubt)
    ask(made, "d", CallFailed("claude", "refused", accepted=False))
    ask(made, "e", doubt)
    ask(made, "f", doubt)
    desk = PaidDesk(database, clock)
    assert desk.drop(5, "given up")
    assert desk.retry(6, "asked again")
    ask(made, "f")
    return made


@pytest.mark.database
def test_a_cap_counts_what_was_paid_and_what_may_have_been(
    ledger: PaidCallLedger, clock: FakeClock
) -> None:
    """The same sum that the ledger holds against the cap before it asks."""
    budgets = {"claude": Caps(daily_usd=Decimal(1)), "groq": Caps(monthly_usd=Decimal(2))}
    uses = cap_uses(ledger.spend, budgets, clock.now())
    assert [(one.provider, one.window.per) for one in uses] == [
        ("claude", "day"), ("claude", "month"), ("groq", "day"), ("groq", "month"),
    ]  # fmt: skip
    day, month = used_of(uses, "claude", "day"), used_of(uses, "claude", "month")
    assert day is not None
    assert month is not None
    assert (day.usd, day.open_usd) == (2 * PAID, 3 * CENT)  # in doubt, dropped, the first of two
    assert day.left_usd == 1 - day.taken_usd
    assert (month.usd, month.left_usd) == (3 * PAID, None)
    groq = used_of(uses, "groq", "month")
    assert groq is not None
    assert (groq.taken_usd, groq.left_usd) == (Decimal(0), Decimal(2))


@pytest.mark.database
def test_the_cap_over_all_sums_every_provider(ledger: PaidCallLedger, clock: FakeClock) -> None:
    """It stands last; without caps over all there is no such row."""
    groq = CallKey("groq", "m", "7", "e" * 64)
    ledger.once(groq, CENT, paying(lambda: PaidAnswer({}, Usage(cost_usd=PAID))))
    uses = cap_uses(ledger.spend, {ALL: Caps(Decimal(1), Decimal(9))}, clock.now())
    assert [one.provider for one in uses] == ["claude", "claude", "groq", "groq", ALL, ALL]
    day, month = used_of(uses, ALL, "day"), used_of(uses, ALL, "month")
    assert day is not None
    assert month is not None
    assert (day.usd, day.open_usd, day.cap_usd) == (3 * PAID, 3 * CENT, Decimal(1))
    assert (month.usd, month.cap_usd) == (4 * PAID, Decimal(9))
    assert ALL not in {one.provider for one in cap_uses(ledger.spend, {}, clock.now())}


@pytest.mark.database
def test_a_month_in_totals(ledger: PaidCallLedger, database: Database, clock: FakeClock) -> None:
    """Every sum by what it is for; nothing is counted twice, nothing left out."""
    spending, (day, month) = Spending(database), windows(clock.now())
    (total,) = spending.totals(month)
    assert (total.calls, total.usd) == (3, 3 * PAID)
    assert (total.in_doubt, total.in_doubt_usd) == (1, CENT)
    assert (total.open, total.open_usd) == (0, Decimal(0))
    assert total.given_up_usd == 2 * CENT
    assert (total.input_tokens, total.output_tokens) == (39, 15)
    assert spending.documents(month) == 3
    assert spending.documents(day) == 2
    last_month = month_of(2020, 1, month.begins)
    assert spending.totals(last_month) == []
    assert spending.documents(last_month) == 0


@pytest.mark.database
def test_a_month_in_lines(ledger: PaidCallLedger, database: Database, clock: FakeClock) -> None:
    """By day, model and document the lines add up to the totals."""
    with database.transaction() as tx:
        tx._connection.cursor().execute(
            "insert into document (source, external_id, title, sha256)"
            " values ('inbox', 'd1', 'Third quarter', repeat('a', 64))"
        )
    spending, (_, month) = Spending(database), windows(clock.now())
    for by in ("day", "model", "document"):
        lines = spending.lines(month, by)
        assert sum(one.usd for one in lines) == 3 * PAID
        assert sum(one.not_known_usd for one in lines) == 3 * CENT
        assert sum(one.calls for one in lines) == 3
    days = [one.name for one in spending.lines(month, "day")]
    assert days == sorted(days)
    assert [one.name for one in spending.lines(month, "model")] == ["model-x (prompt 7)"]
    names = [one.name for one in spending.lines(month, "document")]
    assert "Third quarter" in names
    assert f"no document: {'c' * 12}" in names


@given(
    usage=st.builds(
        Usage, *(st.integers(0, 10**6),) * 4, st.decimals(0, 9, places=6, allow_nan=False)
    ),
    sent=st.integers(1, 10**6),
    left_out=st.integers(0, 10**7),
    price=st.decimals(0, 50, places=2, allow_nan=False),
)
def test_savings_add_up_to_the_naive_cost(
    usage: Usage, sent: int, left_out: int, price: Decimal
) -> None:
    """Whatever was counted: paid and saved are what the naive call would have cost."""
    asked = AskedWith(sent, sent + left_out, price, 5 * price, Decimal("0.5"))
    read = usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens
    naive = (read * Decimal(sent + left_out) / sent + 5 * usage.output_tokens) * price / 10**6
    for in_batch in (True, False):
        found = saved(usage, asked, in_batch=in_batch)
        assert abs(found.naive - naive) < Decimal("0.000001")
        assert found.paid == usage.cost_usd
        assert (found.batching == 0) == (not in_batch or usage.cost_usd == 0)


def test_what_was_saved_is_summed_as_it_is_computed(
    database: Database, dsn: str, clock: FakeClock
) -> None:
    """The database's sums are those of `savings.saved`, over answers that were asked singly and in
    a batch; one that was asked before such things were written down is left out of them."""
    ledger = PaidCallLedger(database, "ex", is_dead=lambda _: False, clock=clock)
    asked = AskedWith(20_000, 60_000, Decimal(2), Decimal(10), Decimal("0.5"))
    usage = Usage(4000, 0, 2000, 1500, Decimal("0.0234"))
    for name, known in (("a", asked), ("b", asked), ("c", None)):
        key = CallKey("claude", "model-x", "7", name * 64, known)
        ledger.once(key, CENT, paying(lambda: PaidAnswer({"text": "ok"}, usage)))
    with database.transaction() as tx:
        tx.run("paid_batches.intend", provider="claude", owner="ex", requests=1,
               at=clock.now(), deadline_at=clock.now(), next_look_at=clock.now())  # fmt: skip
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(
            "update paid_call set custom_id = 'x', batch_id = (select max(id) from paid_batch)"
            " where sha256 = %s",
            ("b" * 64,),
        )
    connection.close()
    (total,) = Spending(database).totals(windows(clock.now())[1])
    expected = saved(usage, asked, in_batch=False) + saved(usage, asked, in_batch=True)
    assert (total.calls, total.measured, total.cached_tokens) == (3, 2, 6000)
    found = (total.measured_usd, total.trimming_usd, total.caching_usd, total.batching_usd)
    assert [round(one, 9) for one in found] == [
        round(one, 9)
        for one in (expected.paid, expected.trimming, expected.caching, expected.batching)
    ]
    assert total.trimming_tokens == 2 * 6000 * 2
    for by in ("day", "company", "model", "document"):
        lines = Spending(database).lines(windows(clock.now())[1], by)
        saving = sum((one.saved_usd for one in lines), Decimal(0))
        assert round(saving, 9) == round(expected.naive - expected.paid, 9), by


def test_what_is_known_when_it_is_sent_stands_in_place_of_what_was_thought(
    database: Database, clock: FakeClock
) -> None:
    """An analyst that makes its question fit only when it is asked says so with its answer."""
    ledger = PaidCallLedger(database, "ex", is_dead=lambda _: False, clock=clock)
    thought = AskedWith(90_000, 90_000, Decimal(2), Decimal(10))
    asked, usage = AskedWith(20_000, 80_000, Decimal(1), Decimal(4)), Usage(4000, 0, 0, 1500, PAID)
    for name, before in (("a", None), ("b", thought)):
        key = CallKey("groq", "model-x", "7", name * 64, before)
        ledger.once(key, CENT, paying(lambda: PaidAnswer({"text": "ok"}, usage, asked)))
    (total,) = Spending(database).totals(windows(clock.now())[1])
    trimming = 2 * saved(usage, asked, in_batch=False).trimming
    assert (total.measured, round(total.trimming_usd, 9)) == (2, round(trimming, 9))


def test_lines_of_companies_hold_their_tokens(ledger: PaidCallLedger, database: Database) -> None:
    """Money and tokens by company; what belongs to no stored document is a line of its own."""
    month = windows(datetime.now(UTC))[1]
    span = type(month)("month", datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC))
    lines = Spending(database).lines(span, "company")
    assert [(one.name, one.provider) for one in lines] == [("no company", "claude")]
    assert lines[0].input_tokens == 13 * lines[0].calls
    assert lines[0].output_tokens == 5 * lines[0].calls
