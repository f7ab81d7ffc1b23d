"""Claude over recorded real traffic, where a folder of it is at hand.

RETAILXAI_CORPUS names the folder; its anthropic/http/*.json hold one exchange each.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from earnings.analysts.base import NoAnswer
from earnings.analysts.claude import Claude
from earnings.analysts.claude_wire import ClaudeSetup
from outside.http import HttpDoor
from resilience.outcomes import CallFailed
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers import claude as api
from tests.servers.http import Reply
from tests.unit.earnings.analysts.doubles import PRICES, PaidBook, question

pytestmark = pytest.mark.corpus

FOLDER = Path(os.environ.get("RETAILXAI_CORPUS", "/nonexistent")) / "anthropic" / "http"


def _exchanges() -> list[dict[str, Any]]:
    if not FOLDER.is_dir():
        pytest.skip("RETAILXAI_CORPUS names no folder with anthropic/http")
    loaded = [json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))]
    return [one for one in loaded if "response" in one]


def _outcome(reply: Reply, book: PaidBook) -> Exception | None:
    clock = FakeClock()
    with api.ClaudeServer() as server:
        server.answers(reply)
        door = HttpDoor(Policies({"claude": PolicySpec()}, clock), clock, "RetailXAI/test")
        claude = Claude(
            door, ClaudeSetup(api.MODEL, PRICES, api_key=api.KEY, base_url=server.url), clock
        )
        try:
            claude.analyse(question(), book)
        except (NoAnswer, CallFailed) as why:
            return why
        finally:
            door.close()
    return None


def test_recorded_messages_are_understood_as_no_answer_of_ours() -> None:
    """Real messages about other things: kept and paid for, never taken for a reading."""
    seen = 0
    for exchange in _exchanges():
        response = exchange["response"]
        if response["status"] != 200 or '"type": "message"' not in response["body"]:
            continue
        book = PaidBook()
        reply = Reply(headers={"content-type": "application/json"}, body=response["body"].encode())
        assert isinstance(_outcome(reply, book), NoAnswer)
        (stored,) = book.answers.values()
        assert stored.usage.output_tokens > 0
        seen += 1
    assert seen > 10


def test_recorded_errors_are_free_and_final() -> None:
    """400, 401 and 404 as they were really sent."""
    seen = 0
    for exchange in _exchanges():
        response = exchange["response"]
        if response["status"] < 400:
            continue
        headers = {"content-type": "application/json", "x-should-retry": "false"}
        outcome = _outcome(
            Reply(response["status"], headers, response["body"].encode()), PaidBook()
        )
        assert isinstance(outcome, CallFailed)
        assert (outcome.accepted, outcome.retryable) == (False, False)
        assert outcome.fix
        seen += 1
    assert seen >= 3


def test_documented_errors_are_retried_only_where_it_helps() -> None:
    """The bodies of the provider's own error pages, with what they say of trying again."""
    path = FOLDER / "TRANSCRIBED_error_bodies.json"
    if not path.is_file():
        pytest.skip("RETAILXAI_CORPUS holds no transcribed error bodies")
    for case in json.loads(path.read_text())["cases"]:
        if case.get("stream"):
            continue  # we do not stream
        reply = Reply(
            case["status"],
            {"content-type": "application/json", **case["headers"]},
            json.dumps(case["body"]).encode(),
        )
        outcome = _outcome(reply, PaidBook())
        assert isinstance(outcome, CallFailed)
        assert outcome.retryable is case["retry"], case
        assert outcome.accepted is False
