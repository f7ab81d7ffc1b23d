"""What a paid question is about: the same document, prompt and model are the same question."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from chaos.papers import QUARTER, QUARTER_END, mark_in, sales_millions

USAGE = {
    "input_tokens": 3000,
    "cache_creation_input_tokens": 0,
    "cache_read_input_tokens": 0,
    "output_tokens": 600,
}


@dataclass(frozen=True)
class Asked:
    """`release` is the number that stands in the document, -1 if none does. `document` and
    `prompt` are digests."""

    release: int
    document: str
    prompt: str
    model: str

    def fields(self) -> dict[str, object]:
        return asdict(self)


def asked_in(params: Mapping[str, Any]) -> Asked:
    """Raises KeyError, TypeError for what is no request of the Messages API."""
    content = params["messages"][0]["content"]
    blocks = content if isinstance(content, list) else [{"text": content}]
    document = str(blocks[-1]["text"])
    number = mark_in(document)
    fixed = [params.get("system"), params.get("output_config"), params["max_tokens"]]
    return Asked(
        release=-1 if number is None else number,
        document=_digest(document),
        prompt=_digest(json.dumps(fixed, sort_keys=True)),
        model=str(params["model"]),
    )


def message(asked: Asked, name: str) -> dict[str, object]:
    """A good answer about that document, under the provider's `name` for it."""
    return {
        "id": name,
        "type": "message",
        "role": "assistant",
        "model": asked.model,
        "content": [{"type": "text", "text": json.dumps(_answer(asked.release))}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": USAGE,
    }


def _answer(number: int) -> dict[str, object]:
    period = {"kind": "quarter", "end": QUARTER_END, "label": QUARTER}
    sales = f"{sales_millions(number):,.1f}"
    figure = {
        "metric": "net_sales",
        "value": sales.replace(",", ""),
        "prior": "968.3",
        "scale": "millions",
        "unit": "usd",
        "basis": "gaap",
        "period": period,
        "quote": f"Net sales | {sales} | 968.3",
    }
    return {
        "is_results": True,
        "period": period,
        "figures": [figure],
        "guidance": [],
        "quotes": [],
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:24]
