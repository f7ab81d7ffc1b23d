"""What is shown when a model answered after the local rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from earnings.analysts.settling import Settled, settle
from earnings.evidence import Verified
from earnings.vocabulary import (
    Basis,
    Claim,
    Figure,
    Guidance,
    GuidanceAction,
    Metric,
    Period,
    PeriodKind,
    Quote,
    Span,
    Theme,
    Unit,
    WithheldReason,
)
from tests.unit.earnings.made import Grid, reading

D = Decimal
MILLION = D(1_000_000)
QUARTER = Period(PeriodKind.QUARTER, date(2026, 8, 1), "second quarter")
YEAR = Period(PeriodKind.YEAR, date(2027, 1, 30), "fiscal 2026")
SENTENCE = "Net sales were $9,999 million."
SPEECH = "Tariffs raised our costs, said Ann Reed."
OUTLOOK = "The company expects diluted EPS of $3.40 to $3.60, from $3.20 to $3.50."
TEXT = reading(
    SENTENCE,
    SPEECH,
    OUTLOOK,
    Grid([["", "August 1, 2026"], ["Net sales", "1,204.5"], ["Net income", "61.2"]], MILLION),
    Grid([["", "Outlook"], ["Diluted EPS", "$3.40 to $3.60"]]),
)


def at(words: str) -> Span:
    start = TEXT.text.index(words)
    return Span(start, start + len(words))


ROW = at("Net sales | 1,204.5")
SALES = Figure(Metric.NET_SALES, D("1204500000"), Unit.USD, QUARTER, ROW)
TOLD = replace(SALES, value=D("9999000000"), span=at(SENTENCE))
TARIFFS = Quote(Theme.TARIFFS, SPEECH, at(SPEECH), "Ann Reed")
RANGE = Guidance(
    Metric.EPS_DILUTED,
    D("3.40"),
    D("3.60"),
    Unit.USD_PER_SHARE,
    YEAR,
    GuidanceAction.RAISED,
    at(OUTLOOK),
    prior_low=D("3.20"),
    prior_high=D("3.50"),
)
BARE = replace(RANGE, prior_low=None, prior_high=None, span=at("Diluted EPS | $3.40 to $3.60"))
LOW = replace(RANGE, low=D("1.00"), high=D("1.10"), prior_low=None, prior_high=None)


def settled(model: Sequence[Claim], local: Sequence[Claim], *previous: Guidance) -> Settled:
    return settle(Verified(tuple(model), ()), Verified(tuple(local), ()), TEXT, previous)


# ---- figures ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "local"),
    [
        (TOLD, SALES),
        (replace(TOLD, basis=Basis.UNSTATED), SALES),
        (replace(TOLD, period=Period(PeriodKind.UNKNOWN)), SALES),
        (replace(TOLD, period=Period(PeriodKind.QUARTER, None, "the quarter")), SALES),
        (replace(TOLD, period=replace(QUARTER, end=date(2026, 7, 31))), SALES),
        (replace(SALES, value=D("1300000000"), span=at("$3.40 to $3.60, from")), SALES),
        (LOW, BARE),
    ],
)
def test_a_table_is_not_contradicted_from_elsewhere(model: Claim, local: Claim) -> None:
    """The statements say otherwise: the model's is withheld, local's is shown."""
    found = settled([model], [local])
    assert (found.claims, found.kept) == ((), (local,))
    (withheld,) = found.withheld
    assert (withheld.claim, withheld.reason) == (model, WithheldReason.CONTRADICTED)
    assert (withheld.quote, withheld.near) == (TEXT.quote(model.span), local.span)


@pytest.mark.parametrize(
    ("model", "local"),
    [
        (replace(SALES, value=D("61200000"), span=at("Net income | 61.2")), SALES),  # one table
        (TOLD, replace(SALES, span=at(SPEECH))),  # local's stands in a sentence
        (replace(TOLD, basis=Basis.ADJUSTED), SALES),
        (replace(TOLD, period=YEAR), SALES),
        (replace(TOLD, period=replace(QUARTER, end=date(2025, 8, 2))), SALES),
        (replace(TOLD, metric=Metric.TOTAL_REVENUE), SALES),
        (LOW, replace(BARE, period=replace(YEAR, end=date(2028, 1, 29)))),
        (
            replace(LOW, period=replace(YEAR, end=None)),
            replace(BARE, period=Period(PeriodKind.YEAR, None, "fiscal 2027")),
        ),
    ],
)
def test_a_difference_of_opinion_is_shown_whole(model: Claim, local: Claim) -> None:
    """Two readings of one table, of two sentences, or of two things."""
    found = settled([model], [local])
    assert (found.claims, found.kept, found.withheld) == ((model,), (local,), ())


def test_an_agreeing_place_is_enough() -> None:
    """Local knows two values; the model's is one of them, rounded."""
    other = replace(SALES, value=D("1204000000"), basis=Basis.ADJUSTED, span=at(SPEECH))
    model = replace(SALES, value=D("1200000000"), span=at(SENTENCE))
    assert settled([model], [SALES, other]).claims == (model,)


