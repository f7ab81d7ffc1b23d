"""The feed of the latest filings: what it shows, what is known of it, how far it is read."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from earnings.sources.base import Look
from earnings.sources.edgar import Edgar
from earnings.sources.edgar_feed import MOST_LOOKS, MOST_PAGES, PAGE, GarbledFeed, read_page
from earnings.sources.edgar_refusal import SecRefused
from earnings.vocabulary import Company
from outside.errors import BadAnswer
from resilience.outcomes import Rejected
from tests.servers.edgar import (
    BRIGHTWATER,
    FEED_PATH,
    EdgarServer,
    Filed,
    Filer,
    Shown,
    feed_page,
    refusal_page,
)
from tests.servers.http import Reply

BRW = Company("BRW", "Brightwater Stores", 1990001)
RELEASE = BRIGHTWATER.filings[0]
NOON = datetime(2026, 8, 19, 16, 0, tzinfo=UTC)


def other(number: int, minutes: float = 0) -> Shown:
    """A filing of somebody who is not watched."""
    stamp = NOON - timedelta(minutes=minutes)
    filer = Filer(2_000_000 + number, f"OTHER {number} INC", (), ())
    filed = Filed(f"0002000000-26-{number:06d}", "2026-08-19T12:00:00")
    return Shown(filer, filed, stamp.isoformat())


def mine(minutes: float = 0, filed: Filed = RELEASE, **how: object) -> Shown:
    stamp = (NOON - timedelta(minutes=minutes)).isoformat()
    return replace(Shown(BRIGHTWATER, filed, stamp), **how)  # type: ignore[arg-type]


def look(edgar: Edgar, cursor: str | None = None) -> Look:
    return edgar.look([BRW, Company("ALDI", "Aldi")], cursor)


# ---- one page


def test_an_entry_tells_who_filed_what_and_when() -> None:
    """Its stamp carries its offset; latin letters come in the encoding it declares."""
    filer = replace(BRIGHTWATER, name="BRIGHTWATER CAFÉ & STORES INC")
    text = feed_page([Shown(filer, RELEASE, "2026-08-19T06:45:20-04:00")])
    (entry,) = read_page(text.encode("iso-8859-1")).entries
    assert (entry.accession, entry.cik, entry.form) == (RELEASE.accession, 1990001, "8-K")
    assert entry.updated == datetime(2026, 8, 19, 10, 45, 20, tzinfo=UTC)
    assert entry.items == ("2.02", "9.01")


def test_other_forms_are_no_news() -> None:
    """`type=8-K` shows whatever begins like it."""
    forms = ["8-K", "8-K/A", "8-K12B", "8-KT/A", "10-Q"]
    text = feed_page([mine(filed=replace(RELEASE, form=form)) for form in forms])
    page = read_page(text.encode())
    assert [entry.form for entry in page.entries] == ["8-K", "8-K/A"]
    assert page.rows == 5


@pytest.mark.parametrize(
    "content",
    [b"", b"<feed", refusal_page("maintenance").encode(), b"<html><body>busy</body></html>",
     b'<?xml version="1.0"?><!DOCTYPE f [<!ENTITY a "x">]><feed>&a;</feed>'],
)  # fmt: skip
def test_what_is_no_feed_is_never_an_empty_one(content: bytes) -> None:
    with pytest.raises(GarbledFeed):
        read_page(content)


def test_a_broken_entry_costs_only_itself() -> None:
    text = feed_page([mine(1), mine(2)]).replace("accession-number=", "accession-no=", 1)
    text = text.replace("<updated>2026-08-19T15:58:00+00:00", "<updated>soon", 1)
    page = read_page(text.encode())
    assert page.entries == ()
    assert page.rows == 2


# ---- looking


def test_a_look_is_one_request_and_matches_by_cik(edgar: Edgar, sec: EdgarServer) -> None:
    sec.show(other(1), mine(3), other(2, 4))
    found = look(edgar)
    assert {name: scope.company for name, scope in found.hits.items()} == {RELEASE.accession: BRW}
    assert [request.path for request in sec.requests] == [FEED_PATH]
    query = sec.requests[0].query
    assert {name: query[name] for name in ("action", "type", "output")} == {
        "action": ["getcurrent"], "type": ["8-K"], "output": ["atom"]
    }  # fmt: skip


def test_what_was_looked_at_is_no_news_however_often_it_is_repeated(
    edgar: Edgar, sec: EdgarServer
) -> None:
    """The SEC repeats entries, once per filer and with later stamps."""
    sec.show(mine(3), mine(3, role="Subject"))
    first = look(edgar)
    assert len(first.hits) == 1
    cursor = edgar.looked(first.cursor, first.hits)
    sec.show(mine(-2), other(1), mine(3))
    assert look(edgar, cursor).hits == {}


def test_a_late_one_with_an_early_stamp_is_still_news(edgar: Edgar, sec: EdgarServer) -> None:
    sec.show(other(1))
    cursor = look(edgar).cursor
    sec.show(other(2, -1), other(1), mine(30))
    assert list(look(edgar, cursor).hits) == [RELEASE.accession]


def test_one_that_is_not_listed_yet_is_asked_about_again_and_not_for_ever(
    edgar: Edgar, sec: EdgarServer
) -> None:
    """The company's own list may lag behind the feed; the daily scan stays the safety net."""
    sec.show(mine())
    cursor: str | None = None
    seen = []
    for _ in range(MOST_LOOKS + 2):
        found = look(edgar, cursor)
        seen.append(list(found.hits))
        cursor = edgar.looked(found.cursor, [])
    assert seen == [[RELEASE.accession]] * MOST_LOOKS + [[]] * 2


