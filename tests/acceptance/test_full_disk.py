"""A disk that fills up in the middle of a scan, and has room again later."""

from __future__ import annotations

import errno
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.acceptance.installation import Installation
from tests.acceptance.papers import release
from tests.acceptance.processes import eventually

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

DOCUMENTS = 80
FULL = "The disk of the database is full: free some space there"
SIZE = "110m"  # the embedded database and its log take half of it


@pytest.fixture
def small_disk(fast_path: Path) -> Iterator[Path]:
    """A file system of its own."""
    if os.geteuid() != 0:
        pytest.skip("only root mounts a file system")
    folder = fast_path / "disk"
    folder.mkdir()
    made = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0755", "tmpfs", str(folder)]
    subprocess.run(made, check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_a_full_disk_loses_nothing_and_what_waits_goes_on_when_there_is_room(
    small_disk: Path,
) -> None:
    """The daemon stays up and says what is full; no document is given up for it, and none is
    analysed twice; the next scan reads the rest."""
    with Installation(small_disk / "house", RETAILXAI_SAMPLES="off") as house:
        daemon = house.daemon()
        for number in range(DOCUMENTS):
            name = f"Stores {number} Inc"
            house.drop(f"{number}.html", release(name, f"Z{number}", eps=f"0.{number + 10}"))
        scan = house.start("scan")
        eventually(lambda: house.one("select count(*) from analysis") >= 5, "a few are read")
        fill(small_disk / "filler")
        eventually(lambda: FULL in daemon.err + scan.err, "somebody says that the disk is full")
        (small_disk / "filler").unlink()
        ended = scan.ended()
        assert ended.code in (0, 1), ended.said

        eventually(lambda: house.run("scan").code == 0, "a scan with room for all of it")

        states = dict(house.rows("select state, count(*) from document group by state"))
        assert states == {"analysed": DOCUMENTS}
        assert house.one("select count(*) from analysis") == DOCUMENTS
        assert daemon.lives()


def fill(path: Path) -> None:
    """Until nothing more fits, also not what little was freed meanwhile."""
    block = bytes(65_536)
    with path.open("wb", buffering=0) as file:
        for size in (len(block), 4096):
            try:
                while file.write(block[:size]):
                    pass
            except OSError as error:
                if error.errno != errno.ENOSPC:
                    raise
