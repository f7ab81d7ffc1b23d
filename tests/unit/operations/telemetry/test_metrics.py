"""Metrics count what happened, show what is, and fail alone."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal

import pytest
from prometheus_client.parser import text_string_to_metric_families

from earnings.analysts.base import Usage
from operations.quotas import quotas_in_hand
from operations.telemetry import metrics as module
from operations.telemetry.metrics import Metrics, Sources
from resilience.breaker import BreakerState
from resilience.events import EventKind, Hooks, PolicyEvent
from resilience.outcomes import CallFailed, CircuitOpen
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.status import PolicyStatus
from resilience.testing import FakeClock
from storage.pool import PoolStatus

CLOSED = PolicyStatus("edgar", BreakerState.CLOSED, 0, None, 10, 0, 0, 0, "", 0.0)


class Seen:
    """Every sample of a rendered text, by name and label values in any order."""

    def __init__(self, text: str) -> None:
        self._samples = {
            (sample.name, frozenset(sample.labels.values())): sample.value
            for family in text_string_to_metric_families(text)
            for sample in family.samples
        }

    def __getitem__(self, key: tuple[str, tuple[str, ...]]) -> float:
        return self._samples[key[0], frozenset(key[1])]

    def __contains__(self, key: tuple[str, tuple[str, ...]]) -> bool:
        return (key[0], frozenset(key[1])) in self._samples

    def of(self, name: str) -> list[float]:
        return [value for (found, _), value in self._samples.items() if found == name]


def values(metrics: Metrics) -> Seen:
    return Seen(metrics.render().decode())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def metrics(clock: FakeClock) -> Metrics:
    return Metrics(clock, "0.1.0")


def called(clock: FakeClock) -> Policies:
    """Two services: edgar answers twice and fails once; the other is switched off by hand."""
    spec = PolicySpec(attempts=2, wait_s=1, jitter="none", quotas=(QuotaRule("requests", 100),))
    policies = Policies({"edgar": spec, "claude": PolicySpec()}, clock)
    failures = [CallFailed("edgar", "HTTP 503", retryable=True)] * 2

    def answer() -> None:
        clock.advance(0.3)
        if failures:
            raise failures.pop()

    with pytest.raises(CallFailed):
        policies.of("edgar").call(answer)
    for _ in range(2):
        policies.of("edgar").call(answer)
    policies.of("claude").disable()
    return policies


def shown(policies: Policies, clock: FakeClock) -> Seen:
    return values(
        Metrics(
            clock,
            "0.1.0",
            Sources(
                policies=policies.statuses,
                quotas=lambda: quotas_in_hand(policies.all(), clock.monotonic()),
            ),
        )
    )


def test_calls_are_counted_by_service_and_outcome(clock: FakeClock) -> None:
    """A finished call once, its retries beside it, its duration with its waits."""
    seen = shown(called(clock), clock)
    assert seen["retailxai_http_requests_total", ("edgar", "success")] == 2
    assert seen["retailxai_http_requests_total", ("edgar", "failure")] == 1
    assert seen["retailxai_http_retries_total", ("edgar",)] == 1
    name = "retailxai_http_request_duration_seconds"
    assert seen[f"{name}_count", ("edgar",)] == 3
    assert seen[f"{name}_sum", ("edgar",)] == pytest.approx(2 * 0.3 + 2 * 0.3 + 1)
    assert seen[f"{name}_bucket", ("edgar", "0.25")] == 0
    assert seen[f"{name}_bucket", ("edgar", "0.5")] == 2
    assert seen[f"{name}_bucket", ("edgar", "+Inf")] == 3


def test_calls_that_were_not_made_are_counted_by_gate(clock: FakeClock) -> None:
    """Without a hook in their way: a dead service is refused thousands of times a second."""
    policies = called(clock)
    policies.of("edgar").hold()
    for _ in range(3):
        with pytest.raises(CircuitOpen):
            policies.of("edgar").call(lambda: None)
    seen = shown(policies, clock)
    assert seen["retailxai_http_rejected_total", ("edgar", "breaker")] == 3
    assert seen["retailxai_http_requests_total", ("edgar", "success")] == 2


def test_what_a_person_decided_shows(clock: FakeClock) -> None:
    """Held and switched off have values of their own."""
    policies = called(clock)
    assert shown(policies, clock)["retailxai_breaker_state", ("claude",)] == 4
    policies.of("claude").hold()
    assert shown(policies, clock)["retailxai_breaker_state", ("claude",)] == 3


def test_what_is_under_way_paused_and_in_hand(clock: FakeClock) -> None:
    """As they are at the scrape."""
    policies = called(clock)
    policies.of("edgar").pause(40)
    with policies.of("claude").admit():
        seen = shown(policies, clock)
    assert seen["retailxai_http_in_flight", ("claude",)] == 1
    assert seen["retailxai_http_waiting", ("claude",)] == 0
    assert seen["retailxai_http_pause_seconds", ("edgar",)] == 40
    assert seen["retailxai_http_late_results_total", ("edgar",)] == 0
    assert seen["retailxai_quota_limit", ("edgar", "requests", "day")] == 100
    assert seen["retailxai_quota_leased", ("edgar", "requests", "day")] == 5
    assert seen["retailxai_quota_in_hand", ("edgar", "requests", "day")] == 1


def test_openings_are_counted_as_they_happen(metrics: Metrics, clock: FakeClock) -> None:
    """A state that came and went between two scrapes is not missed; a job is no service."""
    hooks = Hooks(Metrics(clock, "0.1.0", jobs=["scan"]).on_policy_event, metrics.on_policy_event)
    opened = PolicyEvent(EventKind.CIRCUIT_OPENED, "edgar", clock.now())
    hooks.emit(opened)
    hooks.emit(PolicyEvent(EventKind.CIRCUIT_CLOSED, "edgar", clock.now()))
    assert values(metrics)["retailxai_breaker_opened_total", ("edgar",)] == 1
    only_jobs = Metrics(clock, "0.1.0", jobs=["edgar"])
    only_jobs.on_policy_event(opened)
    assert values(only_jobs).of("retailxai_breaker_opened_total") == []
    assert hooks.failures == 0


def test_runs_documents_and_answers(metrics: Metrics, clock: FakeClock) -> None:
    """The names an operator's rules rely on."""
    metrics.run_finished("daily_earnings_scan", "failed", 2.0)
    metrics.run_finished("daily_earnings_scan", "succeeded", 4.0)
    metrics.document_finished("analysed", {"figure": 12}, {"number_not_in_span": 1})
    metrics.document_finished("irrelevant")
    metrics.model_answered("claude", "some-model", Usage(900, 0, 0, 90, cost_usd=Decimal("0.0118")))
    seen = values(metrics)
    job = "daily_earnings_scan"
    assert seen["retailxai_job_runs_total", (job, "succeeded")] == 1
    assert seen["retailxai_job_runs_total", (job, "failed")] == 1
    assert seen["retailxai_job_duration_seconds_count", (job,)] == 2
    last = seen["retailxai_job_last_success_timestamp_seconds", (job,)]
    assert last == clock.now().timestamp()
    assert seen["retailxai_documents_finished_total", ("analysed",)] == 1
    assert seen["retailxai_claims_verified_total", ("figure",)] == 12
    assert seen["retailxai_claims_withheld_total", ("number_not_in_span",)] == 1
    assert seen["retailxai_llm_tokens_total", ("claude", "some-model", "input")] == 900
    assert seen["retailxai_llm_cost_usd_total", ("claude", "some-model")] == 0.0118


