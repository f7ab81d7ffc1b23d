"""What a column of a table stands for, from the headings above its numbers.

A heading belongs to the numbers it overlaps; a lone heading that names a period belongs to
all of them. A second set of headings further down starts afresh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from earnings.reading import periods
from earnings.reading.amounts import Amount, amount, is_value, is_year
from earnings.reading.base import Cell, Row, Table
from earnings.reading.known import known
from earnings.regexes import lazy_regex
from earnings.vocabulary import PeriodKind, Span

_CHANGE = lazy_regex(
    r"\b(?:change|increase|decrease|inc|dec|variance|growth|var|b/\(?w\)?|better|worse|y/?o?/?y|"
    r"vs\.?|versus|fav|unfav|impact|difference|\+/-)\b|%\s*(?:chg|ch)\b",
    re.I,
)
_SHARE = lazy_regex(
    r"%|\bpercent(?:age)?\b|\bpct\b|\bof\s+(?:net\s+)?(?:sales|revenues?)|\brate\b|"
    r"\bmargin\b|\bmix\b|"
    r"\bbps\b|basis\s+points",
    re.I,
)
_RESTATED = lazy_regex(
    r"adjust|non-?\s?gaap|pro[-\s]?forma|constant\s+currency|excluding|ex-|currency|fx|neutral|"
    r"stacked|segment|comparable|organic|recast|normalized|guidance|outlook|forecast|budget|plan|"
    r"eliminat|items?\b|\(a\)|net\s+of\s+tax|pre-?tax|gross\s+(?:profit|margin)|"
    r"\b(?:operating|net)\s+(?:income|expenses?|earnings|profit)",
    re.I,
)
_COMPARABLE = lazy_regex(
    r"\b(?:comparable|same)[\s-]+(?:stores?\s+)?sales\b", re.I
)  # a measure; "comparable" alone is another basis
_PERIOD_TEXT = lazy_regex(
    r"\b(?:(?:three|six|nine|twelve|thirteen|\d+)[-\s]+(?:months?|weeks?)|quarters?|"
    r"years?|periods?|ended|"
    r"ending|fiscal|first|second|third|fourth|q[1-4]|fy\d*|for|the|"
    r"jan\w*|feb\w*|mar\w*|apr\w*|may|june?|july?|aug\w*|sept?\w*|oct\w*|nov\w*|dec\w*|\d+)\b[.,]?|"
    r"\(unaudited\)",
    re.I,
)
_PER_SHARE = lazy_regex(r"per\s+(?:\w+\s+)?share|\beps\b", re.I)
_NOW = lazy_regex(r"\b(?:this\s+year|current(?:\s+year)?|ty)\b", re.I)
_THEN = lazy_regex(
    r"\b(?:last\s+year|prior(?:[-\s]year)?|year\s+(?:ago|earlier)|ly|previous\s+year)\b", re.I
)


@dataclass(frozen=True)
class Column:
    """One number's column: `kind` and `end` of its period as far as headings tell, `year` when
    only that is known (or 1 and 0 for "this year" and "last year"). `plain` is False for
    changes, shares of sales, adjusted, pro forma and other columns that do not state the
    reported amount itself."""

    text: str
    kind: PeriodKind
    end: date | None
    year: int | None
    month_day: tuple[int, int] | None
    change: bool
    share: bool
    restated: bool
    per_share: bool = False  # the heading says "per share"
    sure: bool = True  # every heading found stands over it; False: the nearest was taken
    spans: tuple[Span, ...] = ()

    @property
    def plain(self) -> bool:
        return not (self.change or self.share or self.restated)

    @property
    def dated(self) -> bool:
        return self.end is not None or self.year is not None

    def text_without_periods(self) -> str:
        """The heading's words that are not about time: "Diluted EPS" of "Q1 2023 Diluted EPS"."""
        return _PERIOD_TEXT.sub(" ", self.text)

    def order(self) -> tuple[int, int, int]:
        """Later columns are greater."""
        if self.end is not None:
            return (self.end.year, self.end.month, self.end.day)
        return (self.year or 0, 0, 0)


@dataclass(frozen=True)
class Value:
    """One number of a row, with what its column stands for."""

    cell: Cell
    amount: Amount
    column: Column

    def as_plain(self) -> Value:
        """The same number, its column taken to state the measure itself."""
        return replace(self, column=replace(self.column, restated=False))

    def as_share(self) -> Value:
        """The same number as a percentage, which its heading says it is."""
        return replace(
            self,
            amount=replace(self.amount, percent=True, money=False),
            column=replace(self.column, share=False),
        )


@dataclass(frozen=True)
class Line:
    """A row that states numbers, and the label-only rows it stands under."""

    row: Row
    values: tuple[Value, ...]
    parents: tuple[str, ...]


