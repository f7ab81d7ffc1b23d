"""Why a database is not moved. Nothing is changed by any of them.

ArchiveError                 it was refused; `fix` says what can be done
├── FileExists               the export would write over a file
├── NothingToExport          the database holds no schema of ours
├── FileUnusable             the file cannot be read or written
├── Damaged                  the file is cut off, changed, or something else altogether
├── TooNew                   the file, or the database, is of a newer version of this program
├── NotEmpty                 the database that would be filled holds something
└── InUse                    processes run on the database that would be filled
"""

from __future__ import annotations


class ArchiveError(Exception):
    """It was refused by name, and nothing was changed."""

    def __init__(self, what: str, fix: str = "") -> None:
        self.what = what
        self.fix = fix
        super().__init__(f"{what}. {fix}" if fix else what)


class FileExists(ArchiveError):
    """Somebody's export, or something else."""


class NothingToExport(ArchiveError):
    """No program of ours has used this database yet."""


class FileUnusable(ArchiveError):
    """The operating system says no."""


class Damaged(ArchiveError):
    """What is in it is not what was put in."""


class TooNew(ArchiveError):
    """Only a newer version of the program understands it."""


class NotEmpty(ArchiveError):
    """An import never mixes two installations."""


class InUse(ArchiveError):
    """Whoever works there would lose the ground under its feet."""
