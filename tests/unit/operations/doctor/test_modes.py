"""Modes: what is too open is found and closed, what is another's is left alone."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from operations.doctor import modes
from operations.doctor.findings import NotRepaired, Row, Verdict
from operations.doctor.modes import Folder

ME = os.geteuid()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def made(path: Path, permissions: int) -> Path:
    path.write_text("ANTHROPIC_API_KEY=x")
    path.chmod(permissions)
    return path


def repair(row: Row) -> None:
    assert row.repair is not None
    row.repair.do()


def test_folders_that_are_as_they_should_be_are_one_row(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(mode=0o755)
    (row,) = modes.folders([Folder("data", tmp_path / "data")])

    assert row.verdict is Verdict.OK
    assert str(tmp_path / "data") in row.found


def test_a_folder_everybody_may_write_to_is_closed(tmp_path: Path) -> None:
    """To strangers' and the group's pen; an account whose database lies below still passes."""
    folder = tmp_path / "data"
    folder.mkdir()
    folder.chmod(0o777)
    (row,) = modes.folders([Folder("data", folder)])
    assert row.verdict is Verdict.BAD
    assert f"chmod 0755 {folder}" in row.fix

    repair(row)

    assert mode(folder) == 0o755
    (row,) = modes.folders([Folder("data", folder)])
    assert row.verdict is Verdict.OK


def test_a_folder_that_is_not_there_is_made_only_by_a_repair(tmp_path: Path) -> None:
    """Looking makes nothing: root would make it for root."""
    folder = tmp_path / "inbox"
    (row,) = modes.folders([Folder("inbox", folder)])
    assert row.verdict is Verdict.NOT_APPLICABLE
    assert not folder.exists()

    repair(row)

    assert mode(folder) == 0o750


def test_what_is_not_ours_to_make_is_not_made(tmp_path: Path) -> None:
    """Another user's, the database's own, and one whose place is not there either."""
    (row,) = modes.folders([Folder("inbox", tmp_path / "inbox")], me=ME + 1)
    assert row.repair is None
    (row,) = modes.folders([Folder("data", tmp_path / "data")])
    assert row.repair is None
    (row,) = modes.folders([Folder("inbox", tmp_path / "data" / "inbox")])
    assert row.repair is None


def test_a_file_in_the_place_of_a_folder(tmp_path: Path) -> None:
    (row,) = modes.folders([Folder("log", made(tmp_path / "logs", 0o600))])

    assert row.verdict is Verdict.BAD
    assert "is no folder" in row.found


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (0o644, 0o640, "everybody on this machine may read it"),
        (0o666, 0o640, "everybody on this machine may read it"),
        (0o604, 0o600, "everybody on this machine may read it"),
        (0o660, 0o640, "its group may change it"),
    ],
)
def test_an_open_secret_file_is_closed(tmp_path: Path, before: int, after: int, said: str) -> None:
    """By the least that closes it."""
    path = made(tmp_path / ".env", before)
    (row,) = modes.secret_files({path: "ANTHROPIC_API_KEY"}, {})
    assert row.verdict is Verdict.BAD
    assert said in row.found
    assert "ANTHROPIC_API_KEY" in row.found

    repair(row)

    assert mode(path) == after
    (row,) = modes.secret_files({path: "ANTHROPIC_API_KEY"}, {})
    assert row.verdict is Verdict.OK


@pytest.mark.parametrize("permissions", [0o600, 0o640, 0o400])
def test_closed_secret_files_are_well(tmp_path: Path, permissions: int) -> None:
    """The service's group may read what root wrote for it."""
    path = made(tmp_path / "environment", permissions)

    assert modes.secret_files({path: "x"}, {})[0].verdict is Verdict.OK


def test_anothers_file_is_told_and_left(tmp_path: Path) -> None:
    """Its owner has to close it."""
    path = made(tmp_path / ".env", 0o644)
    (row,) = modes.secret_files({path: "x"}, {}, me=ME + 1)

    assert row.verdict is Verdict.BAD
    assert row.repair is None


def test_what_cannot_be_read_is_no_finding(tmp_path: Path) -> None:
    """But is not passed over in silence."""
    credentials = Path("/etc/credstore")
    rows = modes.secret_files({}, {credentials: "ask as root"})

    assert [row.verdict for row in rows] == [Verdict.NOT_APPLICABLE]
    assert "ask as root" in rows[0].found


def test_only_the_very_file_that_was_judged_is_changed(tmp_path: Path) -> None:
    """A link put in its place meanwhile leads nowhere."""
    path = made(tmp_path / ".env", 0o644)
    (row,) = modes.secret_files({path: "x"}, {})
    other = made(tmp_path / "other", 0o644)
    path.unlink()
    path.symlink_to(other)

    with pytest.raises(NotRepaired, match="another file"):
        repair(row)
    assert mode(other) == 0o644


def test_log_files_are_closed_to_strangers(tmp_path: Path) -> None:
    """Also those that were rotated away."""
    made(tmp_path / "retailxai.log", 0o640)
    rotated = made(tmp_path / "retailxai.log.1", 0o644)
    (row,) = modes.log_files(tmp_path, "retailxai.log")
    assert row.verdict is Verdict.BAD

    repair(row)

    assert mode(rotated) == 0o640
    assert modes.log_files(tmp_path, "retailxai.log")[0].verdict is Verdict.OK


def test_a_log_that_root_left_in_the_services_folder_is_told(tmp_path: Path) -> None:
    """The daemon could not write it; a person decides whose it is."""
    row = modes.misplaced(tmp_path / "retailxai.log", 0, 65534)

    assert row is not None
    assert row.verdict is Verdict.BAD
    assert "who cannot write it" in row.found
    assert row.repair is None
    assert modes.misplaced(tmp_path / "retailxai.log", 65534, 65534) is None
