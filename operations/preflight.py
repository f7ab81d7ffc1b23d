"""Whether this machine can run the program, asked before it starts and by `check`.

Each check takes what it needs and returns a finding; none raises, none reads settings or
time. An error means it cannot work, a warning that something somebody wants will not.
"""

from __future__ import annotations

import errno
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo

from operations.checks.base import duration, megabytes
from resilience.outcomes import CallError, CallFailed
from storage.server_errors import EmbeddedServerError, StartFailed

OLDEST_PYTHON = (3, 11)
ENOUGH_BYTES = 1_000_000_000
LEAST_BYTES = 100_000_000
# The program was written after this day: a clock before it was never set.
WRITTEN = date(2026, 11, 1)
TOLERATED_SKEW_S = 60.0
WRONG_SKEW_S = 3600.0


class Severity(StrEnum):
    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True)
class Finding:
    name: str
    severity: Severity
    message: str
    fix: str = ""  # what a person can do; empty when there is nothing to do
    passes: bool = False  # an error that may be over without other settings: try again later


def worst(findings: Iterable[Finding]) -> Severity:
    """The gravest of them; nothing found is nothing wrong."""
    order = list(Severity)
    return max((finding.severity for finding in findings), key=order.index, default=Severity.OK)


def ok(name: str, message: str) -> Finding:
    return Finding(name, Severity.OK, message)


def warning(name: str, message: str, fix: str) -> Finding:
    return Finding(name, Severity.WARNING, message, fix)


def error(name: str, message: str, fix: str, *, passes: bool = False) -> Finding:
    return Finding(name, Severity.ERROR, message, fix, passes)


def may_pass(findings: Iterable[Finding]) -> bool:
    """Whether all that is wrong may be over without anybody changing the settings: whoever
    supervises the program should start it again."""
    return all(one.passes for one in findings if one.severity is Severity.ERROR)


def python_version(version: tuple[int, ...] = tuple(sys.version_info[:3])) -> Finding:
    shown = ".".join(str(part) for part in version)
    if version[:2] < OLDEST_PYTHON:
        needed = ".".join(str(part) for part in OLDEST_PYTHON)
        return error("python", f"Python {shown} is too old", f"install Python {needed} or newer")
    return ok("python", f"Python {shown}")


def database(ask: Callable[[], str], fix: str) -> Finding:
    """`ask` connects and says what it met ("PostgreSQL 18.6, 3 ms"); it raises CallError,
    EmbeddedServerError or OSError when it cannot. `fix` is what to do about the address."""
    try:
        return ok("database", ask())
    except CallError as failed:
        return refused("database", failed, fix)
    except EmbeddedServerError as failed:
        return embedded(failed)
    except OSError as failed:
        said = failed.strerror or str(failed) or type(failed).__name__
        return error("database", said, fix, passes=True)


def embedded(failed: EmbeddedServerError) -> Finding:
    told = f"embedded PostgreSQL: {failed.what}"
    return error("database", told, failed.fix, passes=isinstance(failed, StartFailed))


def pooler(is_pooled: Callable[[], bool]) -> list[Finding]:
    """Nothing where none stands between. `is_pooled` raises CallError for one that lends sessions,
    one to be tried again if only the database did not answer."""
    try:
        found = is_pooled()
    except CallError as failed:
        return [refused("pooler", failed, "")]
    return [ok("pooler", "one stands between, and keeps sessions")] if found else []


def refused(asked: str, failed: CallError, fix: str) -> Finding:
    """A database that went away in the middle of a question is away, whatever was asked."""
    is_away = isinstance(failed, CallFailed) and failed.retryable
    told = _without_fix(failed).removeprefix("database: ")  # the finding's own name
    return error("database" if is_away else asked, told, failed.fix or fix, passes=is_away)


def schema(found: str, expected: str, is_fit: bool, none: str = "none") -> Finding:
    """Revisions sort as text. Being behind is no fault: a start brings it up to date. Nor is a
    newer one on which this program may work (`is_fit`), for the time after a rollback."""
    if found == expected:
        return ok("schema", f"revision {found}")
    if found == none:
        return ok("schema", f"empty; revision {expected} is made at the next start")
    if found > expected and is_fit:
        return warning(
            "schema",
            f"revision {found} was made by a newer program; this one knows {expected} and works "
            "on it",
            "install the newer program again",
        )
    if found > expected:
        return error(
            "schema",
            f"revision {found} was made by a newer program; this one knows {expected}",
            "run the newer version, or restore a backup from before it",
        )
    return ok("schema", f"revision {found} of {expected}; migrated at the next start")


def folder(purpose: str, path: Path) -> Finding:
    """Whether files can be made there. The folder is made if its parent lets us."""
    name = f"{purpose} folder"
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path, prefix=".preflight-") as probe:
            probe.write(b"x")
            probe.flush()
    except OSError as failed:
        reason = failed.strerror or type(failed).__name__
        is_full = failed.errno in (errno.ENOSPC, errno.EDQUOT)
        what = "make room" if is_full else f"give user {os.geteuid()} the right to write"
        return error(
            name,
            f"{path} cannot be written: {reason}",
            f"{what} there, or set RETAILXAI_{purpose.upper()}_DIR to another folder",
            passes=is_full,
        )
    return ok(name, str(path))


