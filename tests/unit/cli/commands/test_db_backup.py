"""`db backup`, `db verify`, `db restore`: what is asked for, what is said, where a passphrase
comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from cli.archive_views import BackupWish, UpgradeView, UpgradeWish
from cli.exit_codes import ExitCode
from settings import Settings, load
from storage.archive_errors import Damaged, Differs, Locked, NotEmpty, WrongPassphrase
from tests.unit.cli.fakes import FakeDoor, typed

WORDS = "correct horse battery"


def wished(door: FakeDoor) -> BackupWish:
    (kind, wish) = door.moved[-1]
    assert kind == "backup"
    assert isinstance(wish, BackupWish)
    return wish


def test_a_backup_goes_to_the_folder_of_the_settings_unless_one_is_named(tmp_path: Path) -> None:
    door = FakeDoor()
    shown = typed("db backup", door=door)
    assert shown.code == ExitCode.DONE
    assert wished(door) == BackupWish(None, is_folder=True)
    assert "a.zip: 9.0 kB, verified, in 7.0 s." in shown.out
    assert "56 documents (7.8 MB), 1,234 rows of 30 tables, schema 0007" in shown.out
    assert "restored into a database of its own and compared" in shown.out
    typed(f"db backup {tmp_path} --keep 3", door=door)
    assert wished(door) == BackupWish(tmp_path, is_folder=True, keep=3)
    typed("db backup new/ --force", door=door)
    assert wished(door) == BackupWish(Path("new"), is_folder=True, force=True)
    typed("db backup one.zip", door=door)
    assert wished(door) == BackupWish(Path("one.zip"))
    said = typed("db backup --json", door=door).json
    assert (said["backup"]["rows"], said["is_sealed"], said["removed"]) == (1234, False, [])


def test_what_went_and_what_is_odd_is_said() -> None:
    door = FakeDoor()
    door.backup_view = replace(
        door.backup_view,
        removed=("old.zip",),
        not_recorded="its schema is 0007",
        backup=replace(door.backup_view.backup, rotten=2),
    )
    shown = typed("db backup", door=door)
    assert "Removed old.zip." in shown.out
    assert "the database does not know of it: its schema is 0007" in shown.err
    assert "2 document(s) are not what they were" in shown.err


def test_a_passphrase_comes_from_a_file_or_the_settings(tmp_path: Path) -> None:
    """And is on no command line, in no output."""
    file, door = tmp_path / "words", FakeDoor()
    file.write_text(f"{WORDS}\n")
    shown = typed(f"db backup --passphrase-file {file}", door=door)
    assert wished(door).passphrase == WORDS
    assert WORDS not in shown.out + shown.err

    def settings() -> Settings:
        return load({"RETAILXAI_BACKUP_PASSPHRASE": "another horse battery"})

    door = FakeDoor(settings=settings)
    typed("db backup", door=door)
    assert wished(door).passphrase == "another horse battery"
    typed("db verify a.zip", door=door)
    assert door.moved[-1] == ("verify", "a.zip", "another horse battery")
    typed(f"db restore a.zip --passphrase-file {file}", door=door)
    assert door.moved[-1] == ("restore", "a.zip", WORDS)


@pytest.mark.parametrize(
    ("words", "line", "said"),
    [
        ("short", "db backup --passphrase-file {}", "fewer than 12 characters"),
        ("", "db backup --passphrase-file {}", "holds no passphrase"),
        ("x", "db verify a.zip --passphrase-file {}.none", "No such file"),
        ("x", "db backup --encrypt", "nobody to ask"),
    ],
)
def test_a_passphrase_that_is_none(tmp_path: Path, words: str, line: str, said: str) -> None:
    file, door = tmp_path / "words", FakeDoor()
    file.write_text(words)
    shown = typed(f"{line.format(file)} --json", door=door)
    assert shown.code == ExitCode.REFUSED
    assert shown.error["code"] == "passphrase"
    assert said in shown.error["message"]
    assert door.moved == []


def test_a_restore_says_what_it_means() -> None:
    shown = typed("db restore a.zip", door=FakeDoor())
    assert shown.code == ExitCode.DONE
    assert "box/db: 56 documents (7.8 MB), 1,234 rows of 30 tables" in shown.out
    assert "Brought from schema 0007 to 0008." in shown.out
    assert "single questions are paid for again" in shown.out
    assert "1 on their way, 3 waiting to be sent" in shown.out
    assert "nothing works on the old database" in shown.err


def test_an_upgrade_says_what_it_kept(tmp_path: Path) -> None:
    file, door = tmp_path / "words", FakeDoor()
    file.write_text(WORDS)
    line = f"db upgrade --old-binaries pg15 --leave-others --drop-old --passphrase-file {file}"
    shown = typed(line, door=door)
    assert shown.code == ExitCode.DONE
    assert door.moved == [("upgrade", UpgradeWish(Path("pg15"), True, True, WORDS))]
    assert "data/postgres: from PostgreSQL 15 to 18, in 7.0 s." in shown.out
    assert "each read back and compared; a.zip is a backup" in shown.out
    assert "Kept: data/postgres.old-15" in shown.out
    door.upgrade_view = UpgradeView("data/postgres", 18, 18, dropped=("data/postgres.old-15",))
    shown = typed("db upgrade", door=door)
    assert door.moved[-1] == ("upgrade", UpgradeWish())
    assert "is of PostgreSQL 18 already" in shown.out
    assert "Removed data/postgres.old-15" in shown.out
    assert typed("db upgrade --json", door=door).json["before"] == 18


@pytest.mark.parametrize(
    ("error", "name"),
    [
        (Damaged("a.zip is no export"), "damaged"),
        (Differs("a.zip: read back"), "differs"),
        (Locked("a.zip is encrypted"), "locked"),
        (WrongPassphrase("another"), "wrong_passphrase"),
        (NotEmpty("it is not empty"), "not_empty"),
    ],
)
def test_a_refusal_has_a_name(error: Exception, name: str) -> None:
    for verb in ("verify", "restore"):
        door = FakeDoor()
        door.desk.raises = error
        shown = typed(f"db {verb} a.zip --json", door=door)
        assert shown.code == ExitCode.REFUSED
        assert shown.error["code"] == name


@pytest.mark.parametrize(
    "line",
    ["db verify", "db restore", "db backup a b", "db backup a.zip --keep 3", "db backup --keep x",
     "db verify a.zip --force", "db bakcup"],
)  # fmt: skip
def test_wrong_command_lines(line: str) -> None:
    door = FakeDoor()
    assert typed(line, door=door).code == ExitCode.USAGE
    assert door.moved == []
