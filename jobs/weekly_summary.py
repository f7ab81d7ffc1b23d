"""The week in one report: composed, stored, and laid into the reports folder.

Done twice it changes nothing: the stored report remembers what it was made from, and only
new facts make a new one.
"""

from __future__ import annotations

import hashlib
import logging
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from earnings.reports.facts import WeekFacts
from earnings.reports.render import as_html, as_text
from earnings.reports.week import Week
from earnings.reports.weekly import compose
from jobs.agents import WRITER
from jobs.context import JobContext
from jobs.job import FAILED, SAID, Run, Summary
from jobs.slots import is_slot
from jobs.week_facts import week_facts

log = logging.getLogger("jobs.weekly_summary")

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def weekly_summary(context: JobContext, run: Run) -> Summary:
    """Options: "week" ("2026-W47"); by schedule it is the week that ended before the slot,
    by hand the one that ended last. Raises Paused: put off until the writer is resumed."""
    try:
        week = _week(context, run)
    except ValueError as error:
        asked = run.options.get("week")
        return {FAILED: f"there is no week {asked!r} ({error}); write it as 2026-W47"}
    agents = context.agents
    agents.check(WRITER)
    with agents.at_work(WRITER):
        began = agents.now()
        try:
            return _written(context, week, began)
        except Exception as error:
            agents.failed(agents.execution(WRITER, week.key, began), error)
            raise


def _written(context: JobContext, week: Week, began: float) -> Summary:
    facts, agents = week_facts(context, week), context.agents
    digest = _digest(facts)
    stored = context.reports.get(week.monday())
    if stored is not None and stored.facts.get("digest") == digest:
        agents.store.succeeded(agents.execution(WRITER, week.key, began, week.key))
        trouble = _lay(context.reports_dir, week, stored.html, stored.text)
        said = f"{week.key}: nothing new since it was made"
        return _told(context, week, facts, said, trouble)
    if stored is None and not context.reports.claim(week.monday(), context.executor_id):
        return {SAID: f"{week.key} is being composed by another process", "week": week.key}
    report = compose(facts)
    html, text = as_html(report), as_text(report)
    kept = {"digest": digest, "made_at": facts.made_at.isoformat(), "headline": report.headline}
    execution = agents.execution(WRITER, week.key, began, week.key)
    context.reports.save(week.monday(), html, text, kept, context.executor_id, execution)
    trouble = _lay(context.reports_dir, week, html, text)
    return _told(context, week, facts, f"{week.key}: {report.headline}", trouble)


def _told(context: JobContext, week: Week, facts: WeekFacts, said: str, trouble: str) -> Summary:
    return {
        SAID: f"{said}; {trouble}" if trouble else said,
        "week": week.key,
        "companies": len(facts.reporters),
        "figures": len(facts.figures),
        "guidance": len(facts.guidance),
        "withheld": len(facts.withheld),
        "unread": len(facts.unread),
        "html": str(context.reports_dir / f"{week.key}.html"),
        "text": str(context.reports_dir / f"{week.key}.txt"),
    }


def _week(context: JobContext, run: Run) -> Week:
    asked = run.options.get("week")
    if asked:
        return Week.parse(str(asked))
    if is_slot(run.slot):
        year, number, _ = date.fromisoformat(run.slot[:10]).isocalendar()
        return Week(year, number).before()
    return Week.of(context.clock.now(), context.zone).before()


def _digest(facts: WeekFacts) -> str:
    """The same for the same facts, whenever they were put together."""
    timeless = replace(facts, made_at=_EPOCH)
    return hashlib.sha256(repr(timeless).encode()).hexdigest()


def _lay(folder: Path, week: Week, html: str, text: str) -> str:
    """Write both files, each whole or not at all; why not, if not. A full disk costs the
    files and not the report: it is in the database, and the next run lays it again."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for ending, content in (("html", html), ("txt", text)):
            path = folder / f"{week.key}.{ending}"
            if path.exists() and path.read_text(encoding="utf-8") == content:
                continue
            beside = path.with_suffix(f".{ending}.new")
            beside.write_text(content, encoding="utf-8")
            beside.replace(path)
    except OSError as error:
        what = f"{week.key} is stored, but cannot be written to {folder}: {error}"
        log.warning(what)
        return what
    return ""
