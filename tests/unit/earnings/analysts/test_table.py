"""The table of analysts, and the panel made from it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from earnings.analysts.claude_wire import ClaudeSetup
from earnings.analysts.groq_wire import GroqSetup
from earnings.analysts.ollama_wire import OllamaSetup
from earnings.analysts.table import ANALYSTS, Parts, build_panel
from outside.http import HttpDoor
from resilience.registry import Policies
from resilience.testing import FakeClock
from tests.unit.earnings.analysts.doubles import PRICES, question


@pytest.fixture
def door() -> Iterator[HttpDoor]:
    clock = FakeClock()
    made = HttpDoor(Policies({}, clock), clock, "RetailXAI/test")
    yield made
    made.close()


def parts(door: HttpDoor, key: str | None = None) -> Parts:
    return Parts(
        door,
        FakeClock(),
        claude=ClaudeSetup("claude-test-1", PRICES, api_key=key),
        groq=GroqSetup("groq-test-1", PRICES, api_key=key),
        ollama=OllamaSetup("reader:8b" if key else None),
    )


def test_every_row_makes_the_analyst_it_names(door: HttpDoor) -> None:
    """The key, the row and the analyst have one name."""
    for name, row in ANALYSTS.items():
        made = row.make(parts(door, "sk-ant-test"))
        assert made is not None
        assert (row.name, made.name) == (name, name)
        assert row.needs
    assert [name for name, row in ANALYSTS.items() if not row.paid] == [
        "local",
        "ollama",
    ]


def test_the_order_is_the_configured_one_and_local_is_always_there(door: HttpDoor) -> None:
    """Whether listed or not."""
    for order in (("claude", "local"), ("local", "claude"), ("claude",)):
        panel = build_panel(order, parts(door, "sk-ant-test"))
        assert panel.asks() == ("claude",)
        assert panel.read(question()).analyst == "local"
    everybody = build_panel(("ollama", "claude", "groq"), parts(door, "sk-ant-test"))
    assert everybody.asks() == ("ollama", "claude", "groq")


def test_without_a_key_only_local_is_asked(door: HttpDoor) -> None:
    """Claude is listed as off, with how to switch it on."""
    panel = build_panel(("claude", "local"), parts(door))
    assert panel.asks() == ()
    (off,) = panel.switched_off()
    assert off[0] == "claude"
    assert "ANTHROPIC_API_KEY" in off[1]


def test_without_claude_configured_there_is_just_local(door: HttpDoor) -> None:
    """Nothing is off that nobody wanted."""
    panel = build_panel(("local",), Parts(door, FakeClock()))
    assert panel.switched_off() == ()


def test_an_unknown_name_is_refused_with_the_known_ones(door: HttpDoor) -> None:
    """A misspelt order is a wrong configuration, not a smaller panel."""
    with pytest.raises(ValueError, match=r"clause.*claude, groq, local, ollama"):
        build_panel(("clause", "local"), parts(door))
