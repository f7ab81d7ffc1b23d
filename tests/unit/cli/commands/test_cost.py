"""`cost`: what was paid, what may come, what is left."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from cli.cost_views import CapView, CostLineView, CostView, ProviderCostView
from cli.exit_codes import ExitCode
from tests.unit.cli.fakes import NOON, FakeDesk, typed

SOME = Decimal("0.05")
CLAUDE = ProviderCostView(
    provider="claude",
    calls=3,
    usd=Decimal("0.1500"),
    open=1,
    open_usd=Decimal("0.02"),
    in_doubt=2,
    in_doubt_usd=Decimal("0.04"),
    given_up_usd=Decimal("0.01"),
    input_tokens=54_000,
    output_tokens=4500,
)
COST = CostView(
    month="2026-11",
    begins_at=NOON,
    ends_at=NOON,
    providers=(CLAUDE,),
    documents=3,
    usd_per_document=Decimal("0.05"),
    caps=(
        CapView("claude", "day", SOME, Decimal("0.12"), Decimal(5), Decimal("4.88"), NOON),
        CapView("claude", "month", Decimal("0.15"), Decimal("0.22"), None, None, NOON),
    ),
    by="day",
    lines=(CostLineView("2026-11-20", "claude", 3, Decimal("0.15"), Decimal("0.07")),),
)


def test_everything_on_one_screen() -> None:
    shown = typed("cost --by day", FakeDesk(cost_view=COST))
    assert shown.code == ExitCode.DONE
    for words in (
        "0.1500",
        "54,000",
        "about 0.0200 1 on their way, about 0.0400 2 in doubt, about 0.0100 given up",
        "4.8800",
        "no limit",
        "0.0500 USD per document, of 3 documents.",
        "2026-11-20",
        "python main.py paid lists what is in doubt.",
    ):
        assert words in shown.out


def test_as_json_money_is_text() -> None:
    found = typed("cost --json", FakeDesk(cost_view=COST)).json
    assert found["providers"][0]["usd"] == "0.1500"
    assert found["caps"][0]["left_usd"] == "4.88"
    assert found["caps"][1]["left_usd"] is None
    assert found["month"] == "2026-11"


def test_a_month_without_calls_says_so() -> None:
    empty = replace(COST, providers=(), documents=0, usd_per_document=None, caps=(), lines=())
    shown = typed("cost", FakeDesk(cost_view=empty))
    assert shown.out == "2026-11 (UTC): nothing was asked of a paid provider.\n"


@pytest.mark.parametrize(
    ("line", "call"),
    [
        ("cost", ("cost", None, None)),
        ("cost --month 2026-10", ("cost", "2026-10", None)),
        ("cost --by model", ("cost", None, "model")),
        ("cost --month 2026-01 --by document", ("cost", "2026-01", "document")),
    ],
)
def test_what_is_asked(line: str, call: tuple[object, ...]) -> None:
    house = FakeDesk(cost_view=COST)
    assert typed(line, house).code == ExitCode.DONE
    assert house.calls == [call]


@pytest.mark.parametrize("line", ["--month 2026-13", "--month 2026", "--by week", "2026-11"])
def test_wrong_command_lines(line: str) -> None:
    house = FakeDesk(cost_view=COST)
    assert typed(f"cost {line}", house).code == ExitCode.USAGE
    assert house.calls == []


def test_what_batches_brought_and_what_waits_for_the_next() -> None:
    some = replace(CLAUDE, batched=2, batched_usd=Decimal("0.02"), queued=1)
    shown = typed("cost", FakeDesk(cost_view=replace(COST, providers=(some,))))
    assert (
        "claude: 2 of the 3 answers came in batches, for 0.0200; "
        "1 question waits for the next batch." in shown.out
    )
