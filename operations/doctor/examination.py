"""Every look side by side, each under its deadline; repairs after it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from operations.bounded import Bounded, TooSlow
from operations.doctor.findings import (
    Look,
    NotLooked,
    NotRepaired,
    Row,
    Verdict,
    bad,
    not_applicable,
)
from operations.doctor.table import CHECKS, Entry, Need
from operations.runbook import section
from operations.telemetry.redaction import Redactor
from resilience.clock import Clock
from resilience.outcomes import CallError

LONGEST = 4000  # characters of one finding


@dataclass(frozen=True)
class Finding:
    """One row of one check, as it is told."""

    name: str
    verdict: Verdict
    found: str
    fix: str = ""
    runbook: str = ""


@dataclass(frozen=True)
class Repaired:
    """`problem`: why it was not done, "" if it was."""

    name: str
    what: str
    problem: str = ""


@dataclass(frozen=True)
class Report:
    verdict: Verdict
    findings: tuple[Finding, ...]
    repairs: tuple[Repaired, ...]
    took_s: float

    def count(self, verdict: Verdict) -> int:
        return sum(one.verdict is verdict for one in self.findings)


@dataclass(frozen=True)
class Subject:
    """`looks`: one for each name of the table whose gate opens. `gates`: raises NotLooked while
    what a check needs is not there. `secrets` show in no finding."""

    looks: Mapping[str, Look]
    gates: Mapping[Need, Callable[[], None]]
    secrets: Collection[str] = ()


def examine(
    subject: Subject, clock: Clock, *, fix: bool, checks: Sequence[Entry] = CHECKS
) -> Report:
    """As slow as the slowest deadline, and with `fix` as the repairs. What is told is as it was
    before them: whoever repaired looks again."""
    began, redactor = clock.monotonic(), Redactor(subject.secrets)
    found = _look(subject, clock, checks)
    repairs = _repair(found, redactor) if fix else []
    findings = tuple(
        _told(entry.name, row, redactor) for entry in checks for row in found[entry.name]
    )
    order = list(Verdict)
    return Report(
        verdict=max((one.verdict for one in findings), key=order.index),
        findings=findings,
        repairs=tuple(repairs),
        took_s=clock.monotonic() - began,
    )


def _look(subject: Subject, clock: Clock, entries: Sequence[Entry]) -> dict[str, Sequence[Row]]:
    asked = {
        entry.name: Bounded(
            entry.name,
            _gated(subject, entry),
            clock,
            deadline_s=entry.deadline_s,
            fresh_s=entry.deadline_s,
        )
        for entry in entries
    }
    for one in asked.values():
        one.begin()
    return {name: _answer(one) for name, one in asked.items()}


def _gated(subject: Subject, entry: Entry) -> Look:
    def look() -> Sequence[Row]:
        if entry.needs in subject.gates:
            subject.gates[entry.needs]()
        return subject.looks[entry.name]()

    return look


def _answer(asked: Bounded[Sequence[Row]]) -> Sequence[Row]:
    """Whatever a look raises is its row: the others are told as usual."""
    try:
        return asked.result() or [not_applicable("there is nothing to look at")]
    except NotLooked as nothing:
        return [not_applicable(str(nothing))]
    except TooSlow as slow:
        return [bad(str(slow), "look at what it asks; the other checks are not affected")]
    except CallError as failed:
        message = str(failed)
        told = message.removesuffix(f"; {failed.fix}") if failed.fix else message
        return [bad(f"cannot be looked at: {told}", failed.fix or "see the check `database`")]
    except Exception as error:  # noqa: BLE001  the border of a look
        fix = "put right what the message names; the other checks are not affected"
        return [bad(f"cannot be looked at: {type(error).__name__}: {error}", fix)]


def _repair(found: Mapping[str, Sequence[Row]], redactor: Redactor) -> list[Repaired]:
    done = []
    for name, rows in found.items():
        for row in rows:
            if row.repair is None:
                continue
            problem = ""
            try:
                row.repair.do()
            except (NotRepaired, CallError, OSError) as error:
                reason = error.strerror if isinstance(error, OSError) else None
                problem = redactor.text(reason or str(error) or type(error).__name__, LONGEST)
            done.append(Repaired(name, redactor.text(row.repair.what, LONGEST), problem))
    return done


def _told(name: str, row: Row, redactor: Redactor) -> Finding:
    return Finding(
        name,
        row.verdict,
        redactor.text(row.found, LONGEST),
        redactor.text(row.fix, LONGEST) if row.fix else "",
        section(name) if row.verdict in (Verdict.WARN, Verdict.BAD) else "",
    )
