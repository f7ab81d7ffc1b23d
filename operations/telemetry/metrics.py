"""The numbers a Prometheus server scrapes. docs/operations.md lists them.

Two ways in. Hooks are called when something happened (a finished run, a finished document, a
circuit that opened) and only count. What is known elsewhere (the pool, the policies' calls
and breakers) is asked at each scrape, each source under its own deadline: a source that hangs
or fails keeps its last values, is counted, and costs the scrape nothing.

The registry belongs to this object, not to the process. Importing this module takes some
80 ms, so only the daemon does.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Protocol, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector
from prometheus_client.exposition import generate_latest

from operations.bounded import Bounded
from operations.quotas import QuotaInHand
from operations.telemetry.policy_metrics import PolicyCollector
from resilience.clock import Clock
from resilience.events import EventKind, PolicyEvent
from resilience.status import PolicyStatus

if TYPE_CHECKING:
    from storage.pool import PoolStatus

T = TypeVar("T")

JOB_SECONDS = (0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600)
FRESH_S = 1.0  # for this long a rendered answer serves every scraper
FROM_DATABASE_FRESH_S = 15.0
SOURCE_DEADLINE_S = 1.0


@dataclass(frozen=True)
class Sources:
    """What is asked at a scrape; None where this process has no such thing."""

    pool: Callable[[], PoolStatus] | None = None
    policies: Callable[[], Sequence[PolicyStatus]] | None = None
    quotas: Callable[[], Sequence[QuotaInHand]] | None = None
    documents: Callable[[], Mapping[str, int]] | None = None  # by state; reads the database
    dead_letters: Callable[[], Mapping[str, int]] | None = None  # open ones, by cause
    agents: Callable[[], Mapping[str, int]] | None = None  # state by name, as a number; same
    last_success: Callable[[], Mapping[str, float]] | None = None  # by job, Unix seconds; same
    quota_used: Callable[[], Mapping[str, float]] | None = None  # share of the cap, by provider


class TokenUsage(Protocol):
    """earnings.analysts.base.Usage, without importing that room."""

    @property
    def input_tokens(self) -> int: ...
    @property
    def cache_write_tokens(self) -> int: ...
    @property
    def cache_read_tokens(self) -> int: ...
    @property
    def output_tokens(self) -> int: ...
    @property
    def cost_usd(self) -> Decimal: ...


class Metrics:
    """This process's metrics.

    `jobs` have policies of their own, whose events come by the same hooks; they are no
    services.
    """

    def __init__(
        self,
        clock: Clock,
        version: str,
        sources: Sources | None = None,
        jobs: Collection[str] = (),
    ) -> None:
        self._clock = clock
        self._jobs = frozenset(jobs)
        self._registry = CollectorRegistry(auto_describe=True)
        ProcessCollector(registry=self._registry)
        self._declare_work()
        self._declare_states()
        self._policies = PolicyCollector()
        self._registry.register(self._policies)
        build = self._gauge("build_info", "Always 1.", "version", "python")
        build.labels(version, platform.python_version()).set(1)
        sources = sources or Sources()
        self._ledger_tells = sources.last_success is not None
        self._asked = list(self._sources(sources))
        self._rendered = Bounded(
            "metrics", self._render, clock, deadline_s=4 * SOURCE_DEADLINE_S, fresh_s=FRESH_S
        )

    def _declare_work(self) -> None:
        count = self._counter
        self._runs = count("job_runs", "Finished runs.", "job", "outcome")
        self._opened = count("breaker_opened", "How often the breaker opened.", "name")
        self._finished = count(
            "documents_finished", "Documents that came to the end of their way.", "state"
        )
        self._verified = count("claims_verified", "Claims their document bears out.", "kind")
        self._withheld = count(
            "claims_withheld", "Claims their document does not bear out.", "reason"
        )
        self._suspicious = count(
            "suspicious_text", "Found in documents and without effect: for programs alone.", "kind"
        )
        self._tokens = count(
            "llm_tokens", "Tokens as the provider counts them.", "provider", "model", "kind"
        )
        self._cost = count("llm_cost_usd", "By the configured prices.", "provider", "model")
        self._hook_failures = count("hook_failures", "Events that could not be counted.", "hook")
        self._source_failures = count(
            "scrape_failures",
            "Sources that failed or hung at a scrape; their last values stay.",
            "source",
        )
        self._run_seconds = self._histogram(
            "job_duration_seconds", "How long a run took.", "job", JOB_SECONDS
        )

    def _declare_states(self) -> None:
        gauge = self._gauge
        self._last_success = gauge(
            "job_last_success_timestamp_seconds", "When the job last succeeded.", "job"
        )
        self._documents = gauge("documents", "Documents by state.", "state")
        self._letters = gauge("dead_letters", "Work that stopped and is kept, by cause.", "cause")
        self._agents = gauge(
            "agent_state", "0 idle, 1 working, 2 degraded, 3 paused by a person.", "name"
        )
        self._quota = gauge("quota_used_ratio", "Share of the cap used.", "name")
        self._pool_used = gauge("db_pool_in_use", "Database connections in use.")
        self._pool_capacity = gauge("db_pool_capacity", "Database connections there may be.")
        self._pool_waiting = gauge("db_pool_waiting", "Threads waiting for a connection.")

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"retailxai_{name}_total", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"retailxai_{name}", text, labels, registry=self._registry)

    def _histogram(self, name: str, text: str, label: str, buckets: tuple[float, ...]) -> Histogram:
        return Histogram(
            f"retailxai_{name}", text, [label], buckets=buckets, registry=self._registry
        )

    # ---- hooks ---------------------------------------------------------------------------

    def on_policy_event(self, event: PolicyEvent) -> None:
        """For the hooks of the policies."""
        if event.service in self._jobs:
            return
        if event.kind is EventKind.CIRCUIT_OPENED:
            with self._counted("policy_event"):
                self._opened.labels(event.service).inc()

    def run_finished(self, job: str, outcome: str, took_s: float) -> None:
        """A run of `job` ended as `outcome` (succeeded, failed, ...)."""
        with self._counted("run_finished"):
            self._runs.labels(job, outcome).inc()
            self._run_seconds.labels(job).observe(took_s)
            if outcome == "succeeded" and not self._ledger_tells:
                self._last_success.labels(job).set(self._clock.now().timestamp())

    def document_finished(
        self,
        state: str,
        verified: Mapping[str, int] | None = None,
        withheld: Mapping[str, int] | None = None,
    ) -> None:
        """A document came to `state`, with this many claims by kind and by reason."""
        with self._counted("document_finished"):
            self._finished.labels(state).inc()
            for kind, count in (verified or {}).items():
                self._verified.labels(kind).inc(count)
            for reason, count in (withheld or {}).items():
                self._withheld.labels(reason).inc(count)

    def document_read(self, suspicions: Mapping[str, int]) -> None:
        """What a document holds for programs and not for people, by kind."""
        with self._counted("document_read"):
            for kind, number in suspicions.items():
                self._suspicious.labels(kind).inc(number)

    def model_answered(self, provider: str, model: str, usage: TokenUsage) -> None:
        """A model's answer, paid for or not."""
        with self._counted("model_answered"):
            tokens = {
                "input": usage.input_tokens,
                "cache_write": usage.cache_write_tokens,
                "cache_read": usage.cache_read_tokens,
                "output": usage.output_tokens,
            }
            for kind, count in tokens.items():
                self._tokens.labels(provider, model, kind).inc(count)
            self._cost.labels(provider, model).inc(float(usage.cost_usd))

    @contextmanager
    def _counted(self, hook: str) -> Iterator[None]:
        try:
            yield
        except Exception:  # noqa: BLE001  a hook: its failure is a metric, never the caller's
            self._hook_failures.labels(hook).inc()

    # ---- scraping ------------------------------------------------------------------------

    def render(self) -> bytes:
        """What a scraper gets, text format 0.0.4. Raises operations.bounded.TooSlow."""
        return self._rendered.result()

    def _render(self) -> bytes:
        for source, _ in self._asked:
            source.begin()  # side by side, so that the slowest alone decides
        for source, show in self._asked:
            try:
                show(source.result())
            except Exception:  # noqa: BLE001  one source must not cost the others
                self._source_failures.labels(source.name).inc()
        return generate_latest(self._registry)

    def _sources(
        self, sources: Sources
    ) -> Iterator[tuple[Bounded[object], Callable[[object], None]]]:
        labelled = (
            ("documents", sources.documents, self._documents, FROM_DATABASE_FRESH_S),
            ("dead_letters", sources.dead_letters, self._letters, FROM_DATABASE_FRESH_S),
            ("agents", sources.agents, self._agents, FROM_DATABASE_FRESH_S),
            ("last_success", sources.last_success, self._last_success, FROM_DATABASE_FRESH_S),
            ("quota_used", sources.quota_used, self._quota, FROM_DATABASE_FRESH_S),
        )
        if sources.pool is not None:
            yield self._source("pool", sources.pool, FRESH_S, self._show_pool)
        if sources.policies is not None:
            yield self._source("policies", sources.policies, FRESH_S, self._policies.show)
        if sources.quotas is not None:
            yield self._source("quotas", sources.quotas, FRESH_S, self._policies.show_quotas)
        for name, ask, gauge, fresh_s in labelled:
            if ask is not None:
                yield self._source(name, ask, fresh_s, _shown_on(gauge))

    def _source(
        self, name: str, ask: Callable[[], T], fresh_s: float, show: Callable[[T], None]
    ) -> tuple[Bounded[object], Callable[[object], None]]:
        bounded = Bounded(name, ask, self._clock, deadline_s=SOURCE_DEADLINE_S, fresh_s=fresh_s)
        return bounded, show  # type: ignore[return-value]  # each pair fits itself

    def _show_pool(self, pool: PoolStatus) -> None:
        self._pool_used.set(pool.checked_out)
        self._pool_capacity.set(pool.limit)
        self._pool_waiting.set(pool.waiting)


def _shown_on(gauge: Gauge) -> Callable[[Mapping[str, float]], None]:
    def show(values: Mapping[str, float]) -> None:
        gauge.clear()  # a state that no document is in any more must not keep its last count
        for label, value in values.items():
            gauge.labels(label).set(value)

    return show
