"""What jobs work with: built once by bootstrap, handed to every run."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from earnings.analysts.panel import Panel
from earnings.sources.base import Source
from earnings.watching import WatchRule
from jobs.agents import Agents
from jobs.observers import Observers
from jobs.ports import Engine, Ledger
from operations.health import Health
from operations.memory import Memory
from resilience.clock import Clock
from resilience.registry import Policies
from storage.call_budget import Caps
from storage.commands import Commands
from storage.companies import Companies
from storage.dead_letters import DeadLetters
from storage.documents import Documents
from storage.filed_facts import FiledFacts
from storage.headlines import Headlines
from storage.health_history import HealthHistory
from storage.insights import Insights
from storage.later_calls import LaterCalls
from storage.leases import Instances
from storage.paid_calls import PaidCallLedger
from storage.policy_desk import PolicyDesk
from storage.recovery_reports import RecoveryReports
from storage.reports import Reports
from storage.usage import ServiceUsage


@dataclass(frozen=True)
class Limits:
    """Values of the settings that jobs go by."""

    document_attempts: int = 5  # then a document stays failed, and a person is told
    scopes_at_once: int = 4
    history_entries: int = 1000
    history_hours: float = 24.0
    work_days: int = 30  # finished work of the engine is kept so long
    command_days: int = 7  # and so long what was asked of processes, with the answers
    headline_days: int = 90
    call_days: int = 7  # single calls are kept so long, for the back-test
    day_days: int = 400  # sums by day, and what recovery found


@dataclass(frozen=True)
class JobContext:
    executor_id: str  # of this process; its lock proves that it lives
    clock: Clock
    stopping: threading.Event
    zone: ZoneInfo  # the schedule's
    policies: Policies
    engine: Engine
    ledger: Ledger
    companies: Companies
    documents: Documents
    headlines: Headlines
    insights: Insights
    reports: Reports
    health_history: HealthHistory
    paid_calls: PaidCallLedger
    sources: Mapping[str, Source]
    panel: Panel
    health: Health
    memory: Memory
    reports_dir: Path
    instances: Instances
    commands: Commands
    policy_desk: PolicyDesk
    agents: Agents
    recoveries: RecoveryReports
    later_calls: LaterCalls | None = None  # None: nothing goes in batches
    dead_letters: DeadLetters | None = None  # None: what cannot be done is left to the next scan
    budgets: Mapping[str, Caps] = field(default_factory=dict)
    limits: Limits = Limits()
    upgrades: bool = False  # what was read in another analyst's stead is asked of that one later
    filed_facts: FiledFacts | None = None  # None: no figures of 10-Qs are kept
    watch: WatchRule = field(default_factory=WatchRule)
    observers: Observers = field(default_factory=Observers)
    run: int | None = None  # of the ledger, where this is the context of one run
    service_usage: Callable[[], Sequence[ServiceUsage]] = tuple  # of today
