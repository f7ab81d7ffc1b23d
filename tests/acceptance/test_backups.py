"""A disaster: the machine dies in the middle of a scan and its disk with it. From the backup all is
as it was, byte for byte, and goes on; nothing that was paid is paid again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.acceptance.conftest import MakeHouse
from tests.acceptance.half_way import half_way
from tests.acceptance.installation import CONTACT, SCAN, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import Running, eventually
from tests.acceptance.test_batches import QUICKLY, good_message
from tests.acceptance.test_moving_house import calls
from tests.integration.storage.moving import contents
from tests.integration.storage.test_backing_up import without_counter
from tests.servers.claude import KEY, ClaudeServer
from tests.servers.claude_batches import Batch, BatchDesk
from tests.servers.edgar import EdgarServer
from tests.servers.http import Reply

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

TICKERS = ("AAAA", "BBBB", "CCCC", "DDDD", "EEEE", "FFFF")
FINISHED = "select state from job_run where job = %s and state <> 'skipped'"
INSIGHTS = (
    "select id, document_id, kind, metric, value, span_start, span_end from insight order by id"
)


@pytest.mark.timeout(400)  # a house, its end, its backup, its twin
def test_from_the_backup_it_goes_on(
    own_house: MakeHouse, fast_path: Path, sec: EdgarServer, claude: ClaudeServer
) -> None:
    house, daemon, environ = half_way(own_house, sec, claude, TICKERS)
    live = house.start("db", "backup", str(fast_path / "live.zip"))  # while it works, and dies
    daemon.kill()
    assert live.ended().code == 0

    with house._dsn() as dsn:
        before = contents(dsn)
    folder = fast_path / "backups"
    made = house.json("db", "backup", f"{folder}/")
    file = Path(made["backup"]["file"])
    assert file.parent == folder
    assert made["not_recorded"] == ""
    assert made["backup"]["rotten"] == 0, "documents are what they were when they were fetched"
    assert [Path(path) for (path,) in house.rows("select file from backup order by id")] == [
        fast_path / "live.zip",
        file,
    ]
    paid, asked = calls(house), len(claude.requests)
    insights = house.rows(INSIGHTS)
    pages = {ticker: house.run("company", ticker, "--json").out for ticker in TICKERS}
    evidence = house.run("evidence", str(insights[0][0])).out

    configuration = (house.folder / "retailxai.toml").read_bytes()
    shutil.rmtree(house.data)
    assert house.run("db", "verify", str(file)).code == 0
    assert not (house.data / "postgres").exists(), "to verify touches no database"

    twin = own_house("twin", **environ)
    (twin.folder / "retailxai.toml").write_bytes(configuration)
    restored = twin.run("db", "restore", str(file), "--json")
    assert restored.code == 0, restored.said
    assert json.loads(restored.out)["backup"]["taken_at"] == made["backup"]["taken_at"]
    assert same_but_for_its_mark(twin, before)
    assert calls(twin) == paid
    assert twin.rows(INSIGHTS) == insights
    assert {one: twin.run("company", one, "--json").out for one in TICKERS} == pages
    assert twin.run("evidence", str(insights[0][0])).out == evidence

    again = twin.run("db", "restore", str(file))
    assert again.code == 5
    assert "the database is not empty" in again.err

    daemon = twin.daemon()
    eventually(lambda: twin.rows(FINISHED, SCAN) == [("succeeded",)], "the same run succeeds")
    assert twin.rows("select ticker, count(*) from document group by 1 order by 1") == [
        (ticker, 1) for ticker in TICKERS
    ]
    states = dict(twin.rows("select state, count(*) from paid_call group by 1"))
    assert states["answered"] + states.get("in_doubt", 0) == len(TICKERS)
    assert asked < len(claude.requests) <= len(TICKERS), "no question was put twice"
    assert daemon.stop().code == 0


def same_but_for_its_mark(house: Installation, before: dict[str, list[str]]) -> bool:
    with house._dsn() as dsn:
        after = contents(dsn)
    assert len(after["restoration"]) == 1
    after["restoration"] = []
    # counters of what only a restored database has
    assert without_counter(after, "restoration") == without_counter(before, "restoration")
    return True


@pytest.mark.timeout(400)  # two houses
def test_an_old_backup_asks_the_provider_before_it_asks_again(
    own_house: MakeHouse, fast_path: Path, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """Of the instant at which a batch was on its way. It was answered since, and paid: the restored
    daemon finds it in the provider's list and takes the answers."""
    environ = {
        "SEC_CONTACT": CONTACT,
        "RETAILXAI_SEC_WWW_URL": sec.url,
        "RETAILXAI_SEC_DATA_URL": sec.url,
        "ANTHROPIC_API_KEY": KEY,
        "RETAILXAI_CLAUDE_BASE_URL": claude.url,
        **QUICKLY,
    }
    house = own_house("old", **environ)
    companies = [filer(number, ticker) for number, ticker in enumerate(TICKERS[:2], 1)]
    for company in companies:
        sec.add(company)
    house.miss_a_slot(companies=companies)
    running: list[Running] = []

    def killed(batch: Batch) -> Reply | None:
        if len(desk.batches) > 1:
            return None
        running[0].kill()
        return Reply(drop=True)

    desk = BatchDesk(claude, good_message, on_created=killed)
    running.append(house.daemon())
    eventually(lambda: len(desk.batches) == 1, "the batch is taken")
    eventually(lambda: not running[0].lives(), "the daemon is dead")
    file = fast_path / "old.zip"
    assert house.run("db", "backup", str(file)).code == 0
    desk.finish()
    paid = "select state, count(*)::int from paid_call group by state"
    daemon = house.daemon()
    eventually(lambda: house.rows(paid) == [("answered", 2)], "the old one has its answers")
    assert daemon.stop().code == 0

    twin = own_house("twin", **environ)
    (twin.folder / "retailxai.toml").write_bytes((house.folder / "retailxai.toml").read_bytes())
    restored = twin.run("db", "restore", str(file))
    assert "Paid questions then: 2 on their way, 0 waiting to be sent" in restored.out
    assert twin.rows(paid) == [("intent", 2)]
    daemon = twin.daemon()
    eventually(lambda: twin.rows(paid) == [("answered", 2)], "so has the restored one")
    assert daemon.stop().code == 0
    assert len(desk.batches) == 1
    assert list(desk.billed.values()) == [1, 1]
    assert [request.path for request in claude.requests if request.path.endswith("messages")] == []


