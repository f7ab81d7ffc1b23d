"""`doctor` on real installations: running, stopped, ill-kept, and put right again."""

from __future__ import annotations

import json
import os
import signal
import stat
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from operations.doctor.table import NAMES
from resilience.clock import SystemClock
from storage.embedded import EmbeddedServer
from tests.acceptance.conftest import MakeHouse
from tests.acceptance.installation import Installation
from tests.acceptance.processes import Ended, eventually
from tests.servers.http import closed_port

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

LONGEST_S = 20.0  # seconds, also on a busy machine, also with nobody at the other end
KEY = "gsk_" + "notakey" * 7


def findings(ended: Ended) -> dict[str, list[dict[str, Any]]]:
    """What is said of each check, by its name."""
    found: dict[str, list[dict[str, Any]]] = {}
    for one in json.loads(ended.out)["findings"]:
        found.setdefault(one["name"], []).append(one)
    assert tuple(found) == NAMES
    return found


def examined(house: Installation, *more: str, code: int = 0, **how: Any) -> dict[str, Any]:
    ended = house.run("doctor", "--json", *more, **how)
    assert ended.code == code, ended.said
    assert ended.took_s < LONGEST_S
    assert "Traceback" not in ended.err
    return {**json.loads(ended.out), "by": findings(ended)}


def verdicts(report: dict[str, Any], name: str) -> list[str]:
    return [one["verdict"] for one in report["by"][name]]


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def tree(folder: Path) -> dict[str, int]:
    """Every file outside the database, and its mode."""
    paths = [path for path in folder.rglob("*") if "postgres" not in path.parts]
    return {str(path.relative_to(folder)): mode(path) for path in paths}


def test_beside_a_running_daemon(own_house: MakeHouse) -> None:
    """All is well, the daemon is named, and nothing was changed by looking."""
    house = own_house()
    daemon = house.daemon()
    before = tree(house.folder)
    report = examined(house)

    assert report["verdict"] != "bad"
    assert f"pid {daemon.pid}" in report["by"]["daemon"][0]["found"]
    serving = [one["found"] for one in report["by"]["embedded database"]]
    assert f"serves, pid {house.postmaster()}" in serving
    for name in ("database", "schema", "locks", "jobs", "paid calls", "budget", "logs"):
        assert set(verdicts(report, name)) == {"ok"}, report["by"][name]
    assert tree(house.folder) == before
    assert daemon.stop().code == 0


def test_a_fresh_installation(own_house: MakeHouse) -> None:
    """Nothing is made by looking, and nothing is bad."""
    house = own_house()
    report = examined(house)

    assert report["verdict"] != "bad"
    assert verdicts(report, "database") == ["not applicable"]
    assert verdicts(report, "schema") == ["not applicable"]
    assert not house.data.exists()


def test_while_the_database_is_stopped_and_after(fast_path: Path) -> None:
    """One row tells of it with its fix; what needs no database is looked at all the same."""
    server = EmbeddedServer(fast_path / "server", fsync=False)
    dsn = server.start()
    try:
        with Installation(fast_path / "house", dsn=dsn) as house:
            daemon = house.daemon()
            server.leave()
            daemon.says("tick failed")
            away = examined(house, code=1)
            server.start()
            eventually(lambda: house.one("select 1"), "the database is back")
            eventually(lambda: runs_a_daemon(house), "the daemon has found it again")
            back = examined(house)
            assert daemon.stop().code == 0
    finally:
        server.leave()
    assert verdicts(away, "database") == ["bad"]
    assert "the server runs" in away["by"]["database"][0]["fix"]
    assert away["by"]["database"][0]["runbook"] == "docs/runbook.md#database"
    assert verdicts(away, "schema") == verdicts(away, "daemon") == ["not applicable"]
    for name in ("disk", "clock", "secret files", "program", "leftovers"):
        assert "not applicable" not in verdicts(away, name)
    assert verdicts(back, "database") == ["ok", "ok"]


def runs_a_daemon(house: Installation) -> bool:
    return "daemon" in examined(house)["by"]["daemon"][0]["found"]


def test_an_address_where_nobody_answers(fast_path: Path) -> None:
    """The password stays out of it."""
    url = f"postgresql://retail:s3cret-pass-word@127.0.0.1:{closed_port()}/shop"
    with Installation(fast_path / "house", dsn=url) as house:
        ended = house.run("doctor")
    assert ended.code == 1
    assert "127.0.0.1" in ended.out
    assert "s3cret" not in ended.said


