"""Agents and recovery of the shipped daemon: killed in the middle, and paused while it runs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from tests.acceptance.conftest import PACE, MakeHouse
from tests.acceptance.installation import CONTACT, QUICK, Installation
from tests.acceptance.processes import eventually
from tests.acceptance.test_crashes import (
    ONCE_EACH,
    TICKERS,
    finished,
    in_the_middle,
    slow_shop,
    under_way,
)
from tests.servers.edgar import EdgarServer

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]


# four are fetched at a time, 12 s each: much longer than a command takes, on a busy machine too
MANY = tuple(f"CO{letter}" for letter in "ABCDEFGHIJKLMNOP")


def agent(house: Installation, name: str) -> dict[str, Any]:
    found: dict[str, Any] = house.json("agent", "show", name, "--json")["agent"]
    return found


def at_edgar(
    own_house: MakeHouse, sec: EdgarServer, wait_s: float, tickers: Sequence[str] = TICKERS
) -> Installation:
    house = own_house(
        SEC_CONTACT=CONTACT,
        RETAILXAI_SEC_WWW_URL=sec.url,
        RETAILXAI_SEC_DATA_URL=sec.url,
        RETAILXAI_SEC_REQUESTS_PER_S=str(PACE),
    )
    house.miss_a_slot(
        companies=slow_shop(sec, wait_s, tickers), policies={**QUICK, "timeout_s": 20}
    )
    return house


@pytest.mark.timeout(240)
def test_a_daemon_killed_over_a_scan_is_told_of_by_the_next(
    own_house: MakeHouse, sec: EdgarServer
) -> None:
    """The report names its run and its agents; every document counts once, whatever was done
    twice, and the counters say what the tables hold."""
    house = at_edgar(own_house, sec, 0.6)
    daemon = house.daemon()
    eventually(lambda: in_the_middle(house), "some documents are done")
    daemon.kill()
    daemon = house.daemon()
    eventually(lambda: finished(house), "the run succeeds in its second attempt")
    assert house.analyses() == ONCE_EACH
    reports = house.json("recovery", "--json")["recoveries"]
    starts = [one for one in reports if one["occasion"] == "start"]
    assert len(starts) == 2
    # Its database died and started with it: then a silent process gets a moment to come back.
    found = [each for one in reports for each in one["found"]]
    mended = {one["what"]: one["count"] for one in found if one["is_mended"]}
    assert mended["runs whose process died"] == 1
    assert mended["agents that dead processes worked in"] >= 1
    assert mended["processes that ended without a word"] == 1
    assert all(one["took_s"] < 1.0 for one in starts)
    edgar, local = agent(house, "edgar"), agent(house, "local")
    assert (edgar["found"], edgar["read"]) == (len(ONCE_EACH), len(ONCE_EACH))
    assert (local["executions"], local["failures"]) == (len(ONCE_EACH), 0)
    assert local["claims"] == house.one("select count(*) from insight where status = 'claimed'")
    assert daemon.stop().code == 0
    assert {one["state"] for one in house.json("agent", "--json")["agents"]} == {"idle"}


def test_a_pause_is_followed_by_a_daemon_that_runs(own_house: MakeHouse, sec: EdgarServer) -> None:
    """In the middle of its scan, without a restart: nothing more is asked of the source, and
    what was left is read after the pause."""
    house = at_edgar(own_house, sec, 12.0, MANY)
    daemon = house.daemon()
    eventually(lambda: under_way(sec), "the first documents are being fetched")
    told = house.run("agent", "pause", "edgar", "--reason", "audit")
    assert told.code == 0, told
    slow_shop(sec, 0.0, MANY)  # what is not under way need not be waited for
    eventually(lambda: finished(house), "the scan ends without the rest")
    asked = len(sec.paths())
    assert len(house.analyses()) < len(MANY)
    scan = house.run("scan")
    assert "edgar is off: paused by" in scan.out + scan.err
    assert len(sec.paths()) == asked
    assert house.run("agent", "resume", "edgar").code == 0
    house.run("scan")
    assert house.analyses() == dict.fromkeys(MANY, 1)
    assert daemon.stop().code == 0