def test_build_and_process(metrics: Metrics) -> None:
    """Which version runs, and how large it is."""
    seen = values(metrics)
    assert seen.of("retailxai_build_info") == [1]
    assert seen["process_resident_memory_bytes", ()] > 1_000_000


def test_a_hook_that_fails_is_counted_only(metrics: Metrics) -> None:
    """A count that cannot be (below nothing) harms neither the caller nor the other counts."""
    metrics.document_finished("analysed", {"exact": -1})
    metrics.run_finished("x", "succeeded", "long")  # type: ignore[arg-type]
    metrics.model_answered("claude", "m", Usage(-5, cost_usd=Decimal(1)))
    seen = values(metrics)
    assert seen["retailxai_hook_failures_total", ("document_finished",)] == 1
    assert seen["retailxai_hook_failures_total", ("run_finished",)] == 1
    assert seen["retailxai_hook_failures_total", ("model_answered",)] == 1
    assert seen["retailxai_documents_finished_total", ("analysed",)] == 1


def test_states_are_asked_at_the_scrape(clock: FakeClock) -> None:
    """Pool, breakers, documents, last successes and quotas are as they are now."""
    opened = replace(CLOSED, service="claude", state=BreakerState.OPEN)
    seen = values(
        Metrics(
            clock,
            "0.1.0",
            Sources(
                pool=lambda: PoolStatus(20, 10, 3, 2, 0),
                policies=lambda: (CLOSED, opened),
                documents=lambda: {"analysed": 7},
                dead_letters=lambda: {"poison": 2},
                agents=lambda: {"edgar": 3, "local": 0},
                last_success=lambda: {"scan": 1_700_000_000.0},
                quota_used=lambda: {"claude": 0.25},
            ),
        )
    )
    assert seen["retailxai_db_pool_in_use", ()] == 3
    assert seen["retailxai_db_pool_capacity", ()] == 30
    assert seen["retailxai_breaker_state", ("edgar",)] == 0
    assert seen["retailxai_breaker_state", ("claude",)] == 2
    assert seen["retailxai_documents", ("analysed",)] == 7
    assert seen["retailxai_dead_letters", ("poison",)] == 2
    assert seen["retailxai_agent_state", ("edgar",)] == 3
    assert seen["retailxai_job_last_success_timestamp_seconds", ("scan",)] == 1_700_000_000
    assert seen["retailxai_quota_used_ratio", ("claude",)] == 0.25


