"""Waiting for what others do, and not for ever."""

from __future__ import annotations

import time
from collections.abc import Callable


def until(look: Callable[[], object], within_s: float, pause_s: float = 0.2) -> bool:
    """Whether `look` says yes in time."""
    give_up_at = time.monotonic() + within_s
    while not look():
        if time.monotonic() >= give_up_at:
            return False
        time.sleep(pause_s)
    return True
