"""Work in the durable engine's own tables: put, taken, ended.

The library that makes these tables (schema "dbos") takes, records and ends work one piece and
several statements at a time; these do the same to the same rows for any number of pieces in
one statement each. The rows are the library's in every column, so that it lists, cancels and
deletes them, and a test compares them with rows it wrote itself.

A claim is a token in the row: whoever's it is may end the work. Cancelled, put back, or taken
by another, the row has another token or none, and what comes later changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from storage.database import Database

SUCCESS, ERROR = "SUCCESS", "ERROR"


@dataclass(frozen=True)
class Owner:
    """Who takes work, and which: of this application in this version."""

    executor: str
    application: str
    version: str
    serialization: str


@dataclass(frozen=True)
class Claimed:
    id: str
    name: str
    attempts: int  # this one counted
    serialization: str | None
    inputs: str | None
    claim: str = ""


@dataclass(frozen=True)
class Ended:
    """`output` or `error`, serialized."""

    id: str
    claim: str
    state: str
    output: str | None = None
    error: str | None = None


@dataclass(frozen=True)
class Recorded:
    """A step's result."""

    number: int
    name: str
    output: str | None
    serialization: str | None


@dataclass(frozen=True)
class Finished:
    id: str
    name: str
    status: str
    executor: str
    attempts: int
    serialization: str | None
    output: str | None
    error: str | None


class EngineWork:
    def __init__(self, database: Database, owner: Owner) -> None:
        self._database = database
        self._owner = owner

    def put(self, name: str, queue: str, inputs: Mapping[str, str]) -> None:
        """Of each id its arguments, serialized. What is known already is left as it is."""
        owner = self._owner
        self._database.run(
            "engine.put",
            name=name,
            queue=queue,
            ids=list(inputs),
            inputs=list(inputs.values()),
            executor=owner.executor,
            version=owner.version,
            application=owner.application,
            serialization=owner.serialization,
        )

    def claim(self, queue: str, names: Collection[str], room: int, claim: str) -> list[Claimed]:
        """What waits longest, as much as there is room for, is this executor's now."""
        owner = self._owner
        rows = self._database.all(
            "engine.claim",
            queue=queue,
            names=list(names),
            room=room,
            claim=claim,
            executor=owner.executor,
            version=owner.version,
            application=owner.application,
        )
        return [Claimed(claim=claim, **row) for row in rows]

    def finish(self, ends: Sequence[Ended]) -> None:
        """All of them at once; those whose claim is over are passed over."""
        self._database.run(
            "engine.finish",
            ids=[each.id for each in ends],
            claims=[each.claim for each in ends],
            states=[each.state for each in ends],
            outputs=[each.output for each in ends],
            errors=[each.error for each in ends],
        )

    def give_up(self, work: Claimed) -> None:
        self._database.run("engine.give_up", id=work.id, claim=work.claim)

    def put_back(self, executors: Collection[str], ids: Collection[str] | None = None) -> int:
        """What they have under way waits again, or these pieces of it; how much."""
        only = None if ids is None else list(ids)
        return self._database.run("engine.put_back", executors=list(executors), ids=only)

    def return_unbegun(self, work: Collection[Claimed]) -> None:
        """As if it had never been taken."""
        ids, claims = [each.id for each in work], sorted({each.claim for each in work})
        self._database.run("engine.return_unbegun", ids=ids, claims=claims)

    def pending(self, limit: int) -> dict[str, str]:
        """What is under way, oldest first: id to executor."""
        rows = self._database.all("engine.pending", limit=limit)
        return {row["id"]: row["executor"] or "" for row in rows}

    def finished(self, ids: Collection[str], states: Collection[str]) -> list[Finished]:
        """Those of them that have ended in one of these states."""
        rows = self._database.all("engine.finished", ids=list(ids), states=list(states))
        return [Finished(**row) for row in rows]

    def in_flight(self) -> int:
        """How much is queued or under way, in every process."""
        row = self._database.one("engine.in_flight")
        return int(row["work"]) if row else 0

    # ---- steps --------------------------------------------------------------------------

    def is_ours(self, work: Claimed) -> bool:
        row = self._database.one("engine.is_ours", id=work.id, claim=work.claim)
        return bool(row and row["is_ours"])

    def steps(self, work: Claimed) -> dict[int, Recorded]:
        """What earlier attempts recorded."""
        rows = self._database.all("engine.steps", id=work.id)
        return {row["number"]: Recorded(**row) for row in rows}

    def record_step(
        self, work: Claimed, number: int, name: str, output: str, began_ms: int
    ) -> bool:
        """False if the work is not this claim's any more; nothing is recorded then."""
        row = self._database.one(
            "engine.record_step",
            id=work.id,
            claim=work.claim,
            number=number,
            name=name,
            output=output,
            began_ms=began_ms,
            serialization=self._owner.serialization,
            application=self._owner.application,
        )
        return row is not None
