"""A PostgreSQL of somebody else (DATABASE_URL) that goes away and comes back."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage.embedded import EmbeddedServer
from storage.schema import migrate
from tests.acceptance.conftest import PACE
from tests.acceptance.installation import CONTACT, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.servers.cable import Cable
from tests.servers.edgar import EdgarServer, filing_path
from tests.servers.http import Reply, closed_port
from tests.servers.tcp_postgres import tcp_postgres

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

TICKERS = ("COA", "COB", "COC", "COD", "COE", "COF")
SECRET = "s3cret-pass-word"
SPOKEN = (1_500, 5_000, 7_500, 10_000, 13_000, 17_000, 22_000, 45_000)  # bytes of its answers


def test_a_database_that_is_away_in_the_middle_of_a_scan(fast_path: Path, sec: EdgarServer) -> None:
    """The daemon lives on, unready and without filling its log, and when the server is back it
    finishes the same run: nothing lost, nothing twice."""
    server = EmbeddedServer(fast_path / "server", fsync=False)
    dsn = server.start()
    companies = [filer(number, ticker) for number, ticker in enumerate(TICKERS, 1)]
    for company in companies:
        sec.add(company)
        filing = company.filings[0]
        slow = Reply(body=filing.documents[1].content, wait_s=0.5)
        sec.route("GET", filing_path(company.cik, filing, "/release.htm"), slow)
    environ = {
        "SEC_CONTACT": CONTACT,
        "RETAILXAI_SEC_WWW_URL": sec.url,
        "RETAILXAI_SEC_DATA_URL": sec.url,
        "RETAILXAI_SEC_REQUESTS_PER_S": str(PACE),
    }
    try:
        with Installation(fast_path / "house", dsn=dsn, **environ) as house:
            house.miss_a_slot(companies=companies)
            daemon = house.daemon()
            eventually(lambda: any("release.htm" in path for path in sec.paths()), "a fetch")
            server.leave()
            daemon.says("waits for the database")
            server.start()
            eventually(
                lambda: [state for _, state in house.runs()] == ["succeeded"],
                "the run is finished",
                90,
            )
            assert house.analyses() == dict.fromkeys(TICKERS, 1)
            ended = daemon.stop()
            assert ended.code == 0, ended.said
            assert ended.err.count("the jobs tick failed") < 20
    finally:
        server.leave()


def test_a_database_that_cannot_be_reached(fast_path: Path) -> None:
    """At the start: try later (75), with the host and the database and never the password."""
    port = closed_port()
    url = f"postgresql://retail:{SECRET}@127.0.0.1:{port}/shop"
    with Installation(fast_path / "away", dsn=url) as house:
        *ends, checked = house.run_together(("scan",), (), ("status", "--json"), ("check",))
        for ended in ends:
            assert ended.code == 75, ended.said
            assert f"127.0.0.1:{port}/shop" in ended.err
            assert SECRET not in ended.said
        assert checked.code == 75
        assert "Check DATABASE_URL and that the server runs" in checked.out
        assert SECRET not in checked.said


@pytest.mark.proof
@pytest.mark.timeout(300)
def test_a_database_that_goes_away_in_the_middle_of_a_start(fast_path: Path) -> None:
    """However far the start has come, it ends with "try later", which who supervises it does, or
    is through and waits; never with 78, which nobody tries again."""
    with tcp_postgres(fast_path) as dsn:
        migrate(dsn)
        server = urlsplit(dsn)
        with Cable((str(server.hostname), 5432)) as cable:
            through = server._replace(netloc=f"{server.username}@127.0.0.1:{cable.port}")
            with Installation(fast_path / "house", dsn=through.geturl()) as house:
                codes = [_code_of_a_start(house, cable, after) for after in SPOKEN]
    assert codes[0] == 75
    assert codes[-1] == 0, "the last one should have come through: are there more bytes now?"
    assert set(codes) == {0, 75}


def _code_of_a_start(house: Installation, cable: Cable, spoken: int) -> int:
    """Of a daemon that loses the database after so many bytes of its answers, until it is up."""
    cable.snap_after(spoken)
    daemon = house.start()
    eventually(lambda: not daemon.lives() or "Ready in" in daemon.err, "an end, or a start")
    if daemon.lives():
        eventually(lambda: not daemon.lives() or cable.has_snapped, "the cable snaps")
    cable.mend()
    return (daemon.stop() if daemon.lives() else daemon.ended()).code
