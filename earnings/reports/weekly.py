"""The weekly report: facts in, report out, nothing else touched.

Sorted by size of change. Every number that is not a count of the report's own rows carries
the ids it rests on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from earnings.reports import samples, words
from earnings.reports.citations import sources_of
from earnings.reports.facts import WeekFacts
from earnings.reports.gaps import gaps
from earnings.reports.headline import comparable, headline, summary
from earnings.reports.moves import cuts, moves
from earnings.reports.news import SHOWN_COMPANIES, news_of
from earnings.reports.report import Gap, Move, Number, WeeklyReport
from earnings.reports.unseen import unseen
from earnings.reports.voices import in_their_words, themes_of

SHOWN_GAPS = 10
SHOWN_MOVES = 10
SHOWN_THEMES = 8


def compose(facts: WeekFacts) -> WeeklyReport:
    """The report of one week."""
    samples_only = samples.only_samples(facts)
    shown = samples.marked(facts) if samples_only else samples.without_samples(facts)
    all_gaps, all_moves = gaps(shown.figures, shown.earlier), moves(shown.guidance)
    themes = themes_of(shown)
    news = headline(shown, all_gaps, all_moves, samples_only=samples_only)
    elsewhere = news_of(facts.headlines)
    report = WeeklyReport(
        week=facts.week,
        made_at=facts.made_at,
        headline=news.text,
        headline_evidence=news.evidence,
        quiet=not shown.reporters,
        samples_only=samples_only,
        news=elsewhere[:SHOWN_COMPANIES],
        news_of=len(elsewhere),
        unseen=unseen(shown, left_out=0 if samples_only else samples.count(facts)),
        foot=_foot(shown, samples_only=samples_only),
    )
    if report.quiet:
        return report
    report = replace(
        report,
        summary=summary(shown, all_moves, themes),
        numbers=_numbers(shown, all_moves),
        gaps=_extremes(all_gaps),
        gaps_of=len(all_gaps),
        moves=all_moves[:SHOWN_MOVES],
        moves_of=len(all_moves),
        themes=themes[:SHOWN_THEMES],
        words=in_their_words(shown, themes),
    )
    return replace(report, sources=sources_of(shown, report))


def _numbers(facts: WeekFacts, all_moves: Sequence[Move]) -> tuple[Number, ...]:
    count, down = len(facts.reporters), cuts(all_moves)
    claims = len(facts.figures) + len(facts.guidance) + len(facts.quotes)
    checked = claims + len(facts.withheld)
    share = claims * 100 // checked if checked else 0
    stated = comparable(facts)
    middle = stated[(len(stated) - 1) // 2 : len(stated) // 2 + 1]
    if middle:
        median = sum((one.value for one in middle), Decimal(0)) / len(middle)
        ids = tuple(one.source.evidence_id for one in middle)
        last = Number(f"{words.signed(median)}%", f"comparable sales, median of {len(stated)}", ids)
    else:
        last = Number("\N{EN DASH}", "comparable sales, not stated")
    return (
        Number(f"{count:,}", f"{words.plural(count, 'company', 'companies')} reported"),
        Number(
            f"{len(all_moves):,}", f"guidance {words.plural(len(all_moves), 'move')}, {down} down"
        ),
        Number(f"{claims:,}", f"{words.plural(claims, 'claim')}, {share}% verified"),
        last,
    )


def _extremes(found: Sequence[Gap]) -> tuple[Gap, ...]:
    """The largest gaps by size, in the order of their sign."""
    largest = sorted(found, key=lambda gap: (-abs(gap.points), gap.company))[:SHOWN_GAPS]
    return tuple(sorted(largest, key=lambda gap: (-gap.points, gap.company)))


def _foot(facts: WeekFacts, *, samples_only: bool) -> tuple[str, ...]:
    claims = len(facts.figures) + len(facts.guidance) + len(facts.quotes)
    readers = ", ".join(facts.read_by)
    lines = [
        f"Written by rules from {claims:,} verified {words.plural(claims, 'claim')}"
        + (f", read by {words.clean(readers, 120)}" if readers else "")
        + f", {facts.made_at:%Y-%m-%d %H:%M} UTC, cost ${facts.cost_usd:.2f}.",
        "Growth and gaps are worked out from the stated value and the stated prior. "
        "Not investment advice.",
    ]
    if samples_only:
        lines.append("Sample data: companies and numbers are invented.")
    return tuple(lines)
