"""Claims of the vocabulary as rows of the table `insight`, and back."""

from __future__ import annotations

from collections.abc import Sequence

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
    Withheld,
    WithheldReason,
)
from storage.database import Row

_EMPTY: Row = dict.fromkeys(
    (
        *("metric", "theme", "value", "prior", "low", "high", "prior_low", "prior_high"),
        *("unit", "basis", "action", "period_kind", "period_end", "period_label"),
        *("period_weeks", "speaker", "reason", "near_start", "near_end", "agreement"),
        "taken_from",
    )
)


def claim_row(claim: Claim, agreement: str | None = None, taken_from: int | None = None) -> Row:
    """The columns of a verified claim. `taken_from`: the analysis that found it, if it shows in
    another one."""
    stands = {"status": "claimed", "cited": "", "agreement": agreement, "taken_from": taken_from}
    return {**_EMPTY, **_columns(claim), **stands}


def withheld_row(withheld: Withheld) -> Row:
    """The columns of one that the document does not bear out."""
    near = withheld.near
    return {
        **_EMPTY,
        **_columns(withheld.claim),
        "status": "withheld",
        "cited": withheld.quote,
        "reason": withheld.reason,
        "near_start": near.start if near else None,
        "near_end": near.end if near else None,
    }


def claim_of(row: Row) -> Claim:
    """The claim a row holds, withheld or not."""
    span = Span(row["span_start"], row["span_end"])
    if row["kind"] == "quote":
        return Quote(Theme(row["theme"]), row["words"], span, row["speaker"])
    context = tuple(Span(start, end) for start, end in row["context"])
    if row["kind"] == "figure":
        return Figure(
            metric=Metric(row["metric"]),
            value=row["value"],
            unit=Unit(row["unit"]),
            period=_required_period(row),
            span=span,
            basis=Basis(row["basis"]),
            prior=row["prior"],
            context=context,
        )
    return Guidance(
        metric=Metric(row["metric"]),
        low=row["low"],
        high=row["high"],
        unit=Unit(row["unit"]),
        period=_required_period(row),
        action=GuidanceAction(row["action"]),
        span=span,
        basis=Basis(row["basis"]),
        prior_low=row["prior_low"],
        prior_high=row["prior_high"],
        context=context,
    )


def withheld_of(row: Row) -> Withheld | None:
    """Why and beside what it is withheld; None for a claim that stands."""
    if row["reason"] is None:
        return None
    near = None if row["near_start"] is None else Span(row["near_start"], row["near_end"])
    return Withheld(claim_of(row), WithheldReason(row["reason"]), row["cited"], near)


def period_of(row: Row) -> Period | None:
    """The period in a row's period_ columns."""
    if row["period_kind"] is None:
        return None
    return Period(
        PeriodKind(row["period_kind"]), row["period_end"], row["period_label"], row["period_weeks"]
    )


def period_columns(period: Period | None) -> Row:
    return {
        "period_kind": period.kind if period else None,
        "period_end": period.end if period else None,
        "period_label": period.label if period else "",
        "period_weeks": period.weeks if period else None,
    }


def _required_period(row: Row) -> Period:
    return period_of(row) or Period(PeriodKind.UNKNOWN)


def _columns(claim: Claim) -> Row:
    common: Row = {
        "span_start": claim.span.start,
        "span_end": claim.span.end,
        "context": [],
        "words": "",
    }
    if isinstance(claim, Quote):
        said = {"theme": claim.theme, "words": claim.text, "speaker": claim.speaker}
        return {**common, "kind": "quote", **said}
    common |= {
        "metric": claim.metric,
        "unit": claim.unit,
        "basis": claim.basis,
        "context": _spans(claim.context),
        **period_columns(claim.period),
    }
    if isinstance(claim, Figure):
        return {**common, "kind": "figure", "value": claim.value, "prior": claim.prior}
    return {
        **common,
        "kind": "guidance",
        "low": claim.low,
        "high": claim.high,
        "prior_low": claim.prior_low,
        "prior_high": claim.prior_high,
        "action": claim.action,
    }


def _spans(spans: Sequence[Span]) -> list[list[int]]:
    return [[span.start, span.end] for span in spans]
