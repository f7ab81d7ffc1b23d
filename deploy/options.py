"""What the verbs take on their command line, and what that means."""

from __future__ import annotations

import argparse
import difflib
import getpass
import os
import platform
import sys
from pathlib import Path

from deploy.failures import CONFIGURATION, REFUSED, USAGE, Failure
from deploy.machine import unit_file
from deploy.machine.places import Places
from deploy.machine.service import Service, choose

ROOT = Path(__file__).resolve().parent.parent


def places_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--root", type=Path, default=Path("/"), metavar="FOLDER",
                        help="a tree in which to install, instead of this machine")  # fmt: skip
    parser.add_argument("--no-systemd", action="store_true", help="no unit files")
    parser.add_argument("--service", type=Path, metavar="PROGRAM",
                        help="instead of systemd: takes start, stop, status")  # fmt: skip
    parser.add_argument("--dry-run", action="store_true", help="only say what would be done")


def release_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--source", type=Path, default=ROOT, metavar="FOLDER",
                        help="the clone whose HEAD is installed; this one")  # fmt: skip
    parser.add_argument("--venv", type=Path, metavar="FOLDER",
                        help="an environment that has the requirements")  # fmt: skip


def install_arguments(parser: argparse.ArgumentParser) -> None:
    places_arguments(parser)
    release_arguments(parser)
    parser.add_argument("--credential", action="append", default=[], metavar="NAME=FILE",
                        help="a secret, out of a file (-: standard input)")  # fmt: skip
    parser.add_argument("--ask", action="append", default=[], metavar="NAME",
                        help="a secret, typed when asked for")  # fmt: skip
    parser.add_argument("--database-admin", type=Path, metavar="FILE",
                        help="a file with the postgresql:// address of one who may make a role "
                        "and a database")  # fmt: skip
    parser.add_argument("--embedded", action="store_true",
                        help="the program starts a PostgreSQL of its own")  # fmt: skip


def places_of(options: argparse.Namespace) -> Places:
    """Raises Failure: 5 on the machine itself without being root, 78 with a Python too old."""
    if sys.version_info < (3, 11):  # noqa: UP036  whoever starts it may have an older one
        raise Failure(f"Python 3.11 or newer is needed, this is {platform.python_version()}",
                      "run it with another: python3.11 -m deploy", CONFIGURATION)  # fmt: skip
    root = options.root.resolve()
    if root == Path("/") and os.geteuid() != 0:
        raise Failure("only root may change what is installed on this machine",
                      "sudo python3 -m deploy ...; or --root FOLDER", REFUSED)  # fmt: skip
    return Places(root)


def service_of(options: argparse.Namespace, places: Places) -> Service:
    return choose(places, options.no_systemd, options.service)


def credentials_of(options: argparse.Namespace) -> dict[str, bytes]:
    """Read from files, standard input or the terminal; never from the command line itself."""
    known = unit_file.credentials(options.source / "retailxai.service")
    pairs = [text.partition("=") for text in options.credential]
    for name in [*(name for name, _, _ in pairs), *options.ask]:
        _must_be_known(name, known)
    given = {name: _read(name, file) for name, _, file in pairs}
    return given | {name: _typed(name) for name in options.ask}


def _must_be_known(name: str, known: list[str]) -> None:
    if name not in known:
        near = difflib.get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]}?" if near else f"one of {', '.join(known)}"
        raise Failure(f"the service takes no credential {name!r}", hint, USAGE)


def _read(name: str, file: str) -> bytes:
    if not file:
        raise Failure(f"--credential {name}: no file", f"--credential {name}=FILE", USAGE)
    try:
        value = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise Failure(f"--credential {name}: {file}: {error.strerror}",
                      "name a file with the secret in it", USAGE) from None  # fmt: skip
    return _usable(name, value)


def _typed(name: str) -> bytes:
    if not sys.stdin.isatty():
        raise Failure(f"--ask {name}: there is no terminal to ask at",
                      f"--credential {name}=FILE", USAGE)  # fmt: skip
    return _usable(name, getpass.getpass(f"{name}: ").encode())


def _usable(name: str, value: bytes) -> bytes:
    if not value.strip():
        raise Failure(f"the secret for {name} is empty", "give it its value", USAGE)
    return value.strip() + b"\n"
