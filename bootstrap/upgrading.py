"""The embedded database brought to the PostgreSQL that is installed now."""

from __future__ import annotations

from bootstrap.archive import server, telling
from bootstrap.backup import backup_folder, proof_view, record
from bootstrap.version import VERSION
from cli.archive_views import UpgradeView, UpgradeWish
from cli.door import OnStep
from jobs.durable import Engine
from resilience.clock import Clock
from settings import Settings
from storage import switching
from storage.archive_errors import NothingToUpgrade
from storage.backing_up import Names, entry
from storage.importing import EngineSchema
from storage.upgrading import drop_former, upgrade, versions


def upgrade_database(
    settings: Settings, wish: UpgradeWish, on_step: OnStep, clock: Clock
) -> UpgradeView:
    """Raises ArchiveError, CallError, EmbeddedServerError."""
    if settings.database.url is not None:
        raise NothingToUpgrade(
            "the database is not the embedded one",
            "Upgrade that server as its own manual says, or move to another: db export, db import.",
        )
    began, data_dir = clock.monotonic(), settings.data_dir
    found = versions(data_dir, clock)
    if found.is_current:
        dropped = drop_former(data_dir) if wish.drop_old else []
        return UpgradeView(
            folder=str(data_dir / "postgres"),
            before=found.old,
            after=found.old,
            kept=tuple(str(one) for one in switching.former(data_dir)),
            dropped=tuple(str(one) for one in dropped),
        )
    names = Names(settings.instance)
    is_sealed = wish.passphrase is not None
    path = backup_folder(settings) / names.new(clock.now(), is_sealed=is_sealed)
    done = upgrade(
        data_dir,
        found,
        path,
        old_programs=wish.old_binaries,
        passphrase=wish.passphrase,
        leave_others=wish.leave_others,
        engine=EngineSchema(Engine.schema_steps()),
        clock=clock,
        version=VERSION,
        on_table=telling(on_step),
    )
    made = entry(path, done.bytes, done.proof, clock, is_sealed=is_sealed)
    with server(settings, clock) as dsn:  # it answers, by its new programs
        record(dsn, made, clock)
    dropped = drop_former(data_dir) if wish.drop_old else []
    return UpgradeView(
        folder=str(data_dir / "postgres"),
        before=found.old,
        after=found.new.major,
        backup=proof_view(path, done.proof, clock.monotonic() - began),
        kept=tuple(str(one) for one in switching.former(data_dir)),
        dropped=tuple(str(one) for one in dropped),
    )