def test_what_was_withheld_before_stays_withheld() -> None:
    first = settled([TOLD], [SALES]).withheld
    again = settle(Verified((TOLD,), first), Verified((SALES,), ()), TEXT)
    assert again.withheld == (*first, *first)


@pytest.mark.parametrize(
    "period",
    [
        YEAR,
        replace(QUARTER, end=date(2025, 8, 2)),
        Period(PeriodKind.YEAR_TO_DATE, date(2026, 8, 1)),
    ],
)
def test_one_number_at_one_place_has_one_period(period: Period) -> None:
    """A quarter's sales told as the year's are the quarter's."""
    found = settled([replace(SALES, period=period)], [SALES])
    assert (found.claims, found.kept) == ((SALES,), ())


def test_a_period_that_fits_is_left_as_it_was_named() -> None:
    for period in (
        replace(QUARTER, label="Q2"),
        Period(PeriodKind.UNKNOWN),
        replace(YEAR, end=None),
    ):
        model = replace(SALES, period=period)
        local = [SALES, replace(SALES, period=YEAR)]
        assert settled([model], local).claims == (model,)


# ---- silence ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "kept"),
    [
        ([], [SALES, TARIFFS, RANGE]),
        ([SALES], [TARIFFS, RANGE]),
        ([replace(SALES, span=at(SENTENCE), basis=Basis.UNSTATED)], [TARIFFS, RANGE]),
        ([replace(SALES, period=Period(PeriodKind.UNKNOWN))], [TARIFFS, RANGE]),
        ([replace(SALES, period=YEAR, span=at(SENTENCE))], [SALES, TARIFFS, RANGE]),
        ([BARE], [SALES, TARIFFS]),
        ([replace(TARIFFS, text="Tariffs", span=at("Tariffs"))], [SALES, RANGE]),
        ([replace(TARIFFS, theme=Theme.SHRINK)], [SALES, TARIFFS, RANGE]),  # the same words
    ],
)
def test_what_the_model_leaves_out_stays(model: list[Claim], kept: list[Claim]) -> None:
    """Covered is only what it says itself."""
    assert list(settled(model, [SALES, TARIFFS, RANGE]).kept) == kept


# ---- moves --------------------------------------------------------------------------------

FLIPPED = replace(BARE, action=GuidanceAction.LOWERED)
EARLIER = replace(BARE, low=D("3.00"), high=D("3.10"), action=GuidanceAction.INITIATED)


def test_a_move_is_what_local_read() -> None:
    """With the previous range it was told by, and the place of that."""
    (found,) = settled([FLIPPED], [RANGE]).claims
    assert isinstance(found, Guidance)
    assert (found.action, found.prior_low, found.prior_high) == (
        GuidanceAction.RAISED,
        D("3.20"),
        D("3.50"),
    )
    assert found.context == (RANGE.span,)


def test_a_move_without_a_previous_range_is_taken_alone() -> None:
    local = replace(BARE, action=GuidanceAction.MAINTAINED)
    (found,) = settled([FLIPPED], [local], EARLIER).claims
    assert found == local


def test_numbers_beside_it_need_nobody() -> None:
    """Evidence took the action from them; local saw the range without them."""
    assert settled([RANGE], [replace(BARE, action=GuidanceAction.INITIATED)]).claims == (RANGE,)


@pytest.mark.parametrize(
    ("previous", "action"),
    [
        ([EARLIER], GuidanceAction.RAISED),
        ([EARLIER, replace(EARLIER, low=D("3.40"), high=D("3.60"))], GuidanceAction.MAINTAINED),
        ([replace(EARLIER, metric=Metric.EPS_ADJUSTED)], GuidanceAction.LOWERED),
        ([replace(EARLIER, period=QUARTER)], GuidanceAction.LOWERED),
        ([replace(EARLIER, low=None, high=None)], GuidanceAction.LOWERED),
        ([], GuidanceAction.LOWERED),
    ],
)
def test_where_local_is_silent_the_stored_range_says_it(
    previous: list[Guidance], action: GuidanceAction
) -> None:
    """The issuer's own, for the same measure, period and basis; else it is the model's word."""
    assert settled([FLIPPED], [], *previous).claims == (replace(BARE, action=action),)


def test_a_withdrawal_moves_nowhere() -> None:
    gone = replace(BARE, low=None, high=None, action=GuidanceAction.WITHDRAWN)
    assert settled([gone], [], EARLIER).claims == (gone,)
