"""A PostgreSQL that is reached over TCP, at a loopback address of its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from storage.embedded import EmbeddedServer


@contextmanager
def tcp_postgres(folder: Path) -> Iterator[str]:
    """Its address; the database is empty."""
    pid = os.getpid()  # others may have a server on this port
    host = f"127.{1 + pid % 200}.{pid // 200 % 250}.251"
    rules = folder / "hba.conf"
    rules.write_text("local all all trust\nhost all all 127.0.0.0/8 trust\n", encoding="ascii")
    server = EmbeddedServer(folder / "server", fsync=False)
    server._settings |= {"listen_addresses": host, "hba_file": str(rules)}
    server.start()
    try:
        yield f"postgresql://retailxai@{host}:5432/retailxai"
    finally:
        server.leave()
