"""Secrets: there where they are needed, and nowhere for everybody to see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from operations.doctor.findings import NotLooked, Row, bad, ok, some, warn
from operations.process import Seen

SHORTEST = 8  # a shorter value is found by chance


@dataclass(frozen=True)
class Need:
    """`variable` is needed by what somebody chose: "analyst claude, which analysts.order names"."""

    variable: str
    wanted_by: str


def present(origins: Mapping[str, str], known: int, needs: Iterable[Need]) -> list[Row]:
    """`origins`: each that is set, and from where; `known`: how many there are."""
    missing = [need for need in needs if need.variable not in origins]
    rows = [
        bad(
            f"{need.variable} is not set, for {need.wanted_by}",
            f"put it into /etc/credstore/retailxai.{need.variable}, a file named by "
            f"{need.variable}_FILE, or .env; or do not choose it",
        )
        for need in missing
    ]
    said = ", ".join(f"{name} ({where})" for name, where in origins.items())
    return [*rows, ok(f"{len(origins)} of {known} set" + (f": {said}" if said else ""))]


def exposed(
    values: Mapping[str, str],
    processes: Callable[[], Iterable[Seen]],
    me: int,
    is_production: bool,
) -> list[Row]:
    """`values`: each secret by the name of its variable. Everybody on the machine reads command
    lines; environments only their own user and root, and whatever those start inherits them."""
    wanted = {name: value for name, value in values.items() if len(value) >= SHORTEST}
    if not wanted:
        raise NotLooked("no secret is set")
    looked, lines, environs = 0, [], []
    for seen in processes():
        looked += 1
        if seen.pid == me:
            continue
        lines += [_said(name, seen) for name, value in wanted.items() if value in seen.command]
        if seen.environ is not None:
            told = "\0".join(seen.environ.values())
            environs += [_said(name, seen) for name, value in wanted.items() if value in told]
    rows = _rows(sorted(set(lines)), sorted(set(environs)), is_production)
    return rows or [ok(f"{looked} processes were looked at, none shows one")]


def _said(name: str, seen: Seen) -> str:
    return f"{name} in pid {seen.pid} ({seen.name})"


def _rows(lines: Sequence[str], environs: Sequence[str], is_production: bool) -> list[Row]:
    rows = []
    if lines:
        rows.append(
            bad(
                f"everybody on this machine can read it in a command line: {some(lines)}",
                "end that process, give it the secret in a file, and have the secret replaced",
            )
        )
    if environs:
        said = f"in the environment, which children inherit: {some(environs)}"
        fix = "put it into a file: a credential of the service, NAME_FILE, or .env"
        rows.append(warn(said, fix) if is_production else ok(f"{said} (production is warned)"))
    return rows
