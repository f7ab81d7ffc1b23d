"""The five jobs, by hand and by schedule."""

from __future__ import annotations

import re

import pytest

from tests.acceptance.installation import SCAN, WEEKLY, Installation
from tests.acceptance.papers import release
from tests.acceptance.processes import eventually

JOBS = (SCAN, "health_check", "memory_cleanup", "quota_check", WEEKLY)
pytestmark = [pytest.mark.acceptance, pytest.mark.database]


def test_every_job_runs_by_hand_and_does_its_work(house: Installation) -> None:
    """All at once: each ends with 0, leaves its row in the ledger and what it is for: documents
    read, checks in the history, memory given back, what providers took, the week's report."""
    house.drop("NONE-q2.html", release("Nobody Stores", "NONE"))
    ends = house.run_together(*(("run", job) for job in JOBS))
    assert [ended.code for ended in ends] == [0] * len(JOBS), "\n".join(e.said for e in ends)
    scanned, checked, cleaned, quota, _ = (ended.out for ended in ends)
    assert "6 analysed" in scanned
    assert "checks pass" in checked
    assert "given back" in cleaned
    assert "0 calls today (0.0000 USD of 5.00)" in quota
    assert house.one("select count(distinct name) from health_history") >= 6
    written = sorted(path.suffix for path in (house.folder / "reports").iterdir())
    assert written == [".html", ".txt"]
    shown = house.run("report")
    assert shown.code == 0
    assert "RetailXAI weekly" in shown.out
    states = house.rows("select state, count(*) from job_run group by state")
    assert states == [("succeeded", len(JOBS))]


def test_what_was_missed_is_caught_up_and_what_breaks_does_not_end_the_process(
    house: Installation,
) -> None:
    """A machine that was off when two jobs were due: both run at the start, late, and said so.
    One meets a row that nobody foresaw: its run is failed, the error and where it happened are
    kept, and the daemon goes on."""
    house.miss_a_slot(WEEKLY)
    house.miss_a_slot(SCAN)
    house.schedule(10, SCAN, WEEKLY)
    house.rows(
        "insert into job_run (job, slot, due_at, state, decided_by, decided_at, finished_at,"
        " summary) values (%s, 'manual:odd', now(), 'skipped', '-', now(), now(), '7')",
        "daily_earnings_scan",
    )
    daemon = house.daemon()
    eventually(lambda: [state for _, state in house.runs(WEEKLY)] == ["failed"], "the failure")
    eventually(lambda: [state for _, state in house.runs(SCAN)] == ["succeeded"], "the scan")
    late = "select job, reason from job_run where attempts > 0 and job in %s order by job"
    told = dict(house.rows(late, (SCAN, WEEKLY)))
    assert set(told) == {SCAN, WEEKLY}
    assert all(re.fullmatch(r"late by 1[0-2] min", reason) for reason in told.values()), told
    error = house.one("select error from job_run where job = %s and state = 'failed'", WEEKLY)
    assert "TypeError" in error
    assert daemon.lives()
    assert house.run("status").code == 1, "somebody should look"
    ended = daemon.stop()
    assert ended.code == 0, ended.said
    assert "Traceback" in ended.err
