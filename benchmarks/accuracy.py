"""How much of releases the local analyst reads right: `python -m benchmarks.accuracy FOLDER`.

Every document goes the product's own way: read, analysed by `Local`, verified. A figure that
was withheld counts as missing. Counts, not percentages: right, wrong, missing, and spurious
(a value where the hand reader found none stated). Guidance is counted apart where the folder
has it (`benchmarks.guidance`).

Exit codes: 0 measured, 2 the folder cannot be measured on.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from benchmarks import guidance
from benchmarks.guidance import GuidanceVerdict
from benchmarks.truth import FIELDS, BadFolder, Truth, load
from earnings.analysts.base import CallKey, PaidAnswer, Question
from earnings.analysts.local import Local
from earnings.evidence import verify
from earnings.reading.base import UnreadableDocument
from earnings.reading.reader import read
from earnings.vocabulary import Claim, Figure, Guidance, Metric, PeriodKind, RawDocument
from resilience.clock import SystemClock

_TYPES = {
    ".html": "text/html",
    ".htm": "text/html",
    ".pdf": "application/pdf",
    ".txt": "text/plain",
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SPECIAL = {"comparable_sales_pct": "comparable_sales", "gross_margin_pct": "gross_margin"}


def kind_of(path: Path) -> str:
    return _TYPES.get(path.suffix.lower(), "text/plain")


@dataclass(frozen=True)
class Verdict:
    file: str
    field: str
    verdict: str  # right, wrong, missing, spurious
    got: Decimal | None
    truth: tuple[Decimal, ...]
    why: str = ""


class NoPaidCalls:
    def once(
        self, key: CallKey, estimate_usd: Decimal, call: object, batch: object = None
    ) -> PaidAnswer:
        raise AssertionError("the local analyst pays for nothing")


@dataclass(frozen=True)
class Measured:
    verdicts: list[Verdict]
    guidance: list[GuidanceVerdict] | None  # None: no guidance was read by hand
    facts: dict[str, object]


def measure(folder: Path, fields: Sequence[str] = FIELDS) -> Measured:
    """Every verdict, and facts about the run. Raises BadFolder."""
    truths, notes = load(folder)
    verdicts: list[Verdict] = []
    guided: list[GuidanceVerdict] | None = None
    seconds: list[float] = []
    clock = SystemClock()
    for truth in truths:
        started = clock.monotonic()
        claims, why = _claims(folder / truth.file)
        seconds.append(clock.monotonic() - started)
        figures = [claim for claim in claims if isinstance(claim, Figure)]
        verdicts += _judge(truth, figures, why, fields)
        if truth.guidance is not None:
            ranges = [claim for claim in claims if isinstance(claim, Guidance)]
            guided = [*(guided or []), *guidance.judge(truth.file, truth.guidance, ranges)]
    facts: dict[str, object] = {
        "documents": len(truths),
        "seconds_median": round(sorted(seconds)[len(seconds) // 2], 3),
        "seconds_longest": round(max(seconds), 3),
        "notes": notes,
    }
    return Measured(verdicts, guided, facts)


def _claims(path: Path) -> tuple[tuple[Claim, ...], str]:
    """What is claimed of a document, and why what is missing was withheld."""
    try:
        content = path.read_bytes()
        reading = read(RawDocument(content, kind_of(path), title=path.name))
    except (OSError, UnreadableDocument) as error:
        return (), f"cannot be read: {error}"
    question = Question(hashlib.sha256(content).hexdigest(), reading, None, None)
    answer = Local().analyse(question, NoPaidCalls())
    if not answer.is_results:
        return (), "; ".join(answer.notes)
    verified = verify(reading, answer.drafts)
    why = "; ".join(
        f"{w.claim.metric} withheld: {w.reason}"
        for w in verified.withheld
        if isinstance(w.claim, Figure)
    )
    return verified.claims, why


def _judge(truth: Truth, figures: list[Figure], why: str, fields: Iterable[str]) -> list[Verdict]:
    out: list[Verdict] = []
    for name in fields:
        got = _value(name, figures)
        right = truth.stated.get(name)
        if right is not None:
            fits = got is not None and any(_same(name, got, answer) for answer in right)
            verdict = "right" if fits else "missing" if got is None else "wrong"
            out.append(Verdict(truth.file, name, verdict, got, right, "" if fits else why))
        elif name in truth.not_stated and got is not None:
            out.append(Verdict(truth.file, name, "spurious", got, ()))
    return out


def _value(name: str, figures: list[Figure]) -> Decimal | None:
    """What the figures say for a field of the truth files: "fy_" the year, "_prior" a year ago."""
    if name == "revenue":
        return _value("total_revenue", figures) or _value("net_sales", figures)
    year = name.startswith("fy_")
    prior = "_prior" in name
    base = name.removeprefix("fy_").replace("_prior", "")
    metric = Metric(_SPECIAL.get(base, base))
    for figure in figures:
        if figure.metric is metric and (figure.period.kind is PeriodKind.YEAR) == year:
            return figure.prior if prior else figure.value
    return None


def _same(name: str, got: Decimal, right: Decimal) -> bool:
    """Half a cent, 0.05 points, or 0.05 % of an amount."""
    if "eps" in name:
        return abs(got - right) < Decimal("0.005")
    if name.endswith("_pct"):
        return abs(got - right) < Decimal("0.05")
    return abs(got - right) <= abs(right) * Decimal("0.0005")


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="accuracy", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--field", action="append", choices=FIELDS, help="only this field")
    parser.add_argument("--json", action="store_true", help="print JSON")
    options = parser.parse_args(arguments)
    try:
        measured = measure(options.folder, options.field or FIELDS)
    except BadFolder as problem:
        print(f"accuracy: {problem}", file=sys.stderr)
        return 2
    print(_as_json(measured) if options.json else _as_text(measured))
    return 0


def _as_json(measured: Measured) -> str:
    rows = [
        {
            "file": v.file,
            "field": v.field,
            "verdict": v.verdict,
            "got": None if v.got is None else str(v.got),
            "truth": [str(t) for t in v.truth],
            "why": v.why,
        }
        for v in measured.verdicts
    ]
    out: dict[str, object] = {**measured.facts, "counts": _counts(measured.verdicts)}
    if measured.guidance is not None:
        out["guidance"] = guidance.counts(measured.guidance)
    return json.dumps({**out, "verdicts": rows}, indent=1)


def _counts(verdicts: list[Verdict]) -> dict[str, dict[str, int]]:
    counts: dict[str, Counter[str]] = {}
    for verdict in verdicts:
        counts.setdefault(verdict.field, Counter())[verdict.verdict] += 1
    kinds = ("right", "wrong", "missing", "spurious")
    return {name: {kind: counts[name][kind] for kind in kinds} for name in FIELDS if name in counts}


def _as_text(measured: Measured) -> str:
    verdicts, facts = measured.verdicts, measured.facts
    lines = [
        f"{facts['documents']} documents; {facts['seconds_median']} s the middle one, "
        f"{facts['seconds_longest']} s the longest",
        f"{'field':28}{'right':>7}{'wrong':>7}{'missing':>9}{'spurious':>10}",
    ]
    for name, count in _counts(verdicts).items():
        lines.append(
            f"{name:28}{count['right']:>7}{count['wrong']:>7}{count['missing']:>9}"
            f"{count['spurious']:>10}"
        )
    notes = facts["notes"]
    if isinstance(notes, list):
        lines += [f"note: {note}" for note in notes]
    for kind in ("wrong", "spurious", "missing"):
        lines += [_line(v) for v in verdicts if v.verdict == kind]
    return "\n".join(lines + _guidance_lines(measured.guidance))


def _guidance_lines(verdicts: list[GuidanceVerdict] | None) -> list[str]:
    if verdicts is None:
        return []
    count = guidance.counts(verdicts)
    of_actions = f"{count.pop('action_right')} right, {count.pop('action_wrong')} wrong"
    ranges = ", ".join(f"{number} {kind}" for kind, number in count.items())
    off = [v for v in verdicts if v.verdict != "right" or v.action_fits is False]
    return [f"guidance: {ranges}; actions: {of_actions}", *map(guidance.as_line, off)]


def _line(verdict: Verdict) -> str:
    right = " or ".join(str(t) for t in verdict.truth) or "not stated"
    got = "nothing" if verdict.got is None else str(verdict.got)
    why = f" ({verdict.why})" if verdict.why else ""
    return f"{verdict.verdict}: {verdict.file}: {verdict.field}: {got}, should be {right}{why}"


if __name__ == "__main__":
    sys.exit(main())
