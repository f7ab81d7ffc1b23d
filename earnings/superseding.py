"""Which of several filings about one fiscal period counts: an amended release replaces the one
before it, a repeated one adds nothing. Pure.

Filings are told apart by what they say of which period, never by their accession numbers: one
release may come under two of them, also on one day. An amendment that only adds an exhibit or
corrects a cover restates no figures, so it replaces nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from earnings.vocabulary import Claim, Figure, Period, Quote

SAME_END = timedelta(days=7)  # a period's end as two filings of one company write it
COVERED = 0.5  # of the earlier one's figures, by an amendment that replaces it

_Key = tuple[object, ...]


class Why(StrEnum):
    AMENDED = "amended"  # an amendment states its figures anew
    REPORTED_AGAIN = "reported_again"  # a later filing states all of its figures, and others
    REPEATED = "repeated"  # an earlier filing states all of this one's, with the same values


SPOKEN = {
    Why.AMENDED: "amended by",
    Why.REPORTED_AGAIN: "reported again in",
    Why.REPEATED: "repeats",
}


@dataclass(frozen=True)
class Filed:
    """One analysed filing. `name` is the source's, for those of one second."""

    id: int
    name: str
    published_at: datetime
    is_amendment: bool
    period: Period
    claims: tuple[Claim, ...]

    @property
    def values(self) -> Mapping[_Key, object]:
        return {_key(claim): _value(claim) for claim in self.claims if not isinstance(claim, Quote)}


@dataclass(frozen=True)
class Superseded:
    by: int
    why: Why


def superseded(filings: Iterable[Filed]) -> dict[int, Superseded]:
    """Those that do not count, by id. In whatever order they were read, the answer is one."""
    found: dict[int, Superseded] = {}
    standing: list[Filed] = []
    for filing in sorted(filings, key=lambda one: (one.published_at, one.name)):
        same = [one for one in standing if is_same_period(one.period, filing.period)]
        first = _repeats(filing, same)
        if first is not None:
            found[filing.id] = Superseded(first.id, Why.REPEATED)
            continue
        for earlier in same:
            why = _replaces(filing, earlier)
            if why is not None:
                found[earlier.id] = Superseded(filing.id, why)
                standing.remove(earlier)
        standing.append(filing)
    return found


def is_same_period(one: Period, other: Period) -> bool:
    if one.kind is not other.kind:
        return False
    if one.end is not None and other.end is not None:
        return abs(one.end - other.end) <= SAME_END
    return bool(one.label) and one.label.casefold() == other.label.casefold()


def _repeats(filing: Filed, earlier: Sequence[Filed]) -> Filed | None:
    said = filing.values.items()
    return next((one for one in earlier if said and said <= one.values.items()), None)


def _replaces(filing: Filed, earlier: Filed) -> Why | None:
    before, now = earlier.values.keys(), filing.values.keys()
    if not before or not now:
        return None
    if filing.is_amendment:
        return Why.AMENDED if len(before & now) >= COVERED * len(before) else None
    return Why.REPORTED_AGAIN if before <= now else None


def _key(claim: Claim) -> _Key:
    assert not isinstance(claim, Quote)
    period = claim.period
    named = period.end or period.label.casefold()
    return type(claim), claim.metric, claim.basis, claim.unit, period.kind, named


def _value(claim: Claim) -> object:
    if isinstance(claim, Figure):
        return claim.value
    assert not isinstance(claim, Quote)
    return claim.low, claim.high
