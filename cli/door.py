"""What the terminal needs from the rest of the house, as it is handed in.

`main.py` passes a Door. Opening the application is late and on demand: a command line that
is wrong, `--help` and `version` must not start a database.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # none of these is needed to print a help text
    from chaos.options import Options as ChaosOptions
    from chaos.options import Report as ChaosReport
    from chaos.options import Tell
    from cli.agent_counter import AgentOrder, AgentPage
    from cli.alarm_view import AlarmView
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
    from cli.letter_views import LetterView, RetryView
    from cli.paid_views import BatchesView, PaidDecision, PaidListView
    from cli.policy_views import BreakersView, ExplainView, OrderView, QuotasView
    from cli.run_views import CancelView, RetryRunView, RunLifeView, RunLogView
    from cli.slot_views import WhyView
    from cli.views import (
        CompanyView,
        EvidenceView,
        HeadlineView,
        JobView,
        ReportView,
        RunView,
        ScanView,
        StatusView,
    )
    from operations.doctor.examination import Report as DoctorReport
    from operations.preflight import Finding
    from resilience.backtest import BackTest
    from resilience.clock import Clock
    from settings import Problem, Settings
    from storage.agents import Agent
    from storage.recovery_reports import RecoveryReport
    from storage.spending import By


@dataclass(frozen=True)
class Step:
    """How far a scan or a run has come. `total` is None while nobody knows."""

    done: int
    total: int | None
    what: str  # "WMT: reading the release"


OnStep = Callable[[Step], None]


@dataclass(frozen=True)
class ServeFlags:
    """What the command line says to the daemon, or (`only_works`) to a worker: no schedule."""

    web: bool = True
    only_works: bool = False


class Desk(Protocol):
    """The open application, as the commands see it. Every method may raise CallError."""

    def scan(self, ticker: str | None, since: date | None, on_step: OnStep) -> ScanView:
        """Read what is new. `since`: also what was published from that day on."""
        ...

    def status(self) -> StatusView: ...

    def jobs(self) -> Sequence[JobView]: ...

    def headlines(
        self, ticker: str | None, since: date | None, limit: int
    ) -> Sequence[HeadlineView]:
        """What others wrote, newest first: of one company, or of all and the trade."""
        ...

    def run_job(self, name: str, on_step: OnStep, week: str | None = None) -> RunView:
        """Run a job now, to its end. `week`: of the weekly summary; "NOW" is this one."""
        ...

    def history(self, job: str | None, limit: int) -> Sequence[RunView]:
        """Newest first."""
        ...

    def why(self, job: str, day: date | None) -> WhyView:
        """The slots of that day (None: the newest and the next). Raises Failure."""
        ...

    def company(self, ticker: str) -> CompanyView | None: ...

    def alike(self, text: str) -> list[str]:
        """Companies whose name is nearest to what somebody typed: "WMT (Walmart)"."""
        ...

    def evidence(self, evidence_id: int) -> EvidenceView | None: ...

    def report(self, week: str | None) -> ReportView | None:
        """The report of an ISO week ("2026-W47", "NOW"), or the latest."""
        ...

    def tickers(self, *, watched: bool = False) -> list[str]:
        """Every company there is, or only those that sources are asked about."""
        ...

    def job_names(self) -> list[str]: ...

    def services(self) -> list[str]:
        """Those that have a policy."""
        ...

    def breakers(self) -> BreakersView:
        """As the processes that run say, else as it was stored last."""
        ...

    def order(
        self, order: str, service: str, seconds: float | None = None, why: str = ""
    ) -> OrderView:
        """Hold, disable, close, probe or open a service's breaker, everywhere. Raises
        Failure for what is refused."""
        ...

    def quotas(self) -> QuotasView:
        """What may be asked of each service, money included."""
        ...

    def explain(self, service: str, cost: Mapping[str, float]) -> ExplainView:
        """What each gate would say to a call of that cost."""
        ...

    def back_test(self, service: str, days: float, changes: Sequence[str]) -> BackTest:
        """The recorded calls of the last days through the present numbers and through changed
        ones ("open_s=120"). Raises BadChange."""
        ...

    def dead_letters(self, *, ended: bool) -> Sequence[LetterView]:
        """Those that are open; `ended`: and those that have been."""
        ...

    def dead_letter(self, letter_id: int) -> LetterView | None: ...

    def retry_letters(self, letter_id: int | None, service: str | None) -> RetryView:
        """Try one again, or (None) all that wait, of a service or of all. Raises Failure."""
        ...

    def drop_letter(self, letter_id: int) -> LetterView:
        """Give it up. Raises Failure."""
        ...

    @property
    def run_desk(self) -> RunDesk: ...

    @property
    def agent_desk(self) -> AgentDesk: ...

    def paid_calls(self, word: str) -> PaidListView:
        """Those of a state, of all that are "open", or "all"."""
        ...

    def batches(self) -> BatchesView:
        """Of paid calls, newest first."""
        ...

    def retry_paid(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        """Have calls in doubt asked again. Raises Failure for an unknown one."""
        ...

    def drop_paid(self, ids: Sequence[int], reason: str, billed: bool | None) -> PaidDecision:
        """Give calls in doubt up, for good. Raises Failure for an unknown one."""
        ...

    def cost(self, month: str | None, by: By | None) -> CostView:
        """What was paid in a month ("2026-11"), or this one."""
        ...

    def close(self) -> None: ...


class AgentDesk(Protocol):
    """Agents and recoveries. Every method may raise CallError, and Failure for a name or a
    number that there is not."""

    def listed(self) -> Sequence[Agent]:
        """Collectors, analysts, the writer."""
        ...

    def page(self, name: str) -> AgentPage: ...

    def pause(self, name: str, seconds: float | None, why: str) -> AgentOrder:
        """Let it begin nothing new; None: until it is resumed. Raises Failure for `local`."""
        ...

    def resume(self, name: str) -> AgentOrder:
        """Raises Failure for one that is not paused."""
        ...

    def recoveries(self, limit: int) -> Sequence[RecoveryReport]:
        """Newest first."""
        ...

    def recovery(self, report_id: int) -> RecoveryReport: ...


class RunDesk(Protocol):
    """Single runs. Every method may raise CallError."""

    def listed(
        self, job: str | None, state: str | None, since: date | None, limit: int
    ) -> Sequence[RunView]:
        """Newest first. `since`: due from that day on."""
        ...

    def life(self, which: str, slot: str | None) -> RunLifeView:
        """`which`: a number, or a job; then of its slot or its latest run. Raises Failure."""
        ...

    def log(self, which: str, slot: str | None, most: int) -> RunLogView:
        """The latest of its log lines on this machine. Raises Failure."""
        ...

    def cancel(self, which: str, slot: str | None, why: str) -> CancelView:
        """Do not run it, or have it stopped. Raises Failure for one that has ended."""
        ...

    def retry(self, which: str, slot: str | None, on_step: OnStep) -> RetryRunView:
        """Run it once more. Raises Failure for what is refused."""
        ...


class Door(Protocol):
    @property
    def version(self) -> str: ...

    @property
    def clock(self) -> Clock: ...

    def load_settings(self) -> Settings:
        """Raises SettingsError."""
        ...

    def open_application(self, settings: Settings, kind: str) -> Desk:
        """`kind` is "command". Raises CallError, and Failure for another instance."""
        ...

    def export_database(
        self, settings: Settings, file: Path, force: bool, on_step: OnStep
    ) -> ExportView:
        """Everything into a file. Raises ArchiveError, CallError."""
        ...

    def import_database(self, settings: Settings, file: Path, on_step: OnStep) -> ImportView:
        """Everything of a file into an empty database. Raises ArchiveError, CallError."""
        ...

    def migrate_database(self, settings: Settings, only_look: bool) -> MigrateView:
        """Its schema brought up to this program. Raises CallError, SchemaTooNew."""
        ...

    def backup_database(self, settings: Settings, wish: BackupWish, on_step: OnStep) -> BackupView:
        """A backup that was restored and compared. Raises ArchiveError, CallError."""
        ...

    def verify_backup(
        self, settings: Settings, file: Path, passphrase: str | None, on_step: OnStep
    ) -> ProofView:
        """Restore it into a database of its own, and compare. Raises ArchiveError."""
        ...

    def restore_database(
        self, settings: Settings, file: Path, passphrase: str | None, on_step: OnStep
    ) -> RestoreView:
        """Everything of a backup into an empty database. Raises ArchiveError, CallError."""
        ...

    def upgrade_database(
        self, settings: Settings, wish: UpgradeWish, on_step: OnStep
    ) -> UpgradeView:
        """The embedded one to the PostgreSQL that is installed. Raises ArchiveError, CallError."""
        ...

    def preflight(self, settings: Settings, online: bool) -> Sequence[Finding]:
        """What is to be said about this machine; `online`: also ask each provider."""
        ...

    def doctor(
        self, settings: Settings | None, problems: Sequence[Problem], fix: bool
    ) -> DoctorReport:
        """How the installation stands; `settings` None: they are wrong. `fix`: put right what is
        safe to. Raises nothing that is not a row."""
        ...

    def chaos(self, options: ChaosOptions, tell: Tell) -> ChaosReport:
        """A storm on a scratch database, to its verdict. Raises CallError, DatabaseInUse."""
        ...

    def sound_alarm(self, unit: str, result: str, code: str, status: str) -> AlarmView:
        """Tell whom the settings name that `unit` has failed; the rest as systemd says it."""
        ...

    def serve(self, settings: Settings, flags: ServeFlags) -> int:
        """The daemon or a worker, to its end; returns its exit code."""
        ...
