"""The desk over a real database: what a scan stored is what the commands show."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest

from cli.desk import House, StoreDesk
from cli.door import Step
from cli.policy_counter import PolicyHouse
from earnings.analysts.base import Answer, Usage
from earnings.vocabulary import (
    Company,
    DocumentState,
    Figure,
    Guidance,
    GuidanceAction,
    Lead,
    Metric,
    Period,
    PeriodKind,
    Quote,
    RawDocument,
    Span,
    Theme,
    Unit,
    Withheld,
    WithheldReason,
)
from jobs.agents import Agents
from jobs.asking import Asking
from jobs.context import JobContext
from jobs.daily_earnings_scan import ScanProgress
from jobs.job import SAID, Job, Run, Summary
from jobs.orders import Orders
from jobs.runner import Runner
from jobs.table import JOBS, plans
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from storage.agents import Agents as AgentStore
from storage.commands import Commands
from storage.companies import Companies
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.documents import Documents
from storage.headlines import Headlines
from storage.health_history import HealthEntry, HealthHistory
from storage.insights import Insights
from storage.leases import Instances
from storage.ledger import Ledger
from storage.policy_desk import PolicyDesk
from storage.policy_state import PolicyStates
from storage.recovery_reports import RecoveryReports
from storage.reports import Reports

pytestmark = pytest.mark.database

TEXT = "Harbor Home Stores. Net sales were $1,234.5 million, up 3%. We expect more. “Tariffs hurt.”"
Q3 = Period(PeriodKind.QUARTER, date(2026, 10, 31), "third quarter", 13)


def span_of(words: str) -> Span:
    start = TEXT.index(words)
    return Span(start, start + len(words))


SALES = Figure(
    Metric.NET_SALES,
    Decimal("1234500000"),
    Unit.USD,
    Q3,
    span_of("Net sales were $1,234.5 million, up 3%."),
    prior=Decimal("1198500000"),
)
EPS = Guidance(
    Metric.EPS_ADJUSTED,
    Decimal("2.10"),
    Decimal("2.30"),
    Unit.USD_PER_SHARE,
    Period(PeriodKind.YEAR, label="fiscal 2026"),
    GuidanceAction.RAISED,
    span_of("We expect more."),
    prior_low=Decimal("2.00"),
    prior_high=Decimal("2.30"),
)
WORDS = Quote(Theme.TARIFFS, "“Tariffs hurt.”", span_of("“Tariffs hurt.”"), "CEO")
INVENTED = Withheld(
    replace(SALES, metric=Metric.NET_INCOME), WithheldReason.NUMBER_NOT_IN_SPAN, "net income 9"
)


def counter(database: Database, policies: Policies, clock: FakeClock) -> PolicyHouse:
    """What bootstrap builds for the policies' commands."""
    asking = Asking(Commands(database), Instances(database), clock)
    desk = PolicyDesk(database)
    states = PolicyStates(database, "retailxai", "at-the-terminal")
    return PolicyHouse(
        policies=policies,
        store=desk,
        states=states,
        asking=asking,
        orders=Orders(asking, desk, lambda _: states, "retailxai"),
        spend=lambda _: (),
        budgets={},
        clock=clock,
        by="ann on retail-01",
    )