@pytest.mark.parametrize(
    ("items", "says", "asks"),
    [("2.02,9.01", True, True), ("5.02", True, False), ("5.02", False, True), ("", True, True)],
)
def test_nobody_is_asked_for_what_the_feed_says_is_something_else(
    edgar: Edgar, sec: EdgarServer, items: str, says: bool, asks: bool
) -> None:
    """An officer who leaves costs no request; what the feed does not say is asked."""
    sec.show(mine(filed=replace(RELEASE, items=items), says_items=says))
    assert bool(look(edgar).hits) is asks


def test_it_reads_on_to_what_is_known_and_no_further(edgar: Edgar, sec: EdgarServer) -> None:
    """The first look has the newest page; a later one as many as came since the last."""
    crowd = [other(number, number / 10) for number in range(3 * PAGE)]
    sec.show(*crowd)
    cursor = look(edgar).cursor
    assert len(sec.requests) == 1
    later = [other(9_000 + number, -20 + number / 10) for number in range(PAGE + 50)]
    sec.show(*later[: PAGE + 20], mine(-5), *later[PAGE + 20 :], *crowd)
    found = look(edgar, cursor)
    assert list(found.hits) == [RELEASE.accession]
    assert (found.requests, found.notes) == (2, ())


def test_a_feed_that_does_not_reach_back_is_said(edgar: Edgar, sec: EdgarServer) -> None:
    sec.show(other(1, 1000))
    cursor = look(edgar).cursor
    sec.show(*(other(number, number / 10) for number in range((MOST_PAGES + 1) * PAGE)))
    found = look(edgar, cursor)
    assert found.requests == MOST_PAGES
    assert "does not reach back" in found.notes[0]


def test_a_cursor_that_is_none_begins_with_the_newest_page(edgar: Edgar, sec: EdgarServer) -> None:
    sec.show(mine())
    for broken in ("{", "[]", '{"seen": 3}', '{"latest": "2026-01-01"}'):
        assert list(look(edgar, broken).hits) == [RELEASE.accession]


# ---- refusals


@pytest.mark.parametrize("status", [200, 403])
def test_the_page_of_a_block_is_no_feed(edgar: Edgar, sec: EdgarServer, status: int) -> None:
    """Well-formed HTML, at times with status 200: everybody is held back for its ten minutes."""
    sec.route("GET", FEED_PATH, Reply.html(refusal_page("rate"), status))
    with pytest.raises(SecRefused):
        look(edgar)
    with pytest.raises(Rejected):
        look(edgar)


def test_another_page_in_its_place_is_a_failure(edgar: Edgar, sec: EdgarServer) -> None:
    sec.route("GET", FEED_PATH, Reply.html("<html><body>Welcome</body></html>"))
    with pytest.raises(BadAnswer, match="no feed of filings"):
        look(edgar)
