"""The rows of one week as the plain facts that the weekly report is composed from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from decimal import Decimal

from earnings.filed_facts import Verdict, compare
from earnings.reports import words
from earnings.reports.facts import (
    FigureFact,
    GuidanceFact,
    HeadlineFact,
    QuoteFact,
    ReplacedFiling,
    Reporter,
    Source,
    UnreadDocument,
    WeekFacts,
    WithheldFact,
)
from earnings.reports.week import Week
from earnings.sources.base import ByChoice
from earnings.superseding import SPOKEN, Why
from earnings.vocabulary import Claim, DocumentState, Figure, Guidance, PeriodKind, Quote, Theme
from jobs.context import JobContext
from storage.insight_views import StoredInsight

UNREAD_LOOKED_AT = 1000
EARLIER_DOCUMENTS = 4
WEEKS_BEFORE = 4
HEADLINES = 1000  # of a week, the newest


def week_facts(context: JobContext, week: Week) -> WeekFacts:
    """All that is known of the documents published in `week`. Raises DatabaseError."""
    start, end = week.bounds(context.zone)
    insights = context.insights.between(start, end)
    withheld = context.insights.withheld_between(start, end)
    sources = _Sources(context)
    documents = {insight.document_id: insight for insight in insights}
    analyses = [a for d in documents for a in context.insights.analyses(d)]
    reporters = {
        (i.ticker or "", _company(i)): Reporter(i.ticker or "", _company(i), i.is_sample)
        for i in insights
    }
    return WeekFacts(
        week=week,
        made_at=context.clock.now(),
        reporters=tuple(reporters.values()),
        figures=_figures(insights, sources),
        guidance=_guidance(insights, sources),
        quotes=_quotes(insights, sources),
        withheld=tuple(
            WithheldFact(
                _company(i), _named(i.claim), str(i.withheld.reason).replace("_", " "), i.is_sample
            )
            for i in withheld
            if i.withheld is not None
        ),
        unread=_unread(context, week),
        replaced=_replaced(context, week),
        differing=_differing(context, week, insights),
        off=_off(context),
        earlier=_earlier(context, reporters.values(), week, sources),
        themes_before=_themes_before(context, week),
        watched=len(context.companies.watched()),
        scanned=_scanned(context),
        read_by=tuple(sorted({f"{i.analyst} ({i.model})" for i in insights})),
        instead=tuple(
            (*who, count)
            for who, count in sorted(
                Counter(
                    (a.analyst, a.instead_of) for a in analyses if a.is_current and a.instead_of
                ).items()
            )
        ),
        degraded=sum(1 for insight in documents.values() if insight.degraded),
        headlines=_headlines(context, week),
        cost_usd=sum((analysis.usage.cost_usd for analysis in analyses), Decimal(0)),
    )


class _Sources:
    """The words behind an insight; each document's text is fetched once."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._document = 0
        self._text = ""

    def __call__(self, insight: StoredInsight) -> Source:
        if insight.document_id != self._document:
            stored = self._context.documents.text(insight.document_id)
            self._document = insight.document_id
            self._text = stored.text if stored else ""
        span = insight.claim.span
        words = " ".join(self._text[span.start : span.end].split())
        return Source(insight.id, insight.title, words, insight.url)


def _company(insight: StoredInsight) -> str:
    return insight.company or insight.ticker or insight.title


def _figures(insights: Iterable[StoredInsight], sources: _Sources) -> tuple[FigureFact, ...]:
    return tuple(
        FigureFact(
            ticker=i.ticker or "",
            company=_company(i),
            metric=i.claim.metric,
            value=i.claim.value,
            unit=i.claim.unit,
            source=sources(i),
            prior=i.claim.prior,
            basis=i.claim.basis,
            period_kind=i.claim.period.kind,
            period_end=i.claim.period.end,
            is_sample=i.is_sample,
        )
        for i in insights
        if isinstance(i.claim, Figure)
    )


def _guidance(insights: Iterable[StoredInsight], sources: _Sources) -> tuple[GuidanceFact, ...]:
    return tuple(
        GuidanceFact(
            ticker=i.ticker or "",
            company=_company(i),
            metric=i.claim.metric,
            unit=i.claim.unit,
            action=i.claim.action,
            source=sources(i),
            low=i.claim.low,
            high=i.claim.high,
            prior_low=i.claim.prior_low,
            prior_high=i.claim.prior_high,
            basis=i.claim.basis,
            period_label=i.claim.period.label,
            is_sample=i.is_sample,
        )
        for i in insights
        if isinstance(i.claim, Guidance)
    )


def _quotes(insights: Iterable[StoredInsight], sources: _Sources) -> tuple[QuoteFact, ...]:
    return tuple(
        QuoteFact(
            ticker=i.ticker or "",
            company=_company(i),
            theme=i.claim.theme,
            text=i.claim.text,
            source=sources(i),
            speaker=i.claim.speaker,
            is_sample=i.is_sample,
        )
        for i in insights
        if isinstance(i.claim, Quote)
    )


def _named(claim: Claim) -> str:
    """A claim in a few words: "eps_adjusted 3.10"."""
    if isinstance(claim, Quote):
        return f"a quote on {claim.theme}"
    name = str(claim.metric).replace("_", " ")
    if isinstance(claim, Figure):
        return f"{name} {claim.value}"
    ends = " to ".join(str(end) for end in (claim.low, claim.high) if end is not None)
    return f"guidance for {name} {ends}".rstrip()


