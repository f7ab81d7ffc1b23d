"""What every source promises, asked of each one in the table.

A rig puts one source into a situation; the promises do not know which source it is.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol

import pytest

from earnings.recording import RECORDING
from earnings.sources.base import Discovery, DocumentRefused, NotResults, Source
from earnings.sources.content import CSV, HTML, PDF, PLAIN, XLSX
from earnings.sources.table import SOURCES, SourceParts, YoutubeParts, make_sources
from earnings.vocabulary import Company, Lead
from outside.http import HttpDoor
from resilience.clock import SystemClock
from resilience.outcomes import CallError
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers.edgar import (
    BRIGHTWATER,
    EdgarServer,
    Filer,
    filing_path,
    refusal_page,
    submissions_path,
)
from tests.servers.http import Reply
from tests.servers.youtube import (
    BRIGHTWATER_TV,
    CALL,
    CHANNELS,
    KEY,
    PLAYLIST,
    TIMEDTEXT,
    YouTubeServer,
    refusal,
)

NOW = datetime(2026, 8, 20, 12, 0, tzinfo=UTC)
BRW = Company("BRW", "Brightwater Stores", 1990001)
LIMIT = 100_000
RELEASE_PATH = filing_path(1990001, BRIGHTWATER.filings[0], "/q2release.htm")


class Rig(Protocol):
    """One source and the situations it can be put into."""

    source: Source

    def good(self) -> None: ...
    def empty(self) -> None: ...
    def refused(self) -> None: ...
    def garbled(self) -> None: ...
    def oversized(self) -> None: ...
    def slow(self) -> None: ...
    def paginated(self) -> None: ...
    def throttled(self) -> None: ...
    def well(self) -> None: ...


class EdgarRig:
    def __init__(self, source: Source, sec: EdgarServer) -> None:
        self.source = source
        self.sec = sec

    def good(self) -> None:
        self.sec.add(BRIGHTWATER)

    def empty(self) -> None:
        self.sec.add(Filer(1990001, "BRIGHTWATER STORES INC", ("BRW",), ()))

    def refused(self) -> None:
        self.sec.otherwise(Reply.html(refusal_page("undeclared"), 403))

    def garbled(self) -> None:
        self.sec.add(BRIGHTWATER)
        self.sec.route("GET", submissions_path(1990001), Reply(body=b'{"filings": {"rec'))

    def oversized(self) -> None:
        self.sec.add(BRIGHTWATER)
        self.sec.route("GET", RELEASE_PATH, Reply(body=b"x" * (LIMIT + 1)))

    def slow(self) -> None:
        self.sec.add(BRIGHTWATER)
        self.sec.route("GET", submissions_path(1990001), Reply(wait_s=60))

    def paginated(self) -> None:
        latest, _, before, _ = BRIGHTWATER.filings
        older = (("CIK0001990001-submissions-001.json", (before,)),)
        self.sec.add(replace(BRIGHTWATER, filings=(latest,), older=older))

    def throttled(self) -> None:
        self.sec.route("GET", submissions_path(1990001), Reply(status=429))

    def well(self) -> None:
        self.sec.add(BRIGHTWATER)


class InboxRig:
    def __init__(self, source: Source, folder: Path) -> None:
        self.source = source
        self.folder = folder

    def _drop(self, content: bytes, age_s: float = 600) -> None:
        self.folder.mkdir()
        path = self.folder / "BRW_q2.html"
        path.write_bytes(content)
        os.utime(path, (NOW.timestamp() - age_s,) * 2)

    def good(self) -> None:
        self._drop(b"<html><p>Net sales were $5 million.</p></html>")

    def empty(self) -> None:
        self.folder.mkdir()

    def refused(self) -> None:
        self.folder.write_text("a file in place of the folder")

    def garbled(self) -> None:
        self._drop(b"PK\x03\x04 a ZIP archive called .html")

    def oversized(self) -> None:
        self._drop(b"x" * (LIMIT + 1))

    def slow(self) -> None:
        self._drop(b"<html>still being wri", age_s=0)

    def paginated(self) -> None:
        self._drop(b"<html><p>Net sales were $5 million.</p></html>")
        another = self.folder / "BRW_q1.html"
        another.write_bytes(b"<html><p>Net sales were $4 million.</p></html>")
        os.utime(another, (NOW.timestamp() - 900,) * 2)

    def throttled(self) -> None:
        self.slow()

    def well(self) -> None:
        (self.folder / "BRW_q2.html").unlink()
        self.folder.rmdir()
        self.good()


class YoutubeRig:
    def __init__(self, source: Source, youtube: YouTubeServer) -> None:
        self.source = source
        self.youtube = youtube

    def good(self) -> None:
        self.youtube.add(BRIGHTWATER_TV)

    def empty(self) -> None:
        self.youtube.add(replace(BRIGHTWATER_TV, films=()))

    def refused(self) -> None:
        self.youtube.route("GET", CHANNELS, refusal(400, "keyInvalid"))

    def garbled(self) -> None:
        self.good()
        self.youtube.route("GET", PLAYLIST, Reply(body=b'{"kind": "youtube#playlistItemLi'))

    def oversized(self) -> None:
        self.good()
        self.youtube.route("GET", TIMEDTEXT, Reply(body=b"x" * (LIMIT + 1)))

    def slow(self) -> None:
        self.good()
        self.youtube.route("GET", PLAYLIST, Reply(wait_s=60))

    def paginated(self) -> None:
        others = [
            replace(BRIGHTWATER_TV.films[0], id=f"salad{number:06}", published=published)
            for number in range(60)
            for published in (f"2026-07-{1 + number % 28:02}T09:00:00Z",)
        ]
        before = replace(
            CALL,
            id="brwQ1call26",
            title="Brightwater Stores First Quarter 2026 Earnings Call",
            published="2026-05-20T14:00:00Z",
        )
        self.youtube.add(replace(BRIGHTWATER_TV, films=(CALL, *others, before)))

    def throttled(self) -> None:
        self.good()
        self.youtube.route("GET", CHANNELS, refusal(429, "rateLimitExceeded"))

    def well(self) -> None:
        self.youtube.serve()


@pytest.fixture(params=[row.name for row in SOURCES if not row.only_headlines])
def rig(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Rig]:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    clock = FakeClock(NOW)
    once = PolicySpec(attempts=1, timeout_s=1.5)
    policies = Policies({"edgar": once, "youtube": once, "youtube_transcripts": once}, clock)
    with EdgarServer() as sec, YouTubeServer() as youtube:
        door = HttpDoor(policies, clock, "RetailXAI/test")
        parts = SourceParts(
            door=door,
            clock=clock,
            version="0.1.0",
            sec_contact="Acme desk@acme.example",
            inbox=tmp_path / "inbox",
            inbox_max_bytes=LIMIT,
            edgar_max_document_bytes=LIMIT,
            sec_www_url=sec.url,
            sec_data_url=sec.url,
            youtube=YoutubeParts(
                api_key=KEY,
                channels={"BRW": BRIGHTWATER_TV.handle},
                api_url=youtube.url,
                watch_url=youtube.url,
                max_document_bytes=LIMIT,
            ),
        )
        sources = {source.name: source for source in make_sources(parts)}
        rigs: dict[str, Rig] = {
            "edgar": EdgarRig(sources["edgar"], sec),
            "inbox": InboxRig(sources["inbox"], tmp_path / "inbox"),
            "youtube": YoutubeRig(sources["youtube"], youtube),
        }
        made = rigs[request.param]
        well = made.well

        def well_later() -> None:
            clock.advance(3600)
            well()

        made.well = well_later  # type: ignore[method-assign]
        yield made
        door.close()


def discover(rig: Rig, cursor: str | None = None) -> Discovery:
    (scope,) = rig.source.scopes([BRW])
    return rig.source.discover(scope, cursor)


def only(found: Discovery) -> Lead:
    (lead,) = found.leads
    return lead


def test_the_table_makes_every_source_under_its_name(tmp_path: Path) -> None:
    """Names are unique, rows say what they need, sources without it say how to get it."""
    clock = SystemClock()
    door = HttpDoor(Policies({}, clock), clock, "x")
    made = make_sources(SourceParts(door, clock, "1", None, tmp_path / "inbox"))
    assert [source.name for source in made] == [row.name for row in SOURCES]
    assert len({row.name for row in SOURCES}) == len(SOURCES)
    assert all(row.needs for row in SOURCES)
    off = {source.name: source.switched_off() for source in made}
    assert off["inbox"] is None
    assert off["edgar"] is not None
    assert "SEC_CONTACT" in off["edgar"]
    assert off["youtube"] is not None
    assert "YOUTUBE_API_KEY" in off["youtube"]
    door.close()


def test_what_is_found_can_be_fetched(rig: Rig) -> None:
    """A lead names its source, can be stored as text, and leads to typed bytes."""
    rig.good()
    lead = only(discover(rig))
    assert lead.source == rig.source.name
    assert lead.external_id
    assert lead.title.isprintable()
    assert all(isinstance(value, str) for value in lead.details.values())
    assert lead.published_at is None or lead.published_at.utcoffset() is not None
    raw = rig.source.fetch(lead)
    assert raw.content
    assert raw.content_type in {HTML, PDF, PLAIN, CSV, XLSX, RECORDING}


def test_a_stored_lead_is_as_good_as_a_fresh_one(rig: Rig) -> None:
    """Fetching works from what the database keeps, in another process, a day later."""
    rig.good()
    lead = only(discover(rig))
    stored = Lead(
        lead.source,
        lead.external_id,
        lead.title,
        lead.url,
        lead.published_at,
        lead.ticker,
        lead.is_sample,
        dict(lead.details),
    )
    assert rig.source.fetch(stored).content == rig.source.fetch(lead).content


def test_nothing_is_found_twice(rig: Rig) -> None:
    """Once put away, a second scan has no lead and a cursor that still works."""
    rig.good()
    first = discover(rig)
    rig.source.accepted(only(first))
    second = discover(rig, first.cursor)
    assert second.leads == ()
    assert discover(rig, second.cursor).leads == ()


def test_the_name_of_a_document_is_for_ever(rig: Rig) -> None:
    """Found again from the beginning, it has the same name."""
    rig.good()
    assert only(discover(rig)).external_id == only(discover(rig)).external_id


def test_nothing_there_is_calm(rig: Rig) -> None:
    """No lead, no error."""
    rig.empty()
    found = discover(rig)
    assert (found.leads, found.cursor) == ((), None)


def test_being_refused_is_a_call_error_with_a_reason(rig: Rig) -> None:
    """The message names the source and what to do."""
    rig.refused()
    with pytest.raises(CallError) as caught:
        discover(rig)
    assert caught.value.service == rig.source.name
    assert caught.value.fix


def test_rubbish_is_never_a_document(rig: Rig) -> None:
    """The listing fails, or the document is refused; both in our own words."""
    rig.garbled()
    with pytest.raises((CallError, DocumentRefused, NotResults)) as caught:
        rig.source.fetch(only(discover(rig)))
    assert str(caught.value)


def test_too_much_is_refused_with_its_size(rig: Rig) -> None:
    """In the refusal of the document, or in the note about what was put aside."""
    rig.oversized()
    found = discover(rig)
    said = " ".join(found.notes)
    if found.leads:
        with pytest.raises(DocumentRefused) as caught:
            rig.source.fetch(only(found))
        said = str(caught.value)
    assert "0.1 MB" in said


def test_what_is_not_ready_is_left(rig: Rig) -> None:
    """A slow server is a failed call, a half-written file no lead; neither hangs the scan."""
    rig.slow()
    leads: tuple[Lead, ...] = ()
    with suppress(CallError):
        leads = discover(rig).leads
    assert leads == ()


def test_tidying_up_twice_is_harmless(rig: Rig) -> None:
    """After a crash between two steps it happens; it neither raises nor touches others."""
    rig.good()
    lead = only(discover(rig))
    rig.source.accepted(lead)
    rig.source.accepted(lead)
    rig.source.refused(lead, "too late")
    assert discover(rig).notes == ()


def test_going_back_ends(rig: Rig) -> None:
    """`before` names earlier documents of the same source, and stops."""
    rig.good()
    lead: Lead | None = only(discover(rig))
    seen: list[str] = []
    while lead is not None:
        assert lead.external_id not in seen
        seen.append(lead.external_id)
        lead = rig.source.before(lead)
    assert len(seen) <= len(BRIGHTWATER.filings)


def test_more_than_a_page_holds_is_found(rig: Rig) -> None:
    """Everything from a day on, oldest first, each once."""
    rig.paginated()
    (scope,) = rig.source.scopes([BRW])
    leads = rig.source.discover(scope, None, date(2026, 5, 1)).leads
    assert len({lead.external_id for lead in leads}) == len(leads) == 2
    times = [lead.published_at for lead in leads if lead.published_at is not None]
    assert times == sorted(times)


def test_what_was_held_back_is_found_later(rig: Rig) -> None:
    """Asked to slow down, a source fails or finds nothing; an hour later nothing is missing."""
    rig.throttled()
    cursor = None
    with suppress(CallError):
        found = discover(rig)
        assert found.leads == ()
        cursor = found.cursor
    rig.well()
    assert only(discover(rig, cursor)).external_id
