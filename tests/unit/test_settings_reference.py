"""docs/configuration.md, .env.example and the shipped watch list are what the code says."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

from settings import SettingsError, load
from settings.reference import BEGIN, END, ROOT, example, names, reference, write
from settings.variables import OTHER_NAMES, variables

SETTING = re.compile(r"# [A-Z][A-Z0-9_]*=")
AGAIN = "run: python -m settings.reference"


def test_docs_are_current() -> None:
    """Every variable and TOML key stands in docs/configuration.md as the code has it."""
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")

    assert page.partition(BEGIN)[2].partition(END)[0].strip() == reference().strip(), AGAIN


def test_the_lists_of_files_are_current() -> None:
    """Every secret with what it is for, every other variable by its name."""
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")

    assert page.partition(BEGIN)[2].partition(END)[0].strip() == names().strip(), AGAIN


def test_env_example_is_current() -> None:
    """.env.example is the one the code writes."""
    assert (ROOT / ".env.example").read_text(encoding="utf-8") == example(), AGAIN


def test_env_example_names_every_variable_once() -> None:
    """One line for each variable, below its meaning, none of them on; no remark behind a value,
    which systemd and Docker would take for a part of it."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    settings = [line for line in lines if SETTING.match(line)]
    names = Counter(line[2:].partition("=")[0] for line in settings)
    assert not [line for line in settings if " #" in line]

    expected = [*(variable.name for variable in variables()), *OTHER_NAMES]
    assert names == Counter(expected)
    assert all(line.startswith("#") or not line for line in lines)


def test_env_example_says_what_is_a_secret() -> None:
    """Those and no others; they are better kept in files."""
    lines = (ROOT / ".env.example").read_text(encoding="utf-8").splitlines()
    told = {
        name[2:].partition("=")[0]
        for meaning, name in pairwise(lines)
        if meaning.endswith("(a secret)")
    }
    assert told == {variable.name for variable in variables() if variable.is_secret}


def test_everything_is_explained() -> None:
    """No variable without a meaning."""
    assert [variable.name for variable in variables() if not variable.meaning] == []


def test_env_example_switched_on_is_understood(tmp_path: Path) -> None:
    """With every line taken as a setting, only the placeholders are refused."""
    dotenv = tmp_path / ".env"
    lines = (line.removeprefix("# ") for line in example().splitlines() if SETTING.match(line))
    dotenv.write_text("\n".join(lines), encoding="utf-8")

    with pytest.raises(SettingsError) as refused:
        load({}, None, dotenv)

    assert {problem.where.split()[0] for problem in refused.value.problems} == {
        "SEC_CONTACT",
        "ANTHROPIC_API_KEY",
        "GROQ_API_KEY",
        "YOUTUBE_API_KEY",
        "TAVILY_API_KEY",
        "X_BEARER_TOKEN",
    }


def test_writing_keeps_the_prose(tmp_path: Path) -> None:
    """Only what stands between the marks is written anew."""
    (tmp_path / "docs").mkdir()
    page = tmp_path / "docs" / "configuration.md"
    for name in ("configuration.md", "files.md"):
        shutil.copy(ROOT / "docs" / name, tmp_path / "docs" / name)
    before = page.read_text(encoding="utf-8")
    page.write_text(before.replace("`web.port`", "`gone`"), encoding="utf-8")

    write(tmp_path)

    assert page.read_text(encoding="utf-8") == before


def test_shipped_watch_list() -> None:
    """At least 44 US retailers, each with a CIK, a fiscal-year end and a sector."""
    companies = load({}, ROOT / "retailxai.toml").companies

    assert len(companies) >= 44
    assert all(one.cik and one.fiscal_year_end and one.sector for one in companies)
    assert len({one.cik for one in companies}) == len(companies)
    assert len({one.sector for one in companies}) >= 10


@pytest.mark.parametrize(
    ("ticker", "cik", "year_end"),
    [
        ("WMT", 104169, "0131"),
        ("COST", 909832, "0831"),
        ("KR", 56873, "0131"),
        ("AZO", 866787, "0831"),
        ("AMZN", 1018724, "1231"),
        ("GAP", 39911, "0131"),
        ("BOOT", 1610250, "0331"),
    ],
)
def test_some_companies_by_hand(ticker: str, cik: int, year_end: str) -> None:
    """A few of the list, looked up by hand."""
    (company,) = [one for one in load({}).companies if one.ticker == ticker]

    assert (company.cik, company.fiscal_year_end) == (cik, year_end)


def test_shipped_file_says_what_the_defaults_say(tmp_path: Path) -> None:
    """The shipped file changes nothing but the watch list: it is there to be read. (That the
    policies written out in it are the same too is held where their presets are known.)"""
    shipped = load({}, ROOT / "retailxai.toml").model_dump()
    empty = tmp_path / "empty.toml"
    empty.touch()
    default = load({}, empty).model_dump()
    for one in (shipped, default):
        for key in ("origins", "config_file", "policies"):
            del one[key]

    assert shipped == default
