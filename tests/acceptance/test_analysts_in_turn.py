"""Claude, Groq, Ollama and the rules, each where the one before has no answer, over real HTTP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.acceptance.installation import QUICK, Installation
from tests.acceptance.papers import filer
from tests.acceptance.processes import eventually
from tests.acceptance.test_claude import EPS, PERIOD, SALES
from tests.servers import claude as claude_api
from tests.servers import groq as groq_api
from tests.servers import ollama as ollama_api
from tests.servers.claude import ClaudeServer, answer_text
from tests.servers.edgar import EdgarServer
from tests.servers.groq import GroqServer
from tests.servers.http import Reply
from tests.servers.ollama import OllamaServer

pytestmark = [pytest.mark.acceptance, pytest.mark.database, pytest.mark.proof]

SAID = answer_text(period=PERIOD, figures=[SALES, EPS], guidance=[], quotes=[])
MORE = """
[policies.groq]
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 5
[policies.ollama]
wait_s = 0.05
max_wait_s = 0.2
timeout_s = 5
deadline_s = 60
"""


@pytest.fixture
def groq() -> Iterator[GroqServer]:
    with GroqServer() as server:
        yield server


@pytest.fixture
def ollama() -> Iterator[OllamaServer]:
    with OllamaServer() as server:
        server.has(ollama_api.MODEL)
        yield server


@pytest.fixture
def full_house(asking_house: Installation, groq: GroqServer, ollama: OllamaServer) -> Installation:
    """A house that reads from the SEC's double and asks all three."""
    asking_house.environ |= {
        "GROQ_API_KEY": groq_api.KEY,
        "RETAILXAI_GROQ_BASE_URL": groq.url,
        "RETAILXAI_OLLAMA_MODEL": ollama_api.MODEL,
        "OLLAMA_HOST": ollama.url.removeprefix("http://"),
    }
    return asking_house


def reader_of(house: Installation, reading: dict[str, Any], metric: str = "net_sales") -> str:
    """Who found what shows, as `evidence` tells it."""
    (number,) = {
        one["place"]["evidence_id"] for one in reading["figures"] if one["metric"] == metric
    }
    return str(house.json("evidence", str(number))["analyst"])


def notes_of(house: Installation, ticker: str, analyst: str) -> str:
    return json.dumps(
        house.one(
            "select a.notes from analysis a join document d on d.id = a.document_id"
            " where d.ticker = %s and a.analyst = %s",
            ticker,
            analyst,
        )
    )


def scanned(house: Installation, ticker: str) -> dict[str, Any]:
    scan = house.json("scan", ticker)
    reading: dict[str, Any]
    (reading,) = (one for one in scan["readings"] if one["ticker"] == ticker)
    return reading


@pytest.mark.timeout(300)  # a dozen commands, each a process
def test_each_answers_where_the_one_before_cannot(
    full_house: Installation,
    sec: EdgarServer,
    claude: ClaudeServer,
    groq: GroqServer,
    ollama: OllamaServer,
) -> None:
    """Claude is overloaded: Groq reads. Groq's day is used up: Ollama reads, and Groq is not
    asked again by the next process. Ollama does not run: the rules read, and that is called
    degraded. Every claim names who read it, and why the others did not is kept beside it."""
    companies = [filer(n, t) for n, t in enumerate(("AAA", "BBB", "CCC", "DDD"), 1)]
    for company in companies:
        sec.add(company)
    full_house.configure(companies=companies, policies={**QUICK, "attempts": 1}, more=MORE)
    claude.answers(claude_api.overloaded())
    groq.answers(groq_api.completion(SAID))
    ollama.answers(ollama_api.chat(SAID))

    reading = scanned(full_house, "AAA")
    assert (reading["degraded"], reader_of(full_house, reading)) == (False, "groq")
    assert "claude: is overloaded" in notes_of(full_house, "AAA", "groq")
    assert ollama.chats == []

    groq.answers(groq_api.day_used_up())
    reading = scanned(full_house, "BBB")
    assert (reading["degraded"], reader_of(full_house, reading)) == (False, "ollama")
    assert "groq: asked us to slow down (429 rate_limit_exceeded)" in notes_of(
        full_house, "BBB", "ollama"
    )
    asked_groq = len(groq.bodies)
    assert asked_groq == 2

    reading = scanned(full_house, "CCC")
    assert (reading["degraded"], len(ollama.chats)) == (False, 2)
    assert len(groq.bodies) == asked_groq, "its day is over for every process"

    ollama.answers(Reply(drop=True))
    reading = scanned(full_house, "DDD")
    assert (reading["degraded"], reader_of(full_house, reading)) == (True, "local")

    spent = {one["provider"]: one for one in full_house.json("cost")["providers"]}
    assert (spent["groq"]["calls"], spent["groq"]["output_tokens"]) == (1, 500)
    assert spent["groq"]["usd"] == "0.000675"
    assert (spent["ollama"]["calls"], spent["ollama"]["usd"]) == (2, "0")
    assert full_house.json("paid")["calls"] == []
    states = full_house.rows("select provider, state, count(*) from paid_call group by 1, 2")
    assert ("ollama", "refused", 1) in states
    assert ("claude", "in_doubt") not in {row[:2] for row in states}
    quotas = json.dumps(full_house.json("quota"))
    assert '"groq"' in quotas
    assert "used up" in full_house.run("policy", "explain", "groq").out
    assert {"claude", "groq", "ollama", "local"} <= {
        one["name"] for one in full_house.json("agent")["agents"]
    }
    assert groq_api.KEY not in json.dumps(full_house.log_lines())


