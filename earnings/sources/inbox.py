"""The inbox: a folder into which people drop documents.

A file is named for ever by the sha256 of its bytes, so the same content dropped twice is
one document, whatever it is called. It stays where it is until its bytes are stored; then
it moves to `accepted/`, or with the reason beside it to `rejected/`. Nothing is deleted and
nothing overwritten. Files that are still being written are left for the next scan.

The bundled samples are a second scope of the same shape, read-only and marked as samples.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from earnings.regexes import lazy_regex
from earnings.sources import inbox_folder
from earnings.sources.base import Discovery, DocumentRefused, Scope
from earnings.sources.inbox_checks import TYPES, Unfit, content_type
from earnings.sources.inbox_folder import Entry, FileTooLarge, NotPlain, StillGrowing, shown_name
from earnings.sources.inbox_shelves import ACCEPTED, REJECTED, Shelves
from earnings.vocabulary import Company, Lead, RawDocument
from resilience.clock import Clock
from resilience.outcomes import CallFailed, Outcome

SERVICE = "inbox"
DROPPED, SAMPLES = "inbox", "samples"  # the two scopes
SETTLED_S = 1.0
EMPTY_SETTLED_S = 60.0  # an empty file may be one whose content is still to come
FILES_AT_ONCE = 1_000
REMEMBERED = 5_000  # contents in the cursor

_UNFINISHED = lazy_regex(
    r"\.(?:part|partial|tmp|temp|crdownload|download|filepart|swp)$|^~\$|~$", re.I
)
_TICKER = lazy_regex(r"([A-Z][A-Z0-9.]{0,6})[_\-]")


@dataclass(frozen=True)
class _Missing:
    """No file has the content looked for; `why` names the file and what became of it."""

    why: str


class Inbox:
    """The source. `samples` None: no samples."""

    def __init__(
        self,
        folder: Path,
        samples: Path | None,
        max_bytes: int,
        clock: Clock,
        *,
        enabled: bool = True,
    ) -> None:
        self._enabled = enabled
        self._folder = folder
        self._samples = samples
        self._max_bytes = max_bytes
        self._clock = clock
        self._shelves = Shelves(folder, max_bytes, clock)
        self._tickers: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return SERVICE

    def switched_off(self) -> str | None:
        return None if self._enabled else "set enabled = true under [inbox] in retailxai.toml"

    def greet(self) -> str:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            waiting = sum(1 for _ in inbox_folder.entries(self._folder))
        except OSError as error:
            raise self._unusable(error) from error
        return f"{waiting} waiting in {self._folder}"

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        """The folder, and the samples where they are on. A file name may name one of
        `companies`, and only one of them."""
        self._tickers = frozenset(company.ticker for company in companies)
        return [Scope(DROPPED), *([Scope(SAMPLES)] if self._samples is not None else [])]

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        """All files that can be taken; those that cannot are moved aside or named in the notes.

        Every file is offered until it is moved: a document that is stored already is known by
        its content. The cursor holds what was offered, so that a second copy can be told.
        """
        if scope.key == SAMPLES:
            return self._discover_samples(cursor)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            listed = list(inbox_folder.entries(self._folder))
        except OSError as error:
            raise self._unusable(error) from error
        notes: list[str] = []
        files, odd = self._sorted_out(listed)
        offered = dict.fromkeys((cursor or "").split())
        leads: dict[str, Lead] = {}
        for entry in files[:FILES_AT_ONCE]:
            sha256, note = self._looked_at(entry, offered)
            notes += [note] if note else []
            if sha256 is not None and sha256 not in leads:
                leads[sha256] = self._lead(entry, sha256, is_sample=False)
        if len(files) > FILES_AT_ONCE:
            notes.append(f"{len(files) - FILES_AT_ONCE:,} more files wait for the next scan")
        offered |= dict.fromkeys(_short(sha256) for sha256 in leads)
        kept = " ".join(list(offered)[-REMEMBERED:])
        notes += odd + self._shelves.take_troubles()
        if files and not os.access(self._folder, os.W_OK):
            notes.append(f"{self._folder} cannot be written: what is read stays lying there")
        return Discovery(tuple(leads.values()), kept or None, tuple(notes))

    def before(self, lead: Lead) -> Lead | None:
        return None

    def fetch(self, lead: Lead) -> RawDocument:
        found = self._find(lead, self._samples if lead.is_sample else self._folder)
        if isinstance(found, _Missing):
            raise CallFailed(SERVICE, found.why, outcome=Outcome.NEUTRAL, fix="drop it again")
        name, content = found
        try:
            kind = content_type(name, content)
        except Unfit as unfit:
            raise DocumentRefused(f"{shown_name(name)}: {unfit}") from unfit
        return RawDocument(content, kind, lead.url, lead.title)

    def accepted(self, lead: Lead) -> None:
        if not lead.is_sample:
            self._put_away(lead, None)

    def refused(self, lead: Lead, reason: str) -> None:
        if not lead.is_sample:
            self._put_away(lead, reason)

    # ---- looking

    def _sorted_out(self, listed: Sequence[Entry]) -> tuple[list[Entry], list[str]]:
        """The files to look at, and a sentence about what else lies there."""
        files: list[Entry] = []
        odd: list[str] = []
        for entry in listed:
            if entry.kind == "a folder" and entry.name in {ACCEPTED, REJECTED}:
                continue
            if entry.kind != "file":
                odd.append(f"{entry.shown} is {entry.kind}: not opened, only files are read")
            elif entry.name.startswith("."):
                odd.append(f"{entry.shown} is hidden: not opened")
            elif not _UNFINISHED.search(entry.name) and self._has_settled(entry):
                files.append(entry)
        return files, odd

    def _has_settled(self, entry: Entry) -> bool:
        """Not touched in the last moment. The age counts both ways: a time slightly ahead of
        ours is a clock that differs, not a finished file."""
        age_s = abs(self._clock.now().timestamp() - entry.modified_at)
        return age_s >= (SETTLED_S if entry.size else EMPTY_SETTLED_S)

    def _looked_at(self, entry: Entry, offered: dict[str, None]) -> tuple[str | None, str | None]:
        """The content's sha256 if it is to be offered, and what there is to say."""
        try:
            content = inbox_folder.read(self._folder, entry.name, self._max_bytes)
        except StillGrowing:
            return None, None
        except NotPlain as error:
            return None, f"{entry.shown} is {error}: not opened"
        except FileNotFoundError:
            return None, None  # whoever dropped it took it back
        except FileTooLarge as error:
            limit = f"{self._max_bytes / 1e6:,.1f} MB"
            return None, self._rejected(
                entry, f"it is {error.size / 1e6:,.1f} MB; the limit is {limit}"
            )
        except OSError as error:
            return None, self._rejected(entry, f"it cannot be read: {error.strerror or error}")
        sha256 = hashlib.sha256(content).hexdigest()
        if _short(sha256) in offered and self._shelves.hold(ACCEPTED, sha256, entry.size):
            self._shelves.accept(entry.name)
            return None, f"{entry.shown}: the same content was accepted before; nothing new"
        if _short(sha256) in offered and self._shelves.hold(REJECTED, sha256, entry.size):
            return None, self._rejected(entry, "the same content was rejected before")
        return sha256, None

    def _discover_samples(self, cursor: str | None) -> Discovery:
        if self._samples is None:
            return Discovery((), cursor)
        leads: list[Lead] = []
        try:
            for entry in sorted(inbox_folder.entries(self._samples), key=lambda each: each.name):
                if entry.kind == "file" and Path(entry.name).suffix.lower() in TYPES:
                    content = inbox_folder.read(self._samples, entry.name, self._max_bytes)
                    sha256 = hashlib.sha256(content).hexdigest()
                    leads.append(self._lead(entry, sha256, is_sample=True))
        except (OSError, FileTooLarge, NotPlain, StillGrowing) as error:
            return Discovery(tuple(leads), cursor, (f"the samples cannot all be read: {error}",))
        return Discovery(tuple(leads), cursor)

    def _lead(self, entry: Entry, sha256: str, *, is_sample: bool) -> Lead:
        hint = _TICKER.match(entry.name)
        ticker = hint.group(1) if hint else ""
        token = inbox_folder.token_of(entry.name)
        return Lead(
            source=SERVICE,
            external_id=f"{'sample-' if is_sample else ''}sha256:{sha256}",
            title=entry.shown,
            url=f"{SAMPLES if is_sample else SERVICE}:{token}",
            published_at=None,
            ticker=ticker if ticker in self._tickers else None,
            is_sample=is_sample,
            details={"file": token, **({"ticker_hint": ticker} if ticker else {})},
        )

    # ---- reading and moving

    def _find(self, lead: Lead, folder: Path | None) -> tuple[str, bytes] | _Missing:
        """The file with the lead's content: under its name, else under any other, because
        people rename files. A document whose file is missing stays open."""
        name = inbox_folder.name_of(lead.details["file"])
        shown = shown_name(name)
        if folder is None:
            return _Missing(f"{shown} is one of the samples, which are off")
        try:
            others = [entry.name for entry in inbox_folder.entries(folder) if entry.kind == "file"]
        except OSError as error:
            return _Missing(f"{folder} cannot be read ({error.strerror or error})")
        why = "is gone"
        for each in sorted(others, key=lambda other: other != name):
            try:
                content = inbox_folder.read(folder, each, self._max_bytes)
            except (OSError, FileTooLarge, NotPlain, StillGrowing) as error:
                why = f"cannot be read ({error})" if each == name else why
                continue
            if _is_of(lead, content):
                return each, content
            why = "was replaced by other content" if each == name else why
        return _Missing(f"{shown} {why}")

    def _put_away(self, lead: Lead, reason: str | None) -> None:
        found = self._find(lead, self._folder)
        if isinstance(found, _Missing):
            if reason is not None:
                self._take_back(lead, reason)
        elif reason is None:
            self._shelves.accept(found[0])
        else:
            self._shelves.reject(found[0], reason)

    def _take_back(self, lead: Lead, reason: str) -> None:
        """Its bytes were accepted, and then nothing could be read in them."""
        found = self._find(lead, self._folder / ACCEPTED)
        if not isinstance(found, _Missing):
            self._shelves.take_back(found[0], reason)

    def _rejected(self, entry: Entry, reason: str) -> str:
        self._shelves.reject(entry.name, reason)
        return f"{entry.shown} rejected: {reason}"

    def _unusable(self, error: OSError) -> CallFailed:
        return CallFailed(
            SERVICE,
            f"{self._folder} cannot be used ({error.strerror or error})",
            fix="make it a folder that this program may write to",
        )


def _short(sha256: str) -> str:
    return sha256[:20]


def _is_of(lead: Lead, content: bytes) -> bool:
    return lead.external_id.endswith(f"sha256:{hashlib.sha256(content).hexdigest()}")
