"""Word of new work: the engine's own table tells of it, whoever puts work there and however.

A trigger, because the word must come with the row and not before or without it. It stands
on a table that the engine's library makes (and might make anew), so every start looks.
"""

from __future__ import annotations

from storage.database import Database

CHANNEL = "retailxai_work"  # the payload is the queue's name


def tell_of_work(database: Database) -> bool:
    """Have the table tell, after the engine made it; whether it did not until now."""
    with database.transaction() as tx:
        if _is_told(tx.one("work.is_told")):
            return False
        tx.all("work.hold")
        if _is_told(tx.one("work.is_told")):  # another was faster
            return False
        tx.run("work.tell")
        tx.run("work.tell_when_put")
        tx.run("work.tell_when_put_back")
    return True


def _is_told(row: dict[str, object] | None) -> bool:
    return bool(row and row["told"])
