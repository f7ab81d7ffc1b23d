"""retailxai.toml: read, and looked through for keys that do not exist.

A broken file is one problem with its line and column; an unknown key names the nearest
right one, because a misspelt key that is silently ignored is a setting nobody made.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from settings.model import Configured
from settings.policies import DEFAULT_POLICIES
from settings.problems import Problem, masked, nearest
from settings.sections import DEFAULT_JOBS
from settings.variables import entry_of, fields, is_section, unless_unset

TABLE_NAMES: dict[str, Iterable[str]] = {
    "schedule.jobs": DEFAULT_JOBS,
    "policies": DEFAULT_POLICIES,
}


def read(path: Path) -> tuple[dict[str, Any], list[Problem]]:
    """The file's tables, empty when it cannot be read, and what is wrong with it."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return {}, [_problem(path, "is not there", "create it or correct RETAILXAI_CONFIG")]
    except OSError as error:
        reason = f"cannot be read ({error.strerror or type(error).__name__})"
        return {}, [_problem(path, reason, "make it a plain file this user may read")]
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        return {}, [_problem(path, "is not UTF-8 text", "save it as UTF-8", f" line {line}")]
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        return {}, [_broken(path, text, str(error))]
    return raw, unknown_keys(raw, path)


def _broken(path: Path, text: str, message: str) -> Problem:
    match = re.search(r"^(.*) \(at line (\d+), column (\d+)\)$", message, re.DOTALL)
    if match:
        what, line, column = match[1], int(match[2]), int(match[3])
    else:
        what = message.removesuffix(" (at end of document)")
        line, column = text.count("\n") + 1, len(text.rpartition("\n")[2]) + 1
    what = what[:1].lower() + what[1:]
    return _problem(
        path,
        f"is not valid TOML: {what}",
        'correct that line; texts stand in quotes, as in name = "value"',
        f" line {line}, column {column}",
    )


def _problem(path: Path, rule: str, fix: str, place: str = "") -> Problem:
    return Problem(where=f"{path}{place}", rule=rule, got="", fix=fix)


def unknown_keys(raw: Mapping[str, Any], path: Path) -> list[Problem]:
    """A problem for every key that no setting has."""
    problems: list[Problem] = []
    _look(Configured, raw, "", path, problems)
    return problems


def _look(
    model: type[BaseModel],
    raw: Mapping[str, Any],
    prefix: str,
    path: Path,
    problems: list[Problem],
) -> None:
    for name, value in raw.items():
        key = f"{prefix}{name}"
        info = model.model_fields.get(name)
        if info is None:
            problems.append(_unknown(path, key, value, _candidates(model, prefix)))
        elif is_section(section := unless_unset(info)):
            if isinstance(value, dict):
                _look(section, value, f"{key}.", path, problems)
        elif (entry := entry_of(info)) is not None:
            _look_into_table(entry, value, key, path, problems)


def _look_into_table(
    entry: type[BaseModel], value: object, key: str, path: Path, problems: list[Problem]
) -> None:
    if isinstance(value, dict):
        allowed = TABLE_NAMES.get(key)
        for name, table in value.items():
            if allowed is not None and name not in allowed:
                known = [f"{key}.{one}" for one in allowed]
                problems.append(_unknown(path, f"{key}.{name}", table, known))
            elif isinstance(table, dict):
                _look(entry, table, f"{key}.{name}.", path, problems)
    elif isinstance(value, list):
        for number, table in enumerate(value):
            if isinstance(table, dict):
                _look(entry, table, f"{key}[{number}].", path, problems)


def _candidates(model: type[BaseModel], prefix: str) -> list[str]:
    """The keys of this table first; those of the whole file when it was put in the wrong one."""
    here = [f"{prefix}{name}" for name in model.model_fields]
    return [*here, *(key for key, _ in fields() if key not in here)]


def _unknown(path: Path, key: str, value: object, known: list[str]) -> Problem:
    """The nearest by the last word of the key: that is what was misspelt, or misplaced."""
    last = key.rpartition(".")[2]
    by_last = {name.rpartition(".")[2]: name for name in reversed(known)}
    meant = nearest(last, by_last) or None
    fix = (
        f"did you mean {by_last[meant]}?" if meant else "remove it; docs/configuration.md lists all"
    )
    got = "a table" if isinstance(value, dict) else masked(key, value)
    return Problem(where=f"{path}: {key}", rule="is no setting", got=got, fix=fix)
