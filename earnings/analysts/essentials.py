"""What of a document says anything that is asked for, and what certainly does not.

A model is paid for by what it reads. About half of a release is statements and paragraphs in
which no figure, guidance or quotable word is asked for: cash flows, the balance sheet below its
inventories, definitions of measures, safe-harbour words, who to call. They are left out of what
is shown; the stored text keeps them, so a place in it stays a place in it.

The rule is careful: a line goes only if nothing in it looks like what is asked for, and a table
goes row by row in runs, so that headings and scale stay with the rows that need them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from earnings.analysts import local_labels
from earnings.analysts.themes import THEMES
from earnings.reading.base import Reading, Row, Table
from earnings.reading.known import known
from earnings.regexes import lazy_regex
from earnings.vocabulary import Span

LEAST_GAP = 70  # characters; less is not worth the line that says that it is missing
_OPENING = 1_200  # of a document: headline, dateline, the first figures
_HEADING = 400  # before a table: its title, dates, "in millions"
_TITLE_LINE = 120
_LONG_LINE = 100  # a shorter one without an amount is a heading, or names somebody
_CASH = lazy_regex(r"(?:net\s+)?cash\s+(?:flows?\s+)?\(?(?:provided|used|from)", re.I)
_ASSETS = lazy_regex(r"total\s+assets|total\s+liabilities", re.I)
_MEASURE = lazy_regex(
    r"sales|revenues?|before\s+interest|\bcomp(?:arable|s)?\b|identical|gross|margin|"
    r"operating\s+(?:\(?(?:income|profit|loss|earnings|margin|rate))|"
    r"(?:income|loss|earnings|profit)\)?\s+from\s+(?:\w+\s+)?operations|"
    r"net\s+(?:\(?(?:loss|income|earnings))|net\s*\(|per\s+(?:\w+\s+){0,2}share|"
    r"diluted|basic|\beps\b|inventor|tax\s+rate|capital\s+expend|\bcapex\b|repurchase|buyback|"
    r"openings?\b|new\s+stores|\bebit\b",
    re.I,
)
# What a measure's heading leaves to its rows.
_GENERAL = lazy_regex(
    r"\W*(?:total|adjusted|non-?gaap|gaap|core|as\s+(?:reported|adjusted)|company|consolidated)\b"
    r"(?!\s+(?:current|assets|liabilities|equity|stock|share|other|cash|debt|deposits|loans))",
    re.I,
)
_NOT_A_MEASURE = lazy_regex(
    r"weighted|shares\s+outstanding|number\s+of\s+shares|cost\s+of\s+(?:sales|goods|revenue)|"
    r"\b(?:payables?|receivables?|deferred|purchases)\b|"
    r"(?:available|held)[- ]for[- ]sale",
    re.I,
)
_AMOUNT = lazy_regex(r"[$€£]\s?\d|\d\s?%|\bpercent\b|\d\.\d|\b(?:basis\s+points?|bps)\b", re.I)
_AHEAD = lazy_regex(
    r"outlook|guidance|\bexpect|anticipat|forecast|reaffirm|reiterat|withdr[ae]w|suspend", re.I
)
_BOILERPLATE = lazy_regex(
    r"forward[- ]looking\s+statements?|safe\s+harbor|securities\s+(?:litigation|act|exchange)|"
    r"risks?\s+and\s+uncertaint|could\s+cause\s+actual|differ\s+materially|"
    r"non-?gaap\s+(?:financial\s+)?(?:measures?|information)|"
    r"not\s+(?:be\s+considered|intended\s+to\s+be|a\s+substitute)|"
    r"conference\s+call|webcast|replay|dial(?:ing)?\b|www\.|https?:|for\s+more\s+information|"
    r"press\s+contacts?|investor\s+relations|assumes?\s+no\s+obligation|form\s+10-[kq]",
    re.I,
)
_CAUTION = lazy_regex(
    r"forward[- ]looking\s+statements?|safe\s+harbor|private\s+securities\s+litigation|"
    r"differ\s+materially",
    re.I,
)
_SAID = lazy_regex(r"[“\"]|\bsaid\b")
_WHEN = lazy_regex(
    r"(?:19|20)\d\d|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?\s+\d{1,2}|"
    r"\d{1,2}\s*-?\s*(?:weeks?|months?)|\bq[1-4]\b|\bfy\s?\d\d|\(\d\)",
    re.I,
)


@known
def essential(reading: Reading) -> tuple[Span, ...]:
    """What is to be shown, in order and apart from each other: whole lines. Pure."""
    text = reading.text
    opening = _line_end(text, _OPENING)
    kept: list[Span] = [Span(0, opening)] if opening else []
    kept += (span for span in _wanted(reading) if span.end > opening)
    return tuple(_joined(kept, len(text)))


def _wanted(reading: Reading) -> Iterator[Span]:
    text, at = reading.text, 0
    for table in sorted(reading.tables, key=lambda each: each.span.start):
        if table.span.start < at:
            continue
        rows = list(_rows(table)) if table.rows else [table.span]
        heading = _heading(text, at, table.span.start) if rows else table.span.start
        yield from _lines(text, at, heading)
        if rows:
            yield Span(heading, table.span.start)
            if table.scale_span is not None:  # it may stand with an earlier part of the table
                yield _with_title(text, table.scale_span)
            yield from rows
        at = table.span.end
    yield from _lines(text, at, len(text))


def _heading(text: str, floor: int, start: int) -> int:
    """Where the short lines before a table begin that say what it is."""
    at = start
    while at > floor:
        line = max(floor, text.rfind("\n", floor, at - 1) + 1)
        if at - line > _TITLE_LINE or start - line > _HEADING:
            break
        at = line
    return at


def _with_title(text: str, scale: Span) -> Span:
    """The line that names the scale, and the one above it."""
    line = text.rfind("\n", 0, scale.start) + 1
    end = text.find("\n", scale.end)
    return Span(text.rfind("\n", 0, max(0, line - 1)) + 1, len(text) if end < 0 else end + 1)


def _lines(text: str, start: int, end: int) -> Iterator[Span]:
    """The lines of prose that may say something, each with the headings right before it."""
    heads: int | None = None  # where the headings begin that nothing has followed yet
    warned = False  # since words of caution, whose list of risks may be long
    while start < end:
        stop = text.find("\n", start, end)
        stop = end if stop < 0 else stop + 1
        line = text[start:stop]
        has_amount = bool(_AMOUNT.search(line))
        warned = bool(_CAUTION.search(line)) or (warned and not (has_amount or _SAID.search(line)))
        if not warned and _may_say(line, has_amount):
            yield Span(start if heads is None else heads, stop)
            heads = None
        elif not line.strip() or (len(line) < _LONG_LINE and not has_amount):
            heads = start if heads is None else heads
        else:
            heads = None
        start = stop


def _may_say(line: str, has_amount: bool) -> bool:
    if _BOILERPLATE.search(line) and not (has_amount and _MEASURE.search(line)):
        return False
    if has_amount:
        return bool(_MEASURE.search(line) or _AHEAD.search(line) or _speaks(line))
    if len(line) < _LONG_LINE:
        return bool(_MEASURE.search(line) and _AHEAD.search(line))
    return _speaks(line) or bool(_AHEAD.search(line) and _MEASURE.search(line))


def _speaks(line: str) -> bool:
    """Of a theme, or in somebody's words."""
    return bool(_SAID.search(line)) or any(words.strong.search(line) for words in THEMES.values())


