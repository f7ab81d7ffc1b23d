from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from earnings.sources.base import DocumentRefused, NotResults, Scope
from earnings.sources.edgar import Edgar
from earnings.sources.edgar_refusal import SecRefused
from earnings.vocabulary import Company, Lead
from outside.errors import BadAnswer, NotFound
from outside.http import HttpDoor
from resilience.outcomes import CallFailed, Rejected
from resilience.testing import FakeClock
from tests.servers.edgar import (
    BRIGHTWATER,
    RELEASE,
    EdgarServer,
    Filed,
    FiledDocument,
    Filer,
    filing_path,
    refusal_page,
    submissions_json,
    submissions_path,
)
from tests.servers.http import Reply

BRW = Company("BRW", "Brightwater Stores", 1990001, "0201", "general merchandise")
SCOPE = Scope("CIK0001990001", BRW)
LATEST, CALL, SPRING, PROXY = BRIGHTWATER.filings
SUBMISSIONS = submissions_path(BRW.cik or 0)


def with_filings(*filings: Filed, filer: Filer = BRIGHTWATER) -> Filer:
    return replace(filer, filings=filings)


def accessions(leads: tuple[Lead, ...]) -> list[str]:
    return [lead.external_id for lead in leads]


def only(edgar: Edgar) -> Lead:
    (lead,) = edgar.discover(SCOPE, None).leads
    return lead


# ---- being on or off


def test_without_a_contact_it_is_off_and_says_how_to_switch_it_on(
    door: HttpDoor, clock: FakeClock
) -> None:
    """Never an invented address."""
    off = Edgar(door, clock, contact=None, version="1").switched_off()
    assert off is not None
    assert "SEC_CONTACT" in off
    disabled = Edgar(door, clock, contact="a b@c.d", version="1", enabled=False).switched_off()
    assert disabled is not None
    assert "retailxai.toml" in disabled


def test_it_is_asked_only_for_companies_the_sec_knows(edgar: Edgar) -> None:
    """No CIK, or an invented sample company: no question."""
    companies = [BRW, Company("ALDI", "Aldi"), Company("SMP", "Sample", 7, is_sample=True)]
    assert edgar.switched_off() is None
    assert list(edgar.scopes(companies)) == [SCOPE]


def test_every_request_says_who_asks(edgar: Edgar, sec: EdgarServer) -> None:
    """The User-Agent the SEC asks for, and compressed answers."""
    edgar.fetch(only(edgar))
    assert len(sec.requests) == 3
    for request in sec.requests:
        assert request.headers["user-agent"] == "RetailXAI/0.1.0 Acme Research desk@acme.example"
        assert request.headers["accept-encoding"] == "gzip, deflate"


# ---- discovering


def test_the_first_scan_takes_the_latest_release_only(edgar: Edgar) -> None:
    """Not the webcast notice before it, not the proxy statement, not last spring's release."""
    found = edgar.discover(SCOPE, None)
    assert accessions(found.leads) == [LATEST.accession]
    assert found.notes == ()
    (lead,) = found.leads
    assert lead.ticker == "BRW"
    assert lead.published_at == datetime(2026, 8, 19, 10, 45, 14, tzinfo=UTC)
    assert lead.details["items"] == "2.02,9.01"
    assert "2026-08-19" in lead.title
    assert lead.url.endswith("000199000126000031/0001990001-26-000031-index.html")


def test_nothing_new_is_nothing_new(edgar: Edgar) -> None:
    """The second scan finds no lead and keeps its cursor."""
    first = edgar.discover(SCOPE, None)
    second = edgar.discover(SCOPE, first.cursor)
    assert second.leads == ()
    assert second.cursor == first.cursor


def test_new_filings_come_oldest_first(edgar: Edgar, sec: EdgarServer) -> None:
    """Whatever order the SEC lists them in."""
    cursor = edgar.discover(SCOPE, None).cursor
    november = Filed("0001990001-26-000050", "2026-08-19T16:30:00", form="8-K/A")
    december = Filed("0001990001-26-000049", "2026-08-20T07:00:00")
    sec.add(with_filings(december, november, *BRIGHTWATER.filings))
    found = edgar.discover(SCOPE, cursor)
    assert accessions(found.leads) == [november.accession, december.accession]


