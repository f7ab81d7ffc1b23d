"""What every source is: something that lists documents and fetches them.

A source is asked per *scope* (a company, a folder) what is new since its cursor. The
leads and the moved cursor are stored together; each lead is fetched later, alone, so that
one slow or broken document holds nothing else up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol, runtime_checkable

from earnings.filed_facts import FiledFact
from earnings.vocabulary import Company, Headline, Lead, RawDocument


class DocumentRefused(Exception):
    """This document can never be read; the message says why, for a person.

    Not a failure of the source: nothing is retried, the document is kept as refused.
    """


class NotResults(Exception):
    """What was listed turns out to hold no results (no exhibit, an officer change)."""


class ByChoice(str):
    """Why a source is off that nobody asked for, as `switched_off` says it. `check` tells of it;
    it is no shortcoming of a scan or a report."""

    __slots__ = ()


@dataclass(frozen=True)
class Scope:
    """What one question to a source is about. `key` names its cursor. `is_aside`: it can only
    bring headlines, so no company counts as missed when it cannot be asked, and no run is put
    off for it. `can_wait`: nor for this one, whose gate may be shut until midnight or until a
    person mends a key; what it would have brought comes with the next scan."""

    key: str
    company: Company | None = None
    is_aside: bool = False
    can_wait: bool = False


@dataclass(frozen=True)
class Periodic:
    """A 10-Q or 10-K. `document`: the name of the report itself among its files."""

    accession: str
    accepted: datetime
    form: str = ""
    document: str = ""


@dataclass(frozen=True)
class Discovery:
    """New leads, oldest first, and the cursor that says "everything up to here is known".

    `headlines` are stored with the cursor and never become documents."""

    leads: tuple[Lead, ...]
    cursor: str | None
    notes: tuple[str, ...] = ()  # what a person should know ("CIK 123 is not in EDGAR")
    headlines: tuple[Headline, ...] = ()
    periodic: Periodic | None = None  # the company's latest report with tagged figures


@dataclass(frozen=True)
class Look:
    """What one look at a feed of everybody's documents showed. `hits`: names of documents, each
    with the scope to ask for it."""

    hits: Mapping[str, Scope]
    cursor: str
    requests: int = 1
    notes: tuple[str, ...] = ()


@runtime_checkable
class Watchable(Protocol):
    """A source that says at once who has something new, without asking about each."""

    def look(self, companies: Sequence[Company], cursor: str | None) -> Look:
        """Raises CallError."""
        ...

    def looked(self, cursor: str, stored: Iterable[str]) -> str:
        """The cursor of a look once its scopes were asked and `stored` of its hits are known."""
        ...


@runtime_checkable
class TellsFacts(Protocol):
    """A source that also has a company's figures as it tagged them."""

    def facts(self, scope: Scope) -> Sequence[FiledFact]:
        """What the source has put together of all its reports. Raises CallError."""
        ...

    def facts_in(self, scope: Scope, report: Periodic) -> Sequence[FiledFact]:
        """What is tagged in one report itself, which is there at once. Raises CallError."""
        ...


class Source(Protocol):
    @property
    def name(self) -> str: ...

    def switched_off(self) -> str | None:
        """Why it cannot work and how to switch it on, or None if it can."""
        ...

    def greet(self) -> str:
        """The cheapest question there is: does it answer us? What it said, for a person.

        Raises CallError."""
        ...

    def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
        """What to ask for, one question each."""
        ...

    def discover(self, scope: Scope, cursor: str | None, since: date | None = None) -> Discovery:
        """New documents of `scope`. No cursor and no `since`: the latest only.

        Raises CallError when the service cannot be asked.
        """
        ...

    def before(self, lead: Lead) -> Lead | None:
        """The document before `lead` in the same scope: asked when the latest held no results."""
        ...

    def fetch(self, lead: Lead) -> RawDocument:
        """The bytes of `lead`. Raises CallError, DocumentRefused, NotResults."""
        ...

    def accepted(self, lead: Lead) -> None:
        """Its bytes are stored for good: the source may tidy up after itself."""
        ...

    def refused(self, lead: Lead, reason: str) -> None:
        """It was refused for good, for `reason`: the source may put it aside."""
        ...
