"""The desk over the real house: stores, jobs and runner, as the commands ask for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import stored_claims, stored_runs, stored_scan
from cli.agent_counter import AgentCounter
from cli.cost_counter import CostCounter
from cli.cost_views import CostView
from cli.door import OnStep
from cli.letter_counter import LetterCounter
from cli.letter_views import LetterView, RetryView
from cli.paid_counter import PaidCounter, PaidHouse
from cli.paid_views import BatchesView, PaidDecision, PaidListView
from cli.policy_counter import PolicyCounter, PolicyHouse
from cli.policy_views import BreakersView, BreakerView, ExplainView, OrderView, QuotasView
from cli.run_counter import RunHouse
from cli.run_decisions import RunDecisions, RunHands
from cli.slot_counter import SlotCounter, SlotHouse
from cli.slot_views import WhyView
from cli.views import (
    CompanyView,
    DaemonView,
    EvidenceView,
    HeadlineView,
    JobView,
    OffView,
    ReadingView,
    ReportView,
    RunView,
    ScanView,
    StatusView,
    TroubleView,
)
from earnings.filed_facts import compare
from earnings.reports.week import Week
from earnings.sources.base import ByChoice
from earnings.vocabulary import DocumentState, Figure, PeriodKind
from jobs.manual import SCAN, WEEK, run_now, scan_now, taken
from jobs.run_log import RunLog
from jobs.run_orders import RunOrders
from operations.checks.base import duration
from resilience.backtest import BackTest, back_test, change
from storage.dead_letters import DeadLetters
from storage.paid_batches import PaidBatches
from storage.paid_desk import PaidDesk
from storage.run_lives import RunLives
from storage.run_orders import RunOrders as StoredOrders
from storage.spending import By, Spending
from storage.states import RunState

if TYPE_CHECKING:
    from jobs.context import JobContext
    from jobs.planning import Plan
    from jobs.runner import Runner
    from storage.database import Database
    from storage.documents import StoredDocument
    from storage.insight_views import Evidence
    from storage.leases import Instances
    from storage.ledger import Ledger

HISTORY = 40  # runs looked at for a job's bars and median
NEWEST = 8  # documents of a company among which one of a quarter is looked for
NAMED = 3  # documents that wait: more are counted


@dataclass(frozen=True)
class House:
    """What the desk reads and runs. `close` ends everything that was opened."""

    version: str
    context: JobContext
    runner: Runner
    ledger: Ledger
    instances: Instances
    database: Database
    job_names: tuple[str, ...]
    plans: tuple[Plan, ...]  # also those that are switched off
    policies: PolicyHouse
    close: Callable[[], None]
    log_file: Path | None = None


class StoreDesk:
    def __init__(self, house: House) -> None:
        self._house = house
        self._context = house.context
        self._plans: Mapping[str, Plan] = {plan.job: plan for plan in house.plans if plan.enabled}
        self._counter = PolicyCounter(house.policies)
        self._letters = LetterCounter(DeadLetters(house.database), house.context.documents)
        lives = RunLives(house.database)
        self.run_desk = RunDecisions(
            RunHouse(
                lives=lives,
                zone=house.context.zone,
                is_dead=house.instances.is_dead,
                daemons=lambda: len(self._daemons()),
                silent_s=house.instances.silent_s,
            ),
            RunHands(
                RunOrders(
                    StoredOrders(house.database, house.context.clock),
                    lives,
                    house.instances,
                    house.policies.asking,
                    house.context.clock,
                    house.policies.by,
                ),
                self.run_again,
                RunLog(house.instances.recent, house.log_file),
            ),
        )
        self._slots = SlotCounter(
            SlotHouse(
                plans={plan.job: plan for plan in house.plans},
                ledger=house.ledger,
                life=lambda number: self.run_desk.life(number, None),
                daemons=lambda: len(self._daemons()),
                now=house.context.clock.now,
            )
        )
        self.agent_desk = AgentCounter(
            house.context.agents.store,
            house.context.recoveries,
            house.policies.by,
            lambda: len(self._daemons()),
            house.policies.store.pauses,
        )
        self._paid = PaidCounter(
            PaidHouse(
                PaidDesk(house.database, house.context.clock),
                PaidBatches(house.database, house.context.executor_id),
                house.instances.is_dead,
                house.policies.asking,
                house.context.clock,
                house.policies.by,
            )
        )
        self._cost_counter = CostCounter(
            Spending(house.database), house.policies.spend, house.policies.budgets
        )

    def close(self) -> None:
        self._house.close()

    # ---- doing --------------------------------------------------------------------------

    def scan(self, ticker: str | None, since: date | None, on_step: OnStep) -> ScanView:
        before = self._last_scan()
        report = scan_now(
            self._context,
            self._house.runner,
            [ticker] if ticker else [],
            since,
            lambda progress: on_step(stored_scan.step(progress)),
        )
        summary = report.summary
        readings = self._readings(summary.get("documents", []))
        return ScanView(
            readings=readings,
            irrelevant=int(summary.get("irrelevant", 0)),
            refused=self._troubled(summary, DocumentState.REFUSED),
            failed=(
                *self._troubled(summary, DocumentState.FAILED),
                *stored_scan.problems(report),
                *stored_scan.held_up(summary, self._waiting(summary)),
            ),
            notes=(*stored_scan.noted(summary), *stored_scan.given_up(summary)),
            off=self._off(),
            since=before.started_at if before else None,
            asked=int(summary.get("asked", 0)),
            took_s=report.took_s,
            cost_usd=self._cost(readings),
            headlines=int(summary.get("headlines", 0)),
            after_break=len(summary.get("after_break", [])),
        )

    def run_job(self, name: str, on_step: OnStep, week: str | None = None) -> RunView:
        return self.run_again(name, {WEEK: self._week(week).key} if week else {}, on_step)

    def run_again(self, name: str, asked: Mapping[str, Any], on_step: OnStep) -> RunView:
        """Now, with options as the ledger keeps them."""
        options = taken(asked)
        if name == SCAN:
            options["progress"] = lambda progress: on_step(stored_scan.step(progress))
        report = run_now(self._context, self._house.runner, name, **options)
        stored = self._house.ledger.get(report.job, report.slot)
        if stored is None:
            raise RuntimeError(
                f"{report.job} {report.slot}: the run that ended is not in the ledger"
            )
        return replace(stored_runs.run(stored), took_s=report.took_s)

    # ---- reading ------------------------------------------------------------------------

    def jobs(self) -> Sequence[JobView]:
        now = self._context.clock.now()
        return [
            stored_runs.job(
                name, self._plans.get(name), self._house.ledger.history(name, HISTORY), now
            )
            for name in self._house.job_names
        ]

    def history(self, job: str | None, limit: int) -> Sequence[RunView]:
        return [stored_runs.run(one) for one in self._house.ledger.history(job, limit)]

    def why(self, job: str, day: date | None) -> WhyView:
        return self._slots.why(job, day)

    def company(self, ticker: str) -> CompanyView | None:
        company = self._context.companies.get(ticker)
        if company is None:
            return None
        documents = self._context.documents.of_company(ticker)
        analysed = [
            one
            for one in documents
            if one.state is DocumentState.ANALYSED and one.superseded_by is None
        ]
        return CompanyView(
            ticker=company.ticker,
            name=company.name,
            sector=company.sector,
            cik=company.cik,
            fiscal_year_end=company.fiscal_year_end,
            is_sample=company.is_sample,
            latest=self._latest(analysed),
            documents=tuple(stored_claims.document(one) for one in documents),
        )

    def alike(self, text: str) -> list[str]:
        return [f"{one.ticker} ({one.name})" for one in self._context.companies.alike(text)]

    def evidence(self, evidence_id: int) -> EvidenceView | None:
        found = self._context.insights.evidence(evidence_id)
        return replace(stored_claims.evidence(found), filed=self._filed(found)) if found else None

    def headlines(
        self, ticker: str | None, since: date | None, limit: int
    ) -> Sequence[HeadlineView]:
        begins = datetime.combine(since, time(), self._context.zone) if since else None
        return [
            HeadlineView(
                one.title,
                one.link,
                one.tickers,
                one.publisher,
                one.source,
                one.published_at,
                one.seen_at,
            )
            for one in self._context.headlines.recent(ticker, since=begins, limit=limit)
        ]

    def report(self, week: str | None) -> ReportView | None:
        reports = self._context.reports
        found = reports.get(self._week(week).monday()) if week else reports.latest()
        if found is None:
            return None
        year, number, _ = found.week.isocalendar()
        key = Week(year, number).key
        html = self._context.reports_dir / f"{key}.html"
        return ReportView(
            week=key,
            text=found.text,
            html_path=str(html) if html.exists() else "",
            created_at=found.saved_at,
            facts=dict(found.facts),
        )

    def tickers(self, *, watched: bool = False) -> list[str]:
        companies = self._context.companies
        return [one.ticker for one in (companies.watched() if watched else companies.all())]

    def job_names(self) -> list[str]:
        return list(self._house.job_names)

    # ---- policies -----------------------------------------------------------------------

    def services(self) -> list[str]:
        return self._counter.services()

    def breakers(self) -> BreakersView:
        return self._counter.breakers()

    def order(
        self, order: str, service: str, seconds: float | None = None, why: str = ""
    ) -> OrderView:
        return self._counter.order(order, service, seconds, why)

    def quotas(self) -> QuotasView:
        return self._counter.quotas()

    def explain(self, service: str, cost: Mapping[str, float]) -> ExplainView:
        return self._counter.explain(service, cost)

    def back_test(self, service: str, days: float, changes: Sequence[str]) -> BackTest:
        present = self._context.policies.of(service).spec
        changed = change(present, changes)
        since = self._context.clock.now() - timedelta(days=days)
        return back_test(service, present, changed, self._context.policy_desk.calls(service, since))

    # ---- dead letters -------------------------------------------------------------------

    def dead_letters(self, *, ended: bool) -> Sequence[LetterView]:
        return self._letters.list(self._context.clock.now(), ended=ended)

    def dead_letter(self, letter_id: int) -> LetterView | None:
        return self._letters.get(letter_id, self._context.clock.now())

    def retry_letters(self, letter_id: int | None, service: str | None) -> RetryView:
        now, daemons = self._context.clock.now(), len(self._daemons())
        return self._letters.retry(letter_id, service, now, daemons)

    def drop_letter(self, letter_id: int) -> LetterView:
        return self._letters.drop(letter_id, self._context.clock.now())

    # ---- paid calls ---------------------------------------------------------------------

    def paid_calls(self, word: str) -> PaidListView:
        return self._paid.listed(word)

    def batches(self) -> BatchesView:
        return self._paid.batches()

    def retry_paid(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        return self._paid.retry(ids, reason, billed)

    def drop_paid(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        return self._paid.drop(ids, reason, billed)

    def cost(self, month: str | None, by: By | None) -> CostView:
        return self._cost_counter.cost(month, by, self._context.clock.now())

    # ---- the whole ----------------------------------------------------------------------

    def status(self) -> StatusView:
        jobs = self.jobs()
        documents = self._context.documents.by_state()
        breakers = self.breakers().breakers
        wrong = [
            *(f"{job.name} {'failed' if job.state == 'failed' else 'is late'}"
              for job in jobs if job.state in ("failed", "late")),
            *(_left_alone(one) for one in breakers if one.state != "closed"),
            *self._ill(),
        ]  # fmt: skip
        if failed := documents.get(DocumentState.FAILED):
            wrong.append(f"{failed} document{'' if failed == 1 else 's'} could not be read yet")
        if waiting := self._waiting_letters():
            wrong.append(waiting)
        daemons, workers = self._daemons(), self._daemons("worker")
        wrong += [_silent(one) for one in (*daemons, *workers) if one.silent_s is not None]
        well = (
            "Everything is on time." if daemons else "Nothing is wrong, and no daemon is running."
        )
        if in_doubt := len(self._context.paid_calls.in_doubt()):
            calls = "paid call is" if in_doubt == 1 else "paid calls are"
            wrong.append(f"{in_doubt} {calls} in doubt and not made again")
        pool, server = self._house.database.pool_status(), self._house.database.server()
        return StatusView(
            state="degraded" if wrong else "ok" if daemons else "stopped",
            summary=f"{'; '.join(wrong)}." if wrong else well,
            version=self._house.version,
            daemons=daemons,
            workers=workers,
            jobs=tuple(jobs),
            breakers=breakers,
            documents={str(state): count for state, count in documents.items() if count},
            companies=len(self._context.companies.watched()),
            database=f"PostgreSQL {server.version}, {pool.checked_out} of {pool.limit} connections "
            "of this process in use",
            off=self._off(),
            instead=self._stand_ins(),
        )

    # ---- within -------------------------------------------------------------------------

    def _stand_ins(self) -> tuple[str, ...]:
        since = self._context.clock.now() - timedelta(days=1)
        return tuple(
            f"{one.documents} document{'' if one.documents == 1 else 's'} read by {one.analyst} "
            f"instead of {one.instead_of} since yesterday: {one.why}"
            for one in self._context.insights.stand_ins(since)
        )

    def _waiting_letters(self) -> str:
        """What waits for a person, in a few words; what an outage stopped goes on by itself."""
        counts = DeadLetters(self._house.database).counts()
        poison = sum(one.letters for one in counts if one.cause == "poison")
        if not poison:
            return ""
        waits = "dead letter waits" if poison == 1 else "dead letters wait"
        return f"{poison} {waits} for a person (dead-letters)"

    def _week(self, week: str) -> Week:
        if week == "NOW":
            return Week.of(self._context.clock.now(), self._context.zone)
        return Week.parse(week)

    def _last_scan(self) -> Any:
        runs = self._house.ledger.history(SCAN, HISTORY)
        return next((one for one in runs if one.state is RunState.SUCCEEDED), None)

    def _readings(self, ids: Sequence[int]) -> tuple[ReadingView, ...]:
        found = [self._reading(one) for one in ids]
        return tuple(sorted((one for one in found if one), key=stored_scan.by_company))

    def _reading(self, document_id: int) -> ReadingView | None:
        document = self._context.documents.get(document_id)
        if document is None or document.state is not DocumentState.ANALYSED:
            return None
        analyses = self._context.insights.analyses(document_id)
        insights = self._context.insights.for_document(document_id)
        return stored_claims.reading(document, insights, analyses[0] if analyses else None)

    def _filed(self, found: Evidence) -> str:
        """What the company's 10-Q or 10-K says of the same, "" if nothing is known of it."""
        claim, store = found.insight.claim, self._context.filed_facts
        if store is None or not found.insight.ticker or not isinstance(claim, Figure):
            return ""
        compared = compare(claim, store.of(found.insight.ticker))
        return "" if compared is None else stored_claims.filed(compared)

    def _latest(self, analysed: Sequence[StoredDocument]) -> ReadingView | None:
        """The newest; a month's sales only where there is nothing longer."""
        first = None
        for document in analysed[:NEWEST]:
            reading = self._reading(document.id)
            first = first or reading
            if reading is not None and reading.period_kind is not PeriodKind.MONTH:
                return reading
        return first

    def _cost(self, readings: Sequence[ReadingView]) -> Decimal:
        analyses = (a for one in readings for a in self._context.insights.analyses(one.document_id))
        return sum((analysis.usage.cost_usd for analysis in analyses), Decimal(0))

    def _troubled(
        self, summary: Mapping[str, Any], state: DocumentState
    ) -> tuple[TroubleView, ...]:
        return tuple(
            TroubleView(self._title(one["document"]), str(one["reason"]))
            for one in summary.get("troubled", [])
            if one["state"] == state
        )

    def _waiting(self, summary: Mapping[str, Any]) -> list[str]:
        """Those that a scan left waiting, by name if they are few."""
        waiting = summary.get("waiting", [])
        return [self._title(one) for one in waiting] if len(waiting) <= NAMED else []

    def _title(self, document_id: int) -> str:
        document = self._context.documents.get(document_id)
        return document.title if document else f"document {document_id}"

    def _off(self) -> tuple[OffView, ...]:
        """What does not work: sources and analysts that cannot, each with how to switch it on,
        and whatever a person paused."""
        sources = ((one.name, one.switched_off()) for one in self._context.sources.values())
        paused = ((name, str(one)) for name, one in self._context.agents.paused().items())
        return tuple(
            OffView(name, how)
            for name, how in (*sources, *self._context.panel.switched_off(), *paused)
            if how is not None and not isinstance(how, ByChoice)
        )

    def _daemons(self, kind: str = "daemon") -> tuple[DaemonView, ...]:
        return tuple(
            DaemonView(
                instance=one.name,
                pid=one.pid,
                host=one.host,
                started_at=one.started_at,
                url=f"http://127.0.0.1:{port}" if (port := one.details.get("http_port")) else "",
                silent_s=one.silent_s if one.is_silent else None,
            )
            for one in self._house.instances.running()
            if one.kind == kind
        )

    def _ill(self) -> list[str]:
        """What the daemons' last health check found wrong; breakers are told as they are now."""
        entries = self._context.health_history.recent()
        newest = entries[0].at if entries else None
        wrong = (one for one in entries if one.at == newest and one.status != "pass")
        return [f"{one.name}: {one.message}" for one in wrong if one.name != "breakers"]


def _silent(one: DaemonView) -> str:
    return f"{one.instance} (pid {one.pid} on {one.host}) has not been heard of for " + duration(
        one.silent_s or 0.0
    )


def _left_alone(one: BreakerView) -> str:
    if one.state == "held":
        return f"{one.service} is held by a person"
    if one.state == "disabled":
        return f"the breaker of {one.service} is switched off by a person"
    return f"the breaker of {one.service} is {one.state.replace('_', ' ')}"
