"""The health checks of this process, each given what it looks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from earnings.analysts.panel import LOCAL
from earnings.sources.base import ByChoice
from jobs.planning import Plan
from operations.cgroup import cgroup_memory
from operations.checks.analysts import AnalystsCheck
from operations.checks.base import Check
from operations.checks.breakers import BreakersCheck
from operations.checks.database import DatabaseCheck, Schema
from operations.checks.disk import DiskCheck
from operations.checks.engine import EngineCheck
from operations.checks.instances import InstancesCheck
from operations.checks.jobs import JobAge, JobsCheck
from operations.checks.logs import LogsCheck
from operations.checks.memory import MemoryCheck
from operations.checks.process import ProcessCheck
from operations.checks.scheduler import SchedulerCheck
from operations.checks.sources import SourcesCheck
from operations.health import Health
from operations.process import Process, system_memory
from operations.telemetry.logging import LogHandle
from resilience.clock import Clock
from settings import Settings
from storage.agents import Agents
from storage.database import Database
from storage.leases import Instances
from storage.ledger import Ledger
from storage.schema import schema_standing
from storage.states import RunState

if TYPE_CHECKING:
    from bootstrap.services import Services
    from scheduler import Scheduler

DAY_S = 86_400.0
LOOKED_BACK = 40  # runs of a job that are asked for its last success


@dataclass(frozen=True)
class Looked:
    """What the checks look at. `scheduler` None: this process only runs a command."""

    settings: Settings
    clock: Clock
    database: Database
    ledger: Ledger
    services: Services
    plans: tuple[Plan, ...]
    process: Process
    logs: LogHandle
    engine_runs: Callable[[], bool]
    secrets: tuple[str, ...] = ()
    scheduler: Scheduler | None = None


def build_health(looked: Looked) -> Health:
    return Health(_checks(looked), looked.clock, secrets=looked.secrets)


def _checks(looked: Looked) -> list[Check]:
    settings, services, agents = looked.settings, looked.services, Agents(looked.database)
    checks: list[Check] = [
        DatabaseCheck(
            ping=looked.database.ping,
            pool=looked.database.pool_status,
            schema=lambda: _schema(looked.database.dsn),
        ),
        EngineCheck(running=looked.engine_runs),
        InstancesCheck(running=Instances(looked.database).running),
        SourcesCheck(switched_off=lambda: sources_missing(services), agents=agents.states),
        AnalystsCheck(switched_off=lambda: analysts_off(services), agents=agents.states),
        BreakersCheck(statuses=services.policies.statuses),
        DiskCheck(folders={"data": settings.data_dir, "logs": settings.log_dir}),
        MemoryCheck(rss_bytes=looked.process.rss_bytes, system=system_memory, cgroup=cgroup_memory),
        LogsCheck(state=looked.logs.state),
        ProcessCheck(facts=looked.process.facts),
    ]
    if looked.scheduler is not None:
        scheduler = looked.scheduler
        checks += [
            SchedulerCheck(
                last_tick_age_s=lambda: scheduler.last_tick_age_s("jobs"),
                up_s=scheduler.up_s,
                every_s=settings.schedule.tick_s,
            ),
            JobsCheck(
                ages=lambda: [job_age(looked.ledger, looked.clock, plan) for plan in looked.plans]
            ),
        ]
    return checks


def _schema(dsn: str) -> Schema:
    found = schema_standing(dsn)
    return Schema(found.current, found.expected, found.is_fit)


def sources_off(services: Services) -> Mapping[str, str | None]:
    """Source -> why it is off and how to switch it on, None if it is on."""
    return {name: source.switched_off() for name, source in services.sources.items()}


def sources_missing(services: Services) -> dict[str, str | None]:
    """The same without those that are off because nobody asked for them."""
    every = sources_off(services).items()
    return {name: why for name, why in every if not isinstance(why, ByChoice)}


def analysts_off(services: Services) -> dict[str, str | None]:
    """The same for analysts; `local` is always on."""
    on: dict[str, str | None] = dict.fromkeys((LOCAL, *services.panel.asks()))
    return {**on, **dict(services.panel.switched_off())}


def job_age(ledger: Ledger, clock: Clock, plan: Plan) -> JobAge:
    """A job may be as old as its period, and an hour for the change of clocks and its work."""
    runs = ledger.history(plan.job, LOOKED_BACK)
    now = clock.now()
    succeeded = next((run for run in runs if run.state is RunState.SUCCEEDED), None)
    ended = next((run for run in runs if run.finished_at is not None and run.started_at), None)
    period_s = DAY_S if plan.schedule.weekday is None else 7 * DAY_S
    return JobAge(
        job=plan.job,
        max_age_s=period_s + 3600 + plan.max_age.total_seconds(),
        last_success_age_s=(
            (now - succeeded.finished_at).total_seconds()
            if succeeded is not None and succeeded.finished_at is not None
            else None
        ),
        known_for_s=(now - runs[-1].decided_at).total_seconds() if runs else 0.0,
        last_outcome=str(ended.state) if ended is not None else None,
        last_error=ended.error if ended is not None else "",
    )
