"""The keys of the advisory locks that prove who lives."""

from __future__ import annotations

import hashlib


def lock_key(name: str) -> int:
    """64 bits of a name's hash, as the signed number advisory locks take."""
    digest = hashlib.blake2b(f"retailxai:{name}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def executor_key(executor: str) -> int:
    """Held by every connection of a working process: free means dead."""
    return lock_key(f"executor:{executor}")


def instance_key(name: str) -> int:
    """Held by the daemon of that name."""
    return lock_key(f"instance:{name}")
