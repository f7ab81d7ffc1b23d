"""One section by itself, for whoever must work while other settings are wrong."""

from __future__ import annotations

from collections.abc import Mapping

from settings.environment import current, dotenv_of, gather
from settings.problems import Problem
from settings.sections import AlarmSettings
from settings.validation import Where, validate
from settings.variables import variables


def alarm_settings(
    environ: Mapping[str, str] | None = None,
) -> tuple[AlarmSettings, list[Problem]]:
    """Whom to tell, from the environment, a file it names, a credential, or .env. Every other
    setting may be wrong, and is not looked at."""
    environ = current() if environ is None else environ
    dotenv = dotenv_of(environ)
    ours = {each.key: each for each in variables() if each.key.startswith("alarm.")}
    found = gather(
        environ,
        dotenv if dotenv is not None and dotenv.is_file() else None,
        [each.name for each in ours.values()],
    )
    given = {key.partition(".")[2]: found.values[each.name] for key, each in ours.items()
             if each.name in found.values}  # fmt: skip
    problems = [one for one in found.problems if one.severity == "error"]
    where = Where({key: found.origins.get(each.name, "") for key, each in ours.items()}, ours)
    configured, more, _ = validate({"alarm": given}, where)
    return configured.alarm, [*problems, *more]