def test_a_process_killed_while_ollama_writes_asks_it_again(
    full_house: Installation, sec: EdgarServer, ollama: OllamaServer
) -> None:
    """Nobody is billed for it, so nothing is in doubt and no person has to say a word; the
    answer is kept, and asked for no third time."""
    company = filer(1, "KILL")
    sec.add(company)
    full_house.environ["RETAILXAI_ANALYSTS_ORDER"] = "ollama,local"
    full_house.configure(companies=[company], more=MORE.replace("timeout_s = 5", "timeout_s = 50"))
    ollama.answers(Reply(wait_s=45))
    scan = full_house.start("scan")
    eventually(lambda: ollama.chats, "the question")
    scan.kill()
    ollama.answers(ollama_api.chat(SAID))

    # Its work is taken up at the start of the next process, before or while that one scans.
    assert full_house.run("scan", "KILL").code == 0
    current = full_house.rows("select analyst, degraded from analysis where is_current")
    assert current == [("ollama", False)]
    assert full_house.rows("select state, asked from paid_call") == [("answered", 2)]
    assert full_house.run("scan").code == 0
    assert len(ollama.chats) == 2


def test_an_ollama_that_takes_too_long_holds_nobody_up(
    full_house: Installation, sec: EdgarServer, ollama: OllamaServer
) -> None:
    """One question at a time, each for its time and no longer, and nobody waits long for a turn:
    the scan ends with the local readings, and says why it has no others."""
    companies = [filer(n, t) for n, t in enumerate(("AAA", "BBB", "CCC", "DDD", "EEE"), 1)]
    for company in companies:
        sec.add(company)
    full_house.environ["RETAILXAI_ANALYSTS_ORDER"] = "ollama,local"
    quick = "timeout_s = 2\nmax_queue_s = 1\nqueue = 1\ndeadline_s = 4"
    full_house.configure(companies=companies, more=f"[policies.ollama]\n{quick}\n")
    ollama.answers(Reply(wait_s=90))
    scan = full_house.json("scan")
    assert [one["degraded"] for one in scan["readings"]] == [True] * 5
    assert all(one["figures"] for one in scan["readings"])
    assert 1 <= len(ollama.chats) <= 5
    assert "ollama" in json.dumps(scan["notes"])
    assert full_house.json("paid")["calls"] == []


def test_a_release_too_long_for_a_plan_says_what_was_left_out(
    full_house: Installation, sec: EdgarServer, claude: ClaudeServer, groq: GroqServer
) -> None:
    """The tokens of a minute are fewer than a long release: it is trimmed to what matters, the
    claims still point into the whole of it, and the note stands with the analysis."""
    weather = "The weather was fine in most of the towns that we went to this summer. " * 900
    company = filer(1, "LONG", more=weather)
    sec.add(company)
    full_house.configure(companies=[company], policies={**QUICK, "attempts": 1}, more=MORE)
    claude.answers(claude_api.overloaded())
    groq.answers(groq_api.completion(SAID))

    reading = scanned(full_house, "LONG")
    assert (reading["degraded"], reader_of(full_house, reading)) == (False, "groq")
    (body,) = groq.bodies
    shown = body["messages"][1]["content"]
    assert "Net sales | 1,204.5 | 1,168.3" in shown
    assert len(shown) < 20_000
    assert "were not shown to the model" in notes_of(full_house, "LONG", "groq")


def test_check_says_which_models_are_gone_and_which_are_not_there(
    full_house: Installation, groq: GroqServer, ollama: OllamaServer
) -> None:
    """Before they are asked: a retired model of Groq's by the calendar, one that Ollama lacks by
    looking, each with what to do; online, Groq's own list is asked as well."""
    full_house.environ |= {
        "RETAILXAI_GROQ_MODEL": "llama-3.3-70b-versatile",
        "RETAILXAI_GROQ_PRICES_MODEL": "llama-3.3-70b-versatile",
        "RETAILXAI_OLLAMA_MODEL": "absent:8b",
    }
    checked = full_house.run("check")
    assert checked.code == 1, checked.said
    assert "llama-3.3-70b-versatile was retired on 2026-08-16" in checked.out
    assert "set groq.model to openai/gpt-oss-120b" in checked.out
    assert "the model absent:8b is not there" in checked.out
    assert "ollama pull absent:8b" in checked.out
    assert groq.requests == []

    groq.serves(groq_api.MODEL)
    online = full_house.run("check", "--online")
    assert "does not serve the model llama-3.3-70b-versatile" in online.out

    full_house.environ |= {
        "RETAILXAI_GROQ_MODEL": groq_api.MODEL,
        "RETAILXAI_GROQ_PRICES_MODEL": groq_api.MODEL,
        "RETAILXAI_OLLAMA_MODEL": ollama_api.MODEL,
    }
    found = {
        one["name"]: one["severity"]
        for one in json.loads(full_house.run("check", "--online", "--json").out)["findings"]
    }
    assert (found["groq online"], found["ollama online"]) == ("ok", "ok")
    assert "models" not in found
