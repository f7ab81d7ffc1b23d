"""`check --online` and `make smoke-live` against every provider's double on this machine."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from resilience.clock import SystemClock
from tests.acceptance.day_papers import TICKERS
from tests.acceptance.day_world import APPLE, KEYS, World, the_world
from tests.acceptance.installation import Installation
from tests.acceptance.processes import Ended
from tests.servers import claude as claude_api
from tests.servers import groq as groq_api
from tests.servers import x as x_api
from tests.servers.edgar import refusal_page, submissions_path
from tests.servers.http import Reply, closed_port
from tests.servers.youtube import CHANNELS, VIDEOS, quota_exceeded, refusal

pytestmark = [pytest.mark.acceptance, pytest.mark.database]

ROOT = Path(__file__).resolve().parents[2]
PAID = {"claude", "groq"}
EVERYBODY = {"edgar", "youtube", "feeds", "tavily", "x", "claude", "groq", "ollama"}


@pytest.fixture
def world(house: Installation) -> Iterator[World]:
    with the_world(house) as made:
        now = SystemClock().now()
        made.begin()
        made.files(*TICKERS[:3])
        made.holds_calls(now, silent="")
        made.writes(1, now)
        made.hour(1)
        yield made


def smoke(house: Installation, *names: str) -> Ended:
    program = (sys.executable, "-m", "bootstrap.smoke")
    return house.start(*names, program=program, PYTHONPATH=str(ROOT)).ended()


def states(ended: Ended) -> dict[str, str]:
    """What is said of each provider: ok, no key, FAILED."""
    lines = ended.out.splitlines()
    return {line.split()[0]: line[11:18].strip() for line in lines if line[:1].isalpha()}


def found(world: World) -> dict[str, dict[str, Any]]:
    """What `check --online` says of each provider."""
    ended = world.house.run("check", "--online", "--json")
    assert not any(key in ended.said for key in KEYS)
    findings = json.loads(ended.out)["findings"]
    return {one["name"].removesuffix(" online"): one for one in findings if "online" in one["name"]}


def asked_for_money(world: World) -> int:
    searches = sum(path == "/search" for path in world.tavily.paths())
    return len(world.claude.served) + len(world.groq.served) + searches


def test_check_says_that_everybody_answers_and_pays_for_nothing(world: World) -> None:
    """Each provider is asked its cheapest question, and what it takes is said."""
    said = found(world)
    assert {name: one["severity"] for name, one in said.items()} == {
        **dict.fromkeys(EVERYBODY, "ok"),
        "inbox": "ok",
    }
    assert asked_for_money(world) == 0
    assert len(world.youtube.requests) == len(world.x.requests) == 1
    assert "1 unit of its day" in said["youtube"]["message"]
    assert "1 search" in said["x"]["message"]
    assert "no credit" in said["tavily"]["message"]


def test_check_says_whose_key_is_bad_and_what_to_do(world: World) -> None:
    world.sec.route("GET", submissions_path(APPLE), Reply.html(refusal_page("undeclared"), 403))
    world.youtube.route("GET", CHANNELS, refusal(400, "keyInvalid"))
    world.youtube.route("GET", VIDEOS, refusal(400, "keyInvalid"))
    world.claude_server.otherwise(claude_api.error(401, "authentication_error", "invalid key"))
    world.groq_server.refuses(groq_api.error(401, "Invalid API Key", code="invalid_api_key"))
    world.x_answers(x_api.refusal(401, "Unauthorized", "Unauthorized"))
    world.house.environ["TAVILY_API_KEY"] = "tvly-dev-another0123456789"
    world.house.environ["RETAILXAI_OLLAMA_MODEL"] = "absent:8b"
    world.feeds.stop()
    said = found(world)
    wrong = {name for name, one in said.items() if one["severity"] != "ok"}
    assert wrong == EVERYBODY
    assert all(said[name]["fix"] for name in EVERYBODY)
    assert asked_for_money(world) == 0


def test_check_says_who_cannot_be_reached(world: World) -> None:
    nowhere = f"http://127.0.0.1:{closed_port()}"
    names = ("SEC_WWW_URL", "SEC_DATA_URL", "YOUTUBE_API_URL", "TAVILY_BASE_URL", "X_BASE_URL",
             "CLAUDE_BASE_URL", "GROQ_BASE_URL")  # fmt: skip
    world.house.environ |= {f"RETAILXAI_{name}": nowhere for name in names}
    world.addresses = {name: f"{nowhere}/{name}" for name in world.addresses}
    world.hour(1, OLLAMA_HOST=nowhere)
    said = found(world)
    assert {name for name, one in said.items() if one["severity"] != "ok"} == EVERYBODY


def test_check_says_what_is_used_up(world: World) -> None:
    """Where the provider tells it for nothing."""
    account = {"current_plan": "Researcher", "plan_usage": 1000, "plan_limit": 1000}
    usage = {"key": {"usage": 1000, "limit": None}, "account": account}
    world.tavily.route("GET", "/usage", Reply.json(usage))
    for path in (CHANNELS, VIDEOS):
        world.youtube.route("GET", path, quota_exceeded())
    world.x_answers(x_api.refusal(429, "Too Many Requests", "Too Many Requests"))
    said = found(world)
    wrong = {name for name, one in said.items() if one["severity"] != "ok"}
    assert wrong == {"tavily", "youtube", "x"}
    assert "used up" in said["tavily"]["message"]
    assert "quota of this day is used up" in said["youtube"]["message"]


def test_smoke_asks_everybody_one_real_question(world: World) -> None:
    """And one tiny read; what is paid stands in the ledger, and a second smoke asks anew."""
    ended = smoke(world.house)
    assert ended.code == 0, ended.said
    assert states(ended) == dict.fromkeys(EVERYBODY, "ok")
    house = world.house
    calls = "select provider, state, count(*)::int from paid_call group by 1, 2"
    assert set(house.rows(calls)) == {(name, "answered", 1) for name in (*PAID, "ollama")}
    assert house.one("select count(*) from document") == 0
    assert house.one("select count(*) from headline") == 0
    again = smoke(house, "claude")
    assert states(again) == {"claude": "ok"}
    assert len(world.claude.served) == 2
    assert not any(key in ended.said for key in KEYS)


def test_smoke_says_who_failed_and_goes_on(world: World) -> None:
    world.claude.all_day = None
    world.claude_server.answers(claude_api.error(401, "authentication_error", "invalid key"))
    world.youtube.route("GET", CHANNELS, quota_exceeded())
    ended = smoke(world.house)
    assert ended.code == 1, ended.said
    told = states(ended)
    assert {name for name, state in told.items() if state == "FAILED"} == {"claude", "youtube"}
    assert set(told) == EVERYBODY
    assert "set ANTHROPIC_API_KEY" in ended.out
    assert not any(key in ended.said for key in KEYS)


def test_smoke_without_keys_asks_nobody(house: Installation) -> None:
    ended = smoke(house)
    assert ended.code == 0, ended.said
    assert states(ended) == {
        **dict.fromkeys(EVERYBODY, "no key"),
        **dict.fromkeys(("edgar", "feeds", "ollama"), "off"),
    }
    assert smoke(house, "clod").code == 2
