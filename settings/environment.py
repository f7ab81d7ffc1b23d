"""What the machine says: variables, secret files, systemd credentials, a .env file.

The only reader of the environment. Strongest first: NAME, NAME_FILE (the path of a file
that holds the value), $CREDENTIALS_DIRECTORY/NAME (systemd's LoadCredential), NAME in .env.
A .env file is read, never written into the environment, so children do not inherit it.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path

from settings.problems import Problem

LARGEST_SECRET = 65_536
STDERR = 2


@dataclass(frozen=True)
class Terminal:
    """What the environment says about the terminal; whether there is one is the stream's word."""

    no_color: bool = False  # NO_COLOR is set, or TERM is "dumb"
    journal: bool = False  # stderr is systemd's journal
    utf8: bool = True  # False: the locale asks for something else than UTF-8


@dataclass
class Found:
    """Values by variable name, where each came from, and what was wrong on the way."""

    values: dict[str, str] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    files: dict[str, Path] = field(default_factory=dict)  # that hold nothing but the value
    problems: list[Problem] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)  # all names seen -> where


def _leads_to_journal(named: str) -> bool:
    """Whether stderr is the stream that systemd named, by device and inode: a child inherits the
    variable and may write elsewhere."""
    try:
        stream = os.fstat(STDERR)
    except OSError:
        return False
    return named == f"{stream.st_dev}:{stream.st_ino}"


@dataclass(frozen=True)
class Supervisor:
    """What a service manager (systemd) says to the process it started."""

    notify_socket: str = ""  # where it listens for word of us; "": there is none, or it does not
    watchdog_s: float | None = None  # longest it waits for word before it starts us anew


def current() -> Mapping[str, str]:
    """The environment of this process."""
    return os.environ


def terminal(environ: Mapping[str, str] | None = None) -> Terminal:
    """The terminal facts alone, for those who must print before the settings are read."""
    environ = current() if environ is None else environ
    locale = environ.get("LC_ALL") or environ.get("LC_CTYPE") or environ.get("LANG") or ""
    # No locale at all is what containers and cron have; Python takes it for UTF-8, so do we.
    plain = locale.casefold().replace("-", "")
    return Terminal(
        journal=_leads_to_journal(environ.get("JOURNAL_STREAM", "")),
        no_color=bool(environ.get("NO_COLOR")) or environ.get("TERM") == "dumb",
        utf8=not plain or "utf8" in plain,
    )


def supervisor(environ: Mapping[str, str] | None = None, pid: int | None = None) -> Supervisor:
    """Read like `terminal`, and never written: a program begun anew by us needs it too.

    A watchdog is meant for the process it names, so none for one that inherited the variable.
    """
    environ = current() if environ is None else environ
    pid = os.getpid() if pid is None else pid
    interval, meant = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", str(pid))
    is_ours = meant == str(pid) and interval.isdecimal() and int(interval) > 0
    return Supervisor(
        notify_socket=environ.get("NOTIFY_SOCKET", ""),
        watchdog_s=int(interval) / 1e6 if is_ours else None,
    )


def dotenv_of(environ: Mapping[str, str], *, also_here: bool = True) -> Path | None:
    """The .env file that is to be read: the one that was named ("": none), or else the one here."""
    named = environ.get("RETAILXAI_ENV_FILE")
    if named is not None:
        return Path(named) if named.strip() else None
    here = Path(".env")
    return here if also_here and here.exists() else None


def gather(environ: Mapping[str, str], dotenv: Path | None, known: Iterable[str]) -> Found:
    """The value of every known variable that is set anywhere."""
    found = Found(names=dict.fromkeys(environ, "environment"))
    written = _read_dotenv(dotenv, found) if dotenv is not None else {}
    for name in written:
        found.names.setdefault(name, ".env")
    credentials = environ.get("CREDENTIALS_DIRECTORY")
    for name in known:
        _find(name, environ, Path(credentials) if credentials else None, written, found)
    return found


def _find(
    name: str,
    environ: Mapping[str, str],
    credentials: Path | None,
    written: Mapping[str, str],
    found: Found,
) -> None:
    for source, origin in ((environ, "environment"), (written, ".env")):
        file = f"{name}_FILE"
        if name in source:
            if file in source:
                found.problems.append(
                    Problem(
                        where=f"{file} ({origin})",
                        rule=f"is not read: {name} is set too and is stronger",
                        got="",
                        fix=f"remove one of {name} and {file}",
                        severity="warning",
                    )
                )
            return _keep(name, source[name], origin, found)
        if file in source:
            return _from_file(name, Path(source[file]), f"{file} ({origin})", found)
        if source is environ and credentials is not None:
            for candidate in (credentials / name, credentials / name.lower()):
                # /dev/null stands for one that is not given, where a name must stand for a file.
                if candidate.exists() and not candidate.is_char_device():
                    return _from_file(name, candidate, f"{name} (systemd credential)", found)
    return None


def _keep(name: str, value: str, origin: str, found: Found) -> None:
    found.values[name] = value
    found.origins[name] = origin


def _from_file(name: str, path: Path, where: str, found: Found) -> None:
    """The file's text less the line end that editors add. A file that was named must be there."""

    found.files[name] = path

    def problem(rule: str, fix: str) -> None:
        found.problems.append(Problem(where=where, rule=rule, got=str(path), fix=fix))
        found.origins[name] = where

    if not str(path).strip() or str(path) == ".":
        return problem("names no file", f"set it to the path of a file that holds {name}")
    try:
        with path.open("rb") as stream:
            content = stream.read(LARGEST_SECRET + 1)
        value = content.decode("utf-8").rstrip("\r\n")
    except FileNotFoundError:
        return problem("names a file that is not there", "create the file or correct the path")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return problem(
            f"names a file that cannot be read ({reason})",
            "make it a plain file this user may read",
        )
    except UnicodeDecodeError:
        return problem("names a file that is not UTF-8 text", f"write {name} into it as text")
    if len(content) > LARGEST_SECRET:
        return problem("names a file of more than 64 kB", "correct the path")
    if not value.strip():
        return problem("names a file that is empty", f"write {name} into it")
    return _keep(name, value, where, found)


def _read_dotenv(path: Path, found: Found) -> dict[str, str]:
    """The lines of a .env file as they stand: "$" is left alone, passwords have them."""
    from dotenv.parser import parse_stream  # 25 ms that a machine without .env is spared

    try:
        content = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = "is not UTF-8 text" if isinstance(error, UnicodeDecodeError) else "cannot be read"
        found.problems.append(
            Problem(
                where=str(path),
                rule=reason,
                got=type(error).__name__,
                fix="make it a text file this user may read, or remove it",
            )
        )
        return {}
    values: dict[str, str] = {}
    for binding in parse_stream(StringIO(content)):
        stripped = binding.original.string.strip()
        if binding.key is not None and binding.value is not None and not binding.error:
            values[binding.key] = binding.value
        elif stripped and not stripped.startswith("#"):
            # python-dotenv starts an entry at the blank lines before it.
            blank = len(binding.original.string) - len(binding.original.string.lstrip())
            line = binding.original.line + binding.original.string[:blank].count("\n")
            found.problems.append(
                Problem(
                    where=f"{path.name} line {line}",
                    rule="is no NAME=value line",
                    got="",  # it may be half a secret
                    fix="write NAME=value, with quotes round a value that holds # or blanks",
                )
            )
    return values
