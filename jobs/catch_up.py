"""What becomes of slots that are due: run, or skipped for a reason.

A pure decision, taken on all that is due at once. A tick that comes late (the machine slept,
the daemon was down) finds many slots; the job's rule says which of them are made up for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from jobs.slots import Slot

_HOUR = timedelta(hours=1)
ON_TIME = timedelta(minutes=5)  # what `none` still takes for punctual


class CatchUp(StrEnum):
    LATEST = "latest"  # of several missed slots only the newest runs
    ALL = "all"  # each runs, oldest first, one after the other
    NONE = "none"  # a slot that was missed is not made up for


class Overlap(StrEnum):
    """What a slot does that falls due while its job is running."""

    SKIP = "skip"  # it is not run
    QUEUE = "queue"  # it runs when the run before it has ended
    AUTO = "auto"  # queue if all are caught up on, else skip


class Decision(StrEnum):
    RUN = "run"
    SKIPPED = "skipped"


@dataclass(frozen=True)
class Decided:
    slot: Slot
    decision: Decision
    reason: str  # why it is skipped, or how late it runs; "" for a punctual run


def decide(
    due: Sequence[Slot],
    now: datetime,
    *,
    catch_up: CatchUp,
    max_age: timedelta,
    overlap: Overlap = Overlap.AUTO,
    busy_with: str | None = None,
) -> list[Decided]:
    """A decision on each of `due` (oldest first). `busy_with`: the slot this job is running.

    Of several that are to run each waits for the one before it, whatever `overlap` says: that
    is about the run that is going on.
    """
    decided: list[Decided] = []
    before = busy_with
    for position, slot in enumerate(due):
        reason = _why_not(slot, now, catch_up, max_age, is_newest=position == len(due) - 1)
        if reason is None and busy_with is not None and not _queues(overlap, catch_up):
            reason = f"the run of {busy_with} has not ended"
        if reason is not None:
            decided.append(Decided(slot, Decision.SKIPPED, reason))
            continue
        decided.append(Decided(slot, Decision.RUN, _how(now - slot.due_at, before)))
        before = slot.name
    return decided


def _queues(overlap: Overlap, catch_up: CatchUp) -> bool:
    if overlap is Overlap.AUTO:
        return catch_up is CatchUp.ALL
    return overlap is Overlap.QUEUE


def _why_not(
    slot: Slot, now: datetime, catch_up: CatchUp, max_age: timedelta, *, is_newest: bool
) -> str | None:
    late = now - slot.due_at
    if late <= ON_TIME and is_newest:
        return None
    if catch_up is CatchUp.NONE:
        return f"missed by {_spoken(late)}; this job is not caught up"
    if catch_up is CatchUp.LATEST and not is_newest:
        return "missed; a later slot is due and only the latest is caught up"
    if late > max_age:
        return f"missed by {_spoken(late)}, which is more than {max_age / _HOUR:g} h"
    return None


def _how(late: timedelta, before: str | None) -> str:
    lateness = [] if late <= ON_TIME else [f"late by {_spoken(late)}"]
    return ", ".join(lateness + ([] if before is None else [f"after the run of {before}"]))


def _spoken(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h" if minutes < 48 * 60 else f"{minutes // (24 * 60)} days"
