"""Claude, Groq and Ollama of the replayed day: each question is known by the document it is
about, and every answer is written down with whether it is billed."""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from tests.acceptance.day_papers import sales_of
from tests.servers import claude as claude_api
from tests.servers import groq as groq_api
from tests.servers import ollama as ollama_api
from tests.servers.http import RecordedRequest, Reply
from tests.servers.youtube import SPOKEN

UNLISTED = "NONE"  # a document of no company of the day
RELEASE, LATER, CALL = "release", "later", "call"
_TICKER = re.compile(r"\(NYSE: ([A-Z]{4})\)")
Makes = Callable[[str], Reply | Callable[[RecordedRequest], Reply]]


@dataclass(frozen=True)
class Says:
    """One way to answer. `makes` the reply of what a model would say; `bills`: it was paid for,
    or may have been; `is_good`: it says what the document says."""

    name: str
    makes: Makes
    bills: bool = False
    is_good: bool = False


@dataclass(frozen=True)
class Served:
    about: str  # "AAAA release"
    says: Says


class Model:
    """One provider. `all_day` answers everything while it is set, else what is laid on the
    document, in turn, and then the good answer."""

    def __init__(self, good: Makes) -> None:
        self._good = Says("good", good, bills=True, is_good=True)
        self._lock = threading.Lock()
        self.all_day: Says | None = None
        self.laid: dict[str, list[Says]] = {}
        self.served: list[Served] = []

    def lay(self, about: str, *says: Says) -> None:
        self.laid[about] = list(says)

    def unmet(self) -> list[str]:
        """What was laid and nobody came for."""
        return [f"{about}: {says.name}" for about, left in self.laid.items() for says in left]

    def __call__(self, request: RecordedRequest) -> Reply:
        about = subject(request.json())
        says = self._says(about)
        reply = says.makes(words(about))
        return reply if isinstance(reply, Reply) else reply(request)

    def in_a_batch(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """The message to one of a batch's questions."""
        about = subject(params)
        reply = self._says(about).makes(words(about))
        assert isinstance(reply, Reply)
        message: dict[str, Any] = json.loads(reply.body)
        return message

    def _says(self, about: str) -> Says:
        with self._lock:
            left = self.laid.get(about)
            says = self.all_day or (left.pop(0) if left else self._good)
            self.served.append(Served(about, says))
        return says

    def billed(self) -> Counter[str]:
        return Counter(one.about for one in self.served if one.says.bills)

    def answered(self) -> set[str]:
        """What it answered well."""
        return {one.about for one in self.served if one.says.is_good}

    def met(self, about: str) -> list[str]:
        return [one.says.name for one in self.served if one.about == about]


def subject(body: Mapping[str, Any]) -> str:
    said = json.dumps(body["messages"])
    (ticker,) = set(_TICKER.findall(said)) or {UNLISTED}
    if "Welcome" in said:
        return f"{ticker} {CALL}"
    return f"{ticker} {LATER if 'Reports Third Quarter' in said else RELEASE}"


def words(about: str) -> str:
    """What a good model says of it."""
    ticker, kind = about.split()
    if kind == CALL:
        quote = {"theme": "traffic", "speaker": "Jane Doe", "quote": _heard()}
        return claude_api.answer_text(figures=[], guidance=[], quotes=[quote])
    period = claude_api.period(end="2026-08-01", label="second quarter of fiscal 2026")
    sales = "1,204.5" if ticker == UNLISTED else sales_of(ticker)
    figure = claude_api.figure(
        "net_sales",
        sales.replace(",", ""),
        f"Net sales | {sales} | 1,168.3",
        prior="1168.3",
        scale="millions",
        period=period,
    )
    return claude_api.answer_text(period=period, figures=[figure], guidance=[], quotes=[])


def _heard() -> str:
    """A sentence that was captioned in two pieces."""
    begins = "Customer traffic"
    for (_, first), (_, second) in pairwise(SPOKEN):
        if begins in first:
            return f"{first[first.index(begins) :]} {second}"
    raise AssertionError(begins)


def claude() -> Model:
    return Model(claude_api.message)


def groq() -> Model:
    return Model(groq_api.completion)


def ollama() -> Model:
    return Model(ollama_api.chat)


def _always(reply: Reply) -> Makes:
    return lambda text: reply


SLOW_S = 60.0
CLAUDE: dict[str, Says] = {
    one.name: one
    for one in (
        Says("401", _always(claude_api.error(401, "authentication_error", "invalid x-api-key"))),
        Says("402", _always(claude_api.error(402, "billing_error", "Your credit is too low"))),
        Says("spend limit", _always(claude_api.spend_limit())),
        Says("529", _always(claude_api.overloaded())),
        Says(
            "400 spend limit",
            _always(
                claude_api.error(
                    400,
                    "invalid_request_error",
                    "You have reached your specified workspace API usage limits.",
                )
            ),
        ),
        Says("429", _always(claude_api.rate_limited("1"))),
        Says("500", _always(claude_api.error(500, "api_error", "Internal error")), bills=True),
        Says("refusal", _always(claude_api.refusal()), bills=True),
        Says(
            "max_tokens",
            lambda text: claude_api.message(text[:90], stop_reason="max_tokens"),
            bills=True,
        ),
        Says("garbled", lambda text: claude_api.message("Surely! {" + text[9:]), bills=True),
        Says("slow", _always(Reply(wait_s=SLOW_S)), bills=True),
    )
}
GROQ: dict[str, Says] = {
    one.name: one
    for one in (
        Says("401", _always(groq_api.error(401, "Invalid API Key", code="invalid_api_key"))),
        Says("413", _always(groq_api.too_large())),
        Says("429 minute", _always(groq_api.throttled("1"))),
        # Short of two hours of the day are left.
        Says("429 day", _always(groq_api.day_used_up("6600"))),
        Says("json_validate_failed", _always(groq_api.wrote_no_json()), bills=True),
        Says("500", _always(groq_api.error(500, "Internal", kind="internal_error")), bills=True),
    )
}
OLLAMA: dict[str, Says] = {
    one.name: one
    for one in (
        Says("truncated", lambda text: ollama_api.chat(text, cuts_at=64)),
        Says("garbled", lambda text: ollama_api.chat("{" + text[9:])),
        Says("slow", _always(Reply(wait_s=SLOW_S))),
        Says("model missing", _always(ollama_api.missing())),
    )
}


def paid_twice(*models: Model) -> Sequence[str]:
    return [about for model in models for about, times in model.billed().items() if times > 1]
