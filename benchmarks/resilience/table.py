"""What was measured, as a table for people and as JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field

MET, MISSED, WRONG, INFO = "met", "MISSED", "WRONG", ""


@dataclass(frozen=True)
class Line:
    """One subject's figure. `ratio`: ours divided by it."""

    who: str
    figure: str
    ratio: float | None = None
    value: float | None = None


@dataclass(frozen=True)
class Row:
    """`verdict`: met; MISSED (a time, which a shared machine may be to blame for); or WRONG:
    a count that no machine excuses."""

    number: int
    title: str
    target: str
    verdict: str
    lines: list[Line] = field(default_factory=list)


def as_text(rows: Iterable[Row], facts: Mapping[str, object]) -> str:
    out = [f"{name}: {value}" for name, value in facts.items()]
    for row in rows:
        verdict = f"  {row.verdict}" if row.verdict else ""
        out += ["", f"{row.number:>2}  {row.title}  [target: {row.target}]{verdict}"]
        for line in row.lines:
            ratio = "" if line.ratio is None else f"  ratio {line.ratio:.2f}"
            out.append(f"      {line.who:44}  {line.figure}{ratio}")
    return "\n".join(out)


def as_json(rows: Iterable[Row], facts: Mapping[str, object]) -> str:
    return json.dumps({**facts, "rows": [asdict(row) for row in rows]}, indent=1)


def exit_code(rows: Iterable[Row]) -> int:
    return 1 if any(row.verdict == WRONG for row in rows) else 0


def against(ours: str, values: Mapping[str, float], unit: str) -> list[Line]:
    """A line for each, with the ratio of ours to it."""
    return [
        Line(
            who,
            f"{value:10.2f} {unit}",
            None if who == ours or not value else values[ours] / value,
            value,
        )
        for who, value in values.items()
    ]