_REMARK = lazy_regex(
    r"\bin\s+(?:thousands|millions|billions)|\bexcept\b|unaudited|subject\s+to\s+reclass|"
    r"\bstatements?\s+of\b|"
    r"\b000s?\b|^\W*\$\s*(?:thousands|millions)|(?:thousands|millions)\s+of\s+dollars|"
    r"\binc\.\s*$|subsidiar",
    re.I,
)
_ASIDE = lazy_regex(
    r"\([^()]*\b(?:in\s+(?:thousands|millions|billions)|except|unaudited)\b[^()]*\)", re.I
)
_SPLIT = lazy_regex(r"^\W*(?:basic|diluted)\b[^a-z]*$", re.I)


MAX_ROWS = 2_000  # of one table, and what follows: far above any statement's
MAX_CELLS = 80
MAX_HEADINGS = 15
MAX_DESCRIBED = 2_000  # columns worked out in one table; a statement's rows share a dozen


class _Parents:
    """The label-only rows a row stands under: "Earnings per share:" stays above "Basic:" and
    then "Diluted:", any other label after values begins afresh."""

    def __init__(self) -> None:
        self.labels: list[str] = []
        self._used = False

    def label(self, text: str) -> None:
        if not text or _REMARK.search(text):
            return
        if _SPLIT.match(text):
            self.labels = [*(label for label in self.labels if not _SPLIT.match(label)), text]
        elif self._used:
            self.labels = [text]
        else:
            self.labels = [*self.labels[-2:], text]
        self._used = False

    def value(self) -> None:
        self._used = True


@known
def lines(table: Table) -> tuple[Line, ...]:
    """The rows of `table` that state numbers, in order."""
    return tuple(_lines(table))


def _lines(table: Table) -> Iterator[Line]:
    headings: list[Row] = []
    captions: list[str] = []
    parents = _Parents()
    section = ""  # the last label-only row that names a period: it dates what follows
    in_values = False
    left = MAX_DESCRIBED
    under = _value_columns(table) if table.in_cells else frozenset()
    known: dict[tuple[int, ...], Column] = {}  # rows of one shape share their columns
    for row in table.rows[:MAX_ROWS]:
        if len(row.cells) > MAX_CELLS:
            continue
        if _is_heading(row):
            known = {}
            if in_values and _names_period(row):
                headings, captions, section, in_values = [], [], "", False
            headings = [*headings[-MAX_HEADINGS:], row]
            captions.append(row.label)
            continue
        values = [(cell, number) for cell in row.cells if (number := amount(cell.text)) is not None]
        if not values:
            if not in_values:
                captions.append(row.label)
                known = {}
            if len(periods.dates(row.label)) == 1:
                section, known = row.label, {}
            parents.label(row.label)
            continue
        in_values = True
        context = (*(c for c in captions[-MAX_HEADINGS:] if c and len(c) < _LONG), section)
        shape = tuple(place for cell, _ in values for place in (cell.column, cell.width))
        described = []
        for cell, number in values:
            key = (cell.column, cell.width, *shape)
            if key not in known:
                left -= 1
                if left < 0:
                    return
                known[key] = _column(cell, row, headings, context, table.title, under)
            described.append(Value(cell, number, known[key]))
        yield Line(row, tuple(described), tuple(parents.labels))
        parents.value()


@lru_cache(maxsize=4096)
def _wording(heading: str) -> str:
    """A heading without its remark: "1Q25" of "1Q25 ($ in millions; except EPS)"."""
    bare = _ASIDE.sub(" ", heading).strip()
    return bare if not _REMARK.search(bare) else ""


_Columns = frozenset[tuple[int, int]]


def _value_columns(table: Table) -> _Columns:
    """Where the table's numbers stand; years head columns and do not count."""
    return frozenset(
        (cell.column, cell.end_column)
        for row in table.rows[:MAX_ROWS]
        if len(row.cells) <= MAX_CELLS and not _is_heading(row)
        for cell in row.cells
        if is_value(cell.text)
    )


def _is_heading(row: Row) -> bool:
    """Cells, none of which is an amount: years and dates are none."""
    if not row.cells:
        return False
    return all(is_year(c.text) or not is_value(c.text) for c in row.cells)


def _names_period(row: Row) -> bool:
    return any(
        is_year(c.text)
        or periods.kind(c.text) is not PeriodKind.UNKNOWN
        or periods.month_day(c.text) is not None
        or bool(periods.dates(c.text))
        for c in row.cells
    )


