"""What the command line is handed: settings, the open application, the daemon."""

from __future__ import annotations

import gc
import logging
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from bootstrap.version import VERSION
from cli.door import Desk, OnStep, ServeFlags
from resilience.clock import Clock, SystemClock

if TYPE_CHECKING:  # imported when needed: `--help` must not wait for a database driver
    from chaos.options import Options as ChaosOptions
    from chaos.options import Report as ChaosReport
    from chaos.options import Tell
    from cli.alarm_view import AlarmView
    from cli.archive_views import (
        BackupView,
        BackupWish,
        ExportView,
        ImportView,
        MigrateView,
        ProofView,
        RestoreView,
        UpgradeView,
        UpgradeWish,
    )
    from operations.doctor.examination import Report as DoctorReport
    from operations.preflight import Finding
    from settings import Problem, Settings


# To start and to read makes many small objects and few cycles: looked for at every 700 of them,
# as Python does by itself, the search takes a tenth of all CPU time.
COLLECT_AFTER = (50_000, 20, 50)


def collect_seldom() -> None:
    """Of every process of the program, before it imports the rest of it."""
    gc.set_threshold(*COLLECT_AFTER)


def leave(code: int) -> NoReturn:
    """End the process. All is closed by now; a thread that still waits (for a slow server, for
    a database that is away) can do nothing any more, and must not keep the terminal."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):  # whoever read them has gone
            stream.flush()
    logging.shutdown()
    os._exit(code)


class HouseDoor:
    version = VERSION

    def __init__(self) -> None:
        self.clock: Clock = SystemClock()

    def load_settings(self) -> Settings:
        from bootstrap.policies import policy_problems
        from settings import load

        return load(further=policy_problems)

    def open_application(self, settings: Settings, kind: str) -> Desk:
        from bootstrap.desk import open_desk

        return open_desk(settings, self.clock)

    def export_database(
        self, settings: Settings, file: Path, force: bool, on_step: OnStep
    ) -> ExportView:
        from bootstrap.archive import export_database

        return export_database(settings, file, force, on_step, self.clock)

    def import_database(self, settings: Settings, file: Path, on_step: OnStep) -> ImportView:
        from bootstrap.archive import import_database

        return import_database(settings, file, on_step, self.clock)

    def migrate_database(self, settings: Settings, only_look: bool) -> MigrateView:
        from bootstrap.migrating import migrate_database

        return migrate_database(settings, only_look, self.clock)

    def backup_database(self, settings: Settings, wish: BackupWish, on_step: OnStep) -> BackupView:
        from bootstrap.backup import backup_database

        return backup_database(settings, wish, on_step, self.clock)

    def verify_backup(
        self, settings: Settings, file: Path, passphrase: str | None, on_step: OnStep
    ) -> ProofView:
        from bootstrap.backup import verify_backup

        return verify_backup(settings, file, passphrase, on_step, self.clock)

    def restore_database(
        self, settings: Settings, file: Path, passphrase: str | None, on_step: OnStep
    ) -> RestoreView:
        from bootstrap.backup import restore_database

        return restore_database(settings, file, passphrase, on_step, self.clock)

    def upgrade_database(
        self, settings: Settings, wish: UpgradeWish, on_step: OnStep
    ) -> UpgradeView:
        from bootstrap.upgrading import upgrade_database

        return upgrade_database(settings, wish, on_step, self.clock)

    def preflight(self, settings: Settings, online: bool) -> Sequence[Finding]:
        from bootstrap.preflight import preflight

        return preflight(settings, self.clock, online=online)

    def doctor(
        self, settings: Settings | None, problems: Sequence[Problem], fix: bool
    ) -> DoctorReport:
        from bootstrap.doctor import doctor

        return doctor(settings, problems, fix, self.clock)

    def chaos(self, options: ChaosOptions, tell: Tell) -> ChaosReport:
        from chaos.run import run

        return run(options, self.clock, tell)

    def sound_alarm(self, unit: str, result: str, code: str, status: str) -> AlarmView:
        from bootstrap.alarm import sound

        return sound(unit, result, code, status, self.clock)

    def serve(self, settings: Settings, flags: ServeFlags) -> int:
        from bootstrap.daemon import run_daemon

        return run_daemon(settings, flags, self.clock)
