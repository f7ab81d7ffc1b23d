"""`headlines`: what others wrote, as plain text and links."""

from __future__ import annotations

from datetime import date

from cli.exit_codes import ExitCode
from cli.views import HeadlineView, ScanView
from tests.unit.cli.fakes import NOON, FakeDesk, typed

ONE = HeadlineView(
    "Walmart [red]raises\x1b[31m forecast",
    "https://trade.example/1",
    ("WMT",),
    "Trade Example",
    "feeds",
    NOON,
    NOON,
)


def test_each_is_shown_with_its_company_and_link() -> None:
    """Control characters of a title reach no terminal, and nothing in it is markup."""
    shown = typed("headlines", FakeDesk(headline_views=(ONE,)))
    assert shown.code == ExitCode.DONE
    assert "WMT  Walmart [red]raises" in shown.out
    assert "\x1b" not in shown.out
    assert "Trade Example, 2026-11-20T12:00:00Z  https://trade.example/1" in shown.out
    assert "no figure rests on them" in shown.out


def test_for_programs_it_is_one_list() -> None:
    (one,) = typed("headlines --json", FakeDesk(headline_views=(ONE,))).json
    assert one["link"] == "https://trade.example/1"
    assert one["tickers"] == ["WMT"]
    assert one["published_at"] == "2026-11-20T12:00:00Z"


def test_of_one_company_since_a_day() -> None:
    desk = FakeDesk()
    shown = typed("headlines wmt --since 2026-11-01 -n 5", desk)
    assert desk.calls[-1] == ("headlines", "WMT", date(2026, 11, 1), 5)
    assert "No headlines about WMT yet" in shown.out


def test_an_unknown_company_gets_a_hint() -> None:
    shown = typed("headlines WMX --json", FakeDesk())
    assert shown.code == ExitCode.UNKNOWN
    assert "WMT" in shown.error["hint"]


def test_a_scan_says_how_many_it_found() -> None:
    shown = typed("scan", FakeDesk(found=ScanView(headlines=2)))
    assert "2 new headlines: python main.py headlines" in shown.out
