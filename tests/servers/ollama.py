"""Ollama on the loopback interface: documented shapes, content invented.

with OllamaServer() as ollama:
    ollama.has(MODEL, context=32_768)
    ollama.answers(good_answer())

It counts what it reads as the real one does, and with `cuts_at` reads no more than that, in
silence.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import TracebackType
from typing import Any

from tests.servers.claude import answer_text
from tests.servers.http import Answering, LoopbackServer, RecordedRequest, Reply

MODEL = "sample-reader:8b"
CHAT, TAGS, SHOW = "/api/chat", "/api/tags", "/api/show"
_PER_TOKEN = 4  # characters, about


class OllamaServer:
    """Answers as it is told to, in turn, the last answer for ever."""

    def __init__(self) -> None:
        self._server = LoopbackServer()
        self._models: dict[str, dict[str, object]] = {}

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def requests(self) -> list[RecordedRequest]:
        return self._server.requests

    @property
    def chats(self) -> list[dict[str, Any]]:
        return [request.json() for request in self.requests if request.path == CHAT]

    def answers(self, *replies: Answering) -> None:
        self._server.route("POST", CHAT, *replies)

    def replies(self, method: str, path: str, *replies: Answering) -> None:
        self._server.route(method, path, *replies)

    def has(self, *models: str, context: int | None = 32_768, thinks: bool = False) -> None:
        """Models that were pulled; `context` None: they do not say how much they take."""
        for model in models:
            info: dict[str, object] = {"general.architecture": "sample"}
            if context is not None:
                info["sample.context_length"] = context
            can = ["completion", *(["thinking"] if thinks else [])]
            self._models[model] = {
                "modelfile": "FROM sample",
                "parameters": "stop <end>",
                "details": {"family": "sample", "parameter_size": "8B"},
                "model_info": info,
                "capabilities": can,
            }

    def loses(self, model: str) -> None:
        del self._models[model]

    def __enter__(self) -> OllamaServer:
        self._server.start()
        self._server.route("GET", TAGS, self._tags)
        self._server.route("POST", SHOW, self._show)
        self._server.otherwise(Reply(status=404, body=b"404 page not found"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()

    def _tags(self, request: RecordedRequest) -> Reply:
        listed = [
            {"name": name, "model": name, "size": 4_700_000_000, "digest": "0" * 64}
            for name in self._models
        ]
        return Reply.json({"models": listed})

    def _show(self, request: RecordedRequest) -> Reply:
        wanted = request.json()["model"]
        shown = self._models.get(wanted, self._models.get(f"{wanted}:latest"))
        return Reply.json(shown) if shown is not None else missing(wanted)


def chat(
    text: str,
    *,
    done_reason: str | None = "stop",
    done: bool = True,
    cuts_at: int | None = None,
    written: int = 400,
    **changes: object,
) -> Callable[[RecordedRequest], Reply]:
    """An answer that counts what it read. `changes` of its body; None leaves a field out."""

    def answer(request: RecordedRequest) -> Reply:
        asked = request.json()
        read = sum(len(each["content"]) for each in asked["messages"]) // _PER_TOKEN
        body: dict[str, object] = {
            "model": asked["model"],
            "created_at": "2026-11-29T07:00:00.000000Z",
            "message": {"role": "assistant", "content": text},
            "done_reason": done_reason,
            "done": done,
            "total_duration": 61_000_000_000,
            "load_duration": 9_000_000,
            "prompt_eval_count": min(read, cuts_at or read),
            "prompt_eval_duration": 40_000_000_000,
            "eval_count": written,
            "eval_duration": 20_000_000_000,
        }
        body |= changes
        return Reply.json({name: value for name, value in body.items() if value is not None})

    return answer


def good_answer() -> Callable[[RecordedRequest], Reply]:
    return chat(answer_text())


def error(status: int, said: str) -> Reply:
    return Reply(
        status=status,
        headers={"content-type": "application/json; charset=utf-8"},
        body=json.dumps({"error": said}).encode(),
    )


def missing(model: str = MODEL) -> Reply:
    return error(404, f"model '{model}' not found")
