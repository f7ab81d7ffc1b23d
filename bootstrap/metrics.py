"""The metrics of a daemon: hooked into what happens, asked for what is."""

from __future__ import annotations

from collections import Counter

from bootstrap.application import Application
from bootstrap.version import VERSION
from jobs.table import JOBS
from operations.quotas import quotas_in_hand
from operations.telemetry.metrics import Metrics, Sources
from storage.dead_letters import DeadLetters
from storage.spending import cap_uses
from storage.states import AgentState, RunState

RUNS_LOOKED_AT = 40
AGENT_STATES = tuple(AgentState)  # in the order of the numbers that the gauge's help says


def build_metrics(application: Application) -> Metrics:
    context, policies = application.context, application.services.policies
    metrics = Metrics(
        application.clock,
        VERSION,
        Sources(
            pool=application.database.pool_status,
            policies=policies.statuses,
            quotas=lambda: quotas_in_hand(policies.all(), application.clock.monotonic()),
            documents=lambda: {str(k): n for k, n in context.documents.by_state().items()},
            dead_letters=lambda: _dead_letters(context.dead_letters),
            agents=lambda: {
                one.name: AGENT_STATES.index(one.state) for one in context.agents.store.states()
            },
            last_success=lambda: _last_success(application),
            quota_used=lambda: _quota_used(application),
        ),
        jobs=JOBS,
    )
    policies.hooks.subscribe(metrics.on_policy_event)
    context.observers.subscribe(metrics)
    return metrics


def _dead_letters(store: DeadLetters | None) -> dict[str, int]:
    """Open ones, by cause."""
    found: Counter[str] = Counter()
    for one in store.counts() if store is not None else ():
        found[one.cause] += one.letters
    return found


def _last_success(application: Application) -> dict[str, float]:
    """By job, Unix seconds."""
    found = {}
    for job in JOBS:
        for run in application.ledger.history(job, RUNS_LOOKED_AT):
            if run.state is RunState.SUCCEEDED and run.finished_at is not None:
                found[job] = run.finished_at.timestamp()
                break
    return found


def _quota_used(application: Application) -> dict[str, float]:
    """By provider: the share of its monthly cap that is spent."""
    context = application.context
    uses = cap_uses(context.paid_calls.spend, context.budgets, application.clock.now())
    return {
        one.provider: float(one.taken_usd / one.cap_usd)
        for one in uses
        if one.window.per == "month" and one.cap_usd
    }
