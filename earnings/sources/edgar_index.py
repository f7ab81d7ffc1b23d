"""Which documents a filing consists of, and which of them is the press release.

A filing's index exists in three forms, tried in this order:

  -index-headers.html   EDGAR's own header: one SGML tag per line, a few KB, no layout
  -index.html           the page for people: a table with a Type column inside the SEC's
                        site design, which changes
  .txt                  the whole submission, in the same SGML; may hold megabytes of images

`index.json` lists the files without their types and is of no use: names tell nothing
(a release may be called q2fy27pr.htm), types do.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lxml import etree
from lxml import html as lxml_html

from earnings.regexes import lazy_regex

_NAME = lazy_regex(r"[\w][\w.\-]{0,200}")
_EXHIBIT = lazy_regex(r"EX-99(?:\.0*([0-9]{1,3}))?")
_COPIES = (".pdf", ".jpg", ".jpeg", ".gif", ".png", ".zip", ".xlsx", ".xml", ".xsd")
_HEAD = lazy_regex(r"^<DOCUMENT>[ \t]*\r?\n((?:<[A-Z]+>[^\n]*\n){1,8}?)<TEXT>", re.MULTILINE)
_TAG = lazy_regex(r"^<([A-Z]+)>([^\r\n]*)", re.MULTILINE)
_END = lazy_regex(r"</TEXT>|^</DOCUMENT>", re.MULTILINE)  # a header page has no </TEXT>


@dataclass(frozen=True)
class Listed:
    """One document of a filing. `size` in bytes where the index says it."""

    type: str
    filename: str
    description: str = ""
    size: int | None = None


def is_filename(name: str) -> bool:
    return _NAME.fullmatch(name) is not None


def from_sgml(text: str) -> tuple[Listed, ...]:
    """The documents of a submission in SGML, or of its -index-headers.html."""
    if "&lt;DOCUMENT&gt;" in text:
        text = html.unescape(text)
    return tuple(listed for listed, _, _ in _documents(text))


def from_page(content: bytes) -> tuple[Listed, ...]:
    """The documents in the tables of an -index.html page; () if it has none such."""
    try:
        tree = lxml_html.fromstring(content)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return ()
    found: list[Listed] = []
    for table in tree.iter("table"):
        rows = [[cell for cell in row if cell.tag in {"td", "th"}] for row in table.iter("tr")]
        heads = [_words(cell).lower() for cell in rows[0]] if rows else []
        if "type" in heads and "document" in heads:
            found += filter(None, (_row(heads, row) for row in rows[1:]))
    return tuple(found)


def exhibit(documents: Sequence[Listed]) -> Listed | None:
    """The press release: EX-99.1, else EX-99 or EX-99.01, else the lowest numbered EX-99.

    Of one type the first; pictures and unofficial PDF copies are passed over.
    """
    ranked: list[tuple[int, int, int, Listed]] = []
    for place, listed in enumerate(documents):
        match = _EXHIBIT.fullmatch(listed.type.upper())
        if match is None or listed.filename.lower().endswith(_COPIES):
            continue
        number = int(match.group(1) or 1)
        spelling = 0 if listed.type.upper() == f"EX-99.{number}" else 1
        ranked.append((number, spelling, place, listed))
    return min(ranked, key=lambda entry: entry[:3])[3] if ranked else None


def cut_out(submission: bytes, filename: str) -> bytes | None:
    """The bytes of one document of a whole submission, None if it is not in there."""
    text = submission.decode("latin-1")  # a byte a character, and back again
    for listed, start, end in _documents(text):
        if listed.filename == filename:
            return text[start:end].strip("\r\n").encode("latin-1")
    return None


def _documents(text: str) -> Iterator[tuple[Listed, int, int]]:
    """Each document's header, and where its text starts and ends. What stands inside a text
    is skipped, so that a document cannot pretend to be two."""
    position = 0
    while head := _HEAD.search(text, position):
        tags = {name: value.strip() for name, value in _TAG.findall(head.group(1))}
        end = _END.search(text, head.end())
        position = end.start() if end else len(text)
        name = tags.get("FILENAME", "")
        if tags.get("TYPE") and _NAME.fullmatch(name):
            listed = Listed(tags["TYPE"], name, tags.get("DESCRIPTION", ""))
            yield listed, head.end(), position


def _row(heads: Sequence[str], cells: Sequence[lxml_html.HtmlElement]) -> Listed | None:
    if len(cells) != len(heads):
        return None
    by_head = dict(zip(heads, cells, strict=True))
    links = by_head["document"].xpath(".//a/@href")
    href = str(links[0]) if isinstance(links, list) and links else ""
    name = href.rpartition("/")[2] or _words(by_head["document"])
    kind = _words(by_head["type"])
    if not kind or not _NAME.fullmatch(name):
        return None
    size = _words(by_head["size"]) if "size" in by_head else ""
    description = _words(by_head["description"]) if "description" in by_head else ""
    return Listed(kind, name, description, int(size) if size.isascii() and size.isdigit() else None)


def _words(cell: lxml_html.HtmlElement) -> str:
    return " ".join(str(cell.text_content()).split())
