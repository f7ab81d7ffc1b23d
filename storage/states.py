"""The state machines the database keeps: their states and every move that is allowed.

`None` stands for a row that is just being written. The same moves stand in the table
`allowed_move`, where a trigger (`guard_move`) refuses all others, whoever writes; and in
docs/states.md as drawings. A test holds enum, table, guard and drawing together.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from earnings.vocabulary import DocumentState


class RunState(StrEnum):
    """Where one slot of a job stands."""

    DUE = "due"  # decided to run; the first to claim it runs it
    DEFERRED = "deferred"  # cannot run yet, the reason says why; claimed when its time has come
    # not to run, the reason says why; due again if a person says so, or if a clock ahead said it
    SKIPPED = "skipped"
    RUNNING = "running"  # claimed by an executor
    SUCCEEDED = "succeeded"  # done; final
    FAILED = "failed"  # it raised, the error is kept; due again if a person says so
    ABANDONED = "abandoned"  # its executor died over it; may be claimed again
    CANCELLED = "cancelled"  # stopped by a person, the error says by whom; due again if one says so


class CallState(StrEnum):
    """Where one paid question stands."""

    QUEUED = "queued"  # waits for the next batch; not asked yet
    INTENT = "intent"  # written down, the call is being made
    ANSWERED = "answered"  # the answer is stored; final
    REFUSED = "refused"  # proven not to have been accepted: free to be asked again
    IN_DOUBT = "in_doubt"  # may have been paid for; not asked again by itself
    DROPPED = "dropped"  # given up by a person: never asked again; final


class BatchState(StrEnum):
    """Where one batch of paid questions stands."""

    INTENT = "intent"  # written down and being sent; if its sender dies, looked up
    SENT = "sent"  # the provider has it
    CANCELLING = "cancelling"  # past its deadline: its end is awaited
    ENDED = "ended"  # its answers are stored
    DONE = "done"  # and the documents are on their way to be read with them; final
    REFUSED = "refused"  # proven not to have been taken; final
    LOST = "lost"  # the provider does not know it any more: its questions are in doubt; final


class LetterState(StrEnum):
    """Where one piece of work stands that could not be done."""

    WAITING = "waiting"  # for its service to come back, or for a person
    REPLAYING = "replaying"  # claimed, and being done once more
    RESOLVED = "resolved"  # done after all; waits again only if it fails again
    DROPPED = "dropped"  # given up by a person; waits again only if it fails again


class AgentState(StrEnum):
    """How a collector, an analyst or a writer stands.

    One row, three facts: a pause hides that it works, work hides that it is degraded, and
    neither forgets the other. Good or bad it becomes by work alone.
    """

    IDLE = "idle"  # nobody works in it and its last execution was good
    WORKING = "working"  # at least one executor works in it; the last to rest ends it
    DEGRADED = "degraded"  # nobody works in it and its last execution failed
    PAUSED = "paused"  # a person said so, until a time or a person ends it; begins nothing new


Moves = Mapping[StrEnum | None, frozenset[StrEnum]]

_D, _R, _C, _L, _A = DocumentState, RunState, CallState, LetterState, AgentState
_B = BatchState

DOCUMENT_MOVES: Moves = {
    None: frozenset({_D.DISCOVERED}),
    _D.DISCOVERED: frozenset({_D.FETCHED, _D.IRRELEVANT, _D.REFUSED, _D.FAILED}),
    _D.FETCHED: frozenset({_D.READ, _D.IRRELEVANT, _D.REFUSED, _D.FAILED}),
    _D.READ: frozenset({_D.ANALYSED, _D.IRRELEVANT, _D.REFUSED, _D.FAILED}),
    # a failed one goes back to where its stored parts allow
    _D.FAILED: frozenset({_D.DISCOVERED, _D.FETCHED, _D.READ, _D.IRRELEVANT, _D.REFUSED}),
    _D.ANALYSED: frozenset(),
    _D.IRRELEVANT: frozenset(),
    _D.REFUSED: frozenset(),
}

RUN_MOVES: Moves = {
    None: frozenset({_R.DUE, _R.DEFERRED, _R.SKIPPED}),
    _R.DUE: frozenset({_R.RUNNING, _R.DEFERRED, _R.SKIPPED}),
    _R.DEFERRED: frozenset({_R.RUNNING, _R.SKIPPED}),
    _R.RUNNING: frozenset({_R.SUCCEEDED, _R.FAILED, _R.ABANDONED, _R.DEFERRED, _R.CANCELLED}),
    _R.ABANDONED: frozenset({_R.RUNNING, _R.SKIPPED}),
    _R.SUCCEEDED: frozenset(),
    # a person may ask for the same slot once more (storage/run_orders.py)
    _R.FAILED: frozenset({_R.DUE}),
    _R.SKIPPED: frozenset({_R.DUE}),
    _R.CANCELLED: frozenset({_R.DUE}),
}

CALL_MOVES: Moves = {
    None: frozenset({_C.INTENT, _C.QUEUED}),
    _C.QUEUED: frozenset({_C.INTENT, _C.REFUSED}),
    # a late answer of an owner that was thought dead is still an answer
    # a batch that was not taken puts its questions back
    _C.INTENT: frozenset({_C.ANSWERED, _C.REFUSED, _C.IN_DOUBT, _C.QUEUED}),
    _C.IN_DOUBT: frozenset({_C.ANSWERED, _C.REFUSED, _C.DROPPED}),
    _C.REFUSED: frozenset({_C.INTENT, _C.QUEUED}),
    _C.ANSWERED: frozenset(),
    _C.DROPPED: frozenset(),
}

BATCH_MOVES: Moves = {
    None: frozenset({_B.INTENT}),
    _B.INTENT: frozenset({_B.SENT, _B.REFUSED, _B.LOST}),
    _B.SENT: frozenset({_B.CANCELLING, _B.ENDED, _B.LOST}),
    _B.CANCELLING: frozenset({_B.ENDED, _B.LOST}),
    _B.ENDED: frozenset({_B.DONE}),
    _B.DONE: frozenset(),
    _B.REFUSED: frozenset(),
    _B.LOST: frozenset(),
}

LETTER_MOVES: Moves = {
    None: frozenset({_L.WAITING}),
    # what waits may also be done in another way: then nothing is left to replay
    _L.WAITING: frozenset({_L.REPLAYING, _L.RESOLVED, _L.DROPPED}),
    _L.REPLAYING: frozenset({_L.WAITING, _L.RESOLVED}),
    _L.RESOLVED: frozenset({_L.WAITING}),
    _L.DROPPED: frozenset({_L.WAITING}),
}

AGENT_MOVES: Moves = {
    None: frozenset({_A.IDLE}),
    _A.IDLE: frozenset({_A.WORKING, _A.PAUSED}),
    _A.WORKING: frozenset({_A.IDLE, _A.DEGRADED, _A.PAUSED}),
    _A.DEGRADED: frozenset({_A.WORKING, _A.PAUSED}),
    # what was under way when it was paused goes on, and may turn out either way
    _A.PAUSED: frozenset({_A.IDLE, _A.WORKING, _A.DEGRADED}),
}

MACHINES: Mapping[str, tuple[type[StrEnum], Moves]] = {
    "document": (DocumentState, DOCUMENT_MOVES),
    "job_run": (RunState, RUN_MOVES),
    "paid_call": (CallState, CALL_MOVES),
    "paid_batch": (BatchState, BATCH_MOVES),
    "dead_letter": (LetterState, LETTER_MOVES),
    "agent": (AgentState, AGENT_MOVES),
}
