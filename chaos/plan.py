"""What happens to whom, in which order: decided from the seed before anything starts.

Pure. The same seed, length, number of daemons and faults give the same plan; when exactly a
kill hits a daemon in its work is up to the machine.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum


class Fault(StrEnum):
    """One way of pulling the plug. The value is what a person types."""

    KILL = "kill"  # kill -9 of daemons, and of scans by hand
    STOP = "pg-stop"  # PostgreSQL is stopped for a while
    FAST = "pg-fast"  # and restarted: connections are told
    IMMEDIATE = "pg-immediate"  # restarted as after a power failure
    CRASH = "pg-kill"  # kill -9 of all its processes
    BLACK_HOLE = "pg-black-hole"  # nothing between daemons and server passes any more
    FREEZE_SERVER = "pg-freeze"  # SIGSTOP of all its processes
    FREEZE_DAEMON = "freeze"  # SIGSTOP of one daemon, and SIGCONT
    CUT_DAEMON = "cut"  # one daemon is cut from the database, the others are not


OF_SERVER = frozenset(
    {Fault.STOP, Fault.FAST, Fault.IMMEDIATE, Fault.CRASH, Fault.BLACK_HOLE, Fault.FREEZE_SERVER}
)
OF_OWN_SERVER = OF_SERVER - {Fault.BLACK_HOLE}  # possible only where the server is ours
TIMED = frozenset(
    {Fault.STOP, Fault.BLACK_HOLE, Fault.FREEZE_SERVER, Fault.FREEZE_DAEMON, Fault.CUT_DAEMON}
)

LONG_MINUTES = 10.0  # from here on faults take the time of the long form
LONG_KILLS, SHORT_KILLS = 200, 25
_KILLS_A_MINUTE = LONG_KILLS / 27


@dataclass(frozen=True)
class Act:
    """`lasts_s`: how long the fault is held. `victims`: of a kill, how many daemons. `pause_s`:
    before the next act. `by_hand`: a scan typed by hand is the victim instead."""

    fault: Fault
    lasts_s: float = 0.0
    victims: int = 0
    pause_s: float = 1.0
    by_hand: bool = False
    back_after_s: float = 1.0  # a killed daemon is started again


@dataclass(frozen=True)
class Size:
    """How much of everything a storm of some length holds."""

    minutes: float
    kills: int
    rounds: int  # how often each other fault comes
    documents: int
    shops: int
    hang_s: float
    is_long: bool

    @property
    def lasts_s(self) -> dict[Fault, float]:
        """The faults that are held, and for how long."""
        if self.is_long:
            return dict.fromkeys(TIMED, 30.0) | {Fault.STOP: 10.0}
        held = {Fault.STOP: 2.0, Fault.BLACK_HOLE: 13.0, Fault.CUT_DAEMON: 14.0}
        return dict.fromkeys(TIMED, 8.0) | held


def size_of(minutes: float, documents: int | None = None, kills: int | None = None) -> Size:
    is_long = minutes >= LONG_MINUTES
    return Size(
        minutes=minutes,
        kills=kills or max(SHORT_KILLS, round(_KILLS_A_MINUTE * minutes)),
        rounds=max(1, round(minutes / 10)) if is_long else 1,
        documents=documents or (500 if is_long else 60),
        shops=20,
        hang_s=150.0 if is_long else 20.0,
        is_long=is_long,
    )


def plan(seed: int, size: Size, daemons: int, faults: Sequence[Fault]) -> list[Act]:
    """Kills and the other faults, shuffled. Kills count processes, not acts."""
    dice = random.Random(seed)  # noqa: S311  it must be had again, not be secret
    others = [
        Act(fault, lasts_s=size.lasts_s.get(fault, 0.0), pause_s=dice.uniform(0.5, 2.0))
        for fault in faults
        if fault is not Fault.KILL
        for _ in range(size.rounds)
    ]
    dice.shuffle(others)
    acts = _kills(dice, size, daemons) if Fault.KILL in faults else []
    for act in others:
        acts.insert(dice.randrange(len(acts) + 1), act)
    return acts


def further_kills(dice: random.Random, size: Size, missing: int) -> list[Act]:
    """For those of the plan that found nobody to hit."""
    return _kills(dice, replace(size, kills=missing), daemons=1)


def _kills(dice: random.Random, size: Size, daemons: int) -> list[Act]:
    """Mostly one daemon, now and then several; one act in five hits a scan by hand."""
    gap = (2.5, 5.0) if size.is_long else (1.2, 3.2)
    acts: list[Act] = []
    left = size.kills
    while left > 0:
        pause_s, back_s = dice.uniform(*gap), dice.uniform(0.2, 2.0)
        if dice.random() < 0.2:
            acts.append(Act(Fault.KILL, pause_s=pause_s, by_hand=True))
            continue
        most = min(daemons, left)
        victims = min(most, dice.choices([1, 2, 3], weights=[8, 1, 1])[0])
        left -= victims
        acts.append(Act(Fault.KILL, victims=victims, pause_s=pause_s, back_after_s=back_s))
    return acts
