"""Patterns that are compiled when they are first asked.

The rules have hundreds of them. To compile them all takes a third of the time that the program
needs to start, and most of its processes (a `status`, a `why`) read no document at all.
"""

from __future__ import annotations

import re
from typing import AnyStr, Generic, cast


def lazy_regex(words: AnyStr, flags: int = 0) -> re.Pattern[AnyStr]:
    """As `re.compile`; a pattern that is none says so when it is first asked
    (tests/unit/earnings/test_regexes.py asks all that there are)."""
    return cast("re.Pattern[AnyStr]", LazyRegex(words, flags))


class _Compiled:
    """What a lazy pattern becomes: it has the methods of the compiled one, and is as quick."""


class LazyRegex(_Compiled, Generic[AnyStr]):
    def __init__(self, words: AnyStr, flags: int) -> None:
        self.pattern: AnyStr = words
        self._asked = flags

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)
        compiled = re.compile(self.pattern, self._asked)
        public = (each for each in dir(compiled) if not each.startswith("_"))
        self.__dict__.update({each: getattr(compiled, each) for each in public})
        # Without __getattr__ the interpreter finds a method as fast as that of any object.
        self.__class__ = _Compiled  # type: ignore[assignment]
        return getattr(compiled, name)