def _rows(table: Table) -> Iterator[Span]:
    """The rows that are wanted, each with what heads it; none of a table without any."""
    rows = _shown_part(table.rows)
    if not any(_is_wanted(row) for row in rows):
        return
    top = next(i for i, row in enumerate(rows) if _has_amounts(row))
    yield from (row.span for row in rows[:top])  # what the columns are, and their scale
    heads: list[Row] = []
    for row in rows[top:]:
        if _is_wanted(row):
            yield from (head.span for head in heads)
            yield row.span
            heads = []
        elif _has_amounts(row):
            heads = []
        elif _WHEN.search(" ".join((row.label, *(cell.text for cell in row.cells)))):
            yield row.span  # the columns' dates
        else:
            heads.append(row)


def _shown_part(rows: Sequence[Row]) -> Sequence[Row]:
    """Nothing of a statement of cash flows; of a balance sheet what ends with its inventories."""
    if sum(bool(_CASH.search(row.label)) for row in rows) >= 2:
        return ()
    if any(_ASSETS.search(row.label) for row in rows):
        held = [i for i, row in enumerate(rows) if "inventor" in row.label.lower()]
        first = next((i for i, row in enumerate(rows) if _ASSETS.search(row.label)), 0)
        own = [i for i in held if i < first]
        before = [i for i, row in enumerate(rows[:first]) if _is_statement(row)]
        return rows[: max([*own, *before], default=-1) + 1]
    return rows


def _is_statement(row: Row) -> bool:
    """A row of results: some tables hold all statements one below the other."""
    return _is_wanted(row) and bool(re.search(r"per\s+share|diluted|net\s+sales", row.label, re.I))


@known
def _is_wanted(row: Row) -> bool:
    if not _has_amounts(row):
        return False
    label = row.label
    if local_labels.read(label) is not None:
        return True
    if _NOT_A_MEASURE.search(label):
        return False
    return not label.strip() or bool(
        _MEASURE.search(label) or _AHEAD.search(label) or _GENERAL.match(label)
    )


@known
def _has_amounts(row: Row) -> bool:
    return any(any(char.isdigit() for char in _WHEN.sub("", cell.text)) for cell in row.cells)


def _line_end(text: str, at: int) -> int:
    if len(text) <= at:
        return len(text)
    newline = text.find("\n", at, at + 2_000)
    return newline + 1 if newline >= 0 else at


def _joined(spans: Sequence[Span], length: int) -> Iterator[Span]:
    """Neighbours as one, with gaps that are too small to be worth it; the end likewise."""
    if not spans:
        return
    ordered = sorted(spans, key=lambda span: span.start)
    start, end = ordered[0].start, ordered[0].end
    for after in ordered[1:]:
        if after.start - end >= LEAST_GAP:
            yield Span(start, end)
            start = after.start
        end = max(end, after.end)
    yield Span(start, length if length - end < LEAST_GAP else end)
