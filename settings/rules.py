"""Rules that look at several settings at once: production, secrets, the watch list.

Pure: each takes the settings as far as they could be read and yields problems.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from settings import shapes
from settings.model import Configured
from settings.problems import Problem, hidden, shown
from settings.sections import revealed

Where = Callable[[str], str]

SHORTEST_PASSWORD = 8
# fmt: off
WEAK_PASSWORDS = frozenset((
    "postgres", "postgresql", "password", "passwd", "pass", "secret", "admin",
    "administrator", "root", "user", "test", "testing", "example", "sample", "demo",
    "default", "database", "retailxai", "retail", "letmein", "qwerty", "welcome", "abc",
    "abcd", "changeme", "changeit", "trustno", "iloveyou", "master", "guest", "public",
))
# fmt: on
TEST_WORDS = re.compile(r"(?:^|[-_.])(?:test|testing|fake|dummy|demo|sample|mock)(?:$|[-_.])")


@dataclass(frozen=True)
class _Asked:
    """Who is asked with a key: how it begins, how long it is, the variable that holds it."""

    prefix: str
    lengths: range
    usual: int
    variable: str


_KEYS = {
    "claude": _Asked(shapes.CLAUDE_PREFIX, shapes.CLAUDE_LENGTHS, 108, "ANTHROPIC_API_KEY"),
    "groq": _Asked(shapes.GROQ_PREFIX, shapes.GROQ_LENGTHS, 56, "GROQ_API_KEY"),
    "youtube": _Asked(shapes.GOOGLE_PREFIX, shapes.GOOGLE_LENGTHS, 39, "YOUTUBE_API_KEY"),
}
_PRICED = ("claude", "groq")


def check(settings: Configured, where: Where) -> list[Problem]:
    """Every broken rule. `where` says where a key's value came from."""
    return [
        problem
        for rule in (_production, _chaos, _key_lengths, _prices, _channels, _memory, _watch_list)
        for problem in rule(settings, where)
    ]


def weakness(password: str, user: str = "") -> str | None:
    """Why a password protects nothing, None if it may."""
    plain = re.sub(r"[^a-z]", "", password.lower())
    if not password:
        return "is empty"
    if shapes.is_placeholder(password):
        return "is a placeholder"
    if plain in WEAK_PASSWORDS or (user and password.lower() == user.lower()):
        return "is one everybody tries first"
    if len(password) < SHORTEST_PASSWORD:
        return f"is shorter than {SHORTEST_PASSWORD} characters"
    if password.isdigit() or len(set(password)) < 4:
        return "is too simple"
    return None


def _production(settings: Configured, where: Where) -> Iterator[Problem]:
    if settings.app_env != "production":
        return
    url = revealed(settings.database.url)
    if url is None and not settings.database.allow_embedded:
        yield Problem(
            where=where("database.url"),
            rule="production needs a PostgreSQL of its own",
            got="unset",
            fix="set DATABASE_URL, or allow the embedded one with RETAILXAI_ALLOW_EMBEDDED=1",
        )
    if url is not None and not (shapes.is_socket(url) and not shapes.password_of(url)):
        user = urlsplit(url).username or ""
        reason = weakness(shapes.password_of(url), user)
        if reason:
            yield Problem(
                where=where("database.url"),
                rule=f"production refuses this database password: it {reason}",
                got=shapes.without_password(url),
                fix="give the database role a long random password and set DATABASE_URL to it",
            )
    for name, asked in _KEYS.items():
        key = _key(settings, name)
        if TEST_WORDS.search(key.removeprefix(asked.prefix).lower()):
            yield Problem(
                where=where(f"{name}.api_key"),
                rule="production refuses a key made up for tests",
                got=hidden(key),
                fix=f"set {asked.variable} to a real key, or unset it",
            )


def _key(settings: Configured, name: str) -> str:
    return revealed(getattr(settings, name).api_key) or ""


def _key_lengths(settings: Configured, where: Where) -> Iterator[Problem]:
    for name, asked in _KEYS.items():
        key = _key(settings, name)
        if key and len(key) not in asked.lengths:
            yield Problem(
                where=where(f"{name}.api_key"),
                rule=f"has an unusual length; keys have {asked.usual} characters today",
                got=hidden(key),
                fix=f"copy it again if {name.title()} refuses it",
                severity="warning",
            )


def _channels(settings: Configured, where: Where) -> Iterator[Problem]:
    youtube = settings.youtube
    if youtube.api_key and youtube.enabled and not any(one.youtube for one in settings.companies):
        yield Problem(
            where=where("youtube.api_key"),
            rule="is set, and no company names a channel",
            got="",
            fix='add youtube = "@handle" to a [[companies]] table',
            severity="warning",
        )


def _prices(settings: Configured, where: Where) -> Iterator[Problem]:
    """Cost and caps are counted by these prices: those of another model make both wrong."""
    for name in _PRICED:
        table = getattr(settings, name)
        if table.api_key and table.model != table.prices.model:
            yield Problem(
                where=where(f"{name}.prices.model"),
                rule=f"the prices are those of {table.prices.model}, the model asked is another",
                got=shown(table.model),
                fix=f"put the model's prices and its name under [{name}.prices]",
                severity="warning",
            )


def _chaos(settings: Configured, where: Where) -> Iterator[Problem]:
    if settings.app_env != "production":
        return
    for name, policy in settings.policies.items():
        if policy.chaos is not None:
            yield Problem(
                where=where(f"policies.{name}.chaos"),
                rule="production refuses faults on purpose",
                got="a table",
                fix=f"remove [policies.{name}.chaos]",
            )


def _memory(settings: Configured, where: Where) -> Iterator[Problem]:
    above, below = settings.memory.shed_above_pct, settings.memory.shed_below_pct
    if below > above:
        yield Problem(
            where=where("memory.shed_below_pct"),
            rule=f"must not be above shed_above_pct ({above:g})",
            got=f"{below:g}",
            fix="lower it, or raise memory.shed_above_pct",
        )


def _watch_list(settings: Configured, where: Where) -> Iterator[Problem]:
    seen: dict[object, str] = {}
    for company in settings.companies:
        for key, what in ((company.ticker, "ticker"), (company.cik, "CIK")):
            if key is not None and key in seen:
                yield Problem(
                    where=where("companies"),
                    rule=f"names the {what} {key} twice ({seen[key]} and {company.name})",
                    got="",
                    fix="remove one of the two [[companies]], or correct it",
                )
            elif key is not None:
                seen[key] = company.name
