"""What a scan's run says of itself, as the views of what went wrong and what is to be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cli.door import Step
from cli.views import ReadingView, TroubleView
from jobs.daily_earnings_scan import ScanProgress
from jobs.runner import RunReport
from storage.states import RunState


def step(progress: ScanProgress) -> Step:
    if progress.documents:
        return Step(progress.done, progress.documents, progress.what)
    return Step(progress.asked, progress.scopes or None, progress.what)


def by_company(reading: ReadingView) -> tuple[bool, str, str]:
    """Real companies before samples."""
    return (reading.is_sample, reading.ticker, str(reading.published_at))


def problems(report: RunReport) -> list[TroubleView]:
    found = _not_asked(report.summary)
    if report.outcome is not RunState.SUCCEEDED and not found:
        found.append(TroubleView(report.job, report.error or str(report.outcome)))
    return found


def met(summary: Mapping[str, Any]) -> list[TroubleView]:
    """All that a scan met, for who looks at it afterwards."""
    found = [*_not_asked(summary), *held_up(summary)]
    return [*found, *(TroubleView("note", note) for note in noted(summary))]


def _not_asked(summary: Mapping[str, Any]) -> list[TroubleView]:
    return [
        TroubleView(f"{one['source']} {one['scope']}".strip(), str(one["what"]))
        for one in summary.get("problems", [])
    ]


def held_up(summary: Mapping[str, Any], titles: Sequence[str] = ()) -> list[TroubleView]:
    """Documents that wait for somebody who does not answer, by name if all `titles` are given;
    the reasons, each once."""
    count = int(summary.get("held_up", 0)) + int(summary.get("unfinished", 0))
    if not count:
        return []
    reasons = "; ".join(str(one) for one in summary.get("reasons", []))
    who = f"{count} document{'' if count == 1 else 's'}"
    if count == len(titles):
        who = "; ".join(titles)
    return [TroubleView(who, reasons or "not finished")]


def noted(summary: Mapping[str, Any]) -> list[str]:
    """What sources had to say, and why an analyst did not answer where nothing waits for it."""
    notes = [str(note) for note in summary.get("notes", [])]
    if summary.get("degraded") and not (summary.get("held_up") or summary.get("unfinished")):
        notes += [str(reason) for reason in summary.get("reasons", [])]
    for who, count in summary.get("instead", {}).items():
        notes.append(f"{count} document{'' if count == 1 else 's'} read by {who}")
    return notes


def given_up(summary: Mapping[str, Any]) -> list[str]:
    return [
        f"{one['title']} failed {one['attempts']} times and is left alone: {one['reason']}"
        for one in summary.get("given_up", [])
    ]
