"""`agent` and `recovery`: who does what and how well, and what each start found."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from cli.exit_codes import ExitCode
from storage.agents import Agent, AgentKind, Pause
from storage.policy_desk import PauseView
from storage.recovery_reports import RecoveryReport
from storage.states import AgentState
from tests.unit.cli.agent_doubles import DEGRADED, LOCAL, NOON, REPORTS, WRITER, agent, counter
from tests.unit.cli.fakes import FakeDesk, typed


def desk(*agents: Agent, reports: tuple[RecoveryReport, ...] = (), daemons: int = 1) -> FakeDesk:
    every = agents or (DEGRADED, LOCAL, WRITER)
    return FakeDesk(agent_desk=counter(*every, reports=reports, daemons=daemons))


@pytest.mark.parametrize("line", ["agent", "agent list"])
def test_the_list_is_what_it_does_without_a_verb(line: str) -> None:
    shown = typed(line, desk())
    assert shown.code == ExitCode.DONE
    for words in ("edgar", "collector", "degraded", "local", "analyst", "weekly", "writer"):
        assert words in shown.out
    assert "degraded since 2026-11-20T11:00:00Z: edgar: timed out" in shown.out
    assert "\x1b" not in shown.out
    names = [one["name"] for one in typed("agent --json", desk()).json["agents"]]
    assert names == ["edgar", "local", "weekly"]


def test_a_paused_one_says_who_why_and_that_it_was_degraded() -> None:
    """A pause hides nothing."""
    paused = replace(
        DEGRADED, state=AgentState.PAUSED, pause=Pause("edgar", NOON, None, "bob on box", "audit")
    )
    text = typed("agent", desk(paused)).out
    assert "paused by bob on box since 2026-11-20 12:00 UTC: audit; degraded since" in text


def test_one_with_everything_that_is_known() -> None:
    text = typed("agent show EDGAR", desk()).out
    for words in (
        "edgar  collector",
        "since 2026-11-20T11:00:00Z",
        "CIK1 0001-26-000001; 72 places, last 2026-11-20T10:00:00Z",
        "75, 2 of them failed, 1 m 1 s in all",
        "40 found, 33 read",
        "CIK 1  ■ failed",
        "CIK 2  ● good",
        "2026-11-20  ",
    ):
        assert words in text
    found = typed("agent show edgar --json", desk()).json
    assert found["agent"]["state"] == "degraded"
    assert [one["what"] for one in found["entries"]] == ["CIK 1", "CIK 2"]
    assert found["days"][0]["executions"] == 75


def test_one_that_never_did_anything() -> None:
    assert "0, 0 of them failed" in typed("agent show weekly", desk()).out


@pytest.mark.parametrize("verb", ["show", "pause", "resume"])
def test_a_misspelt_name_gets_a_hint(verb: str) -> None:
    shown = typed(f"agent {verb} edgr", desk())
    assert shown.code == ExitCode.UNKNOWN
    assert "did you mean edgar?" in shown.err
    assert typed(f"agent {verb} edgr --json", desk()).error["code"] == "unknown_agent"


def test_pausing_says_until_when_and_who_follows() -> None:
    house = desk()
    shown = typed("agent pause edgar --for 2h --reason maintenance", house)
    assert shown.code == ExitCode.DONE
    assert "edgar is asked nothing and fetches nothing, ends 2026-11-20T14:00:00Z." in shown.out
    assert "1 daemon follows with the next thing to begin, without a restart." in shown.out
    assert "paused by ann on box" in typed("agent", house).out
    found = typed("agent pause weekly --json", house).json
    assert (found["agent"]["pause"]["until"], found["daemons"]) == (None, 1)


def test_pausing_one_at_work_says_that_it_ends_what_it_does() -> None:
    busy = agent("claude", AgentKind.ANALYST, state=AgentState.WORKING, workers=("ex-1",))
    text = typed("agent pause claude", desk(busy, daemons=0)).out
    assert "what local finds shows meanwhile, until `agent resume claude`." in text
    assert "What is under way in it ends by itself." in text
    assert "No daemon runs: the next follows" in text


def test_the_floor_cannot_be_taken_away() -> None:
    """Without `local` a document would show nothing at all."""
    shown = typed("agent pause local", desk())
    assert shown.code == ExitCode.REFUSED
    assert "local cannot be paused" in shown.err
    assert typed("agent pause local --json", desk()).error["code"] == "refused"


def test_resuming_shows_what_it_was_before() -> None:
    house = desk()
    typed("agent pause edgar", house)
    shown = typed("agent resume edgar", house)
    assert shown.code == ExitCode.DONE
    assert "degraded  edgar is asked again by the next scan." in shown.out
    assert typed("agent resume edgar", house).code == ExitCode.REFUSED


@pytest.mark.parametrize(
    "line",
    ["pause", "pause edgar --for never", "pause edgar inbox", "resume", "show", "stop edgar"],
)
def test_wrong_command_lines(line: str) -> None:
    assert typed(f"agent {line}", desk()).code == ExitCode.USAGE


# ---- recovery ---------------------------------------------------------------------------


@pytest.mark.parametrize("line", ["recovery", "recovery history", "recovery history -n 3"])
def test_every_start_and_what_it_put_right(line: str) -> None:
    text = typed(line, desk(reports=tuple(REPORTS))).out
    for words in ("sweep", "▲ 1", "1 runs whose process died", "■ not ended", "0.250 s"):
        assert words in text
    assert "documents fetched" not in text


@pytest.mark.parametrize("line", ["recovery show 2", "recovery history 2", "recovery show #2"])
def test_one_recovery_with_what_became_of_each(line: str) -> None:
    text = typed(line, desk(reports=tuple(REPORTS))).out
    for words in (
        "LEFT BEHIND BY THE DEAD",
        "runs whose process died  free to be claimed again",
        "NOT DONE YET",
        "documents fetched  taken up by the next scan",
        "ex-2",
    ):
        assert words in text
    assert "DEAD" not in typed("recovery show 1", desk(reports=tuple(REPORTS))).out


def test_recoveries_as_json() -> None:
    found: Any = typed("recovery --json", desk(reports=tuple(REPORTS))).json
    assert [one["id"] for one in found["recoveries"]] == [3, 2, 1]
    one: Any = typed("recovery show 2 --json", desk(reports=tuple(REPORTS))).json
    assert one["found"][0]["done"] == "free to be claimed again"


def test_without_any() -> None:
    assert typed("recovery", desk()).out == "No daemon has started yet.\n"
    assert typed("recovery show 9", desk()).code == ExitCode.UNKNOWN
    assert typed("recovery show 9 --json", desk()).error["code"] == "unknown_recovery"


@pytest.mark.parametrize("line", ["show", "show x", "history 0", "replay 1"])
def test_wrong_recovery_lines(line: str) -> None:
    assert typed(f"recovery {line}", desk()).code == ExitCode.USAGE


def test_a_service_of_its_own_that_is_left_alone_is_said_with_the_reason() -> None:
    """Those of others are not, whatever their names begin with."""
    pauses = tuple(
        PauseView(service, NOON, f"{service} blocks this address", NOON)
        for service in ("edgar_pages", "edgarish", "youtube")
    )
    made = FakeDesk(agent_desk=counter(DEGRADED, pauses=pauses))
    text = typed("agent show edgar", made).out
    assert "not asked" in text
    assert "edgar_pages blocks this address" in text
    assert "edgarish" not in text
    assert "youtube" not in text
    shown = typed("agent show edgar --json", made).json["left_alone"]
    assert [one["service"] for one in shown] == ["edgar_pages"]
