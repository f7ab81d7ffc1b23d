"""storage.clean: any text becomes one PostgreSQL can hold, and no offset moves."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.clean import as_text, clean, clean_text

WORDS = st.text(alphabet=st.sampled_from("ab\\u0\x00\ud800\udfff\U0001f6d2"))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | WORDS,
    lambda inner: st.lists(inner) | st.dictionaries(WORDS, inner),
)


@given(st.text(alphabet=st.characters()))  # surrogates and NUL included
def test_length_and_everything_holdable_stay(text: str) -> None:
    """Spans count characters, so exactly the bad ones change, one for one."""
    cleaned = clean_text(text)
    assert len(cleaned) == len(text)
    assert "\x00" not in cleaned
    cleaned.encode()  # no half of a surrogate pair is left
    for before, after in zip(text, cleaned, strict=True):
        assert after in (before, "\ufffd")


def test_a_whole_pair_is_one_character_and_stays() -> None:
    """Only halves are replaced: characters beyond the basic plane are fine."""
    assert clean_text("shop \U0001f6d2") == "shop \U0001f6d2"


@pytest.mark.parametrize(
    ("value", "cleaned"),
    [
        ({"a\x00": ["b\x00", 1, None]}, {"a\ufffd": ["b\ufffd", 1, None]}),
        (("x\ud800", 2.5), ["x\ufffd", 2.5]),
        (True, True),
        ("", ""),
    ],
)
def test_texts_inside_of_values_are_found(value: Any, cleaned: Any) -> None:
    assert clean(value) == cleaned


@given(JSON)
def test_json_is_as_clean_as_what_it_is_made_of(value: Any) -> None:
    """With NUL, halves of pairs and backslashes in keys and texts."""
    assert json.loads(as_text(value)) == clean(value)
    assert as_text(value).encode()


def test_json_has_a_string_for_what_it_has_no_type_for() -> None:
    assert json.loads(as_text({"usd": Decimal("0.10"), "words": "a\\u0000b"})) == {
        "usd": "0.10",
        "words": "a\\u0000b",
    }
