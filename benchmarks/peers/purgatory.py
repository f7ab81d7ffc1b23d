"""purgatory."""

from __future__ import annotations

from purgatory import SyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from benchmarks.peers.base import Breaker, Call, Wanted


def breaker(wanted: Wanted) -> Breaker:
    exclude: list[object] = []
    counts, told = wanted.counts, wanted.on_change
    if counts is not None:
        exclude.append((Exception, lambda error: not counts(error)))
    if wanted.ignored is not None:
        exclude.append(wanted.ignored)
    factory = SyncCircuitBreakerFactory(
        default_threshold=wanted.threshold, default_ttl=wanted.open_s, exclude=exclude
    )
    if told is not None:
        factory.add_listener(
            lambda _name, what, _event: told() if what == "state_changed" else None
        )
    one = factory.get_breaker("bench")

    def run(call: Call) -> object:
        with one:
            return call()

    return Breaker(run, OpenedState)
