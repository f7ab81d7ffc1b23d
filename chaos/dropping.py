"""Packets that vanish: what a firewall's DROP does to one connection, without being root.

A socket filter that lets nothing through is asked before a segment is acknowledged, so the
other side hears nothing at all, as when a cable is cut: no answer, no reset. Linux only.
"""

from __future__ import annotations

import ctypes
import socket
import struct
import sys
from typing import Protocol

_ATTACH, _DETACH = 26, 27  # SO_ATTACH_FILTER, SO_DETACH_FILTER
_RETURN_NOTHING = struct.pack("HBBI", 0x06, 0, 0, 0)  # BPF_RET | BPF_K: keep 0 bytes

CAN_DROP = sys.platform == "linux"


class HasOptions(Protocol):
    def setsockopt(self, level: int, option: int, value: bytes | int, /) -> None: ...


def drop(connection: HasOptions) -> None:
    """From now on nothing that is sent to `connection` arrives."""
    program = ctypes.create_string_buffer(_RETURN_NOTHING, len(_RETURN_NOTHING))
    filters = struct.pack("HP", 1, ctypes.addressof(program))
    connection.setsockopt(socket.SOL_SOCKET, _ATTACH, filters)


def pass_again(connection: HasOptions) -> None:
    connection.setsockopt(socket.SOL_SOCKET, _DETACH, 0)


def look_for_the_dead(connection: HasOptions) -> None:
    """Have the kernel ask within two seconds whether the other side still knows us."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (("TCP_KEEPIDLE", 1), ("TCP_KEEPINTVL", 1), ("TCP_KEEPCNT", 2)):
        option = getattr(socket, name, None)
        if option is not None:
            connection.setsockopt(socket.IPPROTO_TCP, option, value)