class SmallHouse:
    """A house whose scan stores what the test wants it to find."""

    def __init__(self, database: Database, clock: FakeClock, folder: Path) -> None:
        self.clock = clock
        self.finds: list[tuple[str, str, bool]] = []  # ticker, title, is_sample
        self.summary: Summary = {}
        self.in_doubt: list[str] = []
        self.closed = 0
        self.sources = {
            "edgar": SimpleNamespace(name="edgar", switched_off=lambda: "set SEC_CONTACT"),
            "inbox": SimpleNamespace(name="inbox", switched_off=lambda: None),
        }
        self.ledger = Ledger(database, clock)
        # Only what the desk and the runner use: the rest of a context is the jobs' affair.
        unused = cast(Any, None)
        self.context = JobContext(
            executor_id="test",
            clock=clock,
            stopping=threading.Event(),
            zone=ZoneInfo("America/New_York"),
            policies=Policies({"database": PolicySpec(), "edgar": PolicySpec()}, clock),
            engine=unused,
            agents=Agents(AgentStore(database), "test", clock),
            recoveries=RecoveryReports(database),
            ledger=self.ledger,
            companies=Companies(database),
            documents=Documents(database),
            headlines=Headlines(database),
            insights=Insights(database),
            reports=Reports(database, clock),
            health_history=HealthHistory(database, clock),
            paid_calls=cast(Any, SimpleNamespace(in_doubt=lambda: self.in_doubt)),
            sources=cast(Any, self.sources),
            panel=cast(Any, SimpleNamespace(switched_off=lambda: (("claude", "no key"),))),
            health=unused,
            memory=unused,
            reports_dir=folder,
            instances=Instances(database),
            commands=unused,
            policy_desk=unused,
        )
        jobs: dict[str, Job] = {
            **JOBS,
            "daily_earnings_scan": replace(JOBS["daily_earnings_scan"], fn=self._scan),
            "quota_check": replace(JOBS["quota_check"], fn=lambda *_: {SAID: "all free", "n": 1}),
        }
        self.context.companies.sync([Company("HRBR", "Harbor Home Stores", 77, "0131", "home")])
        self.desk = StoreDesk(
            House(
                version="1",
                context=self.context,
                runner=Runner(self.context, jobs),
                ledger=self.ledger,
                instances=Instances(database),
                database=database,
                job_names=tuple(jobs),
                plans=plans("America/New_York"),
                policies=counter(database, self.context.policies, clock),
                close=self._close,
            )
        )

    def _close(self) -> None:
        self.closed += 1

    def _scan(self, context: JobContext, run: Run) -> Summary:
        progress: Callable[[ScanProgress], None] = run.options["progress"]
        progress(ScanProgress(1, 2, 0, 0, 0, "HRBR"))
        ids = [self._read(*one) for one in self.finds]
        progress(ScanProgress(2, 2, len(ids), len(ids), len(ids), "done"))
        self.clock.advance(3)
        return {"asked": 2, "documents": ids, SAID: "read", **self.summary}

    def _read(self, ticker: str, title: str, is_sample: bool) -> int:
        store = self.context.documents
        lead = Lead("inbox", title, title, "", self.clock.now(), ticker, is_sample)
        (document_id,) = store.record("inbox", title, [lead], None, None)
        raw = RawDocument(title.encode(), "text/plain")
        store.stored_fetch(document_id, raw, sha256(raw.content).hexdigest(), self.clock.now())
        text_id = store.stored_text(document_id, TEXT, "plain-1")
        answer = Answer(
            "claude", "model-x", "p7", (), Q3, usage=Usage(1, 2, 3, 4, Decimal("0.0123"))
        )
        self.context.insights.save(
            document_id,
            text_id,
            answer,
            [SALES, EPS, WORDS],
            [INVENTED],
            DocumentState.ANALYSED,
        )
        return document_id


@pytest.fixture
def house(database: Database, clock: FakeClock, tmp_path: Path) -> SmallHouse:
    return SmallHouse(database, clock, tmp_path)


def test_scan_shows_what_was_stored(house: SmallHouse) -> None:
    """Figures with their evidence, guidance with its move, what was withheld, what it cost."""
    house.finds = [("SMPL", "sample.txt", True), ("HRBR", "q3.html", False)]
    steps: list[Step] = []
    found = house.desk.scan(None, None, steps.append)

    assert [one.ticker for one in found.readings] == ["HRBR", "SMPL"]  # real ones first
    harbor = found.readings[0]
    assert (harbor.company, harbor.period_label) == ("Harbor Home Stores", "third quarter")
    assert (harbor.analyst, harbor.withheld, harbor.is_sample) == ("claude", 1, False)
    (sales,), (guided,), (words,) = harbor.figures, harbor.guidance, harbor.quotes
    assert (sales.value, sales.prior) == (Decimal("1234500000"), Decimal("1198500000"))
    assert TEXT[sales.place.start : sales.place.end].startswith("Net sales were")
    assert (guided.action, guided.prior_low) == (GuidanceAction.RAISED, Decimal("2.00"))
    assert words.speaker == "CEO"
    assert found.cost_usd == Decimal("0.0246")
    assert found.took_s == 3
    assert found.since is None
    assert [(one.name, one.how) for one in found.off] == [
        ("edgar", "set SEC_CONTACT"),
        ("claude", "no key"),
    ]
    assert steps == [Step(1, 2, "HRBR"), Step(2, 2, "done")]


