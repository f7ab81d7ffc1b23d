"""storage.question_names: the same question has the same name, every other another."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from storage.question_names import names_since, question_name

WORDS = st.text(max_size=30)
ROWS = st.fixed_dictionaries(
    {"provider": WORDS, "model": WORDS, "prompt_version": WORDS, "sha256": WORDS}
)
TIMES = st.integers(0, 50)


@given(WORDS, ROWS, TIMES)
def test_it_is_a_name_that_the_provider_takes(
    installation: str, row: dict[str, str], n: int
) -> None:
    name = question_name(installation, row, n)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", name)
    assert name == question_name(installation, dict(row), n)


@given(WORDS, ROWS, TIMES, WORDS, ROWS, TIMES)
def test_questions_share_no_name(
    one: str, row: dict[str, str], n: int, other: str, other_row: dict[str, str], m: int
) -> None:
    """Nor do installations, nor two askings of one question."""
    is_same = (one, row, n) == (other, other_row, m)
    assert (question_name(one, row, n) == question_name(other, other_row, m)) == is_same


def test_a_border_between_two_parts_is_seen() -> None:
    row = {"provider": "p", "model": "ab", "prompt_version": "c", "sha256": "d"}
    moved = {"provider": "p", "model": "a", "prompt_version": "bc", "sha256": "d"}
    assert question_name("i", row, 0) != question_name("i", moved, 0)


def test_later_names_come_first() -> None:
    row = {"provider": "p", "model": "m", "prompt_version": "1", "sha256": "d", "asked": 2}
    names = list(names_since("i", row))
    assert [asked for asked, _ in names] == [9, 8, 7, 6, 5, 4, 3, 2]
    assert names[-1][1] == question_name("i", row, 2)