def _column(
    cell: Cell,
    row: Row,
    headings: Sequence[Row],
    captions: Sequence[str],
    title: str,
    under: _Columns,
) -> Column:
    over: list[Cell] = []
    for heading in headings:
        over += [c for c in _over(cell, row, heading, under) if _wording(c.text)]
    text = " ".join(_wording(part.text) for part in over)
    meaning = _meaning(text, tuple(captions), title)
    return replace(
        meaning,
        sure=all(_overlap(part, cell) > 0 for part in over),
        spans=tuple(part.span for part in over),
    )


def _over(cell: Cell, row: Row, heading: Row, under: _Columns) -> list[Cell]:
    """The cells of `heading` that stand over `cell`."""
    found = [c for c in heading.cells if c.column < cell.end_column and cell.column < c.end_column]
    if len(found) > 1 and len(heading.cells) > 1:
        widest = max(found, key=lambda c: _overlap(c, cell))
        found = [c for c in found if _overlap(c, cell) * 2 > _overlap(widest, cell)]
    if found:
        return found
    lone = heading.cells[0] if len(heading.cells) == 1 else None
    if lone is not None:
        return [lone] if _names_period(heading) and not _CHANGE.search(lone.text) else []
    if not _names_period(heading) and _is_anchored(heading, under):
        return []
    values = [c for c in row.cells if is_value(c.text)]
    if len(values) == len(heading.cells):
        return [heading.cells[values.index(cell)]]
    if not _names_period(heading) and len(heading.cells) >= len(values):
        return []
    return _centred_over(cell, values, heading)


def _is_anchored(heading: Row, under: _Columns) -> bool:
    """Whether a heading stands over numbers of its own ("% of sales"), so that it is none of
    the columns' between them."""
    return all(
        any(start < cell.end_column and cell.column < end for start, end in under)
        for cell in heading.cells
    )


def _centred_over(cell: Cell, values: list[Cell], heading: Row) -> list[Cell]:
    """The heading cell whose group of numbers holds `cell`, if it stands over their middle:
    in PDF a heading of several columns is printed over the middle of them."""
    wide = [c for c in heading.cells if not _CHANGE.search(c.text) and not _SHARE.search(c.text)]
    if not wide or len(values) < 2:
        return []

    def nearest(value: Cell) -> Cell:
        return min(wide, key=lambda c: abs(_middle(c) - _middle(value)))

    above = nearest(cell)
    group = [_middle(value) for value in values if nearest(value) is above]
    spacing = (_middle(values[-1]) - _middle(values[0])) / (len(values) - 1)
    centred = abs(sum(group) / len(group) - _middle(above)) <= spacing * _OFF_CENTRE
    return [above] if centred else []


def _overlap(one: Cell, other: Cell) -> int:
    return min(one.end_column, other.end_column) - max(one.column, other.column)


def _middle(cell: Cell) -> float:
    return (cell.column + cell.end_column) / 2


@lru_cache(maxsize=4096)
def _meaning(text: str, captions: tuple[str, ...], title: str) -> Column:
    kind = periods.kind(text)
    caption = " ".join(captions)
    if kind is PeriodKind.UNKNOWN:
        kind = periods.kind(caption)
    if kind is PeriodKind.UNKNOWN:
        kind = periods.kind(_last_parts(title))
    days = periods.dates(text)
    place = periods.month_day(text)
    named = periods.years(text)
    end = days[-1].day if days else None
    year = named[-1] if named else None
    if end is None and year is not None:
        place = place or periods.month_day(caption)
        end = _date(year, place)
    if end is None and year is None and place is None and captions and captions[-1]:
        stated = periods.dates(captions[-1])
        end = stated[0].day if stated else None
    if year is None and end is None:
        year = 1 if _NOW.search(text) else 0 if _THEN.search(text) else None
    words = _without_periods(text)
    return Column(
        text=text,
        kind=kind,
        end=end,
        year=end.year if end else year,
        month_day=place,
        change=bool(_CHANGE.search(words)) and "prior year" not in words.lower(),
        share=bool(_SHARE.search(words)),
        restated=bool(_RESTATED.search(_COMPARABLE.sub(" ", words))),
        per_share=bool(_PER_SHARE.search(words)),
    )


def _last_parts(title: str) -> str:
    return " ".join(title.split(" / ")[-4:])


def _date(year: int | None, place: tuple[int, int] | None) -> date | None:
    if year is None or place is None:
        return None
    try:
        return date(year, *place)
    except ValueError:
        return date(year, place[0], 28)


_OFF_CENTRE = 0.6  # of the distance between two columns
_LONG = 200  # characters: a longer caption is a note
_PERIOD_WORDS = lazy_regex(r"\bcurrent\b|\bunaudited\b|\baudited\b|\bas\s+reported\b", re.I)


def _without_periods(text: str) -> str:
    return _PERIOD_WORDS.sub(" ", text)
