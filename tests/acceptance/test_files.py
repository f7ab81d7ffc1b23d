"""docs/files.md lists what a real run makes, each with its mode, and nothing that no run makes."""

from __future__ import annotations

import os
import re
import stat
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeHouse
from tests.acceptance.papers import release
from tests.acceptance.processes import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "files.md").read_text(encoding="utf-8")
MADE = PAGE.partition("\n## What the program makes\n")[2].partition("\n## ")[0]
ROWS = dict(re.findall(r"^\| `([^`]+)` \| ([^|]+?) \|", MADE, re.MULTILINE))
WITHIN = ("data", "logs", "reports")
DROPPED = 0o604


def row_of(path: str) -> str | None:
    """The most telling pattern that takes it in; what lies in the cluster is PostgreSQL's."""
    fitting = [one for one in ROWS if fnmatchcase(path, one) and one.count("/") == path.count("/")]
    return max(fitting, key=len, default=None)


def wanted(mode: str, is_folder: bool) -> int:
    """As the page has it, for this process's user and umask."""
    if mode == "umask":
        umask = os.umask(0)
        os.umask(umask)
        return (0o777 if is_folder else 0o666) & ~umask
    if mode == "as dropped":
        return DROPPED
    plain, _, as_root = mode.partition(", as root ")
    return int(as_root if as_root and os.geteuid() == 0 else plain, 8)


def test_what_a_run_makes_is_listed_with_its_mode(own_house: MakeHouse) -> None:
    """A scan that takes one file and refuses another, a week's report, a daemon, a backup."""
    house = own_house()
    assert house.run("scan").code == 0
    good = house.drop("NONE-q2.html", release("Nobody Stores", "NONE"))
    bad = house.drop("holiday.jpg", b"\xff\xd8\xff")
    for path in (good, bad):
        path.chmod(DROPPED)
    for command in (("scan",), ("run", "weekly_summary", "--week", "now"), ("db", "backup")):
        ended = house.run(*command)
        assert ended.code == 0, ended.said
    daemon = house.daemon()
    assert daemon.stop().code == 0
    eventually(lambda: house.postmaster() is None, "the database is stopped")

    found = {
        str(path.relative_to(house.folder)): path
        for folder in WITHIN
        for path in (house.folder / folder, *(house.folder / folder).rglob("*"))
        if "postgres" not in path.relative_to(house.folder).parts[:-1]
    }
    unlisted = {name for name in found if row_of(name) is None}
    modes = {name: stat.S_IMODE(path.stat().st_mode) for name, path in found.items()}
    expected = {
        name: wanted(ROWS[row], found[name].is_dir())
        for name in found
        if (row := row_of(name)) is not None
    }
    never_made = set(ROWS) - {row_of(name) for name in found}

    assert unlisted == set()
    assert {name: oct(mode) for name, mode in modes.items()} == {
        name: oct(mode) for name, mode in expected.items()
    }
    # Only a full log is rotated, by several processes.
    assert never_made <= {"logs/.retailxai.log.lock"}
