"""What sources of headlines have in common: none of them has a document to fetch."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from earnings.headlines import clean_link, clean_title
from earnings.sources.base import NotResults
from earnings.vocabulary import Headline, Lead, RawDocument
from outside.answers import HttpAnswer
from outside.errors import BadAnswer
from resilience.outcomes import Outcome

SLIP = timedelta(days=1)  # of other people's clocks and time zones
_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)


class HeadlinesOnly:
    """The half of a source that is about documents."""

    def before(self, lead: Lead) -> Lead | None:
        return None

    def fetch(self, lead: Lead) -> RawDocument:
        raise NotResults(f"{lead.source} brings headlines, which are links and no documents")

    def accepted(self, lead: Lead) -> None:
        """Nothing to tidy up."""

    def refused(self, lead: Lead, reason: str) -> None:
        """Nothing to put aside."""


def plausible(told: datetime | None, now: datetime) -> datetime | None:
    """When it was published, as far as that can be: not long before the web, and not after now
    but by a slip of a clock. None: when it was seen is what is known."""
    if told is None or told < _EARLIEST or told > now + SLIP:
        return None
    return min(told, now)


def changed(answer: HttpAnswer, how: str, switch_off: str) -> BadAnswer:
    """The answer is not of the documented shape: nobody's fault of today, so no breaker's."""
    return BadAnswer(
        answer.service,
        f"{answer.url} {how}: its answers have changed their shape",
        outcome=Outcome.NEUTRAL,
        fix=f"look for a newer version of this program, or {switch_off}",
        answer=answer,
    )


def headline_of(
    source: str,
    title: str,
    link: str,
    *,
    publisher: str = "",
    published_at: datetime | None = None,
    tickers: tuple[str, ...] = (),
) -> Headline | None:
    """None without words, or without a link that may be opened."""
    shown, opened = clean_title(title), clean_link(link)
    if not shown or opened is None:
        return None
    return Headline(source, shown, opened, clean_title(publisher)[:80], published_at, tickers)
