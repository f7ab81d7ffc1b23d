"""Two analysts read the same document: where do their verified claims agree?

Both sets already stand in the text; this says whether they say the same of the same thing
(metric, basis, period). A difference is not decided here: `earnings.analysts.settling` does.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from earnings.vocabulary import Basis, Claim, Figure, Guidance, Metric, PeriodKind, Quote

Values = tuple[Decimal | None, ...]  # (value,) of a figure, (low, high) of a guided range

# "$53 billion" in a headline and 53,437 in the table's millions are one number; 4% and 4.4%
# are not.
_ROUNDING = Decimal("0.01")


class Verdict(StrEnum):
    AGREES = "agrees"
    DIFFERS = "differs"
    ONLY_ONE = "only_one"  # the other said nothing of it


class Form(StrEnum):
    FIGURE = "figure"
    GUIDANCE = "guidance"


@dataclass(frozen=True)
class Topic:
    """What both may have spoken about."""

    form: Form
    metric: Metric
    basis: Basis
    kind: PeriodKind
    end: date | None = None


@dataclass(frozen=True)
class Agreement:
    """What the two said of one topic. Empty values: that side said nothing."""

    topic: Topic
    verdict: Verdict
    model: tuple[Values, ...]
    local: tuple[Values, ...]


def compare(model: Iterable[Claim], local: Iterable[Claim]) -> tuple[Agreement, ...]:
    """One agreement per topic that either spoke of, in a stable order."""
    ours, theirs = _by_topic(local), _by_topic(model)
    ends = _known_ends((*ours, *theirs))
    ours, theirs = _dated(ours, ends), _dated(theirs, ends)
    topics = sorted({*ours, *theirs}, key=_order)
    return tuple(_agreement(topic, theirs[topic], ours[topic]) for topic in topics)


def verdict_on(claim: Claim, agreements: Sequence[Agreement]) -> Verdict | None:
    """What the comparison says of one claim; None for quotes, which are not compared."""
    if isinstance(claim, Quote):
        return None
    said, topic = _values(claim), _topic(claim)
    for agreement in agreements:
        if not _covers(agreement.topic, topic):
            continue
        if said in agreement.model or said in agreement.local:
            return agreement.verdict
    return None


def agree(one: Figure | Guidance, other: Figure | Guidance) -> bool:
    """Whether two claims give one value, or one range, for one metric."""
    if type(one) is not type(other) or one.metric is not other.metric:
        return False
    return _same(_values(one), _values(other))


def _by_topic(claims: Iterable[Claim]) -> dict[Topic, list[Values]]:
    found: dict[Topic, list[Values]] = defaultdict(list)
    for claim in claims:
        if isinstance(claim, Quote):
            continue
        values = _values(claim)
        if values not in found[_topic(claim)]:
            found[_topic(claim)].append(values)
    return found


def _topic(claim: Figure | Guidance) -> Topic:
    form = Form.FIGURE if isinstance(claim, Figure) else Form.GUIDANCE
    return Topic(form, claim.metric, claim.basis, claim.period.kind, claim.period.end)


def _values(claim: Figure | Guidance) -> Values:
    return (claim.value,) if isinstance(claim, Figure) else (claim.low, claim.high)


def _undated(topic: Topic) -> Topic:
    return Topic(topic.form, topic.metric, topic.basis, topic.kind)


def _known_ends(topics: Iterable[Topic]) -> dict[Topic, set[date]]:
    ends: dict[Topic, set[date]] = defaultdict(set)
    for topic in topics:
        if topic.end is not None:
            ends[_undated(topic)].add(topic.end)
    return ends


def _dated(
    found: dict[Topic, list[Values]], ends: dict[Topic, set[date]]
) -> dict[Topic, list[Values]]:
    """A period without an end is taken for the only end anybody names, else for itself."""
    dated: dict[Topic, list[Values]] = defaultdict(list)
    for topic, values in found.items():
        known = ends.get(topic, set()) if topic.end is None else set()
        target = topic
        if len(known) == 1:
            target = Topic(topic.form, topic.metric, topic.basis, topic.kind, next(iter(known)))
        dated[target] += [value for value in values if value not in dated[target]]
    return dated


def _covers(topic: Topic, asked: Topic) -> bool:
    return _undated(topic) == _undated(asked) and (asked.end in (None, topic.end))


def _agreement(topic: Topic, model: list[Values], local: list[Values]) -> Agreement:
    if not model or not local:
        verdict = Verdict.ONLY_ONE
    elif any(_same(one, other) for one in model for other in local):
        verdict = Verdict.AGREES
    else:
        verdict = Verdict.DIFFERS
    return Agreement(topic, verdict, tuple(model), tuple(local))


def _same(one: Values, other: Values) -> bool:
    return all(_close(a, b) for a, b in zip(one, other, strict=True))


def _close(one: Decimal | None, other: Decimal | None) -> bool:
    """Equal, or one is the other rounded to the digits it is stated with."""
    if one is None or other is None:
        return one is other
    if one == other:
        return True
    step = max(_last_digit(one), _last_digit(other))
    apart = abs(one - other)
    return apart <= step / 2 and apart <= _ROUNDING * max(abs(one), abs(other))


def _last_digit(value: Decimal) -> Decimal:
    exponent = value.normalize().as_tuple().exponent
    return Decimal(1).scaleb(exponent) if isinstance(exponent, int) else Decimal(0)


def _order(topic: Topic) -> tuple[str, str, str, str, str]:
    end = topic.end.isoformat() if topic.end else ""
    return (topic.form, topic.metric, topic.kind, end, topic.basis)
