"""What scans that died have left unsaid.

A scan is killed, and its documents are seen through all the same: by whoever recovers them, which
may be over before the next scan looks for open ones. Then nobody would ever be told of them. So a
scan also tells what was read since the first of those before it that came to no end.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from jobs.context import JobContext
from jobs.job import Run
from jobs.ports import LedgerRun
from storage.states import RunState

LOOKED_BACK = 20  # runs
TOLD = "documents"  # of a summary: what the scan read


def untold(context: JobContext, run: Run, limit: int) -> list[int]:
    """The ids of documents that were read meanwhile, oldest first."""
    began: list[datetime] = []
    told: set[int] = set()
    for one in context.ledger.history(run.job, LOOKED_BACK):
        said = _documents(one.summary)
        is_own = one.slot == run.slot
        if said is not None:
            told.update(said)
            if not is_own:
                break
        elif (at := _interrupted_at(one, is_own=is_own)) is not None:
            began.append(at)
    if not began:
        return []
    return [one for one in context.insights.read_since(min(began), limit) if one not in told]


def _interrupted_at(one: LedgerRun, *, is_own: bool) -> datetime | None:
    """When a scan that tells of nothing began and came to no end; None if it may come to one."""
    if is_own:  # in another attempt than the first; the ledger keeps when the last one began
        return one.decided_at if one.attempts > 1 else None
    return one.started_at if one.state == RunState.ABANDONED else None


def _documents(summary: object) -> list[int] | None:
    """What a scan read; None if it does not say. One odd row must not end every later scan."""
    return summary.get(TOLD) if isinstance(summary, Mapping) else None
