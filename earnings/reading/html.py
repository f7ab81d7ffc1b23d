"""HTML as filed with the SEC, or saved by a person, to a `Reading`.

The parser's events are followed instead of building a tree: depth costs nothing, memory
stays near the size of the text, and every limit can stop the work midway.
"""

from __future__ import annotations

import re
from dataclasses import replace

from lxml import etree

from earnings.reading.assemble import assemble
from earnings.reading.base import Reading, UnreadableDocument
from earnings.reading.decoding import decode
from earnings.reading.html_events import PageEvents
from earnings.regexes import lazy_regex

READER = "html-3"
MAX_BYTES = 40_000_000
_CHUNK = 1 << 16
_TYPED = lazy_regex(r"<TYPE>\s*([^\s<]+)", re.I)
_BODY = lazy_regex(r"<TEXT>", re.I)
_BODY_END = lazy_regex(r"</TEXT>", re.I)


def read_html(content: bytes) -> Reading:
    """Raises UnreadableDocument: too large, nothing in it."""
    if len(content) > MAX_BYTES:
        raise UnreadableDocument(
            f"{len(content) / 1e6:.1f} MB of HTML; the limit is {MAX_BYTES // 1_000_000} MB"
        )
    page = PageEvents()
    # the stubs allow bytes too; lxml hands over str
    parser = etree.HTMLParser(target=page, encoding="utf-8", huge_tree=True)  # type: ignore[arg-type]
    data = exhibit(decode(content)).replace("\0", "").encode("utf-8", "replace")
    try:
        for start in range(0, len(data), _CHUNK):
            parser.feed(data[start : start + _CHUNK])
        parser.close()
    except etree.LxmlError as error:
        if not data.strip():
            raise UnreadableDocument("the document is empty") from error
        raise UnreadableDocument(f"the HTML cannot be parsed: {error}") from error
    reading = assemble(page.blocks(), READER)
    return replace(
        reading,
        warnings=(*page.warnings(), *reading.warnings),
        hidden=page.hidden,
        invisible=page.invisible,
        floods=page.floods,
    )


def exhibit(text: str) -> str:
    """The body of the document in an EDGAR wrapper: the first EX-99, else the first."""
    head = text[:3000]
    typed = _TYPED.search(head)
    if typed is None or "<text>" not in head.lower():
        return text
    documents = [(m[1].upper(), m.end()) for m in _TYPED.finditer(text)]
    _, start = next((d for d in documents if d[0].startswith("EX-99")), documents[0])
    body = _BODY.search(text, start)
    if body is None:
        return text
    end = _BODY_END.search(text, body.end())
    return text[body.end() : end.start() if end is not None else len(text)]
