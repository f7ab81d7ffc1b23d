"""From the embedded database to a server of one's own, in the middle of a scan: nothing is lost,
nothing is done or paid twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage import server_binaries
from tests.acceptance.conftest import MakeHouse
from tests.acceptance.half_way import half_way
from tests.acceptance.installation import SCAN, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.integration.storage.moving import contents, tcp_server
from tests.servers.claude import ClaudeServer
from tests.servers.edgar import EdgarServer, filing_path

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

TICKERS = ("AAAA", "BBBB", "CCCC", "DDDD", "EEEE", "FFFF", "GGGG", "HHHH")


@pytest.mark.timeout(300)  # two houses, two servers, a dozen commands
def test_a_new_server_goes_on_where_the_old_one_was(
    own_house: MakeHouse, fast_path: Path, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """The daemon is killed in mid-scan with documents queued, one call in doubt and a service
    held; on the new server a daemon finishes that very run."""
    house, daemon, environ = half_way(own_house, sec, claude, TICKERS)
    daemon.kill()
    assert house.run("breakers", "hold", "edgar", "--why", "moving").code == 0
    file = fast_path / "house.zip"
    out = house.run("db", "export", str(file))
    assert out.code == 0, out.said
    assert "runs:" not in out.err
    unfinished = "select count(*) from dbos.workflow_status where status in ('ENQUEUED', 'PENDING')"
    assert house.one(unfinished) > 1
    paid = calls(house)
    claims = house.rows("select id, document_id, metric, value from insight order by id")
    asked = len(claude.requests)
    done = set(house.analyses())

    with tcp_server(fast_path / "server", server_binaries.find()) as dsn:
        new = own_house("new", DATABASE_URL=dsn, **environ)
        new.dsn = dsn
        moved(house, new, file)
        assert calls(new) == paid
        assert new.rows("select id, document_id, metric, value from insight order by id") == claims
        held = {one["service"]: one["state"] for one in new.json("breakers")["breakers"]}
        assert held["edgar"] == "held"
        evidence = new.run("evidence", str(claims[0][0]))
        assert evidence.out == house.run("evidence", str(claims[0][0])).out
        assert evidence.code == 0

        assert new.run("breakers", "close", "edgar").code == 0
        daemon = new.daemon()
        runs = "select state from job_run where job = %s and state <> 'skipped'"
        eventually(lambda: new.rows(runs, SCAN) == [("succeeded",)], "the same run succeeds")
        assert new.rows("select ticker, count(*) from document group by 1 order by 1") == [
            (ticker, 1) for ticker in TICKERS
        ]
        fetched = [path for path in sec.paths() if path.endswith("/release.htm")]
        for number, ticker in enumerate(TICKERS, 1):
            company = filer(number, ticker)
            if company.tickers[0] in done:
                path = filing_path(company.cik, company.filings[0], "/release.htm")
                assert fetched.count(path) == 1
        states = new.rows("select state, count(*) from paid_call group by 1")
        counts = dict(states)
        assert sum(counts.values()) == len(TICKERS)
        assert counts["answered"] == len(TICKERS) - counts.get("in_doubt", 0)
        assert len(claude.requests) <= len(TICKERS), "no question was put twice"
        assert len(claude.requests) > asked
        live = new.run("db", "export", str(fast_path / "live.zip"), "--json")
        assert live.code == 0, live.said
        assert "retailxai on" in live.out
        assert daemon.stop().code == 0


def calls(house: Installation) -> list[dict[str, object]]:
    """As they stand, whoever looks and whenever."""
    found = house.json("paid", "list", "--state", "all")["calls"]
    looked = ("age_s", "process_lives")
    return [{name: one[name] for name in one if name not in looked} for one in found]


def moved(old: Installation, new: Installation, file: Path) -> None:
    """Into the new one, row for row."""
    (new.folder / "retailxai.toml").write_bytes((old.folder / "retailxai.toml").read_bytes())
    into = new.run("db", "import", str(file))
    assert into.code == 0, into.said
    with old._dsn() as before, new._dsn() as after:
        assert contents(after) == contents(before)
