"""The scan, over real stores."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from earnings.vocabulary import Company, DocumentState
from jobs.daily_earnings_scan import ScanProgress
from jobs.discovery import discover
from jobs.document import DOCUMENT_WORK
from jobs.leads import enqueue
from jobs.manual import scan_now
from jobs.runner import RunReport
from jobs.work import WorkState
from operations.telemetry.events import event_of
from resilience.outcomes import CallFailed, CircuitOpen
from storage.ledger import Ledger
from storage.states import RunState
from tests.integration.jobs.house import House
from tests.integration.jobs.releases import HARBOR, PINE, release
from tests.unit.jobs.fakes import Published

pytestmark = pytest.mark.database


def scan(house: House, *tickers: str, since: date | None = None) -> RunReport:
    return scan_now(house.context, house.runner, tickers, since)


@pytest.fixture
def shop(house: House) -> House:
    """Two companies; Pinewood has two releases, Harbor one."""
    house.watch(PINE, HARBOR)
    html = "text/html"
    house.source.put(PINE, "p2", Published(release(sales="1,100.0"), html, 2))
    house.source.put(PINE, "p3", Published(release(), html, 18))
    house.source.put(HARBOR, "h3", Published(release(HARBOR), html, 18))
    return house


def test_the_first_scan_reads_each_companys_latest_release(shop: House) -> None:
    report = scan(shop)
    assert report.outcome is RunState.SUCCEEDED
    assert sorted(shop.source.fetched) == ["h3", "p3"]
    assert report.summary["said"] == "2 new documents: 2 analysed"
    assert report.summary["companies"] == 2
    kept = shop.context.ledger.history("daily_earnings_scan", 1)[0]
    assert kept.summary["analysed"] == 2


def test_a_backfill_is_explicit(shop: House) -> None:
    scan(shop)
    report = scan(shop, "PINE", since=date(2026, 11, 1))
    assert report.summary["new"] == 1
    assert shop.state("p2") is DocumentState.ANALYSED


def test_one_company_may_be_asked_about(shop: House) -> None:
    report = scan(shop, "hrbr")
    assert shop.source.asked == ["HRBR"]
    assert report.summary["analysed"] == 1


def test_a_company_that_is_not_watched_is_a_problem_with_its_fix(shop: House) -> None:
    report = scan(shop, "ZZZZ")
    assert report.summary["problems"][0]["what"] == (
        "ZZZZ is not on the watch list; add it under [[companies]] in retailxai.toml"
    )


@pytest.mark.parametrize("between", ["pending", "several"])
def test_what_another_scan_has_just_read_is_not_queued_again(
    shop: House, monkeypatch: pytest.MonkeyPatch, between: str
) -> None:
    """It looks which documents are open, and before it queues them the other one is done."""
    documents, other = shop.context.documents, iter([lambda: scan(shop)])
    look = getattr(documents, between)

    def looked(*args: Any) -> Any:
        found = look(*args)
        if found:
            next(other, lambda: None)()
        return found

    monkeypatch.setattr(documents, between, looked)
    report = scan(shop)
    assert report.summary["analysed"] == 2
    assert sorted(shop.source.fetched) == ["h3", "p3"]
    assert len({work_id for _, work_id, _ in shop.engine.enqueued}) == 2


def test_what_another_read_while_sources_were_asked_is_told(
    shop: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the watch of the feed does, which takes up what it sees: the scan found them."""
    documents = shop.context.documents
    look, began = documents.pending, iter([True])

    def looked(*args: Any) -> Any:
        if next(began, False):
            enqueue(shop.context, look(*args))
        return look(*args)

    monkeypatch.setattr(documents, "pending", looked)
    report = scan(shop)
    assert report.summary["said"] == "2 new documents: 2 analysed"
    assert len(report.summary["documents"]) == 2
    assert sorted(shop.source.fetched) == ["h3", "p3"]


def test_one_company_that_cannot_be_asked_holds_no_other_up(shop: House) -> None:
    shop.source.errors["PINE"] = CallFailed("shelf", "malformed JSON")
    report = scan(shop)
    assert report.outcome is RunState.SUCCEEDED
    assert shop.state("h3") is DocumentState.ANALYSED
    assert report.summary["problems"] == [
        {"source": "shelf", "scope": "PINE", "what": "shelf: malformed JSON"}
    ]
    assert report.summary["companies"] == 1
    assert "1 problem" in report.summary["said"]


def test_what_could_not_be_asked_is_asked_by_the_next_scan(shop: House) -> None:
    """A failed question moves no cursor."""
    shop.source.errors["PINE"] = CallFailed("shelf", "malformed JSON")
    scan(shop)
    shop.source.errors.clear()
    scan(shop)
    assert shop.state("p3") is DocumentState.ANALYSED


