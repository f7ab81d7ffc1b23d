"""`status`, `jobs`, `run`, `history`, `company`, `report`: what is read from the desk."""

from __future__ import annotations

import pytest

from cli.exit_codes import ExitCode
from cli.policy_views import BreakerView
from cli.views import (
    CompanyView,
    DaemonView,
    DocumentView,
    JobView,
    OffView,
    ReportView,
    RunView,
    StatusView,
)
from tests.unit.cli.fakes import NOON, FakeDesk, reading, typed

DAEMON = DaemonView("retailxai", 4121, "retail-01", NOON, "http://127.0.0.1:8717")


def run(outcome: str = "succeeded", took_s: float = 2.0, **changes: object) -> RunView:
    return RunView(
        **{
            "id": 7,
            "job": "daily_earnings_scan",
            "outcome": outcome,
            "slot": "2026-11-20T07:00",
            "started_at": NOON,
            "took_s": took_s,
            **changes,
        }  # type: ignore[arg-type]
    )


def job(state: str = "on time", **changes: object) -> JobView:
    values = {"name": "daily_earnings_scan", "schedule": "07:00", "state": state, **changes}
    return JobView(**values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (StatusView("ok", "All is well.", daemons=(DAEMON,)), 0),
        (StatusView("degraded", "EDGAR is late.", daemons=(DAEMON,)), 1),
        (StatusView("ok", "All is well."), 3),
    ],
)
def test_status_exit_codes(status: StatusView, code: int) -> None:
    """0 good, 1 degraded, 3 no daemon; the same with --json."""
    assert typed("status", FakeDesk(state=status)).code == code
    assert typed("status --json", FakeDesk(state=status)).code == code


def test_status_on_one_screen() -> None:
    """Verdict, daemon, counts, jobs, breakers, and what is off."""
    status = StatusView(
        "degraded",
        "EDGAR refuses.",
        daemons=(DAEMON,),
        jobs=(job("late", last=run(), median_s=2.0, recent=(run(),), next_at=NOON),),
        breakers=(
            BreakerView("edgar", "half_open", "5 failures in a row", NOON),
            BreakerView("claude", "closed"),
            BreakerView("database", "closed", calls=9),
        ),
        documents={"analysed": 3, "refused": 0},
        companies=72,
        database="PostgreSQL 18.6, 1 of 30 connections in use",
        off=(OffView("claude", "set ANTHROPIC_API_KEY"),),
    )
    text = typed("status", FakeDesk(state=status)).out

    assert text.startswith("▲ degraded  EDGAR refuses.\n")
    for words in (
        "retailxai on retail-01, pid 4121, since 2026-11-20T12:00:00Z, http://127.0.0.1:8717",
        "72 companies; documents: 3 analysed",
        "1 of 30 connections",
        "▲ late",
        "◐ half open",
        "2 other services  ● asked",
        "‖ claude is off: set ANTHROPIC_API_KEY",
    ):
        assert words in text
    assert "0 refused" not in text


def test_status_lists_workers_and_tells_who_is_silent() -> None:
    """Workers beside the daemon; one that says nothing, for how long."""
    worker = DaemonView("retailxai", 4130, "retail-02", NOON, silent_s=40.2)
    shown = typed(
        "status", FakeDesk(state=StatusView("ok", ".", daemons=(DAEMON,), workers=(worker,)))
    )
    assert "worker retailxai on retail-02, pid 4130, since" in shown.out
    assert "not heard of for 40 s" in shown.out


def test_status_without_a_daemon_says_how_to_start_one() -> None:
    """The fix stands beside the finding."""
    assert "start a daemon: python main.py" in typed("status").out


def test_jobs_have_a_bar_for_each_run() -> None:
    """As high as it took long; a cross for a failure, a dot for none."""
    recent = (run(took_s=1), run("failed"), run(took_s=8), run("skipped"), run("running"))
    text = typed("jobs", FakeDesk(job_views=(job(recent=recent, last=run(took_s=8)),))).out

    assert "▂✗█·▄" + "·" * 15 in text
    assert "● on time" in text


def test_long_history_shows_the_last_twenty() -> None:
    """The bars keep their place whatever happened before."""
    recent = tuple(run(took_s=0) for _ in range(50))
    text = typed("jobs", FakeDesk(job_views=(job(recent=recent),))).out

    assert "▁" * 20 in text
    assert "▁" * 21 not in text


