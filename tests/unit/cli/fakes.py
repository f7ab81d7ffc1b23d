"""A house in which nothing is behind the desk, and streams that say they are terminals."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from io import StringIO
from pathlib import Path
from typing import Any

from chaos.options import Options as ChaosOptions
from chaos.options import Report as ChaosReport
from chaos.options import Tell
from cli.agent_counter import AgentCounter
from cli.alarm_view import AlarmView
from cli.app import main
from cli.archive_views import (
    BackupView,
    BackupWish,
    ExportView,
    ImportView,
    MigrateView,
    ProofView,
    RestoreView,
    UpgradeView,
    UpgradeWish,
)
from cli.cost_views import CostView
from cli.door import OnStep, ServeFlags, Step
from cli.letter_counter import unknown_letter
from cli.letter_views import LetterView, RetryView
from cli.paid_views import BatchesView, PaidDecision, PaidListView
from cli.policy_views import BreakersView, ExplainView, OrderView, QuotasView
from cli.run_counter import unknown_run
from cli.run_views import CancelView, RetryRunView, RunLifeView, RunLogView
from cli.slot_views import WhyView
from cli.views import (
    CompanyView,
    EvidenceView,
    FigureView,
    GuidanceView,
    HeadlineView,
    JobView,
    Place,
    QuoteView,
    ReadingView,
    ReportView,
    RunView,
    ScanView,
    StatusView,
)
from earnings.vocabulary import GuidanceAction, Metric, PeriodKind, Theme, Unit
from operations.doctor.examination import Finding as DoctorFinding
from operations.doctor.examination import Report as DoctorReport
from operations.doctor.findings import Verdict
from operations.preflight import Finding
from resilience.backtest import BackTest, back_test, change
from resilience.spec import PolicySpec
from resilience.state import RecordedCall
from resilience.testing import FakeClock
from settings import Problem, Settings, load
from storage.spending import By
from tests.unit.cli.agent_doubles import counter

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def figure(
    number: int, metric: Metric, value: str, unit: Unit = Unit.USD, prior: str | None = None
) -> FigureView:
    return FigureView(
        metric,
        Decimal(value),
        unit,
        Place(number, "Third quarter results.html", 1200 + number, 1310 + number),
        prior=Decimal(prior) if prior is not None else None,
        period_kind=PeriodKind.QUARTER,
        period_end=date(2026, 10, 31),
    )


def reading(**changes: Any) -> ReadingView:
    values: dict[str, Any] = {
        "document_id": 3,
        "ticker": "NGST",
        "company": "Northgate Stores",
        "title": "Third quarter results.html",
        "published_at": NOON,
        "period_label": "third quarter",
        "period_kind": PeriodKind.QUARTER,
        "period_end": date(2026, 10, 31),
        "analyst": "local",
        "model": "rules-1",
        "figures": (
            figure(11, Metric.NET_SALES, "4210000000", prior="4005700000"),
            figure(12, Metric.COMPARABLE_SALES, "-1.4", Unit.PERCENT),
            figure(13, Metric.EPS_DILUTED, "1.25", Unit.USD_PER_SHARE, "1.05"),
            figure(14, Metric.EPS_ADJUSTED, "1.22", Unit.USD_PER_SHARE),
            figure(15, Metric.GROSS_MARGIN, "31.2", Unit.PERCENT, "30.9"),
            figure(16, Metric.INVENTORY, "2400000000", prior="2500000000"),
            figure(17, Metric.STORE_OPENINGS, "12", Unit.COUNT),
        ),
        "guidance": (
            GuidanceView(
                Metric.EPS_ADJUSTED,
                Unit.USD_PER_SHARE,
                GuidanceAction.RAISED,
                Place(21, "Third quarter results.html", 2918, 3040),
                low=Decimal("7.25"),
                high=Decimal("7.50"),
                prior_low=Decimal("7.10"),
                prior_high=Decimal("7.50"),
                period_label="fiscal 2026",
            ),
        ),
        "quotes": (
            QuoteView(
                Theme.TARIFFS,
                "Higher tariff costs weighed on margin in the quarter.",
                Place(31, "Third quarter results.html", 4000, 4052),
                "Dana Whitlock",
            ),
        ),
    }
    return ReadingView(**{**values, **changes})


A_RUN = RunView(12, "health_check", "failed", "2026-11-20T07:00")


@dataclass
class FakeDesk:
    found: ScanView = field(default_factory=ScanView)
    state: StatusView = field(default_factory=lambda: StatusView("ok", "All is well."))
    job_views: tuple[JobView, ...] = ()
    run: RunView = field(default_factory=lambda: RunView(1, "quota_check", "succeeded"))
    runs: tuple[RunView, ...] = ()
    life_view: RunLifeView | None = None
    why_view: WhyView = field(
        default_factory=lambda: WhyView("quota_check", "23:00 America/New_York", True, "")
    )
    log_view: RunLogView = field(default_factory=lambda: RunLogView(A_RUN, (), 0, ()))
    cancel_view: CancelView = field(default_factory=lambda: CancelView(A_RUN, "skipped"))
    retry_view: RetryRunView = field(default_factory=lambda: RetryRunView(A_RUN, by_hand=False))
    company_view: CompanyView | None = None
    headline_views: tuple[HeadlineView, ...] = ()
    evidence_view: EvidenceView | None = None
    report_view: ReportView | None = None
    breakers_view: BreakersView = field(default_factory=lambda: BreakersView("running"))
    order_view: OrderView = field(default_factory=lambda: OrderView("close", "edgar"))
    quotas_view: QuotasView = field(default_factory=lambda: QuotasView("running"))
    explain_view: ExplainView = field(default_factory=lambda: ExplainView("edgar", "running", True))
    letters: dict[int, LetterView] = field(default_factory=dict)
    batches_view: BatchesView = field(default_factory=lambda: BatchesView(()))
    agent_desk: AgentCounter = field(default_factory=counter)
    paid: PaidListView = field(default_factory=lambda: PaidListView((), Decimal(0)))
    decision: PaidDecision = field(default_factory=lambda: PaidDecision("retry", ()))
    cost_view: CostView = field(
        default_factory=lambda: CostView("2026-11", NOON, NOON, (), 0, None, ())
    )
    daemons: int = 1
    recorded: Sequence[RecordedCall] = ()
    raises: BaseException | None = None
    steps: tuple[Step, ...] = ()
    calls: list[tuple[object, ...]] = field(default_factory=list)
    closed: int = 0

    def _called(self, *call: object) -> None:
        self.calls.append(call)
        if self.raises is not None:
            raise self.raises

    def scan(self, ticker: str | None, since: date | None, on_step: OnStep) -> ScanView:
        self._called("scan", ticker, since)
        for step in self.steps:
            on_step(step)
        return self.found

    def status(self) -> StatusView:
        self._called("status")
        return self.state

    def jobs(self) -> Sequence[JobView]:
        self._called("jobs")
        return self.job_views

    def run_job(self, name: str, on_step: OnStep, week: str | None = None) -> RunView:
        self._called("run_job", name)
        return self.run

    def history(self, job: str | None, limit: int) -> Sequence[RunView]:
        self._called("history", job, limit)
        return self.runs

    def why(self, job: str, day: date | None) -> WhyView:
        self._called("why", job, day)
        return self.why_view

    def company(self, ticker: str) -> CompanyView | None:
        self._called("company", ticker)
        return self.company_view

    def headlines(
        self, ticker: str | None, since: date | None, limit: int
    ) -> Sequence[HeadlineView]:
        self._called("headlines", ticker, since, limit)
        return self.headline_views

    def alike(self, text: str) -> list[str]:
        return []

    def evidence(self, evidence_id: int) -> EvidenceView | None:
        self._called("evidence", evidence_id)
        return self.evidence_view

    def report(self, week: str | None) -> ReportView | None:
        self._called("report", week)
        return self.report_view

    def tickers(self, *, watched: bool = False) -> list[str]:
        return ["NGST", "ORCH", "WMT"]

    def job_names(self) -> list[str]:
        return ["daily_earnings_scan", "health_check", "quota_check", "weekly_summary"]

    def services(self) -> list[str]:
        return ["claude", "database", "edgar"]

    def breakers(self) -> BreakersView:
        self._called("breakers")
        return self.breakers_view

    def order(
        self, order: str, service: str, seconds: float | None = None, why: str = ""
    ) -> OrderView:
        self._called("order", order, service, seconds, why)
        return self.order_view

    def quotas(self) -> QuotasView:
        self._called("quotas")
        return self.quotas_view

    def explain(self, service: str, cost: Mapping[str, float]) -> ExplainView:
        self._called("explain", service, dict(cost))
        return self.explain_view

    def back_test(self, service: str, days: float, changes: Sequence[str]) -> BackTest:
        self._called("back_test", service, days, list(changes))
        present = PolicySpec()
        return back_test(service, present, change(present, changes), self.recorded)

    def dead_letters(self, *, ended: bool) -> Sequence[LetterView]:
        self._called("dead_letters", ended)
        return list(self.letters.values())

    def dead_letter(self, letter_id: int) -> LetterView | None:
        self._called("dead_letter", letter_id)
        return self.letters.get(letter_id)

    def retry_letters(self, letter_id: int | None, service: str | None) -> RetryView:
        self._called("retry_letters", letter_id, service)
        if letter_id is not None and letter_id not in self.letters:
            raise unknown_letter(letter_id)
        chosen = self.letters if letter_id is None else {letter_id: self.letters[letter_id]}
        return RetryView(tuple(chosen.values()), daemons=self.daemons)

    def drop_letter(self, letter_id: int) -> LetterView:
        self._called("drop_letter", letter_id)
        if letter_id not in self.letters:
            raise unknown_letter(letter_id)
        return self.letters[letter_id]

    @property
    def run_desk(self) -> FakeDesk:
        return self

    def listed(
        self, job: str | None, state: str | None, since: date | None, limit: int
    ) -> Sequence[RunView]:
        self._called("listed", job, state, since, limit)
        return self.runs

    def life(self, which: str, slot: str | None) -> RunLifeView:
        self._called("life", which, slot)
        if self.life_view is None:
            raise unknown_run(which, slot)
        return self.life_view

    def paid_calls(self, word: str) -> PaidListView:
        self._called("paid_calls", word)
        return self.paid

    def batches(self) -> BatchesView:
        self._called("batches")
        return self.batches_view

    def retry_paid(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        self._called("retry_paid", list(ids), reason, billed)
        return self.decision

    def drop_paid(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        self._called("drop_paid", list(ids), reason, billed)
        return self.decision

    def cost(self, month: str | None, by: By | None) -> CostView:
        self._called("cost", month, by)
        return self.cost_view

    def log(self, which: str, slot: str | None, most: int) -> RunLogView:
        self._called("log", which, slot, most)
        return self.log_view

    def cancel(self, which: str, slot: str | None, why: str) -> CancelView:
        self._called("cancel", which, slot, why)
        return self.cancel_view

    def retry(self, which: str, slot: str | None, on_step: OnStep) -> RetryRunView:
        self._called("retry", which, slot)
        return self.retry_view

    def close(self) -> None:
        self.closed += 1


PROOF = ProofView(
    "a.zip", datetime(2026, 11, 20, 12, tzinfo=UTC), "0007", 30, 1234, 56, 7_800_000, 0, 7
)


@dataclass
class FakeDoor:
    desk: FakeDesk = field(default_factory=FakeDesk)
    settings: Callable[[], Settings] = lambda: load({})
    findings: tuple[Finding, ...] = ()
    version: str = "9.8.7"
    clock: FakeClock = field(default_factory=FakeClock)
    opened: int = 0
    served: list[ServeFlags] = field(default_factory=list)
    alarms: list[tuple[str, ...]] = field(default_factory=list)
    alarm_view: AlarmView = field(
        default_factory=lambda: AlarmView("a.service", "it fell", "unset")
    )
    online: list[bool] = field(default_factory=list)
    report: DoctorReport = field(
        default_factory=lambda: DoctorReport(
            Verdict.OK, (DoctorFinding("disk", Verdict.OK, "room"),), (), 0.5
        )
    )
    examined: list[tuple[bool, int, bool]] = field(default_factory=list)
    storm: Callable[[ChaosOptions, Tell], ChaosReport] | None = None
    moved: list[tuple[object, ...]] = field(default_factory=list)
    export_view: ExportView = field(
        default_factory=lambda: ExportView(
            "a.zip", 2_500_000, "box/db", "0008", 125, 30, 1234, 56, 7
        )
    )
    import_view: ImportView = field(
        default_factory=lambda: ImportView(
            "a.zip", "box/db", "2026-11-20T12:00:00+00:00", "0007", "0008", 30, 1234, 56, 7
        )
    )
    migrate_view: MigrateView = field(
        default_factory=lambda: MigrateView("box/db", "0016", "0017", "0017", "0015")
    )

    backup_view: BackupView = field(default_factory=lambda: BackupView(PROOF, 9_000, False, "db"))
    upgrade_view: UpgradeView = field(
        default_factory=lambda: UpgradeView(
            "data/postgres", 15, 18, PROOF, ("data/postgres.old-15",)
        )
    )
    restore_view: RestoreView = field(
        default_factory=lambda: RestoreView(
            PROOF, "box/db", "0008", datetime(2026, 11, 22, tzinfo=UTC), queued=3, calls_open=1
        )
    )

    def load_settings(self) -> Settings:
        return self.settings()

    def open_application(self, settings: Settings, kind: str) -> FakeDesk:
        assert kind == "command"
        self.opened += 1
        return self.desk

    def _move(self, *asked: object) -> None:
        self.moved.append(asked)
        if self.desk.raises is not None:
            raise self.desk.raises

    def export_database(
        self, settings: Settings, file: Path, force: bool, on_step: OnStep
    ) -> ExportView:
        self._move("export", str(file), force)
        return self.export_view

    def import_database(self, settings: Settings, file: Path, on_step: OnStep) -> ImportView:
        self._move("import", str(file))
        return self.import_view

    def migrate_database(self, settings: Settings, only_look: bool) -> MigrateView:
        self._move("migrate", only_look)
        return self.migrate_view

    def backup_database(self, settings: Settings, wish: BackupWish, on_step: OnStep) -> BackupView:
        self._move("backup", wish)
        return self.backup_view

    def verify_backup(
        self, settings: Settings, file: Path, passphrase: str | None, on_step: OnStep
    ) -> ProofView:
        self._move("verify", str(file), passphrase)
        return self.backup_view.backup

    def restore_database(
        self, settings: Settings, file: Path, passphrase: str | None, on_step: OnStep
    ) -> RestoreView:
        self._move("restore", str(file), passphrase)
        return self.restore_view

    def upgrade_database(
        self, settings: Settings, wish: UpgradeWish, on_step: OnStep
    ) -> UpgradeView:
        self._move("upgrade", wish)
        return self.upgrade_view

    def preflight(self, settings: Settings, online: bool) -> Sequence[Finding]:
        self.online.append(online)
        return self.findings

    def doctor(
        self, settings: Settings | None, problems: Sequence[Problem], fix: bool
    ) -> DoctorReport:
        self.examined.append((settings is not None, len(problems), fix))
        return self.report

    def chaos(self, options: ChaosOptions, tell: Tell) -> ChaosReport:
        assert self.storm is not None, "this test expects no storm"
        return self.storm(options, tell)

    def sound_alarm(self, unit: str, result: str, code: str, status: str) -> AlarmView:
        self.alarms.append((unit, result, code, status))
        return self.alarm_view

    def serve(self, settings: Settings, flags: ServeFlags) -> int:
        self.served.append(flags)
        return 0


@dataclass
class Shown:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        document: dict[str, dict[str, str]] = json.loads(self.err)
        return document["error"]


def typed(
    line: str, desk: FakeDesk | None = None, *, door: FakeDoor | None = None, terminal: bool = False
) -> Shown:
    """What a command line prints and returns."""
    door = door or FakeDoor(desk or FakeDesk())
    closed_before, opened_before = door.desk.closed, door.opened
    out, err = (Terminal(), Terminal()) if terminal else (StringIO(), StringIO())
    code = main(line.split(), door, out, err)
    opened = door.opened - opened_before
    assert door.desk.closed - closed_before == opened, "the application was left open"
    return Shown(code, out.getvalue(), err.getvalue())
