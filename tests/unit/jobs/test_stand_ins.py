"""How a person is told in whose stead an analysis stands, wherever that is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cli.stored_scan import noted
from earnings.reports.unseen import unseen
from jobs.daily_earnings_scan import _stand_ins
from jobs.understanding import said_by
from tests.unit.earnings.reports.week_facts import busy_week

CAP = "groq instead of claude: daily cap of 5 USD is reached"
DOWN = "groq instead of claude: circuit open after 5 failures"
OTHER = "ollama instead of groq: refused the API key"


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("claude: daily cap of 5 USD is reached", "claude: daily cap of 5 USD is reached"),
        ("paused by ann", "claude: paused by ann"),
        ("claudette: no", "claude: claudette: no"),
    ],
)
def test_whose_reason_it_is_stands_once_before_it(why: str, said: str) -> None:
    """Errors of calls begin with the service's name, other reasons do not."""
    assert said_by("claude", why) == said


def test_a_scan_says_it_once_for_each_that_answered_for_another() -> None:
    """With the reason that was given most often, which stands first; all are counted."""
    assert _stand_ins({CAP: 3, OTHER: 2, DOWN: 1}) == {CAP: 4, OTHER: 2}


def test_whoever_types_a_scan_sees_every_reason() -> None:
    """In its notes: one document, or several."""
    assert noted({"instead": {CAP: 3, OTHER: 1}}) == [
        f"3 documents read by {CAP}",
        f"1 document read by {OTHER}",
    ]


def test_the_weekly_report_says_it() -> None:
    """Counted for each; whether the other was asked in vain or not at all, it was not its."""
    week = replace(busy_week(), instead=(("groq", "claude", 3), ("ollama", "groq", 1)))
    said = unseen(week, 0)
    assert "3 documents read by groq instead of claude." in said
    assert "1 document read by ollama instead of groq." in said
