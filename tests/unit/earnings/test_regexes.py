"""Patterns that are compiled when they are first asked."""

from __future__ import annotations

import gc
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import pytest

import earnings
from earnings.regexes import LazyRegex, lazy_regex


def test_it_is_as_re_compile_has_it() -> None:
    """Whatever is asked of it first and then."""
    expected = re.compile(r"(?P<word>[a-z]+)\d", re.IGNORECASE)
    for name in (each for each in dir(expected) if not each.startswith("_")):
        lazy = lazy_regex(expected.pattern, re.IGNORECASE)
        first, second = getattr(lazy, name), getattr(lazy, name)
        if callable(first):
            continue
        assert first == second == getattr(expected, name)
    lazy = lazy_regex(expected.pattern, re.IGNORECASE)
    for method in ("search", "match", "fullmatch"):
        found = getattr(lazy, method)("AB1")
        assert found is not None
        assert found["word"] == "AB"
    assert [match.span() for match in lazy.finditer("a1 b2")] == [(0, 2), (3, 5)]
    assert lazy.sub("-", "a1 b2") == "- -"
    assert lazy.split("x1y") == ["", "x", "y"]


def test_it_is_not_compiled_before_it_is_asked() -> None:
    """Also not to be a part of another pattern."""
    lazy = lazy_regex("(")
    assert rf"[a]{lazy.pattern}" == "[a]("
    with pytest.raises(re.error):
        lazy.search("")
    with pytest.raises(re.error):  # and again
        lazy.search("")


def test_every_pattern_of_the_rules_is_one() -> None:
    """What `re.compile` would have said at the start."""
    for module in pkgutil.walk_packages(earnings.__path__, "earnings."):
        import_module(module.name)
    lazy = [each for each in gc.get_objects() if isinstance(each, LazyRegex)]
    for each in lazy:
        try:
            assert each.groups is not None
        except re.error as error:
            if each.pattern != "(":  # the test's own
                raise AssertionError(f"{each.pattern!r}: {error}") from error


def test_the_rules_compile_nothing_when_they_are_imported() -> None:
    """Most processes read no document, and must not wait for hundreds of patterns."""
    (room,) = earnings.__path__
    strays = [
        path.name
        for path in Path(room).rglob("*.py")
        if path.name != "regexes.py" and "re.compile(" in path.read_text(encoding="utf-8")
    ]
    assert not strays, f"lazy_regex (earnings/regexes.py) instead of re.compile in {strays}"
