"""Models that end are told of before they do."""

from __future__ import annotations

from datetime import date

import pytest

from earnings.analysts.model_ends import ENDS, READ_ON, ending


@pytest.mark.parametrize(
    ("analyst", "model", "today", "said"),
    [
        ("claude", "claude-sonnet-4-5", date(2026, 11, 29), "ends on 2026-11-30, in 1 day ("),
        ("claude", "claude-sonnet-4-5-20250929", date(2026, 11, 30), "was retired on 2026-11-30"),
        ("claude", "claude-sonnet-4-0", date(2026, 11, 1), "was retired on 2026-06-15"),
        ("claude", "claude-3-haiku-20240307", date(2026, 11, 1), "is retired"),
        ("groq", "llama-3.3-70b-versatile", date(2026, 8, 1), "ends on 2026-08-16, in 15 days"),
        ("groq", "llama-3.3-70b-versatile", date(2026, 11, 29), "was retired on 2026-08-16"),
    ],
)
def test_an_end_is_said_with_what_to_do(analyst: str, model: str, today: date, said: str) -> None:
    """Before it comes, and after; a snapshot ends with its model."""
    found = ending(analyst, model, today)
    assert found is not None
    message, fix = found
    assert said in message
    assert model in message
    assert str(READ_ON) in message
    assert f"set {analyst}.model to " in fix


@pytest.mark.parametrize(
    ("analyst", "model", "today"),
    [
        ("claude", "claude-sonnet-5-5", date(2026, 11, 29)),
        ("claude", "claude-sonnet-4-6", date(2026, 11, 29)),
        ("claude", "claude-sonnet-4-5", date(2026, 9, 1)),
        ("groq", "openai/gpt-oss-120b", date(2026, 11, 29)),
        ("groq", "claude-sonnet-4-5", date(2026, 11, 29)),
        ("ollama", "llama3.3:70b", date(2026, 11, 29)),
    ],
)
def test_others_are_not_spoken_of(analyst: str, model: str, today: date) -> None:
    """One that stays, one that ends in months, one of another provider."""
    assert ending(analyst, model, today) is None


def test_nobody_is_sent_to_a_model_that_ends_too() -> None:
    """What is recommended stays."""
    for analyst, ends in ENDS.items():
        for end in ends.values():
            assert ending(analyst, end.instead, READ_ON) is None