def test_several_in_the_same_second_are_all_taken(edgar: Edgar, sec: EdgarServer) -> None:
    """One becomes visible later than the other: it is not skipped, and the first not repeated."""
    cursor = edgar.discover(SCOPE, None).cursor
    twin = Filed("0001990001-26-000002", LATEST.accepted)
    sec.add(with_filings(twin, *BRIGHTWATER.filings))
    found = edgar.discover(SCOPE, cursor)
    assert accessions(found.leads) == [twin.accession]
    assert edgar.discover(SCOPE, found.cursor).leads == ()


def test_one_that_shows_up_late_is_not_skipped(edgar: Edgar, sec: EdgarServer) -> None:
    """Accepted days before the latest known one, visible only now."""
    cursor = edgar.discover(SCOPE, None).cursor
    late = Filed("0001193125-26-000999", "2026-08-14T08:00:00")
    sec.add(with_filings(late, *BRIGHTWATER.filings))
    assert accessions(edgar.discover(SCOPE, cursor).leads) == [late.accession]


def test_the_cursor_never_moves_back(edgar: Edgar, sec: EdgarServer) -> None:
    """An emptied or shortened answer costs nothing: when the rows are back, nothing is new."""
    cursor = edgar.discover(SCOPE, None).cursor
    for fewer in ((), (SPRING,)):
        sec.add(with_filings(*fewer))
        found = edgar.discover(SCOPE, cursor)
        assert found.leads == ()
        cursor = found.cursor
    sec.add(BRIGHTWATER)
    assert edgar.discover(SCOPE, cursor).leads == ()


def test_a_filing_from_the_future_does_not_carry_the_cursor_away(
    edgar: Edgar, sec: EdgarServer
) -> None:
    """A wrong row of 2062 is not a lead and hides nothing that comes later."""
    sec.add(with_filings(Filed("0001990001-26-000099", "2062-01-01T08:00:00"), LATEST))
    found = edgar.discover(SCOPE, None)
    assert accessions(found.leads) == [LATEST.accession]
    new = Filed("0001990001-26-000051", "2026-08-20T07:00:00")
    sec.add(with_filings(new, LATEST))
    assert accessions(edgar.discover(SCOPE, found.cursor).leads) == [new.accession]


def test_a_broken_cursor_begins_anew_and_says_so(edgar: Edgar) -> None:
    """Nothing is lost but the place; the note tells."""
    found = edgar.discover(SCOPE, "nonsense")
    assert accessions(found.leads) == [LATEST.accession]
    assert "begun anew" in found.notes[0]


def test_since_goes_back_through_older_pages(edgar: Edgar, sec: EdgarServer) -> None:
    """A backfill reads as many pages as it needs and no more."""
    older = (
        (
            "CIK0001990001-submissions-001.json",
            (Filed("0001990001-24-000005", "2024-05-21T07:00:00"),),
        ),
        (
            "CIK0001990001-submissions-002.json",
            (Filed("0001990001-19-000005", "2019-05-21T07:00:00"),),
        ),
    )
    sec.add(replace(BRIGHTWATER, older=older))
    cursor = edgar.discover(SCOPE, None).cursor
    sec.requests.clear()
    found = edgar.discover(SCOPE, cursor, since=date(2024, 5, 21))
    assert accessions(found.leads) == [
        "0001990001-24-000005",
        SPRING.accession,
        CALL.accession,  # only its exhibit can tell
        LATEST.accession,
    ]
    assert sec.paths() == [SUBMISSIONS, f"/submissions/{older[0][0]}"]
    assert edgar.discover(SCOPE, found.cursor).leads == ()


def test_since_a_recent_day_needs_no_older_page(edgar: Edgar, sec: EdgarServer) -> None:
    """And the day is the SEC's day: accepted at 21:00 Eastern is still that day."""
    evening = Filed("0001990001-26-000040", "2026-08-19T21:00:00")
    sec.add(with_filings(evening, *BRIGHTWATER.filings))
    found = edgar.discover(SCOPE, None, since=date(2026, 8, 19))
    assert accessions(found.leads) == [LATEST.accession, evening.accession]
    assert edgar.discover(SCOPE, None, since=date(2026, 8, 20)).leads == ()
    assert set(sec.paths()) == {SUBMISSIONS}


