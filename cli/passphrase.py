"""A backup's passphrase: out of a file, the settings, or a person; never a command line, which
everybody on the machine can read."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.session import Session
from settings import Settings
from settings.sections import revealed
from settings.shapes import SHORTEST_PASSPHRASE
from storage.archive_errors import Locked

T = TypeVar("T")


def to_encrypt(session: Session, settings: Settings) -> str | None:
    """None: it is not to be encrypted. Raises Failure."""
    args = session.args
    given = _given(args.passphrase_file, settings)
    if given is None and args.encrypt:
        given = _asked("Passphrase of the new backup: ")
        if _asked("Once more: ") != given:
            raise _refused("the two passphrases are not the same", "Type it twice alike.")
    if given is not None and len(given) < SHORTEST_PASSPHRASE:
        raise _refused(
            f"the passphrase has fewer than {SHORTEST_PASSPHRASE} characters",
            "Make one with `openssl rand -base64 24`, and keep a copy where the backups are not.",
        )
    return given


def to_read(session: Session, settings: Settings, read: Callable[[str | None], T]) -> T:
    """`read` with the passphrase that is known, or else, if one is needed, with a person's."""
    given = _given(session.args.passphrase_file, settings)
    try:
        return read(given)
    except Locked:
        if not sys.stdin.isatty():
            raise
    return read(_asked("Passphrase of the backup: "))


def _given(file: str | None, settings: Settings) -> str | None:
    if file is None:
        return revealed(settings.backup.passphrase)
    try:
        found = Path(file).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError:
        found = ""
    except OSError as error:
        raise _refused(
            f"{file}: {error.strerror or error}", "Name a file that can be read."
        ) from error
    if not found:
        raise _refused(f"{file} holds no passphrase", "Write it there, as one line of text.")
    return found


def _asked(prompt: str) -> str:
    if not sys.stdin.isatty():
        raise _refused(
            "there is no passphrase, and nobody to ask for one",
            "Name a file that holds it (--passphrase-file), or set "
            "RETAILXAI_BACKUP_PASSPHRASE_FILE.",
        )
    return getpass.getpass(prompt, sys.stderr).strip()


def _refused(what: str, fix: str) -> Failure:
    return Failure(ExitCode.REFUSED, "passphrase", what, fix)
