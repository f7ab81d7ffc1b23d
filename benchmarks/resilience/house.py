"""The application of a temporary folder, and breakers and policies made as it makes them."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from benchmarks.peers.base import Breaker, Wanted
from bootstrap.application import Application, open_application
from bootstrap.metrics import build_metrics
from bootstrap.policies import policy_specs
from bootstrap.services import build_policies
from resilience import retry
from resilience.clock import SystemClock
from resilience.events import Hook
from resilience.outcomes import CircuitOpen, Outcome
from resilience.policy import Policy
from resilience.registry import Policies
from resilience.retry import Verdict
from resilience.spec import PolicySpec, RateRule
from settings import Settings, load
from storage.policy_state import PolicyStates

SHIPPED = Path(__file__).resolve().parents[2] / "retailxai.toml"
SERVICE = "claude"
RATE = 1e9  # per second: the limiter decides, and never says no


@dataclass(frozen=True)
class House:
    folder: Path
    settings: Settings
    application: Application
    on_event: Hook  # of the metrics
    clock: SystemClock

    @property
    def dsn(self) -> str:
        return self.application.database.dsn

    @property
    def policy(self) -> Policy:
        return self.application.services.policies.of(SERVICE)

    @property
    def spec(self) -> PolicySpec:
        return policy_specs(self.settings)[SERVICE]

    def forgetful(self) -> Policies:
        """The same policies, hooks and all, without a store."""
        policies = build_policies(self.settings, self.clock, threading.Event())
        policies.hooks.subscribe(self.on_event)
        return policies

    def policies(self, *, classify: retry.Classify = retry.classify, **changed: Any) -> Policies:
        """As those, with some of the numbers changed."""
        specs = {SERVICE: replace(self.spec, **changed)}
        policies = Policies(specs, self.clock, shutdown=threading.Event(), classify=classify)
        policies.hooks.subscribe(self.on_event)
        return policies

    def kept(self, policies: Policies, executor: str) -> Policies:
        """They remember, as the application's own do."""
        store = PolicyStates(self.application.database, self.settings.instance, executor)
        policies.remember(store, records=True)
        return policies

    def breaker(self, wanted: Wanted) -> Breaker:
        """One attempt a call, so that a breaker is all there is to see."""
        policies = self.policies(
            classify=_classify(wanted),
            failure_threshold=wanted.threshold,
            open_s=wanted.open_s,
            attempts=1,
            rates=(RateRule(RATE),),
            timeout_s=0.2,
            deadline_s=0.4,
            at_once=64,
        )
        told = wanted.on_change
        if told is not None:
            policies.hooks.subscribe(lambda event: told() if "circuit" in event.kind else None)
        return Breaker(policies.of(SERVICE).call, CircuitOpen)


def _classify(wanted: Wanted) -> Callable[[BaseException], Verdict]:
    def classify(error: BaseException) -> Verdict:
        ignored, counts = wanted.ignored, wanted.counts
        if ignored is not None and isinstance(error, ignored):
            return Verdict(Outcome.NEUTRAL, retryable=False)
        if counts is not None and not counts(error):
            return Verdict(Outcome.NEUTRAL, retryable=False)
        return retry.classify(error)

    return classify


def settings_in(folder: Path, instance: str) -> Settings:
    """The shipped settings with their folders in `folder`, and a service for the benchmarks."""
    config = folder / "retailxai.toml"
    if not config.exists():
        config.write_text(_overlaid(SHIPPED.read_text(encoding="utf-8")), encoding="utf-8")
    return load(
        {
            "RETAILXAI_CONFIG": str(config),
            "RETAILXAI_INSTANCE": instance,
            "RETAILXAI_DATA_DIR": str(folder / "data"),
            "RETAILXAI_LOG_DIR": str(folder / f"logs-{instance}"),
            "RETAILXAI_REPORTS_DIR": str(folder / "reports"),
        }
    )


def _overlaid(shipped: str) -> str:
    """`SERVICE` is called as the SEC is, but for the pace, which no file may raise for the SEC."""
    kept = []
    for table in re.split(r"^(?=\[)", shipped, flags=re.MULTILINE):
        name = table.partition("]")[0].lstrip("[")
        if name == "policies.edgar":
            rates = f"rates = [{{ rate = {RATE:.0f}, shared = true }}]\n"
            kept.append(table.replace(name, f"policies.{SERVICE}", 1) + rates)
        if not name.startswith(f"policies.{SERVICE}"):
            kept.append(table)
    return "".join(kept)


@contextmanager
def opened(folder: Path, instance: str = "bench") -> Iterator[House]:
    clock = SystemClock()
    settings = settings_in(folder, instance)
    with open_application(settings, kind="daemon", clock=clock) as application:
        for handler in logging.getLogger().handlers:
            handler.setLevel(logging.CRITICAL)  # a breaker that opens 10,000 times says so
        metrics = build_metrics(application)
        application.begin_work()
        yield House(folder, settings, application, metrics.on_policy_event, clock)
