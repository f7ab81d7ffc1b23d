"""Everything, put together: one call opens it, one reports, one closes it.

from bootstrap.application import open_application

with open_application() as app:      # settings from the environment and retailxai.toml
    print(app.status())
    app.begin_work()                 # only to run jobs: takes part in the queue
    scan_now(app.context, app.runner)
"""

from __future__ import annotations

import logging
import os
import secrets as randomness
import socket
import threading
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import asdict
from datetime import timedelta
from types import TracebackType
from typing import Any
from zoneinfo import ZoneInfo

from bootstrap.database import ENGINE_CONNECTIONS, open_database
from bootstrap.health import Looked, build_health, sources_missing
from bootstrap.hearing import Hearing
from bootstrap.policies import policy_problems
from bootstrap.pulse import Pulse
from bootstrap.services import (
    Services,
    bills_nobody,
    budgets,
    build_policies,
    build_services,
    memory_pressure,
    secrets,
    sends_batches,
)
from bootstrap.version import VERSION
from earnings.vocabulary import Company
from earnings.watching import Watch, WatchRule
from jobs.agents import Agents, configured
from jobs.batches import EVERY_S as BATCHES_S
from jobs.batches import Batcher, BatchRules
from jobs.context import JobContext, Limits
from jobs.durable import Engine
from jobs.here import RunsHere
from jobs.paid_commands import PaidVerbs
from jobs.recovery import Recovery
from jobs.recovery_reports import Holdings, ReportedRecovery, Told
from jobs.registration import COMMANDS_LISTEN, QUEUES, register
from jobs.replays import EVERY_S as REPLAYS_S
from jobs.replays import Replays
from jobs.run_orders import RunVerbs
from jobs.runner import Runner
from jobs.table import JOBS, every_plan
from jobs.ticker import Ticker
from operations.memory import Memory
from operations.process import Process, system_memory
from operations.telemetry.logging import LogHandle, configure
from operations.telemetry.redaction import Redactor
from resilience.clock import Clock, SystemClock
from resilience.outcomes import CallError
from scheduler import Scheduler, Tick
from settings import Settings, load
from storage.agents import Agents as AgentStore
from storage.companies import Companies
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.documents import Documents
from storage.fence import Fence
from storage.filed_facts import FiledFacts
from storage.headlines import Headlines
from storage.health_history import HealthHistory
from storage.insights import Insights
from storage.later_calls import LaterCalls
from storage.leases import InstanceLock, Instances, Kind
from storage.ledger import Ledger
from storage.paid_batches import PaidBatches
from storage.paid_calls import PaidCallLedger
from storage.policy_desk import PolicyDesk
from storage.policy_state import PolicyStates
from storage.recovery_reports import RecoveryReports
from storage.reports import Reports
from storage.server_errors import EmbeddedServerError
from storage.usage import ServiceUsages
from storage.work_news import tell_of_work

log = logging.getLogger("bootstrap")

BEAT_S = 2.0
RECOVERY_S = 2.0
TRAFFIC_S = 60.0
MEMORY_S = 5.0
COMMANDS_S = 2.0
AGENTS_S = 2.0
REVIVAL_S = 600.0  # an embedded database that crashed reads its log first
ANSWERS_S = 1800.0  # one look may fetch the answers of several batches
PATIENCE_S = 30.0  # of somebody at a terminal, with a database that is away


