"""How much is done in a second: work that does nothing, documents, work that waits."""

from __future__ import annotations

import string
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime

from benchmarks.durability.installation import ROOT, Installation, NotStarted, stop
from benchmarks.durability.service import CIK, accession
from benchmarks.durability.size import Size
from benchmarks.durability.stored import grown, sizes
from benchmarks.durability.table import Row, at_least, at_most, told
from benchmarks.durability.worker import NOTHING, SLOW, SLOW_S
from benchmarks.durability.workers import CORES, Pace, measure, putter
from earnings.vocabulary import DocumentState, Lead
from jobs.document import DOCUMENT_WORK
from jobs.durable import Engine
from jobs.registration import DOCUMENTS_QUEUE, QUEUES
from storage.database import Database
from storage.documents import Documents
from storage.insights import Insights
from storage.pool import PoolSettings

UNITS_PER_S, DOCUMENTS_PER_S, SHARE = 200.0, 50.0, 0.75


def units(installation: Installation, dsn: str, size: Size) -> list[Row]:
    """Work that does nothing, by one process and by two."""
    rows = []
    with putter(dsn) as engine:
        for processes in size.at_work:
            pace = _units(engine, installation, NOTHING, size.units, processes)
            rows += _judged("no-op units", pace, size, UNITS_PER_S)
    if size.is_short:
        limit = CORES * 1000 / UNITS_PER_S
        rows.append(at_most("  one no-op unit", pace.cpu_ms_each, limit, "ms CPU"))
    return rows


def curve(installation: Installation, dsn: str, size: Size) -> list[Row]:
    """Work that waits 200 ms, by one process and by more."""
    rows = []
    one = 0.0
    hands = QUEUES[DOCUMENTS_QUEUE]
    with putter(dsn) as engine:
        for processes in size.processes:
            count = size.slow_units_a_process * processes
            pace = _units(engine, installation, SLOW, count, processes)
            one = one or pace.per_s
            what = f"200 ms units a second, {_said(processes)}"
            ideal = processes * hands / SLOW_S
            rows.append(told(what, pace.per_s, "/s", f"{pace}; hands allow {ideal:.0f}"))
            if processes > 1:
                share = pace.per_s / (processes * one)
                what = f"  share of {processes} x one process"
                judged = told(what, share, "of it") if size.is_short else None
                rows.append(judged or at_least(what, share, SHARE, "of it"))
    return rows


def documents(installation: Installation, dsn: str, size: Size) -> list[Row]:
    """Whole documents: fetched, read, an analyst's answer verified, all of it stored. Once with a
    stub for an analyst, and once as shipped: the local rules read, and Claude is asked; and what
    such a document then takes on the disk."""
    rows, count = [], size.documents * len(size.at_work)
    for pace in _paces(replace(installation, stub=True), dsn, size, first=0):
        rows += _judged("whole documents by a stub", pace, size, DOCUMENTS_PER_S)
    before = sizes(dsn)
    for pace in _paces(installation, dsn, size, first=count):
        what = f"  with rules and Claude, {_said(pace.processes)}"
        rows.append(told(what, pace.per_s, "/s", str(pace)))
    return [*rows, *grown(before, sizes(dsn), count)]


def _paces(installation: Installation, dsn: str, size: Size, first: int) -> Iterator[Pace]:
    """Of so many processes and of so many more, with documents from number `first` on."""
    with serving(installation) as house, putter(dsn) as engine:
        for processes in size.at_work:
            wanted = range(first, first + size.documents)
            yield _documents(engine, house, dsn, wanted, processes)
            first += size.documents


@contextmanager
def serving(installation: Installation) -> Iterator[Installation]:
    """The pretended SEC and Claude are there, and the installation asks them."""
    port_file = installation.folder / "port"
    port_file.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.durability.service", str(port_file)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        for _ in range(500):
            if port_file.exists() and port_file.read_text(encoding="ascii"):
                break
            installation.clock.wait(0.02)
        else:
            raise NotStarted("the pretended services do not come up")
        installation.service_pid = process.pid
        installation.service = f"http://127.0.0.1:{port_file.read_text(encoding='ascii')}"
        (installation.folder / "retailxai.toml").unlink(missing_ok=True)
        yield installation
    finally:
        installation.service, installation.service_pid = "", 0
        stop(process)


def _units(
    engine: Engine, installation: Installation, name: str, count: int, processes: int
) -> Pace:
    run = f"{installation.clock.now():%H%M%S%f}"

    def put() -> Sequence[str]:
        ids = [f"bench:{name}:{run}:{number}" for number in range(count)]
        engine.enqueue_all(name, dict.fromkeys(ids, ()))
        return ids

    return measure(engine, installation, processes, put)


def _documents(
    engine: Engine, installation: Installation, dsn: str, numbers: range, processes: int
) -> Pace:
    database = Database(dsn, PoolSettings(size=1, overflow=0))
    try:
        store = Documents(database)
        ids = store.record("edgar", "bench", [_lead(number) for number in numbers], None, None)

        def put() -> Sequence[str]:
            work = {f"doc:edgar:{each}:0": each for each in ids}  # as a scan does
            engine.enqueue_all(DOCUMENT_WORK, {each: (number,) for each, number in work.items()})
            return list(work)

        pace = measure(engine, installation, processes, put)
        _all_answered(store, database, ids, "local" if installation.stub else "claude")
        return pace
    finally:
        database.close()


def _all_answered(store: Documents, database: Database, ids: Sequence[int], by: str) -> None:
    """Fast because nothing was done would be no pace: each was analysed, and the answer `by`
    that analyst with figures of the document is the one that shows."""
    insights = Insights(database)
    for document_id in ids:
        document = store.get(document_id)
        assert document is not None
        shown = insights.for_document(document_id)
        claims = [each for each in shown if each.is_claimed]
        analyses = insights.analyses(document_id)
        if document.state is not DocumentState.ANALYSED or not claims:
            raise NotStarted(f"document {document_id} is {document.state}: {document.reason}")
        if analyses[0].analyst != by:
            raise NotStarted(f"document {document_id} shows what {analyses[0].analyst} found")


def _lead(number: int) -> Lead:
    name = accession(number)
    return Lead(
        source="edgar",
        external_id=name,
        title=f"Oakmere Home: release {number}",
        url=f"https://www.sec.gov/{name}-index.html",
        published_at=datetime(2026, 2, 26, tzinfo=UTC),
        ticker=_ticker(number),
        details={"cik": str(CIK), "company": "Oakmere Home", "form": "8-K", "items": "2.02"},
    )


def _ticker(number: int) -> str:
    """Each release is another company's: none publishes the same quarter twice."""
    letters = string.ascii_uppercase
    return "ZZ" + "".join(letters[number // 26**place % 26] for place in (2, 1, 0))


def _judged(what: str, pace: Pace, size: Size, limit: float) -> list[Row]:
    """A wall clock proves nothing on a machine that others use, so the short form tells."""
    what = f"{what} a second, {_said(pace.processes)}"
    if size.is_short or pace.processes < size.at_work[-1]:
        return [told(what, pace.per_s, "/s", str(pace))]
    return [at_least(what, pace.per_s, limit, "/s", str(pace))]


def _said(processes: int) -> str:
    return "1 process" if processes == 1 else f"{processes} processes"
