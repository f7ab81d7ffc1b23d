"""Whether the kernel counts its clock as kept right (adjtimex), as far as it tells."""

from __future__ import annotations

import ctypes

UNSYNCHRONISED = 0x40  # STA_UNSYNC, see adjtimex(2)
STATUS_AT = 40  # bytes into struct timex where longs have 64 bits
SIZE = 512  # more than the struct has anywhere


def is_synchronised() -> bool | None:
    """None: this system has no such call, or does not let us ask."""
    if ctypes.sizeof(ctypes.c_long) != 8:  # the offset above is of 64 bits
        return None
    try:
        ask = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):  # no glibc or musl: macOS
        return None
    told = ctypes.create_string_buffer(SIZE)  # modes = 0: nothing is set
    if ask(told) < 0:
        return None
    status = int.from_bytes(told.raw[STATUS_AT : STATUS_AT + 4], "little")
    return not status & UNSYNCHRONISED
