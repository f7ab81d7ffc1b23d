"""An earnings call from a channel to a quote whose link leads to the second."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from resilience.clock import SystemClock
from tests.acceptance.installation import Installation
from tests.servers.youtube import (
    BRIGHTWATER_TV,
    CALL,
    CHANNELS,
    KEY,
    PLAYER,
    WATCH,
    Film,
    Station,
    YouTubeServer,
    quota_exceeded,
    stamp,
)

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

COMPANIES = """
[[companies]]
ticker = "BRW"
name = "Brightwater Stores"
youtube = "@brightwater"

[[companies]]
ticker = "OTH"
name = "Otter Stores"
youtube = "@otter"
"""
LINK = f"https://www.youtube.com/watch?v={CALL.id}&t=8s"


@pytest.fixture
def youtube() -> Iterator[YouTubeServer]:
    with YouTubeServer() as server:
        server.add(BRIGHTWATER_TV)
        yield server


@pytest.fixture
def watching(house: Installation, youtube: YouTubeServer) -> Installation:
    """A house that watches two channels."""
    house.environ |= {
        "YOUTUBE_API_KEY": KEY,
        "RETAILXAI_YOUTUBE_API_URL": youtube.url,
        "RETAILXAI_YOUTUBE_WATCH_URL": youtube.url,
    }
    text = (house.folder / "retailxai.toml").read_text(encoding="utf-8")
    (house.folder / "retailxai.toml").write_text(text + COMPANIES, encoding="utf-8")
    otter = Station("@otter", "UCotterstoresinvented001", "Otter Stores", (last_week(),))
    youtube.add(otter)
    return house


def last_week() -> Film:
    """A call whose title names no period."""
    published = stamp(SystemClock().now() - timedelta(days=7))
    return Film("otterCall01", "Otter Stores Earnings Conference Call", published)


def pages(youtube: YouTubeServer) -> int:
    return sum(path in (WATCH, PLAYER) for path in youtube.paths())


def test_a_call_is_found_read_and_quoted_to_the_second(
    watching: Installation, youtube: YouTubeServer
) -> None:
    """Only the calls of both channels; the evidence shows who said it, and where; a second scan
    takes nothing twice; the key is in nothing that was written."""
    scan = watching.run("scan")
    assert scan.code == 0, scan.said
    assert watching.analyses() == {"BRW": 1, "OTH": 1}
    found = watching.rows(
        "select i.id, i.speaker from insight i join document d on d.id = i.document_id"
        " where d.ticker = 'BRW' and i.kind = 'quote' and i.theme = 'traffic'"
    )
    ((number, speaker),) = found
    assert speaker == "Jane Doe"
    shown = watching.run("evidence", str(number)).out
    assert "Customer traffic increased 3.1%" in shown
    assert LINK in shown
    assert watching.json("evidence", str(number))["url"] == LINK
    assert watching.one("select count(*) from insight where kind <> 'quote'") == 0
    asked = "select leased from policy_quota where service = 'youtube' and resource = 'units'"
    assert watching.one(asked) > 0
    done = watching.counts()
    assert "Nothing new" in watching.run("scan").out
    assert watching.counts() == done
    report = watching.run("report")
    assert KEY not in report.said
    log = "".join(path.read_text() for path in (watching.folder / "logs").iterdir())
    assert KEY not in log


def test_captions_that_are_blocked_for_the_day_hold_up_nothing_else(
    watching: Installation, youtube: YouTubeServer
) -> None:
    """It is said with the reason and until when, no page is asked for again that day, also by
    another process; once they can be had both calls are read."""
    youtube.block()
    scan = watching.run("scan")
    assert "YouTube blocks this address" in scan.said, scan.said
    assert pages(youtube) == 1
    assert watching.analyses() == {}
    again = watching.run("scan")
    assert "YouTube blocks this address" in again.said, again.said
    assert pages(youtube) == 1
    assert "YouTube blocks this address" in watching.run("status").said
    assert "YouTube blocks this address" in watching.run("agent", "show", "youtube").said
    youtube.serve()
    assert watching.run("breakers", "close", "youtube_transcripts").code == 0
    watching.run("scan")
    assert watching.analyses() == {"BRW": 1, "OTH": 1}


def test_an_empty_quota_stops_the_listing_until_the_day_ends(
    watching: Installation, youtube: YouTubeServer
) -> None:
    """What was asked at once for two companies, then nothing by any process; the inbox is read
    all the same."""
    youtube.route("GET", CHANNELS, quota_exceeded())
    watching.drop("BRW-q2.html", "<html><p>We are hiring.</p></html>")
    first = watching.run("scan")
    assert "quota" in first.said, first.said
    asked = youtube.paths()
    assert asked in ([CHANNELS], [CHANNELS, CHANNELS])
    second = watching.run("scan")
    assert "used up" in second.said, second.said
    assert youtube.paths() == asked
