"""What is typed in one process is followed in another: the real daemon, and real commands."""

from __future__ import annotations

import json
import signal
from datetime import datetime, timedelta

import pytest

from tests.acceptance.installation import Installation
from tests.acceptance.papers import filed, filer, release
from tests.acceptance.processes import Ended, Running, eventually
from tests.servers.edgar import EdgarServer

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

NO_DAEMON = "no daemon runs; this is what was stored last"


@pytest.fixture
def watching(reading_house: Installation, sec: EdgarServer) -> Installation:
    """One company, whose release is there to be read."""
    company = filer(1, "ALPH", filed(1_990_001, release("Alpha Stores Inc", "ALPH")))
    sec.add(company)
    reading_house.configure(companies=[company])
    return reading_house


def breaker(house: Installation, service: str = "edgar") -> dict[str, object]:
    found = house.json("breakers")
    (one,) = (each for each in found["breakers"] if each["service"] == service)
    return {"source": found["source"], **one}


def typed(house: Installation, *words: str) -> Ended:
    ended = house.run(*words)
    assert ended.code == 0, ended.said
    return ended


def test_a_hold_reaches_the_daemon_and_its_release_too(
    watching: Installation, sec: EdgarServer
) -> None:
    """It follows at once and says so; meanwhile a scan asks nothing, says why, and finds
    everything after the release."""
    daemon = watching.daemon()
    held = typed(watching, "breakers", "hold", "edgar", "--for", "2h", "--why", "maintenance")
    assert "held  retailxai on " in held.out
    assert f"pid {daemon.pid}" in held.out

    seen = breaker(watching)
    assert (seen["source"], seen["state"], seen["why"]) == ("running", "held", "maintenance")
    hold = seen["hold"]
    assert isinstance(hold, dict)
    left = datetime.fromisoformat(hold["until"]) - datetime.fromisoformat(hold["at"])
    assert left == timedelta(hours=2)
    assert "held by" in watching.run("status").out

    scan = watching.run("scan")
    assert scan.code == 1, scan.said
    assert "held by hand (maintenance)" in scan.out
    assert sec.requests == []

    typed(watching, "breakers", "close", "edgar")
    assert breaker(watching)["state"] == "closed"
    assert watching.run("scan").code == 0
    assert watching.analyses() == {"ALPH": 1}
    assert daemon.stop().code == 0


def test_the_daemons_own_scan_is_put_off(reading_house: Installation, sec: EdgarServer) -> None:
    """A slot that comes while everything is held waits for the release: it is not lost, and it
    is not a failure."""
    company = filer(1, "ALPH", filed(1_990_001, release("Alpha Stores Inc", "ALPH")))
    sec.add(company)
    reading_house.environ |= {"RETAILXAI_INBOX_ENABLED": "false"}
    reading_house.miss_a_slot(companies=[company])
    typed(reading_house, "breakers", "hold", "edgar", "--for", "15s")
    reading_house.daemon()
    eventually(lambda: "deferred" in dict(reading_house.runs()).values(), "the scan is put off")
    assert sec.requests == []
    eventually(lambda: "succeeded" in dict(reading_house.runs()).values(), "it ran in the end")
    assert reading_house.analyses() == {"ALPH": 1}


def test_a_hold_outlives_a_crash(watching: Installation, sec: EdgarServer) -> None:
    """kill -9, and the next daemon has it from its first moment."""
    daemon = watching.daemon()
    typed(watching, "breakers", "hold", "edgar")
    daemon.kill()

    seen = breaker(watching)
    assert (seen["source"], seen["state"]) == ("storage", "held")
    watching.daemon()
    again = breaker(watching)
    assert (again["source"], again["state"], again["retry_at"]) == ("running", "held", None)
    assert sec.requests == []


def test_without_a_daemon_it_holds_from_the_next_start(watching: Installation) -> None:
    """And what is stored is what is shown, which is said."""
    held = typed(watching, "breakers", "hold", "edgar")
    assert "No daemon runs: it holds from the next start." in held.out
    shown = typed(watching, "breakers")
    assert NO_DAEMON in shown.err
    assert "held" in shown.out


def test_a_daemon_that_is_frozen_keeps_nobody_waiting(watching: Installation) -> None:
    """It is named, what is stored is shown instead, and it follows when it wakes."""
    daemon = watching.daemon()
    daemon.tell(signal.SIGSTOP)
    try:
        held = watching.run("breakers", "hold", "edgar")
        assert held.code == 1, held.said
        assert "no answer yet" in held.out
        shown = watching.run("breakers")
        assert "did not answer within 2 s" in shown.err
        assert "held" in shown.out
    finally:
        daemon.tell(signal.SIGCONT)
    eventually(lambda: breaker(watching)["source"] == "running", "it answers again")
    assert breaker(watching)["state"] == "held"


def explained(house: Installation, *more: str) -> tuple[int, dict[str, object]]:
    ended = house.run("policy", "explain", "claude", *more, "--json")
    found: dict[str, object] = json.loads(ended.out)
    return ended.code, found


def test_explaining_asks_the_daemon_and_spends_nothing(asking_house: Installation) -> None:
    """Each gate's word, money included; without a daemon what is stored says the same."""
    daemon = asking_house.daemon()
    code, found = explained(asking_house)
    assert (code, found["source"], found["passes"]) == (0, "running", True)
    code, found = explained(asking_house, "--cost", "usd=1000")
    assert (code, found["passes"]) == (75, False)
    typed(asking_house, "breakers", "hold", "claude")
    code, found = explained(asking_house)
    binding = [gate["gate"] for gate in found["gates"] if gate["is_binding"]]  # type: ignore[attr-defined]
    assert (code, binding) == (75, ["breaker"])
    stop(daemon)
    code, found = explained(asking_house)
    assert (code, found["source"]) == (75, "storage")
    assert found["note"] == NO_DAEMON


def stop(daemon: Running) -> None:
    assert daemon.stop().code == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("breakers", "hold", "edgr"), 4, "did you mean edgar?"),
        (("breakers", "hold", "edgar", "--for", "soon"), 2, "is no duration"),
        (("breakers", "hold", "database"), 5, "could not be opened again"),
        (("quota", "show", "clade"), 4, "did you mean claude?"),
    ],
)
def test_what_cannot_be(house: Installation, words: tuple[str, ...], code: int, said: str) -> None:
    ended = house.run(*words)
    assert ended.code == code, ended.said
    assert said in ended.err