@pytest.mark.timeout(400)  # two houses
def test_what_waited_at_the_backup_and_was_sent_since_is_not_sent_again(
    own_house: MakeHouse, fast_path: Path, sec: EdgarServer, claude: ClaudeServer
) -> None:
    """Nor what was only found after it. The restored daemon finds both in the provider's list, by
    the names that such questions have, and takes the answers."""
    environ = {
        "SEC_CONTACT": CONTACT,
        "RETAILXAI_SEC_WWW_URL": sec.url,
        "RETAILXAI_SEC_DATA_URL": sec.url,
        "ANTHROPIC_API_KEY": KEY,
        "RETAILXAI_CLAUDE_BASE_URL": claude.url,
        **QUICKLY,
    }
    house = own_house("old", **environ)
    companies = [filer(number, ticker) for number, ticker in enumerate(TICKERS[:3], 1)]
    for company in companies[:2]:
        sec.add(company)
    desk = BatchDesk(claude, good_message)
    house.miss_a_slot(companies=companies[:2])
    daemon = house.daemon(RETAILXAI_CLAUDE_BATCH_GATHER_S="3600")
    paid = "select state, count(*)::int from paid_call group by 1"
    eventually(lambda: house.rows(paid) == [("queued", 2)], "both questions wait")
    daemon.kill()
    file = fast_path / "early.zip"
    assert house.run("db", "backup", str(file)).code == 0

    sec.add(companies[2])
    house.schedule(8, SCAN, companies=companies)
    daemon = house.daemon()
    eventually(lambda: house.one("select count(*)::int from paid_call") == 3, "one more is asked")

    def answered(where: Installation) -> bool:
        desk.finish()
        return bool(where.rows(paid) == [("answered", 3)])

    eventually(lambda: answered(house), "all is answered, and paid")
    assert daemon.stop().code == 0
    sent = len(desk.batches)
    assert list(desk.billed.values()) == [1, 1, 1]

    twin = own_house("twin", **environ)
    twin.schedule(6, SCAN, companies=companies)
    restored = twin.run("db", "restore", str(file))
    assert "Paid questions then: 0 on their way, 2 waiting to be sent" in restored.out
    daemon = twin.daemon()
    eventually(lambda: answered(twin), "the answers are taken")
    read = "select count(*)::int from analysis where is_current and analyst = 'claude'"
    eventually(lambda: twin.one(read) == 3, "and read with")
    assert daemon.stop().code == 0
    assert len(desk.batches) == sent
    assert list(desk.billed.values()) == [1, 1, 1]
    assert [request.path for request in claude.requests if request.path.endswith("messages")] == []


@pytest.mark.timeout(200)
def test_a_passphrase_guards_it_from_end_to_end(house: Installation, fast_path: Path) -> None:
    """From a credential of the service to the restore; nobody else reads a word of it."""
    assert house.run("scan").code == 0
    words, file = fast_path / "words", fast_path / "a.zip"
    words.write_text("correct horse battery\n")
    made = house.json("db", "backup", str(file), "--passphrase-file", str(words))
    assert made["is_sealed"]
    assert b"Net sales" not in file.read_bytes()
    assert b"manifest" not in file.read_bytes()
    locked = house.run("db", "verify", str(file), "--json")
    assert (locked.code, json.loads(locked.err)["error"]["code"]) == (5, "locked")
    configured = house.run("db", "verify", str(file), RETAILXAI_BACKUP_PASSPHRASE_FILE=str(words))
    assert configured.code == 0, configured.said
    words.write_text("another horse battery\n")
    wrong = house.run("db", "verify", str(file), "--json", "--passphrase-file", str(words))
    assert (wrong.code, json.loads(wrong.err)["error"]["code"]) == (5, "wrong_passphrase")
