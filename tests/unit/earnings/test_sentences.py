"""Sentences and their spans."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.sentences import line_at, sentence_at, sentences
from earnings.vocabulary import Span


def split(text: str) -> list[str]:
    return [text[s.start : s.end] for s in sentences(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One rose. Two fell.", ["One rose.", "Two fell."]),
        (
            "Net sales were $1.2 billion. Costs fell.",
            ["Net sales were $1.2 billion.", "Costs fell."],
        ),
        ("Harrow, Inc. rose. It grew.", ["Harrow, Inc. rose.", "It grew."]),
        (
            "We sold to Harrow Inc. The Company grew.",
            ["We sold to Harrow Inc.", "The Company grew."],
        ),
        ("In the U.S. sales rose at 4 p.m. today.", ["In the U.S. sales rose at 4 p.m. today."]),
        ("“We grew.” She smiled.", ["“We grew.”", "She smiled."]),
        ("Ann B. Reed spoke. He did not.", ["Ann B. Reed spoke.", "He did not."]),
        ("Outlook\nNet sales rose.", ["Outlook", "Net sales rose."]),
        ("• First point\n• Second point", ["• First point", "• Second point"]),
        ("Net sales | 1 | 2\nCost | 3 | 4", ["Net sales | 1 | 2", "Cost | 3 | 4"]),
        ("the company and its\nstores grew.", ["the company and its\nstores grew."]),
        ("", []),
        ("   \n\n ", []),
    ],
)
def test_where_sentences_end(text: str, expected: list[str]) -> None:
    """Abbreviations and decimals end nothing; bullets, headings and rows end at their line."""
    assert split(text) == expected


def test_a_broken_line_runs_on() -> None:
    """A long line without a stop was broken by layout."""
    text = (
        "Net sales of the company for the thirteen weeks ended in May were higher than\nExpected."
    )
    assert len(split(text)) == 1


def test_the_sentence_of_a_span() -> None:
    """The sentence is found from any place in it."""
    text = "One rose. Two fell by 5%. Three stood."
    at = text.index("5%")
    found = sentence_at(text, Span(at, at + 2))
    assert text[found.start : found.end] == "Two fell by 5%."


def test_the_line_of_a_place() -> None:
    """A line is what stands between two line ends."""
    assert line_at("ab\ncd\nef", 4) == Span(3, 5)
    assert line_at("ab\ncd\nef", 7) == Span(6, 8)


@given(text=st.text(max_size=300))
def test_any_text(text: str) -> None:
    """Sentences come in order, do not overlap, and lose nothing but white space."""
    spans = sentences(text)
    assert all(a.end <= b.start for a, b in pairwise(spans))
    kept = "".join(text[s.start : s.end] for s in spans)
    assert "".join(kept.split()) == "".join(text.split())


def test_a_dateline_is_no_sentence() -> None:
    """A state's name is cut short in front of the date."""
    for text in (
        "FERN VALE, Tenn. – August 28, 2025 – Larch Stores today reported results.",
        "FERN VALE, Tenn., August 28, 2025 -- Larch Stores today reported results.",
        "FERN VALE, Mass.--(WIRE)--Larch Stores today reported results.",
    ):
        assert len(sentences(text)) == 1
    assert len(sentences("It grew in Tenn. The rest fell.")) == 2


_PIECES = st.sampled_from(
    [
        *("Net sales rose", "U.S", "Inc", ".", "!", " ", "\n", "\n\n", " | ", "\t", "12.4", "the"),
        *("• Comparable", "a long line of words that the page broke before its end came and", ","),
    ]
)


@given(st.lists(_PIECES, max_size=30).map("".join), st.integers(5, 40))
def test_the_sentence_at_a_place_is_the_one_that_reading_all_of_them_finds(
    text: str, reach: int
) -> None:
    """Wherever the look-out begins, also in the middle of a line."""
    for at in range(len(text)):
        around = sentences(text, max(0, at - reach), at + 1 + reach)
        holding = [part for part in around if part.start <= at < part.end]
        expected = holding[0] if holding else Span(at, at + 1)
        assert sentence_at(text, Span(at, at + 1), reach) == expected
