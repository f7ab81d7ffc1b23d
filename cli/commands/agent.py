"""`agent`: the collectors, analysts and the writer, and a person's word on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cli.agent_counter import AgentOrder, AgentPage
from cli.exit_codes import ExitCode
from cli.output import Cell, Output, Piece, signed
from cli.output import took as lasting
from cli.session import Session
from cli.times import moment
from storage.agents import Agent, AgentDay, AgentEntry, AgentKind
from storage.states import AgentState

SIGNS = {
    AgentState.IDLE: "ok",
    AgentState.WORKING: "run",
    AgentState.DEGRADED: "warn",
    AgentState.PAUSED: "quiet",
}
BEGINS = {
    AgentKind.COLLECTOR: "is asked nothing and fetches nothing",
    AgentKind.ANALYST: "is asked about no document; what local finds shows meanwhile",
    AgentKind.WRITER: "begins no report; its run is put off",
}
GOES_ON = {
    AgentKind.COLLECTOR: "is asked again by the next scan",
    AgentKind.ANALYST: "reads again; the next scan takes up what it missed",
    AgentKind.WRITER: "writes again; a run that was put off follows within minutes",
}


def execute(session: Session) -> int:
    verbs = {"list": _list, "show": _show, "pause": _pause, "resume": _resume}
    return verbs[session.args.verb](session)


def _list(session: Session) -> int:
    with session.desk() as desk:
        found = desk.agent_desk.listed()
    if session.output.as_json:
        session.output.document({"agents": found})
    else:
        table(session.output, found, session.door.clock.now())
    return ExitCode.DONE


def _show(session: Session) -> int:
    with session.desk() as desk:
        found = desk.agent_desk.page(session.args.agent)
    if session.output.as_json:
        session.output.document(found)
    else:
        show(session.output, found, session.door.clock.now())
    return ExitCode.DONE


def _pause(session: Session) -> int:
    args = session.args
    with session.desk() as desk:
        found = desk.agent_desk.pause(args.agent, args.seconds, args.why)
    return _told(session, found, BEGINS[found.agent.kind])


def _resume(session: Session) -> int:
    with session.desk() as desk:
        found = desk.agent_desk.resume(session.args.agent)
    return _told(session, found, GOES_ON[found.agent.kind])


def _told(session: Session, found: AgentOrder, what: str) -> int:
    output, agent = session.output, found.agent
    if output.as_json:
        output.document(found)
        return ExitCode.DONE
    pause = agent.pause
    ends = ""
    if pause is not None:
        until = moment(output, pause.until, session.door.clock.now())
        ends = f", ends {until}" if pause.until else f", until `agent resume {agent.name}`"
    output.text(state(agent), Piece(f"  {agent.name}", "name"), f" {what}{ends}.")
    if pause is not None and agent.workers:
        output.text("What is under way in it ends by itself.", indent=2)
    number = found.daemons
    who = f"{number} daemon{'' if number == 1 else 's'}" if number else "No daemon runs: the next"
    follows = "follow" if number > 1 else "follows"
    output.text(f"{who} {follows} with the next thing to begin, without a restart.", indent=2)
    return ExitCode.DONE


def state(agent: Agent) -> Piece:
    return signed(SIGNS[agent.state], str(agent.state))


def table(output: Output, agents: Sequence[Agent], now: datetime) -> None:
    output.table(
        ("AGENT", "KIND", "STATE", "LAST GOOD", "DONE", "FAILED", "DOCUMENTS", "WHY"),
        [
            [
                Piece(one.name, "name"),
                str(one.kind),
                state(one),
                moment(output, one.last_success_at, now),
                str(one.executions),
                str(one.failures),
                str(one.found if one.kind is AgentKind.COLLECTOR else one.read),
                _why(output, one, now),
            ]
            for one in agents
        ],
        right=(4, 5, 6),
        wraps=(7,),
    )


def _why(output: Output, one: Agent, now: datetime) -> Cell:
    said = [str(one.pause)] if one.pause is not None else []
    if one.degraded_since is not None:
        said.append(f"degraded since {moment(output, one.degraded_since, now)}: {one.last_error}")
    return "; ".join(said)


def show(output: Output, page: AgentPage, now: datetime) -> None:
    one = page.agent
    output.text(state(one), Piece(f"  {one.name}", "name"), f"  {one.kind}")
    for name, words in _facts(output, one, now):
        if words:
            output.text(Piece(f"{name:<12}", "quiet"), words, indent=2)
    for pause in page.left_alone:
        until = moment(output, pause.ends_at, now)
        words = f"{pause.service} until {until}: {pause.why}"
        output.text(Piece("▲ not asked  ", "warn"), words, indent=2)
    if page.entries:
        output.gap()
        _entries(output, page.entries, now)
    if page.days:
        output.gap()
        _days(output, page.days)


def _facts(output: Output, one: Agent, now: datetime) -> tuple[tuple[str, str], ...]:
    scopes = f"{one.scopes} place{'' if one.scopes == 1 else 's'}"
    moved = f"; {scopes}, last {moment(output, one.moved_at, now)}" if one.moved_at else ""
    failed_at = moment(output, one.last_error_at, now)
    degraded = moment(output, one.degraded_since, now) if one.degraded_since else ""
    return (
        ("since", moment(output, one.state_since, now)),
        ("paused", str(one.pause).removeprefix("paused ") if one.pause else ""),
        ("degraded", f"since {degraded}" if degraded else ""),
        ("works for", ", ".join(one.workers)),
        ("got to", f"{one.cursor}{moved}" if one.cursor else ""),
        ("last good", moment(output, one.last_success_at, now) if one.last_success_at else ""),
        ("last error", f"{one.last_error} ({failed_at})" if one.last_error else ""),
        (
            "executions",
            f"{one.executions}, {one.failures} of them failed, {lasting(one.seconds)} in all",
        ),
        ("documents", f"{one.found} found, {one.read} read"
         if one.kind is not AgentKind.WRITER else ""),
        ("claims", f"{one.claims}, and {one.withheld} withheld"
         if one.kind is AgentKind.ANALYST else ""),
    )  # fmt: skip


def _entries(output: Output, entries: Sequence[AgentEntry], now: datetime) -> None:
    output.table(
        ("AT", "WHAT", "OUTCOME", "TOOK", "FOUND", "READ", "CLAIMS", "WHY"),
        [
            [
                moment(output, one.at, now),
                one.what,
                signed("ok", "good") if one.is_success else signed("fail", "failed"),
                lasting(one.took_s),
                str(one.found),
                str(one.read),
                str(one.claims),
                one.error,
            ]
            for one in entries
        ],
        right=(3, 4, 5, 6),
        wraps=(7,),
        indent=2,
    )


def _days(output: Output, days: Sequence[AgentDay]) -> None:
    output.table(
        ("DAY (UTC)", "DONE", "GOOD", "FAILED", "FOUND", "READ", "CLAIMS", "WITHHELD", "TOOK"),
        [
            [
                str(one.day),
                str(one.executions),
                str(one.successes),
                str(one.failures),
                str(one.found),
                str(one.read),
                str(one.claims),
                str(one.withheld),
                lasting(one.seconds),
            ]
            for one in days
        ],
        right=tuple(range(1, 9)),
        indent=2,
    )