def free_disk(path: Path, free_bytes: Callable[[Path], int] | None = None) -> Finding:
    """Room on the file system `path` is, or will be, on."""
    there = next((one for one in (path, *path.parents) if one.exists()), path)
    try:
        free = (free_bytes or (lambda where: shutil.disk_usage(where).free))(there)
    except OSError as failed:
        reason = failed.strerror or type(failed).__name__
        return error("disk", f"{there} cannot be looked at: {reason}", "check that it is mounted")
    said = f"{megabytes(free)} free at {there}"
    fix = f"make room on the file system of {there}, or configure a folder on a larger one"
    if free < LEAST_BYTES:
        return error("disk", f"{said}, {megabytes(LEAST_BYTES)} is the least", fix, passes=True)
    if free < ENOUGH_BYTES:
        return warning("disk", said, fix)
    return ok("disk", said)


def time_zone(zone: str, now: datetime) -> Finding:
    """Whether the zone's rules are here. `now` is aware."""
    try:
        local = now.astimezone(ZoneInfo(zone))
    except (ValueError, OSError, KeyError):
        return error(
            "time zone",
            f"no rules for {zone} on this machine",
            "install the requirements again (tzdata is among them), or name another zone",
        )
    return ok("time zone", f"{zone}, {local:%a %H:%M} there (UTC{local:%z})")


def system_clock(now: datetime, database_now: datetime | None = None) -> Finding:
    """Schedules and deadlines go by the machine's clock, leases by the database's."""
    fix = "set the clock, and keep it set (timedatectl set-ntp true)"
    if now.astimezone(UTC).date() < WRITTEN:
        said = f"says {now:%Y-%m-%d}, which is in the past"
        return error("clock", said, fix, passes=True)
    if database_now is None:
        return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC")
    skew = (now - database_now).total_seconds()
    if abs(skew) <= TOLERATED_SKEW_S:
        return ok("clock", f"{now:%Y-%m-%d %H:%M:%S} UTC, the database agrees")
    message = f"{duration(abs(skew))} {'ahead of' if skew > 0 else 'behind'} the database's clock"
    if abs(skew) > WRONG_SKEW_S:
        return error("clock", message, fix, passes=True)
    return warning("clock", message, fix)


def sources(
    switched_off: Mapping[str, str | None], every: Mapping[str, str | None] | None = None
) -> Finding:
    """At least one must work; one that is wanted and cannot is a warning. Source -> why off.
    `every`: with those that nobody asked for, which are told and are no fault."""
    on, off = _split(switched_off)
    if not on:
        return error("sources", "none can work", "; ".join(off) or "switch a source on")
    others = {name: why for name, why in (every or {}).items() if name not in switched_off}
    said = "; ".join([f"on: {', '.join(on)}", *_split(others)[1]])
    return warning("sources", said, "; ".join(off)) if off else ok("sources", said)


def analysts(switched_off: Mapping[str, str | None]) -> Finding:
    """At least one must work. One without a key is told, but it is a choice: `local` reads
    everything without it."""
    on, off = _split(switched_off)
    if not on:
        fix = "put local back into the order of analysts: it needs no key"
        return error("analysts", "none can work", "; ".join([*off, fix]))
    return ok("analysts", "; ".join([f"on: {', '.join(on)}", *off]))


def connection_budget(shrunk: str | None, allowed: int, limit: int, processes: int) -> Finding:
    """`shrunk`: why the pools must be smaller than asked, None if they fit."""
    if shrunk:
        return warning("connections", *_cut(shrunk))
    return ok(
        "connections", f"{limit} a process for {processes} processes, the server allows {allowed}"
    )


def online(name: str, ask: Callable[[], str]) -> Finding:
    """A provider's cheapest question. Its failure costs function, it does not stop a start."""
    try:
        return ok(f"{name} online", ask())
    except CallError as failed:
        return warning(f"{name} online", _without_fix(failed), failed.fix or "try again later")


def _split(switched_off: Mapping[str, str | None]) -> tuple[list[str], list[str]]:
    on = [name for name, why in switched_off.items() if why is None]
    off = [f"{name} is off: {why}" for name, why in switched_off.items() if why is not None]
    return on, off


def _cut(sentences: str) -> tuple[str, str]:
    """What is, and what to do: the last sentence is the fix."""
    message, _, fix = sentences.rstrip(".").rpartition(". ")
    return (message, fix) if message else (fix, "raise max_connections, or lower the pool size")


def _without_fix(failed: CallError) -> str:
    message = str(failed)
    return message.removesuffix(f"; {failed.fix}") if failed.fix else message