def test_a_long_sleep_is_caught_up_from_older_pages(edgar: Edgar, sec: EdgarServer) -> None:
    """If the recent page no longer reaches back to the cursor, the next page is read too."""
    sec.add(with_filings(SPRING))
    cursor = edgar.discover(SCOPE, None).cursor
    missed = Filed("0001990001-26-000020", "2026-06-10T07:00:00")
    page = ("CIK0001990001-submissions-001.json", (missed, SPRING))
    sec.add(replace(with_filings(LATEST), older=(page,)))
    found = edgar.discover(SCOPE, cursor)
    assert accessions(found.leads) == [missed.accession, LATEST.accession]


def test_a_company_the_sec_does_not_know_is_a_note(edgar: Edgar) -> None:
    """It names ticker and CIK; nothing is raised, the cursor stays."""
    found = edgar.discover(Scope("CIK0000000042", Company("NIX", "Nix", 42)), "kept")
    assert (found.leads, found.cursor) == ((), "kept")
    assert "NIX" in found.notes[0]
    assert "42" in found.notes[0]


def test_somebody_elses_cik_is_noticed(edgar: Edgar) -> None:
    """A wrong number in the watch list reads another company's releases."""
    found = edgar.discover(Scope(SCOPE.key, replace(BRW, ticker="OTH")), None)
    assert "BRIGHTWATER STORES INC (BRW)" in found.notes[0]


def test_a_company_without_results_is_a_note(edgar: Edgar, sec: EdgarServer) -> None:
    """Empty arrays and no 2.02 among the rows are both calm answers."""
    officer = replace(CALL, items="5.02,7.01,9.01")
    for filings in ((), (officer, PROXY)):
        sec.add(with_filings(*filings))
        found = edgar.discover(SCOPE, None)
        assert (found.leads, found.cursor) == ((), None)
        assert f"none of its {len(filings)} filings" in found.notes[0]


def test_unknown_columns_and_keys_change_nothing(edgar: Edgar, sec: EdgarServer) -> None:
    """The SEC adds columns without notice; they are read by name."""
    value = submissions_json(BRIGHTWATER)
    value["brandNew"] = {"deep": [1]}
    filings = value["filings"]
    assert isinstance(filings, dict)
    filings["recent"] = {"aNewColumn": [1], **filings["recent"]}
    sec.route("GET", SUBMISSIONS, Reply.json(value))
    assert accessions(edgar.discover(SCOPE, None).leads) == [LATEST.accession]


@pytest.mark.parametrize(
    "body",
    [
        b"[]",
        b"null",
        b'{"filings": 3}',
        b'{"filings": {}}',
        b'{"filings": {"recent": {}}}',
        b'{"filings": {"recent": {"accessionNumber": ["a"], "form": [], "items": [],'
        b' "acceptanceDateTime": []}}}',
    ],
)
def test_garbled_submissions_name_the_address(edgar: Edgar, sec: EdgarServer, body: bytes) -> None:
    """Well-formed JSON of the wrong shape is a failure of the call, not a crash."""
    sec.route("GET", SUBMISSIONS, Reply(body=body))
    with pytest.raises(BadAnswer) as caught:
        edgar.discover(SCOPE, None)
    assert SUBMISSIONS in caught.value.what


@pytest.mark.parametrize("body", [b"", b"{", b"<html><title>x</title></html>", b"\xff\xfe\x00"])
def test_what_is_not_json_is_tried_again(edgar: Edgar, sec: EdgarServer, body: bytes) -> None:
    """A page or half an answer in place of JSON may be gone at the next attempt."""
    good = Reply.json(submissions_json(BRIGHTWATER))
    sec.route("GET", SUBMISSIONS, Reply(body=body), good)
    assert accessions(edgar.discover(SCOPE, None).leads) == [LATEST.accession]