class Counted:
    """Documents by state, changing; counts how often it was asked."""

    def __init__(self) -> None:
        self.asked = 0
        self.now: Mapping[str, int] = {"fetched": 3}
        self.error: Exception | None = None

    def __call__(self) -> Mapping[str, int]:
        self.asked += 1
        if self.error:
            raise self.error
        return self.now


def test_scrapers_cannot_hammer_the_database(clock: FakeClock) -> None:
    """A thousand scrapes in a second are one; the database is asked each quarter minute."""
    documents = Counted()
    metrics = Metrics(clock, "0.1.0", Sources(documents=documents))
    for _ in range(1_000):
        metrics.render()
    clock.advance(10)
    metrics.render()
    assert documents.asked == 1
    clock.advance(10)
    metrics.render()
    assert documents.asked == 2


def test_a_state_that_emptied_disappears(clock: FakeClock) -> None:
    """No document is fetched any more: its last count must not stay for ever."""
    documents = Counted()
    metrics = Metrics(clock, "0.1.0", Sources(documents=documents))
    assert values(metrics)["retailxai_documents", ("fetched",)] == 3
    documents.now = {"analysed": 3}
    clock.advance(60)
    seen = values(metrics)
    assert ("retailxai_documents", ("fetched",)) not in seen
    assert seen["retailxai_documents", ("analysed",)] == 3


def test_a_source_that_fails_keeps_its_last_values(clock: FakeClock) -> None:
    """The scrape goes on without it, and counts it."""
    documents = Counted()
    metrics = Metrics(
        clock, "0.1.0", Sources(documents=documents, pool=lambda: PoolStatus(20, 10, 1, 0, 0))
    )
    metrics.render()
    documents.error = ConnectionError("gone")
    clock.advance(60)
    seen = values(metrics)
    assert seen["retailxai_documents", ("fetched",)] == 3
    assert seen["retailxai_scrape_failures_total", ("documents",)] == 1
    assert seen["retailxai_db_pool_in_use", ()] == 1


@pytest.fixture
def hang() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def test_a_source_that_hangs_costs_the_scrape_its_deadline_only(
    clock: FakeClock, hang: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that never answers does not take the metrics with it."""
    monkeypatch.setattr(module, "SOURCE_DEADLINE_S", 0.5)

    def stuck() -> dict[str, int]:
        hang.wait(30)
        return {}

    metrics = Metrics(
        clock, "0.1.0", Sources(documents=stuck, pool=lambda: PoolStatus(20, 10, 1, 0, 0))
    )
    seen = values(metrics)
    assert seen["retailxai_scrape_failures_total", ("documents",)] == 1
    assert seen["retailxai_db_pool_in_use", ()] == 1


def test_two_applications_do_not_share_counts(clock: FakeClock) -> None:
    """The registry belongs to the object: no duplicate-name error, no mixed numbers."""
    one, two = Metrics(clock, "0.1.0"), Metrics(clock, "0.1.0")
    one.run_finished("scan", "succeeded", 1.0)
    assert ("retailxai_job_runs_total", ("scan", "succeeded")) not in values(two)


def test_names_are_what_prometheus_expects(metrics: Metrics, clock: FakeClock) -> None:
    """Every metric of ours is prefixed, has a help text, and counters end in _total."""
    for family in text_string_to_metric_families(metrics.render().decode()):
        assert family.documentation
        assert family.name.startswith(("retailxai_", "process_"))
