"""The steps of an installation: each looks without changing, changes once, and then is right."""

from __future__ import annotations

import argparse
import json
import subprocess
from pathlib import Path

import pytest

from deploy.failures import CONFIGURATION, REFUSED, USAGE, Failure
from deploy.machine.places import UNITS, Places
from deploy.machine.program import Program, environment_of
from deploy.machine.releases import MARK, Releases, source
from deploy.machine.service import Nobody, Script, choose
from deploy.options import ROOT, credentials_of
from deploy.steps.base import Step
from deploy.steps.configuration import CredentialsStep, EnvironmentStep, UnitsStep
from deploy.steps.database import DatabaseStep
from deploy.steps.ground import AccountStep, FoldersStep
from deploy.steps.release import CodeStep, CurrentStep

SECRET = b"gsk_" + b"Only1nTests" * 5


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "machine")
    FoldersStep(made).apply()
    return made


def program_in(folder: Path, version: str = "1.2.3") -> Path:
    (folder / "bootstrap").mkdir(parents=True)
    (folder / "bootstrap/version.py").write_text(f'VERSION = "{version}"\n')
    (folder / "storage/migrations/versions").mkdir(parents=True)
    (folder / "storage/migrations/versions/rev_0016_it.py").write_text("revision = '0016'\n")
    (folder / "main.py").write_text("print('it')\n")
    (folder / "retailxai.service").write_text("[Service]\nLoadCredential=GROQ_API_KEY:x\n")
    return folder


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=T", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    done = subprocess.run(
        ["git", *who, "-C", str(folder), *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def listing(root: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(root)): (
            path.lstat().st_mode,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in sorted(root.rglob("*"))
    }


def done_once(step: Step, root: Path) -> None:
    """The promise of every step."""
    before = listing(root)
    assert not step.look().is_right
    assert listing(root) == before, "a look changes nothing"
    step.apply()
    after = listing(root)
    assert step.look().is_right, step.look()
    step.apply()
    assert listing(root) == after, "done twice is done once"


def test_folders(tmp_path: Path) -> None:
    """With the modes that keep others out, mended when somebody has opened them."""
    places = Places(tmp_path)
    step = FoldersStep(places)
    done_once(step, tmp_path)
    assert places.state.stat().st_mode & 0o777 == 0o700
    places.credentials.chmod(0o755)
    assert "/etc/credstore" in step.look().wanted
    step.apply()
    assert places.credentials.stat().st_mode & 0o777 == 0o700
    assert AccountStep(places).look().is_right, "no account is made for a tree"


def test_a_link_in_the_place_of_a_folder_gives_nothing_away(places: Places, tmp_path: Path) -> None:
    """The service owns its state, and could lay one there that leads to what is root's."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o755)
    places.backups.rmdir()
    places.backups.symlink_to(elsewhere)
    step = FoldersStep(places)
    assert not step.look().is_right
    with pytest.raises(Failure, match="no link") as refusal:
        step.apply()
    assert refusal.value.code == REFUSED
    assert elsewhere.stat().st_mode & 0o777 == 0o755


def test_an_installation_by_hand_is_not_built_over(places: Places) -> None:
    (places.program / "main.py").touch()
    with pytest.raises(Failure, match="by hand") as refusal:
        FoldersStep(places).look()
    assert refusal.value.code == REFUSED


def test_code_of_a_checkout_is_its_head(places: Places, tmp_path: Path) -> None:
    """Named by version and commit; what is not committed is not in it, and that is said."""
    checkout = program_in(tmp_path / "checkout")
    git(checkout, "init", "-q")
    git(checkout, "add", ".")
    git(checkout, "commit", "-qm", "One")
    (checkout / "main.py").write_text("print('changed')\n")
    (checkout / "bootstrap/version.py").chmod(0o755)
    code, releases = source(checkout), Releases(places)
    name = code.name()
    assert name == f"1.2.3-{git(checkout, 'rev-parse', 'HEAD')[:12]}"
    step = CodeStep(releases, code, name)
    assert "2 changed files" in step.look().wanted
    step.apply()
    assert step.look().is_right
    laid = releases.folder(name)
    assert (laid / "main.py").read_text() == "print('it')\n"
    assert not (laid / ".git").exists()
    modes = {path.stat().st_mode & 0o777 for path in laid.rglob("*") if path.is_file()}
    assert modes == {0o644}
    assert json.loads((laid / MARK).read_text())["schema"] == "0016"
    assert source(laid).name() == name, "a release knows its own name"


def test_code_of_a_folder_is_as_it_lies_there(places: Places, tmp_path: Path) -> None:
    """Named by its content; what was made by working in it stays out, wherever it was made."""
    folder = program_in(tmp_path / "folder")
    (folder / "run.sh").write_text("true\n")
    (folder / "run.sh").chmod(0o755)
    name = source(folder).name()
    for made in ("data/postgres/x", ".venv/x", "bootstrap/__pycache__/x", ".env", "logs/x"):
        (folder / made).parent.mkdir(parents=True, exist_ok=True)
        (folder / made).write_text("secret")
    (folder / "earnings/reports").mkdir(parents=True)
    assert source(folder).name() == name
    (folder / "earnings/reports/weekly.py").write_text("")
    changed = source(folder).name()
    assert changed != name
    releases = Releases(places)
    releases.lay(source(folder), changed)
    laid = releases.folder(changed)
    assert "secret" not in {path.read_text() for path in laid.rglob("*") if path.is_file()}
    assert (laid / "earnings/reports/weekly.py").exists()
    assert (laid / "run.sh").stat().st_mode & 0o111


def test_a_release_that_was_interrupted_is_no_release(places: Places, tmp_path: Path) -> None:
    releases, folder = Releases(places), program_in(tmp_path / "folder")
    name = source(folder).name()
    part = places.releases / f".{name}.part"
    part.mkdir()
    (part / "main.py").write_text("half")
    (part / "old.py").write_text("half")
    assert releases.laid() == []
    releases.lay(source(folder), name)
    assert releases.laid() == [name]
    assert not (releases.folder(name) / "old.py").exists()


def test_the_only_one_that_knows_the_schema_is_kept(places: Places, tmp_path: Path) -> None:
    """Gone back from, it alone can back up what it has migrated."""
    releases = Releases(places)
    names = {}
    for version, schema in (("1.0", "0016"), ("1.1", "0016"), ("1.2", "0017"), ("1.3", "0016")):
        folder = program_in(tmp_path / version, version)
        (folder / f"storage/migrations/versions/rev_{schema}_it.py").touch()
        names[version] = source(folder).name()
        releases.lay(source(folder), names[version])
        (releases.folder(names[version]) / ".venv/bin").mkdir(parents=True)
        (releases.folder(names[version]) / ".venv/bin/python").touch()
    releases.switch(names["1.3"])
    releases.remember(names["1.1"])
    assert releases.with_newest_schema(names["1.3"]) == names["1.2"]
    assert releases.prune() == [names["1.0"]]
    assert releases.laid() == [names[one] for one in ("1.1", "1.2", "1.3")]


def test_only_the_program_can_be_a_source(tmp_path: Path) -> None:
    with pytest.raises(Failure) as refusal:
        source(tmp_path)
    assert refusal.value.code == CONFIGURATION


def test_the_link_is_turned_by_upgrade_alone(places: Places) -> None:
    releases = Releases(places)
    done_once(CurrentStep(releases, "1-a"), places.root)
    with pytest.raises(Failure, match="1-a is installed") as refusal:
        CurrentStep(releases, "1-b").look()
    assert refusal.value.code == REFUSED


def test_the_environment_is_written_once(places: Places) -> None:
    """What a person makes of it stays."""
    step = EnvironmentStep(places, embedded=True)
    done_once(step, places.root)
    assert places.environment.stat().st_mode & 0o777 == 0o640
    assert environment_of(places.environment) == {"RETAILXAI_ALLOW_EMBEDDED": "1"}
    places.environment.write_text("A=1\n")
    assert EnvironmentStep(places, embedded=False).look().is_right
    assert places.environment.read_text() == "A=1\n"


def test_credentials_are_kept_and_never_shown(places: Places) -> None:
    step = CredentialsStep(places, {"GROQ_API_KEY": SECRET})
    assert SECRET.decode() not in f"{step} {step.look()}"
    done_once(step, places.root)
    file = places.credential("GROQ_API_KEY")
    assert (file.read_bytes(), file.stat().st_mode & 0o777) == (SECRET, 0o600)
    file.chmod(0o644)
    step.apply()
    assert file.stat().st_mode & 0o777 == 0o600
    assert CredentialsStep(places).look().found == "GROQ_API_KEY"


def test_unit_files_are_the_releases(places: Places) -> None:
    """As shipped, also over ones that were changed: what is one's own belongs into a drop-in."""
    step = UnitsStep(places, ROOT, Nobody())
    done_once(step, places.root)
    laid = places.units / UNITS[0]
    laid.write_text(laid.read_text() + "# changed\n")
    assert UNITS[0] in step.look().wanted
    step.apply()
    assert laid.read_bytes() == (ROOT / UNITS[0]).read_bytes()


def database(places: Places, **more: bool) -> DatabaseStep:
    program = Program(places, places.releases)
    return DatabaseStep(
        places, program, None, more.get("embedded", False), more.get("given", False)
    )


def test_which_database_must_be_said(places: Places) -> None:
    """By one of four ways; guessing one would be found out when the data is elsewhere."""
    with pytest.raises(Failure, match="which PostgreSQL") as refusal:
        database(places).look()
    assert refusal.value.code == CONFIGURATION
    assert "embedded" in database(places, embedded=True).look().found
    assert database(places, given=True).look().is_right
    places.environment.write_text("RETAILXAI_ALLOW_EMBEDDED=yes\n")
    assert database(places).look().is_right
    places.environment.write_text("")
    places.credential("DATABASE_URL").write_bytes(b"postgresql://x\n")
    assert database(places).look().is_right


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("A=1\nB=two words\n", {"A": "1", "B": "two words"}),
        ("# A=1\n;B=2\n\n  C=3  \n", {"C": "3"}),
        ('A="quoted " \nB=\'x\'\nC="\nD=\n', {"A": "quoted ", "B": "x", "C": '"', "D": ""}),
        ("export A=1\n9=x\nnonsense\n", {}),
    ],
)
def test_an_environment_file_is_read_as_systemd_reads_it(
    text: str, read: dict[str, str], tmp_path: Path
) -> None:
    file = tmp_path / "environment"
    file.write_text(text)
    assert environment_of(file) == read


