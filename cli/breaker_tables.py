"""Breakers as tables and lines: in `breakers` and on the screen of `status`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cli.output import Cell, Output, Piece, signed
from cli.policy_views import BreakerView, HoldView
from cli.times import moment

STATES = {"closed": "ok", "half_open": "run", "open": "warn", "held": "quiet", "disabled": "warn"}
SAID = {"half_open": "half open", "disabled": "switched off"}
HEADS = (
    *("SERVICE", "STATE", "SINCE", "WHY", "NEXT TRIAL", "IN A ROW"),
    *("CALLS", "FAILED", "REJECTED", "PROCESS"),
)
WHY, NUMBERS, PROCESS = 3, (5, 6, 7, 8), 9
NARROW = (0, 1, 3, 4, 8)


def state(view: BreakerView) -> Piece:
    return signed(STATES.get(view.state, "quiet"), SAID.get(view.state, view.state))


def table(output: Output, views: Sequence[BreakerView], now: datetime) -> None:
    """On a narrow terminal without the columns a person can do without; whose word it is only
    where several say something."""
    kept = NARROW if output.is_narrow else tuple(range(len(HEADS)))
    if len({one.process for one in views}) < 2:
        kept = tuple(number for number in kept if number != PROCESS)
    rows = [_row(output, one, now) for one in views]
    output.table(
        [HEADS[number] for number in kept],
        [[row[number] for number in kept] for row in rows],
        right=[at for at, number in enumerate(kept) if number in NUMBERS],
        wraps=(kept.index(WHY),),
    )


def screen(output: Output, views: Sequence[BreakerView], now: datetime) -> None:
    """For `status`: those with something to tell, and how many others there are."""
    told = [one for one in views if troubled(one)]
    if told:
        table(output, told, now)
    closed = len({one.service for one in views} - {one.service for one in told})
    if closed:
        others = "other service" if told else "service"
        words = f"{closed} {others}{'' if closed == 1 else 's'}  "
        output.text(Piece(words, "name"), signed("ok", "asked"))


def _row(output: Output, one: BreakerView, now: datetime) -> list[Cell]:
    return [
        Piece(one.service, "name"),
        state(one),
        moment(output, one.since, now),
        why(output, one, now),
        next_trial(output, one, now),
        str(one.failures),
        str(one.calls),
        str(one.failed),
        str(one.rejected),
        one.process,
    ]


def next_trial(output: Output, one: BreakerView, now: datetime) -> str:
    if one.retry_at is None and one.state in ("open", "half_open"):
        return "the next call" if one.state == "open" else "under way"
    return moment(output, one.retry_at, now)


def troubled(one: BreakerView) -> bool:
    """Whether there is something to tell of it."""
    return one.state != "closed" or one.paused_until is not None or bool(one.failures)


def why(output: Output, one: BreakerView, now: datetime) -> str:
    """Who decided it, else what happened; and the pause it asked for."""
    parts = [decided(output, one.hold, now) if one.hold is not None else one.why]
    if one.paused_until is not None:
        reason = f" ({one.paused_why})" if one.paused_why else ""
        parts.append(f"paused, ends {moment(output, one.paused_until, now)}{reason}")
    return "; ".join(part for part in parts if part)


def decided(output: Output, hold: HoldView, now: datetime) -> str:
    """ "held by mira on retail-01 until in 2 h, 11:14:05: their maintenance" """
    what = "held" if hold.kind == "hold" else "switched off"
    until = f", ends {moment(output, hold.until, now)}" if hold.until is not None else ""
    return f"{what} by {hold.by}{until}" + (f": {hold.why}" if hold.why else "")


def gates(one: BreakerView) -> str:
    """ "12 rate, 3 breaker" """
    return ", ".join(f"{count} {gate}" for gate, count in sorted(one.rejected_by.items()) if count)
