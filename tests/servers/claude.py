"""A Messages API on the loopback interface: shapes as they were recorded, content invented.

with ClaudeServer() as claude:
    claude.answers(good_answer())
    ...
    assert claude.bodies[0]["model"] == "claude-test-1"
"""

from __future__ import annotations

import json
from collections.abc import Callable
from types import TracebackType
from typing import Any

from tests.servers.http import Answering, LoopbackServer, RecordedRequest, Reply

MESSAGES = "/v1/messages"
MODEL = "claude-test-1"
KEY = "sk-ant-api03-invented-for-tests"


class ClaudeServer:
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
        self._server.route("POST", MESSAGES, *replies)

    def serves(self, answer: Callable[[RecordedRequest], Reply | None]) -> None:
        """Whatever has no route goes to `answer` first."""
        unknown = error(404, "not_found_error", "model: unknown")
        self._server.otherwise(lambda request: answer(request) or unknown)

    def otherwise(self, reply: Reply) -> None:
        """To whatever is not a question; no model is known any more."""
        self._server.forget_routes("GET")
        self._server.otherwise(reply)

    def knows(self, model: str) -> None:
        """GET /v1/models/{model} answers."""
        body = {"type": "model", "id": model, "display_name": model}
        self._server.route("GET", f"/v1/models/{model}", _json(body, 200))

    def __enter__(self) -> ClaudeServer:
        self._server.start()
        self._server.otherwise(error(404, "not_found_error", "model: unknown"))
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        problem: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._server.stop()


def message(
    text: str,
    *,
    stop_reason: str | None = "end_turn",
    stop_details: object = None,
    usage: object = None,
    before: tuple[dict[str, object], ...] = (),
) -> Reply:
    """A message with one text block, after the blocks of `before` (thinking)."""
    body = {
        "content": [*before, {"text": text, "type": "text"}],
        "id": "msg_01Invented",
        "model": MODEL,
        "role": "assistant",
        "stop_details": stop_details,
        "stop_reason": stop_reason,
        "stop_sequence": None,
        "type": "message",
        "usage": usage if usage is not None else USAGE,
    }
    return _json(body, 200)


USAGE: dict[str, object] = {
    "cache_creation": {"ephemeral_1h_input_tokens": 0, "ephemeral_5m_input_tokens": 0},
    "cache_creation_input_tokens": 2000,
    "cache_read_input_tokens": 1000,
    "inference_geo": "global",
    "input_tokens": 15000,
    "output_tokens": 1500,
    "service_tier": "standard",
}


def error(
    status: int, kind: str, said: str, error_code: str | None = None, **headers: str
) -> Reply:
    """An error body with a request id; `headers` as retry_after="12"."""
    problem: dict[str, object] = {"type": kind, "message": said}
    if error_code is not None:
        problem["details"] = {"error_code": error_code}
    body = {"type": "error", "error": problem, "request_id": "req_011Invented"}
    return _json(body, status, headers)


def period(kind: str = "quarter", end: str = "2026-10-31", label: str = "") -> dict[str, str]:
    return {"kind": kind, "end": end, "label": label}


def figure(metric: str, value: str, quote: str, **changes: object) -> dict[str, object]:
    item: dict[str, object] = {
        "metric": metric,
        "value": value,
        "prior": "",
        "scale": "ones",
        "unit": "usd",
        "basis": "gaap",
        "period": period(),
        "quote": quote,
    }
    return item | changes


def guided(metric: str, low: str, high: str, quote: str, **changes: object) -> dict[str, object]:
    item: dict[str, object] = {
        "metric": metric,
        "low": low,
        "high": high,
        "prior_low": "",
        "prior_high": "",
        "scale": "ones",
        "unit": "usd_per_share",
        "basis": "adjusted",
        "period": period("year", ""),
        "action": "raised",
        "quote": quote,
    }
    return item | changes


def answer_text(**changes: object) -> str:
    """An answer of the agreed shape about the release in `tests/unit/earnings/analysts`."""
    answer: dict[str, object] = {
        "is_results": True,
        "period": period(label="third quarter of fiscal 2026"),
        "figures": [
            figure(
                "net_sales",
                "1204.8",
                "Net sales | 1,204.8 | 1,187.0",
                prior="1187.0",
                scale="millions",
            ),
            figure(
                "eps_diluted",
                "0.84",
                "Diluted earnings per share | 0.84 | 0.91",
                prior="0.91",
                unit="usd_per_share",
            ),
        ],
        "guidance": [
            guided(
                "eps_adjusted",
                "3.05",
                "3.20",
                "The company now expects adjusted diluted EPS of $3.05 to $3.20 for fiscal 2026.",
            )
        ],
        "quotes": [
            {
                "theme": "tariffs",
                "speaker": "Mara Quell, CEO",
                "quote": "We bought ahead of the tariffs.",
            }
        ],
    }
    return json.dumps(answer | changes)


def good_answer() -> Reply:
    return message(answer_text())


def invented_numbers() -> Reply:
    """A well-formed answer whose numbers and words stand in no document."""
    figures = [figure("net_sales", "9999.9", "Net sales were a record $9,999.9 million.")]
    return message(answer_text(figures=figures, guidance=[], quotes=[]))


def cut_off() -> Reply:
    """The model ran out of tokens in the middle of its JSON."""
    return message(answer_text()[:150], stop_reason="max_tokens")


def refusal() -> Reply:
    details = {"type": "refusal", "category": "policy", "explanation": "Not this document."}
    return message("", stop_reason="refusal", stop_details=details)


def rate_limited(retry_after: str = "12") -> Reply:
    return error(429, "rate_limit_error", "Too many tokens a minute", retry_after=retry_after)


def spend_limit() -> Reply:
    return error(
        429, "rate_limit_error", "Monthly threshold crossed", "enforced_spend_limit_reached"
    )


def overloaded() -> Reply:
    return error(529, "overloaded_error", "Overloaded")


def _json(body: object, status: int, headers: dict[str, str] | None = None) -> Reply:
    named = {name.replace("_", "-"): text for name, text in (headers or {}).items()}
    return Reply(
        status=status,
        headers={"content-type": "application/json", "request-id": "req_011Invented", **named},
        body=json.dumps(body).encode(),
    )
