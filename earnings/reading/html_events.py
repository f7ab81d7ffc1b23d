"""HTML parser events to blocks: paragraphs at block elements, grids from tables."""

from __future__ import annotations

from collections.abc import Mapping

from earnings.reading import plain_blocks
from earnings.reading.base import UnreadableDocument
from earnings.reading.blocks import Block, Paragraph
from earnings.reading.characters import clean, invisible_in, without_floods
from earnings.reading.html_table import TableUnderWay
from earnings.reading.styles import PLAIN, Look, class_rules, look

MAX_ELEMENTS = 2_000_000
_BREAK_TAGS = """
    address article aside blockquote body br caption center dd div dl dt fieldset figure
    footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p page section table
    tbody tfoot thead title tr ul
"""
_DROPPED_TAGS = """
    script style noscript template svg math object iframe head ix:header ix:hidden select
    textarea video audio canvas
"""
_VOID_TAGS = "br hr img input meta link col area base wbr embed source track"
_BREAKS = frozenset(_BREAK_TAGS.split())
_DROPPED = frozenset(_DROPPED_TAGS.split())
_VOID = frozenset(_VOID_TAGS.split())


class PageEvents:
    """A parser target: `start`, `end`, `data`, `close` are called by lxml."""

    def __init__(self) -> None:
        self._blocks: list[Block] = []
        self._inline: list[str] = []
        self._tables: list[TableUnderWay] = []
        self._open: list[tuple[str, Look, bool]] = []  # tag, look before it, dropped before it
        self._look = PLAIN
        self._dropped = False
        self._classes: dict[str, str] = {}
        self._style_text: list[str] | None = None
        self._preformatted = 0
        self._elements = 0
        self.hidden = 0  # places
        self.invisible = 0  # characters
        self.floods = 0

    # ---- what lxml calls -----------------------------------------------------------------

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise UnreadableDocument(f"more than {MAX_ELEMENTS:,} HTML elements")
        tag = tag.lower()
        if tag in _BREAKS and not self._dropped:
            self._break()
        if tag == "style":
            self._style_text = []
        if tag in _VOID:
            return
        self._open.append((tag, self._look, self._dropped))
        if tag in _DROPPED:
            self._dropped = True
        if self._dropped:
            return
        if attributes or tag == "sup":
            self._look = look(self._look, tag, attributes, self._classes)
        if tag == "table":
            self._tables.append(TableUnderWay())
        elif tag == "pre":
            self._break()
            self._preformatted += 1
        elif self._tables:
            self._table_start(tag, attributes)

    def end(self, tag: str) -> None:
        tag = tag.lower()
        if tag in _VOID:
            return
        if tag == "style" and self._style_text is not None:
            self._classes.update(class_rules("".join(self._style_text)))
            self._style_text = None
        while self._open:
            opened, self._look, dropped = self._open.pop()
            was_dropped, self._dropped = self._dropped, dropped
            if not was_dropped:
                self._close(opened)
            if opened == tag:
                return

    def data(self, text: str) -> None:
        if self._style_text is not None:
            self._style_text.append(text)
        if self._dropped:
            return
        if not self._look.seen:
            self.hidden += 1 if any(char.isalnum() for char in text) else 0
            return
        if self._look.raised and text.strip().isdigit() and len(text.strip()) <= 2:
            text = f" ({text.strip()})"  # a footnote mark must not lengthen the number before it
        self._inline.append(text)

    def comment(self, text: str) -> None:
        """Comments are not text."""

    def close(self) -> None:
        self.end("")

    # ---- what comes out ------------------------------------------------------------------

    def blocks(self) -> list[Block]:
        """Handed over: the parser and its target hold on to each other, not to the document."""
        while self._tables:
            self._table_end()
        self._break()
        blocks, self._blocks = self._blocks, []
        return blocks

    def warnings(self) -> tuple[str, ...]:
        said = (
            (self.hidden, "hidden text left out in {} places"),
            (self.invisible, "{} invisible characters left out"),
            (self.floods, "endless words left out in {} places"),
        )
        return tuple(words.format(count) for count, words in said if count)

    # ---- inside --------------------------------------------------------------------------

    def _close(self, tag: str) -> None:
        if tag == "pre":
            self._break()
            self._preformatted -= 1
        elif tag == "table" and self._tables:
            self._table_end()
        elif tag in ("td", "th") and self._tables:
            self._break()
            self._tables[-1].end_cell()
        elif tag in _BREAKS:
            self._break()

    def _table_start(self, tag: str, attributes: Mapping[str, str]) -> None:
        table = self._tables[-1]
        if tag == "tr":
            table.start_row()
        elif tag in ("td", "th"):
            self._break()
            if attributes:  # lxml's empty ones take longer to ask than to look at
                table.start_cell(attributes.get("colspan"), attributes.get("rowspan"))
            else:
                table.start_cell(None, None)

    def _table_end(self) -> None:
        self._break()
        blocks = self._tables.pop().finish()
        for block in blocks:
            self._put(block)

    def _break(self) -> None:
        if not self._inline:
            return
        raw, self._inline = "".join(self._inline), []
        if raw.isspace() and "\x85" not in raw:  # between most cells; that one is cleaned to "…"
            return
        self.invisible += invisible_in(raw)
        text, floods = without_floods(clean(raw))
        self.floods += floods
        if self._preformatted and "\n" in text.strip():
            for block in plain_blocks.blocks(text):
                self._put(block)
        elif text.strip():
            self._put(Paragraph(text))

    def _put(self, block: Block) -> None:
        if self._tables:
            self._tables[-1].add(block)
        else:
            self._blocks.append(block)
