"""What `db backup`, `db verify`, `db restore` and `db upgrade` take."""

from __future__ import annotations

import argparse
import re


def backup(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "target", nargs="?", metavar="FILE|FOLDER",
        help="that is written; in a folder it gets a name of its own; default: backup.dir",
    )  # fmt: skip
    verb.add_argument("--force", action="store_true", help="also over a file that is there")
    verb.add_argument(
        "--encrypt", action="store_true",
        help="with the passphrase of the settings or the file, else one that is asked for",
    )  # fmt: skip
    _passphrase(verb)
    verb.add_argument(
        "--keep", type=_number, metavar="N",
        help="remove all but the latest N in the folder, once this one is verified; 0: none",
    )  # fmt: skip


def read(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("file", metavar="FILE", help="as db backup wrote it")
    _passphrase(verb)


def upgrade(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--old-binaries", metavar="FOLDER",
        help="with the programs that made the database; default: the system's of that version",
    )  # fmt: skip
    verb.add_argument(
        "--leave-others", action="store_true",
        help="although tables that are not the program's stay in the old folder",
    )  # fmt: skip
    verb.add_argument(
        "--drop-old", action="store_true", help="remove the folders that were replaced"
    )
    verb.add_argument("--encrypt", action="store_true", help="the backup, as with db backup")
    _passphrase(verb)


def _passphrase(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--passphrase-file", metavar="PATH",
        help="holds the passphrase; default: RETAILXAI_BACKUP_PASSPHRASE(_FILE), a credential",
    )  # fmt: skip


def _number(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,6}", text.strip()):
        raise argparse.ArgumentTypeError(f"{text!r} is no number")
    return int(text)
