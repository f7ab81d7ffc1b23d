"""The ledger of paid calls: no crash pays twice for one question.

    every gate passed  ->  intent row  ->  sent  ->  answer row, before anybody sees the answer

The intent is written when the question is first about to be sent, not when it begins to wait
for its turn: a rejection, or a kill while waiting, leaves nothing behind. It stands while a
question that was turned away is tried again. A kill between intent and answer leaves an
intent that nobody answers: it may have been paid for, so it becomes in doubt and is not asked
again by itself. "Nothing repeated" and "nothing lost" cannot both hold at every instant; this
chooses not repeated, and says what is in doubt (`in_doubt()`), for a person to release.
Questions that can wait go in batches instead (`storage.paid_batches`), whose answers can be
looked up after any kill.

Only one kind of failure frees the question: proof that the other side did not take it (a
refused connection, a breaker that let nothing through).
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

from psycopg2.extras import Json

from earnings.analysts.base import (
    AnswerLater,
    AskedWith,
    Batchable,
    Begin,
    CallInDoubt,
    CallKey,
    PaidAnswer,
    Usage,
)
from resilience.clock import Clock, SystemClock
from resilience.outcomes import was_not_accepted
from storage.call_budget import BudgetExhausted, Caps, check, lock
from storage.database import Database, Row, Tx
from storage.errors import DatabaseError, DatabaseUnavailable, Fenced
from storage.intent import Intent, NotSent
from storage.states import CallState

_POLL_S = 0.2
_STORE_AGAIN_S = 1.0
_NOT_SENT = "it was not sent"

_FREE = frozenset({CallState.REFUSED, CallState.QUEUED})  # may be asked, and was not

__all__ = ["BudgetExhausted", "Caps", "PaidCallLedger", "Standing"]


class Standing(StrEnum):
    """Where a question without an answer stands."""

    FREE = "free"  # never asked, or proven not to have been accepted
    QUEUED = "queued"  # waits for the next batch; not asked either
    BUSY = "busy"  # somebody asks it just now


@dataclass(frozen=True)
class OpenCall:
    """A question without an answer."""

    id: int
    key: CallKey
    owner: str
    estimate_usd: Decimal
    begun_at: datetime
    reason: str


@dataclass(frozen=True)
class Spend:
    """What one provider took. `open_usd` is estimated for what has no answer and may have been
    paid for."""

    provider: str
    usd: Decimal
    open_usd: Decimal
    calls: int
    in_doubt: int
    input_tokens: int
    cache_write_tokens: int
    cache_read_tokens: int
    output_tokens: int


class PaidCallLedger:
    """Implements `earnings.analysts.base.PaidCalls`.

    `owner` is this process's executor id, `is_dead` says whether another one is gone.
    `caps` are per provider, and under `call_budget.ALL` over all of them. `free` are providers
    that bill nobody: a question to one of them is never in doubt, it may always be asked again.
    An intent older than `max_age_s` (longer than any call may take) is in doubt whoever owns it.
    While another process asks the same question its answer is waited for `wait_s`. An answer
    that cannot be stored because the database is away is tried for `store_within_s`; it has
    been paid for.
    """

    def __init__(
        self,
        database: Database,
        owner: str,
        *,
        is_dead: Callable[[str], bool],
        caps: Mapping[str, Caps] | None = None,
        free: Collection[str] = (),
        clock: Clock | None = None,
        max_age_s: float = 900.0,
        wait_s: float = 120.0,
        store_within_s: float = 60.0,
    ) -> None:
        self._database = database
        self._owner = owner
        self._is_dead = is_dead
        self._caps = dict(caps or {})
        self._bills_nobody = frozenset(free)
        self._clock = clock or SystemClock()
        self._max_age = timedelta(seconds=max_age_s)
        self._wait_s = wait_s
        self._store_within_s = store_within_s
        self._spent: set[str] = set()  # providers whose caps said no when they were last asked
        # What the database could not be told while it was away.
        self._lock = threading.Lock()
        self._unstored: dict[int, PaidAnswer] = {}
        self._unsent: set[CallKey] = set()  # may stand as intents of ours, and were not sent

    def once(
        self,
        key: CallKey,
        estimate_usd: Decimal,
        call: Callable[[Begin], PaidAnswer],
        batch: Batchable | None = None,
    ) -> PaidAnswer:
        """The stored answer for `key`, or `call`'s, stored before it is returned. One that waits
        for a batch is asked now; one that is on its way in a batch is not.

        Raises CallInDoubt, AnswerLater, BudgetExhausted, DatabaseUnavailable, and whatever
        `call` raises.
        """
        give_up_at = self._clock.monotonic() + self._wait_s
        while True:
            found = self.look(key, estimate_usd)
            if isinstance(found, PaidAnswer):
                return found
            if found is not Standing.BUSY:
                answer = self._ask(key, estimate_usd, call)
                if answer is not None:
                    return answer
            if self._clock.monotonic() >= give_up_at:
                raise CallInDoubt(
                    f"{_name(key)} is being asked by another process, which did not answer within "
                    f"{self._wait_s:.0f} s; it is not asked a second time"
                )
            self._clock.wait(_POLL_S)

    def spend(self, since: datetime) -> tuple[Spend, ...]:
        """Per provider, of the calls begun since then."""
        with self._database.transaction() as tx:
            return tuple(Spend(**row) for row in tx.all("paid_calls.spend", since=since))

    def in_doubt(self, limit: int = 100) -> tuple[OpenCall, ...]:
        """Oldest first."""
        rows = self._database.all("paid_calls.in_doubt", limit=limit)
        return tuple(_open_call(row) for row in rows)

    def store_late(self) -> int:
        """Store the answers for which the database was away too long; how many. To be called
        before the process ends: afterwards nobody has them. Raises DatabaseUnavailable."""
        with self._lock:
            waiting = dict(self._unstored)
        for call_id, answer in waiting.items():
            self._write(call_id, answer)
            with self._lock:
                self._unstored.pop(call_id, None)
        return len(waiting)

    def recover(self) -> int:
        """Put the open questions of dead or overdue owners in doubt; how many."""
        rows = self._database.all("paid_calls.open_intents", limit=1000)
        return sum(self._doubt(row, row["provider"]) for row in rows if self._has_no_owner(row))

    def look(self, key: CallKey, estimate_usd: Decimal) -> PaidAnswer | Standing:
        """The answer there is, or whether the question may be asked, or waits for a batch.

        Raises CallInDoubt, AnswerLater, BudgetExhausted, DatabaseUnavailable.
        """
        with self._database.transaction() as tx:
            row = tx.one("paid_calls.find", **vars(key))
            if key.provider in self._spent and (row is None or row["state"] in _FREE):
                self._check(tx, key.provider, estimate_usd)  # or it would wait for its turn first
        if row is None:
            return Standing.FREE
        answer = self._judge(key, row)
        if answer is not None:
            return answer
        if row["state"] == CallState.QUEUED:
            return Standing.QUEUED
        return Standing.FREE if row["state"] in _FREE else Standing.BUSY

    # ---- the way of one question --------------------------------------------------------

    def _begin(
        self, key: CallKey, estimate_usd: Decimal, *, unsent: bool = False
    ) -> PaidAnswer | int | None:
        """The answer there is; or the id of the intent that is ours to ask; or None while
        somebody else asks. `unsent`: an intent of ours that stands was not sent, or not taken."""
        with self._database.transaction() as tx:
            lock(tx, key.provider, self._caps)
            row = tx.one("paid_calls.find", **vars(key))
            if unsent and row is not None and self._is_ours(row):
                self._settled(tx, row["id"], self._owner, CallState.REFUSED, _NOT_SENT)
                row = {**row, "state": CallState.REFUSED}
            if row is None or row["state"] in _FREE:
                return self._intend(tx, key, estimate_usd, row)
        return self._judge(key, row)

    def _judge(self, key: CallKey, row: Row) -> PaidAnswer | None:
        """The answer of a question that was asked before; None if it has none yet, or was not
        accepted. Raises CallInDoubt, AnswerLater."""
        state = CallState(row["state"])
        if state is CallState.ANSWERED:
            return _stored_answer(row)
        if state is CallState.IN_DOUBT:
            raise CallInDoubt(_doubtful(key, row["begun_at"], row["reason"]))
        if state is CallState.DROPPED:
            raise CallInDoubt(f"{_name(key)} is not asked: {row['reason']}")
        if state is not CallState.INTENT:
            return None
        if row["batch_id"] is not None:
            raise AnswerLater(
                f"{_name(key)} is on its way in batch {row['batch_id']} since "
                f"{row['begun_at']:%Y-%m-%d %H:%M} UTC"
            )
        unstored = self._unstored_answer(row["id"])
        if unstored is not None:
            self._store(row["id"], unstored)
            return unstored
        if self._is_ours(row) and self._take_unsent(key):
            self._free(key, row)
            return None
        # An owner may store its answer and end between our look at the row and at its lock:
        # then nothing is put in doubt, and the row is looked at again.
        if self._has_no_owner(row) and self._doubt(row, key.provider):
            if key.provider in self._bills_nobody:
                return None
            raise CallInDoubt(_doubtful(key, row["begun_at"], "no answer was stored"))
        return None

    def _intend(self, tx: Tx, key: CallKey, estimate_usd: Decimal, known: Row | None) -> int | None:
        self._check(tx, key.provider, estimate_usd)
        values = {"owner": self._owner, "estimate_usd": estimate_usd, "at": self._clock.now()}
        values |= asked_columns(key.asked)
        if known is not None:
            row = tx.one("paid_calls.intend_again", id=known["id"], **values)
        else:
            row = tx.one("paid_calls.intend", **vars(key), **values)
        return int(row["id"]) if row else None

    def _check(self, tx: Tx, provider: str, estimate_usd: Decimal) -> None:
        """Raises BudgetExhausted."""
        try:
            check(tx, provider, self._caps, estimate_usd, self._clock.now())
        except BudgetExhausted:
            self._spent.add(provider)
            raise
        self._spent.discard(provider)

    def _ask(
        self, key: CallKey, estimate_usd: Decimal, call: Callable[[Begin], PaidAnswer]
    ) -> PaidAnswer | None:
        """None if somebody else began to ask while we waited for our turn."""
        intent = Intent(
            key.provider,
            lambda: self._written(key, estimate_usd),
            lambda call_id, failure: self._taken_back(key, call_id, failure),
        )
        answer: PaidAnswer | None = None
        try:
            answer = call(intent)
        except NotSent:
            pass  # raised anew below, where it carries no trace of the gates it went through
        except BaseException as error:
            if intent.id is not None:
                self._settle(key, intent.id, error)
            raise
        if isinstance(intent.problem, _Overtaken):
            return intent.problem.instead
        if intent.problem is not None:
            raise intent.problem
        if answer is None or intent.id is None:
            raise RuntimeError(f"{_name(key)} was asked without being written down first")
        with self._lock:
            self._unstored[intent.id] = answer
        self._store(intent.id, answer)
        return answer

    def _written(self, key: CallKey, estimate_usd: Decimal) -> int:
        unsent = self._take_unsent(key)
        try:
            begun = self._begin(key, estimate_usd, unsent=unsent)
        except DatabaseError:
            self._add_unsent(key)  # lost while it committed, it may stand there all the same
            raise
        if isinstance(begun, int):
            return begun
        raise _Overtaken(begun)

    def _store(self, call_id: int, answer: PaidAnswer) -> None:
        """Paid for, so worth some patience with a database that is away."""
        give_up_at = self._clock.monotonic() + self._store_within_s
        while True:
            try:
                self._write(call_id, answer)
            except DatabaseUnavailable:
                if self._clock.monotonic() >= give_up_at:
                    raise  # kept in this process: asking again stores it, without a call
            else:
                with self._lock:
                    self._unstored.pop(call_id, None)
                return
            self._clock.wait(_STORE_AGAIN_S)

    def _write(self, call_id: int, answer: PaidAnswer) -> None:
        """Also for a process that was given up: others will not pay for it a second time."""
        columns = self._answer_columns(call_id, answer)
        try:
            with self._database.transaction() as tx:
                tx.run("paid_calls.answer", **columns)
        except Fenced:
            with self._database.unfenced() as tx:
                tx.run("paid_calls.answer", **columns)

    def _answer_columns(self, call_id: int, answer: PaidAnswer) -> Row:
        return {
            "id": call_id,
            "owner": self._owner,
            "at": self._clock.now(),
            "body": as_it_came(answer.body),
            **vars(answer.usage),
            **asked_columns(answer.asked),
        }

    def _settle(self, key: CallKey, call_id: int, error: BaseException) -> None:
        """Without the database the intent stays as it is: in doubt once its owner is gone, and
        free before that if it is known not to have been accepted."""
        free = key.provider in self._bills_nobody or was_not_accepted(error)
        state = CallState.REFUSED if free else CallState.IN_DOUBT
        try:
            self._end(call_id, self._owner, state, _why(error))
        except DatabaseUnavailable as away:
            if free:
                self._add_unsent(key)
            error.add_note(f"and it could not be written down: {away}")

    def _taken_back(self, key: CallKey, call_id: int, failure: Exception) -> None:
        """Nothing stands as asked while another attempt is waited for: who dies meanwhile leaves
        nothing in doubt, and who was taken for dead meanwhile finds that out before he asks again.
        """
        try:
            self._end(call_id, self._owner, CallState.REFUSED, _why(failure))
        except DatabaseError:
            self._add_unsent(key)

    def _free(self, key: CallKey, row: Row) -> None:
        """Write down what could not be: it is free. Nobody begins it before that."""
        try:
            self._end(row["id"], self._owner, CallState.REFUSED, _NOT_SENT)
        except DatabaseError:
            self._add_unsent(key)
            raise

    def _add_unsent(self, key: CallKey) -> None:
        with self._lock:
            self._unsent.add(key)

    def _take_unsent(self, key: CallKey) -> bool:
        """One thread's to act on."""
        with self._lock:
            was_there = key in self._unsent
            self._unsent.discard(key)
        return was_there

    def _unstored_answer(self, call_id: int) -> PaidAnswer | None:
        with self._lock:
            return self._unstored.get(call_id)

    def _is_ours(self, row: Row) -> bool:
        is_asked = row["state"] == CallState.INTENT and row["batch_id"] is None
        return is_asked and bool(row["owner"] == self._owner)

    def _has_no_owner(self, row: Row) -> bool:
        if self._clock.now() - row["begun_at"] > self._max_age:
            return True
        return row["owner"] != self._owner and self._is_dead(row["owner"])

    def _doubt(self, row: Row, provider: str) -> int:
        reason = "no answer was stored by the process that asked"
        free = provider in self._bills_nobody
        state = CallState.REFUSED if free else CallState.IN_DOUBT
        return self._end(row["id"], row["owner"], state, reason)

    def _end(self, call_id: int, owner: str, state: CallState, reason: str) -> int:
        """Of an intent that has no answer; 0 if it is none any more."""
        with self._database.transaction() as tx:
            return self._settled(tx, call_id, owner, state, reason)

    def _settled(self, tx: Tx, call_id: int, owner: str, state: CallState, reason: str) -> int:
        return tx.run(
            "paid_calls.settle",
            id=call_id,
            owner=owner,
            state=state,
            reason=reason[:1000],
            at=self._clock.now(),
        )