def test_wrong_modes_are_found_and_put_right(own_house: MakeHouse) -> None:
    """Looking changes nothing; --fix closes what is open, removes what was never finished, says
    each thing it did, and leaves every document where it was."""
    house = own_house(RETAILXAI_GROQ_DAILY_CAP_USD="0")
    scanned = house.run("scan")
    assert scanned.code == 0, scanned.said
    documents = house.counts()
    dotenv = house.folder / ".env"
    dotenv.write_text(f"GROQ_API_KEY={KEY}\n")
    half = house.folder / "reports" / "2026-W40.html.new"
    half.parent.mkdir(exist_ok=True)
    half.write_text("<html>")
    hours_ago = SystemClock().now().timestamp() - 7200
    os.utime(half, (hours_ago, hours_ago))
    log = house.folder / "logs" / "retailxai.log"
    cluster = house.data / "postgres"
    wrong = {dotenv: 0o644, house.data: 0o777, log: 0o666, cluster: 0o755}
    for path, too_open in wrong.items():
        path.chmod(too_open)

    found = examined(house, code=1)

    assert {path: mode(path) for path in wrong} == wrong
    assert half.exists()
    for name in ("secret files", "folders", "logs", "embedded database"):
        assert "bad" in verdicts(found, name), found["by"][name]
    assert str(half) in found["by"]["leftovers"][0]["found"]

    ended = house.run("doctor", "--fix")

    assert ended.code == 0, ended.said
    assert [mode(dotenv), mode(house.data), mode(log), mode(cluster)] == [
        0o640,
        0o755,
        0o640,
        0o700,
    ]
    assert not half.exists()
    assert ended.out.count("✓ done: set the mode of") == 4
    assert f"✓ done: removed {half}" in ended.out
    assert KEY not in ended.said
    assert house.counts() == documents
    assert "done:" not in house.run("doctor", "--fix").out


def test_the_schema_is_brought_up_to_date_under_nobody_alone(
    fast_path: Path, empty_dsn: str
) -> None:
    """An empty database: made by --fix, and only by --fix."""
    with Installation(fast_path / "house", dsn=empty_dsn) as house:
        found = examined(house)
        assert verdicts(found, "schema") == ["warn"]
        assert house.one("select to_regclass('document') is null")
        fixed = examined(house, "--fix")
        assert "brought the schema from revision none" in json.dumps(fixed["repairs"])
        assert verdicts(fixed, "schema") == ["ok"]
        assert not house.one("select to_regclass('document') is null")


def test_a_schema_somebody_runs_on_is_left_alone(house: Installation) -> None:
    """A daemon that is older than this program: it migrates when it is restarted."""
    daemon = house.daemon()
    house.rows("update alembic_version set version_num = '0001' returning 1")
    found = examined(house, "--fix")

    assert verdicts(found, "schema") == ["warn"]
    assert f"pid {daemon.pid}" in found["by"]["schema"][0]["found"]
    assert "schema" not in {one["name"] for one in found["repairs"]}
    assert verdicts(found, "daemon") == ["not applicable"]
    assert house.one("select version_num from alembic_version") == "0001"


def test_a_repair_that_fails_is_said(house: Installation) -> None:
    """Migrations that were made already cannot be made again: told, exit 1, nothing changed."""
    house.rows("update alembic_version set version_num = '0001' returning 1")
    ended = house.run("doctor", "--fix")

    assert ended.code == 1, ended.said
    assert "✗ not done: brought the schema" in ended.out
    assert house.one("select version_num from alembic_version") == "0001"


ORPHAN = """
import os, signal, sys
from pathlib import Path
from storage.embedded import EmbeddedServer
EmbeddedServer(Path(sys.argv[1])).start()
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_server_nobody_uses_is_stopped(own_house: MakeHouse) -> None:
    """Its last user was killed at the very moment of leaving."""
    house = own_house()
    root = str(Path(__file__).resolve().parents[2])
    killed = house.start(
        str(house.data), program=(sys.executable, "-c", ORPHAN), PYTHONPATH=root
    ).ended()
    assert killed.code == -signal.SIGKILL
    pid = house.postmaster()
    assert pid is not None

    found = examined(house)
    assert f"pid {pid}" in found["by"]["leftovers"][0]["found"]
    assert house.postmaster() == pid
    ended = house.run("doctor", "--fix")

    assert f"✓ done: stopped the embedded PostgreSQL (pid {pid})" in ended.out
    eventually(lambda: house.postmaster() is None, "it is stopped")


def test_as_somebody_else(own_house: MakeHouse, as_ordinary_user: Sequence[str]) -> None:
    """Whose the installation is not: told whom to ask as, nothing made, nothing broken."""
    house = own_house()
    assert house.run("scan").code == 0
    house.folder.parent.chmod(0o755)
    if as_ordinary_user:
        before = tree(house.folder)
        report = examined(house, prefix=as_ordinary_user)
        assert verdicts(report, "database") == ["not applicable"]
        assert "ask as root" in json.dumps(report["by"])
        assert tree(house.folder) == before
    assert house.run("doctor").code == 0


def test_wrong_settings(house: Installation) -> None:
    """78, each problem with its fix, and what needs no settings looked at all the same."""
    report = examined(house, code=78, RETAILXAI_WEB_PORT="nonsense", GROQ_API_KEY="x")

    assert verdicts(report, "configuration") == ["bad", "bad"]
    assert verdicts(report, "database") == ["not applicable"]
    assert "the settings are wrong" in report["by"]["database"][0]["found"]
    assert verdicts(report, "program")[0] == "ok"
