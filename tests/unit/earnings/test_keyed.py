"""Patterns asked only where one of their words stands."""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import earnings
from earnings.keyed import Keyed, lowered


def _of(name: str, value: object) -> Iterator[tuple[str, Keyed]]:
    if isinstance(value, Keyed):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _of(f"{name}[{key}]", inner)
    elif hasattr(value, "__dataclass_fields__"):
        for key, inner in vars(value).items():
            yield from _of(f"{name}.{key}", inner)


def _all() -> dict[str, Keyed]:
    found: dict[str, Keyed] = {}
    seen: set[Keyed] = set()  # what one module has from another is asked about once
    for module in pkgutil.walk_packages(earnings.__path__, "earnings."):
        for name, value in vars(importlib.import_module(module.name)).items():
            for path, keyed in _of(f"{module.name}.{name}", value):
                if keyed not in seen:
                    seen.add(keyed)
                    found[path] = keyed
    return found


ALL = _all()


@pytest.mark.parametrize("name", ALL)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_whatever_the_pattern_matches_holds_one_of_its_keys(name: str, data: st.DataObject) -> None:
    """Asking first for the keys changes no answer."""
    keyed = ALL[name]
    text = data.draw(st.from_regex(re.compile(keyed.pattern.pattern, keyed.pattern.flags)))
    for match in keyed.pattern.finditer(text):
        assert keyed.may_match(match[0]), match[0]


def test_there_are_such_patterns() -> None:
    assert len(ALL) > 20


def test_a_text_without_a_key_is_not_searched_and_one_with_it_is() -> None:
    keyed = Keyed("week month", r"\b\d+ (?:weeks|months)\b")
    assert keyed.search("twelve stores") is None
    assert keyed.search("in 12 stores this week") is None
    found = keyed.search("in 13 WEEKS")
    assert found is not None
    assert found[0] == "13 WEEKS"
    assert [m[0] for m in keyed.finditer("13 weeks, 3 months")] == ["13 weeks", "3 months"]
    assert keyed.match("13 weeks")
    assert not keyed.match("in 13 weeks")
    assert keyed.sub("then", "for 13 weeks") == "for then"
    assert keyed.sub("then", "for a day") == "for a day"


@given(st.text())
def test_letters_that_case_makes_equal_are_equal_in_small_letters(text: str) -> None:
    found = Keyed("is", "is").pattern.search(text)
    assert found is None or "is" in lowered(text)


@pytest.mark.parametrize("odd", ["ıs", "İs", "iſ", "IS", "İſ"])
def test_odd_letters_are_those_that_a_pattern_takes_them_for(odd: str) -> None:
    assert Keyed("is", "is").search(f"this {odd}") is not None
    assert lowered(odd) == "is"