def test_the_program_runs_as_its_unit_has_it(tmp_path: Path) -> None:
    """The unit's environment, then the file's, then the folders, below the root."""
    places = Places(tmp_path)
    FoldersStep(places).apply()
    places.environment.write_text("APP_ENV=development\nSEC_CONTACT=A b@c.de\n")
    environ = Program(places, ROOT).environ()
    assert environ["APP_ENV"] == "development"
    assert environ["SEC_CONTACT"] == "A b@c.de"
    assert environ["STATE_DIRECTORY"] == str(tmp_path / "var/lib/retailxai")
    assert environ["RETAILXAI_REPORTS_DIR"] == str(tmp_path / "var/lib/retailxai/reports")


def options(**given: object) -> argparse.Namespace:
    return argparse.Namespace(**{"source": ROOT, "credential": [], "ask": [], **given})


def test_secrets_come_out_of_files(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_bytes(SECRET + b"\n\n")
    given = credentials_of(options(credential=[f"GROQ_API_KEY={file}"]))
    assert given == {"GROQ_API_KEY": SECRET + b"\n"}


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"credential": ["GROQ_KEY=x"]}, "did you mean GROQ_API_KEY"),
        ({"credential": ["GROQ_API_KEY"]}, "no file"),
        ({"credential": ["GROQ_API_KEY=/dev/null"]}, "empty"),
        ({"ask": ["GROQ_API_KEY"]}, "no terminal"),
    ],
)
def test_secrets_that_cannot_be_had(given: dict[str, object], words: str) -> None:
    with pytest.raises(Failure, match=words) as refusal:
        credentials_of(options(**given))
    assert refusal.value.code == USAGE


def test_who_keeps_it_running(places: Places, tmp_path: Path) -> None:
    """Nobody in a tree; a program that is named; one that is not there is a slip."""
    assert choose(places, no_systemd=False, script=None) == Nobody()
    keeper = tmp_path / "keeper"
    keeper.write_text('#!/bin/sh\ntest "$1" = status && exit 3\necho "no room" >&2\nexit 1\n')
    keeper.chmod(0o755)
    service = choose(places, no_systemd=True, script=keeper)
    assert isinstance(service, Script)
    assert not service.is_active()
    with pytest.raises(Failure, match="no room"):
        service.start()
    with pytest.raises(Failure, match="no such program"):
        choose(places, no_systemd=True, script=tmp_path / "nothing")
