"""The one door: the right reader for the bytes, and only refusals with reasons."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from earnings.reading.base import UnreadableDocument
from earnings.reading.plain import read_plain
from earnings.reading.reader import read
from earnings.reading.suspicions import suspicions
from earnings.vocabulary import RawDocument

KINDS = ("text/html", "application/pdf", "text/plain", "text/csv", "image/png")


def test_the_kind_decides_the_reader() -> None:
    """HTML and text come from their own readers, parameters of the kind do not matter."""
    assert read(RawDocument(b"<p>Larch</p>", "text/html; charset=utf-8")).reader == "html-3"
    assert read(RawDocument(b"Larch reports", "text/plain")).reader == "plain-3"


def test_html_filed_as_text_is_read_as_html() -> None:
    """An exhibit named .txt may hold markup."""
    filed = b"<DOCUMENT><TYPE>EX-99.1<TEXT><html><body><p>Larch</p></body></html></TEXT></DOCUMENT>"
    assert read(RawDocument(filed, "text/plain")).text == "Larch\n"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b"  \n "])
def test_the_empty_document_is_refused(kind: str, content: bytes) -> None:
    """Nothing in it is said to be nothing in it."""
    with pytest.raises(UnreadableDocument, match="empty"):
        read(RawDocument(content, kind))


def test_other_kinds_are_named() -> None:
    """The message says what came and what is read."""
    with pytest.raises(UnreadableDocument, match='"image/png" are not read'):
        read(RawDocument(b"\x89PNG", "image/png"))


def test_binary_is_no_text() -> None:
    """A program renamed to .txt is refused."""
    with pytest.raises(UnreadableDocument, match="binary"):
        read_plain(bytes(range(1, 32)) * 20)


def test_typewritten_paragraphs_are_unwrapped() -> None:
    """Wrapped lines are one paragraph, an empty line ends it, a short line stands alone."""
    text = "LARCH STORES\n\nNet sales of the company in the second quarter rose to $1.2\nbillion.\n"
    assert read_plain(text.encode()).text.splitlines() == [
        "LARCH STORES",
        "Net sales of the company in the second quarter rose to $1.2 billion.",
    ]


def test_the_same_bytes_give_the_same_text() -> None:
    """Spans are stored against a reader's name: reading again may not move them."""
    raw = RawDocument(
        b"<p>Larch</p><table><tr><td>Sales</td><td>$</td><td>5</td></tr></table>", "text/html"
    )
    assert read(raw) == read(raw)


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(KINDS))
def test_any_bytes_of_any_kind(content: bytes, kind: str) -> None:
    """A reading or UnreadableDocument, never another error."""
    with contextlib.suppress(UnreadableDocument):
        assert read(RawDocument(content, kind)).text


SEEN = "Net sales rose to $1.2 billion in the quarter."


@pytest.mark.parametrize("kind", ["text/plain", "text/html"])
@pytest.mark.parametrize(
    ("more", "counted"),
    [
        (" x" + "9" * 5_000, {"endless": 1}),
        (" one" * 1_000, {"endless": 1}),
        ("\u200b" * 7 + "\U000e0041", {"invisible": 8}),
    ],
)
def test_what_speaks_to_programs_is_left_out_and_counted(
    kind: str, more: str, counted: dict[str, int]
) -> None:
    """Whatever a document is: no person sees the one, or reads the other."""
    text = f"{SEEN}{more}"
    content = text if kind == "text/plain" else f"<html><body><p>{text}</p></body></html>"
    reading = read(RawDocument(content.encode(), kind))
    assert reading.text.strip() == SEEN
    assert suspicions(reading) == counted
