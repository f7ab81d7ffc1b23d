"""What was measured, beside what was to be reached."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

MET, MISSED, TOLD = "met", "MISSED", ""


@dataclass(frozen=True)
class Row:
    """One figure. `reach` "": it is told, and not judged."""

    what: str
    got: str
    reach: str = ""
    met: bool | None = None

    @property
    def verdict(self) -> str:
        return TOLD if self.met is None else MET if self.met else MISSED


def at_most(what: str, value: float, limit: float, unit: str, note: str = "") -> Row:
    return Row(what, _said(value, unit, note), f"<= {limit:g} {unit}", value <= limit)


def at_least(what: str, value: float, limit: float, unit: str, note: str = "") -> Row:
    return Row(what, _said(value, unit, note), f">= {limit:g} {unit}", value >= limit)


def told(what: str, value: float, unit: str, note: str = "") -> Row:
    return Row(what, _said(value, unit, note))


def _said(value: float, unit: str, note: str) -> str:
    figure = f"{value:,.0f}" if value >= 100 else f"{value:.2f}"
    return f"{figure} {unit}" + (f" ({note})" if note else "")


def as_text(rows: Sequence[Row], facts: Mapping[str, object]) -> str:
    head = [f"{name}: {value}" for name, value in facts.items()]
    wide = max((len(row.what) for row in rows), default=0)
    reach = max((len(row.reach) for row in rows), default=0)
    body = [f"{r.what:<{wide}}  {r.reach:<{reach}}  {r.verdict:<6}  {r.got}" for r in rows]
    return "\n".join([*head, "", f"{'':<{wide}}  {'reach':<{reach}}  {'':<6}  got", *body])


def as_json(rows: Sequence[Row], facts: Mapping[str, object]) -> str:
    return json.dumps({**facts, "rows": [{**asdict(r), "verdict": r.verdict} for r in rows]})


def exit_code(rows: Sequence[Row]) -> int:
    return 1 if any(row.verdict == MISSED for row in rows) else 0
