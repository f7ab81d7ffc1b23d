"""The SEC's submissions JSON: which filings of a company say that results were reported.

The file holds column arrays of equal length; they are read by name, because columns come
and go. The rows are nearly, not strictly, in order of acceptance, so they are sorted here.

`acceptanceDateTime` ends in "Z" and is nevertheless US Eastern time: the SGML header of the
same filing gives the same digits, and no filing is ever accepted at an hour when EDGAR is
closed (22:00 to 6:00 Eastern), as many would be if the digits were UTC.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from earnings.regexes import lazy_regex
from earnings.sources.base import Periodic

EASTERN = ZoneInfo("America/New_York")
FORMS = frozenset({"8-K", "8-K/A"})
PERIODIC_FORMS = frozenset({"10-Q", "10-K"})
RESULTS_ITEM = "2.02"  # Results of Operations and Financial Condition
# Regulation FD, other events, exhibits. Sales of a month come under them, and now and then a
# quarter's results; mostly dividends, offerings, presentations. Only the exhibit tells.
OTHER_ITEMS = frozenset({"7.01", "8.01", "9.01"})
EXHIBITS_ITEM = "9.01"

_ACCESSION = lazy_regex(r"[0-9]{10}-[0-9]{2}-[0-9]{6}")
_OLDER_NAME = lazy_regex(r"CIK[0-9]{10}-submissions-[0-9]{3}\.json")
_NEEDED = ("accessionNumber", "form", "items", "acceptanceDateTime")


class GarbledSubmissions(Exception):
    """The JSON is not the submissions file of a company; the message says what is wrong."""


def may_be_results(items: Sequence[str]) -> bool:
    """Whether a filing under these items may report results; without any it may. One that also
    has other news (an agreement, an officer) has that in its exhibit."""
    if not items or RESULTS_ITEM in items:
        return True
    return EXHIBITS_ITEM in items and len(items) > 1 and OTHER_ITEMS.issuperset(items)


@dataclass(frozen=True)
class Filing:
    """An 8-K (or 8-K/A) that may report results. `accepted` is aware UTC."""

    accession: str
    form: str
    items: tuple[str, ...]
    accepted: datetime
    report_date: str

    @property
    def order(self) -> tuple[datetime, str]:
        return self.accepted, self.accession

    @property
    def is_results(self) -> bool:
        """Whether it is filed as results; else only its exhibit can tell."""
        return RESULTS_ITEM in self.items

    @property
    def day(self) -> date:
        """The day of acceptance as the SEC counts days."""
        return self.accepted.astimezone(EASTERN).date()


@dataclass(frozen=True)
class Listing:
    """Filings of results, oldest first, out of `rows` filings of any kind that reach back to
    `reaches_to` (None if there are none)."""

    filings: tuple[Filing, ...]
    rows: int
    reaches_to: datetime | None
    notes: tuple[str, ...] = ()
    periodic: Periodic | None = None  # the latest 10-Q or 10-K

    def with_older(self, older: Listing) -> Listing:
        merged = {filing.accession: filing for filing in (*older.filings, *self.filings)}
        return Listing(
            tuple(sorted(merged.values(), key=lambda filing: filing.order)),
            self.rows + older.rows,
            min(filter(None, (self.reaches_to, older.reaches_to)), default=None),
            self.notes + older.notes,
            self.periodic or older.periodic,
        )


@dataclass(frozen=True)
class OlderPage:
    """A further file of the same columns, with filings up to `until`."""

    name: str
    until: date


@dataclass(frozen=True)
class Submissions:
    name: str
    tickers: tuple[str, ...]
    listing: Listing
    older: tuple[OlderPage, ...]


def eastern_to_utc(value: str) -> datetime:
    """`2025-03-04T06:49:38.000Z`, which is Eastern, as aware UTC. Raises ValueError."""
    text = value.strip()
    if not re.search(r"[+\-][0-9]{2}:?[0-9]{2}$", text[10:]):
        text = text.removesuffix("Z")
    parsed = datetime.fromisoformat(text)
    return (parsed if parsed.tzinfo else parsed.replace(tzinfo=EASTERN)).astimezone(UTC)


def read_submissions(value: object) -> Submissions:
    """Raises GarbledSubmissions."""
    if not isinstance(value, Mapping) or not isinstance(value.get("filings"), Mapping):
        raise GarbledSubmissions('it has no "filings"')
    filings = value["filings"]
    recent, files = filings.get("recent"), filings.get("files") or []
    if not isinstance(recent, Mapping):
        raise GarbledSubmissions('it has no "filings.recent"')
    tickers = value.get("tickers")
    return Submissions(
        name=str(value.get("name") or ""),
        tickers=tuple(str(t) for t in tickers) if isinstance(tickers, list) else (),
        listing=read_columns(recent),
        older=tuple(filter(None, map(_older_page, files if isinstance(files, list) else []))),
    )


def read_columns(columns: object) -> Listing:
    """The filings of results among the rows. Raises GarbledSubmissions.

    A single row that cannot be read is named in the notes and left out; the rest counts.
    """
    if not isinstance(columns, Mapping):
        raise GarbledSubmissions("it holds no columns")
    needed = [_column(columns, name) for name in _NEEDED]
    lengths = {name: len(column) for name, column in zip(_NEEDED, needed, strict=True)}
    if len(set(lengths.values())) != 1:
        raise GarbledSubmissions(f"its columns differ in length ({lengths})")
    reported = columns.get("reportDate")
    report_dates = reported if isinstance(reported, list) else []
    primary = columns.get("primaryDocument")
    named = primary if isinstance(primary, list) else []
    filings: list[Filing] = []
    notes: list[str] = []
    times: list[datetime] = []
    periodic: Periodic | None = None
    for index, (accession, form, items, accepted) in enumerate(zip(*needed, strict=True)):
        is_results = form in FORMS and bool(items) and may_be_results(_items(items))
        try:
            time = eastern_to_utc(str(accepted))
        except ValueError:
            if is_results:
                notes.append(f"{accession}: {accepted!r} is no time of acceptance; left out")
            continue
        times.append(time)
        if form in PERIODIC_FORMS and (periodic is None or periodic.accepted < time):
            name = str(named[index]) if index < len(named) else ""
            periodic = Periodic(str(accession), time, str(form), name)
        if not is_results:
            continue
        if not isinstance(accession, str) or not _ACCESSION.fullmatch(accession):
            notes.append(f"{str(accession)[:40]!r} is no accession number; left out")
            continue
        report_date = str(report_dates[index]) if index < len(report_dates) else ""
        filings.append(Filing(accession, form, _items(items), time, report_date))
    filings.sort(key=lambda filing: filing.order)
    reaches_to = min(times, default=None)
    return Listing(tuple(filings), len(needed[0]), reaches_to, tuple(notes), periodic)


def _column(columns: Mapping[object, object], name: str) -> Sequence[object]:
    column = columns.get(name)
    if not isinstance(column, list):
        raise GarbledSubmissions(f"it has no column {name!r}")
    return column


def _items(value: object) -> tuple[str, ...]:
    parts = value if isinstance(value, list) else str(value or "").split(",")
    return tuple(str(part).strip() for part in parts)


def _older_page(entry: object) -> OlderPage | None:
    if not isinstance(entry, Mapping):
        return None
    name, until = str(entry.get("name", "")), str(entry.get("filingTo", ""))
    if not _OLDER_NAME.fullmatch(name):
        return None
    try:
        return OlderPage(name, date.fromisoformat(until))
    except ValueError:
        return OlderPage(name, date.max)  # rather read once too often than miss a filing
