"""retailxai.toml, broken and misspelt."""

from __future__ import annotations

from pathlib import Path

import pytest

from settings.toml_file import read


def write(tmp_path: Path, content: str | bytes) -> Path:
    path = tmp_path / "x.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("[web]\nport = \n", "line 2, column 8"),
        ("[web\n", "line 1, column 5"),
        ("a = 1\na = 2\n", "line 2"),
        ('[web]\nhost = "x', "line 2, column 10"),
    ],
)
def test_broken_toml_names_line_and_column(tmp_path: Path, content: str, place: str) -> None:
    """A syntax error is one problem that says where to look."""
    raw, problems = read(write(tmp_path, content))

    assert raw == {}
    assert len(problems) == 1
    assert place in problems[0].where


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    """Not there, a folder, not text: each says which."""
    assert "not there" in read(tmp_path / "absent")[1][0].rule
    assert "cannot be read" in read(tmp_path)[1][0].rule
    binary = read(write(tmp_path, b"a = 1\nb = '\xff'\n"))[1][0]
    assert "UTF-8" in binary.rule
    assert binary.where.endswith("line 2")


def test_byte_order_mark_is_no_matter(tmp_path: Path) -> None:
    """Editors on Windows write one."""
    assert read(write(tmp_path, b"\xef\xbb\xbfinstance = 'x'"))[0] == {"instance": "x"}


@pytest.mark.parametrize(
    ("content", "where", "meant"),
    [
        ("[wbe]\nport = 1", "wbe", "web"),
        ("[web]\nprot = 1", "web.prot", "web.port"),
        ("pool_size = 5", "pool_size", "database.pool_size"),
        ("[database]\npoolsize = 5", "database.poolsize", "database.pool_size"),
        ("[policies.edgr]", "policies.edgr", "policies.edgar"),
        ("[policies.edgar]\nattemps = 2", "policies.edgar.attemps", "policies.edgar.attempts"),
        ("[policies.edgar]\nrate = 1", "policies.edgar.rate", "policies.edgar.rates"),
        (
            "[[policies.edgar.rates]]\nrate = 1\n[[policies.edgar.rates]]\nbrust = 1",
            "policies.edgar.rates[1].brust",
            "policies.edgar.rates[1].burst",
        ),
        (
            "[[policies.claude.quotas]]\nlimits = 1",
            "policies.claude.quotas[0].limits",
            "policies.claude.quotas[0].limit",
        ),
        (
            "[policies.claude.chaos]\nlatency = 1",
            "policies.claude.chaos.latency",
            "policies.claude.chaos.latency_s",
        ),
        ("[schedule.jobs.daily_scan]", "schedule.jobs.daily_scan", "daily_earnings_scan"),
        ("[schedule.jobs.quota_check]\ntime = '1:00'", "schedule.jobs.quota_check.time", ""),
        ("[[companies]]\ntiker = 'X'", "companies[0].tiker", "companies[0].ticker"),
        ("[claude.prices]\ninput = 3", "claude.prices.input", "claude.prices.input_usd"),
        ("completely_else = 1", "completely_else", ""),
    ],
)
def test_unknown_keys_name_the_nearest(
    tmp_path: Path, content: str, where: str, meant: str
) -> None:
    """A misspelt or misplaced key is an error that names the right one, if there is one."""
    problems = read(write(tmp_path, content))[1]

    assert len(problems) == 1
    assert problems[0].where.endswith(f": {where}")
    assert meant in problems[0].fix


def test_value_of_an_unknown_key_is_masked_when_it_may_be_secret(tmp_path: Path) -> None:
    """A key in the wrong place may be a secret under a wrong name."""
    problem = read(write(tmp_path, "api_token = 'hush'"))[1][0]

    assert "hush" not in str(problem)
