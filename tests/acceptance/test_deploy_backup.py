"""`python -m deploy backup` and `restore`: by the installed program, as its service runs it."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path

import psycopg2
import pytest

from tests.acceptance.deployed import ROOT, Deployed
from tests.integration.storage.moving import contents

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]


@pytest.fixture
def machine(fast_path: Path, dsn: str) -> Iterator[Deployed]:
    with Deployed(fast_path / "deployed", dsn) as made:
        yield made


@pytest.mark.timeout(400)  # an installation and half a dozen commands
def test_from_the_backup_of_one_machine_to_another(
    machine: Deployed, fast_path: Path, empty_dsn: str, dsn: str
) -> None:
    """Refused with its reason and its exit code where it must be."""
    code, said = machine.do("backup")
    assert (code, "nothing is installed" in said) == (78, True), said
    assert machine.install(ROOT)[0] == 0
    code, said = machine.do("backup", "--dry-run")
    assert (code, "main.py db backup" in said) == (0, True), said
    assert [*machine.places.backups.iterdir()] == []
    for _ in range(2):  # while the daemon runs
        code, said = machine.do("backup", "--keep", "1")
        assert code == 0, said
        assert "restored into a database of its own and compared" in said
    assert "Removed" in said
    (file,) = machine.places.backups.iterdir()
    assert zipfile.is_zipfile(file)
    assert dsn not in said

    code, said = machine.do("restore", str(file))
    assert (code, "the service runs" in said) == (5, True), said
    machine.keeper.stop()
    code, said = machine.do("restore", str(file))
    assert (code, "the database is not empty" in said) == (5, True), said
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select count(*) from backup")
        assert cursor.fetchone() == (2,)
    connection.close()

    secret = machine.places.credential("DATABASE_URL")
    secret.write_text(empty_dsn)
    code, said = machine.do("restore", str(file))
    assert code == 0, said
    assert contents(empty_dsn)["company"] == contents(dsn)["company"]
    assert contents(empty_dsn)["job_run"] == contents(dsn)["job_run"]
    code, said = machine.do("restore", str(file.with_name("none.zip")))
    assert (code, "No such file" in said) == (5, True), said
