"""The SEC's feed of the latest filings: who filed an 8-K a moment ago.

One page holds the newest entries of all companies, newest first. An entry appears once per
filer, may be repeated with a later stamp, and may be missing altogether; so what was seen is
remembered by accession number, and the daily scan asks every company for itself.

`updated` carries its offset from UTC and is taken at its word (unlike `acceptanceDateTime`
of the submissions, which says UTC and means Eastern).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from lxml import etree

from earnings.regexes import lazy_regex
from earnings.sources.edgar_filings import FORMS

PAGE = 100  # entries
MOST_PAGES = 10
REMEMBERED = timedelta(days=3)
MOST_LOOKS = 4  # at a filing that the feed shows and the company's own list does not yet

_ATOM = "{http://www.w3.org/2005/Atom}"
_ACCESSION = lazy_regex(r"accession-number=([0-9]{10}-[0-9]{2}-[0-9]{6})")
_CIK_OF_TITLE = lazy_regex(r"\(([0-9]{10})\)")
_CIK_OF_LINK = lazy_regex(r"/edgar/data/([0-9]{1,10})/")
_ITEM = lazy_regex(r"\bitem\s+([0-9]\.[0-9]{2})\b", re.IGNORECASE)


class GarbledFeed(Exception):
    """The bytes are no feed of filings; the message says what is wrong."""


@dataclass(frozen=True)
class Entry:
    """One filing of one filer. `items` is empty where the feed does not say."""

    accession: str
    cik: int
    form: str
    updated: datetime
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Page:
    """`entries`: the 8-Ks among the `rows` of it; `reaches_to`: the oldest stamp on it."""

    entries: tuple[Entry, ...]
    rows: int
    reaches_to: datetime | None

    @property
    def is_full(self) -> bool:
        return self.rows >= PAGE


def read_page(content: bytes) -> Page:
    """Raises GarbledFeed. An entry that cannot be read is left out."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as wrong:
        raise GarbledFeed(f"it is no XML ({str(wrong)[:120]})") from wrong
    if root.tag != f"{_ATOM}feed":
        raise GarbledFeed(f"it is no Atom feed but <{str(root.tag)[:40]}>")
    elements = root.findall(f"{_ATOM}entry")
    found = [_entry(element) for element in elements]
    stamps = [stamp for element in elements if (stamp := _stamp(element)) is not None]
    entries = tuple(entry for entry in found if entry is not None)
    return Page(entries, len(elements), min(stamps, default=None))


def _entry(element: etree._Element) -> Entry | None:
    accession = _ACCESSION.search(_text(element, "id"))
    title = _text(element, "title")
    link = element.find(f"{_ATOM}link")
    address = str(link.get("href") or "") if link is not None else ""
    cik = _CIK_OF_TITLE.search(title) or _CIK_OF_LINK.search(address)
    stamp, form = _stamp(element), _form(element, title)
    if accession is None or cik is None or stamp is None or form not in FORMS:
        return None
    said = html.unescape(_text(element, "summary"))
    return Entry(accession[1], int(cik[1]), form, stamp, tuple(_ITEM.findall(said)))


def _form(element: etree._Element, title: str) -> str:
    category = element.find(f"{_ATOM}category")
    term = str(category.get("term") or "") if category is not None else ""
    return (term or title.partition(" - ")[0]).strip()


def _stamp(element: etree._Element) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(_text(element, "updated"))
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo is not None else None


def _text(element: etree._Element, name: str) -> str:
    found = element.find(f"{_ATOM}{name}")
    return "".join(str(part) for part in found.itertext()).strip() if found is not None else ""


# ---- what is known -----------------------------------------------------------------------


@dataclass(frozen=True)
class Waiting:
    """A filing that the feed showed and that is not stored yet, after so many looks."""

    cik: int
    looks: int = 0


@dataclass(frozen=True)
class FeedCursor:
    """`seen`: filings of watched companies by accession number; `waiting`: those of them whose
    company is asked about once more."""

    latest: datetime | None = None
    seen: Mapping[str, datetime] = field(default_factory=dict)
    waiting: Mapping[str, Waiting] = field(default_factory=dict)

    def after(
        self, entries: Iterable[Entry], mine: Iterable[Entry], hits: Iterable[Entry]
    ) -> FeedCursor:
        """Once a look showed `entries`, of which `mine` are new and of watched companies; for
        `hits` among them the company is to be asked."""
        stamps = [entry.updated for entry in entries]
        latest = max(filter(None, (self.latest, *stamps)), default=None)
        mine_at = {entry.accession: entry.updated for entry in mine}
        seen = {**self.seen, **mine_at}
        if latest is not None:
            seen = {name: at for name, at in seen.items() if at > latest - REMEMBERED}
        waiting = {entry.accession: Waiting(entry.cik) for entry in hits}
        return FeedCursor(latest, seen, {**self.waiting, **waiting})

    def without(self, stored: Iterable[str]) -> FeedCursor:
        """Once those are stored; of the others one look more is counted, and those looked at
        too often are left to the daily scan."""
        done = set(stored)
        left = {
            name: replace(each, looks=each.looks + 1)
            for name, each in self.waiting.items()
            if name not in done and each.looks + 1 < MOST_LOOKS
        }
        return replace(self, waiting=left)

    def text(self) -> str:
        return json.dumps(
            {
                "latest": self.latest.isoformat() if self.latest else None,
                "seen": {name: at.isoformat() for name, at in sorted(self.seen.items())},
                "waiting": {name: [w.cik, w.looks] for name, w in sorted(self.waiting.items())},
            }
        )


def read_cursor(text: str | None) -> FeedCursor:
    """An empty one for what is no cursor of ours: then the newest page is looked at."""
    try:
        value = json.loads(text or "{}")
        latest = value.get("latest")
        return FeedCursor(
            _utc(latest) if latest else None,
            {str(name): _utc(at) for name, at in value.get("seen", {}).items()},
            {
                str(name): Waiting(int(cik), int(looks))
                for name, (cik, looks) in value.get("waiting", {}).items()
            },
        )
    except (ValueError, TypeError, AttributeError, RecursionError):
        return FeedCursor()


def _utc(text: str) -> datetime:
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError("a time without a zone")
    return parsed.astimezone(UTC)
