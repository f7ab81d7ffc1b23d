"""What a look says: rows, each with a verdict, what was found, the fix, and maybe a repair."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from operations import preflight
from operations.checks.base import CheckResult, Status

NAMED = 3  # of many of a kind, in one finding


class Verdict(StrEnum):
    """The gravest last."""

    NOT_APPLICABLE = "not applicable"  # nothing to look at here, or it cannot be looked at
    OK = "ok"
    WARN = "warn"  # it works, and somebody should look
    BAD = "bad"  # it does not work, or will not for long


class NotLooked(Exception):
    """A look has nothing to look at; the message says why."""


class NotRepaired(Exception):
    """A repair could not be done, or must not be; the message says why."""


@dataclass(frozen=True)
class Repair:
    """Safe, reversible, and never of data. `do` says what it did; it raises NotRepaired, OSError
    or CallError."""

    what: str  # "set the mode of /srv/.env to 0640"
    do: Callable[[], None]


@dataclass(frozen=True)
class Row:
    verdict: Verdict
    found: str
    fix: str = ""  # what a person can do; empty when there is nothing to do
    repair: Repair | None = None


Look = Callable[[], Sequence[Row]]


def ok(found: str) -> Row:
    return Row(Verdict.OK, found)


def warn(found: str, fix: str, repair: Repair | None = None) -> Row:
    return Row(Verdict.WARN, found, fix, repair)


def bad(found: str, fix: str, repair: Repair | None = None) -> Row:
    return Row(Verdict.BAD, found, fix, repair)


def not_applicable(why: str, fix: str = "") -> Row:
    return Row(Verdict.NOT_APPLICABLE, why, fix)


def some(said: Sequence[str]) -> str:
    """The first few of them, and how many more there are."""
    more = len(said) - NAMED
    return "; ".join(said[:NAMED]) + (f" and {more} more" if more > 0 else "")


_OF_PREFLIGHT = {
    preflight.Severity.OK: Verdict.OK,
    preflight.Severity.WARNING: Verdict.WARN,
    preflight.Severity.ERROR: Verdict.BAD,
}
_OF_HEALTH = {Status.PASS: Verdict.OK, Status.WARN: Verdict.WARN, Status.FAIL: Verdict.BAD}


def of_preflight(finding: preflight.Finding) -> Row:
    """What `check` says, said again."""
    return Row(_OF_PREFLIGHT[finding.severity], finding.message, finding.fix)


def of_health(result: CheckResult) -> Row:
    """What the health check says, said again."""
    return Row(_OF_HEALTH[result.status], result.message, result.fix)