def test_second_scan_is_quiet_and_says_since_when(house: SmallHouse) -> None:
    """The scan before it is the one that came to a good end."""
    house.desk.scan(None, None, lambda _: None)
    begun = house.clock.now() - timedelta(seconds=3)
    house.clock.advance(60)
    again = house.desk.scan(None, None, lambda _: None)

    assert again.is_quiet
    assert again.since == begun


def test_what_went_wrong_in_a_scan(house: SmallHouse) -> None:
    """Refused documents, sources that could not be asked, what waits, what was given up."""
    house.finds = [("HRBR", "q3.html", False)]
    house.desk.scan(None, None, lambda _: None)
    (document,) = house.context.documents.recent()
    house.finds = []
    house.summary = {
        "troubled": [{"document": document.id, "state": "refused", "reason": "an archive"},
                     {"document": 999, "state": "failed", "reason": "torn"}],
        "problems": [{"source": "edgar", "scope": "HRBR", "what": "HTTP 503"}],
        "held_up": 2,
        "reasons": ["claude: circuit open"],
        "notes": ["CIK 1 is not in EDGAR"],
        "given_up": [{"document": 1, "title": "old.pdf", "attempts": 5, "reason": "no text"}],
        "irrelevant": 1,
    }  # fmt: skip
    found = house.desk.scan("HRBR", date(2026, 8, 1), lambda _: None)

    assert [(one.what, one.reason) for one in found.refused] == [("q3.html", "an archive")]
    assert [(one.what, one.reason) for one in found.failed] == [
        ("document 999", "torn"),
        ("edgar HRBR", "HTTP 503"),
        ("2 documents", "claude: circuit open"),
    ]
    assert found.notes == (
        "CIK 1 is not in EDGAR",
        "old.pdf failed 5 times and is left alone: no text",
    )
    assert found.irrelevant == 1


def test_scan_that_failed_as_a_whole(house: SmallHouse) -> None:
    """Its error is in what failed, so that the exit code is not 0."""
    house.summary = {"failed": "nothing could be asked"}
    found = house.desk.scan(None, None, lambda _: None)

    assert [one.reason for one in found.failed] == ["nothing could be asked"]


def test_degraded_says_why(house: SmallHouse) -> None:
    """An analyst that did not answer is a note, where nothing waits for it."""
    house.summary = {"degraded": 1, "reasons": ["claude: credit is used up"]}

    assert house.desk.scan(None, None, lambda _: None).notes == ("claude: credit is used up",)


def test_evidence(house: SmallHouse) -> None:
    """The sentence in its place, its document, who read it, and what was withheld beside it."""
    house.finds = [("HRBR", "q3.html", False)]
    (reading,) = house.desk.scan(None, None, lambda _: None).readings
    found = house.desk.evidence(reading.figures[0].place.evidence_id)

    assert found is not None
    assert found.claim == "Net sales $1.23 bn, quarter to 2026-10-31"
    assert found.words == "Net sales were $1,234.5 million, up 3%."
    assert f"{found.before}{found.words}{found.after}" == TEXT
    assert found.sha256 == sha256(b"q3.html").hexdigest()
    assert (found.analyst, found.model, found.prompt_version) == ("claude", "model-x", "p7")
    assert found.cost_usd == Decimal("0.0123")
    (beside,) = found.withheld
    assert beside.what.startswith("Net income $1.23 bn")
    assert beside.reason == "its number is not in the sentence cited"

    guided = house.desk.evidence(reading.guidance[0].place.evidence_id)
    assert guided is not None
    assert guided.claim == (
        "Adjusted EPS guidance $2.10 to 2.30, fiscal 2026, raised from $2.00 to 2.30"
    )
    said = house.desk.evidence(reading.quotes[0].place.evidence_id)
    assert said is not None
    assert said.claim == "On tariffs, CEO"
    assert house.desk.evidence(10**9) is None