class Application:
    """What `open_application` opened. Not to be made by hand."""

    def __init__(
        self, settings: Settings, clock: Clock, kind: Kind, logs: LogHandle, held: ExitStack
    ) -> None:
        self.settings = settings
        self.clock = clock
        self.kind: Kind = kind
        self.logs = logs
        self.stopping = threading.Event()
        self.executor_id = f"{settings.instance}-{randomness.token_hex(4)}"
        self._held = held
        self._works = False
        self._closed = False

        self.pressure = memory_pressure(settings)
        policies = build_policies(settings, clock, self.stopping, self.pressure)
        opened = open_database(settings, clock, f"retailxai-{kind}", policies.of("database"))
        held.callback(opened.close)
        self.database: Database = opened.database
        self.ledger = Ledger(self.database, clock)
        self.instances = Instances(self.database)
        self.usages = ServiceUsages(self.database)
        self.policy_desk = PolicyDesk(self.database)
        self.policy_states = PolicyStates(self.database, settings.instance, self.executor_id)
        self.services: Services = build_services(settings, clock, policies)
        held.callback(self.services.door.close)
        held.callback(self._quietly, self.write_traffic_down)
        self.hearing = Hearing(self.database, policies, self.policy_states, self.executor_id, clock)
        self.every_plan = every_plan(settings.schedule.zone, settings.schedule.jobs)
        self.plans = tuple(plan for plan in self.every_plan if plan.enabled)
        self.process = Process(clock)
        self.fence = Fence(self.executor_id, clock)
        self.lock = InstanceLock(
            self.database.dsn,
            settings.instance,
            self.executor_id,
            kind=kind,
            clock=clock,
            policy=policies.of("database"),
        )
        self.engine = Engine(
            self.database.dsn,
            self.executor_id,
            queues=QUEUES,
            clock=clock,
            listens=COMMANDS_LISTEN if kind == "command" else None,
            stopping=self.stopping,
            pool_size=ENGINE_CONNECTIONS,
            patience_s=PATIENCE_S if kind == "command" else None,
            is_told=self.hearing.is_told,
            may_take=self.lock.held,
            admit=self.fence.admit,
            database=self.database,
        )
        self.dead_letters = DeadLetters(self.database)
        self.batches = PaidBatches(
            self.database, self.executor_id, caps=budgets(settings), clock=clock
        )
        self.pulse = Pulse(
            self.lock,
            self.fence,
            self.stopping,
            revive=lambda: opened.revive(self.stopping),
            heard_again=self.engine.wake,
        )
        self.scheduler = Scheduler(self._ticks(), clock, expected=(CallError, EmbeddedServerError))
        self.context = self._context()
        sources, analysts = self.services.sources, self.services.panel.names()
        self.context.agents.store.sync(configured(sources, analysts))
        self.recovery = self._recovery()
        self.replays = Replays(self.context, self.dead_letters)
        self.batcher = self._batcher()
        self.hearing.desk.learn(PaidVerbs(self.context).table())
        self.here = RunsHere()
        self.hearing.desk.learn(RunVerbs(self.here).table())
        self.runner = Runner(self.context, JOBS, self.here)
        register(self.engine, self.context, self.runner)
        self.context.companies.sync(_companies(settings))

    # ---- life ---------------------------------------------------------------------------

    def begin_work(self) -> None:
        """Take part: hold the locks that prove this process lives, and take work from the
        queue. Once. Raises InstanceTaken, CallError."""
        if self._works:
            return
        self.lock.acquire(os.getpid(), socket.gethostname(), self.about())
        self._held.callback(self.lock.release)
        self._held.callback(self._quietly, self.context.paid_calls.store_late)
        self.database.fence(self.fence)
        self.services.policies.remember(self.policy_states, records=True)
        self._held.callback(self.services.policies.close)
        self._held.callback(self._quietly, lambda: self.context.agents.rest(idle_s=0.0))
        self.engine.launch()
        self._held.callback(self.engine.close)
        tell_of_work(self.database)
        listener = self.hearing.listener(self.engine.wake)
        listener.start()
        self._held.callback(listener.stop)
        self._works = True
        if self.kind != "command":
            self._recover_at_start()
        else:
            self.scheduler.start()
            self._held.callback(self.scheduler.stop)

    def about(self) -> dict[str, object]:
        """What others may want to know of this process, kept beside its lock."""
        return {"version": VERSION, "log": str(self.logs.path)}

    def status(self) -> dict[str, Any]:
        """What this process is, and how it is doing."""
        server, pool = self.database.server(), self.database.pool_status()
        report = self.context.health.report()
        return {
            "version": VERSION,
            "kind": self.kind,
            "instance": self.settings.instance,
            "pid": os.getpid(),
            "works": self._works,
            "database": {
                "at": self.database.place,
                "version": server.version,
                "embedded": self.settings.database.url is None,
                "pool": asdict(pool) | {"limit": pool.limit},
            },
            "documents": {str(k): n for k, n in self.context.documents.by_state().items()},
            "sources_off": {n: why for n, why in sources_missing(self.services).items() if why},
            "analysts_off": dict(self.services.panel.switched_off()),
            "health": {"status": str(report.status), "summary": report.summary},
        }

    def close(self) -> None:
        """Finish or checkpoint what runs, then give everything back. Safe to call twice."""
        if not self._closed:
            self._closed = True
            self.stopping.set()
            self._held.close()

    def __enter__(self) -> Application:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---- what ticks besides jobs --------------------------------------------------------

    def _ticks(self) -> dict[str, Tick]:
        ticks = {
            # It knows by itself whether the database is away; that it returns says that we live.
            "beat": Tick(self.pulse.beat, BEAT_S, longest_s=REVIVAL_S, asks_database=False),
            "recovery": Tick(self._recover, RECOVERY_S),
            "traffic": Tick(self.write_traffic_down, TRAFFIC_S),
            "memory": Tick(self._look_at_memory, MEMORY_S),
            "commands": Tick(self.hearing.look, COMMANDS_S),
            "agents": Tick(lambda: self.context.agents.rest(), AGENTS_S),
        }
        if self.kind == "daemon":
            ticker = Ticker(
                self.every_plan,
                self.ledger,
                self.engine,
                self.clock,
                is_dead=self.instances.is_dead,
            )
            ticks["jobs"] = Tick(ticker.tick, self.settings.schedule.tick_s)
            ticks["dead letters"] = Tick(lambda: self.replays.tick(), REPLAYS_S)
        if self.kind != "command":
            ticks["batches"] = Tick(lambda: self.batcher.tick(), BATCHES_S, ANSWERS_S)
        return ticks

    def _recover(self) -> None:
        if self.stopping.is_set() or not self.pulse.may_judge():
            return
        try:
            self.recovery.look()
        except CallError:
            if not self.stopping.is_set():  # then everything is being closed
                raise

    def _recover_at_start(self) -> None:
        try:
            self._recover()
        except CallError as error:
            log.warning("recovery is left to the first tick that can: %s", error)

    def _look_at_memory(self) -> None:
        memory = system_memory()
        if memory is None or not memory.total_bytes:
            return
        was_high, pressure = self.pressure.is_high, self.pressure
        is_high = pressure.tell(100 * (1 - memory.available_bytes / memory.total_bytes))
        if is_high and not was_high:
            log.warning("%s: new calls are shed until it is less", pressure.why)
        elif was_high and not is_high:
            log.info("there is memory again: calls are made as before")

    def write_traffic_down(self) -> None:
        """What was asked of each service since the last time."""
        today, door = self.clock.now().date(), self.services.door
        taken = door.take_traffic()
        try:
            for service in list(taken):
                each = taken[service]
                self.usages.add(service, today, each.calls, each.failures, each.received_bytes)
                del taken[service]
        finally:
            door.give_back(taken)  # what a database that is away could not take

    def _quietly(self, last: Callable[[], object]) -> None:
        """Something to do while closing, for which a database that is gone is no error."""
        try:
            last()
        except CallError as error:
            log.warning("left undone while closing: %s", error)

    # ---- making -------------------------------------------------------------------------

    def _batcher(self) -> Batcher:
        claude = self.settings.claude
        rules = BatchRules(
            wait=timedelta(hours=claude.batch_wait_h),
            look=timedelta(seconds=claude.batch_look_s),
            gather=timedelta(seconds=claude.batch_gather_s),
            sends=sends_batches(self.settings),
            upgrades=self.settings.analysts.upgrade,
        )
        providers = self.services.batches
        return Batcher(self.context, self.batches, providers, rules, self.instances.is_dead)

    def _recovery(self) -> ReportedRecovery:
        context, told = self.context, Told()
        recovery = Recovery(
            self.ledger,
            self.engine,
            self.instances,
            self.clock,
            settle_calls=context.paid_calls.recover,
            troubled=self.pulse.was_troubled,
            further=Holdings(context.agents.store, context.recoveries).take_back,
            tell=told,
        )
        return ReportedRecovery(
            recovery.sweep,
            told,
            lambda: {**context.recoveries.left(), "work": self.engine.in_flight()},
            context.recoveries,
            self.executor_id,
            self.clock,
            starts=self.kind != "command",
        )

    def _context(self) -> JobContext:
        settings, clock, services = self.settings, self.clock, self.services
        caps = budgets(settings)
        paid_calls = PaidCallLedger(
            self.database,
            self.executor_id,
            is_dead=self.instances.is_dead,
            caps=caps,
            free=bills_nobody(),
            clock=clock,
        )
        return JobContext(
            executor_id=self.executor_id,
            clock=clock,
            stopping=self.stopping,
            zone=ZoneInfo(settings.schedule.zone),
            policies=services.policies,
            engine=self.engine,
            ledger=self.ledger,
            companies=Companies(self.database),
            documents=Documents(self.database),
            headlines=Headlines(self.database),
            insights=Insights(self.database),
            filed_facts=FiledFacts(self.database),
            reports=Reports(self.database, clock),
            recoveries=RecoveryReports(self.database),
            health_history=HealthHistory(self.database, clock),
            paid_calls=paid_calls,
            later_calls=(
                LaterCalls(paid_calls, self.batches, lambda *asked: self.batcher.shut(*asked))
                if sends_batches(settings)
                else None
            ),
            sources=services.sources,
            panel=services.panel,
            health=build_health(
                Looked(
                    settings=settings,
                    clock=clock,
                    database=self.database,
                    ledger=self.ledger,
                    services=services,
                    plans=self.plans,
                    process=self.process,
                    logs=self.logs,
                    engine_runs=lambda: self._works,
                    secrets=secrets(settings),
                    scheduler=self.scheduler if self.kind == "daemon" else None,
                )
            ),
            memory=Memory(clock, self.process.rss_bytes),
            reports_dir=settings.reports_dir,
            instances=self.instances,
            commands=self.hearing.commands,
            policy_desk=self.policy_desk,
            agents=Agents(
                AgentStore(self.database),
                self.executor_id,
                clock,
                kept=settings.retention.history_entries,
                redact=Redactor(secrets(settings)).text,
            ),
            dead_letters=self.dead_letters,
            budgets=caps,
            upgrades=settings.analysts.upgrade,
            limits=Limits(
                history_entries=settings.retention.history_entries,
                history_hours=settings.retention.history_hours,
                headline_days=settings.retention.headline_days,
                call_days=settings.retention.call_days,
            ),
            watch=WatchRule(
                Watch(settings.edgar.watch), timedelta(seconds=settings.edgar.watch_every_s)
            ),
            service_usage=lambda: self.usages.of_day(clock.now().date()),
        )


