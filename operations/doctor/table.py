"""Everything `doctor` looks at, in the order it is told. bootstrap says how each is looked at."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Need(IntEnum):
    """What must be there before there is anything to look at; each includes those before it."""

    NOTHING = 0
    SETTINGS = 1  # that are right
    DATABASE = 2  # that answers
    TABLES = 3  # of the schema this program knows


@dataclass(frozen=True)
class Entry:
    """`asks`: the question, for people. `deadline_s`: when no answer is one."""

    name: str
    needs: Need
    asks: str
    deadline_s: float = 5.0


# A connection is given up after 5 s; whoever waits for one, or starts a server, needs longer.
CONNECTING_S = 12.0
STARTING_S = 25.0

CHECKS: tuple[Entry, ...] = (
    Entry("configuration", Need.NOTHING, "are the settings right, and are they the service's?"),
    Entry("program", Need.NOTHING, "is Python new enough, are the packages those pinned?"),
    Entry("unit", Need.NOTHING, "are the installed unit files those shipped, and loaded?", 10.0),
    Entry("folders", Need.SETTINGS, "are they there, ours, writable, closed to strangers?"),
    Entry("disk", Need.SETTINGS, "how much room is left, and for how long at this pace?",
          CONNECTING_S),
    Entry("clock", Need.NOTHING, "is it right, kept right, and was it set back?", CONNECTING_S),
    Entry("time zone", Need.SETTINGS, "does this machine know the schedule's zone?"),
    Entry("database", Need.SETTINGS, "does it answer, who is it, how fast?", STARTING_S),
    Entry("schema", Need.DATABASE, "is it the one of this program?", STARTING_S),
    Entry("connections", Need.DATABASE, "do they suffice for all processes?", STARTING_S),
    Entry("locks", Need.DATABASE, "does one stand in others' way for long?", STARTING_S),
    Entry("embedded database", Need.SETTINGS, "is its folder whole, closed, and used by somebody?"),
    Entry("backup", Need.TABLES, "is the last good one young enough, and elsewhere?", STARTING_S),
    Entry("secrets", Need.SETTINGS, "are those there that what was chosen needs?"),
    Entry("secret files", Need.NOTHING, "can anybody read them who should not?"),
    Entry("exposed secrets", Need.SETTINGS, "does the list of processes show one?"),
    Entry("sources", Need.SETTINGS, "which are on, and when did each last succeed?", STARTING_S),
    Entry("analysts", Need.SETTINGS, "which are on, paused, failing, or about to end?",
          STARTING_S),
    Entry("breakers", Need.TABLES, "which services are left alone, and why?", STARTING_S),
    Entry("alarm", Need.SETTINGS, "is anybody told when the service stays down?"),
    Entry("daemon", Need.TABLES, "does one run, and is every process heard of?", STARTING_S),
    Entry("jobs", Need.TABLES, "did each succeed as lately as its schedule promises?", STARTING_S),
    Entry("dead letters", Need.TABLES, "does work wait for a person?", STARTING_S),
    Entry("paid calls", Need.TABLES, "may one have been paid for without an answer?", STARTING_S),
    Entry("batches", Need.TABLES, "is one overdue?", STARTING_S),
    Entry("budget", Need.TABLES, "is a cap reached, or nearly?", STARTING_S),
    Entry("logs", Need.SETTINGS, "can they be written, and only by us?"),
    Entry("leftovers", Need.SETTINGS, "did something dead leave files or a server behind?"),
)  # fmt: skip
NAMES = tuple(entry.name for entry in CHECKS)
