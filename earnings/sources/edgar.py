"""EDGAR: the press releases that retailers file with the SEC.

    submissions JSON -> 8-K with item 2.02 -> the filing's index -> exhibit 99.1 -> its bytes

Sales of a month, and some companies' quarters, come under items 7.01 and 8.01 instead, between
dividends and presentations. Those are listed too when they have an exhibit; it costs two
requests to look at one, and only what it says makes it results (jobs/understanding.py).

A lead is a filing, named for ever by its accession number; which of its documents is the
release is found out when it is fetched. Item 2.02 promises results and does not keep the
promise every time (officers' changes and corrections come under it), so a lead may turn out
to hold none: `before` then names the filing before it.

The SEC asks for at most ten requests a second over all machines and for a User-Agent that
says who asks. The pace is the policy's ("edgar"); without a contact this source is off.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time, timedelta

from earnings.filed_facts import FiledFact
from earnings.sources import edgar_feed, edgar_index
from earnings.sources.base import Discovery, DocumentRefused, Look, NotResults, Periodic, Scope
from earnings.sources.content import PDF, magic, sniff
from earnings.sources.edgar_cursor import BadCursor, Cursor, cursor_at, read_cursor
from earnings.sources.edgar_feed import FeedCursor, Page
from earnings.sources.edgar_filings import (
    EASTERN,
    Filing,
    Listing,
    Submissions,
    may_be_results,
)
from earnings.sources.edgar_index import Listed
from earnings.sources.edgar_pages import SERVICE, EdgarPages
from earnings.vocabulary import Company, Lead, RawDocument
from outside.errors import NotFound, TooLarge
from outside.http import HttpDoor
from resilience.clock import Clock

CLOCK_SKEW = timedelta(days=2)  # a filing "accepted" later than this from now is a wrong row


class Edgar:
    """The source. Knows nothing between calls."""

    def __init__(
        self,
        door: HttpDoor,
        clock: Clock,
        *,
        contact: str | None,
        version: str,
        www_url: str = "https://www.sec.gov",
        data_url: str = "https://data.sec.gov",
        enabled: bool = True,
        facts: bool = True,
        max_document_bytes: int = 25_000_000,
    ) -> None:
        self._pages = EdgarPages(
            door,
            clock,
            user_agent=f"RetailXAI/{version} {contact}",
            www_url=www_url,
            data_url=data_url,
        )
        self._clock = clock
        self._contact = contact
        self._enabled = enabled
        self._facts = facts
        self._max_document_bytes = max_document_bytes

    @property
    def name(self) -> str:
        return SERVICE

    def switched_off(self) -> str | None:
        if not self._enabled:
            return "set enabled = true under [edgar] in retailxai.toml"
        if not self._contact:
            return (
                "the SEC wants to know who asks: set "
                'SEC_CONTACT="Your Company you@your-company.com" (it needs no key)'
            )
        return None

    def greet(self) -> str:
        self._pages.greet()
        return "the SEC answers to this contact"

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        """One per company that the SEC knows."""
        return [
            Scope(f"CIK{company.cik:010d}", company)
            for company in companies
            if company.cik is not None and not company.is_sample
        ]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        company, cik = _company(scope)
        known, notes = _known(cursor)
        try:
            submissions = self._pages.submissions(cik)
        except NotFound:
            return Discovery((), cursor, (_not_in_edgar(company),))
        listing = self._reaching_back(submissions, known, since)
        filings = self._plausible(listing)
        if since is not None:
            chosen = [filing for filing in filings if filing.day >= since]
        elif known is not None:
            chosen = [filing for filing in filings if known.is_new(filing)]
        else:
            chosen = _latest(filings)
        moved = cursor_at(filings) if known is None else known.after(filings)
        if not filings and known is None:
            notes += (
                f"{company.ticker}: none of its {listing.rows:,} filings is an 8-K with item 2.02"
                ", nor one with an exhibit under 7.01 or 8.01",
            )
        return Discovery(
            leads=tuple(self._lead(filing, company, submissions.name) for filing in chosen),
            cursor=moved.text() if moved is not None else None,
            periodic=listing.periodic if self._facts else None,
            notes=(*notes, *_named(company, listing.notes), *_mismatch(company, submissions)),
        )

    def before(self, lead: Lead) -> Lead | None:
        company = Company(lead.ticker or "", lead.details["company"], int(lead.details["cik"]))
        try:
            submissions = self._pages.submissions(company.cik or 0)
        except NotFound:
            return None
        mark = (lead.published_at or self._clock.now(), lead.external_id)
        earlier = [filing for filing in submissions.listing.filings if filing.order < mark]
        return next(
            (self._lead(filing, company, submissions.name) for filing in _latest(earlier)), None
        )

    def fetch(self, lead: Lead) -> RawDocument:
        cik = int(lead.details["cik"])
        listed, whole = self._exhibit(lead, cik)
        url = self._pages.folder(cik, lead.external_id) + listed.filename
        if listed.size is not None and listed.size > self._max_document_bytes:
            raise self._too_large(listed, listed.size)
        if whole is not None:
            content = edgar_index.cut_out(whole, listed.filename) or b""
        else:
            try:
                content = self._pages.content(url, self._max_document_bytes)
            except TooLarge as error:
                raise self._too_large(listed, error.announced) from error
        found = magic(content)
        if found is not None and sniff(content) != PDF:
            raise DocumentRefused(f"{listed.type} {listed.filename} is {found}, not a document")
        return RawDocument(content, sniff(content), url, lead.title)

    def accepted(self, lead: Lead) -> None:
        """Nothing to tidy up at the SEC."""

    def refused(self, lead: Lead, reason: str) -> None:
        """Nothing to put aside at the SEC."""

    def facts(self, scope: Scope) -> Sequence[FiledFact]:
        """What the company tagged in its 10-Qs and 10-Ks, one request."""
        _, cik = _company(scope)
        return self._pages.facts(cik)

    def facts_in(self, scope: Scope, report: Periodic) -> Sequence[FiledFact]:
        """What the company tagged in one of them, which may be megabytes."""
        _, cik = _company(scope)
        if not edgar_index.is_filename(report.document):
            return ()
        return self._pages.facts_in(cik, report, self._max_document_bytes)

    # ---- the latest filings of everybody

    def look(self, companies: Sequence[Company], cursor: str | None) -> Look:
        """Who of `companies` filed since the last look, by the feed of the latest filings: one
        request, and more only as far as what is known lies further back than a page.

        Raises CallError.
        """
        known = edgar_feed.read_cursor(cursor)
        by_cik = {scope.company.cik: scope for scope in self.scopes(companies) if scope.company}
        pages = [self._pages.latest()]
        while _goes_on(pages, known):
            pages.append(self._pages.latest(len(pages)))
        entries = [entry for page in pages for entry in page.entries]
        mine = {
            entry.accession: entry
            for entry in entries
            if entry.cik in by_cik and entry.accession not in known.seen
        }
        new = [entry for entry in mine.values() if may_be_results(entry.items)]
        moved = known.after(entries, mine.values(), new)
        hits = {entry.accession: by_cik[entry.cik] for entry in new}
        again = {
            name: by_cik[each.cik] for name, each in known.waiting.items() if each.cik in by_cik
        }
        missed = bool(known.latest) and _goes_on(pages, known, most=edgar_feed.MOST_PAGES + 1)
        note = "the feed does not reach back to the last look; the daily scan finds the rest"
        return Look({**again, **hits}, moved.text(), len(pages), (note,) if missed else ())

    def looked(self, cursor: str, stored: Iterable[str]) -> str:
        """The cursor of a look once its companies were asked and `stored` is what is known."""
        return edgar_feed.read_cursor(cursor).without(stored).text()

    # ---- listing

    def _reaching_back(
        self, submissions: Submissions, known: Cursor | None, since: date | None
    ) -> Listing:
        """The listing, with older pages as far as `since` or the cursor need them."""
        listing = submissions.listing
        needed = known.since if known is not None else None
        if since is not None:
            day = datetime.combine(since, time(), tzinfo=EASTERN).astimezone(UTC)
            needed = min(day, needed) if needed is not None else day
        if needed is None or (listing.reaches_to is not None and listing.reaches_to < needed):
            return listing
        first_day = needed.astimezone(EASTERN).date()
        for page in submissions.older:
            if page.until < first_day:
                continue
            listing = listing.with_older(self._pages.older(page))
        return listing

    def _plausible(self, listing: Listing) -> list[Filing]:
        """Without filings from the future, which would carry the cursor away with them."""
        latest = self._clock.now() + CLOCK_SKEW
        return [filing for filing in listing.filings if filing.accepted <= latest]

    def _lead(self, filing: Filing, company: Company, name: str) -> Lead:
        folder = self._pages.folder(company.cik or 0, filing.accession)
        return Lead(
            source=SERVICE,
            external_id=filing.accession,
            title=f"{name or company.name}: {filing.form} of {filing.day:%Y-%m-%d}, "
            + ("results" if filing.is_results else f"items {', '.join(filing.items)}"),
            url=f"{folder}{filing.accession}-index.html",
            published_at=filing.accepted,
            ticker=company.ticker or None,
            details={
                "cik": str(company.cik),
                "company": company.name,
                "form": filing.form,
                "items": ",".join(filing.items),
                "report_date": filing.report_date,
            },
        )

    # ---- one filing

    def _exhibit(self, lead: Lead, cik: int) -> tuple[Listed, bytes | None]:
        """The release as the filing's index lists it; with the whole submission where only
        that could be read."""
        limit = self._max_document_bytes
        documents, whole = self._pages.documents(cik, lead.external_id, limit)
        chosen = edgar_index.exhibit(documents)
        if chosen is None:
            held = ", ".join(f"{listed.type} {listed.filename}" for listed in documents[:4])
            form, items = lead.details.get("form", "8-K"), lead.details.get("items", "?")
            raise NotResults(
                f"{lead.external_id} ({form}, items {items}) has no exhibit 99 to read; it "
                f"begins with {held}"
            )
        return chosen, whole

    def _too_large(self, listed: Listed, size: int | None) -> DocumentRefused:
        told = f"{size / 1e6:,.1f} MB" if size else "larger"
        limit = f"{self._max_document_bytes / 1e6:,.1f} MB"
        return DocumentRefused(f"{listed.type} {listed.filename} is {told}; the limit is {limit}")


def _latest(filings: Sequence[Filing]) -> list[Filing]:
    """The newest that is filed as results; where none ever was, the newest that may be some."""
    return ([filing for filing in filings if filing.is_results] or list(filings))[-1:]


def _goes_on(pages: Sequence[Page], known: FeedCursor, most: int = edgar_feed.MOST_PAGES) -> bool:
    """Whether the next page may hold what is not known. The first look has the newest only."""
    last = pages[-1]
    if known.latest is None or not last.is_full or len(pages) >= most:
        return False
    return last.reaches_to is None or last.reaches_to >= known.latest


def _company(scope: Scope) -> tuple[Company, int]:
    if scope.company is None or scope.company.cik is None:
        raise ValueError(f"EDGAR is asked per company with a CIK, not for {scope.key!r}")
    return scope.company, scope.company.cik


def _known(cursor: str | None) -> tuple[Cursor | None, tuple[str, ...]]:
    if cursor is None:
        return None, ()
    try:
        return read_cursor(cursor), ()
    except BadCursor as wrong:
        return None, (f"{wrong}; begun anew with the latest filing",)


def _not_in_edgar(company: Company) -> str:
    return (
        f"{company.ticker}: CIK {company.cik} is not in EDGAR; correct it in retailxai.toml "
        "(https://www.sec.gov/files/company_tickers.json lists them) or take it out"
    )


def _named(company: Company, notes: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{company.ticker}: {note}" for note in notes)


def _mismatch(company: Company, submissions: Submissions) -> tuple[str, ...]:
    """A wrong CIK reads somebody else's releases: say so. A company without any ticker
    (delisted) proves nothing."""
    theirs = {ticker.upper().replace(".", "-") for ticker in submissions.tickers}
    if not theirs or company.ticker.upper().replace(".", "-") in theirs:
        return ()
    return (
        f"{company.ticker}: CIK {company.cik} is {submissions.name} "
        f"({', '.join(sorted(theirs))}) in EDGAR; check the CIK in retailxai.toml",
    )
