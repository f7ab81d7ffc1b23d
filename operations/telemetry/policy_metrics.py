"""The policies' figures as Prometheus metrics, made of their statuses when somebody scrapes.

The policies count anyway; a hook for every call would cost each of them more than the call's
own gates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector

from operations.quotas import QuotaInHand
from resilience.breaker import BreakerState
from resilience.status import PolicyStatus
from resilience.tally import BOUNDS_S, Durations

T = TypeVar("T", CounterMetricFamily, GaugeMetricFamily)

BREAKER_VALUE = {
    BreakerState.CLOSED: 0,
    BreakerState.HALF_OPEN: 1,
    BreakerState.OPEN: 2,
    BreakerState.HELD: 3,
    BreakerState.DISABLED: 4,
}
_STATES = "0 closed, 1 half open, 2 open, 3 held by a person, 4 switched off by a person."


class PolicyCollector(Collector):
    """Shows what it was told last."""

    def __init__(self) -> None:
        self._statuses: Sequence[PolicyStatus] = ()
        self._quotas: Sequence[QuotaInHand] = ()

    def show(self, statuses: Sequence[PolicyStatus]) -> None:
        self._statuses = statuses

    def show_quotas(self, quotas: Sequence[QuotaInHand]) -> None:
        self._quotas = quotas

    def collect(self) -> Iterator[Metric]:
        yield from self._counts()
        yield self._durations()
        yield from self._states()
        yield from self._in_hand()

    def _counts(self) -> Iterator[Metric]:
        calls = CounterMetricFamily(
            "retailxai_http_requests",
            "Finished calls to a service, after all their attempts.",
            labels=("service", "outcome"),
        )
        rejected = CounterMetricFamily(
            "retailxai_http_rejected",
            "Calls that were not made, by the gate that said no.",
            labels=("service", "gate"),
        )
        for one in self._statuses:
            calls.add_metric((one.service, "success"), one.calls - one.failed - one.ours)
            calls.add_metric((one.service, "failure"), one.failed)
            calls.add_metric((one.service, "neutral"), one.ours)
            for gate, count in sorted(one.rejected_by.items()):
                rejected.add_metric((one.service, gate), count)
        yield calls
        yield rejected
        yield self._each(
            CounterMetricFamily(
                "retailxai_http_retries", "Attempts made again.", labels=("service",)
            ),
            lambda one: one.retries,
        )
        yield self._each(
            CounterMetricFamily(
                "retailxai_http_late_results",
                "Calls that ended after their breaker had moved on, and changed nothing.",
                labels=("service",),
            ),
            lambda one: one.late_results,
        )

    def _durations(self) -> Metric:
        seconds = HistogramMetricFamily(
            "retailxai_http_request_duration_seconds",
            "How long a call took, waits and retries included.",
            labels=("service",),
        )
        for one in self._statuses:
            seconds.add_metric((one.service,), _buckets(one.durations), one.durations.total_s)
        return seconds

    def _states(self) -> Iterator[Metric]:
        yield self._each(
            GaugeMetricFamily("retailxai_breaker_state", _STATES, labels=("name",)),
            lambda one: BREAKER_VALUE[one.state],
        )
        for name, text, value in (
            ("http_in_flight", "Calls under way.", lambda one: one.under_way),
            ("http_waiting", "Calls that wait for a free slot.", lambda one: one.waiting),
            ("http_pause_seconds", "Left of a pause it asked for.", lambda one: one.paused_s),
        ):
            family = GaugeMetricFamily(f"retailxai_{name}", text, labels=("service",))
            yield self._each(family, value)

    def _in_hand(self) -> Iterator[Metric]:
        labels = ("service", "resource", "per")
        shown: tuple[tuple[str, str, Callable[[QuotaInHand], float]], ...] = (
            ("quota_in_hand", "What this process holds of a quota.", lambda one: one.in_hand),
            ("quota_limit", "What a window of the quota allows.", lambda one: one.limit),
            ("quota_leased", "What all processes took of the window.", lambda one: one.leased),
        )
        for name, text, value in shown:
            family = GaugeMetricFamily(f"retailxai_{name}", text, labels=labels)
            for one in self._quotas:
                family.add_metric((one.service, one.resource, one.per), value(one))
            yield family

    def _each(self, family: T, value: Callable[[PolicyStatus], float]) -> T:
        for one in self._statuses:
            family.add_metric((one.service,), value(one))
        return family


def _buckets(durations: Durations) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus has them."""
    counts = durations.counts or (0,) * (len(BOUNDS_S) + 1)
    bounds = (*(repr(bound) for bound in BOUNDS_S), "+Inf")
    below, found = 0, []
    for bound, count in zip(bounds, counts, strict=True):
        below += count
        found.append((bound, float(below)))
    return found
