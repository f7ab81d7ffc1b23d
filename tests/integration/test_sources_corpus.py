"""The parsing of EDGAR's answers over recorded ones, where there are any.

RETAILXAI_CORPUS names a folder with `edgar/submissions`, `edgar/pages`, `edgar/sgml`.
"""

from __future__ import annotations

import json
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from earnings.sources import edgar_refusal
from earnings.sources.content import HTML, sniff
from earnings.sources.edgar_cursor import cursor_at, read_cursor
from earnings.sources.edgar_filings import EASTERN, Submissions, read_submissions
from earnings.sources.edgar_index import cut_out, exhibit, from_page, from_sgml
from outside.answers import HttpAnswer
from resilience.testing import FakeClock

pytestmark = pytest.mark.corpus


def recorded(folder: str, pattern: str) -> list[Path]:
    root = os.environ.get("RETAILXAI_CORPUS")
    files = sorted(Path(root, "edgar", folder).glob(pattern)) if root else []
    return files or [Path("none")]


def present(path: Path) -> Path:
    if not path.exists():
        pytest.skip("set RETAILXAI_CORPUS to a folder of recorded answers")
    return path


def named(path: Path) -> str:
    return path.name[-40:]


def read(path: Path) -> Submissions:
    return read_submissions(json.loads(present(path).read_bytes()))


submissions = pytest.mark.parametrize("path", recorded("submissions", "*.json"), ids=named)


@submissions
def test_years_of_quarterly_results_are_found(path: Path) -> None:
    """A company reports about four times a year; what only its exhibit can tell comes on top of
    that, and is no flood. Every row can be read."""
    listing = read(path).listing
    assert listing.notes == ()
    years = (listing.filings[-1].accepted - listing.filings[0].accepted) / timedelta(days=365)
    reported = [filing for filing in listing.filings if filing.is_results]
    assert 3 * years <= len(reported) <= 7 * years + 2
    assert len(listing.filings) <= 12 * years + 2


@submissions
def test_filings_are_accepted_while_edgar_is_open(path: Path) -> None:
    """Read as Eastern, no acceptance falls into the night; read as UTC, many would."""
    for filing in read(path).listing.filings:
        assert 6 <= filing.accepted.astimezone(EASTERN).hour < 22, filing


@submissions
def test_replayed_filing_by_filing_none_is_skipped_or_repeated(path: Path) -> None:
    """As a daily scan would have met them."""
    filings = read(path).listing.filings
    cursor = cursor_at(filings[:1])
    assert cursor is not None
    taken = [filings[0].accession]
    for number in range(1, len(filings)):
        visible = filings[: number + 1]
        taken += [filing.accession for filing in visible if cursor.is_new(filing)]
        cursor = read_cursor(cursor.after(visible).text())
    assert taken == [filing.accession for filing in filings]


@pytest.mark.parametrize("path", recorded("pages", "*index-headers.html"), ids=named)
def test_header_pages_list_their_documents(path: Path) -> None:
    """As many as links of documents on the page; the first is the form."""
    text = present(path).read_text(encoding="utf-8")
    documents = from_sgml(text)
    assert len(documents) == len(set(re.findall(r">Document (\d+) - ", text)))
    assert documents[0].type == "8-K"


@pytest.mark.parametrize("path", recorded("pages", "*-index.html"), ids=named)
def test_pages_for_people_list_their_documents(path: Path) -> None:
    """Every row with a type is there, with its size; the release has type EX-99.1."""
    content = present(path).read_bytes()
    documents = from_page(content)
    assert documents[0].type == "8-K"
    assert all(document.size for document in documents)
    chosen = exhibit(documents)
    assert (chosen is not None) == (b">EX-99.1<" in content)


@pytest.mark.parametrize("path", recorded("sgml", "*.txt"), ids=named)
def test_whole_submissions_come_apart(path: Path) -> None:
    """Every document of it is listed; a release cut out is whole HTML."""
    content = present(path).read_bytes()
    documents = from_sgml(content.decode("latin-1"))
    assert len(documents) == len(re.findall(rb"^<DOCUMENT>", content, re.MULTILINE))
    chosen = exhibit(documents)
    if chosen is not None:
        release = cut_out(content, chosen.filename)
        assert release is not None
        assert sniff(release) == HTML
        assert release.rstrip().upper().endswith(b"</HTML>")


@pytest.mark.parametrize(
    "path",
    [*recorded("pages", "SEC.AutomatedTool.html"), *recorded("pages", "rate-exceeded.html")],
    ids=named,
)
@pytest.mark.parametrize("status", [200, 403, 429])
def test_refusal_pages_are_recognised(path: Path, status: int) -> None:
    """With any status."""
    answer = HttpAnswer(status, {}, present(path).read_bytes(), "https://www.sec.gov/x", "edgar")
    with pytest.raises(edgar_refusal.SecRefused):
        edgar_refusal.check(answer, FakeClock())


@pytest.mark.parametrize(
    "path",
    [
        *recorded("pages", "*index*.html"),
        *recorded("covers_8k", "*.html"),
        *recorded("sgml", "*.txt"),
        *recorded("submissions", "*.json"),
        *recorded("../releases", "*.htm*"),
    ],
    ids=named,
)
def test_nothing_else_is_taken_for_a_refusal(path: Path) -> None:
    """Documents, indices and listings pass."""
    answer = HttpAnswer(200, {}, present(path).read_bytes(), "https://www.sec.gov/x", "edgar")
    edgar_refusal.check(answer, FakeClock())
