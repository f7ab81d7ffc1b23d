"""What is kept of a document whose way stopped, so that nobody waits for tomorrow's scan.

A letter is put when a step fails or a gate holds it up, and resolved in the step in which the
way comes to its end. Whether the document or its service is to blame is decided by
`resilience.dead_letters`; `jobs.replays` does again what an outage stopped.

No letter is put for what the database itself could not do (there is nowhere to put it, and
the step waits for it), nor for a paid question that may have been taken: that one is in doubt
(`storage.paid_calls`), which is a person's to settle, and no replay asks it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from jobs.context import JobContext
from resilience.breaker import BreakerState
from resilience.dead_letters import Cause, cause_of, counts_against_item, pause_after
from resilience.outcomes import CallError, Rejected, was_not_accepted
from storage.dead_letters import Cause as Kept
from storage.dead_letters import DeadLetter, DeadLetters
from storage.documents import StoredDocument
from storage.errors import SERVICE as DATABASE
from storage.states import LetterState

log = logging.getLogger("jobs.dead_letters")

DOCUMENT = "document"  # the kind of a letter whose key is a document's number
OURS = "retailxai"  # the service of a letter that blames none: the mistake is our own
OPEN = (LetterState.WAITING, LetterState.REPLAYING)
_FAILED, _TRIED, _RETRY_AT = "failed_while_healthy", "failed_while_let_through", "retry_at"


@dataclass(frozen=True)
class Judged:
    """Why a step failed. `is_outage`: as far as is known the service is ill, not the document."""

    cause: Cause
    service: str
    error: str
    is_outage: bool
    payload: dict[str, Any]


class Letters:
    """The letters of documents."""

    def __init__(self, context: JobContext) -> None:
        self._context = context
        self._store = context.dead_letters

    def judge(self, document: StoredDocument, step: str, error: Exception) -> Judged:
        """Raises what the database raises."""
        is_call = isinstance(error, CallError)
        said = str(error) if is_call else f"{type(error).__name__}: {error}"
        service = error.service if isinstance(error, CallError) else OURS
        if self._store is None or service == DATABASE:
            return Judged(Cause.NEITHER, service, said, False, {})
        is_healthy = self._is_healthy(service)
        known = self._store.find(DOCUMENT, str(document.id))
        before = _counted(known, _FAILED)
        cause = cause_of(error, service_is_healthy=is_healthy, failed_while_healthy=before)
        counts = counts_against_item(error, service_is_healthy=is_healthy)
        was_let_through = not isinstance(error, Rejected) and not self._is_shut(service)
        tried = _counted(known, _TRIED) + was_let_through
        payload: dict[str, Any] = {
            "step": step,
            "state": str(document.state),
            _FAILED: before + counts,
            _TRIED: tried,
        }
        retry_at = self._not_before(error, tried if was_let_through else 0)
        if retry_at is not None:
            payload[_RETRY_AT] = retry_at.isoformat()
        return Judged(cause, service, said, cause is Cause.OUTAGE, payload)

    def put(self, document: StoredDocument, judged: Judged) -> str:
        """The cause it is kept for, "" if it is not."""
        if self._store is None or judged.cause is Cause.NEITHER:
            return ""
        cause: Kept = "poison" if judged.cause is Cause.POISON else "outage"
        self._store.put(
            judged.service, DOCUMENT, str(document.id), judged.payload, judged.error, cause
        )
        log.info(
            "document %d is kept as a dead letter (%s of %s): %s",
            document.id,
            cause,
            judged.service,
            judged.error,
            extra={"fields": {"document": document.id, "cause": cause, "service": judged.service}},
        )
        return cause

    def put_unanswered(self, document: StoredDocument, errors: Iterable[CallError]) -> str:
        """For the first of the analysts' `errors` that a replay may heal."""
        for error in errors:
            if was_not_accepted(error):  # otherwise it may have been paid for
                kept = self.put(document, self.judge(document, "ask", error))
                if kept:
                    return kept
        return ""

    def resolve(self, document_id: int) -> None:
        if self._store is not None and self._store.resolve(DOCUMENT, str(document_id)):
            log.info("document %d is no dead letter any more", document_id)

    def _is_healthy(self, service: str) -> bool:
        policies = self._context.policies
        return service not in policies.services() or policies.of(service).is_healthy()

    def _lets_through(self, service: str) -> bool:
        """A call of which nothing is known."""
        policies = self._context.policies
        return service in policies.services() and policies.explain(service).passes

    def _is_shut(self, service: str) -> bool:
        """Whether its circuit keeps replays back; one that is switched off keeps back nothing."""
        policies = self._context.policies
        if service not in policies.services():
            return False
        state = policies.of(service).status().state
        return state not in (BreakerState.CLOSED, BreakerState.DISABLED)

    def _not_before(self, error: Exception, failed: int) -> datetime | None:
        """When a replay may help, where the service's policy cannot know it."""
        if isinstance(error, Rejected) and (
            error.gate == Rejected.gate  # a budget of money, an analyst that waits by itself
            or self._lets_through(error.service)  # not this: a quota of what it would have taken
        ):
            return error.retry_at
        pause_s = pause_after(failed)
        return self._context.clock.now() + timedelta(seconds=pause_s) if pause_s else None


def _counted(letter: DeadLetter | None, what: str) -> int:
    """How often so far, of one that is open."""
    if letter is None or letter.state not in OPEN:
        return 0
    found = letter.payload.get(what, 0)
    return found if isinstance(found, int) else 0


def not_before(letter: DeadLetter) -> datetime | None:
    """When a replay may help, where only the letter knows."""
    text = letter.payload.get(_RETRY_AT)
    return datetime.fromisoformat(text) if isinstance(text, str) else None


def is_due(letter: DeadLetter, now: datetime) -> bool:
    """Whether it may be replayed, as far as the letter itself knows."""
    at = not_before(letter)
    return at is None or at <= now


def ask_again(store: DeadLetters, letter: DeadLetter) -> None:
    """A person decided: it is replayed like one of an outage, with all its tries anew. Whoever
    replays finds it; without a daemon that is the next to start."""
    payload = {k: v for k, v in letter.payload.items() if k not in (_FAILED, _TRIED, _RETRY_AT)}
    store.put(letter.service, letter.kind, letter.key, payload, letter.error, "outage")
