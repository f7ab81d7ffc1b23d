"""The drills of docs/runbook.md: every line after `$` is run, in the page's order, on a house in
which that has happened, and prints what the page says."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeHouse
from tests.acceptance.installation import Installation
from tests.acceptance.processes import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
DRILLS = PAGE.partition("\n# Drills\n")[2]
PROGRAM = "python main.py "
BAD_OUTCOME = 1
LOST = "The database is lost"

ASKED = """
insert into paid_call (id, provider, model, prompt_version, sha256, state, owner, estimate_usd,
                       begun_at)
overriding system value
select 12 + n, 'claude', 'claude-sonnet-4-5', '1', encode(sha256(n::text::bytea), 'hex'),
       'intent', 'ex-1', 0.07, now() - interval '2 hours'
  from generate_series(0, 1) n returning id
"""
IN_DOUBT = "update paid_call set state = 'in_doubt', reason = 'its process died' returning id"
POISON = """
insert into dead_letter (id, service, kind, key, cause, error, attempts)
overriding system value
select 12, 'edgar', 'document', id::text, 'poison', 'edgar: 403: Forbidden', 6
  from document order by id limit 1 returning id
"""


@dataclass
class Step:
    command: str
    shown: list[str] = field(default_factory=list)


def drills() -> dict[str, list[Step]]:
    """Those that have something to run, by their headings."""
    parts = re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", DRILLS, re.MULTILINE | re.DOTALL)
    return {name: found for name, part in parts if (found := steps(part))}


def steps(part: str) -> list[Step]:
    found: list[Step] = []
    for block in re.findall(r"^```console\n(.*?)^```$", part, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith("$ "):
                found.append(Step(line[2:]))
            elif line:
                found[-1].shown.append(line)
    return found


def pattern(line: str) -> re.Pattern[str]:
    """`…` is anything; how far apart words stand is the table's."""
    words = [r"\s+".join(map(re.escape, part.split())) for part in line.split("…")]
    return re.compile(r"\s*.*?\s*".join(words))


class Drill:
    """A house, and what the page calls FOLDER and FILE."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._folder = house.folder / "elsewhere"
        self._folder.mkdir()

    def do(self, step: Step) -> None:
        words = [self._named(word) for word in shlex.split(step.command)]
        if not step.command.startswith(PROGRAM):
            ended = self._house.start(*words[1:], program=(words[0],)).ended()
        else:
            ended = self._house.run(*words[2:])
        assert ended.code in (0, BAD_OUTCOME), ended.said
        assert "Traceback" not in ended.err
        for line in step.shown:
            assert pattern(line).search(ended.out), f"{step.command}: {line!r} in {ended.said}"

    def _named(self, word: str) -> str:
        if word == "FILE":
            (file,) = self._folder.glob("*.zip")
            return str(file)
        return str(self._folder) if word == "FOLDER" else word


def test_the_page_has_all_that_is_to_be_drilled() -> None:
    """Not a test of nothing: the words of the steps that matter are there."""
    commands = [step.command for drill in drills().values() for step in drill]
    for wanted in ("paid drop 13", "paid retry 12", "breakers hold", "db backup", "db restore"):
        assert any(f"{PROGRAM}{wanted}" in one for one in commands)
    assert len(commands) >= 20


def as_on_the_day(house: Installation) -> None:
    """Calls in doubt, a letter for a person, a scan that ran."""
    assert house.run("scan").code == 0
    assert len(house.rows(ASKED)) == len(house.rows(IN_DOUBT)) == 2
    assert len(house.rows(POISON)) == 1


@pytest.mark.parametrize("name", [name for name in drills() if name != LOST])
def test_a_drill_does_what_the_page_says(house: Installation, name: str) -> None:
    """Each on a house of its own."""
    as_on_the_day(house)
    drill = Drill(house)
    for step in drills()[name]:
        drill.do(step)


def test_a_lost_database_comes_back(own_house: MakeHouse) -> None:
    """The embedded one, whose folder is put aside: as many documents as before."""
    house = own_house()
    as_on_the_day(house)
    before = house.counts()
    drill = Drill(house)
    for step in drills()[LOST]:
        eventually(lambda: house.postmaster() is None, "nobody uses the database")
        drill.do(step)
    assert house.counts() == before
