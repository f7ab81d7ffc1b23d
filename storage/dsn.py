"""The address of a database: what is said of it, and the options every connection gets."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg2
from psycopg2 import extensions

from resilience.outcomes import Outcome
from resilience.policy import Policy
from storage.errors import SERVICE, DatabaseError

Finish = Callable[[extensions.connection], None]

# A server that vanished without a word (machine gone, cable cut) is noticed in seconds, not
# in the two hours of the kernel's default. tcp_user_timeout covers data that nobody
# acknowledges, for which keepalives are never sent.
_CLIENT = {
    "connect_timeout": "5",
    "keepalives": "1",
    "keepalives_idle": "3",
    "keepalives_interval": "1",
    "keepalives_count": "3",
    "tcp_user_timeout": "10000",
}
_SERVER = {
    "tcp_keepalives_idle": "5",
    "tcp_keepalives_interval": "2",
    "tcp_keepalives_count": "3",
    "tcp_user_timeout": "10000",
    "TimeZone": "UTC",
    "random_page_cost": "1.1",  # solid disks: an index pays off much earlier
}


class BadAddress(DatabaseError):
    """DATABASE_URL cannot be read; the message does not repeat it, it may hold a password."""

    def __init__(self) -> None:
        super().__init__(
            SERVICE,
            "DATABASE_URL is not a PostgreSQL address",
            accepted=False,
            outcome=Outcome.NEUTRAL,
            fix="Write postgresql://user:password@host:5432/database (special characters of the "
            "password percent-encoded), and only options that libpq knows.",
        )


@dataclass(frozen=True)
class Address:
    """A DSN taken apart. `parts` hold the password: never print them."""

    parts: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        """Host and database, for messages."""
        parts = dict(self.parts)
        host = parts.get("host") or parts.get("hostaddr") or "localhost"
        port = parts.get("port")
        where = f"{host}:{port}" if port and not host.startswith("/") else host
        return f"{where}/{parts.get('dbname') or parts.get('user') or ''}"

    def options(
        self,
        *,
        application: str = "retailxai",
        statement_timeout_s: float = 30.0,
        client: dict[str, str] | None = None,
        server: dict[str, str] | None = None,
    ) -> dict[str, Any]:
        """What libpq is given: also our time limits, of either side. `client` are libpq's
        settings, `server` the session's; what the DSN itself says wins over our defaults.
        A statement time-out of 0 is none."""
        session = _SERVER | {"statement_timeout": str(int(statement_timeout_s * 1000))}
        session |= server or {}
        own = dict(self.parts)
        options = " ".join(f"-c {name}={value}" for name, value in session.items())
        wanted: dict[str, Any] = _CLIENT | (client or {}) | {"application_name": application} | own
        wanted["options"] = f"{options} {own.get('options', '')}".strip()
        return wanted

    def connect(
        self,
        *,
        application: str = "retailxai",
        statement_timeout_s: float = 30.0,
        client: dict[str, str] | None = None,
        server: dict[str, str] | None = None,
        policy: Policy | None = None,
        finish: Finish | None = None,
    ) -> extensions.connection:
        """A new connection with these `options`.

        `policy` is asked first and told how it went; a caller that stands under it already
        (the pool, in a transaction) gives none. `finish`: the connection does not block, and
        this waits until it stands. Raises psycopg2.Error, Rejected.
        """
        wanted = self.options(
            application=application,
            statement_timeout_s=statement_timeout_s,
            client=client,
            server=server,
        )
        if policy is None:
            return _connected(wanted, finish)
        with policy.admit():
            return _connected(wanted, finish)


def _connected(wanted: dict[str, Any], finish: Finish | None) -> extensions.connection:
    if finish is None:
        blocking: extensions.connection = psycopg2.connect(**wanted)
        return blocking
    connection: extensions.connection = psycopg2.connect(**wanted, async_=1)
    try:
        finish(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def parse(dsn: str) -> Address:
    """Raises BadAddress."""
    plain = dsn.strip()
    for driver in ("+psycopg2:", "+psycopg:"):  # as SQLAlchemy writes it
        plain = plain.replace(driver, ":", 1) if plain.startswith("postgres") else plain
    try:
        parts = extensions.parse_dsn(plain)
    except (psycopg2.Error, UnicodeError):
        parts = {}
    if not parts or _is_torn(parts):
        raise BadAddress
    return Address(tuple(sorted(parts.items())))


def _is_torn(parts: dict[str, str]) -> bool:
    """A password with "@", ":" or "/" in it tears the address at the wrong place: a piece of
    it would be taken for the host or the database, and told in messages."""
    ports = parts.get("port", "").split(",")
    places = parts.get("host", "") + parts.get("dbname", "")
    return "@" in places or not all(port.isdigit() or not port for port in ports)
