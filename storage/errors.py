"""What can go wrong with the database, as the rest of the house sees it.

    CallFailed (resilience.outcomes)
    └── DatabaseError            the database did not do what was asked
        ├── DatabaseUnavailable  it cannot be reached, or all connections are taken; retry helps
        ├── QueryTimedOut        a statement ran into its time limit
        ├── TryAgain             it chose us as the victim of a deadlock, or the like; retry helps
        ├── Conflict             a rule of the tables said no (unique, foreign key, check)
        ├── IllegalMove          a state machine's guard refused a move
        ├── Fenced               others took over what this process did; nothing it sends counts
        ├── SchemaMismatch       the tables are not those of this code; run the migration
        └── BadAddress           DATABASE_URL cannot be read (storage/dsn.py)

    SchemaTooNew                 the database was written by a newer version of this program

Messages name the host and the database, never a password.
"""

from __future__ import annotations

import psycopg2
from psycopg2 import errorcodes

from resilience.outcomes import CallFailed, Outcome

SERVICE = "database"
GUARD_SQLSTATE = "RX001"  # raised by the guard_move trigger of migration 0001

_GONE = ("08", "57P", "58")  # connection exceptions, shutdowns, system errors of the server
# errors without a code that the client library raises about what it was asked to send
_SLIPS = (psycopg2.ProgrammingError, psycopg2.DataError, psycopg2.NotSupportedError)
_DISK_FULL = errorcodes.DISK_FULL
# What a person must change at the server; no retry helps.
_FIXES = {
    errorcodes.INSUFFICIENT_PRIVILEGE: "Make the role of DATABASE_URL the owner of its database, "
    "or grant it what the message names.",
    errorcodes.READ_ONLY_SQL_TRANSACTION: "This server or role only reads: point DATABASE_URL at "
    "the primary, with a role that may write.",
    errorcodes.FEATURE_NOT_SUPPORTED: "Install what the server lacks: its extensions (pg_trgm) "
    "come with the package postgresql-contrib where they are not in the server's own.",
}
_TOO_MANY = ("too many clients", "remaining connection slots", "too many connections")


class DatabaseError(CallFailed):
    """The database did not do what was asked."""


class DatabaseUnavailable(DatabaseError):
    """It cannot be reached, ended the connection, or has no connection to spare."""


class QueryTimedOut(DatabaseError):
    """A statement ran longer than the statement timeout."""


class TryAgain(DatabaseError):
    """A deadlock, a serialization failure, a statement prepared before a migration: the same
    transaction may well pass next time."""


class Conflict(DatabaseError):
    """A unique, foreign-key or check rule refused the rows."""


class IllegalMove(DatabaseError):
    """A state machine's guard refused to move a row."""


class Fenced(DatabaseError):
    """This process was found dead and its work was given to others."""

    def __init__(self, executor: str) -> None:
        super().__init__(
            SERVICE,
            f"{executor} was out of reach for so long that others took over its work: nothing "
            "it sends is stored any more",
            accepted=False,
            outcome=Outcome.NEUTRAL,
            fix="Start again; a daemon and a worker do so by themselves.",
        )


class SchemaMismatch(DatabaseError):
    """A table or column the code asks for is not there."""


class SchemaTooNew(Exception):
    """The database's schema is of a newer version of this program."""

    def __init__(self, current: str, expected: str) -> None:
        self.current = current
        self.expected = expected
        super().__init__(
            f"the database is at schema {current}, this program knows up to {expected}: it was "
            "used by a newer version. Install that version, or point this one at another database."
        )


def is_lost(error: BaseException) -> bool:
    """Whether the connection that raised `error` is of no further use."""
    if isinstance(error, psycopg2.InterfaceError):
        return True
    if not isinstance(error, psycopg2.Error):
        return False
    code = error.pgcode
    if code is None:  # libpq speaks without a code when there is no server to speak to
        return not isinstance(error, _SLIPS)
    return code.startswith(_GONE)


def is_outdated(error: psycopg2.Error) -> bool:
    """Whether a prepared statement's columns were changed by a migration since."""
    return error.pgcode == errorcodes.FEATURE_NOT_SUPPORTED and "cached plan" in str(error)


def has_no_slot_left(error: BaseException) -> bool:
    """Whether a connection was refused because the server has too many."""
    said = str(error)
    return any(words in said for words in _TOO_MANY)


def unreachable(place: str, error: BaseException) -> DatabaseUnavailable:
    """No connection could be made: nothing was asked of the database."""
    return DatabaseUnavailable(
        SERVICE,
        f"cannot connect to {place} ({_one_line(error)})",
        retryable=True,
        accepted=False,
        fix="Check DATABASE_URL and that the server runs.",
    )


def translate(error: BaseException, place: str, doing: str) -> DatabaseError:
    """psycopg2's error as one of ours. `doing` is the statement's name."""
    what = f"{doing} at {place}: {_one_line(error)}"
    if is_lost(error):
        return DatabaseUnavailable(SERVICE, what, retryable=True)
    code = getattr(error, "pgcode", None) or ""
    if code == GUARD_SQLSTATE:
        return IllegalMove(SERVICE, what, outcome=Outcome.NEUTRAL)
    if code == errorcodes.QUERY_CANCELED or code == errorcodes.LOCK_NOT_AVAILABLE:
        return QueryTimedOut(SERVICE, what, retryable=True)
    again = (errorcodes.DEADLOCK_DETECTED, errorcodes.SERIALIZATION_FAILURE)
    if code in again or (isinstance(error, psycopg2.Error) and is_outdated(error)):
        return TryAgain(SERVICE, what, retryable=True, outcome=Outcome.NEUTRAL)
    if code == _DISK_FULL:
        fix = "The disk of the database is full: free some space there."
        return DatabaseUnavailable(SERVICE, what, retryable=True, fix=fix)
    if code.startswith("53"):
        return DatabaseUnavailable(SERVICE, what, retryable=True)
    if code in (errorcodes.UNDEFINED_TABLE, errorcodes.UNDEFINED_COLUMN):
        fix = "Migrate the database to this version's schema (starting the program does)."
        return SchemaMismatch(SERVICE, what, fix=fix)
    if code.startswith("23"):
        return Conflict(SERVICE, what, outcome=Outcome.NEUTRAL)
    return DatabaseError(SERVICE, what, outcome=Outcome.NEUTRAL, fix=_FIXES.get(code))


def _one_line(error: BaseException) -> str:
    """The first line: what follows quotes the statement, and with it documents."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0][:300] if lines else type(error).__name__