def test_the_filing_before(edgar: Edgar) -> None:
    """One step back at a time; before the first there is none."""
    lead = only(edgar)
    before = edgar.before(lead)
    assert before is not None
    assert before.external_id == SPRING.accession
    assert before.ticker == "BRW"
    assert edgar.before(before) is None


def test_the_correction_and_the_filing_it_corrects(edgar: Edgar, sec: EdgarServer) -> None:
    """An 8-K/A of the same day comes first; the 8-K is the one before it."""
    amended = Filed("0001990001-26-000033", "2026-08-19T15:43:06", form="8-K/A")
    sec.add(with_filings(amended, *BRIGHTWATER.filings))
    lead = only(edgar)
    assert lead.external_id == amended.accession
    before = edgar.before(lead)
    assert before is not None
    assert before.external_id == LATEST.accession


# ---- fetching


def test_the_release_is_found_by_its_type(edgar: Edgar) -> None:
    """Not by its name: the bytes of EX-99.1, as they were filed."""
    raw = edgar.fetch(only(edgar))
    assert raw.content == RELEASE.encode()
    assert raw.content_type == "text/html"
    assert raw.url.endswith("/000199000126000031/q2release.htm")


@pytest.mark.parametrize("missing", [1, 2])
def test_a_missing_index_is_made_up_for_by_the_next(
    edgar: Edgar, sec: EdgarServer, missing: int
) -> None:
    """Header page, page for people, whole submission: one of them is enough."""
    lead = only(edgar)
    for ending in ("-index-headers.html", "-index.html")[:missing]:
        sec.route("GET", filing_path(1990001, LATEST, ending), Reply(status=404))
    assert edgar.fetch(lead).content == RELEASE.encode()


def test_an_index_that_lists_nothing_is_made_up_for_too(edgar: Edgar, sec: EdgarServer) -> None:
    """A redesigned page is as good as none."""
    lead = only(edgar)
    page = Reply.html("<html><head><title>EDGAR</title></head><body>All new!</body></html>")
    for ending in ("-index-headers.html", "-index.html"):
        sec.route("GET", filing_path(1990001, LATEST, ending), page)
    assert edgar.fetch(lead).content == RELEASE.encode()


def test_a_filing_without_any_index_yet_is_tried_later(edgar: Edgar, sec: EdgarServer) -> None:
    """Pages can lag behind the listing by minutes; that is no verdict on the filing."""
    lead = only(edgar)
    for ending in ("-index-headers.html", "-index.html", ".txt"):
        sec.route("GET", filing_path(1990001, LATEST, ending), Reply(status=404))
    with pytest.raises(CallFailed) as caught:
        edgar.fetch(lead)
    assert LATEST.accession in caught.value.what


def test_a_filing_without_an_exhibit_holds_no_results(edgar: Edgar, sec: EdgarServer) -> None:
    """An officer's change under item 2.02: named with its items and what it holds."""
    officer = replace(
        LATEST, items="2.02,5.02,9.01", documents=(FiledDocument("8-K", "a.htm", b"<p>x</p>"),)
    )
    sec.add(with_filings(officer))
    with pytest.raises(NotResults, match=r"2\.02,5\.02,9\.01.*8-K"):
        edgar.fetch(only(edgar))


def test_an_exhibit_that_is_not_there_yet_is_tried_later(edgar: Edgar, sec: EdgarServer) -> None:
    """Listed and missing is a failure that keeps the document open."""
    lead = only(edgar)
    sec.route("GET", filing_path(1990001, LATEST, "/q2release.htm"), Reply(status=404))
    with pytest.raises(NotFound):
        edgar.fetch(lead)


def test_a_40_mb_exhibit_is_refused_by_size(edgar: Edgar, sec: EdgarServer) -> None:
    """Announced or not, compressed or not: it is left, and the reason says how big it is."""
    lead = only(edgar)
    path = filing_path(1990001, LATEST, "/q2release.htm")
    big = Reply(body=b" " * 40_000_000)
    sec.route("GET", path, big)
    with pytest.raises(DocumentRefused, match=r"EX-99\.1 q2release\.htm is 40\.0 MB.*1\.0 MB"):
        edgar.fetch(lead)
    sec.route("GET", path, big.gzipped())
    with pytest.raises(DocumentRefused, match="larger"):
        edgar.fetch(lead)


