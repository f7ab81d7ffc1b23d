"""Stored insights and documents as the views that the commands show."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from cli import cells
from cli.views import (
    DocumentView,
    EvidenceView,
    FigureView,
    GuidanceView,
    InsteadView,
    OtherView,
    Place,
    QuoteView,
    ReadingView,
    WithheldView,
)
from earnings.analysts.topics import verdict_between
from earnings.filed_facts import Compared
from earnings.reports import words
from earnings.sentences import sentence_at
from earnings.superseding import SPOKEN, Why
from earnings.vocabulary import Claim, Figure, Guidance, PeriodKind, Span, WithheldReason
from storage.documents import StoredDocument
from storage.insight_views import Analysis, Evidence, StoredInsight

_MILLIONTH = Decimal("0.000001")

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
        stored.reason or superseded(stored),
    )  # fmt: skip


def evidence(found: Evidence) -> EvidenceView:
    insight, stored, analysis = found.insight, found.document, found.analysis
    withheld, usage, others = insight.withheld, analysis.usage, _others(found)
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
        url=insight.url,
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
        document_id=stored.id,
        source=stored.source,
        sentence=_sentence(found),
        read_at=analysis.created_at,
        cost_share_usd=_share(analysis.usage.cost_usd, found.made),
        answer_items=found.made,
        input_tokens=usage.input_tokens + usage.cache_write_tokens + usage.cache_read_tokens,
        cached_tokens=usage.cache_read_tokens,
        output_tokens=usage.output_tokens,
        in_batch=found.paid.in_batch if found.paid else None,
        notes=analysis.notes,
        others=others,
        silent=_silent(found, others),
        superseded=superseded(stored),
        instead=tuple(
            InsteadView(one.id, named(one.claim), one.title, one.superseded_by is None)
            for one in found.instead
        ),
    )


def filed(compared: Compared) -> str:
    """ "agrees: NetIncomeLoss $61.2 m (10-Q of 2026-09-10, 0001990001-26-000040)"."""
    fact = compared.fact
    how = ", the year less nine months" if fact.is_derived else ""
    where = f"{fact.form} of {fact.filed}, {fact.accession}{how}"
    return f"{compared.verdict}: {fact.tag} {words.amount(fact.value, fact.unit)} ({where})"


def superseded(stored: StoredDocument) -> str:
    """Why it does not count: "amended by document 12"; "" if it does."""
    if stored.superseded_by is None:
        return ""
    return f"{SPOKEN[Why(stored.superseded_why or '')]} document {stored.superseded_by}"


def _others(found: Evidence) -> tuple[OtherView, ...]:
    """Who else said the same or contradicted: in this document first, then in others."""
    claim = found.insight.claim
    views = []
    for each in (*found.said_beside, *found.said_elsewhere):
        here = each.document_id == found.document.id
        verdict = verdict_between(claim, each.claim, one_text=here)
        if verdict is None:
            continue
        views.append(
            OtherView(
                evidence_id=each.id,
                analyst=each.analyst,
                model=each.model,
                what=named(each.claim),
                verdict=str(verdict),
                reason=REASONS[each.withheld.reason] if each.withheld else "",
                document="" if here else each.title or f"document {each.document_id}",
            )
        )
    return tuple(views)


def _silent(found: Evidence, others: Sequence[OtherView]) -> tuple[str, ...]:
    spoke = {found.analysis.analyst, *(one.analyst for one in others if not one.document)}
    return tuple(sorted({one.analyst for one in found.analyses} - spoke))


def _sentence(found: Evidence) -> str:
    """The sentence or row that holds the span, as far as its surroundings are known."""
    text = found.before + found.quote + found.after
    span = Span(len(found.before), len(found.before) + len(found.quote))
    if span.start == span.end:
        return ""
    whole = sentence_at(text, span)
    return text[whole.start : whole.end]


def _share(cost_usd: Decimal, items: int) -> Decimal:
    return (cost_usd / items).quantize(_MILLIONTH) if cost_usd else Decimal(0)


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
