"""Why a database is not moved. Nothing is changed by any of them.

ArchiveError                 it was refused; `fix` says what can be done
├── FileExists               the export would write over a file
├── NothingToExport          the database holds no schema of ours
├── FileUnusable             the file cannot be read or written
├── Damaged                  the file is cut off, changed, or something else altogether
├── TooNew                   the file, or the database, is of a newer version of this program
├── NotEmpty                 the database that would be filled holds something
├── InUse                    processes run on the database that would be filled
├── Differs                  what was read back is not what was written
├── Locked                   it is encrypted, and no passphrase was given
├── WrongPassphrase          it is encrypted with another one
├── NoCipher                 the library for encrypted files is not installed
├── OthersThere              the database holds what is not ours, and would be left behind
└── NothingToUpgrade         the database is somebody else's server
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


class Differs(ArchiveError):
    """A database that was filled from it does not hold what it says."""


class Locked(ArchiveError):
    """It says nothing without its passphrase."""


class WrongPassphrase(ArchiveError):
    """It was encrypted with another passphrase (or its first bytes are damaged)."""


class NoCipher(ArchiveError):
    """What the requirements bring is not there."""


class OthersThere(ArchiveError):
    """Only what is ours is carried over."""


class NothingToUpgrade(ArchiveError):
    """Its versions are not ours to choose."""
