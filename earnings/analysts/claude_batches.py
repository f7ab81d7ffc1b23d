"""Claude is sent many questions at once: the Message Batches API, at half the price.

A batch is made, ends within 24 hours (mostly within one), and its results can be fetched for
29 days, in any order; a result that is errored, canceled or expired is not billed. Batches
can be listed, newest first, but a list does not show what is in them: that only the results
tell, by the names (`custom_id`) that were given.

The results' own address is not used: it comes from the answer, and ours is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

from earnings.analysts.base import Begin, PaidAnswer
from earnings.analysts.batching import BatchItem, BatchResult, NoSuchBatch, RemoteBatch
from earnings.analysts.claude_errors import ClaudeRefusal
from earnings.analysts.claude_messages import SERVICE, usage_of
from earnings.analysts.claude_wire import ClaudeWire
from outside.answers import HttpAnswer, NotJson, parse_json
from outside.errors import BadAnswer, NotFound
from resilience.outcomes import Rejected

_PATH = "/v1/messages/batches"
_PAGE = 100
_MOST_PAGES = 50
_SMALL = 2_000_000  # bytes of an answer about batches
_RESULTS = 100_000_000  # of all the results of one
_UNBILLED = ("errored", "canceled", "expired")


class ClaudeBatches:
    """Implements `earnings.analysts.batching.BatchProvider`."""

    def __init__(self, wire: ClaudeWire) -> None:
        self._wire = wire
        self._prices = wire.setup.batch_prices()

    @property
    def name(self) -> str:
        return SERVICE

    def switched_off(self) -> str | None:
        return self._wire.switched_off()

    def submit(self, items: Sequence[BatchItem], begin: Begin) -> RemoteBatch:
        body = {
            "requests": [{"custom_id": item.custom_id, "params": item.request} for item in items]
        }
        wire = self._wire
        try:
            with wire.pausing():
                answer = wire.door.post_json(
                    SERVICE,
                    wire.url(_PATH),
                    body,
                    headers=wire.headers(),
                    timeout_s=wire.setup.timeout_s,
                    max_bytes=_SMALL,
                    check=self._check,
                    before_send=begin,
                )
        except ClaudeRefusal as refusal:
            if not refusal.meets_all:
                raise
            raise Rejected(SERVICE, refusal.what, refusal.retry_at, refusal.fix) from refusal
        return _remote(answer, answer.json())

    def look(self, remote_id: str) -> RemoteBatch:
        answer = self._get(f"/{quote(remote_id, safe='')}")
        return _remote(answer, answer.json())

    def since(self, moment: datetime) -> Iterator[RemoteBatch]:
        page: dict[str, str] = {"limit": str(_PAGE)}
        for _ in range(_MOST_PAGES):
            answer = self._get("", page)
            body = answer.json()
            listed = body.get("data") if isinstance(body, dict) else None
            if not isinstance(listed, list):
                raise BadAnswer(SERVICE, "answered JSON that is no list of batches", answer=answer)
            for each in listed:
                batch = _remote(answer, each)
                if batch.created_at is not None and batch.created_at < moment:
                    return
                yield batch
            last_id = body.get("last_id")
            if not body.get("has_more") or not isinstance(last_id, str):
                return
            page = {"limit": str(_PAGE), "after_id": last_id}

    def results(self, remote_id: str) -> Iterator[BatchResult]:
        answer = self._get(f"/{quote(remote_id, safe='')}/results", most=_RESULTS)
        for line in answer.body.splitlines():
            if line.strip() and (found := self._result(answer, line)) is not None:
                yield found

    def cancel(self, remote_id: str) -> None:
        wire = self._wire
        wire.door.post_json(
            SERVICE,
            wire.url(f"{_PATH}/{quote(remote_id, safe='')}/cancel"),
            {},
            headers=wire.headers(),
            max_bytes=_SMALL,
            check=self._check,
            repeatable=True,
        )

    # ---- within -------------------------------------------------------------------------

    def _get(
        self, path: str, params: Mapping[str, str] | None = None, most: int = _SMALL
    ) -> HttpAnswer:
        """Raises NoSuchBatch for what is not there."""
        wire = self._wire
        try:
            return wire.door.get(
                SERVICE,
                wire.url(_PATH + path),
                params=params,
                headers=wire.headers(),
                max_bytes=most,
                check=self._check,
            )
        except NotFound as gone:
            raise NoSuchBatch(f"{SERVICE} does not know it: {gone.what}") from gone

    def _check(self, answer: HttpAnswer) -> None:
        # Here a 404 says nothing about the model, and must not keep everything from being asked.
        if answer.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
            self._wire.check_refusal(answer)

    def _result(self, answer: HttpAnswer, line: bytes) -> BatchResult | None:
        """None for what has no name or is of no known kind: whoever asked hears nothing of it."""
        try:
            found = parse_json(line)
        except NotJson as wrong:
            raise BadAnswer(SERVICE, f"a result of a batch is {wrong}", answer=answer) from None
        result = found.get("result") if isinstance(found, dict) else None
        custom_id = found.get("custom_id") if isinstance(found, dict) else None
        if not isinstance(result, dict) or not isinstance(custom_id, str):
            return None
        kind, message = result.get("type"), result.get("message")
        if kind == "succeeded" and isinstance(message, dict):
            return BatchResult(custom_id, PaidAnswer(message, usage_of(message, self._prices)))
        if kind in _UNBILLED:
            return BatchResult(custom_id, None, f"in its batch: {kind}{_error(result)}")
        return None


def _remote(answer: HttpAnswer, body: object) -> RemoteBatch:
    if isinstance(body, dict) and isinstance(body.get("id"), str) and body["id"]:
        counts = body.get("request_counts")
        numbers = counts.values() if isinstance(counts, dict) else ()
        return RemoteBatch(
            id=body["id"],
            is_ended=body.get("processing_status") == "ended",
            created_at=_moment(body.get("created_at")),
            requests=sum(number for number in numbers if isinstance(number, int)),
        )
    raise BadAnswer(SERVICE, "answered JSON that is no batch", answer=answer)


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment is not None and moment.tzinfo is not None else None


def _error(result: Mapping[str, object]) -> str:
    """What an errored result says, on one line."""
    outer = result.get("error")
    inner = outer.get("error", outer) if isinstance(outer, dict) else None
    if not isinstance(inner, dict):
        return ""
    said = " ".join(str(inner.get(key) or "") for key in ("type", "message")).split()
    return f" ({' '.join(said)[:300]})" if said else ""
