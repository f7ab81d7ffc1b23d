"""`breakers`, `quota`, `policy explain`: what a person sees of the policies and says to them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from cli.policy_views import (
    BreakersView,
    BreakerView,
    ExplainView,
    GateView,
    HoldView,
    OrderView,
    ProcessAnswer,
    QuotasView,
    QuotaView,
)
from tests.unit.cli.fakes import NOON, FakeDesk, FakeDoor, Shown, typed

DAEMON = "retailxai on retail-01, pid 4121"
IN_2_H = NOON + timedelta(hours=2)
HOLD = HoldView("hold", "mira on retail-01", NOON, IN_2_H, "their maintenance")
OPEN = BreakerView(
    "edgar",
    "open",
    "5 failures in a row (last: ReadTimeout)",
    NOON + timedelta(minutes=3),
    since=NOON,
    process=DAEMON,
    failures=5,
    calls=120,
    failed=7,
    rejected=15,
    rejected_by={"rate": 12, "breaker": 3},
    last_error="ReadTimeout",
)
HELD = BreakerView("edgar", "held", "their maintenance", IN_2_H, NOON, DAEMON, hold=HOLD)
WELL = BreakerView("claude", "closed", process=DAEMON, paused_until=NOON, paused_why="HTTP 429")


def desk(*breakers: BreakerView, note: str = "") -> FakeDesk:
    source = "storage" if note else "running"
    return FakeDesk(breakers_view=BreakersView(source, breakers, (DAEMON,), note))


# ---- breakers ----------------------------------------------------------------------------


def test_the_list() -> None:
    """State with its sign, why, the next trial, the counts; who decided a hold, and its end."""
    shown = typed("breakers", desk(WELL, OPEN))
    assert shown.code == 0
    for words in ("SERVICE", "NEXT TRIAL", "▲ open", "5 failures in a row", "120", "15",
                  "● closed", "paused, ends 2026-11-20T12:00:00Z (HTTP 429)"):  # fmt: skip
        assert words in shown.out
    assert "PROCESS" not in shown.out
    held = typed("breakers list", desk(HELD)).out
    assert "‖ held" in held
    assert "held by mira on retail-01, ends 2026-11-20T14:00:00Z: their maintenance" in held


def test_times_for_somebody_at_a_terminal() -> None:
    """As people say them."""
    door = FakeDoor(desk(OPEN))
    door.clock.set_back((door.clock.now() - NOON).total_seconds())
    assert f"in 3 min, {OPEN.retry_at.astimezone():%H:%M}" in typed(  # type: ignore[union-attr]
        "breakers", door=door, terminal=True
    ).out.replace("\n", " ")


def test_several_processes_each_have_their_word() -> None:
    other = BreakerView("edgar", "closed", process="another on retail-02, pid 9")
    shown = typed("breakers", desk(OPEN, other)).out
    assert "PROCESS" in shown
    assert "another on retail-02" in shown


def test_what_is_only_stored_is_said_to_be() -> None:
    """On stderr, so that a pipe gets the table alone."""
    shown = typed("breakers", desk(OPEN, note="no daemon runs; this is what was stored last"))
    assert shown.err == "note: no daemon runs; this is what was stored last\n"
    as_json = typed("breakers --json", desk(OPEN, note="no daemon runs"))
    assert (as_json.json["source"], as_json.json["note"]) == ("storage", "no daemon runs")
    assert as_json.json["breakers"][0]["retry_at"] == "2026-11-20T12:03:00Z"


def test_one_service_with_everything() -> None:
    shown = typed("breakers show edgar", desk(WELL, OPEN)).out
    assert shown.startswith("▲ open  edgar  retailxai on retail-01, pid 4121\n")
    for words in ("120 made, 7 failed, 5 of them in a row", "15 (3 breaker, 12 rate)",
                  "ReadTimeout"):  # fmt: skip
        assert words in shown
    assert "claude" not in shown
    found = typed("breakers show edgar --json", desk(WELL, OPEN)).json
    assert [one["service"] for one in found["breakers"]] == ["edgar"]


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("hold edgar", ("hold", "edgar", None, "")),
        ("hold EDGAR --for 2h --why maintenance", ("hold", "edgar", 7200.0, "maintenance")),
        ("disable edgar --why tests", ("disable", "edgar", None, "tests")),
        ("close edgar", ("close", "edgar", None, "")),
        ("probe edgar", ("probe", "edgar", None, "")),
        ("open edgar", ("open", "edgar", None, "")),
    ],
)
def test_orders_reach_the_desk(line: str, call: tuple[object, ...]) -> None:
    there = FakeDesk()
    assert typed(f"breakers {line}", there).code == 0
    assert there.calls == [("order", *call)]


def ordered(view: OrderView) -> Shown:
    return typed("breakers hold edgar", FakeDesk(order_view=view))


def test_an_order_names_who_followed_it() -> None:
    shown = ordered(
        OrderView("hold", "edgar", IN_2_H, answers=(ProcessAnswer(DAEMON, "done", "held"),))
    )
    assert shown.code == 0
    assert shown.out == (
        "edgar: nothing goes through, ends 2026-11-20T14:00:00Z.\n"
        "  ‖ held  retailxai on retail-01, pid 4121\n"
    )


def test_an_order_without_a_daemon() -> None:
    """It is stored: that is said, and no failure."""
    shown = ordered(OrderView("hold", "edgar"))
    assert shown.code == 0
    assert "until it is closed" in shown.out
    assert "No daemon runs: it holds from the next start." in shown.out


def test_an_order_that_somebody_has_not_followed() -> None:
    """Exit 1, and who: the rest is done."""
    silent = ordered(OrderView("hold", "edgar", silent=(DAEMON,)))
    assert silent.code == 1
    assert f"▲ no answer yet  {DAEMON}; it is told when it looks" in silent.out
    answers = (ProcessAnswer(DAEMON, "refused", why="not now"),)
    refused = ordered(OrderView("hold", "edgar", answers=answers))
    assert refused.code == 1
    assert f"■ refused  {DAEMON}: not now" in refused.out
    again = typed("breakers hold edgar --json", FakeDesk(order_view=OrderView("hold", "edgar")))
    assert again.json["order"] == "hold"


@pytest.mark.parametrize("line", ["breakers show edgr", "breakers hold edgr", "quota show edgr",
                                  "policy explain edgr"])  # fmt: skip
def test_an_unknown_service_gets_the_nearest_name(line: str) -> None:
    shown = typed(line)
    assert shown.code == 4
    assert "there is no service 'edgr'" in shown.err
    assert "did you mean edgar?" in shown.err
    assert typed(f"{line} --json").error["code"] == "unknown_service"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("breakers hold edgar --for soon", "'soon' is no duration"),
        ("breakers hodl edgar", "did you mean hold?"),
        ("breakers hold", "SERVICE"),
        ("policy explain edgar --cost tokens", "'tokens' is no cost"),
        ("policy explain edgar --cost tokens=-1", "'tokens=-1' is no cost"),
        ("policy", "VERB"),
    ],
)
def test_wrong_usage(line: str, words: str) -> None:
    """Exit 2, before anything is opened."""
    door = FakeDoor()
    shown = typed(line, door=door)
    assert (shown.code, door.opened) == (2, 0)
    assert words in shown.err


# ---- quota -------------------------------------------------------------------------------

TOKENS = QuotaView(
    *("claude", "tokens", "day", "America/Los_Angeles"),
    *(Decimal(1_500_000), Decimal("200000.000000"), Decimal(1_300_000), IN_2_H),
    in_hand={DAEMON: 5000.0},
)
MONEY = QuotaView(
    *("claude", "usd", "month", "UTC", Decimal("50.00"), Decimal("1.5"), Decimal("48.1"), IN_2_H),
    open_usd=Decimal("0.4"),
)


def test_quotas_and_caps() -> None:
    """What is taken by all, what each process holds, and money spent and open."""
    there = FakeDesk(quotas_view=QuotasView("running", (TOKENS, MONEY)))
    shown = typed("quota", there).out
    for words in ("1,500,000", "200,000", "1,300,000", "2026-11-20T14:00:00Z",
                  f"claude tokens per day: 5000 in hand of {DAEMON}",
                  "1.5000 and 0.4000 open", "48.1000"):  # fmt: skip
        assert words in shown
    assert typed("quota show edgar", there).out.startswith("No quota is set for edgar")
    found = typed("quota show claude --json", there).json
    assert [one["resource"] for one in found["quotas"]] == ["tokens", "usd"]


def test_what_nobody_asks_is_no_quota_that_is_left() -> None:
    """Without a key nothing can be asked: its quota is not listed, it is said to be off, and how to
    switch it on. Asked for by name it is shown; what was taken before stays listed."""
    unused = replace(TOKENS, service="edgar", used=Decimal(0), in_hand={})
    why = "no contact: set SEC_CONTACT to switch it on"
    view = QuotasView("running", (TOKENS, MONEY, unused), off={"edgar": why, "claude": "paused"})
    there = FakeDesk(quotas_view=view)
    shown = typed("quota", there).out.splitlines()
    assert not [line for line in shown if line.startswith("edgar ")]
    assert f"  edgar is off: {why}" in shown
    assert len([line for line in shown if line.startswith("claude ")]) == 2
    found = typed("quota --json", there).json
    assert {one["service"] for one in found["quotas"]} == {"claude"}
    assert found["off"]["edgar"] == why
    assert "edgar    tokens" in typed("quota show edgar", there).out
    only = QuotasView("running", (unused,), off={"edgar": why})
    assert typed("quota", FakeDesk(quotas_view=only)).out == f"  edgar is off: {why}\n"


def test_a_reset_is_told_in_the_quotas_own_zone_too() -> None:
    """Its day begins where its provider sits."""
    shown = typed("quota", FakeDesk(quotas_view=QuotasView("running", (TOKENS,))), terminal=True)
    assert "(06:00" in shown.out
    assert "America/Los_Angeles)" in shown.out


# ---- policy explain ----------------------------------------------------------------------

GATES = (
    GateView("breaker", True, "closed"),
    GateView("rate", False, "its turn comes in 4.0 s", wait_s=4.0, opens_at=NOON),
)


def explained(**changes: object) -> Shown:
    values = {"service": "edgar", "source": "running", "passes": True, "gates": GATES, **changes}
    view = ExplainView(**values)  # type: ignore[arg-type]
    there = FakeDesk(explain_view=view)
    shown = typed("policy explain edgar --cost tokens=15000,usd=0.05", there)
    assert there.calls == [("explain", "edgar", {"tokens": 15000.0, "usd": 0.05})]
    return shown


def test_a_call_that_would_go_through() -> None:
    shown = explained(process=DAEMON)
    assert shown.code == 0
    assert "● would go through  a call to edgar" in shown.out
    assert f"as {DAEMON} says" in shown.out


def test_a_call_that_would_wait() -> None:
    assert "◐ would wait  a call to edgar, 4.0 s from now" in explained(wait_s=4.0).out


def test_the_binding_gate_is_marked() -> None:
    """And when it is worth trying; exit 75 says the same to a script."""
    held = GateView("breaker", False, "held by hand", True, None)
    shown = explained(passes=False, gates=(held, *GATES[1:]), wait_s=None, note="no daemon runs")
    assert shown.code == 75
    assert "▲ would be rejected" in shown.out
    assert "nobody knows when that ends" in shown.out
    assert "■ binding  breaker  held by hand" in shown.out.replace("   ", "  ").replace("   ", "  ")
    assert "▲ shut" in shown.out
    assert shown.err == "note: no daemon runs\n"
