"""A Message Batches API on the loopback interface, as it is documented; billed when it answers.

with ClaudeServer() as claude:
    batches = BatchDesk(claude, answer)      # answer(params) -> message body, or a result
    ...
    batches.finish()                         # every batch that is open ends now
    assert batches.billed == {"rx-...": 1}
"""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.servers.claude import ClaudeServer, error
from tests.servers.http import RecordedRequest, Reply

BATCHES = "/v1/messages/batches"


@dataclass
class Batch:
    id: str
    created_at: datetime
    requests: list[dict[str, Any]]
    status: str = "in_progress"
    results: dict[str, dict[str, Any]] = field(default_factory=dict)


class BatchDesk:
    """`answers` makes of a question's params a message body, or a result that is none
    ({"type": "errored", ...}). Batches end when `finish` is called, or at once (`at_once`)."""

    def __init__(
        self,
        server: ClaudeServer,
        answers: Callable[[Mapping[str, Any]], dict[str, Any]],
        *,
        at_once: bool = False,
        on_created: Callable[[Batch], Reply | None] = lambda batch: None,
        page: int = 100,
    ) -> None:
        self._server = server
        self._answers = answers
        self._at_once = at_once
        self._on_created = on_created
        self._page = page
        self._lock = threading.Lock()
        self.batches: dict[str, Batch] = {}
        self.billed: Counter[str] = Counter()  # by the text of the question
        self.refuse: Reply | None = None  # instead of taking a batch
        self.last_id: Callable[[list[Batch]], object] = lambda shown: (
            shown[-1].id if shown else None
        )
        server.serves(self._serve)

    def finish(self, *, do: str = "answer") -> None:
        """End every open batch: `do` "answer", "expire", "cancel"."""
        with self._lock:
            for batch in self.batches.values():
                if batch.status != "ended":
                    self._end(batch, do)

    def add(self, requests: list[dict[str, Any]], *, ended: bool = False) -> Batch:
        """A batch of somebody else in the same workspace."""
        with self._lock:
            batch = self._new(requests)
            if ended:
                self._end(batch, "answer", bills=False)
            return batch

    def forget(self) -> None:
        """The provider has archived everything."""
        with self._lock:
            self.batches.clear()

    # ---- within -------------------------------------------------------------------------

    def _new(self, requests: list[dict[str, Any]]) -> Batch:
        made = Batch(f"msgbatch_{len(self.batches):04}", datetime.now(UTC), requests)
        self.batches[made.id] = made
        return made

    def _end(self, batch: Batch, do: str, *, bills: bool = True) -> None:
        for request in batch.requests:
            name = request["custom_id"]
            if do != "answer":
                kind = {"expire": "expired", "cancel": "canceled"}[do]
                batch.results[name] = {"type": kind}
                continue
            said = self._answers(request["params"])
            if said.get("type") == "message":
                batch.results[name] = {"type": "succeeded", "message": said}
                if bills:
                    self.billed[json.dumps(request["params"]["messages"])] += 1
            else:
                batch.results[name] = said
        batch.status = "ended"

    def _serve(self, request: RecordedRequest) -> Reply | None:
        if not request.path.startswith(BATCHES):
            return None
        rest = request.path.removeprefix(BATCHES).strip("/").split("/")
        with self._lock:
            if request.method == "POST" and rest == [""]:
                return self._create(request)
            if rest == [""]:
                return self._list(request)
            batch = self.batches.get(rest[0])
            if batch is None:
                return error(404, "not_found_error", f"no batch {rest[0]}")
            if rest[1:] == ["cancel"]:
                batch.status = "canceling" if batch.status == "in_progress" else batch.status
                return Reply.json(_shown(batch))
            if rest[1:] == ["results"]:
                return self._results(batch)
            return Reply.json(_shown(batch))

    def _create(self, request: RecordedRequest) -> Reply:
        if self.refuse is not None:
            return self.refuse
        batch = self._new(request.json()["requests"])
        if self._at_once:
            self._end(batch, "answer")
        return self._on_created(batch) or Reply.json(_shown(batch))

    def _list(self, request: RecordedRequest) -> Reply:
        newest = sorted(self.batches.values(), key=lambda each: each.id, reverse=True)
        after = request.query.get("after_id", [""])[0]
        if after:
            newest = [each for each in newest if each.id < after]
        shown = newest[: self._page]
        return Reply.json(
            {
                "data": [_shown(batch) for batch in shown],
                "has_more": len(newest) > len(shown),
                "first_id": shown[0].id if shown else None,
                "last_id": self.last_id(shown),
            }
        )

    def _results(self, batch: Batch) -> Reply:
        if batch.status != "ended":
            return error(404, "not_found_error", "no results yet")
        lines = [
            json.dumps({"custom_id": name, "result": result})
            for name, result in reversed(batch.results.items())  # in no order of ours
        ]
        headers = {"content-type": "application/x-jsonl"}
        return Reply(headers=headers, body="\n".join(lines).encode())


def _shown(batch: Batch) -> dict[str, Any]:
    counts = Counter(result["type"] for result in batch.results.values())
    open_ = len(batch.requests) - counts.total()
    ended = batch.status == "ended"
    return {
        "id": batch.id,
        "type": "message_batch",
        "processing_status": batch.status,
        "request_counts": {
            "processing": open_,
            **{kind: counts[kind] for kind in ("succeeded", "errored", "canceled", "expired")},
        },
        "created_at": batch.created_at.isoformat().replace("+00:00", "Z"),
        "expires_at": (batch.created_at + timedelta(hours=24)).isoformat(),
        "ended_at": datetime.now(UTC).isoformat() if ended else None,
        "cancel_initiated_at": None,
        "archived_at": None,
        "results_url": f"https://elsewhere.example{BATCHES}/{batch.id}/results" if ended else None,
    }
