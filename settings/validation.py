"""The values checked against the model, each failure said as a problem.

What cannot be used is put aside and the rest checked again, so that one mistake does not
hide the next.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from settings.model import Configured
from settings.problems import Invalid, Problem, hidden, nearest, shown
from settings.variables import Variable

ENTRY = re.compile(r"^([^\[]+)\[(\d+)\]")
CHOICE = re.compile(r"'([^']*)'")


class Where:
    """Says where a key's value came from, in the words of the one who set it."""

    def __init__(self, origins: Mapping[str, str], by_key: Mapping[str, Variable]) -> None:
        self.origins = origins
        self.by_key = by_key

    def __call__(self, key: str) -> str:
        variable = self.by_key.get(key)
        origin = self.origins.get(key)
        if origin is None:
            return next(
                (
                    f"{origin}: {key}"
                    for near, origin in self.origins.items()
                    # within what was set, or a table where a value belongs
                    if key.startswith((f"{near}.", f"{near}[")) or near.startswith(f"{key}.")
                ),
                f"{variable.name if variable else key}",
            )
        if variable is not None and origin in ("environment", ".env"):
            return f"{variable.name} ({origin})"
        if variable is not None and origin.startswith(variable.name):
            return origin  # it names the variable already: NAME_FILE, a credential
        return f"{origin}: {key}"


class PutAside:
    """What of the file could not be used. Entries of a list that are gone are still counted,
    so that the next one is named as the one who wrote the file counts it."""

    def __init__(self) -> None:
        self.keys: set[str] = set()  # values, and lists that lack an entry
        self._entries: dict[str, list[int]] = {}

    def written(self, loc: Iterable[int | str]) -> str:
        """The key of a place, as it stands in the file."""
        key = ""
        for part in loc:
            if isinstance(part, int):
                key += f"[{self._number(key, part)}]"
            elif part != "[key]":  # pydantic's, when the name itself is wrong
                key += f".{part}" if key else part
        return key

    def as_written(self, key: str) -> str:
        """The same of a key that counts only what is left."""
        return ENTRY.sub(lambda found: f"{found[1]}[{self._number(found[1], int(found[2]))}]", key)

    def remove(self, raw: dict[str, Any], details: Iterable[ErrorDetails]) -> None:
        """Values, then whole entries of lists, from the last on."""
        entries: set[tuple[int | str, ...]] = set()
        for detail in details:
            loc = detail["loc"]
            number = next((i for i, part in enumerate(loc) if isinstance(part, int)), None)
            if number is None or detail["type"] == "extra_forbidden":
                _remove(raw, loc)
                self.keys.add(self.written(loc))
            else:
                entries.add(loc[: number + 1])
        for entry in sorted(entries, key=lambda loc: loc[-1], reverse=True):
            *above, last = entry
            key = self.written(above)
            assert isinstance(last, int)
            self._entries.setdefault(key, []).append(self._number(key, last))
            self.keys.add(key)
            _remove(raw, entry)

    def _number(self, key: str, left: int) -> int:
        for gone in sorted(self._entries.get(key, ())):
            left += gone <= left
        return left


def validate(raw: dict[str, Any], where: Where) -> tuple[Configured, list[Problem], PutAside]:
    """The settings without what is wrong in them, and what that was.

    Each round puts aside the values that failed; a round has at least one fewer.
    """
    problems: list[Problem] = []
    put_aside = PutAside()
    while True:
        try:
            return Configured.model_validate(raw), problems, put_aside
        except ValidationError as error:
            details = error.errors(include_url=False)
        problems += [
            _as_problem(detail, raw, where, put_aside.written(detail["loc"]))
            for detail in details
            # Unknown keys have been named already, with the nearest right one.
            if detail["type"] != "extra_forbidden"
        ]
        put_aside.remove(raw, details)


def _as_problem(detail: ErrorDetails, raw: Mapping[str, Any], where: Where, key: str) -> Problem:
    value = detail["input"]
    cause = detail.get("ctx", {}).get("error")
    missing = detail["type"] == "missing"
    may_be_secret = any(
        one.is_secret and f"{one.key}.".startswith(f"{key}.") for one in where.by_key.values()
    )
    return Problem(
        where=where(key) + _named_after(detail, raw),
        rule=cause.rule if isinstance(cause, Invalid) else _rule(detail["msg"]),
        got="nothing" if missing else (hidden if may_be_secret else shown)(value),
        fix=cause.fix if isinstance(cause, Invalid) else _fix(detail, where, key),
    )


def _fix(detail: ErrorDetails, where: Where, key: str) -> str:
    variable = where.by_key.get(key)
    if detail["type"] == "missing":
        return f"add {key}"
    if detail["type"] == "tuple_type":
        return f"write [[{key}]], in double brackets, above each of its tables"
    words = CHOICE.findall(detail.get("ctx", {}).get("expected", ""))
    meant = nearest(str(detail["input"]), words)
    fix = f"write {shown(meant)}, if that is meant," if meant else "correct it"
    default = f"; the default is {shown(variable.default)}" if variable and variable.default else ""
    return f"{fix} or remove it{default}"


def _rule(message: str) -> str:
    """Pydantic's words, without its name for a value."""
    if message.startswith("Input should be a valid dictionary"):
        return "must be a table"
    if message.startswith("Input should be a valid tuple"):
        return "must be a list of tables"
    for start, instead in (("Input should be ", "must be "), ("Value error, ", "")):
        if message.startswith(start):
            return instead + message.removeprefix(start)
    return message[:1].lower() + message[1:]


def _named_after(detail: ErrorDetails, raw: Mapping[str, Any]) -> str:
    """ " (TGT)": which company, for those who do not count them."""
    loc = detail["loc"]
    entries = raw.get("companies")
    if len(loc) < 2 or loc[0] != "companies" or not isinstance(loc[1], int):
        return ""
    entry = entries[loc[1]] if isinstance(entries, list) and loc[1] < len(entries) else None
    ticker = entry.get("ticker") if isinstance(entry, dict) else None
    return f" ({shown(ticker).strip(chr(39))})" if isinstance(ticker, str) else ""


def _remove(raw: dict[str, Any], loc: tuple[int | str, ...]) -> None:
    """Takes a value out; a table that lacks something required goes as a whole."""
    place: Any = raw
    for part in loc[:-1]:
        if isinstance(place, list) and isinstance(part, int):
            below = place[part]
        else:
            below = place.get(part) if isinstance(place, dict) else None
        if not isinstance(below, dict | list):
            break
        place = below
    last = loc[-1]
    if isinstance(place, list) and isinstance(last, int):
        place.pop(last)
    elif isinstance(place, dict) and last in place:
        del place[last]
    elif len(loc) > 1:
        _remove(raw, loc[:-1])
