"""Groq's chat completions on the loopback interface: documented shapes, content invented.

with GroqServer() as groq:
    groq.answers(good_answer())
    ...
    assert groq.bodies[0]["model"] == MODEL

What a model says of the release of the tests is the same whoever it is: `tests.servers.claude`
has the words (`answer_text`, `figure`, `guided`).
"""

from __future__ import annotations

import json
from types import TracebackType
from typing import Any

from tests.servers.claude import answer_text
from tests.servers.http import Answering, LoopbackServer, RecordedRequest, Reply

COMPLETIONS = "/openai/v1/chat/completions"
MODELS = "/openai/v1/models"
MODEL = "openai/gpt-oss-120b"
KEY = "gsk_inventedForTests0000000000000000000000000000000000000"


class GroqServer:
    """Answers as it is told to, in turn, the last answer for ever."""

    def __init__(self) -> None:
        self._server = LoopbackServer()

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def requests(self) -> list[RecordedRequest]:
        return self._server.requests

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [request.json() for request in self._server.requests if request.body]

    def answers(self, *replies: Answering) -> None:
        self._server.route("POST", COMPLETIONS, *replies)

    def serves(self, *models: str) -> None:
        """GET /openai/v1/models lists them."""
        listed = [{"id": model, "object": "model", "active": True} for model in models]
        self._server.route("GET", MODELS, _json({"object": "list", "data": listed}, 200))

    def refuses(self, reply: Reply) -> None:
        """To say what it serves."""
        self._server.route("GET", MODELS, reply)

    def __enter__(self) -> GroqServer:
        self._server.start()
        self._server.otherwise(error(404, "Unknown request URL", code="unknown_url"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()


USAGE: dict[str, object] = {
    "queue_time": 0.018,
    "prompt_tokens": 3000,
    "prompt_time": 0.09,
    "completion_tokens": 500,
    "completion_time": 0.9,
    "total_tokens": 3500,
    "total_time": 0.99,
    "prompt_tokens_details": {"cached_tokens": 1000},
}


def completion(
    text: str | None,
    *,
    finish_reason: str | None = "stop",
    usage: object = None,
    refusal: str | None = None,
    **headers: str,
) -> Reply:
    """A completion with one choice; `headers` as x_ratelimit_remaining_tokens="12"."""
    message: dict[str, object] = {"role": "assistant", "content": text}
    if refusal is not None:
        message["refusal"] = refusal
    body = {
        "id": "chatcmpl-invented",
        "object": "chat.completion",
        "created": 1_795_000_000,
        "model": MODEL,
        "choices": [
            {"index": 0, "message": message, "logprobs": None, "finish_reason": finish_reason}
        ],
        "usage": usage if usage is not None else USAGE,
        "system_fingerprint": "fp_invented",
        "x_groq": {"id": "req_invented"},
        "service_tier": "on_demand",
    }
    return _json(body, 200, headers)


def error(
    status: int,
    said: str,
    *,
    kind: str = "invalid_request_error",
    code: str | None = None,
    failed_generation: str | None = None,
    **headers: str,
) -> Reply:
    problem: dict[str, object] = {"message": said, "type": kind}
    if code is not None:
        problem["code"] = code
    if failed_generation is not None:
        problem["failed_generation"] = failed_generation
    return _json({"error": problem}, status, headers)


def good_answer(**headers: str) -> Reply:
    return completion(answer_text(), **headers)


def cut_off() -> Reply:
    return completion(answer_text()[:150], finish_reason="length")


def filtered() -> Reply:
    return completion("", finish_reason="content_filter")


def wrote_no_json() -> Reply:
    return error(
        400,
        "Failed to validate JSON. Please adjust your prompt. See 'failed_generation'.",
        code="json_validate_failed",
        failed_generation='{"is_results": tru',
    )


def throttled(retry_after: str = "12", **headers: str) -> Reply:
    """Too many tokens in a minute."""
    return error(
        429,
        "Rate limit reached for the model in organization `org_x` service tier `on_demand` on "
        "tokens per minute (TPM): Limit 8000, Used 7900, Requested 5000. Please try again soon.",
        kind="tokens",
        code="rate_limit_exceeded",
        retry_after=retry_after,
        **headers,
    )


def day_used_up(retry_after: str = "33120") -> Reply:
    """Too many requests in a day."""
    return error(
        429,
        "Rate limit reached for the model in organization `org_x` service tier `on_demand` on "
        "requests per day (RPD): Limit 1000, Used 1000, Requested 1. Please try again later.",
        kind="requests",
        code="rate_limit_exceeded",
        retry_after=retry_after,
        x_ratelimit_limit_requests="1000",
        x_ratelimit_remaining_requests="0",
        x_ratelimit_reset_requests="9h12m",
    )


def too_large(limit: int = 6000, requested: int = 7400) -> Reply:
    return error(
        413,
        "Request too large for the model in organization `org_x` service tier `on_demand` on "
        f"tokens per minute (TPM): Limit {limit}, Requested {requested}, please reduce your "
        "message size and try again.",
        kind="tokens",
        code="rate_limit_exceeded",
    )


def decommissioned() -> Reply:
    said = "The model has been decommissioned and is no longer supported."
    return error(400, said, code="model_decommissioned")


def not_found() -> Reply:
    said = "The model `gone` does not exist or you do not have access to it."
    return error(404, said, code="model_not_found")


def _json(body: object, status: int, headers: dict[str, str] | None = None) -> Reply:
    named = {name.replace("_", "-"): text for name, text in (headers or {}).items()}
    return Reply(
        status=status,
        headers={"content-type": "application/json", "x-request-id": "req_invented", **named},
        body=json.dumps(body).encode(),
    )
