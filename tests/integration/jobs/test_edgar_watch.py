"""The watch of the latest filings, over real stores, with the SEC on the loopback interface."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from earnings.sources.edgar import Edgar
from earnings.vocabulary import Company, DocumentState, PeriodKind
from earnings.watching import Watch, WatchRule
from jobs.agents import configured
from jobs.daily_earnings_scan import daily_earnings_scan
from jobs.edgar_watch import FEED, edgar_watch
from jobs.job import Run, Summary
from jobs.understanding import NOT_TOLD
from outside.http import HttpDoor
from resilience.outcomes import ShuttingDown
from resilience.registry import Policies
from resilience.spec import PolicySpec
from tests.acceptance.papers import filed, filer, release
from tests.integration.jobs.house import House
from tests.servers.edgar import FEED_PATH, EdgarServer, Shown, refusal_page, submissions_path
from tests.servers.http import Reply

pytestmark = pytest.mark.database

ALPH, BETA = filer(1, "ALPH"), filer(2, "BETA")
WATCHED = [Company(f.tickers[0], f.name.title(), f.cik, "0201") for f in (ALPH, BETA)]
LATER = filed(
    ALPH.cik, release("Alph Stores Inc", "ALPH", eps="0.99"), number=40,
    accepted="2026-08-19T16:05:00",
)  # fmt: skip


class Watching:
    """A house whose only source is EDGAR."""

    def __init__(self, house: House, sec: EdgarServer) -> None:
        self.house = house
        self.sec = sec
        policies = Policies({"edgar": PolicySpec(attempts=1)}, house.clock)
        self.door = HttpDoor(policies, house.clock, "RetailXAI/test")
        edgar = Edgar(
            self.door, house.clock, contact="Acme desk@acme.example", version="1",
            www_url=sec.url, data_url=sec.url,
        )  # fmt: skip
        house.use(
            replace(
                house.context,
                sources={"edgar": edgar},
                watch=WatchRule(Watch.ALWAYS, timedelta(minutes=15)),
            )
        )
        house.agents.sync(configured(["edgar"], []))
        house.watch(*WATCHED)

    def look(self) -> Summary:
        return self.run("manual:1")

    def run(self, slot: str) -> Summary:
        deadline_at = self.house.clock.monotonic() + 100_000
        return edgar_watch(self.house.context, Run("edgar_watch", slot, deadline_at))

    def scan(self) -> Summary:
        deadline_at = self.house.clock.monotonic() + 600
        run = Run("daily_earnings_scan", "manual:scan", deadline_at)
        return daily_earnings_scan(self.house.context, run)

    def asked_for(self, path: str) -> int:
        return self.sec.paths().count(path)

    def analysed(self) -> int:
        return self.house.context.documents.by_state()[DocumentState.ANALYSED]


@pytest.fixture
def watching(house: House, monkeypatch: pytest.MonkeyPatch) -> Iterator[Watching]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    with EdgarServer() as sec:
        for company in (ALPH, BETA):
            sec.add(company)
        sec.show()
        watching = Watching(house, sec)
        yield watching
        watching.door.close()


def test_what_the_feed_shows_is_read_with_the_look(watching: Watching) -> None:
    """One request for the feed, one for the company that filed, none for the other."""
    watching.scan()
    assert watching.analysed() == 2
    watching.sec.add(replace(ALPH, filings=(LATER, *ALPH.filings)))
    watching.sec.show(Shown(ALPH, LATER), Shown(BETA, BETA.filings[0], says_items=False))
    asked = len(watching.sec.requests)
    summary = watching.look()
    assert (summary["new"], summary["requests"]) == (1, 1)
    assert watching.analysed() == 3
    later = watching.sec.paths()[asked:]
    assert later.count(FEED_PATH) == 1
    assert later.count(submissions_path(ALPH.cik)) == 1


def test_watch_and_scan_never_read_one_filing_twice(watching: Watching) -> None:
    """Whoever comes first, and however often."""
    watching.sec.show(Shown(ALPH, ALPH.filings[0]))
    watching.look()
    watching.scan()
    watching.sec.show(Shown(BETA, BETA.filings[0]), Shown(ALPH, ALPH.filings[0]))
    watching.look()
    watching.scan()
    for company in (ALPH, BETA):
        folder = f"/Archives/edgar/data/{company.cik}/{company.filings[0].folder}/release.htm"
        assert watching.asked_for(folder) == 1
    assert watching.analysed() == 2


def test_a_filing_that_is_listed_late_is_found_by_the_next_look(watching: Watching) -> None:
    """The feed is ahead of the company's own list at times."""
    watching.scan()
    watching.sec.show(Shown(ALPH, LATER))
    assert watching.look()["new"] == 0
    watching.sec.add(replace(ALPH, filings=(LATER, *ALPH.filings)))
    assert watching.look()["new"] == 1
    asked = len(watching.sec.requests)
    assert watching.look()["new"] == 0
    assert watching.sec.paths()[asked:] == [FEED_PATH]


def test_a_document_whose_watch_died_before_the_queue_is_taken_up(watching: Watching) -> None:
    context = watching.house.context
    edgar = context.sources["edgar"]
    (scope, _) = edgar.scopes(WATCHED)
    found = edgar.discover(scope, None)
    context.documents.record("edgar", scope.key, found.leads, found.cursor, None)
    assert watching.analysed() == 0
    watching.look()
    assert watching.analysed() == 1
    ((_, _, (_, later, *_)),) = watching.house.engine.enqueued
    assert later is True, "nobody waits for a paid answer: it may go in a batch"