class _Overtaken(Exception):
    """Somebody else began to ask the same while we waited for our turn. `instead`: the answer,
    if there is one already."""

    def __init__(self, instead: PaidAnswer | None) -> None:
        super().__init__("somebody else asks the same just now")
        self.instead = instead


def asked_columns(asked: AskedWith | None) -> Row:
    """What a question is asked with, as columns; null where that was not said."""
    return {each.name: getattr(asked, each.name, None) for each in fields(AskedWith)}


def as_it_came(body: Mapping[str, object]) -> Json:
    """A provider's JSON as a column of type json, which keeps its order and its odd characters."""
    return Json(dict(body), dumps=lambda each: json.dumps(each, default=str))


def _stored_answer(row: Row) -> PaidAnswer:
    usage = Usage(
        row["input_tokens"],
        row["cache_write_tokens"],
        row["cache_read_tokens"],
        row["output_tokens"],
        row["cost_usd"],
    )
    return PaidAnswer(row["body"], usage)


def _open_call(row: Row) -> OpenCall:
    key = CallKey(row["provider"], row["model"], row["prompt_version"], row["sha256"])
    names = ("id", "owner", "estimate_usd", "begun_at", "reason")
    return OpenCall(key=key, **{name: row[name] for name in names})


def _why(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}"


def _name(key: CallKey) -> str:
    return f"{key.provider} {key.model} (prompt {key.prompt_version}) on {key.sha256[:12]}"


def _doubtful(key: CallKey, begun_at: datetime, reason: str) -> str:
    return (
        f"{_name(key)} was asked at {begun_at:%Y-%m-%d %H:%M:%S} UTC and may have been paid for "
        f"({reason or 'no answer was stored'}); it is not asked again by itself"
    )
