"""The shipped daemon asks the next analyst where Claude's batches cannot be sent, and pays once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.acceptance.installation import QUICK, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.acceptance.test_analysts_in_turn import MORE, SAID
from tests.acceptance.test_batches import QUICKLY, TICKERS, analysts, good_message, states
from tests.servers import claude as claude_api
from tests.servers import groq as groq_api
from tests.servers.claude import ClaudeServer
from tests.servers.claude_batches import BatchDesk
from tests.servers.edgar import EdgarServer
from tests.servers.groq import GroqServer

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

ASKED = TICKERS[:2]  # as many as the free plan's tokens of a minute allow
ALL = len(ASKED)


@pytest.fixture
def groq() -> Iterator[GroqServer]:
    with GroqServer() as server:
        server.answers(groq_api.completion(SAID))
        yield server


@pytest.fixture
def scheduled(asking_house: Installation, sec: EdgarServer, groq: GroqServer) -> Installation:
    """A house whose scan is due as soon as its daemon starts, with Groq after Claude."""
    companies = [filer(number, ticker) for number, ticker in enumerate(ASKED, 1)]
    for company in companies:
        sec.add(company)
    asking_house.environ |= QUICKLY | {
        "GROQ_API_KEY": groq_api.KEY,
        "RETAILXAI_GROQ_BASE_URL": groq.url,
    }
    asking_house.miss_a_slot(companies=companies, policies={**QUICK, "attempts": 1})
    toml = asking_house.folder / "retailxai.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + MORE, encoding="utf-8")
    return asking_house


def scanned(house: Installation) -> None:
    eventually(lambda: house.runs() and house.runs()[-1][1] == "succeeded", "the scan ends")


def test_a_key_that_is_refused_holds_no_question_in_a_queue(
    scheduled: Installation, claude: ClaudeServer, groq: GroqServer
) -> None:
    """The first batch meets the refusal; what waited is asked of Groq within seconds."""
    desk = BatchDesk(claude, good_message)
    desk.refuse = claude_api.error(401, "authentication_error", "invalid x-api-key")
    claude.answers(claude_api.error(401, "authentication_error", "invalid x-api-key"))
    scheduled.daemon()
    eventually(lambda: analysts(scheduled) == {"groq": ALL}, "Groq reads all of them")
    assert (len(groq.bodies), desk.billed) == (ALL, {})
    answered = "select provider, count(*)::int from paid_call where state = 'answered' group by 1"
    assert scheduled.rows(answered) == [("groq", ALL)]
    assert "queued" not in states(scheduled, "paid_call")


def test_a_cap_that_is_reached_sends_the_scan_to_the_next_at_once(
    scheduled: Installation, claude: ClaudeServer, groq: GroqServer
) -> None:
    """Nothing joins a batch that the day's money does not allow."""
    desk = BatchDesk(claude, good_message)
    scheduled.daemon(RETAILXAI_CLAUDE_DAILY_CAP_USD="0.01")
    scanned(scheduled)
    assert analysts(scheduled) == {"groq": ALL}
    assert (desk.batches, claude.requests) == ({}, [])
    assert states(scheduled, "paid_call") == {"answered": ALL}
    told = f"{ALL} documents read by groq instead of claude since yesterday: claude: daily cap"
    assert told in " ".join(scheduled.run("status").out.split())
    assert f"{ALL} read by groq instead of claude: daily cap" in scheduled.run("history").out


def test_what_was_sent_before_claude_went_down_is_asked_of_nobody_else(
    scheduled: Installation, claude: ClaudeServer, groq: GroqServer
) -> None:
    """Its answers are fetched when Claude is back: paid for once, by whomever."""
    desk = BatchDesk(claude, good_message)
    scheduled.daemon()
    eventually(lambda: states(scheduled, "paid_batch") == {"sent": 1}, "the batch is sent")
    scanned(scheduled)
    assert scheduled.run("breakers", "hold", "claude", "--why", "down").code == 0
    assert analysts(scheduled) == {"local": ALL}
    assert scheduled.run("breakers", "close", "claude").code == 0
    desk.finish()
    eventually(lambda: analysts(scheduled) == {"claude": ALL}, "the answers are there")
    assert (groq.bodies, list(desk.billed.values())) == ([], [1] * ALL)
