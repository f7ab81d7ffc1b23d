"""Rules that look at several settings at once."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import pytest

from settings import Configured, Problem, SettingsError, load
from settings.rules import weakness

PRODUCTION = {"APP_ENV": "production"}
GOOD_URL = "postgresql://retail:k7Qw-92hf-Zz1p@db.internal/retail"


@pytest.mark.parametrize(
    "environ",
    [
        {"DATABASE_URL": GOOD_URL},
        {"DATABASE_URL": "postgresql:///retail?host=/run/postgresql"},
        {"RETAILXAI_ALLOW_EMBEDDED": "1"},
        {"DATABASE_URL": GOOD_URL, "ANTHROPIC_API_KEY": "sk-ant-api03-" + "aB3_" * 23 + "xyzAA"},
    ],
)
def test_production_accepts(environ: dict[str, str]) -> None:
    """A strong password, a Unix socket, or leave to use the embedded database."""
    assert load({**PRODUCTION, **environ}).app_env == "production"


@pytest.mark.parametrize(
    ("environ", "where", "fix"),
    [
        ({}, "DATABASE_URL", "RETAILXAI_ALLOW_EMBEDDED=1"),
        ({"DATABASE_URL": "postgresql://u@h/d"}, "DATABASE_URL", "long random"),
        ({"DATABASE_URL": "postgresql://u:postgres@h/d"}, "DATABASE_URL", "long random"),
        ({"DATABASE_URL": "postgresql://u:changeme@h/d"}, "DATABASE_URL", "long random"),
        ({"DATABASE_URL": "postgresql://h/d?password=password"}, "DATABASE_URL", "long random"),
        (
            {"DATABASE_URL": GOOD_URL, "ANTHROPIC_API_KEY": "sk-ant-test-" + "aB3_" * 24},
            "ANTHROPIC_API_KEY",
            "real key",
        ),
    ],
)
def test_production_refuses(environ: dict[str, str], where: str, fix: str) -> None:
    """Weak or made-up secrets and a database nobody chose stop production, elsewhere they pass."""
    with pytest.raises(SettingsError) as refused:
        load({**PRODUCTION, **environ})
    (problem,) = refused.value.problems
    assert where in problem.where
    assert fix in problem.fix

    assert load({**environ, "APP_ENV": "staging"}).app_env == "staging"


@pytest.mark.parametrize(
    "password",
    ["", "postgres", "password", "Password1", "P@ssw0rd"[:7], "secret123", "12345678901",
     "abcabcabc", "retailxai2026", "changeme", "your_password", "xxx", "aaaaaaaaaaaa", "short7!"],
)  # fmt: skip
def test_weak_passwords(password: str) -> None:
    """Empty, known, short, or too simple."""
    assert weakness(password)


def test_password_like_the_user() -> None:
    """The role's own name is the first thing tried."""
    assert weakness("northgate-db", "northgate-db")
    assert weakness("k7Qw-92hf", "northgate-db") is None


def test_watch_list_names_nobody_twice(tmp_path: Path) -> None:
    """The same ticker or CIK twice would count a company twice."""
    path = tmp_path / "x.toml"
    path.write_text(
        '[[companies]]\nticker = "A"\nname = "One"\ncik = 7\n'
        '[[companies]]\nticker = "B"\nname = "Two"\ncik = 7\n'
    )
    with pytest.raises(SettingsError, match=r"CIK 7 twice \(One and Two\)"):
        load({}, path)


def test_memory_is_shed_until_below_where_it_began(tmp_path: Path) -> None:
    """The lower limit above the upper one would turn calls away and let them in by turns."""
    path = tmp_path / "x.toml"
    path.write_text("[memory]\nshed_above_pct = 80\nshed_below_pct = 85\n")
    with pytest.raises(SettingsError, match=r"memory.shed_below_pct.*\(80\) \(got 85\)"):
        load({}, path)


def test_rules_of_others_count_like_ours(tmp_path: Path) -> None:
    """They see what could be read and which keys could not; their problems say where each value
    came from, and come out with all others."""
    path = tmp_path / "x.toml"
    path.write_text(
        "[web]\nport = 0\n[[policies.edgar.rates]]\nrate = 0\n[[policies.edgar.rates]]\nrate = 5\n"
    )

    def further(settings: Configured, refused: Collection[str]) -> list[Problem]:
        assert set(refused) == {"web.port", "policies.edgar.rates"}
        (rate,) = settings.policies["edgar"].rates or ()
        assert rate.rate == 5
        return [Problem("policies.edgar.rates[0].rate", "is five", "5", "write six")]

    with pytest.raises(SettingsError) as refused:
        load({}, path, further=further)
    assert {problem.where for problem in refused.value.problems} == {
        "x.toml: web.port",
        "x.toml: policies.edgar.rates[0].rate",
        "x.toml: policies.edgar.rates[1].rate",
    }