def test_a_source_that_is_down_is_left_alone_for_the_rest_of_the_scan(house: House) -> None:
    companies = [Company(f"C{n:02}", f"Company {n}") for n in range(20)]
    house.watch(*companies)
    for company in companies:
        house.source.put(company, f"{company.ticker}-1", Published(release(company)))
        house.source.errors[company.ticker] = CircuitOpen("shelf", "circuit open")
    report = scan(house)
    assert len(house.source.asked) <= 2  # the two that were asked at once
    assert report.outcome is RunState.FAILED
    assert "nothing could be asked" in report.error
    whats = [problem["what"] for problem in report.summary["problems"]]
    assert any("more not asked this time" in what for what in whats)


def test_a_source_that_is_off_is_named_with_the_way_to_switch_it_on(shop: House) -> None:
    shop.source.off = "set SHELF_CONTACT"
    report = scan(shop)
    assert report.outcome is RunState.SUCCEEDED
    assert report.summary["off"] == {"shelf": "set SHELF_CONTACT"}
    assert shop.source.asked == []


def test_progress_is_told_from_the_first_question_to_the_last_document(shop: House) -> None:
    told: list[ScanProgress] = []
    scan_now(shop.context, shop.runner, progress=told.append)
    last = told[-1]
    assert (last.asked, last.scopes, last.found) == (2, 2, 2)
    assert (last.documents, last.done) == (2, 2)
    assert [one.asked for one in told] == sorted(one.asked for one in told)


def test_a_scan_that_is_told_to_stop_ends_at_once_and_says_so(shop: House) -> None:
    shop.stopping.set()
    report = scan(shop)
    assert report.outcome is RunState.ABANDONED
    assert shop.source.asked == []


