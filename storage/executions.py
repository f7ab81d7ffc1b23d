"""What an agent did, written down in the very transaction of its effect.

Whoever stores an effect (leads, bytes, claims, a report) hands its transaction to `executed`
as the last thing in it: the agent's row stays locked until the commit, and every document
waits there for the one before. The sums are moved by the database, so that any number of
processes may execute at once; a crash between effect and sum cannot be.
"""

from __future__ import annotations

from dataclasses import dataclass

from storage.database import Tx
from storage.errors import SERVICE, Conflict

ROLLED_UP_EVERY = 200  # executions; so many more than wanted may lie there between clean-ups
LONGEST_ERROR = 500
FOREVER_S = 1e9


@dataclass(frozen=True)
class Execution:
    """One piece of work of one agent. `cursor`: where it has got to with it, "" for no word
    about that."""

    agent: str
    executor: str
    what: str = ""  # a scope, a document, a week
    took_s: float = 0.0
    cursor: str = ""
    kept: int = 1000  # entries


def executed(
    tx: Tx,
    execution: Execution,
    *,
    found: int = 0,
    read: int = 0,
    claims: int = 0,
    withheld: int = 0,
    error: str | None = None,
) -> None:
    """Count it, as a failure if there is an `error`. Raises Conflict for an unknown agent."""
    row = tx.one(
        "agents.executed",
        agent=execution.agent,
        executor=execution.executor,
        what=execution.what,
        cursor=execution.cursor,
        took_s=execution.took_s,
        is_success=error is None,
        found=found,
        read=read,
        claims=claims,
        withheld=withheld,
        error=(error or "")[:LONGEST_ERROR],
    )
    if row is None:
        what = f"there is no agent {execution.agent!r} to count an execution of"
        raise Conflict(SERVICE, what, fix="Start again: every configured agent is written down.")
    if row["executions"] % ROLLED_UP_EVERY == 0:
        tx.one("agents.roll_up", agent=execution.agent, entries=execution.kept, age_s=FOREVER_S)
