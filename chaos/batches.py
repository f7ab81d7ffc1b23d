"""The invented Claude's Message Batches: made, looked up, listed, cancelled, their results.

As the provider documents it: a batch is `in_progress` until each of its requests has an end
of its own, then `ended`; results are lines of JSON in any order; a request that succeeded is
billed, one that errored, expired or was canceled is not.
"""

from __future__ import annotations

import json
import re
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chaos.chance import chance
from chaos.provider import Reply, Request
from chaos.questions import Asked, asked_in, message
from chaos.record import Record
from resilience.clock import Clock

PATH = "/v1/messages/batches"
TAKES_S = (2.0, 9.0)  # between its creation and the end of each of its requests
ERRORED, EXPIRED = 0.02, 0.03  # of all requests: below the first, between the two
MOST = 100_000
_ONE = re.compile(rf"{PATH}/(msgbatch_\w+)(/results|/cancel)?")
_CUSTOM_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")


@dataclass
class _Item:
    custom_id: str
    asked: Asked
    ends_at: float  # monotonic
    result: dict[str, object] | None = None


@dataclass
class _Batch:
    id: str
    created: datetime
    items: list[_Item]
    canceled: datetime | None = None
    ended: datetime | None = None
    order: int = 0
    counts: Counter[str] = field(default_factory=Counter)


