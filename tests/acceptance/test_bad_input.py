"""Wrong configurations, folders without rights, disks without room."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.acceptance.conftest import NOBODY, MakeHouse
from tests.acceptance.installation import Installation
from tests.acceptance.papers import release

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

SMALL_DISK = "250m"


@pytest.fixture
def small_disk(fast_path: Path) -> Iterator[Path]:
    """A file system with little room."""
    folder = fast_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "tmpfs", str(folder)]
    if os.geteuid() != 0 or subprocess.run(mount, capture_output=True).returncode != 0:
        pytest.skip("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(path: Path) -> None:
    """Until there is no room left."""
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 65_536)


def belongs_to_nobody(house: Installation) -> None:
    house.folder.parent.chmod(0o755)
    for path in (house.folder, *house.folder.rglob("*")):
        os.chown(path, NOBODY, NOBODY)


def test_every_problem_of_the_configuration_comes_out_at_once(house: Installation) -> None:
    """Whatever is run, with the nearest right name, and no secret in sight: 78."""
    house.configure(
        more='colour = "red"\n[schedul]\nzone = "UTC"\n[schedule.jobs]\nweekly_summary = '
        '{ at = "25:00" }'
    )
    wrong = {
        "RETAILXAI_DATA_DRI": "/tmp",
        "SEC_CONTACT": "me",
        "ANTHROPIC_API_KEY": "gsk_verysecretindeed",
        "RETAILXAI_WEB_HOST": "0.0.0.0",
    }
    for ended in house.run_together(("check",), ("scan",), (), **wrong):
        assert ended.code == 78, ended.said
        said = ended.out + ended.err
        for words in (
            "colour: is no setting",
            "did you mean schedule?",
            "did you mean RETAILXAI_DATA_DIR?",
            "must hold an e-mail address",
            "must start with sk-ant-",
            "RETAILXAI_WEB_HOST",
            "weekly_summary.at",
        ):
            assert words in said
        assert "verysecret" not in said
        assert "Traceback" not in said
    (house.folder / "retailxai.toml").write_text("[schedule\n", encoding="utf-8")
    broken = house.run("scan")
    assert broken.code == 78
    assert "retailxai.toml line 1, column 10: is not valid TOML" in broken.err


def test_an_ordinary_user_needs_nothing_else(
    own_house: MakeHouse, as_ordinary_user: Sequence[str]
) -> None:
    """Not root; and root may look afterwards, from another working directory."""
    house = own_house()
    if as_ordinary_user:
        belongs_to_nobody(house)
    scan = house.run("scan", prefix=as_ordinary_user)
    assert scan.code == 0, scan.said
    places = {
        "RETAILXAI_CONFIG": str(house.folder / "retailxai.toml"),
        "RETAILXAI_DATA_DIR": str(house.data),
        "RETAILXAI_LOG_DIR": str(house.folder / "logs"),
    }
    elsewhere = house.run("scan", cwd=Path("/"), **places)
    assert elsewhere.code == 0, elsewhere.said
    assert "Nothing new" in elsewhere.out


def test_a_folder_that_cannot_be_written(
    own_house: MakeHouse, as_ordinary_user: Sequence[str]
) -> None:
    """Each is named with who needs which right: 78, also when it is not the first thing that
    is needed; a scan whose log cannot be written still reads."""
    house = own_house()
    house.folder.parent.chmod(0o755)
    house.folder.chmod(0o555)
    try:
        for ended in house.run_together(("scan",), (), ("check",), prefix=as_ordinary_user):
            assert ended.code == 78, ended.said
            said = ended.out + ended.err
            assert f"{house.data}" in said
            assert "Permission denied" in said
            assert "Traceback" not in said
    finally:
        house.folder.chmod(0o755)
    if as_ordinary_user:
        belongs_to_nobody(house)
    (house.folder / "logs").mkdir(mode=0o555)
    deaf = house.run("scan", prefix=as_ordinary_user)
    assert deaf.code == 0, deaf.said
    assert "its lines are dropped (and counted) meanwhile" in deaf.err


def test_a_full_disk(small_disk: Path) -> None:
    """The daemon lives on; what cannot be stored is said with the fix and is stored once there
    is room again."""
    with Installation(small_disk, RETAILXAI_SAMPLES="off") as house:
        daemon = house.daemon()
        house.drop("NONE-q2.html", release("Nobody Stores", "NONE", more="words " * 20_000))
        filler = small_disk / "filler"
        with pytest.raises(OSError, match="No space"):
            fill(filler)
        checked, _ = house.run_together(("check",), ("scan",))
        assert checked.code == 75, checked.said
        assert "make room there" in checked.out
        assert daemon.lives()
        filler.unlink()
        healed = house.run("scan")
        assert healed.code == 0, healed.said
        assert house.analyses() == {"NONE": 1}
        assert daemon.stop().code == 0
