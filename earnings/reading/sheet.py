"""CSV and XLSX tables of figures to a `Reading`.

The accepted columns are in `sheet_columns`. Each row of the sheet becomes a small table of
its own, headed by its company and period, so that everything after it works as for a release.
Formulas are never evaluated: a cell holds the value that was last saved, or nothing.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from earnings.reading import periods
from earnings.reading.assemble import assemble
from earnings.reading.base import Reading, UnreadableDocument
from earnings.reading.blocks import Block, Grid, Paragraph, Piece
from earnings.reading.characters import clean, squeeze
from earnings.reading.decoding import decode
from earnings.reading.sheet_columns import Columns, Measure, match

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
READER = "sheet-2"
MAX_BYTES = 10_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_UNPACKED = 100_000_000
MAX_ENTRIES = 2_000
MAX_RATIO = 200  # unpacked to packed; real workbooks stay below 30
_ZIP = b"PK\x03\x04"

Record = Sequence[str]


def read_sheet(content: bytes, kind: str) -> Reading:
    """Raises UnreadableDocument: broken, a bomb, unknown or missing columns, no figures."""
    if len(content) > MAX_BYTES:
        raise UnreadableDocument(
            f"{len(content) / 1e6:.1f} MB of table; the limit is {MAX_BYTES // 1_000_000} MB"
        )
    records = _xlsx(content) if kind == XLSX else _csv(content)
    rows = [row for row in records if any(cell for cell in row)]
    if not rows:
        raise UnreadableDocument("the table is empty")
    columns = match(rows[0])
    _one_company(columns, rows[1:])
    blocks = [block for row in _latest_first(columns, rows[1:]) for block in _blocks(columns, row)]
    if not blocks:
        raise UnreadableDocument("the table has column names and no rows of figures")
    return assemble(blocks, READER)


def _csv(content: bytes) -> Iterator[Record]:
    text = clean(decode(content))
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(text[:4000], ",;\t|")
    except csv.Error:
        dialect = csv.excel
    try:
        yield from _bounded(csv.reader(io.StringIO(text, newline=""), dialect))
    except csv.Error as error:
        raise UnreadableDocument(f"the CSV cannot be parsed: {error}") from error


def _bounded(rows: Iterable[Sequence[object]]) -> Iterator[Record]:
    for number, row in enumerate(rows):
        if number > MAX_ROWS:
            raise UnreadableDocument(f"more than {MAX_ROWS:,} rows")
        cells = [_text(cell) for cell in row]
        while cells and not cells[-1]:
            cells.pop()
        if len(cells) > MAX_COLUMNS:
            raise UnreadableDocument(f"row {number + 1} has more than {MAX_COLUMNS} columns")
        yield cells


def _text(cell: object) -> str:
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, float):
        return format(Decimal(repr(cell)).normalize(), "f")
    return squeeze(clean(str(cell)))[:500]


def _xlsx(content: bytes) -> Iterator[Record]:
    from openpyxl import load_workbook  # a tenth of a second that few documents need

    _refuse_bombs(content)
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
        try:
            yield from _bounded(
                book.worksheets[0].iter_rows(values_only=True, max_col=MAX_COLUMNS + 1)
            )
        finally:
            book.close()
    except UnreadableDocument:
        raise
    except Exception as error:
        raise UnreadableDocument(f"the workbook cannot be opened: {error}") from error


def _refuse_bombs(content: bytes) -> None:
    """Sizes are checked in the zip's directory before a single byte is unpacked."""
    if not content.startswith(_ZIP):
        raise UnreadableDocument("it is no XLSX workbook (older .xls files: save as .xlsx)")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise UnreadableDocument(f"the workbook is a broken zip file: {error}") from error
    unpacked = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MAX_ENTRIES or unpacked > MAX_UNPACKED or unpacked / packed > MAX_RATIO:
        raise UnreadableDocument(
            f"the workbook would unpack to {unpacked / 1e6:.0f} MB in {len(entries)} parts "
            f"({unpacked // packed} times its size); refused as a zip bomb"
        )


def _one_company(columns: Columns, rows: Sequence[Record]) -> None:
    """A document is one company's, because its figures are stored under one."""
    place = columns.ticker if columns.ticker is not None else columns.company
    names = sorted(
        {row[place].casefold() for row in rows if place is not None and len(row) > place}
    )
    if len([name for name in names if name]) > 1:
        raise UnreadableDocument(
            f"the table names {len(names)} companies ({', '.join(names[:5])}): "
            "give each company a file of its own"
        )


def _latest_first(columns: Columns, rows: Sequence[Record]) -> list[Record]:
    """Periods in the order that puts the one to report first."""
    if len(rows) < 2:
        return list(rows)
    ends = [periods.dates(_at(dict(enumerate(row)), columns.period_end)) for row in rows]
    if not all(ends):
        raise UnreadableDocument(
            'several rows need a date in "period_end" to tell which period is the latest'
        )
    order = sorted(range(len(rows)), key=lambda index: ends[index][0].day, reverse=True)
    return [rows[index] for index in order]


def _blocks(columns: Columns, row: Record) -> list[Block]:
    """One record as a release would say it: who and when, then a table for each scale."""
    cell = dict(enumerate(row))
    company, ticker = _at(cell, columns.company), _at(cell, columns.ticker)
    period, end = _at(cell, columns.period), _at(cell, columns.period_end)
    stated = {m.name: (m, cell.get(m.column, "")) for m in columns.measures}
    stated = {name: (m, value) for name, (m, value) in stated.items() if value}
    if not stated or not (company or ticker):
        return []
    name = f"{company or ticker} (Ticker: {ticker})" if ticker else company
    ended = f", quarter ended {_long_date(end)}" if end else ""
    blocks: list[Block] = [
        Paragraph(f"{name} reports results for {period or 'the quarter'}{ended}")
    ]
    for words in dict.fromkeys(m.scale_words for m in columns.measures):
        rows = [
            _row(measure, value, stated.get(f"{name}_prior", (measure, ""))[1])
            for name, (measure, value) in stated.items()
            if measure.scale_words == words and not measure.prior
        ]
        if rows:
            now = f"Quarter ended {_long_date(end)}" if end else f"{period}, this year"
            heading = (Piece(0, 1, words), Piece(1, 2, now), Piece(2, 3, "A year ago"))
            blocks.append(Grid((heading, *rows)))
    return blocks


def _at(cell: dict[int, str], place: int | None) -> str:
    return "" if place is None else cell.get(place, "")


def _row(measure: Measure, value: str, prior: str) -> tuple[Piece, ...]:
    pieces = [Piece(0, 1, measure.label), Piece(1, 2, _number(value, measure))]
    if prior:
        pieces.append(Piece(2, 3, _number(prior, measure)))
    return tuple(pieces)


def _number(text: str, measure: Measure) -> str:
    """The cell's own digits, with the sign and unit a release would print."""
    plain = text.replace("$", "").replace(",", "").replace("%", "").strip()
    negative = plain.startswith(("-", "(")) or plain.endswith("-")
    plain = plain.strip("()- ")
    try:
        value = Decimal(plain)
    except InvalidOperation as error:
        raise UnreadableDocument(f'"{text}" in column "{measure.name}" is no number') from error
    if not value.is_finite():
        raise UnreadableDocument(f'"{text}" in column "{measure.name}" is no number')
    digits = f"{value:,f}"
    shown = f"{digits}%" if measure.percent else f"${digits}"
    return f"({shown})" if negative else shown


def _long_date(text: str) -> str:
    found = periods.dates(text)
    return f"{found[0].day:%B} {found[0].day.day}, {found[0].day.year}" if found else ""
