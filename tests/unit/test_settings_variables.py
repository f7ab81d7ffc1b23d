"""The environment variables there are, and those that were meant."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from settings.problems import distance, nearest, shown
from settings.variables import misspelt, variables

NAMES = [variable.name for variable in variables()]


def test_names_follow_the_key() -> None:
    """RETAILXAI_ and the path, except for the few the world knows by another name."""
    by_key = {variable.key: variable for variable in variables()}

    assert by_key["web.port"].name == "RETAILXAI_WEB_PORT"
    assert by_key["sec.www_url"].name == "RETAILXAI_SEC_WWW_URL"
    assert by_key["sec.data_url"].name == "RETAILXAI_SEC_DATA_URL"
    assert by_key["claude.base_url"].name == "RETAILXAI_CLAUDE_BASE_URL"
    assert by_key["database.url"].name == "DATABASE_URL"
    assert by_key["database.allow_embedded"].name == "RETAILXAI_ALLOW_EMBEDDED"
    assert len(set(NAMES)) == len(NAMES)
    assert {one.name for one in variables() if one.is_secret} == {
        "DATABASE_URL",
        "ANTHROPIC_API_KEY",
        "GROQ_API_KEY",
        "YOUTUBE_API_KEY",
        "TAVILY_API_KEY",
        "X_BEARER_TOKEN",
        "RETAILXAI_ALARM_WEBHOOK_URL",
        "RETAILXAI_BACKUP_PASSPHRASE",
    }


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DATABSE_URL", "DATABASE_URL"),
        ("DATABASEURL", "DATABASE_URL"),
        ("ANTHROPIC_APIKEY", "ANTHROPIC_API_KEY"),
        ("ANTROPIC_API_KEY", "ANTHROPIC_API_KEY"),
        ("SEC_CONTCT", "SEC_CONTACT"),
        ("GROQ_APIKEY", "GROQ_API_KEY"),
        ("GROG_API_KEY", "GROQ_API_KEY"),
        ("SEC_CONTCT_FILE", "SEC_CONTACT_FILE"),
        ("APPENV", "APP_ENV"),
        ("database_url", "DATABASE_URL"),
        ("RETAILXAI_WEB_PROT", "RETAILXAI_WEB_PORT"),
        ("RETAILXAI_PORT", "RETAILXAI_WEB_PORT"),
        ("RETAILXIA_INSTANCE", "RETAILXAI_INSTANCE"),
        ("RETAIL_XAI_INSTANCE", "RETAILXAI_INSTANCE"),
        ("retailxai_samples", "RETAILXAI_SAMPLES"),
        ("RETAILXAI_SOMETHING_ELSE_ALTOGETHER", ".env.example"),
    ],
)
def test_near_misses_are_named(name: str, meant: str) -> None:
    """A name that was surely meant for us is an error that says the right one."""
    (problem,) = misspelt({name: "environment"})

    assert problem.where == f"{name} (environment)"
    assert meant in problem.fix


@pytest.mark.parametrize(
    "name",
    ["PATH", "HOME", "LANG", "NODE_ENV", "RACK_ENV", "OPENAI_API_KEY", "ANTHROPIC_BASE_URL",
     "ANTHROPIC_MODEL", "ANTHROPIC_AUTH_TOKEN", "TEST_DATABASE_URL", "REDIS_URL", "APP_NAME",
     "DB_URL", "PGHOST", "CONTACT", "RETAIL", "RETAILER_ID", "RETAILXAI_TEST_SLOW",
     "RETAILXAI_CORPUS", "DATABASE_URL_FILE", "RETAILXAI_WEB_PORT_FILE", "OLLAMA_PORT",
     "OLLAMA_MODELS", "OLLAMA_HOST", "GROK_API_KEY", "PROD_API_KEY", "GROQ_API_KEY_FILE", ""],
)  # fmt: skip
def test_other_peoples_variables_are_left_alone(name: str) -> None:
    """The environment is full of names that are not ours."""
    assert misspelt({name: "environment"}) == []


def test_distance_counts_slips() -> None:
    """One slip each: a letter more, less, other, or two swapped."""
    assert distance("port", "prot") == 1
    assert distance("port", "por") == 1
    assert distance("port", "sport") == 1
    assert distance("port", "part") == 1
    assert distance("", "abc") == 3


@given(st.text(max_size=12), st.text(max_size=12))
def test_distance_is_a_distance(one: str, other: str) -> None:
    """The same both ways, nothing to itself, and at most the longer word."""
    assert distance(one, other) == distance(other, one)
    assert (distance(one, other) == 0) == (one == other)
    assert distance(one, other) <= max(len(one), len(other))


def test_nearest() -> None:
    """Slips, separators and a part of the words are understood; nonsense is not guessed at."""
    jobs = ["daily_earnings_scan", "weekly_summary", "health_check", "quota_check"]

    assert nearest("weekly-sumary", jobs) == "weekly_summary"
    assert nearest("weekly", jobs) == "weekly_summary"
    assert nearest("daily_scan", jobs) == "daily_earnings_scan"
    assert nearest("check", jobs) is None  # two have it
    assert nearest("zzz", jobs) is None
    assert nearest("", jobs) is None
    assert nearest("x", []) is None


def test_shown_values_cannot_steer_a_terminal() -> None:
    """Control characters and length are tamed before a value is printed."""
    assert "\x1b" not in shown("a\x1b[31mb")
    assert "\x1b" not in shown(["\x1b"])
    assert len(shown("x" * 500)) <= 60
