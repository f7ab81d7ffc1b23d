"""Which numbers of a specification make no sense, alone or beside each other.

Every flaw is found, not only the first: whoever mends a configuration wants to know all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from resilience.limiters import ALGORITHMS
from resilience.quota import PERIODS
from resilience.retry import JITTERS

if TYPE_CHECKING:
    from resilience.spec import PolicySpec


@dataclass(frozen=True)
class Flaw:
    """A number that makes no sense, by itself or beside `others`."""

    field: str  # "timeout_s", "rates[0].burst", "estimates.tokens"
    rule: str
    got: object
    fix: str
    others: tuple[str, ...] = ()


class UnsoundSpec(ValueError):
    """A specification was to be made that makes no sense; `flaws` is all that is wrong."""

    def __init__(self, flaws: Sequence[Flaw]) -> None:
        super().__init__("; ".join(f"{one.field} {one.rule}, got {one.got!r}" for one in flaws))
        self.flaws = tuple(flaws)


_ABOVE_0 = ("deadline_s", "timeout_s", "open_s", "open_growth", "max_open_s")
_NOT_NEGATIVE = (
    *("max_queue_s", "wait_s", "max_wait_s", "retry_ratio", "retry_burst", "slow_s", "window_s"),
    *("failure_threshold", "at_once", "queue"),
)
_AT_LEAST_1 = (
    *("attempts", "minimum_calls", "window_calls", "success_threshold", "probes_at_once"),
)
_LOWER_FIRST = (("wait_s", "max_wait_s"), ("timeout_s", "deadline_s"), ("open_s", "max_open_s"))


def problems_of(spec: PolicySpec) -> list[Flaw]:
    """Every number that makes no sense."""
    return [*_single(spec), *_together(spec), *_rates(spec), *_quotas(spec), *_chaos(spec)]


def _single(spec: PolicySpec) -> Iterator[Flaw]:
    for name in _ABOVE_0:
        yield from _check(spec, name, getattr(spec, name) > 0, "must be above 0")
    for name in _NOT_NEGATIVE:
        yield from _check(spec, name, getattr(spec, name) >= 0, "must not be negative")
    for name in _AT_LEAST_1:
        yield from _check(spec, name, getattr(spec, name) >= 1, "must be at least 1")
    for name in ("failure_rate_pct", "slow_rate_pct"):
        is_share = 0 <= getattr(spec, name) <= 100
        yield from _check(spec, name, is_share, "must be a percentage, 0 to 100")
    yield from _check(spec, "jitter", spec.jitter in JITTERS, f"must be one of {_list(JITTERS)}")
    for resource, amount in spec.estimates.items():
        if not 0 <= amount < inf:
            yield Flaw(f"estimates.{resource}", "must not be negative", amount, "correct it")


def _together(spec: PolicySpec) -> Iterator[Flaw]:
    for low, high in _LOWER_FIRST:
        if getattr(spec, low) > getattr(spec, high):
            yield Flaw(
                low,
                f"must not be above {high} ({getattr(spec, high):g})",
                getattr(spec, low),
                f"lower {low}, or raise {high}",
                (high,),
            )
    if spec.slow_rate_pct and not spec.slow_s:
        rule = f"must say from when on a call is slow (slow_rate_pct is {spec.slow_rate_pct:g})"
        yield Flaw("slow_s", rule, spec.slow_s, "set slow_s above 0", ("slow_rate_pct",))
    if spec.minimum_calls > spec.window_calls and not spec.window_s:
        yield Flaw(
            "minimum_calls",
            f"must fit into window_calls ({spec.window_calls})",
            spec.minimum_calls,
            "lower minimum_calls, or raise window_calls",
            ("window_calls", "window_s"),
        )


def _rates(spec: PolicySpec) -> Iterator[Flaw]:
    for index, rate in enumerate(spec.rates):
        at = f"rates[{index}]"
        unsound = [
            *_entry(at, rate, ("rate", "per_s", "burst"), lambda number: 0 < number < inf),
            *_named(at, "algorithm", rate.algorithm, ALGORITHMS),
        ]
        yield from unsound
        weight = spec.takes(rate.resource)
        if not unsound and 0 < weight < inf and rate.never_passes(weight):
            name = "rate" if rate.algorithm == "sliding_window" else "burst"
            yield Flaw(
                f"{at}.{name}",
                f"must be at least {weight:g}: a call takes that many {rate.resource} at once",
                getattr(rate, name),
                f"raise it, or lower estimates.{rate.resource}",
                (f"estimates.{rate.resource}",),
            )


def _quotas(spec: PolicySpec) -> Iterator[Flaw]:
    for index, quota in enumerate(spec.quotas):
        at = f"quotas[{index}]"
        yield from _entry(at, quota, ("limit",), lambda number: 0 < number < inf)
        yield from _named(at, "per", quota.per, PERIODS)
        if not 0 <= quota.block < inf:
            yield Flaw(f"{at}.block", "must not be negative", quota.block, "correct it")
        if not _is_zone(quota.zone):
            yield Flaw(f"{at}.zone", "is no time zone", quota.zone, "name one, as UTC")
        weight = spec.takes(quota.resource)
        if weight > quota.limit > 0:
            yield Flaw(
                f"{at}.limit",
                f"must be at least {weight:g}: a call takes that many {quota.resource}",
                quota.limit,
                f"raise it, or lower estimates.{quota.resource}",
                (f"estimates.{quota.resource}",),
            )


def _is_zone(name: str) -> bool:
    """Asked for by its name: to list all six hundred means to walk through a tree of files."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: "Europe" is a folder
        return False
    return True


def _chaos(spec: PolicySpec) -> Iterator[Flaw]:
    if spec.chaos is not None:
        shares = ("fault_pct", "refuse_pct", "latency_pct")
        yield from _entry("chaos", spec.chaos, shares, lambda share: 0 <= share <= 100)
        yield from _entry("chaos", spec.chaos, ("latency_s",), lambda seconds: 0 <= seconds < inf)


def _check(spec: PolicySpec, name: str, is_sound: bool, rule: str) -> Iterator[Flaw]:
    if not is_sound:
        yield Flaw(name, rule, getattr(spec, name), "correct it")


def _entry(
    at: str, entry: object, names: Iterable[str], is_sound: Callable[[float], bool]
) -> Iterator[Flaw]:
    for name in names:
        number = getattr(entry, name)
        if not is_sound(number):
            rule = "must be a percentage, 0 to 100" if name.endswith("_pct") else "must be above 0"
            yield Flaw(f"{at}.{name}", rule, number, "correct it")


def _named(at: str, name: str, value: str, known: Iterable[str]) -> Iterator[Flaw]:
    if value not in known:
        yield Flaw(f"{at}.{name}", f"must be one of {_list(known)}", value, "name one of them")


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
