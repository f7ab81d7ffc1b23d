"""The database server: its connections, what stands in the way, how large it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from operations.checks.base import duration, megabytes
from operations.doctor.findings import Repair, Row, Verdict, bad, of_preflight, ok, warn
from operations.preflight import Finding
from storage.server_activity import Stuck

WAITING_S = 30.0
IDLE_S = 300.0
CROWDED = 0.9


def size(size_bytes: int) -> Row:
    return ok(f"{megabytes(size_bytes)} on its disk")


def schema(finding: Finding, is_behind: bool, running: Sequence[str], migrate: Repair) -> Row:
    """One that is behind is brought up to date by whoever starts next; with `--fix` now, but not
    under anybody who runs."""
    row = of_preflight(finding)
    if not is_behind:
        return row
    if running:
        return warn(f"{row.found}; {', '.join(running)} still runs", "restart it: it migrates")
    return warn(row.found, "start the program, or say --fix", migrate)


def connections(budget: Finding, taken: int, ours: int, allowed: int) -> list[Row]:
    rows = [of_preflight(budget)]
    said = f"{taken} of {allowed} are taken, {ours} by this program"
    if taken >= CROWDED * allowed:
        rows.append(warn(said, "close what is not needed, or raise the server's max_connections"))
    else:
        rows.append(ok(said))
    return rows


def locks(
    stuck: Callable[[float, float], Sequence[Stuck]],
    prepared: Callable[[float], Sequence[tuple[str, float]]],
) -> list[Row]:
    rows = [_waits(one) if one.waits else _idles(one) for one in stuck(WAITING_S, IDLE_S)]
    rows += [
        bad(
            f"transaction {name!r} was prepared {duration(for_s)} ago and never ended: it keeps "
            "its locks over every restart",
            f"rollback prepared '{name}'; in psql, if nobody knows it",
        )
        for name, for_s in prepared(IDLE_S)
    ]
    return rows or [ok(f"nobody waits for longer than {duration(WAITING_S)}")]


def _waits(one: Stuck) -> Row:
    who = ", ".join(map(str, one.blocked_by)) or "somebody who has gone"
    first = one.blocked_by[0] if one.blocked_by else one.pid
    return warn(
        f"{_name(one)} has waited for a lock for {duration(one.for_s)}, behind backend {who}",
        f"end who is in the way, if it is nobody's work: select pg_terminate_backend({first})",
    )


def _idles(one: Stuck) -> Row:
    return Row(
        Verdict.WARN,
        f"{_name(one)} keeps a transaction open and has done nothing in it for "
        f"{duration(one.for_s)}",
        f"end it, if it is a forgotten session: select pg_terminate_backend({one.pid})",
    )


def _name(one: Stuck) -> str:
    return f"backend {one.pid} ({one.application or one.role or 'unnamed'})"
