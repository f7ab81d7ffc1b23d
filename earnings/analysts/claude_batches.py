"""Claude is sent many questions at once: the Message Batches API, at half the price.

A batch is made, ends within 24 hours (mostly within one), and its results can be fetched for
29 days, in any order; a result that is errored, canceled or expired is not billed. Batches
can be listed, newest first, but a list does not show what is in them: that only the results
tell, by the names (`custom_id`) that were given.

The results' own address is not used: it comes from the answer, and ours is known.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http import HTTPStatus
from urllib.parse import quote

from earnings.analysts.base import Begin, PaidAnswer
from earnings.analysts.batching import BatchItem, BatchResult, NoSuchBatch, RemoteBatch
from earnings.analysts.claude_errors import ClaudeRefusal
from earnings.analysts.claude_messages import SERVICE, usage_of
from earnings.analysts.claude_wire import ClaudeWire
from earnings.analysts.prompt import VERSION
from outside.answers import HttpAnswer, NotJson, parse_json
from outside.errors import BadAnswer, NotFound
from resilience.outcomes import CallFailed, Rejected

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

    @property
    def asks(self) -> tuple[str, str]:
        return self._wire.setup.model, VERSION

    def switched_off(self) -> str | None:
        return self._wire.switched_off()

    def refused(self) -> Rejected | None:
        return self._wire.refused()

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
        with _may_be_gone():
            answer = self._get(_named(remote_id))
        return _remote(answer, answer.json())

    def since(self, moment: datetime) -> Iterator[RemoteBatch]:
        page: dict[str, str] = {"limit": str(_PAGE)}
        for _ in range(_MOST_PAGES):
            answer = self._get("", page)
            body = answer.json()
            listed = body.get("data") if isinstance(body, dict) else None
            if not isinstance(listed, list):
                raise BadAnswer(SERVICE, "answered JSON that is no list of batches", answer=answer)
            batches = [_remote(answer, each) for each in listed]
            new = [one for one in batches if one.created_at is None or one.created_at >= moment]
            yield from new
            if not body.get("has_more") or (batches and not new):
                return
            if not batches:
                raise BadAnswer(SERVICE, "has more batches and lists none", answer=answer)
            page = {"limit": str(_PAGE), "after_id": batches[-1].id}
        raise CallFailed(SERVICE, f"lists more than {_MOST_PAGES * _PAGE} batches since {moment}")

    def results(self, remote_id: str) -> Iterator[BatchResult]:
        with _may_be_gone():
            answer = self._get(f"{_named(remote_id)}/results", most=_RESULTS)
        for line in answer.body.splitlines():
            if line.strip() and (found := self._result(line)) is not None:
                yield found

    def cancel(self, remote_id: str) -> None:
        wire = self._wire
        wire.door.post_json(
            SERVICE,
            wire.url(f"{_PATH}{_named(remote_id)}/cancel"),
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
        wire = self._wire
        return wire.door.get(
            SERVICE,
            wire.url(_PATH + path),
            params=params,
            headers=wire.headers(),
            max_bytes=most,
            check=self._check,
        )

    def _check(self, answer: HttpAnswer) -> None:
        # Here a 404 says nothing about the model, and must not keep everything from being asked.
        if answer.status not in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
            self._wire.check_refusal(answer)

    def _result(self, line: bytes) -> BatchResult | None:
        """None for a line that names no question, or is torn."""
        try:
            found = parse_json(line)
        except NotJson:
            return None
        result = found.get("result") if isinstance(found, dict) else None
        custom_id = found.get("custom_id") if isinstance(found, dict) else None
        if not isinstance(result, dict) or not isinstance(custom_id, str):
            return None
        kind, message = result.get("type"), result.get("message")
        if kind == "succeeded" and isinstance(message, dict):
            return BatchResult(custom_id, PaidAnswer(message, usage_of(message, self._prices)))
        if kind in _UNBILLED:
            return BatchResult(custom_id, None, f"in its batch: {kind}{_error(result)}")
        return BatchResult(custom_id, None)


@contextmanager
def _may_be_gone() -> Iterator[None]:
    try:
        yield
    except NotFound as gone:
        raise NoSuchBatch(f"{SERVICE} does not know it: {gone.what}") from gone


def _named(remote_id: str) -> str:
    return f"/{quote(remote_id, safe='')}"


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
