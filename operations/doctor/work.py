"""What waits for a person, or for longer than it should: by what is stored, whoever runs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from operations.checks.base import duration
from operations.doctor.findings import Row, bad, ok, warn
from storage.agents import Agent
from storage.dead_letters import LetterCount
from storage.leases import Instance
from storage.paid_batches import PaidBatch
from storage.policy_desk import BreakerView, HoldView, PauseView
from storage.spending import CapUse

NEARLY = Decimal("0.8")
OVERDUE = timedelta(hours=1)  # past a batch's own deadline
STALE_S = 26 * 3600.0  # a day and what a change of clocks, or a long scan, may add
LONG_PAUSE = timedelta(minutes=1)
POISON = "poison"


def running(found: Sequence[Instance]) -> list[Row]:
    """A daemon is what keeps the schedule; workers and commands do not."""
    rows = [
        bad(
            f"{one.told} has not been heard of for {duration(one.silent_s)}; its work waits for it",
            "wake it, or end it (kill -9): then others take up its work within seconds",
        )
        for one in found
        if one.is_silent
    ]
    daemons = [one for one in found if one.kind == "daemon"]
    if not daemons:
        rows.append(
            warn("none runs: nothing is read by itself", "python main.py, or systemctl start "
                 "retailxai")
        )  # fmt: skip
    heard = [one for one in found if not one.is_silent]
    if heard:
        rows.append(ok("; ".join(f"{one.kind} {one.told}" for one in heard)))
    return rows


def paid(in_doubt: int, usd: Decimal) -> list[Row]:
    if not in_doubt:
        return [ok("none is in doubt")]
    return [
        warn(
            f"{in_doubt} may have been paid for without an answer (up to {usd:.2f} USD), and are "
            "not made again by themselves",
            "python main.py paid lists them; look at the provider's invoice, then paid retry or "
            "paid drop",
        )
    ]


def batches(found: Sequence[PaidBatch], now: datetime) -> list[Row]:
    """A batch has a deadline of its own, after which it is cancelled; one that is open long after
    that is stuck: no daemon looks, or the provider does not end it."""
    under_way = [one for one in found if one.ended_at is None]
    late = [one for one in under_way if now > one.deadline_at + OVERDUE]
    rows = [
        warn(
            f"batch {one.id} of {one.provider} ({one.requests} questions) should have ended "
            f"{duration((now - one.deadline_at).total_seconds())} ago and is {one.state}",
            "python main.py paid batches; a daemon must run to fetch it, and the provider to be "
            "reached",
        )
        for one in late
    ]
    return rows or [ok(f"{len(under_way)} under way, none overdue")]


def budget(uses: Sequence[CapUse]) -> list[Row]:
    rows = []
    for use in uses:
        if use.cap_usd is None:
            continue
        said = (
            f"{use.provider}: {use.taken_usd:.2f} of {use.cap_usd:.2f} USD of this "
            f"{use.window.per} are taken"
        )
        if use.taken_usd >= use.cap_usd:
            until = f"nothing more is asked until {use.window.ends:%Y-%m-%d %H:%M} UTC"
            rows.append(warn(f"{said}: {until}", "wait, or raise the cap (docs/cost.md)"))
        elif use.taken_usd >= NEARLY * use.cap_usd:
            rows.append(warn(said, "python main.py cost says for what; the cap holds"))
    return rows or [ok("no cap is reached, or nearly")]


def letters(counts: Sequence[LetterCount], now: datetime) -> list[Row]:
    """What an outage stopped goes on by itself; what is poison waits for a person."""
    rows = []
    for one in counts:
        age = duration((now - one.oldest_at).total_seconds())
        said = f"{one.service}: {one.letters} ({one.cause}), the oldest for {age}"
        if one.cause == POISON:
            rows.append(warn(said, "python main.py dead-letters; then retry or drop"))
        else:
            rows.append(ok(f"{said}: goes on by itself when {one.service} is well"))
    return rows or [ok("none waits")]


def breakers(
    stored: Sequence[BreakerView],
    holds: Sequence[HoldView],
    pauses: Sequence[PauseView],
    now: datetime,
) -> list[Row]:
    rows = []
    for hold in holds:
        until = f" until {hold.ends_at:%Y-%m-%d %H:%M} UTC" if hold.ends_at else ""
        what = "held" if hold.kind == "hold" else "switched off"
        why = f": {hold.why}" if hold.why else ""
        rows.append(
            warn(
                f"{hold.service} is {what} by {hold.asked_by} since "
                f"{hold.asked_at:%Y-%m-%d %H:%M} UTC{until}{why}",
                f"when it is over: python main.py breakers close {hold.service}",
            )
        )
    for one in stored:
        if one.state in ("open", "half_open"):
            last = f" (last: {one.last_error})" if one.last_error else ""
            trial = f", next trial {one.open_until:%H:%M:%S} UTC" if one.open_until else ""
            rows.append(
                warn(
                    f"{one.service} is {one.state.replace('_', ' ')} after {one.failures} "
                    f"failures{last}{trial}",
                    "nothing while it recovers: it is tried again by itself; python main.py "
                    f"breakers probe {one.service} tries now",
                )
            )
    rows += [
        warn(
            f"{one.service} asked to be left alone until {one.ends_at:%Y-%m-%d %H:%M} UTC: "
            f"{one.why}",
            "nothing: it is asked again then",
        )
        for one in pauses
        if one.ends_at - now > LONG_PAUSE
    ]
    return rows or [ok("no service is left alone")]


def agents(found: Sequence[Agent], on: Sequence[str], now: datetime) -> list[Row]:
    """Of those that are switched on: whether each did what it should, lately."""
    return [_agent(one, now) for one in found if one.name in on]


def _agent(one: Agent, now: datetime) -> Row:
    if one.pause is not None:
        return warn(f"{one.name} is {one.pause}", f"python main.py agent resume {one.name}")
    said = f"{one.name}: {_success(one, now)}{_cursors(one, now)}"
    if one.degraded_since is not None:
        failing = duration((now - one.degraded_since).total_seconds())
        return warn(
            f"{said}; it fails for {failing}: {one.last_error}",
            f"python main.py agent show {one.name}; it is tried on by itself",
        )
    if _is_stale(one, now):
        return warn(said, "does a daemon run? python main.py why daily_earnings_scan")
    return ok(said)


def _success(one: Agent, now: datetime) -> str:
    if one.last_success_at is None:
        return "was not asked yet" if not one.executions else "never succeeded"
    return f"last success {duration((now - one.last_success_at).total_seconds())} ago"


def _cursors(one: Agent, now: datetime) -> str:
    if not one.scopes or one.moved_at is None:
        return ""
    return f", {one.scopes} cursors, moved {duration((now - one.moved_at).total_seconds())} ago"


def _is_stale(one: Agent, now: datetime) -> bool:
    """Only collectors are asked every day, whether or not there is anything new."""
    if one.kind != "collector" or one.last_success_at is None:
        return False
    return (now - one.last_success_at).total_seconds() > STALE_S
