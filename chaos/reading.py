"""From the providers' records and the product's tables to evidence."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from chaos.evidence import Billed, Blow, Evidence, Listed
from chaos.plan import Fault
from chaos.record import Event, read
from storage.aftermath import Aftermath


def listed_in(events: Sequence[Event]) -> Listed:
    """What the SEC showed."""
    shown: dict[str, None] = {}
    digests: dict[str, str] = {}
    fetched: Counter[str] = Counter()
    for event in events:
        if event["event"] == "listed":
            shown.update(dict.fromkeys(event["accessions"]))
        elif event["event"] == "served":
            digests[event["accession"]] = event["sha256"]
            fetched[event["accession"]] += 1
    return Listed(tuple(shown), digests, fetched)


def billed_in(events: Sequence[Event]) -> list[Billed]:
    """What Claude charged for."""
    names = ("release", "document", "prompt", "model", "how", "answer")
    return [
        Billed(**{name: event[name] for name in names})
        for event in events
        if event["event"] == "billed"
    ]


def evidence_of(
    *,
    sec: Path,
    claude: Path,
    aftermath: Aftermath,
    blows: Sequence[Blow],
    skipped: Mapping[Fault, str],
    requeued_s: Sequence[float],
    expected_slots: Sequence[tuple[str, str]],
    deaths: Sequence[str],
    wanted_kills: int,
    settled_s: float,
    listed_doubts: frozenset[int],
) -> Evidence:
    """Raises CallError if the database cannot be asked."""
    asked = read(claude)
    return Evidence(
        listed=listed_in(read(sec)),
        billed=billed_in(asked),
        turned_away=sum(event["event"] == "turned away" for event in asked),
        blows=blows,
        skipped=skipped,
        requeued_s=requeued_s,
        expected_slots=expected_slots,
        deaths=deaths,
        documents=aftermath.documents(),
        calls=aftermath.calls(),
        listed_doubts=listed_doubts,
        slots=aftermath.slots(),
        unsettled=aftermath.unsettled(),
        fenced=aftermath.fenced(),
        late=aftermath.late(),
        wanted_kills=wanted_kills,
        settled_s=settled_s,
    )
