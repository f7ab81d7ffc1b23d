"""The one door to reading: bytes of any kind we take to a `Reading`."""

from __future__ import annotations

from earnings.reading.base import Reading, UnreadableDocument
from earnings.reading.call import read_call
from earnings.reading.html import read_html
from earnings.reading.plain import read_plain
from earnings.reading.sheet import CSV, XLSX, read_sheet
from earnings.recording import RECORDING
from earnings.vocabulary import RawDocument

HTML = "text/html"
PDF = "application/pdf"
PLAIN = "text/plain"
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<body", b"<document>", b"<p>", b"<div", b"<p ")


def read(raw: RawDocument) -> Reading:
    """Raises UnreadableDocument with the reason, and nothing else."""
    if not raw.content.strip():
        raise UnreadableDocument("the document is empty")
    kind = raw.content_type.split(";")[0].strip().lower()
    if kind in (HTML, "application/xhtml+xml"):
        return read_html(raw.content)
    if kind == PDF:
        from earnings.reading.pdf import read_pdf  # PDFium is loaded when there is a PDF to read

        return read_pdf(raw.content)
    if kind == PLAIN:
        return read_html(raw.content) if _is_markup(raw.content) else read_plain(raw.content)
    if kind in (CSV, XLSX):
        return read_sheet(raw.content, kind)
    if kind == RECORDING:
        return read_call(raw.content)
    raise UnreadableDocument(
        f'documents of type "{kind}" are not read; HTML, PDF, plain text, CSV and XLSX are'
    )


def _is_markup(content: bytes) -> bool:
    """Exhibits filed as .txt may hold HTML in their <TEXT>."""
    head = content[:6000].lower()
    found = sum(mark in head for mark in _MARKUP if mark != b"<document>")
    return found > 0 and b"</" in content[:60000]