class Batches:
    def __init__(self, record: Record, seed: int, clock: Clock) -> None:
        self._record = record
        self._seed = seed
        self._clock = clock
        self._lock = threading.Lock()
        self._batches: dict[str, _Batch] = {}

    def answer(self, request: Request, fault: str) -> Reply:
        """`fault`: "", or "cut" or "500", which come after what was asked for is done."""
        with self._lock:
            self._pass_time()
            if request.path == PATH and request.method == "POST":
                return _disturbed(self._create(request), fault)
            if request.path == PATH:
                return self._list(request.query)
            found = _ONE.fullmatch(request.path)
            batch = self._batches.get(found.group(1)) if found else None
            if found is None or batch is None:
                return error(404, "not_found_error", "there is no such batch")
            if found.group(2) == "/cancel":
                return _disturbed(self._cancel(batch), fault)
            if found.group(2) == "/results":
                return self._results(batch)
            return Reply.json(self._shown(batch))

    def pass_time(self) -> None:
        """What has ended is billed, whether or not anybody asks for it."""
        with self._lock:
            self._pass_time()

    # ---- asked for ----------------------------------------------------------------------

    def _create(self, request: Request) -> Reply:
        try:
            wanted = json.loads(request.body)["requests"]
            asked = [(str(one["custom_id"]), asked_in(one["params"])) for one in wanted]
        except (ValueError, KeyError, TypeError, IndexError):
            return error(400, "invalid_request_error", "requests: is not of the documented shape")
        names = [name for name, _ in asked]
        if not 0 < len(names) <= MOST or len(set(names)) < len(names):
            return error(400, "invalid_request_error", "requests: none, too many, or one twice")
        if not all(_CUSTOM_ID.fullmatch(name) for name in names):
            return error(400, "invalid_request_error", "custom_id: does not fit the pattern")
        number = len(self._batches) + 1
        now = self._clock.monotonic()
        low, high = TAKES_S
        items = [
            _Item(name, one, now + low + (high - low) * chance(self._seed, "takes", number, name))
            for name, one in asked
        ]
        batch = _Batch(f"msgbatch_{number:06d}", self._clock.now(), items, order=number)
        self._batches[batch.id] = batch
        for item in items:
            self._record.write(
                "queued", batch=batch.id, custom_id=item.custom_id, **item.asked.fields()
            )
        return Reply.json(self._shown(batch))

    def _list(self, query: Mapping[str, list[str]]) -> Reply:
        """Newest first, a page at a time."""
        limit = int(query.get("limit", ["20"])[0])
        batches = sorted(self._batches.values(), key=lambda each: -each.order)
        names = [each.id for each in batches]
        after, before = query.get("after_id"), query.get("before_id")
        if after and after[0] in names:
            batches = batches[names.index(after[0]) + 1 :]
        elif before and before[0] in names:
            batches = batches[: names.index(before[0])][-limit:]
        page = batches[:limit]
        shown = {
            "data": [self._shown(each) for each in page],
            "has_more": len(batches) > limit,
            "first_id": page[0].id if page else None,
            "last_id": page[-1].id if page else None,
        }
        return Reply.json(shown)

    def _cancel(self, batch: _Batch) -> Reply:
        if batch.ended is None and batch.canceled is None:
            batch.canceled = self._clock.now()
            self._record.write("cancel", batch=batch.id)
            for item in batch.items:
                if item.result is None:  # what is being done just now is still finished
                    item.ends_at += 0.5
        return Reply.json(self._shown(batch))

    def _results(self, batch: _Batch) -> Reply:
        if batch.ended is None:
            return error(404, "not_found_error", "the batch has not ended, it has no results yet")
        lines = [
            json.dumps({"custom_id": item.custom_id, "result": item.result})
            for item in reversed(batch.items)
        ]

        def sent() -> None:
            self._record.write("results", batch=batch.id)

        body = ("\n".join(lines) + "\n").encode()
        return Reply(200, body, {"content-type": "application/x-jsonl"}, sent=sent)

    # ---- what becomes of them -----------------------------------------------------------

    def _pass_time(self) -> None:
        """Under the lock: whatever has come to its end by now. Billed before it can be seen."""
        now = self._clock.monotonic()
        for batch in self._batches.values():
            if batch.ended is not None:
                continue
            for item in batch.items:
                if item.result is None and item.ends_at <= now:
                    item.result = self._result(batch, item)
                    batch.counts[str(item.result["type"])] += 1
            if all(item.result is not None for item in batch.items):
                batch.ended = self._clock.now()

    def _result(self, batch: _Batch, item: _Item) -> dict[str, object]:
        luck = chance(self._seed, "end", batch.id, item.custom_id)
        if batch.canceled is not None and luck < 0.8:
            return {"type": "canceled"}
        if luck < ERRORED:
            problem = {"type": "api_error", "message": "an error on our side"}
            return {"type": "errored", "error": {"type": "error", "error": problem}}
        if luck < EXPIRED:
            return {"type": "expired"}
        name = f"msg_{batch.id}_{item.custom_id}"
        self._record.write("billed", how="batch", answer=name, **item.asked.fields())
        return {"type": "succeeded", "message": message(item.asked, name)}

    def _shown(self, batch: _Batch) -> dict[str, object]:
        open_items = sum(item.result is None for item in batch.items)
        kinds = ("succeeded", "errored", "canceled", "expired")
        status = "canceling" if batch.canceled is not None else "in_progress"
        results = f"{PATH}/{batch.id}/results" if batch.ended else None
        return {
            "id": batch.id,
            "type": "message_batch",
            "processing_status": "ended" if batch.ended else status,
            "request_counts": {
                "processing": open_items,
                **{kind: batch.counts[kind] for kind in kinds},
            },
            "created_at": _time(batch.created),
            "expires_at": _time(batch.created + timedelta(hours=24)),
            "cancel_initiated_at": _time(batch.canceled),
            "ended_at": _time(batch.ended),
            "archived_at": None,
            "results_url": results,
        }


def error(status: int, kind: str, said: str, **headers: str) -> Reply:
    body: dict[str, Any] = {"type": "error", "error": {"type": kind, "message": said}}
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return Reply.json(body, status, headers=named)


def _disturbed(reply: Reply, fault: str) -> Reply:
    """What was asked for is done; only the answer gets lost."""
    if reply.status != 200 or not fault:
        return reply
    return Reply(cut=True) if fault == "cut" else error(500, "api_error", "Internal server error")


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat().replace("+00:00", "Z")
