"""What there is to judge by: the providers' own records, what was done, what the product holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chaos.plan import Fault
from storage.aftermath import CallFound, DocumentFound, SlotFound, Unsettled


@dataclass(frozen=True)
class Listed:
    """What the SEC showed to whoever asked: accession numbers, and the bytes it served."""

    accessions: tuple[str, ...]
    sha256: Mapping[str, str]  # of an accession's release, if it was ever fetched
    fetched: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Billed:
    """One payment, as the provider wrote it down before it answered."""

    release: int  # the number that stands in the document
    document: str  # digest of what was asked about
    prompt: str
    model: str
    how: str  # direct, or batch
    answer: str  # the provider's name for the answer


@dataclass(frozen=True)
class Blow:
    """One fault as it was carried out. `work`: how much the victims were doing just then."""

    fault: Fault
    victims: tuple[str, ...] = ()
    work: int = 0
    by_hand: bool = False
    back_s: float | None = None  # until work went on, where that is measured; None: it did not


@dataclass(frozen=True)
class Evidence:
    listed: Listed
    billed: Sequence[Billed]
    turned_away: int
    blows: Sequence[Blow]
    skipped: Mapping[Fault, str]  # faults that were asked for and could not be had, and why
    requeued_s: Sequence[float]  # of each killed daemon that had work: until none of it was its
    expected_slots: Sequence[tuple[str, str]]  # job and slot, as they were configured
    deaths: Sequence[str]  # daemons that ended by themselves, and how
    documents: Sequence[DocumentFound]
    calls: Sequence[CallFound]
    listed_doubts: frozenset[int]  # documents of the calls that `paid list` shows as in doubt
    slots: Sequence[SlotFound]
    unsettled: Unsettled
    fenced: int  # processes that were taken for dead and shut out
    late: Sequence[str]  # what they ended after that, and it stands
    wanted_kills: int
    settled_s: float  # after the last fault