def _unread(context: JobContext, week: Week) -> tuple[UnreadDocument, ...]:
    start, end = week.bounds(context.zone)
    found = [
        document
        for state in (DocumentState.REFUSED, DocumentState.FAILED)
        for document in context.documents.in_state(state, UNREAD_LOOKED_AT)
        if start <= document.reported_at < end
    ]
    return tuple(
        UnreadDocument(d.company or d.ticker or d.source, d.title, d.reason, d.is_sample)
        for d in found
    )


def _replaced(context: JobContext, week: Week) -> tuple[ReplacedFiling, ...]:
    """Filings of the week that another one stands for; evidence of both can still be shown."""
    documents = context.documents
    found = []
    for one in documents.superseded_between(*week.bounds(context.zone)):
        counts = documents.get(one.superseded_by or 0)
        why = SPOKEN[Why(one.superseded_why or Why.REPEATED)]
        named = counts.title if counts is not None else f"document {one.superseded_by}"
        company = one.company or one.ticker or one.source
        found.append(ReplacedFiling(company, one.title, f"{why} {named}", one.is_sample))
    return tuple(found)


def _differing(
    context: JobContext, week: Week, insights: Sequence[StoredInsight]
) -> tuple[WithheldFact, ...]:
    """Figures that a 10-Q or 10-K gives otherwise: of the week's releases, and of earlier ones
    whose company filed its figures in the week. Nothing is replaced by them."""
    store = context.filed_facts
    if store is None:
        return ()
    start, end = week.bounds(context.zone)
    released = {i.ticker for i in insights if i.ticker}
    found = []
    for ticker in sorted(released | set(store.filers(start.date(), end.date()))):
        facts = store.of(ticker)
        for insight in context.insights.for_company(ticker, EARLIER_DOCUMENTS):
            claim = insight.claim
            compared = compare(claim, facts) if isinstance(claim, Figure) else None
            is_new = compared is not None and (
                start <= insight.reported_at < end
                or start.date() <= compared.fact.filed < end.date()
            )
            if compared is not None and compared.verdict is Verdict.DIFFERS and is_new:
                fact = compared.fact
                value = words.amount(fact.value, fact.unit)
                says = f"{value} as {fact.tag} in the {fact.form} filed {fact.filed}"
                found.append(
                    WithheldFact(_company(insight), _named(claim), says, insight.is_sample)
                )
    return tuple(found)


def _off(context: JobContext) -> tuple[tuple[str, str], ...]:
    reasons = ((name, source.switched_off()) for name, source in context.sources.items())
    sources = tuple((n, why) for n, why in reasons if why and not isinstance(why, ByChoice))
    return sources + context.panel.switched_off()


def _headlines(context: JobContext, week: Week) -> tuple[HeadlineFact, ...]:
    """One for each company it is about."""
    start, end = week.bounds(context.zone)
    found = context.headlines.recent(since=start, until=end, linked=True, limit=HEADLINES)
    names = {company.ticker: company.name for company in context.companies.all()}
    return tuple(
        HeadlineFact(ticker, names.get(ticker, ticker), h.title, h.link, h.publisher, h.told_at)
        for h in found
        for ticker in h.tickers
    )


def _earlier(
    context: JobContext, reporters: Iterable[Reporter], week: Week, sources: _Sources
) -> tuple[FigureFact, ...]:
    """Quarterly figures of the newest document each reporter published before the week."""
    start, _ = week.bounds(context.zone)
    found: list[StoredInsight] = []
    for reporter in reporters:
        if not reporter.ticker:
            continue
        before = [
            insight
            for insight in context.insights.for_company(reporter.ticker, EARLIER_DOCUMENTS)
            if insight.reported_at < start
        ]
        newest = next((i.document_id for i in before if _is_quarterly(i.claim)), None)
        found += [i for i in before if i.document_id == newest and _is_quarterly(i.claim)]
    return _figures(found, sources)


def _is_quarterly(claim: Claim) -> bool:
    return isinstance(claim, Figure) and claim.period.kind is PeriodKind.QUARTER


def _themes_before(context: JobContext, week: Week) -> tuple[tuple[Theme, Decimal], ...]:
    """How many companies a week named each theme, over the weeks before."""
    start, _ = week.bounds(context.zone)
    counts: Counter[Theme] = Counter()
    first = start - timedelta(weeks=WEEKS_BEFORE)
    for number in range(WEEKS_BEFORE):
        begin = first + timedelta(weeks=number)
        counts.update(_themes(context.insights.between(begin, begin + timedelta(weeks=1))))
    return tuple((theme, Decimal(count) / WEEKS_BEFORE) for theme, count in sorted(counts.items()))


def _themes(insights: Sequence[StoredInsight]) -> Counter[Theme]:
    """Companies that named each theme."""
    companies: dict[Theme, set[str]] = defaultdict(set)
    for insight in insights:
        if isinstance(insight.claim, Quote) and not insight.is_sample:
            companies[insight.claim.theme].add(_company(insight))
    return Counter({theme: len(named) for theme, named in companies.items()})


def _scanned(context: JobContext) -> int:
    """Companies that the latest finished scan could ask about."""
    for run in context.ledger.history("daily_earnings_scan", 10):
        if "companies" in run.summary:
            return int(run.summary["companies"])
    return 0
