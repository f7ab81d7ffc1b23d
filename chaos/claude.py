"""A Claude that bills on receipt: whoever asks pays, whether or not the answer arrives.

    python -m chaos.claude RECORD SEED HANG_S

Each question is written down with what identifies it (document, prompt, model) before
anything is answered. Of the calls a few in a hundred end badly: turned away unpaid (429,
529), or paid for and then a 500, a cut connection, an answer that takes very long.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from chaos import batches
from chaos.batches import Batches, error
from chaos.chance import chance
from chaos.provider import Reply, Request, serve
from chaos.questions import Asked, asked_in, message
from chaos.record import Record
from resilience.clock import Clock, SystemClock

MESSAGES = "/v1/messages"
ANSWER_S = 0.3
PASS_S = 0.3
BAD = 0.05  # of all calls; each way of ending badly has an equal part
WAYS = ("429", "529", "500", "cut", "hang")
_UNPAID = {
    "429": ("rate_limit_error", "Too many requests"),
    "529": ("overloaded_error", "Overloaded"),
}


class Claude:
    def __init__(self, record: Record, seed: int, hang_s: float, clock: Clock) -> None:
        self._record = record
        self._seed = seed
        self._hang_s = hang_s
        self._clock = clock
        self._batches = Batches(record, seed, clock)
        self._lock = threading.Lock()
        self._times: Counter[Asked | str] = Counter()
        self._billed = 0

    def pass_time(self) -> None:
        """For ever: batches come to their end whether or not anybody looks."""
        while True:
            self._batches.pass_time()
            self._clock.wait(PASS_S)

    def answer(self, request: Request) -> Reply:
        if not (request.headers.get("x-api-key") or request.headers.get("authorization")):
            return error(401, "authentication_error", "x-api-key: is missing")
        if request.path.startswith(batches.PATH):
            return self._batched(request)
        if request.path == MESSAGES and request.method == "POST":
            return self._message(request)
        model = request.path.removeprefix("/v1/models/")
        if model != request.path:
            return Reply.json({"type": "model", "id": model, "display_name": model})
        return error(404, "not_found_error", "there is nothing here")

    def _message(self, request: Request) -> Reply:
        try:
            asked = asked_in(json.loads(request.body))
        except (ValueError, KeyError, TypeError, IndexError):
            return error(400, "invalid_request_error", "messages: is not of the documented shape")
        fault = self._fault(asked)
        if fault in _UNPAID:
            return self._turned_away(fault, asked)
        with self._lock:
            self._billed += 1
            name = f"msg_{self._billed:06d}"
        self._record.write("billed", how="direct", answer=name, fault=fault, **asked.fields())
        if fault == "500":
            return error(500, "api_error", "Internal server error")
        if fault == "cut":
            return Reply(cut=True)
        wait_s = self._hang_s if fault == "hang" else ANSWER_S

        def sent() -> None:
            self._record.write("answered", answer=name)

        return Reply.json(message(asked, name), after_s=wait_s, sent=sent)

    def _batched(self, request: Request) -> Reply:
        fault = self._fault(f"{request.method} {request.path}")
        if fault in _UNPAID:
            return self._turned_away(fault, request.path)
        return self._batches.answer(request, fault if fault in ("500", "cut") else "")

    def _turned_away(self, fault: str, what: Asked | str) -> Reply:
        fields = what.fields() if isinstance(what, Asked) else {"path": what}
        self._record.write("turned away", fault=fault, **fields)
        kind, said = _UNPAID[fault]
        return error(int(fault), kind, said, retry_after="1")

    def _fault(self, what: Asked | str) -> str:
        """By what is asked and how often it was: not by when."""
        with self._lock:
            self._times[what] += 1
            times = self._times[what]
        name = what.release if isinstance(what, Asked) else what
        luck = chance(self._seed, "claude", name, times)
        return WAYS[int(luck / BAD * len(WAYS))] if luck < BAD else ""


def main(argv: Sequence[str]) -> None:
    path, seed, hang_s = Path(argv[0]), int(argv[1]), float(argv[2])
    clock = SystemClock()
    claude = Claude(Record(path, clock), seed, hang_s, clock)
    threading.Thread(target=claude.pass_time, daemon=True).start()
    serve(claude.answer, clock, lambda _: "?")


if __name__ == "__main__":
    main(sys.argv[1:])