def test_the_index_alone_can_tell_that_it_is_too_large(edgar: Edgar, sec: EdgarServer) -> None:
    """Then the exhibit is not even asked for."""
    huge = replace(LATEST, documents=(FiledDocument("EX-99.1", "x.htm", b" " * 1_000_001),))
    sec.add(with_filings(huge))
    sec.route("GET", filing_path(1990001, huge, "-index-headers.html"), Reply(status=404))
    with pytest.raises(DocumentRefused, match=r"1\.0 MB"):
        edgar.fetch(only(edgar))
    assert filing_path(1990001, huge, "/x.htm") not in sec.paths()


def test_an_empty_exhibit_is_tried_again(edgar: Edgar, sec: EdgarServer) -> None:
    """Nothing is no document; if it stays nothing, the document stays open."""
    lead = only(edgar)
    path = filing_path(1990001, LATEST, "/q2release.htm")
    sec.route("GET", path, Reply(body=b" \n"), Reply(body=RELEASE.encode()))
    assert edgar.fetch(lead).content == RELEASE.encode()
    sec.route("GET", path, Reply(body=b""))
    with pytest.raises(BadAnswer):
        edgar.fetch(lead)


def test_half_an_exhibit_is_tried_again(edgar: Edgar, sec: EdgarServer) -> None:
    """A body cut off on the way never becomes the document."""
    lead = only(edgar)
    whole = Reply(body=RELEASE.encode())
    sec.route("GET", filing_path(1990001, LATEST, "/q2release.htm"), whole.truncated(90), whole)
    assert edgar.fetch(lead).content == RELEASE.encode()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"Brightwater reports", "text/plain"),
        (b"<DOCUMENT><TYPE>EX-99.1<TEXT><HTML><BODY>x", "text/html"),
        (b"%PDF-1.4 x", "application/pdf"),
    ],
)
def test_the_type_is_what_the_bytes_are(
    edgar: Edgar, sec: EdgarServer, content: bytes, kind: str
) -> None:
    """A text or a PDF behind a name that says .htm is not read as HTML."""
    lead = only(edgar)
    sec.route("GET", filing_path(1990001, LATEST, "/q2release.htm"), Reply(body=content))
    assert edgar.fetch(lead).content_type == kind


def test_a_picture_is_no_release(edgar: Edgar, sec: EdgarServer) -> None:
    """A scan behind a name that says .htm is refused and named."""
    lead = only(edgar)
    sec.route(
        "GET", filing_path(1990001, LATEST, "/q2release.htm"), Reply(body=b"\xff\xd8\xff\xe0")
    )
    with pytest.raises(DocumentRefused, match=r"q2release\.htm is a JPEG"):
        edgar.fetch(lead)


# ---- refusals


@pytest.mark.parametrize("status", [200, 403, 429])
@pytest.mark.parametrize("kind", ["undeclared", "rate"])
def test_a_refusal_page_is_never_a_document(
    edgar: Edgar, sec: EdgarServer, kind: str, status: int
) -> None:
    """On the exhibit's address, with whatever status: a failure with ten minutes' pause."""
    lead = only(edgar)
    page = Reply.html(refusal_page(kind), status)
    sec.route("GET", filing_path(1990001, LATEST, "/q2release.htm"), page)
    with pytest.raises(SecRefused) as caught:
        edgar.fetch(lead)
    assert caught.value.retry_after_s == 600
    assert not caught.value.accepted
    asked = len(sec.requests)
    with pytest.raises(Rejected):  # asking on would prolong the block
        edgar.fetch(lead)
    assert len(sec.requests) == asked


def test_after_the_pause_the_sec_is_asked_again(
    edgar: Edgar, sec: EdgarServer, clock: FakeClock
) -> None:
    """Ten minutes, no more."""
    good = Reply.json(submissions_json(BRIGHTWATER))
    sec.route("GET", SUBMISSIONS, Reply.html(refusal_page("rate"), 429), good)
    with pytest.raises(SecRefused):
        edgar.discover(SCOPE, None)
    clock.advance(601)
    assert accessions(edgar.discover(SCOPE, None).leads) == [LATEST.accession]


