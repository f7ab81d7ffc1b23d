"""Bounds of how many tokens a text is, whoever counts them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.analysts.prompt import rules
from earnings.analysts.token_counts import least_tokens, most_tokens

ROW = "Net sales | 1,204.8 | 1,187.0\n"


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("", 0, 0),
        (ROW, 12, 21),
        ("We bought ahead of the tariffs.", 6, 9),
        ("a" * 1_000, 0, 200),
        (" " * 1_000, 0, 1),
        ("-" * 1_000, 0, 1_000),
    ],
)
def test_the_bounds_of_some_texts(text: str, least: int, most: int) -> None:
    """Rows of digits are many tokens, long runs of one mark may be few."""
    assert (least_tokens(text), most_tokens(text)) == (least, most)


def test_a_row_as_a_tokenizer_cuts_it() -> None:
    """By hand, digits in threes: the marks, the line's end and each blank before a number are
    pieces of their own."""
    pieces = ["Net", " sales", " |", " ", "1", ",", "204", ".", "8", " |", " ", "1", ",", "187"]
    pieces += [".", "0", "\n"]
    assert "".join(pieces) == ROW
    assert least_tokens(ROW) <= len(pieces) == most_tokens(ROW, digits=3)


def test_the_bounds_of_our_own_rules_are_near_each_other() -> None:
    """Plain English: who read less than two thirds of it is found out."""
    assert least_tokens(rules()) > 0.6 * most_tokens(rules())


@given(st.text(max_size=300))
def test_the_floor_is_below_the_ceiling(text: str) -> None:
    """For any text, whatever makes a token."""
    assert 0 <= least_tokens(text) <= most_tokens(text) <= 2 * len(text)


@given(st.text(max_size=100), st.text(max_size=100))
def test_more_text_is_not_fewer_tokens(one: str, other: str) -> None:
    """What is left out makes the floor lower, so that a cut shows."""
    assert least_tokens(f"{one}\n{other}") >= max(least_tokens(one), least_tokens(other)) - 1