def test_company(house: SmallHouse) -> None:
    """Its newest analysed document, and all its documents; None for one nobody knows."""
    house.finds = [("HRBR", "q3.html", False)]
    house.desk.scan(None, None, lambda _: None)
    found = house.desk.company("hrbr")

    assert found is not None
    assert (found.name, found.cik, found.sector) == ("Harbor Home Stores", 77, "home")
    assert found.latest is not None
    assert found.latest.title == "q3.html"
    assert [(one.title, one.state) for one in found.documents] == [("q3.html", "analysed")]
    assert house.desk.company("NOPE") is None


def test_tickers(house: SmallHouse) -> None:
    """Companies of samples are known, but no source is asked about them."""
    house.finds = [("SMPL", "sample.txt", True)]
    house.desk.scan(None, None, lambda _: None)

    assert sorted(house.desk.tickers()) == ["HRBR", "SMPL"]
    assert house.desk.tickers(watched=True) == ["HRBR"]


def test_jobs_and_history(house: SmallHouse) -> None:
    """A run by hand stands in the ledger like any other."""
    run = house.desk.run_job("quota_check", lambda _: None)
    assert (run.outcome, run.said, run.summary, run.slot) == (
        "succeeded",
        "all free",
        {"n": 1},
        "by hand",
    )
    jobs = {job.name: job for job in house.desk.jobs()}
    assert set(jobs) == set(JOBS)
    assert jobs["quota_check"].state == "on time"
    assert jobs["weekly_summary"].schedule == "Mon 08:00"
    assert [one.id for one in house.desk.history(None, 5)] == [run.id]
    assert house.desk.history("weekly_summary", 5) == []


def test_scan_is_a_job_too(house: SmallHouse) -> None:
    """`run daily_earnings_scan` tells its progress."""
    steps: list[Step] = []

    assert house.desk.run_job("daily_earnings_scan", steps.append).outcome == "succeeded"
    assert len(steps) == 2


def test_status(house: SmallHouse, database: Database) -> None:
    """Nothing is wrong until a job fails or a health check says otherwise."""
    status = house.desk.status()
    assert (status.state, status.summary) == (
        "stopped",
        "Nothing is wrong, and no daemon is running.",
    )
    assert status.daemons == ()
    assert status.companies == 1
    assert status.database.startswith("PostgreSQL ")

    now = house.clock.now()
    house.context.health_history.add(
        [
            HealthEntry(now - timedelta(hours=1), "disk", "fail", "old news"),
            HealthEntry(now, "memory", "warn", "1.9 GB in use"),
            HealthEntry(now, "database", "pass", "3 ms"),
        ]
    )
    house.summary = {"failed": "nothing could be asked"}
    house.desk.scan(None, None, lambda _: None)
    status = house.desk.status()
    assert status.state == "degraded"
    assert status.summary == "daily_earnings_scan failed; memory: 1.9 GB in use."

    house.desk.order("hold", "edgar", 3600, "their maintenance")
    assert "edgar is held by a person" in house.desk.status().summary

    house.in_doubt = ["a call"]
    assert "1 paid call is in doubt and not made again" in house.desk.status().summary

    letters = DeadLetters(database)
    letters.put("edgar", "document", "1", {}, "503", "outage")  # goes on by itself
    assert "dead letter" not in house.desk.status().summary
    letters.put("edgar", "document", "2", {}, "it breaks the reader", "poison")
    assert "1 dead letter waits for a person" in house.desk.status().summary


def test_a_name_for_a_ticker_is_understood(house: SmallHouse) -> None:
    """People know names; the nearest company is offered."""
    assert house.desk.alike("harbour home") == ["HRBR (Harbor Home Stores)"]


def test_report(house: SmallHouse) -> None:
    """By week or the latest, with its page where there is one."""
    assert house.desk.report(None) is None
    house.context.reports.save(date(2026, 11, 16), "<p>", "TEXT", {"headline": "h"})
    (house.context.reports_dir / "2026-W47.html").write_text("<p>")

    for week in (None, "2026-W47"):
        found = house.desk.report(week)
        assert found is not None
        assert (found.week, found.text) == ("2026-W47", "TEXT")
        assert found.html_path.endswith("2026-W47.html")
    assert house.desk.report("2026-W46") is None


def test_close(house: SmallHouse) -> None:
    """Closing the desk closes the house."""
    house.desk.close()

    assert house.closed == 1
