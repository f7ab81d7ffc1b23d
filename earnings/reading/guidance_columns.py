"""The columns of an outlook table: which are new, which old, whose period, which end of a range."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

from earnings.fiscal import Mention, find_names, parse_end
from earnings.reading.base import Cell, Row
from earnings.reading.guidance_words import OUTLOOK, basis_in
from earnings.regexes import lazy_regex
from earnings.vocabulary import Basis, Span

ACTUAL = lazy_regex(
    r"\bactual|\bresults?\b|\breported\b|change\b|variance|year\s+ago|(?:prior|last|previous)\s+year|"
    r"\bcomment|\bdriver|\by/y\b|increase|midpoint",
    re.IGNORECASE,
)
PRIOR = lazy_regex(r"\b(?:prior|previous(?:ly)?|initial|original|former|old)\b", re.IGNORECASE)
_CURRENT = lazy_regex(
    r"\b(?:updated?|current|new|revised|latest|reaffirmed|today)\b", re.IGNORECASE
)
_LOW = lazy_regex(r"\b(?:low|lower|from|minimum)\b", re.IGNORECASE)
_HIGH = lazy_regex(r"\b(?:high|higher|upper|to|maximum)\b", re.IGNORECASE)
_ISSUED = lazy_regex(r"\b(?:as\s+of|issued|provided|given|dated)\b", re.IGNORECASE)
_ENDING = lazy_regex(r"\b(?:ending|ended|ends)\b", re.IGNORECASE)


class Role(Enum):
    PLAIN = "plain"  # the guided figures, as far as the heading says
    CURRENT = "current"
    PRIOR = "prior"
    OTHER = "other"  # what was, how much it changes, comments


@dataclass
class Column:
    start: int
    end: int
    heading: str = ""
    spans: tuple[Span, ...] = ()
    role: Role = Role.PLAIN
    side: str = ""  # "low" or "high" where a range is spread over two columns
    mention: Mention | None = None
    period_end: date | None = None
    issued: date | None = None
    basis: Basis = Basis.UNSTATED


def columns_of(heading: Sequence[Row], body: Sequence[Row]) -> list[Column]:
    columns: list[Column] = []
    for cell in sorted((c for row in body for c in row.cells), key=lambda c: c.column):
        if columns and cell.column < columns[-1].end:
            columns[-1].end = max(columns[-1].end, cell.end_column)
        else:
            columns.append(Column(cell.column, cell.end_column))
    for column in columns:
        over = [c for row in heading for c in row.cells if stands_over(c, column)]
        if not over and len(columns) == 1:
            over = [c for row in heading for c in row.cells]
        column.heading = " ".join(cell.text for cell in over)
        column.spans = tuple(cell.span for cell in over)
    return columns


def stands_over(cell: Cell, column: Column) -> bool:
    return cell.column < column.end and column.start < cell.end_column


def set_roles(columns: list[Column], headed: bool) -> None:
    for column in columns:
        words = column.heading
        named = find_names(words)
        column.mention = named[0] if named else None
        column.basis = basis_in(words)
        if _ENDING.search(words):
            column.period_end = parse_end(words)
        elif _ISSUED.search(words) or parse_end(words):
            column.issued = parse_end(words)
        if ACTUAL.search(words):
            column.role = Role.OTHER
        elif PRIOR.search(words):
            column.role = Role.PRIOR
        elif _CURRENT.search(words):
            column.role = Role.CURRENT
        elif _LOW.search(words) and not _HIGH.search(words):
            column.side = "low"
        elif _HIGH.search(words) and not _LOW.search(words):
            column.side = "high"
    if headed and any(OUTLOOK.search(c.heading) for c in columns):
        for column in columns:  # beside "2026 outlook" a column "2025" is what was
            plain = column.role is Role.PLAIN and not column.side
            if plain and column.mention and not OUTLOOK.search(column.heading):
                column.role = Role.OTHER
    _order_by_issue(columns)


def _order_by_issue(columns: list[Column]) -> None:
    """ "As of March 9" beside "as of May 25": the later is the current one."""
    dated = [c for c in columns if c.issued is not None and c.role is not Role.OTHER]
    if len(dated) == 2 and dated[0].issued != dated[1].issued:
        older, newer = sorted(dated, key=lambda c: c.issued or date.min)
        older.role, newer.role = Role.PRIOR, Role.CURRENT
