"""Runs asked for by hand: in this process, through the same runner and ledger."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

from jobs.context import JobContext
from jobs.daily_earnings_scan import ScanProgress
from jobs.runner import Runner, RunReport

SCAN = "daily_earnings_scan"
TICKERS, SINCE, WEEK = "tickers", "since", "week"  # options


def run_now(context: JobContext, runner: Runner, job: str, **options: Any) -> RunReport:
    """Run `job` now, whatever the schedule says. Raises CallError if the ledger cannot be
    reached, KeyError for a job that is not in the table."""
    slot = f"manual:{uuid.uuid4()}"
    context.ledger.decide(
        job,
        slot,
        context.clock.now(),
        "run",
        "asked for by hand",
        context.executor_id,
        options=kept(options),
    )
    report = runner.run_now(job, slot, options)
    if report is None:  # nobody else can know this slot
        raise RuntimeError(f"{job} {slot}: the run that was just written down is gone")
    return report


def scan_now(
    context: JobContext,
    runner: Runner,
    tickers: Iterable[str] = (),
    since: date | None = None,
    progress: Callable[[ScanProgress], None] | None = None,
) -> RunReport:
    """The scan, of all companies or only `tickers`; with `since` everything from that day on.

    Works beside a running daemon: what both find is stored once and worked on once.
    """
    return run_now(context, runner, SCAN, tickers=tuple(tickers), since=since, progress=progress)


def kept(options: Mapping[str, Any]) -> dict[str, Any]:
    """What a person asked for, as the ledger keeps it for a retry."""
    plain = {name: options[name] for name in (TICKERS, WEEK) if options.get(name)}
    since = options.get(SINCE)
    return plain | ({SINCE: since.isoformat()} if since is not None else {})


def taken(stored: Mapping[str, Any]) -> dict[str, Any]:
    """The options that `kept` wrote down."""
    options = {name: stored[name] for name in (TICKERS, WEEK) if name in stored}
    if SINCE in stored:
        options[SINCE] = date.fromisoformat(stored[SINCE])
    return options
