"""Leads on their way into the store, and documents on their way into the queue."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from earnings.sources.base import Discovery, Scope, Source
from earnings.vocabulary import DocumentState, Lead
from jobs.context import JobContext
from resilience.outcomes import CallError, ShuttingDown
from storage.documents import Recorded, StoredDocument
from storage.executions import Execution

log = logging.getLogger("jobs.leads")

STEPS_BACK = 3  # releases looked at instead, when the latest turns out to hold no results
MOST_TIMES_HELD_UP = 1000
READ = (DocumentState.ANALYSED, DocumentState.IRRELEVANT, DocumentState.REFUSED)
_SCOPE, _BACK = "scope", "steps_back"


def record(
    context: JobContext,
    source: Source,
    scope: Scope,
    discovery: Discovery,
    expected_cursor: str | None,
    *,
    is_first: bool,
    execution: Execution | None = None,
) -> Recorded:
    """Store what was found together with the moved cursor; what of it is new.

    `is_first`: it is a scope's latest and only release, so an earlier one may stand in.
    `execution`: the collector's.
    """
    marks = {_SCOPE: scope.key, **({_BACK: "0"} if is_first else {})}
    leads = [_marked(lead, marks) for lead in discovery.leads]
    return context.documents.record_found(
        source.name,
        scope.key,
        leads,
        discovery.headlines,
        discovery.cursor,
        expected_cursor,
        execution,
    )


def record_earlier(
    context: JobContext, document: StoredDocument, *, later: bool = False
) -> str | None:
    """The document before `document`, which held no results: stored and queued, if this was
    a scope's first and not too many were tried. Returns its work's id."""
    back, scope = document.details.get(_BACK), document.details.get(_SCOPE)
    source = context.sources.get(document.source)
    if back is None or scope is None or source is None or int(back) >= STEPS_BACK:
        return None
    try:
        lead = source.before(document.lead)
    except ShuttingDown:
        raise
    except CallError as error:
        log.warning("document %d: nothing stands in for it: %s", document.id, error)
        return None
    if lead is None:
        return None
    marked = _marked(lead, {_SCOPE: scope, _BACK: str(int(back) + 1)})
    cursor = context.documents.cursor(document.source, scope)
    new = context.documents.record(document.source, scope, [marked], cursor, cursor)
    return next(iter(enqueue(context, new, later=later)), None)


def enqueue(
    context: JobContext,
    document_ids: Iterable[int],
    *,
    later: bool = False,
    again: Collection[int] = (),
) -> dict[str, int]:
    """Have documents worked on, whoever else wants the same; work id to document id.

    `later`: nobody waits for the paid analysts, so their questions may go in a batch. `again`:
    those that are to be worked on although they have been read.
    """
    documents = context.documents.several(list(document_ids))
    work = _free_ids(context, documents, again)
    _enqueue(context, work, later=later)
    return work


def enqueue_again(context: JobContext, document: StoredDocument, *, later: bool = False) -> bool:
    """Have it worked on once more; False if it waits in the queue or is worked on already.
    `later` as in `enqueue`."""
    work = _free_ids(context, [document], [document.id])
    known = context.engine.statuses(list(work))
    new = {work_id: each for work_id, each in work.items() if work_id not in known}
    _enqueue(context, new, later=later)
    return bool(new)


def _enqueue(context: JobContext, work: Mapping[str, int], *, later: bool = False) -> None:
    """With the run that wants it, for its log; of several the first one counts."""
    further: tuple[object, ...] = (later,) if later else ()
    if context.run is not None:
        further = (later, context.run)
    context.engine.enqueue_all(
        "document", {work_id: (document_id, *further) for work_id, document_id in work.items()}
    )


def _free_ids(
    context: JobContext, documents: Iterable[StoredDocument], again: Collection[int]
) -> dict[str, int]:
    """The engine does an id once, so a document that failed or was held up needs the next:
    the attempt, and within it how often it was held up. One that another scan has seen to
    since it was looked for keeps the id of that work."""
    free: dict[str, int] = {}
    open_ = {(document.id, 0): document for document in documents}
    for _ in range(MOST_TIMES_HELD_UP):
        wanted: Mapping[str, tuple[int, int]] = {
            _work_id(document, held_up): (document.id, held_up)
            for (_, held_up), document in open_.items()
        }
        statuses = context.engine.statuses(list(wanted))
        over = {wanted[each.id] for each in statuses.values() if each.is_finished}
        now = {each.id: each for each in context.documents.several([id_ for id_, _ in over])}
        taken: dict[tuple[int, int], StoredDocument] = {}
        for work_id, place in wanted.items():
            (document_id, held_up), document = place, open_[place]
            is_again = document_id in again
            if place in over and not _is_done(document, now.get(document_id), is_again):
                taken[document_id, held_up + 1] = document
            else:
                free[work_id] = document_id
        if not taken:
            break
        open_ = taken
    return free


def _is_done(document: StoredDocument, now: StoredDocument | None, is_asked_again: bool) -> bool:
    """Whether nothing is left to do for it, or it was moved on since `document` was read."""
    if now is None or (now.state in READ and not is_asked_again):
        return True
    return (now.state, now.attempts) != (document.state, document.attempts)


def _work_id(document: StoredDocument, held_up: int) -> str:
    again = f".{held_up}" if held_up else ""
    return f"doc:{document.source}:{document.id}:{document.attempts}{again}"


def _marked(lead: Lead, marks: Mapping[str, str]) -> Lead:
    return replace(lead, details={**lead.details, **marks})
