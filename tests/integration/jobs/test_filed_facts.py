"""The figures of a 10-Q beside those of the release, from the SEC to `evidence` and the report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from earnings.filed_facts import Verdict, compare
from earnings.reports.week import Week
from earnings.sources.edgar import Edgar
from earnings.vocabulary import Figure, Metric
from jobs.agents import configured
from jobs.daily_earnings_scan import daily_earnings_scan
from jobs.job import Run, Summary
from jobs.week_facts import week_facts
from outside.http import HttpDoor
from resilience.registry import Policies
from resilience.spec import PolicySpec
from storage.filed_facts import FiledFacts
from tests.acceptance.papers import filer
from tests.integration.jobs.house import House
from tests.integration.jobs.test_edgar_watch import WATCHED
from tests.servers.edgar import EdgarServer, Filed, FiledDocument, facts_path
from tests.servers.http import Reply
from tests.tagged import page, tagged

pytestmark = pytest.mark.database

ALPH = filer(1, "ALPH")
TAGGED = page(tagged("Revenues", "1,204.5"), tagged("NetIncomeLoss", "50.0"))
REPORT = Filed(
    "0001990001-26-000060", "2026-11-20T16:30:00", form="10-Q", items="",
    documents=(FiledDocument("10-Q", "alph-20260801.htm", TAGGED, "10-Q"),),
)  # fmt: skip
FACTS = facts_path(ALPH.cik)


def fact(value: int, accession: str = REPORT.accession) -> dict[str, Any]:
    return {
        "start": "2026-05-03", "end": "2026-08-01", "val": value, "accn": accession,
        "fy": 2027, "fp": "Q1", "form": "10-Q", "filed": "2026-11-20",
    }  # fmt: skip


def companyfacts(**tags: dict[str, Any]) -> Reply:
    gaap = {tag: {"units": {"USD": [row]}} for tag, row in tags.items()}
    return Reply.json({"cik": ALPH.cik, "facts": {"us-gaap": gaap}})


class Facts:
    def __init__(self, house: House, sec: EdgarServer, *, on: bool = True) -> None:
        self.house, self.sec = house, sec
        policies = Policies({"edgar": PolicySpec(attempts=1)}, house.clock)
        self.door = HttpDoor(policies, house.clock, "RetailXAI/test")
        edgar = Edgar(
            self.door, house.clock, contact="Acme desk@acme.example", version="1",
            www_url=sec.url, data_url=sec.url, facts=on,
        )  # fmt: skip
        self.store = FiledFacts(house.database)
        house.use(replace(house.context, sources={"edgar": edgar}, filed_facts=self.store))
        house.agents.sync(configured(["edgar"], []))
        house.watch(WATCHED[0])

    def scan(self) -> Summary:
        run = Run("daily_earnings_scan", "manual:1", self.house.clock.monotonic() + 600)
        return daily_earnings_scan(self.house.context, run)

    @property
    def asked(self) -> int:
        return self.sec.paths().count(FACTS)

    @property
    def opened(self) -> int:
        """How often the report itself was."""
        return len([path for path in self.sec.paths() if path.endswith("alph-20260801.htm")])

    def verdict(self, metric: Metric) -> Verdict | None:
        claims = [i.claim for i in self.house.context.insights.for_company("ALPH")]
        (figure,) = [c for c in claims if isinstance(c, Figure) and c.metric is metric]
        found = compare(figure, self.store.of("ALPH"))
        return found.verdict if found else None


@pytest.fixture
def sec(monkeypatch: pytest.MonkeyPatch) -> Iterator[EdgarServer]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with EdgarServer() as sec:
        sec.add(replace(ALPH, filings=(REPORT, *ALPH.filings)))
        sec.route(
            "GET", FACTS, companyfacts(Revenues=fact(1204500000), NetIncomeLoss=fact(50000000))
        )
        yield sec


@pytest.fixture
def facts(house: House, sec: EdgarServer) -> Iterator[Facts]:
    facts = Facts(house, sec)
    yield facts
    facts.door.close()


def test_a_figure_is_confirmed_or_contradicted_and_never_replaced(facts: Facts) -> None:
    """Sales agree; net income was released as $61.2 million and filed as $50 million."""
    facts.scan()
    assert facts.verdict(Metric.NET_SALES) is Verdict.AGREES
    assert facts.verdict(Metric.NET_INCOME) is Verdict.DIFFERS
    assert facts.verdict(Metric.EPS_DILUTED) is None
    week = week_facts(
        facts.house.context, Week.of(facts.house.clock.now(), facts.house.context.zone)
    )
    told = [(one.what, one.reason) for one in week.differing]
    assert len(told) == 1
    assert told[0][0].startswith("net income 61200000")
    assert "$50 m as NetIncomeLoss in the 10-Q filed 2026-11-20" in told[0][1]


def test_one_request_for_each_report_and_none_without_a_new_one(
    facts: Facts, sec: EdgarServer
) -> None:
    facts.scan()
    facts.scan()
    assert (facts.asked, facts.opened) == (1, 0)
    later = replace(REPORT, accession="0001990001-26-000070", accepted="2026-11-21T16:30:00")
    sec.add(replace(ALPH, filings=(later, REPORT, *ALPH.filings)))
    sec.route("GET", FACTS, companyfacts(NetIncomeLoss=fact(61200000, later.accession)))
    facts.scan()
    facts.scan()
    assert facts.asked == 2
    assert facts.verdict(Metric.NET_INCOME) is Verdict.AGREES, "what was filed last counts"
    assert len(facts.store.of("ALPH")) == 1


def test_what_the_sec_has_not_put_together_yet_is_asked_for_again(
    facts: Facts, sec: EdgarServer
) -> None:
    """The list names a report before its figures are there: for a week the scans ask again."""
    sec.route("GET", FACTS, companyfacts(NetIncomeLoss=fact(50000000, "0001990001-26-000001")))
    facts.scan()
    facts.scan()
    assert facts.asked == 2
    facts.house.clock.wait(timedelta(days=8).total_seconds())
    facts.scan()
    facts.scan()
    assert facts.asked == 3


@pytest.mark.parametrize("there", [companyfacts(), Reply(status=404)])
def test_until_then_what_the_report_itself_says_is_compared(
    facts: Facts, sec: EdgarServer, there: Reply
) -> None:
    """It is opened once; what the SEC says later takes its place."""
    sec.route("GET", FACTS, there)
    facts.scan()
    assert facts.verdict(Metric.NET_SALES) is Verdict.AGREES
    assert facts.verdict(Metric.NET_INCOME) is Verdict.DIFFERS
    facts.scan()
    assert (facts.asked, facts.opened) == (2, 1)
    sec.route("GET", FACTS, companyfacts(NetIncomeLoss=fact(61200000)))
    facts.scan()
    facts.scan()
    assert (facts.asked, facts.opened) == (3, 1)
    assert facts.verdict(Metric.NET_INCOME) is Verdict.AGREES
    assert len(facts.store.of("ALPH")) == 1


@pytest.mark.parametrize(
    ("report", "told"),
    [
        (FiledDocument("10-Q", "alph-20260801.htm", b"<html><p>Item 2</p></html>"), "is tagged"),
        (FiledDocument("10-Q", "alph-20260801.htm", b""), "answered nothing"),
        (FiledDocument("10-Q", "../../../etc/passwd", TAGGED), ""),
    ],
)
def test_a_report_that_cannot_be_used_costs_the_scan_nothing(
    facts: Facts, sec: EdgarServer, report: FiledDocument, told: str
) -> None:
    """It is said, and what the SEC has of earlier reports is kept."""
    filed = replace(REPORT, documents=(report,))
    sec.add(replace(ALPH, filings=(filed, *ALPH.filings)))
    sec.route("GET", FACTS, companyfacts(NetIncomeLoss=fact(61200000, "0001990001-26-000001")))
    summary = facts.scan()
    assert (summary["analysed"], summary["problems"]) == (1, [])
    notes = " ".join(str(note) for note in summary["notes"])
    assert told in notes
    assert ("not here" in notes) == bool(told)
    assert facts.verdict(Metric.NET_INCOME) is Verdict.AGREES


@pytest.mark.parametrize(("reply", "kept"), [(Reply(status=503), 0), (Reply(body=b"{"), 0)])
def test_a_company_without_facts_costs_the_scan_nothing(
    facts: Facts, sec: EdgarServer, reply: Reply, kept: int
) -> None:
    sec.route("GET", FACTS, reply)
    summary = facts.scan()
    assert (summary["analysed"], summary["problems"]) == (1, [])
    assert len(facts.store.of("ALPH")) == kept


def test_switched_off_nothing_is_asked(house: House, sec: EdgarServer) -> None:
    facts = Facts(house, sec, on=False)
    facts.scan()
    assert facts.asked == 0
    facts.door.close()
