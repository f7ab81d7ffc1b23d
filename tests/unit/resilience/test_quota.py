"""An account's allowance: whatever happens, no window spends more than was leased of it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resilience.quota import ASK_AGAIN_S, LONGEST_S, PERIODS, Quota, QuotaRule
from resilience.state import Lease, QuotaKey

DAY_S = 1000.0
KEY = QuotaKey("shop", "requests", "day", "UTC", 100.0)


class Account:
    """The store's side: windows of `DAY_S`, each of which has `limit`."""

    def __init__(self, limit: float = KEY.limit) -> None:
        self.limit = limit
        self.taken: defaultdict[str, float] = defaultdict(float)

    @staticmethod
    def window(now: float) -> str:
        return f"window {now // DAY_S:.0f}"

    def lease(self, now: float, amount: float) -> Lease:
        window = self.window(now)
        granted = max(0.0, min(amount, self.limit - self.taken[window]))
        self.taken[window] += granted
        return Lease(granted, window, DAY_S - now % DAY_S, self.taken[window])


def quota(limit: float = KEY.limit, block: float = 10.0) -> Quota:
    return Quota(QuotaKey("shop", "requests", "day", "UTC", limit), block)


def filled(now: float = 0.0, granted: float = 10.0) -> Quota:
    one = quota()
    one.leased(now, Lease(granted, Account.window(now), DAY_S - now % DAY_S, granted), granted)
    return one


# ---- whatever happens --------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    kind: str  # take, back (give an earlier one back, or a part), more (it cost more), refill
    gap_s: float
    amount: float
    pick: int


steps = st.lists(
    st.builds(
        Step,
        kind=st.sampled_from(["take", "take", "take", "back", "refill", "cap"]),
        gap_s=st.sampled_from([0.0, 1.0, 30.0, 450.0, 1000.0]),
        amount=st.integers(1, 25).map(float),
        pick=st.integers(0, 99),
    ),
    max_size=60,
)


@given(todo=steps, block=st.integers(1, 30).map(float), limit=st.integers(25, 120).map(float))
def test_no_window_ever_spends_more_than_was_leased_of_it(
    todo: list[Step], block: float, limit: float
) -> None:
    """With calls that give back what they did not need, in their own window or long after
    it; and after a lease there is never more than a block in hand, or what was asked for."""
    account, one, now = Account(limit), quota(limit, block), 0.0
    spent: defaultdict[str, float] = defaultdict(float)
    calls: list[tuple[float, float]] = []  # taken when, how much
    for step in todo:
        now += step.gap_s
        if step.kind == "take":
            amount = min(step.amount, limit)
            if not one.take(now, amount):
                asked = one.missing(now, amount)
                if asked > 0:
                    one.leased(now, account.lease(now, asked), asked)
                    assert one.left <= max(block, amount)
                if not one.take(now, amount):
                    assert one.used_up_until(now, amount) is not None
                    continue
            calls.append((now, amount))
            spent[account.window(now)] += amount
        elif step.kind == "back" and calls:
            taken_at, amount = calls.pop(step.pick % len(calls))
            less = min(amount, step.amount)
            one.put_back(less, taken_at)
            spent[account.window(taken_at)] -= less
        elif step.kind == "refill" and one.is_low(now):
            asked = one.missing(now, 0.0)
            one.leased(now, account.lease(now, asked), asked)
            assert one.left <= block
        elif step.kind == "cap":
            one.cap(now, step.amount, None)
        assert spent[account.window(now)] <= account.taken[account.window(now)] <= limit
        assert one.in_hand(now) + spent[account.window(now)] <= account.taken[account.window(now)]


@given(todo=steps, remaining=st.integers(0, 40).map(float))
def test_a_cap_only_ever_tightens(todo: list[Step], remaining: float) -> None:
    """After the provider said how much is left, at most that is in hand, whatever calls that
    were under way then give back."""
    account, one, now = Account(), quota(), 0.0
    calls: list[tuple[float, float]] = []
    for step in todo:
        now += step.gap_s
        if step.kind == "refill":
            asked = one.missing(now, 0.0)
            one.leased(now, account.lease(now, asked), asked)
        elif one.take(now, step.amount):
            calls.append((now, step.amount))
    before = one.left
    one.cap(now, remaining, None)
    assert one.left <= before
    if before <= remaining:
        return
    for taken_at, amount in calls:
        if taken_at < now:
            one.put_back(amount, taken_at)
    assert one.left <= remaining


# ---- taking and giving back --------------------------------------------------------------


def test_what_is_in_hand_can_be_spent_and_no_more() -> None:
    one = filled()
    assert one.take(1.0, 7.0)
    assert not one.take(1.0, 4.0)
    assert one.take(1.0, 3.0)
    assert (one.left, one.spent) == (0, 10)


def test_nothing_is_in_hand_before_the_first_lease() -> None:
    """And all of a block, or what is asked for if that is more, is missing."""
    one = quota()
    assert not one.take(0.0, 1.0)
    assert one.in_hand(0.0) == 0
    assert one.missing(0.0, 1.0) == 10
    assert one.missing(0.0, 25.0) == 25
    assert one.is_low(0.0)


def test_what_was_not_spent_can_be_spent_again() -> None:
    one = filled()
    assert one.take(1.0, 10.0)
    one.put_back(4.0, 1.0)
    assert one.take(2.0, 4.0)
    assert not one.take(2.0, 1.0)


def test_what_cost_more_is_owed() -> None:
    """The next lease pays for it first: it is asked for so much more."""
    one = filled()
    assert one.take(1.0, 10.0)
    one.put_back(-7.0, 1.0)
    assert one.in_hand(1.0) == 0
    assert one.missing(1.0, 1.0) == 17
    one.leased(1.0, Lease(17.0, one.window, 900.0, 27.0), 17.0)
    assert one.in_hand(1.0) == 10


