"""Where secrets lie: told by name, kind and file, never by value."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import load
from settings.secret_places import secret_names, secret_places, secret_values

KEY = "gsk_notakeynotakeynotakey"


def test_every_kind_of_place(tmp_path: Path) -> None:
    """An environment has no file; a file, a credential and a .env have one."""
    (tmp_path / "credentials").mkdir()
    credential = tmp_path / "credentials" / "X_BEARER_TOKEN"
    credential.write_text(KEY)
    named = tmp_path / "tavily"
    named.write_text(KEY)
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"YOUTUBE_API_KEY={KEY}\nSEC_CONTACT=x\n")
    environ = {
        "GROQ_API_KEY": KEY,
        "TAVILY_API_KEY_FILE": str(named),
        "CREDENTIALS_DIRECTORY": str(tmp_path / "credentials"),
        "RETAILXAI_ENV_FILE": str(dotenv),
        "RETAILXAI_WEB_PORT": "nonsense",
    }
    found = {one.name: (one.kind, one.path) for one in secret_places(environ)}

    assert found == {
        "GROQ_API_KEY": ("environment", None),
        "TAVILY_API_KEY": ("file", named),
        "X_BEARER_TOKEN": ("credential", credential),
        "YOUTUBE_API_KEY": (".env", dotenv),
    }
    assert KEY not in repr(secret_places(environ))


def test_a_file_that_the_dotenv_names_is_told_and_not_the_dotenv(tmp_path: Path) -> None:
    """The secret lies in it. A credential of /dev/null is none, so what lies beside it counts."""
    named, credentials = tmp_path / "groq", tmp_path / "credentials"
    named.write_text(KEY)
    credentials.mkdir()
    (credentials / "X_BEARER_TOKEN").symlink_to("/dev/null")
    (credentials / "x_bearer_token").write_text(KEY)
    dotenv = tmp_path / ".env"
    dotenv.write_text(f"GROQ_API_KEY_FILE={named}\n")
    environ = {
        "CREDENTIALS_DIRECTORY": str(credentials),
        "RETAILXAI_ENV_FILE": str(dotenv),
    }
    found = {one.name: (one.kind, one.path) for one in secret_places(environ)}

    assert found == {
        "GROQ_API_KEY": ("file", named),
        "X_BEARER_TOKEN": ("credential", credentials / "x_bearer_token"),
    }


def test_no_dotenv_is_looked_at_where_an_empty_name_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As the settings do."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text(f"GROQ_API_KEY={KEY}\n")

    assert secret_places({"RETAILXAI_ENV_FILE": ""}) == []
    assert [one.path for one in secret_places({})] == [tmp_path / ".env"]


def test_the_names() -> None:
    assert {"DATABASE_URL", "ANTHROPIC_API_KEY", "RETAILXAI_ALARM_WEBHOOK_URL"} <= set(
        secret_names()
    )
    assert "SEC_CONTACT" not in secret_names()


def test_the_values_of_those_that_are_set() -> None:
    """For who hides them: of every section, and no list that a new one could be missing in."""
    key, words = "gsk_" + "a1B2" * 13, "correct horse battery"
    settings = load({"GROQ_API_KEY": key, "RETAILXAI_BACKUP_PASSPHRASE": words})

    assert secret_values(settings) == {"GROQ_API_KEY": key, "RETAILXAI_BACKUP_PASSPHRASE": words}
