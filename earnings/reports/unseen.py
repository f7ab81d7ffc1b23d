"""What a report could not see, said in it: missing is a value too."""

from __future__ import annotations

from earnings.reports import words
from earnings.reports.facts import WeekFacts

SHOWN_UNSEEN = 8


def unseen(facts: WeekFacts, left_out: int) -> tuple[str, ...]:
    """What is missing, as sentences. `left_out` counts sample companies not reported."""
    lines = [f"{words.clean(name, 40)} is off: {words.clean(why, 160)}." for name, why in facts.off]
    if facts.watched > facts.scanned:
        missing = facts.watched - facts.scanned
        lines.append(f"{missing} of {facts.watched} watched companies could not be looked at.")
    lines += _some(
        [_item(one.company, one.title, one.reason) for one in facts.unread],
        "document",
        "not read",
    )
    lines += _some(
        [_item(one.company, one.title, one.reason) for one in facts.replaced],
        "filing",
        "left out, another one counts",
    )
    lines += _some(
        [_item(one.company, one.what, one.reason) for one in facts.withheld],
        "claim",
        "withheld for want of evidence",
    )
    lines += _some(
        [_item(one.company, one.what, one.reason) for one in facts.differing],
        "figure",
        "shown as released, and filed otherwise in a 10-Q or 10-K",
    )
    if facts.degraded:
        lines.append(
            f"{facts.degraded} {words.plural(facts.degraded, 'document')} read by rules alone: "
            "the configured model did not answer."
        )
    for analyst, whose, count in facts.instead:
        lines.append(
            f"{count} {words.plural(count, 'document')} read by {analyst} instead of {whose}."
        )
    if left_out:
        lines.append(
            f"{left_out} sample {words.plural(left_out, 'company', 'companies')} left out."
        )
    return tuple(lines)


def _some(items: list[str], one: str, what: str) -> list[str]:
    """A sentence that counts, then the first few items."""
    if not items:
        return []
    shown = [f"{words.capital(item)}" for item in items[:SHOWN_UNSEEN]]
    more = len(items) - len(shown)
    if more:
        shown.append(f"And {more} more.")
    return [f"{len(items)} {words.plural(len(items), one)} {what}.", *shown]


def _item(company: str, what: str, why: str) -> str:
    return f"{company}, {words.clean(what, 80)}: {words.clean(words.reason(why), 160).rstrip('.')}."
