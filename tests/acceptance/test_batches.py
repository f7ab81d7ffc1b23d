"""The shipped daemon and Claude's batches over real HTTP: asked together, killed, paid once."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tests.acceptance.installation import Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import Running, eventually
from tests.acceptance.test_claude import GOOD
from tests.servers.claude import ClaudeServer
from tests.servers.claude_batches import Batch, BatchDesk
from tests.servers.edgar import EdgarServer
from tests.servers.http import Reply

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

TICKERS = ("BAA", "BAB", "BAC")
QUICKLY = {"RETAILXAI_CLAUDE_BATCH_GATHER_S": "0.3", "RETAILXAI_CLAUDE_BATCH_LOOK_S": "0.3"}


def good_message(params: Mapping[str, Any]) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(GOOD.body)
    return body


@pytest.fixture
def scheduled(asking_house: Installation, sec: EdgarServer) -> Installation:
    """A house whose scan is due as soon as its daemon starts."""
    companies = [filer(number, ticker) for number, ticker in enumerate(TICKERS, 1)]
    for company in companies:
        sec.add(company)
    asking_house.environ |= QUICKLY
    asking_house.miss_a_slot(companies=companies)
    return asking_house


def states(house: Installation, table: str) -> dict[str, int]:
    return dict(house.rows(f"select state, count(*)::int from {table} group by state"))


def analysts(house: Installation) -> dict[str, int]:
    asked = "select analyst, count(*)::int from analysis where is_current group by analyst"
    return dict(house.rows(asked))


def all_answered(house: Installation) -> Callable[[], bool]:
    return lambda: analysts(house) == {"claude": len(TICKERS)}


def test_what_a_scheduled_scan_asks_goes_together(
    scheduled: Installation, claude: ClaudeServer
) -> None:
    """The local reading shows until the answers are there; each costs half, and once."""
    desk = BatchDesk(claude, good_message)
    scheduled.daemon()
    eventually(lambda: len(desk.batches) == 1, "the batch is sent")
    eventually(lambda: scheduled.runs() and scheduled.runs()[-1][1] == "succeeded", "the scan ends")
    assert analysts(scheduled) == {"local": len(TICKERS)}
    assert "3 to be answered in a batch" in scheduled.run("history").out
    desk.finish()
    eventually(all_answered(scheduled), "the documents are read with the answers")
    assert states(scheduled, "paid_call") == {"answered": len(TICKERS)}
    assert list(desk.billed.values()) == [1] * len(TICKERS)
    assert [request.path for request in claude.requests if request.path.endswith("messages")] == []
    (cost,) = scheduled.rows("select distinct cost_usd::float from paid_call")
    assert cost[0] == pytest.approx(0.5 * (15000 * 2 + 2000 * 2.5 + 1000 * 0.2 + 1500 * 10) / 1e6)


def test_a_daemon_killed_while_it_sends_leaves_no_doubt(
    scheduled: Installation, claude: ClaudeServer
) -> None:
    """kill -9 when the provider has taken the batch and nobody has heard of it: the next daemon
    finds it in the provider's list, by the names its questions were given."""
    running: list[Running] = []

    def killed(batch: Batch) -> Reply | None:
        if len(desk.batches) > 1:
            return None
        running[0].kill()
        return Reply(drop=True)

    desk = BatchDesk(claude, good_message, on_created=killed)
    running.append(scheduled.daemon())
    eventually(lambda: len(desk.batches) == 1, "the batch is taken")
    eventually(lambda: not running[0].lives(), "the daemon is dead")
    assert states(scheduled, "paid_call") == {"intent": len(TICKERS)}
    desk.finish()
    scheduled.daemon()
    eventually(all_answered(scheduled), "the documents are read with the answers")
    assert len(desk.batches) == 1
    assert list(desk.billed.values()) == [1] * len(TICKERS)
    assert states(scheduled, "paid_call") == {"answered": len(TICKERS)}
    assert states(scheduled, "paid_batch") == {"done": 1}


@pytest.mark.parametrize(
    "changed", [{"RETAILXAI_CLAUDE_BATCHES": "false"}, {"RETAILXAI_ANALYSTS_ORDER": "local"}, {}]
)
def test_what_is_on_its_way_is_fetched_by_a_worker_alone(
    scheduled: Installation, claude: ClaudeServer, changed: Mapping[str, str]
) -> None:
    """Also once batches are switched off, or nobody would ask Claude any more."""
    desk = BatchDesk(claude, good_message)
    daemon = scheduled.daemon()
    eventually(lambda: len(desk.batches) == 1, "the batch is sent")
    eventually(lambda: states(scheduled, "paid_batch") == {"sent": 1}, "that is written down")
    daemon.kill()
    desk.finish()
    scheduled.environ |= changed
    scheduled.start("worker")
    eventually(lambda: states(scheduled, "paid_batch") == {"done": 1}, "its answers are fetched")
    assert states(scheduled, "paid_call") == {"answered": len(TICKERS)}
    assert list(desk.billed.values()) == [1] * len(TICKERS)
    if "RETAILXAI_ANALYSTS_ORDER" not in changed:
        eventually(all_answered(scheduled), "the documents are read with the answers")
    assert [request.path for request in claude.requests if request.path.endswith("messages")] == []


def test_what_waits_when_batches_are_switched_off_is_asked_singly(
    scheduled: Installation, claude: ClaudeServer
) -> None:
    desk = BatchDesk(claude, good_message)
    claude.answers(lambda request: GOOD)
    daemon = scheduled.daemon(RETAILXAI_CLAUDE_BATCH_GATHER_S="3600")
    waits = {"queued": len(TICKERS)}
    eventually(lambda: states(scheduled, "paid_call") == waits, "the questions wait")
    daemon.kill()
    scheduled.daemon(RETAILXAI_CLAUDE_BATCHES="false")
    eventually(all_answered(scheduled), "all are asked")
    assert states(scheduled, "paid_call") == {"answered": len(TICKERS)}
    assert not desk.batches