def test_failed_job_tells_why() -> None:
    """The error of the last run is on the screen, not only its state."""
    failed = job("failed", last=run("failed", error="edgar: circuit open"))

    assert (
        "daily_earnings_scan: edgar: circuit open"
        in typed("jobs", FakeDesk(job_views=(failed,))).out
    )


def test_unknown_states_are_shown_as_they_are() -> None:
    """A state that is newer than this table does not break it."""
    assert "‖ resting" in typed("jobs", FakeDesk(job_views=(job("resting"),))).out


@pytest.mark.parametrize(
    ("outcome", "code"),
    [("succeeded", 0), ("failed", 1), ("abandoned", 1), ("deferred", 75), ("skipped", 75)],
)
def test_run_exit_codes(outcome: str, code: int) -> None:
    """0 when it did what it should, 75 when it was put off, else 1."""
    desk = FakeDesk(run=run(outcome, error="because", summary={"new": 3, "refused": 0}))
    shown = typed("run quota_check", desk)

    assert shown.code == code
    assert "because" in shown.out
    assert "new 3" in shown.out
    assert desk.calls == [("run_job", "quota_check")]
    assert typed("run quota_check --json", desk).code == code


def test_history() -> None:
    """Newest first, of one job or of all; nothing yet is said so."""
    desk = FakeDesk(runs=(run("failed", error="broke"), run(summary={"documents": 3})))
    text = typed("history daily_earnings_scan --limit 5", desk).out

    assert desk.calls == [("history", "daily_earnings_scan", 5)]
    assert "■ failed" in text
    assert "broke" in text
    assert "documents 3" in text
    assert typed("history").out == "Nothing has run yet.\n"
    assert typed("history --json").json == {"runs": []}


def test_company() -> None:
    """Every figure of its latest document with evidence, guidance, words, and its documents."""
    view = CompanyView(
        "NGST",
        "Northgate Stores",
        "grocery",
        1234,
        "0131",
        latest=reading(withheld=1),
        documents=(DocumentView(3, "Third quarter results.html", "analysed", "inbox", NOON),),
    )
    desk = FakeDesk(company_view=view)
    text = typed("company ngst", desk).out

    assert desk.calls == [("company", "NGST")]
    for words in (
        "grocery, fiscal year to 01-31, CIK 1234",
        "#17  Store openings",
        "▲ raised",
        "“Higher tariff costs weighed on margin in the quarter.” Dana Whitlock",
        "1 claim was withheld",
        "analysed",
    ):
        assert words in text
    assert typed("company NGST --json", desk).json["latest"]["quotes"][0]["theme"] == "tariffs"


def test_company_without_documents() -> None:
    """Says what to do, and marks a sample."""
    text = typed(
        "company NGST", FakeDesk(company_view=CompanyView("NGST", "N", is_sample=True))
    ).out

    assert "Next: python main.py scan NGST" in text
    assert "sample: an invented company" in text


def test_report() -> None:
    """Its text as it was laid out; where the charts are is talk."""
    view = ReportView("2026-W47", "HEADLINE\n\n  * kept as laid out\x1b[2J\n", "/x/2026-W47.html")
    desk = FakeDesk(report_view=view)
    shown = typed("report --week 2026-W47", desk)

    assert shown.out == "HEADLINE\n\n  * kept as laid out\n"
    assert "/x/2026-W47.html" in shown.err
    assert desk.calls == [("report", "2026-W47")]
    assert typed("report --json", desk).json["week"] == "2026-W47"


def test_no_report() -> None:
    """Exit 4, and which command writes one."""
    shown = typed("report --week 2026-W01")

    assert shown.code == ExitCode.UNKNOWN
    assert "run weekly_summary" in shown.err
    assert typed("report").code == ExitCode.UNKNOWN


@pytest.mark.parametrize("columns", ["80", "140"])
def test_tables_fit_the_terminal(monkeypatch: pytest.MonkeyPatch, columns: str) -> None:
    """No number is folded at 80 columns; what does not fit there is left out."""
    monkeypatch.setenv("COLUMNS", columns)
    full = job(last=run(), median_s=2.0, recent=(run(),), next_at=NOON)
    desk = FakeDesk(job_views=(full,), runs=(run(said="3 new documents"),))

    for line in ("jobs --no-color", "history --no-color"):
        text = typed(line, desk, terminal=True).out
        assert max(len(one) for one in text.splitlines()) <= int(columns)
        assert "daily_earnings_scan  ●" in text
        assert ("LAST 20" in text or "SLOT" in text) == (columns == "140")
