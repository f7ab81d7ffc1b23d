"""A process that is cut off from the database, or frozen, beside another that is well."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from tests.acceptance.installation import SCAN
from tests.acceptance.network import TICKERS, Network
from tests.acceptance.processes import Running, eventually
from tests.acceptance.test_claude import GOOD, asked_about
from tests.length import IS_LONG

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

FROZEN_S = 30.0 if IS_LONG else 16.0  # 15 s is silent
HUNG_S = 30.0 if IS_LONG else 8.0
BACK_WITHIN_S = 15.0
NOTICED_WITHIN_S = 9.0  # about 5 s, on a busy machine
TAKEN_AFTER_S = 9.0  # about 11 s: never before the one that is cut off has noticed
PAID = ("COA", "COB")
ENDS = {"fast": signal.SIGINT, "immediate": signal.SIGQUIT, "killed": signal.SIGKILL}
TRIED = [*ENDS, "frozen"] if IS_LONG else ["fast", "killed", "frozen"]


@pytest.fixture
def network(fast_path: Path) -> Iterator[Network]:
    with Network(fast_path) as network:
        yield network


def is_fenced(network: Network, executor: str) -> bool:
    return bool(
        network.far.one("select fenced_at is not null from instance where executor = %s", executor)
    )


def works_for(network: Network, executor: str) -> int:
    return int(
        network.far.one(
            "select count(*) from dbos.workflow_status where status = 'PENDING'"
            " and executor_id = %s",
            executor,
        )
    )


def is_back(network: Network, running: Running) -> bool:
    """It lives, and says so in the database."""
    assert running.lives()
    executor = network.executor_of(running)
    return bool(
        network.far.one(
            "select seen_at > now() - interval '3 seconds' and fenced_at is null"
            "  from instance where executor = %s",
            executor,
        )
    )


def test_packets_are_dropped_during_paid_calls(network: Network) -> None:
    """The cut-off daemon notices before its work is taken; the other takes the work and does not
    pay again; the answers that come to the first after all are stored, everything else of it is
    refused, and it begins anew under the same pid."""
    network.asks_claude()
    network.publishes(*PAID, timeout_s=60)
    network.claude.answers(replace(GOOD, wait_s=19))
    cut_off = network.near.daemon()
    eventually(lambda: len(network.claude.requests) == len(PAID), "both are asked about")
    other = network.far.start("worker")
    other.says("Ready in")
    executor = network.executor_of(cut_off)

    network.cable.cut()
    began = network.clock.monotonic()
    cut_off.says("no new work is taken until it does", NOTICED_WITHIN_S)
    assert not is_fenced(network, executor), "it notices first"
    eventually(lambda: is_fenced(network, executor), "the other takes over", 25)
    assert network.clock.monotonic() - began >= TAKEN_AFTER_S
    eventually(lambda: works_for(network, executor) == 0, "its work is queued again", 5)

    network.cable.mend()
    mended = network.clock.monotonic()
    cut_off.says("others took over its work", BACK_WITHIN_S)
    eventually(lambda: network.executor_of(cut_off) != executor, "it begins anew", 45)
    eventually(lambda: is_back(network, cut_off), "it works again", BACK_WITHIN_S)
    paid = "select state, count(*) from paid_call group by state"
    eventually(lambda: network.far.rows(paid) == [("answered", len(PAID))], "the late answers", 30)
    eventually(network.has_succeeded, "the run", 60)
    assert {ticker: asked_about(network.claude, ticker) for ticker in PAID} == dict.fromkeys(
        PAID, 1
    )
    assert network.clock.monotonic() - mended < 60
    for process in (cut_off, other):
        assert process.stop().code == 0


def test_a_proxy_hangs(network: Network) -> None:
    """Everything is acknowledged and nothing passed on: no time limit of the kernel sees that. The
    daemon notices, keeps its locks, and goes on as the same executor over a new way; what waited
    for an answer over the old one is not left waiting for ever."""
    daemon, other = network.busy_pair()
    executor = network.executor_of(daemon)
    network.cable.hang()
    daemon.says("no new work is taken until it does", NOTICED_WITHIN_S)
    network.clock.wait(HUNG_S)
    assert not is_fenced(network, executor), "the server still knows it"
    network.cable.mend()
    eventually(lambda: is_back(network, daemon), "it is heard again", BACK_WITHIN_S)
    daemon.says("of before the loss are cut", BACK_WITHIN_S)
    eventually(network.has_succeeded, "the run", 45)
    assert network.executor_of(daemon) == executor
    assert not is_fenced(network, executor)
    assert network.far.analyses() == dict.fromkeys(TICKERS, 1)
    for process in (daemon, other):
        assert process.stop().code == 0


def test_a_frozen_daemon_keeps_its_work_and_is_told_of(network: Network) -> None:
    """SIGSTOP of the one that has the run, beside another that is well: it is not taken for dead,
    however long. `status` and `runs` say that it is silent. Woken, it goes on, and nothing was
    done twice."""
    pair = network.busy_pair()
    running = "select executor from job_run where job = %s and state = 'running'"
    executor = str(network.far.one(running, SCAN))
    daemon = next(each for each in pair if network.executor_of(each) == executor)
    daemon.tell(signal.SIGSTOP)
    network.clock.wait(FROZEN_S)
    assert not is_fenced(network, executor)
    assert works_for(network, executor) > 0, "it waits"
    status, runs = network.far.run_together(("status",), ("runs", "list"))
    assert f"(pid {daemon.pid} on " in status.out
    assert "has not been heard of for" in status.out
    assert "has not been heard of for" in " ".join(runs.out.split())
    daemon.tell(signal.SIGCONT)
    eventually(network.has_succeeded, "the run", 45)
    assert network.executor_of(daemon) == executor
    assert network.far.analyses() == dict.fromkeys(TICKERS, 1)
    for process in pair:
        assert process.stop().code == 0


def test_a_daemon_that_slept_through_a_restart_is_refused(network: Network) -> None:
    """Its locks went with the server, so the other took its work. What it holds when it wakes is
    not stored, and it begins anew."""
    daemon, other = network.busy_pair()
    executor = network.executor_of(daemon)
    daemon.tell(signal.SIGSTOP)
    network.end_server(signal.SIGINT)
    network.server.start()
    eventually(lambda: is_fenced(network, executor), "the other takes over", 25)
    daemon.tell(signal.SIGCONT)
    daemon.says("others took over its work", BACK_WITHIN_S)
    eventually(lambda: network.executor_of(daemon) != executor, "it begins anew", 45)
    eventually(lambda: is_back(network, daemon), "it works again", BACK_WITHIN_S)
    eventually(network.has_succeeded, "the run", 45)
    assert network.far.analyses() == dict.fromkeys(TICKERS, 1)
    for process in (daemon, other):
        assert process.stop().code == 0


@pytest.mark.parametrize("how", TRIED)
def test_the_server_goes_away_and_comes_back(network: Network, how: str) -> None:
    """Under two processes in the middle of their work. Both are back within 15 s as who they were,
    nobody is given up, and the run ends with each document read once."""
    processes = network.busy_pair()
    executors = [network.executor_of(each) for each in processes]
    if how == "frozen":
        wake = network.freeze_server()
        network.clock.wait(FROZEN_S)
        wake()
    else:
        network.end_server(ENDS[how])
        network.clock.wait(1.0)
        network.server.start()
    for each in processes:
        eventually(partial(is_back, network, each), "it is back", BACK_WITHIN_S)
    eventually(network.has_succeeded, "the run", 60)
    assert [network.executor_of(each) for each in processes] == executors
    assert not any(is_fenced(network, executor) for executor in executors)
    assert network.far.analyses() == dict.fromkeys(TICKERS, 1)
    for each in processes:
        ended = each.stop()
        assert ended.code == 0, ended.said
