"""What other numbers would have done: last week's calls, replayed through two policies.

    tested = back_test("edgar", spec, change(spec, ["open_s=120", "failure_threshold=3"]), calls)
    tested.present.failures_met, tested.changed.failures_met

Pure: the calls are handed in, nothing is asked and nothing waits. What a replay can know has
limits, and `LIMITS` says them in a sentence for whoever reads the figures: how a call would
have ended is known only because it was made. What was kept back then (by an open breaker, a
pause, a quota) might have succeeded or failed, and is in neither column; a change that would
have let more through therefore shows less of its effect than one that lets less through.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime

from resilience.outcomes import Outcome
from resilience.replay import Played, play
from resilience.soundness import UnsoundSpec
from resilience.spec import REQUESTS, PolicySpec, RateRule
from resilience.state import RecordedCall

LIMITS = (
    "Replayed are the calls that were made, each as it ended then. How calls would have ended "
    "that were kept back then is unknown, and they are not counted; nor is it known whether the "
    "service would have fared better with fewer calls."
)

_WHOLE = (
    *("attempts", "failure_threshold", "minimum_calls", "window_calls", "success_threshold"),
    *("probes_at_once", "at_once", "queue"),
)
_NUMBERS = (
    *("failure_rate_pct", "slow_rate_pct", "slow_s", "window_s", "open_s", "open_growth"),
    *("max_open_s", "max_queue_s"),
)
_PACE = ("rate", "per_s", "burst")  # of requests
CHANGEABLE = (*_WHOLE, *_NUMBERS, *_PACE)


class BadChange(ValueError):
    """Numbers that cannot be tried: `problems` is one sentence for each, with its name."""

    def __init__(self, problems: Sequence[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Change:
    name: str
    before: float
    after: float


@dataclass(frozen=True)
class BackTest:
    """`unknown`: calls that were rejected then, of which nothing else is known."""

    service: str
    since: datetime | None  # of the first call's end
    until: datetime | None
    calls: int
    unknown: int
    changes: tuple[Change, ...]
    present: Played
    changed: Played
    limits: str = LIMITS


def change(spec: PolicySpec, words: Iterable[str]) -> PolicySpec:
    """`spec` with numbers changed, each as "open_s=120". Raises BadChange with all that is
    wrong."""
    problems: list[str] = []
    values: dict[str, float] = {}
    for word in words:
        name, equals, text = word.partition("=")
        name = name.strip()
        if not equals:
            problems.append(f"{word!r}: write it as name=number")
        elif name not in CHANGEABLE:
            problems.append(_unknown(name))
        elif name in values:
            problems.append(f"{name} is given twice")
        else:
            try:
                values[name] = _number(name, text.strip())
            except ValueError as wrong:
                problems.append(str(wrong))
    if problems:
        raise BadChange(problems)
    plain = {name: value for name, value in values.items() if name not in _PACE}
    paced = {name: value for name, value in values.items() if name in _PACE}
    try:
        changed = replace(spec, **plain, **({"rates": _paced(spec, paced)} if paced else {}))  # type: ignore[arg-type]
    except UnsoundSpec as unsound:
        raise BadChange([f"{f.field} {f.rule}, got {f.got!r}" for f in unsound.flaws]) from None
    return changed


def back_test(
    service: str, present: PolicySpec, changed: PolicySpec, calls: Iterable[RecordedCall]
) -> BackTest:
    """Both specifications over the same calls, in whatever order they come."""
    recorded = list(calls)
    made = [call for call in recorded if call.outcome in _MADE]
    made.sort(key=lambda call: call.at.timestamp() - call.duration_s)
    ends = [call.at for call in made]
    return BackTest(
        service=service,
        since=min(ends, default=None),
        until=max(ends, default=None),
        calls=len(made),
        unknown=len(recorded) - len(made),
        changes=_changes(present, changed),
        present=play(service, present, made),
        changed=play(service, changed, made),
    )


_MADE = frozenset(str(outcome) for outcome in Outcome)


def _number(name: str, text: str) -> float:
    """Raises ValueError with a sentence."""
    parse: Callable[[str], float] = int if name in _WHOLE else float
    try:
        value = parse(text)
    except ValueError:
        kind = "a whole number" if name in _WHOLE else "a number"
        raise ValueError(f"{name} must be {kind}, got {text!r}") from None
    if not -1e12 < value < 1e12:
        raise ValueError(f"{name} must be a number of this world, got {text!r}")
    return value


def _unknown(name: str) -> str:
    if name in {one.name for one in fields(PolicySpec)}:
        return f"{name} cannot be tried: its effect does not show in recorded calls"
    return f"there is no number {name!r}; there are {', '.join(CHANGEABLE)}"


def _paced(spec: PolicySpec, values: dict[str, float]) -> tuple[RateRule, ...]:
    """The rates with that of requests changed, or with one that begins there."""
    for index, rate in enumerate(spec.rates):
        if rate.resource == REQUESTS:
            changed = replace(rate, **values)  # type: ignore[arg-type]
            return (*spec.rates[:index], changed, *spec.rates[index + 1 :])
    if "rate" not in values:
        raise BadChange([f"{name} needs a rate: there is none yet" for name in values])
    return (*spec.rates, RateRule(**values))  # type: ignore[arg-type]


def _changes(present: PolicySpec, changed: PolicySpec) -> tuple[Change, ...]:
    before, after = _named(present), _named(changed)
    return tuple(
        Change(name, before[name], after[name])
        for name in CHANGEABLE
        if before[name] != after[name]
    )


def _named(spec: PolicySpec) -> dict[str, float]:
    """What may be changed, by name; a pace that there is not is 0."""
    pace = next((rate for rate in spec.rates if rate.resource == REQUESTS), None)
    return {
        **{name: getattr(spec, name) for name in (*_WHOLE, *_NUMBERS)},
        **{name: getattr(pace, name) if pace else 0.0 for name in _PACE},
    }
