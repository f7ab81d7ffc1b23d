"""Stored insights and documents as the views that the commands show."""

from __future__ import annotations

from collections.abc import Sequence

from cli import cells
from cli.views import (
    DocumentView,
    EvidenceView,
    FigureView,
    GuidanceView,
    Place,
    QuoteView,
    ReadingView,
    WithheldView,
)
from earnings.reports import words
from earnings.vocabulary import Claim, Figure, Guidance, PeriodKind, WithheldReason
from storage.documents import StoredDocument
from storage.insight_views import Analysis, Evidence, StoredInsight

REASONS = {
    WithheldReason.QUOTE_NOT_FOUND: "its words are not in the document",
    WithheldReason.NUMBER_NOT_IN_SPAN: "its number is not in the sentence cited",
    WithheldReason.SCALE_NOT_STATED: "nothing says whether it is thousands or millions",
    WithheldReason.SIGN_NOT_STATED: "nothing says whether it is a gain or a loss",
    WithheldReason.IMPLAUSIBLE: "it makes no sense as that measure",
    WithheldReason.INSTRUCTION: "its words tell a reader what to report; they report nothing",
    WithheldReason.CONTRADICTED: "a table of results in the document says otherwise",
}


def reading(
    document: StoredDocument, insights: Sequence[StoredInsight], analysis: Analysis | None
) -> ReadingView:
    """A document with what its current analysis found. `insights`: all of that analysis."""
    claimed = [one for one in insights if one.is_claimed]
    period = analysis.period if analysis else None
    views = [_view(one) for one in claimed]
    return ReadingView(
        document_id=document.id,
        ticker=document.ticker or "",
        company=document.company or "",
        title=document.title,
        is_sample=document.is_sample,
        published_at=document.published_at,
        period_label=period.label if period else "",
        period_kind=period.kind if period else PeriodKind.UNKNOWN,
        period_end=period.end if period else None,
        analyst=analysis.analyst if analysis else "",
        model=analysis.model if analysis else "",
        degraded=analysis.degraded if analysis else False,
        figures=tuple(one for one in views if isinstance(one, FigureView)),
        guidance=tuple(one for one in views if isinstance(one, GuidanceView)),
        quotes=tuple(one for one in views if isinstance(one, QuoteView)),
        withheld=len(insights) - len(claimed),
    )


def _view(insight: StoredInsight) -> FigureView | GuidanceView | QuoteView:
    claim = insight.claim
    place = Place(insight.id, insight.title, claim.span.start, claim.span.end)
    if isinstance(claim, Figure):
        return FigureView(
            claim.metric,
            claim.value,
            claim.unit,
            place,
            claim.basis,
            claim.prior,
            claim.period.kind,
            claim.period.end,
            insight.agreement or "",
        )
    if isinstance(claim, Guidance):
        return GuidanceView(
            claim.metric,
            claim.unit,
            claim.action,
            place,
            claim.low,
            claim.high,
            claim.prior_low,
            claim.prior_high,
            claim.basis,
            claim.period.label,
        )
    return QuoteView(claim.theme, claim.text, place, claim.speaker)


def document(stored: StoredDocument) -> DocumentView:
    return DocumentView(
        stored.id, stored.title, str(stored.state), stored.source, stored.published_at,
        stored.reason,
    )  # fmt: skip


def evidence(found: Evidence) -> EvidenceView:
    insight, stored, analysis = found.insight, found.document, found.analysis
    withheld = insight.withheld
    return EvidenceView(
        id=insight.id,
        ticker=insight.ticker or "",
        company=insight.company or insight.ticker or "",
        claim=named(insight.claim),
        status="withheld" if withheld else "claimed",
        reason=REASONS[withheld.reason] if withheld else "",
        document=stored.title,
        words=found.quote,
        before=found.before,
        after=found.after,
        start=insight.claim.span.start,
        end=insight.claim.span.end,
        is_sample=insight.is_sample,
        url=stored.url,
        sha256=stored.sha256 or "",
        fetched_at=stored.fetched_at,
        published_at=stored.published_at,
        analyst=analysis.analyst,
        model=analysis.model,
        prompt_version=analysis.prompt_version,
        cost_usd=analysis.usage.cost_usd,
        agreement=insight.agreement or "",
        context=found.context,
        withheld=tuple(_withheld(one) for one in found.withheld),
    )


def _withheld(insight: StoredInsight) -> WithheldView:
    withheld = insight.withheld
    if withheld is None:
        return WithheldView(named(insight.claim), "")
    return WithheldView(named(insight.claim), REASONS[withheld.reason], withheld.quote)


def named(claim: Claim) -> str:
    """A claim in words: "Net sales $4.21 bn, quarter to 2026-10-31"."""
    if isinstance(claim, Figure):
        when = " ".join(
            part
            for part in (
                cells.KINDS[claim.period.kind] or claim.period.label,
                f"to {claim.period.end}" if claim.period.end else "",
            )
            if part
        )
        said = f"{words.metric(claim.metric, claim.basis)} {words.amount(claim.value, claim.unit)}"
        return f"{said}, {when}" if when else said
    if isinstance(claim, Guidance):
        said = words.span(claim.low, claim.high, claim.unit)
        before = words.span(claim.prior_low, claim.prior_high, claim.unit)
        parts = [
            f"{words.metric(claim.metric, claim.basis)} guidance {said}".rstrip(),
            claim.period.label,
            str(claim.action) + (f" from {before}" if before else ""),
        ]
        return ", ".join(part for part in parts if part)
    speaker = f", {claim.speaker}" if claim.speaker else ""
    return f"On {words.theme(claim.theme).lower()}{speaker}"
