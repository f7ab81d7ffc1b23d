"""A person's word on runs of the real daemon: stop one, run its slot again, read its log."""

from __future__ import annotations

import json
import signal

import pytest

from tests.acceptance.installation import QUICK, SCAN, Installation
from tests.acceptance.processes import Running, eventually
from tests.acceptance.test_crashes import (
    ONCE_EACH,
    TICKERS,
    finished,
    slow_shop,
    under_way,
)
from tests.servers.edgar import EdgarServer

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]


PATIENT = {**QUICK, "timeout_s": 60}
SLOW_S = 15.0  # longer than a command takes on a busy machine


def scanning(house: Installation, sec: EdgarServer) -> tuple[Running, str]:
    """A daemon in the middle of a scan of the schedule, and the number of its run. What it asks
    for next is answered at once."""
    house.miss_a_slot(companies=slow_shop(sec, SLOW_S), policies=PATIENT)
    daemon = house.daemon()
    eventually(lambda: under_way(sec), "a release is fetched")
    eventually(lambda: len(begun(sec)) == len(TICKERS) - 1, "as many are as are at a time")
    slow_shop(sec, 0.0)
    return daemon, str(house.one("select id from job_run where state = 'running'"))


def begun(sec: EdgarServer) -> list[str]:
    """The releases that were asked for."""
    return [path for path in sec.paths() if path.endswith("/release.htm")]


def moves(house: Installation, run: str) -> list[str]:
    asked = "select to_state from run_move where run_id = %s order by number"
    return [state for (state,) in house.rows(asked, int(run))]


def state(house: Installation, run: str) -> str:
    return str(house.one("select state from job_run where id = %s", int(run)))


def nothing_is_read(house: Installation) -> bool:
    busy = "select count(*) from dbos.workflow_status where status in ('ENQUEUED', 'PENDING')"
    return bool(house.one(busy) == 0)


def test_a_scan_is_cancelled_and_its_slot_run_again(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """It ends within moments, with by whom and why; the document that nobody had begun is not
    fetched, those that were are stored. The retry does the rest, once, however many ask, and
    the log of the run tells of all its documents."""
    house = reading_house
    daemon, run = scanning(house, sec)
    cancelled = house.run("runs", "cancel", run, "--why", "the wrong day")
    assert cancelled.code == 0, cancelled.said
    assert f"Run {run}" in cancelled.out
    assert "is cancelled" in cancelled.out
    error = house.one("select error from job_run where id = %s", int(run))
    assert error.startswith("cancelled by ")
    assert error.endswith(": the wrong day")
    eventually(lambda: nothing_is_read(house), "what was begun comes to its end")
    assert len(begun(sec)) == len(TICKERS) - 1
    assert len(house.analyses()) == len(TICKERS) - 1, "what was begun is stored"
    assert daemon.lives()

    refused = house.run("runs", "cancel", run)
    assert (refused.code, "it was cancelled" in refused.err) == (5, True), refused.said
    ends = house.run_together(*[("runs", "retry", run)] * 3)
    assert sorted(ended.code for ended in ends) == [0, 5, 5], "\n".join(e.said for e in ends)
    eventually(lambda: finished(house), "the slot succeeds")
    assert house.analyses() == ONCE_EACH
    assert moves(house, run) == [
        *("due", "running", "cancelled"),
        *("due", "running", "succeeded"),
    ]

    log = json.loads(house.run("runs", "log", run, "--json").out)
    documents = {line["document"] for line in log["lines"] if "document" in line}
    assert len(documents) == len(TICKERS)
    assert {line["run"] for line in log["lines"]} == {int(run)}
    assert any("cancelled" in line["event"] for line in log["lines"])
    life = house.run("runs", "show", run)
    for words in (
        "decided to run",
        "cancelled by",
        "due again: retried by",
        "succeeded",
        "analysed",
    ):
        assert words in life.out
    assert house.run("runs", "retry", run).code == 5, "what succeeded is not run again"
    assert daemon.stop().code == 0


def test_a_run_told_to_stop_is_not_taken_up_when_its_process_dies(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """The daemon is frozen when it is told, and killed before it wakes: the next start ends the
    run as cancelled instead of doing it again; a retry does."""
    house = reading_house
    daemon, run = scanning(house, sec)
    daemon.tell(signal.SIGSTOP)
    told = house.run("runs", "cancel", run)
    assert told.code == 1, told.said
    assert "has not answered yet" in told.out
    assert state(house, run) == "running"
    daemon.kill()

    daemon = house.daemon()
    eventually(lambda: state(house, run) == "cancelled", "recovery cancels it")
    assert moves(house, run) == ["due", "running", "cancelled"]
    assert house.run("runs", "retry", run).code == 0
    eventually(lambda: finished(house), "the slot succeeds")
    assert house.analyses() == ONCE_EACH
    assert daemon.stop().code == 0


def test_what_a_dead_process_ran_is_cancelled_at_once(
    reading_house: Installation, sec: EdgarServer
) -> None:
    """Also while no daemon is there to do it, and before recovery has looked."""
    daemon, run = scanning(reading_house, sec)
    daemon.kill()
    eventually(
        lambda: "its process is dead" in reading_house.run("runs", "show", run).out,
        "the server lets go of its lock",
    )
    ended = reading_house.run("runs", "cancel", run)
    assert ended.code == 0, ended.said
    assert moves(reading_house, run) == ["due", "running", "cancelled"]


def test_a_scan_by_hand_whose_process_died(reading_house: Installation, sec: EdgarServer) -> None:
    """Nobody takes it up, and `runs` says so; a retry is a new run with the same wish: of one
    company, and of no other."""
    house = reading_house
    house.configure(companies=slow_shop(sec, SLOW_S), policies=PATIENT)
    scan = house.start("scan", "COC")
    eventually(lambda: under_way(sec), "the release is fetched")
    scan.kill()
    slow_shop(sec, 0.0)
    run = str(house.one("select id from job_run where job = %s", SCAN))
    daemon = house.daemon()
    eventually(lambda: state(house, run) == "abandoned", "recovery finds it")
    eventually(lambda: nothing_is_read(house), "its document is read all the same")
    listed = house.run("runs")
    assert f"nobody takes it up: python main.py runs retry {run}" in listed.out
    asked_before = len(sec.paths())
    again = house.run("runs", "retry", run)
    assert again.code == 0, again.said
    assert [state for _, state in house.runs()] == ["abandoned", "succeeded"]
    assert house.analyses() == {"COC": 1}
    asked = [path for path in sec.paths()[asked_before:] if "submissions" in path]
    assert len(asked) == 1, "only this company was asked about"
    assert daemon.stop().code == 0