def test_two_scans_at_once_store_and_read_everything_once(shop: House) -> None:
    reports: list[RunReport] = []
    threads = [threading.Thread(target=lambda: reports.append(scan(shop))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(report.summary["new"] for report in reports) == 2
    assert sorted(shop.source.fetched) == ["h3", "p3"]


def test_documents_left_by_an_earlier_scan_are_taken_up(shop: House) -> None:
    fns, shop.engine.fns = shop.engine.fns, {}
    first = scan(shop)
    assert first.summary["unfinished"] == 2
    shop.engine.fns = fns
    shop.engine.work.clear()
    second = scan(shop)
    assert second.summary["analysed"] == 2


# ---- cancelled by a person ---------------------------------------------------------------


class Canceller:
    """Cancels the scan by hand that runs, when its progress comes to a point."""

    def __init__(self, shop: House, when: Callable[[ScanProgress], bool]) -> None:
        self._shop = shop
        self._when = when

    def __call__(self, progress: ScanProgress) -> None:
        if self._when(progress):
            for run in Ledger(self._shop.database).running():
                self._shop.here.stop(run.id, "cancelled by ann: too slow")


def cancelled_while_reading(shop: House) -> RunReport:
    """Two documents wait in the queue, and nobody has begun them."""
    del shop.engine.fns[DOCUMENT_WORK]
    told = Canceller(shop, lambda progress: progress.documents > 0)
    return scan_now(shop.context, shop.runner, progress=told)


def test_a_cancelled_scan_gives_back_what_nobody_has_begun(shop: House) -> None:
    """The next scan finds it; what was found and where it was found stays stored."""
    report = cancelled_while_reading(shop)
    assert (report.outcome, report.error) == (RunState.CANCELLED, "cancelled by ann: too slow")
    assert (report.summary["new"], report.summary["unfinished"]) == (2, 2)
    assert {work.state for work in shop.engine.work.values()} == {WorkState.CANCELLED}
    assert (shop.state("h3"), shop.state("p3")) == (DocumentState.DISCOVERED,) * 2
    kept = Ledger(shop.database).history("daily_earnings_scan", 1)[0]
    assert (kept.state, kept.error) == (RunState.CANCELLED, "cancelled by ann: too slow")
    shop.use(shop.context)
    assert scan(shop).summary["analysed"] == 2


def test_what_another_scan_waits_for_stays_in_the_queue(shop: House) -> None:
    """Whoever cancels their own scan takes nothing from somebody else's."""
    ledger = shop.context.ledger
    ledger.decide("daily_earnings_scan", "manual:other", shop.clock.now(), "run", "", "them")
    ledger.claim("daily_earnings_scan", "manual:other", "them")
    assert cancelled_while_reading(shop).outcome is RunState.CANCELLED
    assert {work.state for work in shop.engine.work.values()} == {WorkState.QUEUED}


def test_what_is_being_read_comes_to_its_end(shop: House) -> None:
    """Nothing that was begun is stopped half-way, so no answer is paid for and thrown away."""
    del shop.engine.fns[DOCUMENT_WORK]
    told = Canceller(shop, lambda progress: progress.documents > 0)

    def begun(progress: ScanProgress) -> None:
        for work_id in shop.engine.work:
            shop.engine.finish(work_id, WorkState.RUNNING)
        told(progress)

    scan_now(shop.context, shop.runner, progress=begun)
    assert {work.state for work in shop.engine.work.values()} == {WorkState.RUNNING}


def test_a_scan_is_cancelled_while_sources_are_asked(house: House) -> None:
    """Those that were not asked yet are not, and their cursors stand where they stood."""
    companies = [Company(f"C{n:02}", f"Company {n}") for n in range(20)]
    house.watch(*companies)
    for company in companies:
        house.source.put(company, f"{company.ticker}-1", Published(release(company)))
    told = Canceller(house, lambda progress: progress.asked >= 3)
    report = scan_now(house.context, house.runner, progress=told)
    assert report.outcome is RunState.CANCELLED
    assert len(house.source.asked) < len(companies)
    assert house.engine.work == {}
    assert scan(house).summary["analysed"] == len(companies)


def test_every_line_of_a_scan_carries_its_run(
    shop: House, caplog: pytest.LogCaptureFixture
) -> None:
    """Those of its documents too, which others may read for it, and of the threads that ask."""
    lines: list[dict[str, object]] = []

    class Kept(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lines.append(event_of(record))

    handler = Kept()
    logging.getLogger("jobs").addHandler(handler)
    shop.source.errors["PINE"] = RuntimeError("a bug")
    try:
        with caplog.at_level(logging.INFO):
            scan(shop)
    finally:
        logging.getLogger("jobs").removeHandler(handler)
    run = Ledger(shop.database).history("daily_earnings_scan", 1)[0]
    assert {line["run"] for line in lines} == {run.id}
    said = {str(line["logger"]) for line in lines}
    assert {"jobs.runner", "jobs.document", "jobs.discovery"} <= said
    (work,) = shop.engine.enqueued
    assert work[2] == (shop.document("h3").id, False, run.id)


# ---- scans that came to no end ----------------------------------------------------------


def dies(house: House, slot: str = "manual:dead") -> None:
    """A scan of another process that is killed once everything it found was read."""
    ledger, now = house.context.ledger, house.clock.now()
    ledger.decide("daily_earnings_scan", slot, now, "run", "by hand", "dead")
    assert ledger.claim("daily_earnings_scan", slot, "dead")
    house.clock.wait(1)
    companies = house.context.companies.watched()
    found = discover(
        house.context,
        companies,
        since=None,
        with_folders=True,
        deadline_at=house.clock.monotonic() + 60,
        on_asked=lambda *_: None,
    )
    house.context.engine.wait(enqueue(house.context, found.new), 60, lambda _: None)
    ledger.abandon_of(["dead"])
    house.clock.wait(1)


def shown(report: RunReport) -> tuple[int, int, int]:
    summary = report.summary
    return summary["new"], len(summary["documents"]), len(summary["after_break"])


def test_what_was_read_for_a_scan_that_died_is_told_by_the_next(shop: House) -> None:
    """Once, however many died before; and nothing is told twice."""
    dies(shop)
    dies(shop, "manual:dead too")
    report = scan(shop)
    assert shown(report) == (0, 2, 2)
    assert "2 finished after a break" in report.summary["said"]
    read = [shop.document(name).id for name in ("p3", "h3")]
    assert sorted(report.summary["documents"]) == sorted(read)
    assert shown(scan(shop)) == (0, 0, 0)


def test_a_scan_of_one_company_tells_of_that_one(shop: House) -> None:
    dies(shop)
    assert shown(scan(shop, "PINE")) == (0, 1, 1)


def test_what_another_scan_has_told_is_not_told_again(shop: House) -> None:
    """A scan beside the one that died came to its end."""
    scan(shop)
    dies(shop)
    assert shown(scan(shop)) == (0, 0, 0)


def test_the_next_attempt_of_a_scheduled_scan_tells_what_the_first_read(shop: House) -> None:
    """Its process died; whoever takes it up goes on with what is left, and tells of all."""
    dies(shop, "2026-11-23T07:00")
    report = shop.runner.run_now("daily_earnings_scan", "2026-11-23T07:00", {})
    assert report is not None
    assert shown(report) == (0, 2, 2)
    assert shown(scan(shop)) == (0, 0, 0)
