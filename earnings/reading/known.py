"""What was found out about a part of a document is found out once.

Several rules look at the same table and the same prose, and each look costs milliseconds. The
answer is kept with the object it is about, and goes with it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

_About = TypeVar("_About")
_Answer = TypeVar("_Answer")


def known(find: Callable[[_About], _Answer]) -> Callable[[_About], _Answer]:
    """`find`, a pure function of one frozen object, asked once about each. Two threads that
    ask at the same time may both find out, and find the same."""
    place = f"_known_{find.__module__}.{find.__qualname__}"

    @wraps(find)
    def ask(about: _About) -> _Answer:
        kept = vars(about)
        if place not in kept:
            kept[place] = find(about)
        answer: _Answer = kept[place]
        return answer

    return ask
