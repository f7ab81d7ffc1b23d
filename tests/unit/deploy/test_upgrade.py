"""deploy.upgrading: killed before or after any step, the next run goes on or goes back."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, cast

import pytest

from deploy.failures import REFUSED, Failure
from deploy.machine import files
from deploy.machine.places import Places
from deploy.machine.program import Program
from deploy.machine.releases import MARK, Releases
from deploy.steps.way_back import WayBackStep
from deploy.upgrading import health
from deploy.upgrading.health import Verdict
from deploy.upgrading.journal import Journal, JournalFile, Phase
from deploy.upgrading.upgrade import Upgrade

OLD, NEW, OLDEST = "0.1.0-old", "0.2.0-new", "0.0.9-oldest"
VERSIONS = "storage/migrations/versions"


class Killed(BaseException):
    """As a kill -9: nothing of the program runs after it."""


@dataclass
class Ground:
    """A machine with a release that runs, and a count of everything that changes it."""

    root: Path
    running: str | None = OLD
    schema: str = "0015"
    backups: int = 0
    sick: set[str] = field(default_factory=set)
    effects: int = 0
    kill_at: int | None = None

    def effect(self, change: Callable[[], Any]) -> Any:
        """Killed before the change at even numbers, after it at odd ones."""
        at = self.effects
        self.effects += 1
        if self.kill_at == 2 * at:
            raise Killed
        answer = change()
        if self.kill_at == 2 * at + 1:
            raise Killed
        return answer


@dataclass
class FakeService:
    """It keeps running whatever release was current when it was started."""

    ground: Ground
    places: Places
    who: str = "a double"
    supervises: bool = True

    def is_active(self) -> bool:
        return self.ground.running is not None

    def is_enabled(self) -> bool:
        return True

    def enable(self) -> None: ...

    def forget(self) -> None: ...

    def reread(self) -> None: ...

    def start(self) -> None:
        self.ground.effect(lambda: self._run(Releases(self.places).current()))

    def stop(self) -> None:
        self.ground.effect(lambda: self._run(None))

    def _run(self, release: str | None) -> None:
        self.ground.running = release


@dataclass
class FakeProgram:
    ground: Ground
    release: Path

    def run(self, *arguments: str, **_: object) -> subprocess.CompletedProcess[str]:
        if arguments[:2] == ("db", "backup"):
            self.ground.effect(lambda: self._save(Path(arguments[2])))
        return subprocess.CompletedProcess(arguments, 0, "fine\n", "")

    def must(self, *arguments: str, fix: str) -> str:
        assert arguments == ("db", "migrate")
        self.ground.effect(self._migrate)
        return "migrated\n"

    def _save(self, file: Path) -> None:
        assert self.ground.schema == "0015", "the backup is of the schema before"
        file.write_bytes(b"all")
        self.ground.backups += 1

    def _migrate(self) -> None:
        assert self.ground.backups, "no migration without a backup"
        self.ground.schema = "0016"


@pytest.fixture
def ground(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ground:
    made = Ground(tmp_path)
    places = Places(tmp_path)
    places.backups.mkdir(parents=True)
    for name, schema in ((OLDEST, "0014"), (OLD, "0015"), (NEW, "0016")):
        folder = places.releases / name
        (folder / VERSIONS).mkdir(parents=True)
        (folder / VERSIONS / f"rev_{schema}_it.py").write_text(f'revision = "{schema}"\n')
        (folder / ".venv/bin").mkdir(parents=True)
        (folder / ".venv/bin/python").touch()
        (folder / MARK).write_text("{}")
    Releases(places).switch(OLD)
    Releases(places).remember(OLDEST)
    for name in ("write", "point", "remove"):
        real = getattr(files, name)
        monkeypatch.setattr(
            files, name, lambda *args, real=real, **more: made.effect(lambda: real(*args, **more))
        )

    def judged(program: FakeProgram, service: object, within_s: float) -> Verdict:
        name = program.release.name
        return Verdict(made.running == name and name not in made.sick, "seen")

    monkeypatch.setattr(health, "wait_until_well", judged)
    return made


def upgrade(ground: Ground, **more: Any) -> Upgrade:
    places = Places(ground.root)

    class Doubled(Upgrade):
        def program(self, release: str) -> Program:
            return cast("Program", FakeProgram(ground, places.releases / release))

    service = FakeService(ground, places)
    return Doubled(places, Releases(places), service, False, (), **more)


def run(ground: Ground) -> int:
    """As the verb does it."""
    going = upgrade(ground)
    found = going.journal.read()
    if found is not None and found.phase is Phase.UNDOING:
        return 0 if going.undo(found) else 1
    if found is None and going.releases.current() == NEW:
        return 0
    was = going.releases.current() or ""
    way_back = WayBackStep(going.releases, was, NEW, going.gives_up_return)
    return going.run(going.begin(NEW), [way_back])


def kills(ground: Ground, act: Callable[[Ground], object], again: Callable[[], None]) -> int:
    """Kill `act` at every place, and let `again` see to it each time; how many places."""
    for place in count():
        ground.kill_at, ground.effects = place, 0
        try:
            act(ground)
        except Killed:
            ground.kill_at = None
            again()
        else:
            return place
    raise AssertionError("unreachable")


def reset(ground: Ground) -> None:
    ground.kill_at = None
    ground.running, ground.schema, ground.backups = OLD, "0015", 0
    places = Places(ground.root)
    JournalFile(places.journal).close()
    for name in (OLDEST, NEW):
        if not (places.releases / name).exists():
            (places.releases / name / ".venv").mkdir(parents=True)
            (places.releases / name / MARK).write_text("{}")
    if not (places.releases / NEW / VERSIONS).exists():
        (places.releases / NEW / VERSIONS).mkdir(parents=True)
        (places.releases / NEW / VERSIONS / "rev_0016_it.py").write_text('revision = "0016"\n')
    Releases(places).switch(OLD)
    Releases(places).remember(OLDEST)
    for file in places.backups.iterdir():
        file.unlink()


def stands(ground: Ground) -> tuple[str | None, str | None, str | None, bool]:
    releases = Releases(Places(ground.root))
    is_open = Places(ground.root).journal.exists()
    return ground.running, releases.current(), releases.former(), is_open


def test_it_goes_from_the_old_to_the_new(ground: Ground) -> None:
    """And what is neither current nor former is away."""
    assert run(ground) == 0
    assert stands(ground) == (NEW, NEW, OLD, False)
    assert (ground.schema, ground.backups) == ("0016", 1)
    assert Releases(Places(ground.root)).laid() == [OLD, NEW]


def test_killed_anywhere_it_is_finished_by_the_next(ground: Ground) -> None:
    def finished() -> None:
        assert run(ground) == 0
        assert stands(ground) == (NEW, NEW, OLD, False)
        assert ground.schema == "0016"
        reset(ground)

    assert kills(ground, run, finished) > 20


def test_killed_anywhere_it_is_undone_by_a_rollback(ground: Ground) -> None:
    """Back to where it began, the former release included; unless it had ended."""

    def undone() -> None:
        going = upgrade(ground)
        found = going.journal.read()
        if found is not None:
            assert going.undo(found)
            assert stands(ground) == (OLD, OLD, OLDEST, False)
        else:
            assert ground.running in (OLD, NEW)
        reset(ground)

    assert kills(ground, run, undone) > 20


def test_a_sick_release_is_replaced_by_the_old_one(ground: Ground) -> None:
    """Killed in the middle of that too."""
    ground.sick = {NEW}
    assert run(ground) == 1
    assert stands(ground) == (OLD, OLD, OLDEST, False)
    reset(ground)

    def back() -> None:
        for _ in range(2):  # one that was killed before the switch fails, and goes back, now
            if stands(ground)[3] or stands(ground)[1] != OLD:
                run(ground)
        assert stands(ground) == (OLD, OLD, OLDEST, False)
        reset(ground)

    assert kills(ground, run, back) > 20


def test_a_rollback_leads_to_the_former_and_not_further(ground: Ground) -> None:
    assert run(ground) == 0
    assert upgrade(ground).back() == 0
    assert stands(ground) == (OLD, OLD, None, False)
    with pytest.raises(Failure, match="no former release") as refusal:
        upgrade(ground).back()
    assert refusal.value.code == REFUSED


def test_a_rollback_is_killed_anywhere(ground: Ground) -> None:
    assert run(ground) == 0

    def back(one: Ground) -> int:
        return upgrade(one).back()

    def finished() -> None:
        going = upgrade(ground)
        found = going.journal.read()
        if found is not None:
            assert going.undo(found)
        elif going.releases.current() == NEW:
            assert going.back() == 0
        assert stands(ground) == (OLD, OLD, None, False)
        reset(ground)
        assert run(ground) == 0

    assert kills(ground, back, finished) > 8


def test_what_takes_away_is_refused_before_anything_is_touched(ground: Ground) -> None:
    """The old release could not be gone back to; unless a person says that it need not."""
    revision = Places(ground.root).releases / NEW / VERSIONS / "rev_0016_it.py"
    revision.write_text('revision = "0016"\nworks_from = "0016"\n')
    with pytest.raises(Failure, match="nothing could go back") as refusal:
        run(ground)
    assert refusal.value.code == REFUSED
    assert stands(ground) == (OLD, OLD, OLDEST, False)
    assert (ground.schema, ground.backups) == ("0015", 0)
    told = upgrade(ground, gives_up_return=True)
    assert told.run(told.begin(NEW), [WayBackStep(told.releases, OLD, NEW, True)]) == 0
    assert stands(ground)[:2] == (NEW, NEW)


def test_a_program_from_before_the_rule_cannot_be_gone_back_to(ground: Ground) -> None:
    Releases(Places(ground.root)).switch(OLDEST)
    with pytest.raises(Failure, match="schema 0014"):
        run(ground)


def test_an_unfinished_one_is_not_mixed_with_another(ground: Ground) -> None:
    journal = JournalFile(Places(ground.root).journal)
    journal.write(Journal(was=OLD, to="0.3.0-other", former=None, phase=Phase.SAVED))
    with pytest.raises(Failure, match=r"to 0\.3\.0-other is unfinished") as refusal:
        run(ground)
    assert refusal.value.code == REFUSED
    assert ground.running == OLD


def test_a_journal_that_cannot_be_read_is_no_journal_to_act_on(ground: Ground) -> None:
    Places(ground.root).journal.write_text('{"was": "a", "phase": "dreamt"}')
    with pytest.raises(Failure, match="cannot be read"):
        run(ground)
