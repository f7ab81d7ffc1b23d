"""What bootstrap builds, smaller: jobs over real stores, with doubles at the edges."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from earnings.analysts.base import (
    Answer,
    Batchable,
    Begin,
    CallKey,
    Draft,
    NoAnswer,
    PaidAnswer,
    PaidCalls,
    Question,
    QuoteDraft,
    Usage,
)
from earnings.analysts.local import Local
from earnings.analysts.panel import Panel
from earnings.vocabulary import Company, DocumentState, Theme
from jobs.agents import Agents, configured
from jobs.context import JobContext, Limits
from jobs.document import DOCUMENT_WORK, DocumentWay
from jobs.durable import Engine
from jobs.here import RunsHere
from jobs.registration import register
from jobs.runner import Runner
from jobs.table import JOBS
from operations.checks.base import CheckResult, Status
from operations.health import Health
from operations.memory import Memory
from resilience.clock import Clock
from resilience.registry import Policies
from resilience.spec import PolicySpec
from storage.agents import Agents as AgentStore
from storage.commands import Commands
from storage.companies import Companies
from storage.database import Database
from storage.documents import Documents, StoredDocument
from storage.headlines import Headlines
from storage.health_history import HealthHistory
from storage.insights import Insights
from storage.leases import Instances
from storage.ledger import Ledger
from storage.paid_calls import Caps, PaidCallLedger
from storage.policy_desk import PolicyDesk
from storage.recovery_reports import RecoveryReports
from storage.reports import Reports
from tests.unit.jobs.fakes import FakeEngine, FakeSource

US = "us"


class Model:
    """An analyst that costs money: quotes the document's first words about tariffs, or does
    what `trouble` says."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.only_invented = False
        self.no_answer = ""  # it was paid for, and is of no use
        self.says: tuple[Draft, ...] = ()  # beside the quote
        self.asked = 0
        self.batches = True

    @property
    def name(self) -> str:
        return "model"

    def greet(self) -> str:
        return "here"

    def switched_off(self) -> str | None:
        return None

    def analyse(self, question: Question, paid: PaidCalls) -> Answer:
        key = CallKey("model", "m-1", "p-1", question.sha256)
        batch = Batchable({"q": question.sha256}, Decimal("0.005")) if self.batches else None
        answer = paid.once(key, Decimal("0.01"), self._call, batch)
        if self.no_answer:
            raise NoAnswer(self.no_answer)
        start = question.reading.text.find("Tariffs raised our costs")
        if start < 0:
            raise NoAnswer("nothing about tariffs")
        words = question.reading.text[start : question.reading.text.index(",", start)]
        invented = QuoteDraft(Theme.SHRINK, "never said so here")
        drafts: tuple[Draft, ...] = (invented,)
        if not self.only_invented:
            drafts = (QuoteDraft(Theme.TARIFFS, words), invented, *self.says)
        return Answer("model", "m-1", "p-1", drafts, usage=answer.usage)

    def _call(self, begin: Begin) -> PaidAnswer:
        begin()
        self.asked += 1
        if self.trouble is not None:
            raise self.trouble
        return PaidAnswer({"ok": True}, Usage(10, 0, 0, 5, Decimal("0.004")))


class Green:
    name = "nothing"
    deadline_s = 1.0

    def __call__(self) -> CheckResult:
        return CheckResult(self.name, Status.PASS, "fine")


class House:
    """`engine`: a real one, not yet launched; without it work is done where it is enqueued."""

    def __init__(
        self, database: Database, clock: Clock, folder: Path, engine: Engine | None = None
    ) -> None:
        self.database = database
        self.clock = clock
        self.source = FakeSource(clock=clock)
        self.model = Model()
        self.engine = FakeEngine(US)
        self.stopping = engine.stopping if engine is not None else threading.Event()
        us = engine.executor_id if engine is not None else US
        self.policies = Policies({"default": PolicySpec(attempts=1)}, clock)
        self.context = JobContext(
            executor_id=us,
            clock=clock,
            stopping=self.stopping,
            zone=ZoneInfo("America/New_York"),
            policies=self.policies,
            engine=engine or self.engine,
            ledger=Ledger(database, clock),
            companies=Companies(database),
            documents=Documents(database),
            headlines=Headlines(database),
            insights=Insights(database),
            reports=Reports(database, clock),
            health_history=HealthHistory(database, clock),
            paid_calls=PaidCallLedger(
                database,
                us,
                is_dead=lambda _: False,
                caps={"model": Caps(Decimal(1), Decimal(10))},
                clock=clock,
            ),
            instances=Instances(database),
            commands=Commands(database),
            policy_desk=PolicyDesk(database),
            agents=Agents(AgentStore(database), us, clock),
            recoveries=RecoveryReports(database),
            sources={self.source.name: self.source},
            panel=Panel(Local(), []),
            health=Health([Green()], clock),
            memory=Memory(clock, lambda: None),
            reports_dir=folder / "reports",
            budgets={"model": Caps(Decimal(1), Decimal(10))},
            limits=Limits(document_attempts=2, scopes_at_once=2),
        )
        self.agents = self.context.agents.store
        self.agents.sync(configured([self.source.name], [self.model.name]))
        self.use(self.context)
        if engine is not None:
            register(engine, self.context, self.runner)

    def use(self, context: JobContext) -> None:
        """Let documents and jobs run in `context`."""
        self.context = context
        self.engine.fns[DOCUMENT_WORK] = DocumentWay(context)
        self.here = RunsHere()
        self.runner = Runner(context, JOBS, self.here)

    def with_model(self) -> Model:
        """Configure the model beside the local rules."""
        self.use(replace(self.context, panel=Panel(Local(), [self.model])))
        return self.model

    def watch(self, *companies: Company) -> None:
        self.context.companies.sync(companies)

    def document(self, external_id: str) -> StoredDocument:
        found = self.context.documents.find(self.source.name, external_id)
        assert found is not None
        return found

    def state(self, external_id: str) -> DocumentState:
        return self.document(external_id).state

    def past(self, days: float) -> None:
        self.clock.wait(timedelta(days=days).total_seconds())