def open_application(
    settings: Settings | None = None, *, kind: Kind = "command", clock: Clock | None = None
) -> Application:
    """Database, stores, services, engine: all made, nothing running yet (`begin_work`).

    Raises SettingsError, EmbeddedServerError, CallError, SchemaTooNew; whatever it raises,
    it leaves nothing open.
    """
    clock = clock or SystemClock()
    settings = settings or load(further=policy_problems)
    with ExitStack() as held:
        logs = configure(
            clock=clock,
            level=settings.logging.level,
            style=settings.logging.format,
            file=settings.log_file,
            max_bytes=settings.logging.max_bytes,
            backups=settings.logging.backups,
            secrets=secrets(settings),
            # A command shows its outcome itself; its log lines are for the file.
            stderr_level="CRITICAL" if kind == "command" else None,
            journal=settings.terminal.journal,
        )
        held.callback(logs.close)
        if kind != "command":
            held.callback(_say_stopped)
        application = Application(settings, clock, kind, logs, held)
        application._held = held.pop_all()
        return application


def _say_stopped() -> None:
    log.info("stopped", extra={"fields": {"pid": os.getpid()}})


def _companies(settings: Settings) -> list[Company]:
    return [
        Company(
            ticker=entry.ticker,
            name=entry.name,
            cik=entry.cik,
            fiscal_year_end=entry.fiscal_year_end,
            sector=entry.sector,
        )
        for entry in settings.companies
    ]
