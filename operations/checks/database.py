"""Whether PostgreSQL answers, how fast, with a free connection and the right schema."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from operations.checks.base import CheckResult, Status

if TYPE_CHECKING:  # a command that checks nothing need not load the database driver
    from storage.pool import PoolStatus


@dataclass(frozen=True)
class Schema:
    """Revisions, "none" where nothing was ever migrated. `is_fit`: this program may work on it,
    also if it is a newer one's."""

    current: str
    expected: str
    is_fit: bool


@dataclass(frozen=True)
class DatabaseCheck:
    name: ClassVar[str] = "database"
    deadline_s: ClassVar[float] = 5.0

    ping: Callable[[], float]  # seconds of one round trip; raises when there is no answer
    pool: Callable[[], PoolStatus]
    schema: Callable[[], Schema]
    slow_ms: float = 500.0
    crowded: float = 0.9  # share of the pool in use

    def __call__(self) -> CheckResult:
        pool = self.pool()
        ping_ms = 1000 * self.ping()
        schema = self.schema()
        status, message, fix = self._judge(ping_ms, pool, schema)
        return CheckResult(
            self.name,
            status,
            message,
            observed=round(ping_ms, 1),
            unit="ms",
            fix=fix,
            details={
                "pool_in_use": pool.checked_out,
                "pool_capacity": pool.limit,
                "pool_waiting": pool.waiting,
                "schema": schema.current,
                "schema_expected": schema.expected,
            },
        )

    def _judge(self, ping_ms: float, pool: PoolStatus, schema: Schema) -> tuple[Status, str, str]:
        if not schema.is_fit:
            return (
                Status.FAIL,
                f"the schema is {schema.current}, this program needs {schema.expected}",
                "start the daemon or run `python main.py scan`: either migrates it; if the "
                "schema is the newer one, install the newer program",
            )
        if schema.current != schema.expected:
            return (
                Status.WARN,
                f"the schema is {schema.current}, a newer program's; this one ({schema.expected}) "
                "works on it",
                "install the newer program again",
            )
        if ping_ms > self.slow_ms:
            return (
                Status.WARN,
                f"a round trip takes {ping_ms:.0f} ms (more than {self.slow_ms:.0f})",
                "look at the server's load and at long transactions in pg_stat_activity",
            )
        if pool.checked_out >= self.crowded * pool.limit:
            return (
                Status.WARN,
                f"{pool.checked_out} of {pool.limit} connections are in use",
                "if it lasts: raise the pool size, or look for work that holds connections",
            )
        return (
            Status.PASS,
            f"answers in {ping_ms:.0f} ms, {pool.checked_out} of {pool.limit} connections in use, "
            f"schema {schema.expected}",
            "",
        )