def test_a_debt_outlives_its_window_and_a_rest_does_not() -> None:
    """What was leased of yesterday cannot be spent today; what was overspent is made up for."""
    rest, debt = filled(), filled()
    debt.put_back(-13.0, 1.0)
    for one in (rest, debt):
        assert not one.take(DAY_S, 1.0)
        assert one.in_hand(DAY_S) == 0
        assert one.missing(DAY_S, 1.0) == (10 if one is rest else 13)
        one.leased(DAY_S, Lease(10.0, "window 1", DAY_S, 10.0), 10.0)
    assert (rest.left, debt.left) == (10, 7)


def test_what_yesterday_gives_back_is_not_todays() -> None:
    """A call that waited over midnight, or found out then what it cost."""
    one = filled()
    assert one.take(1.0, 10.0)
    one.leased(DAY_S, Lease(10.0, "window 1", DAY_S, 10.0), 10.0)
    one.put_back(10.0, 1.0)
    assert (one.left, one.spent) == (10, 0)
    one.put_back(-3.0, 1.0)  # more is charged, whenever it was
    assert one.left == 7


# ---- running low, running dry ------------------------------------------------------------


def test_a_refill_is_due_at_half_a_block() -> None:
    """Before it is empty, so that no call waits for the store; to a full block and no more."""
    one = filled()
    one.take(1.0, 4.0)
    assert not one.is_low(1.0)
    one.take(1.0, 1.0)
    assert one.is_low(1.0)
    assert one.missing(1.0, 0.0) == 5


def test_a_new_window_is_leased_of_at_once() -> None:
    assert filled().is_low(DAY_S)


def test_a_dry_window_says_when_the_next_begins() -> None:
    """And what is left of it is still spent."""
    one = quota()
    one.leased(0.0, Lease(4.0, "window 0", DAY_S, 100.0), 10.0)
    assert one.used_up_until(0.0, 5.0) == DAY_S
    assert one.used_up_until(0.0, 4.0) is None
    assert one.take(0.0, 4.0)
    assert one.used_up_until(0.0, 1.0) == DAY_S
    assert one.used_up_until(DAY_S, 1.0) is None


def test_a_dry_window_is_asked_again_now_and_then() -> None:
    """Another process may have given something back; but not at every round."""
    one = quota()
    one.leased(0.0, Lease(0.0, "window 0", DAY_S, 100.0), 10.0)
    assert not one.is_low(ASK_AGAIN_S - 1)
    assert one.is_low(ASK_AGAIN_S)
    one.leased(ASK_AGAIN_S, Lease(10.0, "window 0", DAY_S - ASK_AGAIN_S, 100.0), 10.0)
    assert one.used_up_until(ASK_AGAIN_S, 5.0) is None
    assert one.take(ASK_AGAIN_S, 5.0)


def test_handing_over_leaves_nothing_in_hand() -> None:
    """A debt is not handed over, nor what belongs to a window that is over."""
    one = filled()
    one.take(1.0, 3.0)
    assert one.hand_over(1.0) == 7
    assert one.hand_over(1.0) == 0
    assert not one.take(1.0, 1.0)
    assert filled().hand_over(DAY_S) == 0
    debt = filled()
    debt.put_back(-15.0, 1.0)
    assert debt.hand_over(1.0) == 0
    assert debt.left == -5


# ---- what the provider says --------------------------------------------------------------


def test_with_nothing_left_nothing_is_spent_until_the_reset() -> None:
    one = filled()
    assert one.cap(1.0, 0.0, 300.0)
    assert one.used_up_until(2.0, 1.0) == 301
    assert not one.take(300.0, 1.0)
    assert not one.is_low(300.0)
    assert one.used_up_until(301.0, 1.0) is None
    assert one.is_low(301.0)


def test_a_cap_never_shortens_another() -> None:
    one = filled()
    one.cap(1.0, 0.0, 300.0)
    one.cap(2.0, 0.0, 10.0)
    one.cap(3.0, 50.0, 10.0)
    assert one.used_up_until(4.0, 1.0) == 301


@pytest.mark.parametrize("per", PERIODS)
def test_a_reset_beyond_its_period_is_a_mistake(per: str) -> None:
    """A stamp read as seconds would end the account for fifty years."""
    one = Quota(QuotaKey("shop", "requests", per, "UTC", 100.0), 10.0)
    one.cap(0.0, 0.0, 1.7e9)
    assert one.used_up_until(0.0, 1.0) == LONGEST_S[per]


def test_a_cap_is_news_only_if_it_is_less_than_we_thought() -> None:
    """40 of 100 are leased and 10 of those in hand: 70 are left for all we know."""
    one = quota()
    one.leased(0.0, Lease(10.0, "window 0", DAY_S, 40.0), 10.0)
    assert not one.cap(1.0, 70.0, None)
    assert one.cap(1.0, 69.0, None)
    assert one.left == 10
    assert one.cap(1.0, 6.0, None)
    assert one.left == 6


# ---- the rule ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("limit", "block", "size"),
    [(100, 0, 5), (1000, 0, 50), (10, 0, 1), (0.5, 0, 0.5), (100, 20, 20), (100, 500, 100)],
)
def test_a_block_is_a_twentieth_of_the_limit(limit: float, block: float, size: float) -> None:
    """At least one, at most all of it, or what was configured."""
    assert QuotaRule("requests", limit, block=block).block_size() == size


def test_a_key_says_whose_account_it_is() -> None:
    rule = QuotaRule("tokens", 5.0, "month", "America/Los_Angeles")
    assert rule.key("claude") == QuotaKey("claude", "tokens", "month", "America/Los_Angeles", 5.0)
