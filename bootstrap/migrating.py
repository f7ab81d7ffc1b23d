"""The schema of the configured database brought up to this program, without an application.

A daemon does so at its start. An upgrade does it before, while the old program still works on it.
"""

from __future__ import annotations

from bootstrap.archive import server
from cli.archive_views import MigrateView
from resilience.clock import Clock
from settings import Settings
from storage.dsn import parse
from storage.errors import SchemaTooNew
from storage.schema import Standing, migrate, schema_standing


def migrate_database(settings: Settings, only_look: bool, clock: Clock) -> MigrateView:
    """Raises CallError, EmbeddedServerError, SchemaTooNew."""
    with server(settings, clock) as dsn:
        found = schema_standing(dsn)
        after = _wanted(found) if only_look else migrate(dsn)[1]
        return MigrateView(
            database=parse(dsn).place,
            schema=found.current,
            schema_after=after,
            program=found.expected,
            works_from=found.works_from if only_look else schema_standing(dsn).works_from,
        )


def _wanted(found: Standing) -> str:
    """What `migrate` would leave."""
    if not found.is_newer:
        return found.expected
    if not found.is_fit:
        raise SchemaTooNew(found.current, found.expected)
    return found.current