def test_a_day_is_one_run_with_a_look_every_quarter_of_an_hour(watching: Watching) -> None:
    """It ends before the next slot is due, so that none is skipped for it."""
    local = watching.house.clock.now().astimezone(watching.house.context.zone)
    slot = f"{local:%Y-%m-%dT%H:%M}"
    begun = watching.house.clock.now()
    summary = watching.run(slot)
    took = watching.house.clock.now() - begun
    assert summary["looks"] == watching.asked_for(FEED_PATH)
    assert 95 <= summary["looks"] <= 97
    assert timedelta(hours=23, minutes=50) < took <= timedelta(days=1)
    assert summary["said"].endswith("the day is over")


def test_out_of_season_nothing_is_asked(watching: Watching) -> None:
    rule = WatchRule(Watch.NEVER)
    watching.house.use(replace(watching.house.context, watch=rule))
    summary = watching.run(_slot(watching.house))
    assert (summary["looks"], len(watching.sec.requests)) == (0, 0)
    assert 'watch = "never"' in summary["said"]


def test_a_block_is_told_and_the_next_look_goes_on(watching: Watching) -> None:
    """Ten minutes are over before the next quarter of an hour."""
    watching.sec.show(Shown(ALPH, ALPH.filings[0]))
    good = watching.sec._routes["GET", FEED_PATH][0]
    watching.sec.route("GET", FEED_PATH, Reply.html(refusal_page("rate")), good)
    local = watching.house.clock.now().astimezone(watching.house.context.zone)
    ends = local - timedelta(hours=23, minutes=29)  # the slot whose day ends in half an hour
    summary = watching.run(f"{ends:%Y-%m-%dT%H:%M}")
    assert (summary["failed_looks"], summary["new"]) == (1, 1)
    assert watching.analysed() == 1
    assert "failed" not in summary


def test_a_day_without_one_good_look_has_failed(watching: Watching) -> None:
    watching.sec.route("GET", FEED_PATH, Reply(status=503))
    summary = watching.look()
    assert "could not be seen" in summary["failed"]


def test_a_stopping_process_leaves_its_day_to_the_next(watching: Watching) -> None:
    """Nothing is written down as done, and the cursor says where to go on."""
    house = watching.house
    watching.sec.show(Shown(ALPH, ALPH.filings[0]))
    house.context.ledger.decide("edgar_watch", slot := _slot(house), house.clock.now(), "run", "",
                                "us")  # fmt: skip
    stopping = house.context.stopping

    def stop(*_: object) -> Reply:
        stopping.set()
        return Reply(status=503)

    watching.sec.route("GET", FEED_PATH, stop)
    with pytest.raises(ShuttingDown):
        house.runner.run_slot("edgar_watch", slot)
    run = house.context.ledger.history("edgar_watch", 1)[0]
    assert run.executor is not None
    stopping.clear()


def test_the_cursor_of_the_feed_outlives_the_process(watching: Watching) -> None:
    watching.sec.show(Shown(ALPH, ALPH.filings[0]))
    watching.look()
    cursor = watching.house.context.documents.cursor("edgar", FEED)
    assert cursor is not None
    assert ALPH.filings[0].accession in cursor


def _slot(house: House) -> str:
    local: datetime = house.clock.now().astimezone(house.context.zone)
    return f"{local:%Y-%m-%dT%H:%M}"


def test_of_filings_that_can_be_anything_only_reported_sales_are_read(watching: Watching) -> None:
    """A month's sales under 8.01 are read as a month; a dividend and a presentation full of
    quarters are not, each with its reason. Two requests for each."""
    watching.scan()
    month = (
        "<html><body><p>Alph Stores Inc Reports August Sales</p><p>MILLBROOK, Ohio, September 3, "
        "2026 -- Alph Stores Inc (NYSE: ALPH) today reported net sales of $98.6 million for the "
        "four weeks ended August 29, 2026, up from $91.2 million last year.</p></body></html>"
    )
    dividend = (
        "<html><body><p>Alph Stores Declares Quarterly Dividend</p><p>$0.20 a share.</p></body>"
    )
    tables = release("Alph Stores Inc", "ALPH").partition("<p>Alph Stores Inc<br/>")[2]
    slides = f"<html><body><p>Investor Presentation, September 2026</p><p>{tables}"
    others = [
        filed(ALPH.cik, text, number=50 + n, accepted=f"2026-09-0{n + 3}T16:05:00", items=items)
        for n, (text, items) in enumerate(
            [(month, "8.01,9.01"), (dividend, "8.01,9.01"), (slides, "7.01,9.01")]
        )
    ]
    watching.sec.add(replace(ALPH, filings=(*reversed(others), *ALPH.filings)))
    asked = len(watching.sec.requests)
    watching.scan()
    assert len(watching.sec.requests) - asked == 2 + 2 * len(others)
    documents = watching.house.context.documents
    found = [documents.find("edgar", each.accession) for each in others]
    states = [document.state for document in found if document is not None]
    assert states == [DocumentState.ANALYSED, DocumentState.IRRELEVANT, DocumentState.IRRELEVANT]
    assert [document.reason for document in found if document is not None][2] == NOT_TOLD
    sales = found[0]
    assert sales is not None
    (analysis,) = watching.house.context.insights.analyses(sales.id)
    assert analysis.period is not None
    assert (analysis.period.kind, analysis.degraded) == (PeriodKind.MONTH, False)
    kept = documents.find("edgar", ALPH.filings[0].accession)
    assert kept is not None
    assert kept.superseded_by is None, "a month replaces no quarter"
