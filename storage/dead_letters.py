"""Work that could not be done and is not to be lost: kept with its reason until it is done.

Two causes. An *outage*: the service was away, and the work may well pass once it is back; a
job replays it then. *Poison*: the work itself cannot be done as it is, and a person decides.

A replay claims a letter, puts the work back through its own door, and ends with `resolve`,
or with `put` (it failed again), or `back` (it was not begun). A letter whose replaying
process died is released by `release_stale`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from storage.database import Database, Row
from storage.states import LetterState

Cause = Literal["outage", "poison"]


@dataclass(frozen=True)
class DeadLetter:
    """`kind` and `key` name the work, once; `payload` is what is needed to do it again."""

    id: int
    service: str
    kind: str
    key: str
    payload: dict[str, Any]
    error: str  # of the last attempt
    cause: str
    state: LetterState
    attempts: int
    first_at: datetime
    last_at: datetime  # of the last attempt
    state_since: datetime


@dataclass(frozen=True)
class LetterCount:
    """Open letters of one service, cause and state."""

    service: str
    cause: str
    state: LetterState
    letters: int
    oldest_at: datetime


class DeadLetters:
    def __init__(self, database: Database) -> None:
        self._database = database

    def put(
        self,
        service: str,
        kind: str,
        key: str,
        payload: Mapping[str, object],
        error: str,
        cause: Cause,
    ) -> int:
        """Keep it; its id. One that is known is counted again, with the newest of everything,
        and waits: also if it had been resolved or dropped, or was being replayed."""
        with self._database.transaction() as tx:
            row = tx.one(
                "dead_letters.put",
                service=service,
                kind=kind,
                key=key,
                payload=dict(payload),
                error=error,
                cause=cause,
            )
        assert row is not None
        return int(row["id"])

    def get(self, letter_id: int) -> DeadLetter | None:
        found = self._list("dead_letters.get", id=letter_id)
        return found[0] if found else None

    def find(self, kind: str, key: str) -> DeadLetter | None:
        """By the name of its work, whatever its state."""
        found = self._list("dead_letters.find", kind=kind, key=key)
        return found[0] if found else None

    def waiting(
        self, service: str | None = None, cause: Cause | None = None, limit: int = 100
    ) -> list[DeadLetter]:
        """Longest not tried first."""
        return self._list("dead_letters.waiting", service=service, cause=cause, limit=limit)

    def in_state(self, state: LetterState, limit: int = 100) -> list[DeadLetter]:
        """Newest first."""
        return self._list("dead_letters.in_state", state=state, limit=limit)

    def claim_for_replay(
        self, limit: int, service: str | None = None, cause: Cause | None = None
    ) -> list[DeadLetter]:
        """Up to `limit` that are ours now, longest not tried first. Nobody waits for anybody:
        what another process is claiming at this moment is passed over."""
        found = self._list("dead_letters.claim", service=service, cause=cause, limit=limit)
        return sorted(found, key=lambda each: (each.last_at, each.id))

    def resolve(self, kind: str, key: str) -> bool:
        """It was done, by a replay or in another way; False if nothing of that name is open."""
        return self._won("dead_letters.resolve", kind=kind, key=key)

    def back(self, letter_id: int) -> bool:
        """It was claimed and not tried: it waits again, in its old place."""
        return self._won("dead_letters.back", id=letter_id)

    def drop(self, letter_id: int) -> bool:
        """A person gives it up; False if it does not wait."""
        return self._won("dead_letters.drop", id=letter_id)

    def release_stale(self, older_than_s: float) -> int:
        """What has been replaying for so long waits again; how many. Longer than any replay
        takes, or two do the same work."""
        return self._database.run("dead_letters.release_stale", age_s=older_than_s)

    def counts(self) -> list[LetterCount]:
        """Of what is open: waiting and replaying."""
        rows = self._database.all("dead_letters.counts")
        return [LetterCount(**{**row, "state": LetterState(row["state"])}) for row in rows]

    def forget(self, age_s: float) -> int:
        """Drop the rows of those that were resolved or dropped so long ago; how many."""
        return self._database.run("dead_letters.forget", age_s=age_s)

    def _won(self, statement: str, **parameters: object) -> bool:
        return self._database.run(statement, **parameters) == 1

    def _list(self, statement: str, **parameters: object) -> list[DeadLetter]:
        return [_letter(row) for row in self._database.all(statement, **parameters)]


def _letter(row: Row) -> DeadLetter:
    return DeadLetter(**{**row, "state": LetterState(row["state"])})
