"""PDF to a `Reading`: words with their places, lines, then tables from the columns they form.

PDFium is not safe to call from two threads, so one document is read at a time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace

import pypdfium2

from earnings.reading import layout, ligatures, paging
from earnings.reading.assemble import assemble
from earnings.reading.base import Reading, UnreadableDocument
from earnings.reading.blocks import Block, Piece
from earnings.reading.characters import clean, invisible_in, without_floods
from earnings.reading.pdf_lines import Letter, lines
from earnings.reading.pdf_unseen import Unseen

READER = "pdf-3"
MAX_BYTES = 40_000_000
MAX_PAGES = 400
_MAX_LETTERS = 3_000_000
_SAYS_SOMETHING = 8  # letters that are hidden in a row; real releases have some lost ones
_UNREADABLE_SHARE = 0.12  # of the letters; real releases stay under 0.01
_SPECIAL = {0: ligatures.LOST, 2: "-", 0xFFFE: ligatures.LOST}  # 2: a hyphen at a line's end
_ONE_AT_A_TIME = threading.Lock()


def read_pdf(content: bytes) -> Reading:
    """Raises UnreadableDocument: broken, encrypted, a scan, or text without letters."""
    if len(content) > MAX_BYTES:
        raise UnreadableDocument(
            f"{len(content) / 1e6:.1f} MB of PDF; the limit is {MAX_BYTES // 1_000_000} MB"
        )
    hidden: list[_Hidden] = []
    with _ONE_AT_A_TIME:
        pages = list(_pages(content, hidden))
    if not any(pages):
        raise UnreadableDocument(
            f"its {len(pages)} pages hold pictures and no text layer that can be seen (a scan); "
            "a copy with text, or the HTML one, can be read"
        )
    _refuse_unreadable(pages)
    repaired, lost = ligatures.repair("\f".join("\v".join(_texts(page)) for page in pages))
    blocks: list[Block] = []
    floods = 0
    for page, text in zip(pages, repaired.split("\f"), strict=True):
        said, flooded = _without_floods(text.split("\v"))
        blocks = paging.joined(blocks, layout.blocks(_with_texts(page, said)))
        floods += flooded
    warnings = [f"letters lost in {lost} words"] if lost else []
    unseen = sum(one.letters for one in hidden)
    if unseen:
        warnings.append(f"hidden text left out: {unseen:,} letters")
    return replace(
        assemble(blocks, READER, tuple(warnings)),
        hidden=sum(one.places for one in hidden),
        invisible=invisible_in(repaired),
        floods=floods,
    )


@dataclass
class _Hidden:
    """What of a page nobody can see: so many letters, and how many runs of them say something."""

    letters: int = 0
    places: int = 0


def _pages(content: bytes, hidden: list[_Hidden]) -> Iterator[list[list[Piece]]]:
    """Each page's lines; `hidden` takes what of each nobody can see."""
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower() or b"/Encrypt" in content:
            raise UnreadableDocument("the PDF is encrypted and needs a password") from error
        raise UnreadableDocument(f"the PDF cannot be opened: {error}") from error
    with closing(document):
        if len(document) > MAX_PAGES:
            raise UnreadableDocument(f"{len(document)} pages; the limit is {MAX_PAGES}")
        total = 0
        for index in range(len(document)):
            letters, unseen = _letters(document, index)
            hidden.append(unseen)
            total += len(letters) + unseen.letters
            if total > _MAX_LETTERS:
                raise UnreadableDocument(f"more than {_MAX_LETTERS:,} letters of text")
            yield lines(letters)


def _letters(document: pypdfium2.PdfDocument, index: int) -> tuple[list[Letter], _Hidden]:
    """The letters of a page that a person sees, and what else there is."""
    try:
        with closing(document[index]) as page, closing(page.get_textpage()) as text:
            letters, hidden, run = [], _Hidden(), 0
            unseen = Unseen(page, text)
            for place in range(text.count_chars()):
                code = pypdfium2.raw.FPDFText_GetUnicode(text, place)
                box = text.get_charbox(place, loose=True)
                if unseen.hides(place, box):
                    run += 1
                    hidden.letters += 1
                    hidden.places += run == _SAYS_SOMETHING
                    continue
                run = run if chr(code).isspace() else 0
                letters.append(Letter(_SPECIAL.get(code) or chr(code), *box))
            return letters, hidden
    except pypdfium2.PdfiumError as error:
        raise UnreadableDocument(f"page {index + 1} of the PDF is broken: {error}") from error


def _texts(page: list[list[Piece]]) -> list[str]:
    return [piece.text.replace("\f", " ").replace("\v", " ") for line in page for piece in line]


def _without_floods(texts: list[str]) -> tuple[list[str], int]:
    kept = [without_floods(clean(text)) for text in texts]
    return [text for text, _ in kept], sum(floods for _, floods in kept)


def _with_texts(page: list[list[Piece]], texts: list[str]) -> list[list[Piece]]:
    fresh = iter(texts)
    return [[Piece(p.start, p.end, next(fresh)) for p in line] for line in page]


def _refuse_unreadable(pages: list[list[list[Piece]]]) -> None:
    letters = odd = 0
    for page in pages:
        for text in _texts(page):
            for char in text:
                letters += not char.isspace()
                odd += _is_odd(char)
    if odd > letters * _UNREADABLE_SHARE:
        raise UnreadableDocument(
            f"{odd} of its {letters} letters have no characters behind them (fonts without a "
            "character map); the HTML copy can be read"
        )


def _is_odd(char: str) -> bool:
    code = ord(char)
    return (
        0xE000 <= code <= 0xF8FF or code in (0xFFFD, 0xFFFE, 0xFFFF) or (code < 32 and code != 9)
    ) and not 0xF0A7 <= code <= 0xF0B7
