"""What others wrote about companies in the week: leads with a link, beside the report.

Nothing else in a report may be made of them: they have no evidence id, and whoever composes
numbers is not given them.
"""

from __future__ import annotations

from collections.abc import Sequence

from earnings.headlines import clean_link
from earnings.reports import words
from earnings.reports.facts import HeadlineFact
from earnings.reports.report import CompanyNews, Elsewhere

SHOWN_COMPANIES = 8
SHOWN_EACH = 3
_LONGEST_LINK = 300


def news_of(headlines: Sequence[HeadlineFact]) -> tuple[CompanyNews, ...]:
    """By company, the most written about first."""
    groups: dict[str, list[HeadlineFact]] = {}
    for one in headlines:
        groups.setdefault(one.who, []).append(one)
    found = [
        CompanyNews(
            words.clean(rows[0].company, 60), tuple(map(_elsewhere, rows[:SHOWN_EACH])), len(rows)
        )
        for rows in groups.values()
    ]
    return tuple(sorted(found, key=lambda news: (-news.of, news.company)))


def _elsewhere(one: HeadlineFact) -> Elsewhere:
    link = clean_link(one.link) or ""
    day = f"{one.told_at:%Y-%m-%d}" if one.told_at else ""
    byline = ", ".join(part for part in (words.clean(one.publisher, 60), day) if part)
    title = words.clean(one.title, 160)
    return Elsewhere(title, byline, link if len(link) <= _LONGEST_LINK else "")
