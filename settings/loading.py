"""One configuration out of all its sources, or all that is wrong with it at once.

Strongest first: environment, NAME_FILE, systemd credentials, .env, retailxai.toml,
defaults.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from settings import rules, toml_file
from settings.environment import Found, current, dotenv_of, gather, terminal
from settings.model import Configured, Settings
from settings.problems import Problem, SettingsError, hidden
from settings.validation import Where, validate
from settings.variables import Variable, misspelt, variables

# Rules that this room cannot know: of the settings as far as they could be read, and of the keys
# that could not. Each problem's `where` is a key.
Further = Callable[[Configured, Collection[str]], Iterable[Problem]]

SHIPPED = Path(__file__).resolve().parent.parent / "retailxai.toml"
# systemd names the folders it made for a service; several are separated by colons.
SYSTEMD_FOLDERS = {"data_dir": "STATE_DIRECTORY", "log_dir": "LOGS_DIRECTORY"}


def load(
    environ: Mapping[str, str] | None = None,
    config_file: Path | None = None,
    dotenv_file: Path | None = None,
    *,
    further: Further | None = None,
) -> Settings:
    """The settings of this process, by our rules and `further` ones. Raises SettingsError.

    With `environ` given, .env is read only when `dotenv_file` or RETAILXAI_ENV_FILE names it.
    """
    given = environ is not None
    environ = current() if environ is None else environ
    by_key = {variable.key: variable for variable in variables()}
    dotenv = dotenv_file or dotenv_of(environ, also_here=not given)
    found = gather(environ, dotenv, [v.name for v in variables()])
    problems = [*found.problems, *misspelt(found.names)]

    path = config_file or _config_file(environ)
    raw, toml_problems = toml_file.read(path) if path else ({}, [])
    problems += toml_problems
    problems += _secrets_in(raw, by_key, path)
    if "companies" not in raw and path != SHIPPED and SHIPPED.exists() and not toml_problems:
        raw["companies"] = toml_file.read(SHIPPED)[0].get("companies", [])

    origins = _lay_over(raw, environ, found, by_key, path)
    where = Where(origins, by_key)
    configured, value_problems, put_aside = validate(raw, where)
    problems += value_problems
    problems += [
        problem
        for problem in rules.check(configured, where)
        if problem.where not in {known.where for known in value_problems}
    ]
    if further is not None:
        problems += [
            replace(problem, where=where(put_aside.as_written(problem.where)))
            for problem in further(configured, put_aside.keys)
        ]
    if any(problem.severity == "error" for problem in problems):
        raise SettingsError(problems)
    return _settled(configured, environ, origins, path, tuple(problems))


def _settled(
    configured: Configured,
    environ: Mapping[str, str],
    origins: dict[str, str],
    path: Path | None,
    warnings: tuple[Problem, ...],
) -> Settings:
    """Relative folders count from where the program was started."""
    values: dict[str, Any] = {name: getattr(configured, name) for name in Configured.model_fields}
    for name in ("data_dir", "log_dir", "reports_dir"):
        values[name] = values[name].expanduser().absolute()
    inbox = configured.inbox_dir
    values["inbox_dir"] = (
        inbox.expanduser().absolute() if inbox is not None else values["data_dir"] / "inbox"
    )
    return Settings.model_construct(
        **values,
        terminal=terminal(environ),
        config_file=path,
        origins=origins,
        warnings=warnings,
    )


def _config_file(environ: Mapping[str, str]) -> Path | None:
    named = environ.get("RETAILXAI_CONFIG", "").strip()
    if named:
        return Path(named)
    here = Path("retailxai.toml").absolute()
    return next((path for path in (here, SHIPPED) if path.exists()), None)


def _secrets_in(
    raw: dict[str, Any], by_key: Mapping[str, Variable], path: Path | None
) -> list[Problem]:
    """Secrets are taken out of the TOML file and refused: it is made to be shared."""
    problems = []
    for key, variable in by_key.items():
        table, _, name = key.rpartition(".")
        section = raw.get(table)
        if variable.is_secret and isinstance(section, dict) and name in section:
            value = section.pop(name)
            problems.append(
                Problem(
                    where=f"{path}: {key}",
                    rule="a secret does not belong in the TOML file",
                    got=hidden(value),
                    fix=f"put it into {variable.name}, or into a file named by "
                    f"{variable.name}_FILE, and remove it here",
                )
            )
    return problems


def _lay_over(
    raw: dict[str, Any],
    environ: Mapping[str, str],
    found: Found,
    by_key: Mapping[str, Variable],
    path: Path | None,
) -> dict[str, str]:
    """Puts the variables' values over the file's; returns key -> origin."""
    origins = dict.fromkeys(_leaves(raw), path.name if path else "")
    for key, folder in SYSTEMD_FOLDERS.items():
        value = environ.get(folder, "").split(":")[0]
        if value and key not in origins:
            raw[key] = value
            origins[key] = folder
    for key, variable in by_key.items():
        if variable.name not in found.origins:
            continue
        origins[key] = found.origins[variable.name]
        if variable.name in found.values:
            _put(raw, key.split("."), found.values[variable.name])
    return origins


def _leaves(raw: Mapping[str, Any], prefix: str = "") -> list[str]:
    keys: list[str] = []
    for name, value in raw.items():
        key = f"{prefix}{name}"
        keys += _leaves(value, f"{key}.") if isinstance(value, dict) and value else [key]
    return keys


def _put(raw: dict[str, Any], path: list[str], value: str) -> None:
    table = raw
    for name in path[:-1]:
        below = table.get(name)
        if not isinstance(below, dict):
            below = table[name] = {}
        table = below
    table[path[-1]] = value
