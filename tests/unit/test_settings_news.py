"""[feeds], [tavily], [x]: off by default, checked where they are written."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings import Settings, SettingsError, load
from settings.news import DEFAULT_FEEDS


def settings_of(tmp_path: Path, text: str, **environ: str) -> Settings:
    path = tmp_path / "my.toml"
    path.write_text(text, encoding="utf-8")
    return load(environ, path)


def problem_of(tmp_path: Path, text: str, **environ: str) -> str:
    with pytest.raises(SettingsError) as refused:
        settings_of(tmp_path, text, **environ)
    problem = refused.value.problems[0]  # what has no value left is missed as well
    return f"{problem.where} {problem.rule} {problem.got}"


def test_everything_is_off_until_asked_for(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "")
    assert not settings.feeds.enabled
    assert not settings.x.enabled
    assert settings.tavily.api_key is None
    assert set(settings.feeds.list) == set(DEFAULT_FEEDS)


def test_naming_one_feed_keeps_the_others(tmp_path: Path) -> None:
    """One of the shipped is switched off, one of one's own added."""
    settings = settings_of(
        tmp_path,
        "[feeds.list]\npymnts = { enabled = false }\n"
        'mine = { url = "https://news.example/rss?q=retail" }\n',
    )
    assert not settings.feeds.list["pymnts"].enabled
    assert settings.feeds.list["pymnts"].url == DEFAULT_FEEDS["pymnts"]["url"]
    assert settings.feeds.list["mine"].enabled
    assert set(settings.feeds.list) == {*DEFAULT_FEEDS, "mine"}


@pytest.mark.parametrize(
    "url", ["ftp://x.example/f", "x.example/rss", "https://u:p@x.example/", "https://x.example/a b"]
)
def test_a_feed_needs_an_address(tmp_path: Path, url: str) -> None:
    said = problem_of(tmp_path, f'[feeds.list]\nmine = {{ url = "{url}" }}\n')
    assert "feeds.list.mine.url" in said
    assert "u:p" not in said


def test_a_feed_has_a_plain_name(tmp_path: Path) -> None:
    """It is the name of a policy, and typed at a terminal."""
    problem_of(tmp_path, '[feeds.list]\n"My Feed" = { url = "https://x.example/" }\n')


@pytest.mark.parametrize("name", ["TAVILY_API_KEY", "X_BEARER_TOKEN"])
@pytest.mark.parametrize("value", ["your_key_here", "two words", "", "tvly-\u00fcx"])
def test_a_key_that_cannot_be_one_is_refused_unseen(tmp_path: Path, name: str, value: str) -> None:
    said = problem_of(tmp_path, "", **{name: value})
    assert name in said
    assert not value or value not in said


def test_keys_are_kept_as_secrets(tmp_path: Path) -> None:
    settings = settings_of(tmp_path, "", TAVILY_API_KEY="tvly-abc123", X_BEARER_TOKEN="AAAA1")
    assert "abc123" not in repr(settings)
    assert "AAAA1" not in repr(settings)


@pytest.mark.parametrize(("written", "kept"), [("@Target", "@Target"), ("Target", "@Target")])
def test_an_account_is_written_with_or_without_its_sign(
    tmp_path: Path, written: str, kept: str
) -> None:
    entry = f'[[companies]]\nticker = "TGT"\nname = "Target"\nx = "{written}"\n'
    assert settings_of(tmp_path, entry).companies[0].x == kept


def test_no_account_has_such_a_name(tmp_path: Path) -> None:
    entry = '[[companies]]\nticker = "TGT"\nname = "Target"\nx = "a b OR from:me"\n'
    assert "x" in problem_of(tmp_path, entry)