@pytest.mark.parametrize("status", [200, 403])
def test_a_refusal_in_place_of_json_is_told_from_a_broken_answer(
    edgar: Edgar, sec: EdgarServer, status: int
) -> None:
    """The person reads what to do, not that JSON could not be parsed."""
    sec.route("GET", SUBMISSIONS, Reply.html(refusal_page("undeclared"), status))
    with pytest.raises(SecRefused, match="SEC_CONTACT"):
        edgar.discover(SCOPE, None)


def test_a_longer_pause_in_the_header_is_kept(edgar: Edgar, sec: EdgarServer) -> None:
    """Retry-After counts where it is longer than the page's ten minutes."""
    sec.route("GET", SUBMISSIONS, Reply(status=429, headers={"retry-after": "1800"}))
    with pytest.raises(SecRefused) as caught:
        edgar.discover(SCOPE, None)
    assert caught.value.retry_after_s == 1800


def test_another_page_of_the_site_is_no_document_either(edgar: Edgar, sec: EdgarServer) -> None:
    """A maintenance page with status 200 is tried again and never stored."""
    lead = only(edgar)
    path = filing_path(1990001, LATEST, "/q2release.htm")
    sec.route("GET", path, Reply.html(refusal_page("maintenance")))
    with pytest.raises(BadAnswer, match="File Unavailable"):
        edgar.fetch(lead)


def test_a_release_may_speak_of_refusals(edgar: Edgar, sec: EdgarServer) -> None:
    """Only headings of a page count; a retailer that writes the same words is read."""
    lead = only(edgar)
    body = (
        b"<html><head><title>Release</title></head><body><p>Our request rate exceeded plan; an "
        b"undeclared automated tool raised the traffic limit. See SEC.gov | EDGAR</p></body></html>"
    )
    sec.route("GET", filing_path(1990001, LATEST, "/q2release.htm"), Reply(body=body))
    assert edgar.fetch(lead).content == body


def test_a_plain_403_is_about_the_document(edgar: Edgar, sec: EdgarServer) -> None:
    """Not every 403 is a block of ten minutes."""
    lead = only(edgar)
    path = filing_path(1990001, LATEST, "/q2release.htm")
    sec.route("GET", path, Reply(status=403, body=b"<Error><Code>AccessDenied</Code></Error>"))
    with pytest.raises(CallFailed) as caught:
        edgar.fetch(lead)
    assert not isinstance(caught.value, SecRefused)
    assert caught.value.retry_after_s is None


# ---- items under which anything may come


def test_where_nothing_is_filed_as_results_the_newest_exhibit_is_looked_at(
    edgar: Edgar, sec: EdgarServer
) -> None:
    """Some companies publish their quarters under 7.01; `before` goes back through them."""
    older = replace(CALL, accession="0001990001-26-000003", accepted="2026-03-05T16:20:00")
    sec.add(with_filings(CALL, older, PROXY))
    found = edgar.discover(SCOPE, None)
    assert accessions(found.leads) == [CALL.accession]
    assert "items 7.01, 8.01, 9.01" in found.leads[0].title
    before = edgar.before(found.leads[0])
    assert before is not None
    assert before.external_id == older.accession


def test_before_a_release_comes_the_release_before_it(edgar: Edgar) -> None:
    """Not the exhibit in between."""
    before = edgar.before(only(edgar))
    assert before is not None
    assert before.external_id == SPRING.accession


def test_a_new_exhibit_costs_two_requests(edgar: Edgar, sec: EdgarServer) -> None:
    """Which documents there are, and the one."""
    cursor = edgar.discover(SCOPE, None).cursor
    sales = Filed("0001990001-26-000040", "2026-08-19T16:20:00", items="8.01,9.01")
    sec.add(with_filings(sales, *BRIGHTWATER.filings))
    (lead,) = edgar.discover(SCOPE, cursor).leads
    sec.requests.clear()
    edgar.fetch(lead)
    assert len(sec.requests) == 2
