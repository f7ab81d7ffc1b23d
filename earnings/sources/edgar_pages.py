"""Asking the SEC: one method per thing it can be asked for, every answer checked.

Whatever comes back is first looked at for a refusal (edgar_refusal), inside the policy, so
that a refusal holds back everybody who asks.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from earnings.filed_facts import FiledFact, GarbledFacts, read_facts
from earnings.inline_facts import Filed, read_inline
from earnings.sources import edgar_feed, edgar_index, edgar_refusal
from earnings.sources.base import Periodic
from earnings.sources.edgar_feed import GarbledFeed, Page
from earnings.sources.edgar_filings import (
    EASTERN,
    GarbledSubmissions,
    Listing,
    OlderPage,
    Submissions,
    read_columns,
    read_submissions,
)
from earnings.sources.edgar_index import Listed
from outside.answers import HttpAnswer
from outside.errors import BadAnswer, NotFound
from outside.http import HttpDoor
from resilience.clock import Clock
from resilience.outcomes import CallFailed, Outcome

SERVICE = "edgar"
ALWAYS_THERE = 320193  # the company that the SEC's own examples of this address use
MAX_INDEX_BYTES = 5_000_000
MAX_FEED_BYTES = 5_000_000
MAX_FACTS_BYTES = 60_000_000
MAX_SUBMISSIONS_BYTES = 40_000_000


class EdgarPages:
    """The SEC's two hosts. Every method raises CallError, NotFound among them."""

    def __init__(
        self, door: HttpDoor, clock: Clock, *, user_agent: str, www_url: str, data_url: str
    ) -> None:
        self._door = door
        self._clock = clock
        self._user_agent = user_agent
        self._www_url = www_url.rstrip("/")
        self._data_url = data_url.rstrip("/")

    def greet(self) -> None:
        """Ask for a page that is always there."""
        self._json(f"{self._data_url}/submissions/CIK{ALWAYS_THERE:010d}.json")

    def submissions(self, cik: int) -> Submissions:
        url = f"{self._data_url}/submissions/CIK{cik:010d}.json"
        try:
            return read_submissions(self._json(url))
        except GarbledSubmissions as wrong:
            raise _garbled(url, wrong) from wrong

    def older(self, page: OlderPage) -> Listing:
        url = f"{self._data_url}/submissions/{page.name}"
        try:
            return read_columns(self._json(url))
        except GarbledSubmissions as wrong:
            raise _garbled(url, wrong) from wrong

    def latest(self, page: int = 0) -> Page:
        """The newest 8-Ks of everybody; `page` 1 are those before."""
        start = f"&count={edgar_feed.PAGE}&start={page * edgar_feed.PAGE}"
        url = f"{self._www_url}/cgi-bin/browse-edgar?action=getcurrent&type=8-K{start}&output=atom"

        def is_feed(answer: HttpAnswer) -> None:
            try:
                edgar_feed.read_page(answer.body)
            except GarbledFeed as wrong:
                what = f"{answer.url} answered what is no feed of filings: {wrong}"
                raise BadAnswer(SERVICE, what, retryable=True, answer=answer) from wrong

        return edgar_feed.read_page(self._get(url, MAX_FEED_BYTES, is_feed).body)

    def facts(self, cik: int) -> list[FiledFact]:
        """What a company tagged in its reports; [] if the SEC has none of it."""
        url = f"{self._data_url}/api/xbrl/companyfacts/CIK{cik:010d}.json"
        try:
            return read_facts(self._get(url, MAX_FACTS_BYTES, _is_json).body)
        except NotFound:
            return []
        except GarbledFacts as wrong:
            what = f"{url} answered JSON that cannot be used: {wrong}"
            raise BadAnswer(SERVICE, what) from wrong

    def facts_in(self, cik: int, report: Periodic, max_bytes: int) -> list[FiledFact]:
        """What is tagged in a report itself."""
        url = self.folder(cik, report.accession) + report.document
        filed = report.accepted.astimezone(EASTERN).date()
        try:
            return read_inline(
                self.content(url, max_bytes), Filed(cik, report.form, report.accession, filed)
            )
        except GarbledFacts as wrong:
            raise BadAnswer(SERVICE, f"{url} cannot be used: {wrong}") from wrong

    def folder(self, cik: int, accession: str) -> str:
        """The address of a filing's folder, with its slash."""
        return f"{self._www_url}/Archives/edgar/data/{cik}/{accession.replace('-', '')}/"

    def documents(
        self, cik: int, accession: str, max_bytes: int
    ) -> tuple[Sequence[Listed], bytes | None]:
        """What a filing consists of, from the first form of its index that can be read; with
        the whole submission (up to `max_bytes`) if that was the one."""
        base = self.folder(cik, accession) + accession
        headers = self._found(f"{base}-index-headers.html", MAX_INDEX_BYTES)
        documents = edgar_index.from_sgml(headers.text()) if headers else ()
        if documents:
            return documents, None
        page = self._found(f"{base}-index.html", MAX_INDEX_BYTES)
        documents = edgar_index.from_page(page.body) if page else ()
        if documents:
            return documents, None
        submission = self._found(f"{base}.txt", max_bytes)
        whole = submission.body if submission else b""
        documents = edgar_index.from_sgml(whole.decode("latin-1"))
        if documents:
            return documents, whole
        raise CallFailed(
            SERVICE,
            f"{accession}: no index of this filing can be read yet ({base}-index.html)",
            outcome=Outcome.NEUTRAL,
            fix="the next scan tries again",
        )

    def content(self, url: str, max_bytes: int) -> bytes:
        """A document's bytes; an empty answer is a failure. Raises TooLarge."""
        return self._get(url, max_bytes, _not_empty).body

    def _json(self, url: str) -> Any:
        return self._get(url, MAX_SUBMISSIONS_BYTES, _is_json).json()

    def _found(self, url: str, max_bytes: int) -> HttpAnswer | None:
        try:
            return self._get(url, max_bytes)
        except NotFound:
            return None

    def _get(
        self, url: str, max_bytes: int, also: Callable[[HttpAnswer], None] | None = None
    ) -> HttpAnswer:
        def check(answer: HttpAnswer) -> None:
            edgar_refusal.check(answer, self._clock)
            if also is not None and answer.status == 200:
                also(answer)

        headers = {"user-agent": self._user_agent}
        return self._door.get(SERVICE, url, headers=headers, max_bytes=max_bytes, check=check)


def _is_json(answer: HttpAnswer) -> None:
    answer.json()


def _not_empty(answer: HttpAnswer) -> None:
    if not answer.body.strip():
        raise BadAnswer(SERVICE, f"{answer.url} answered nothing", retryable=True, answer=answer)


def _garbled(url: str, wrong: GarbledSubmissions) -> BadAnswer:
    return BadAnswer(SERVICE, f"{url} answered JSON that cannot be used: {wrong}")
