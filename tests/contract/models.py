"""Every analyst that asks somebody else, with a server that answers as the test says.

What a provider can do to us is named the same for all of them; each has its own bodies for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Any

from earnings.analysts.base import Analyst
from earnings.analysts.claude import Claude
from earnings.analysts.claude_wire import ClaudeSetup
from earnings.analysts.groq import Groq
from earnings.analysts.groq_wire import GroqSetup
from earnings.analysts.ollama import Ollama
from earnings.analysts.ollama_wire import OllamaSetup
from outside.http import HttpDoor
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers import claude, groq, ollama
from tests.servers.http import Answering, RecordedRequest, Reply
from tests.unit.earnings.analysts.doubles import PRICES

SLOW_S = 0.3
HUGE = Reply(headers={"content-type": "application/json"}, body=b"[" + b" " * 8_100_000 + b"]")
NOTHING: dict[str, object] = {"figures": [], "guidance": [], "quotes": []}


@dataclass(frozen=True)
class Provider:
    """`says` makes the answer of a model that wrote a text; `ways` are what else it may do.
    `shown` is what of a request's body a model reads as the document."""

    name: str
    key: str
    served: Callable[[], AbstractContextManager[Any]]
    make: Callable[[HttpDoor, Any, FakeClock], Analyst]
    says: Callable[[str], Answering]
    ways: Mapping[str, Answering]


@dataclass
class Served:
    provider: Provider
    server: Any
    analyst: Analyst

    def answers(self, reply: Answering) -> None:
        self.server.answers(reply)

    def says(self, text: str) -> None:
        self.answers(self.provider.says(text))

    def does(self, way: str) -> None:
        self.answers(self.provider.ways[way])

    @property
    def questions(self) -> list[dict[str, Any]]:
        """The bodies of the questions that were sent."""
        return [
            request.json()
            for request in self.server.requests
            if request.body and "messages" in request.json()
        ]


def rules_of(body: Mapping[str, Any]) -> str:
    """What is told to a model beside the document."""
    system = body.get("system") or body["messages"][0]["content"]
    return json.dumps(system)


def shown_of(body: Mapping[str, Any]) -> str:
    """What a model is shown of a document."""
    return json.dumps(body["messages"][-1]["content"])


@contextmanager
def _ollama_server() -> Iterator[ollama.OllamaServer]:
    with ollama.OllamaServer() as server:
        server.has(ollama.MODEL, context=400_000)
        yield server


def _claude(door: HttpDoor, server: claude.ClaudeServer, clock: FakeClock) -> Analyst:
    setup = ClaudeSetup(
        claude.MODEL, PRICES, api_key=claude.KEY, base_url=server.url, timeout_s=SLOW_S * 10
    )
    return Claude(door, setup, clock)


def _groq(door: HttpDoor, server: groq.GroqServer, clock: FakeClock) -> Analyst:
    setup = GroqSetup(
        groq.MODEL, PRICES, api_key=groq.KEY, base_url=server.url, timeout_s=SLOW_S * 10
    )
    return Groq(door, setup, clock)


def _ollama(door: HttpDoor, server: ollama.OllamaServer, clock: FakeClock) -> Analyst:
    setup = OllamaSetup(ollama.MODEL, server.url, max_context_tokens=400_000, timeout_s=SLOW_S * 10)
    return Ollama(door, setup, clock)


GARBLED = Reply(headers={"content-type": "application/json"}, body=b'{"id": "x", "choi\xff\xfe')
SLOW = Reply(wait_s=60)

PROVIDERS: dict[str, Provider] = {
    one.name: one
    for one in (
        Provider(
            "claude",
            claude.KEY,
            claude.ClaudeServer,
            _claude,
            says=claude.message,
            ways={
                "throttled": claude.rate_limited("900"),
                "overloaded": claude.overloaded(),
                "refused": claude.refusal(),
                "key refused": claude.error(401, "authentication_error", f"no: {claude.KEY}"),
                "model gone": claude.error(404, "not_found_error", "model: gone"),
                "cut off": claude.cut_off(),
                "broken": claude.error(500, "api_error", "Internal server error"),
            },
        ),
        Provider(
            "groq",
            groq.KEY,
            groq.GroqServer,
            _groq,
            says=groq.completion,
            ways={
                "throttled": groq.day_used_up(),
                "overloaded": groq.error(498, "flex tier at capacity"),
                "refused": groq.filtered(),
                "key refused": groq.error(401, f"Invalid API Key {groq.KEY}"),
                "model gone": groq.decommissioned(),
                "cut off": groq.cut_off(),
                "broken": groq.error(500, "Internal Server Error"),
            },
        ),
        Provider(
            "ollama",
            "no key at all",
            _ollama_server,
            _ollama,
            says=ollama.chat,
            ways={
                "throttled": ollama.error(503, "server busy, please try again"),
                "overloaded": ollama.error(500, "model requires more system memory"),
                "refused": ollama.error(400, "invalid options"),
                "key refused": ollama.error(401, "unauthorized"),
                "model gone": ollama.missing(),
                "cut off": ollama.chat("{", done_reason="length"),
                "broken": ollama.error(500, "llama runner process has terminated"),
            },
        ),
    )
}
WAYS = ("throttled", "overloaded", "refused", "key refused", "model gone", "cut off", "broken")
# The same whoever does it.
ANYBODYS: Mapping[str, Answering] = {
    "garbled": GARBLED,
    "oversized": HUGE,
    "slow": SLOW,
    "a page": Reply.html("<html><title>Welcome to the proxy</title></html>"),
    "nothing": Reply(headers={"content-type": "application/json"}, body=b""),
    "cut short": Reply.json({"choices": [], "message": {}, "type": "message"}).truncated(9),
    "hung up": Reply(drop=True),
}


@contextmanager
def served(provider: Provider) -> Iterator[Served]:
    clock = FakeClock()
    policies = Policies({provider.name: PolicySpec(attempts=2, wait_s=1)}, clock)
    door = HttpDoor(policies, clock, "RetailXAI/test")
    with provider.served() as server:
        yield Served(provider, server, provider.make(door, server, clock))
    door.close()


def document_in(request: RecordedRequest) -> str:
    return shown_of(request.json())
