"""One section by itself, for whoever must work while other settings are wrong."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from settings.environment import current, gather
from settings.problems import Problem
from settings.sections import AlarmSettings
from settings.validation import Where, validate
from settings.variables import variables


def alarm_settings(
    environ: Mapping[str, str] | None = None,
) -> tuple[AlarmSettings, list[Problem]]:
    """Whom to tell, from the environment, a file it names, a credential, or .env. Every other
    setting may be wrong, and is not looked at."""
    named = (environ if environ is not None else current()).get("RETAILXAI_ENV_FILE")
    dotenv = Path(named) if named else Path(".env")
    ours = {each.key: each for each in variables() if each.key.startswith("alarm.")}
    found = gather(
        current() if environ is None else environ,
        dotenv if dotenv.is_file() else None,
        [each.name for each in ours.values()],
    )
    given = {key.partition(".")[2]: found.values[each.name] for key, each in ours.items()
             if each.name in found.values}  # fmt: skip
    problems = [one for one in found.problems if one.severity == "error"]
    where = Where({key: found.origins.get(each.name, "") for key, each in ours.items()}, ours)
    configured, more, _ = validate({"alarm": given}, where)
    return configured.alarm, [*problems, *more]
