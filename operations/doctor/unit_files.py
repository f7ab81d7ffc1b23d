"""Whether the installed unit files are those that were shipped, and systemd has read them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from operations.doctor import systemd
from operations.doctor.findings import NotLooked, Repair, Row, bad, ok, some, warn
from operations.doctor.systemd import Unit


def units(
    shipped: Mapping[str, Path],
    show: Callable[[str], Unit] = systemd.show,
    runs_here: Callable[[], bool] = systemd.runs_here,
    me: int | None = None,
) -> list[Row]:
    """`shipped`: the files in the program's folder, by the unit's name; the first is the service,
    and without it there is nothing to look at."""
    if not runs_here():
        raise NotLooked("this machine was not booted by systemd")
    service, *others = shipped
    # systemd 252 takes note of a new folder of drop-ins only while it looks for a unit that it does
    # not hold. The others are none of those that it holds; so it is asked of the service last.
    found = {name: show(name) for name in (*others, service)}
    if not found[service].is_installed:
        raise NotLooked(f"{service} is not installed here")
    rows = [row for name, file in shipped.items() for row in _unit(found[name], file)]
    stale = [name for name in shipped if found[name].is_stale]
    if stale:
        rows.append(_stale(stale, me))
    return [*rows, *_runs(found[service])]


def _unit(unit: Unit, shipped: Path) -> Iterator[Row]:
    if not unit.is_installed or unit.file is None:
        yield warn(
            f"{unit.name} is not installed: nobody is told when the service stays down",
            f"cp {shipped} /etc/systemd/system/ && systemctl daemon-reload",
        )
        return
    told = f", with drop-ins {', '.join(map(str, unit.drop_ins))}" if unit.drop_ins else ""
    try:
        differs = difference(shipped.read_text("utf-8"), unit.file.read_text("utf-8"))
    except OSError as error:
        reason = error.strerror or type(error).__name__
        yield warn(f"{unit.file} cannot be compared: {reason}", "ask as root")
        return
    if not differs:
        yield ok(f"{unit.file} is the one shipped{told}")
        return
    yield warn(
        f"{unit.file} is not the one shipped{told}: {some(differs)}",
        f"copy {shipped} over it, systemctl daemon-reload, systemctl restart; what is meant to "
        f"differ belongs in /etc/systemd/system/{unit.name}.d/*.conf",
    )


def difference(shipped: str, installed: str) -> list[str]:
    """Settings that only one of them has: "+MemoryMax=2G" is installed, "-MemoryMax=1G" shipped."""
    ours, theirs = Counter(_settings(shipped)), Counter(_settings(installed))
    return [*(f"-{line}" for line in ours - theirs), *(f"+{line}" for line in theirs - ours)]


def _settings(text: str) -> Iterator[str]:
    for line in text.replace("\\\n", " ").splitlines():
        plain = line.strip()
        if plain and not plain.startswith(("#", ";", "[")):
            yield plain


def _stale(names: Sequence[str], me: int | None) -> Row:
    said = f"systemd has not read {', '.join(names)} since it changed"
    may = (os.geteuid() if me is None else me) == 0
    repair = Repair("systemctl daemon-reload", systemd.reload_units) if may else None
    return warn(said, "systemctl daemon-reload, as root", repair)


def _runs(service: Unit) -> Iterator[Row]:
    if not service.is_active and service.result not in ("", "success"):
        yield bad(
            f"{service.name} has failed ({service.result}) and is down",
            f"journalctl -u {service.name} -n 50 says why; then systemctl restart {service.name}",
        )
    if not service.is_enabled:
        yield warn(
            f"{service.name} is not started at boot", f"systemctl enable {service.name}, as root"
        )
    if service.is_active and service.restarts:
        yield warn(
            f"{service.name} was restarted {service.restarts} times since it was started",
            f"journalctl -u {service.name} -p warning says why",
        )
