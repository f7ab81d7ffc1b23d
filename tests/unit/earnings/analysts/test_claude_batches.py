"""Claude's batches over real sockets: sent, looked at, listed, cancelled, and their results."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from earnings.analysts.batching import BatchItem, NoSuchBatch
from earnings.analysts.claude_batches import ClaudeBatches
from earnings.analysts.claude_wire import ClaudeSetup, ClaudeWire
from outside.errors import BadAnswer
from outside.http import HttpDoor
from resilience.clock import SystemClock
from resilience.outcomes import CallFailed, Rejected, was_not_accepted
from resilience.registry import Policies
from resilience.spec import PolicySpec
from tests.servers import claude as api
from tests.servers.claude_batches import BATCHES, BatchDesk
from tests.servers.http import Reply
from tests.unit.earnings.analysts.doubles import PRICES

MESSAGE: dict[str, Any] = {"type": "message", "content": [], "usage": {"output_tokens": 1000}}
ITEMS = [BatchItem("one", {"messages": [1]}), BatchItem("two", {"messages": [2]})]


@pytest.fixture
def server() -> Iterator[api.ClaudeServer]:
    with api.ClaudeServer() as running:
        yield running


@pytest.fixture
def batches(server: api.ClaudeServer) -> Iterator[ClaudeBatches]:
    clock = SystemClock()
    spec = PolicySpec(attempts=2, wait_s=0.01, max_wait_s=0.05, failure_threshold=9)
    door = HttpDoor(Policies({"claude": spec}, clock), clock, "RetailXAI/test")
    setup = ClaudeSetup(api.MODEL, PRICES, api_key=api.KEY, base_url=server.url, timeout_s=5.0)
    yield ClaudeBatches(ClaudeWire(door, setup, clock))
    door.close()


class Begun:
    def __init__(self, error: Exception | None = None) -> None:
        self.times = 0
        self.error = error

    def __call__(self) -> None:
        self.times += 1
        if self.error is not None:
            raise self.error


def test_questions_go_out_together_and_come_back_by_name(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    """In any order; half the listed price; the results' own address is never asked."""
    desk = BatchDesk(server, lambda params: MESSAGE)
    begun = Begun()
    sent = batches.submit(ITEMS, begun)
    assert (begun.times, sent.requests, sent.is_ended) == (1, 2, False)
    body = server.bodies[0]["requests"]
    assert body == [{"custom_id": i.custom_id, "params": dict(i.request)} for i in ITEMS]
    assert server.requests[0].headers["x-api-key"] == api.KEY
    assert not batches.look(sent.id).is_ended
    desk.finish()
    assert batches.look(sent.id).is_ended
    results = {result.custom_id: result for result in batches.results(sent.id)}
    assert results.keys() == {"one", "two"}
    answer = results["one"].answer
    assert answer is not None
    assert answer.body == MESSAGE
    assert answer.usage.cost_usd == PRICES.output_usd / 2 * 1000 / 1_000_000
    assert all(request.path.startswith(BATCHES) for request in server.requests)


@pytest.mark.parametrize(
    ("result", "why"),
    [
        ({"type": "expired"}, "in its batch: expired"),
        ({"type": "canceled"}, "in its batch: canceled"),
        (
            {
                "type": "errored",
                "error": {
                    "type": "error",
                    "error": {"type": "overloaded_error", "message": "x\ny"},
                },
            },
            "in its batch: errored (overloaded_error x y)",
        ),
        ({"type": "errored", "error": None}, "in its batch: errored"),
    ],
)
def test_what_was_not_done_is_not_billed_and_says_why(
    server: api.ClaudeServer, batches: ClaudeBatches, result: dict[str, Any], why: str
) -> None:
    desk = BatchDesk(server, lambda params: result)
    sent = batches.submit(ITEMS[:1], Begun())
    desk.finish()
    (found,) = batches.results(sent.id)
    assert (found.answer, found.why) == (None, why)


def test_odd_results_say_nothing_of_their_questions(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    """Neither that they were answered nor that they are free; a line that is torn, or names
    nobody, is as good as missing and hides no other."""
    lines = [
        {"custom_id": "b", "result": {"type": "of a new kind"}},
        {"custom_id": None, "result": {"type": "expired"}},
        {"custom_id": "c", "result": {"type": "succeeded", "message": "text"}},
        ["no object"],
        {"custom_id": "a", "result": {"type": "succeeded", "message": MESSAGE}},
        {"custom_id": "d", "result": {"type": "expired"}},
    ]
    body = "\n\n".join(json.dumps(line) for line in lines).encode()
    server.serves(lambda request: Reply(body=body[:-4]))
    found = {result.custom_id: result.is_clear for result in batches.results("x")}
    assert found == {"a": True, "b": False, "c": False}


def test_the_list_is_paged_and_ends_at_the_moment(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    """With the first page that holds nothing new: a single odd time hides nothing."""
    desk = BatchDesk(server, lambda params: MESSAGE, page=2)
    made = [desk.add([{"custom_id": "x", "params": {}}]) for _ in range(9)]
    for old in (*made[:5], made[7]):
        old.created_at -= timedelta(hours=1)
    since = made[8].created_at - timedelta(minutes=1)
    assert [one.id for one in batches.since(since)] == [made[n].id for n in (8, 6, 5)]
    listed = [request for request in server.requests if request.method == "GET"]
    assert len(listed) == 3


@pytest.mark.parametrize("last_id", [None, 7])
def test_a_list_that_does_not_say_how_it_goes_on_is_read_on(
    server: api.ClaudeServer, batches: ClaudeBatches, last_id: object
) -> None:
    """What it left out would count as never taken, and be paid for again."""
    desk = BatchDesk(server, lambda params: MESSAGE, page=2)
    made = [desk.add([{"custom_id": "x", "params": {}}]) for _ in range(3)]
    desk.last_id = lambda shown: last_id
    listed = batches.since(made[0].created_at - timedelta(hours=1))
    assert [one.id for one in listed] == [one.id for one in reversed(made)]


def test_a_list_that_cannot_be_read_to_its_end_is_an_error(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    since = SystemClock().now() - timedelta(hours=1)
    server.serves(lambda request: Reply.json({"data": [], "has_more": True}))
    with pytest.raises(BadAnswer, match="lists none"):
        list(batches.since(since))
    endless = {"data": [{"id": "msgbatch_1"}], "has_more": True}
    server.serves(lambda request: Reply.json(endless))
    with pytest.raises(CallFailed, match="more than 5000"):
        list(batches.since(since))
    server.serves(lambda request: api.error(404, "not_found_error", "no such address"))
    with pytest.raises(CallFailed, match="404"):  # says nothing of any batch
        list(batches.since(since))


def test_a_batch_that_is_gone_is_said_to_be(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    """And keeps nothing else from being asked."""
    desk = BatchDesk(server, lambda params: MESSAGE)
    for ask in (batches.look, lambda gone: list(batches.results(gone))):
        with pytest.raises(NoSuchBatch):
            ask("msgbatch_gone")
    desk.add([{"custom_id": "x", "params": {}}])
    assert len(list(batches.since(SystemClock().now() - timedelta(hours=1)))) == 1


def test_cancelling_asks_once_and_is_no_end(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    BatchDesk(server, lambda params: MESSAGE)
    sent = batches.submit(ITEMS, Begun())
    batches.cancel(sent.id)
    assert server.requests[-1].path == f"{BATCHES}/{sent.id}/cancel"
    assert not batches.look(sent.id).is_ended


def test_nothing_is_sent_that_could_not_be_written_down(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    BatchDesk(server, lambda params: MESSAGE)
    with pytest.raises(Rejected, match="database"):
        batches.submit(ITEMS, Begun(Rejected("claude", "the database is away")))
    assert server.requests == []


@pytest.mark.parametrize(
    ("reply", "kind", "taken"),
    [
        (api.error(401, "authentication_error", "bad key"), Rejected, False),
        (api.error(404, "not_found_error", "no such thing"), CallFailed, False),
        (api.error(413, "request_too_large", "too large"), CallFailed, False),
        (api.overloaded(), CallFailed, False),
        (api.error(500, "api_error", "oops"), CallFailed, True),
        (Reply(drop=True), CallFailed, True),
        (Reply.json({"type": "no batch"}), CallFailed, True),
    ],
)
def test_whether_a_batch_may_have_been_taken(
    server: api.ClaudeServer,
    batches: ClaudeBatches,
    reply: Reply,
    kind: type[Exception],
    taken: bool,
) -> None:
    """What may have been taken is sent once."""
    desk = BatchDesk(server, lambda params: MESSAGE)
    desk.refuse = reply
    with pytest.raises(kind) as caught:
        batches.submit(ITEMS, Begun())
    assert was_not_accepted(caught.value) is not taken
    assert not (taken and len(server.requests) > 1)


def test_a_missing_address_for_batches_does_not_stop_single_questions(
    server: api.ClaudeServer, batches: ClaudeBatches
) -> None:
    """A gateway that knows no batches answers 404: that says nothing about the model."""
    desk = BatchDesk(server, lambda params: MESSAGE)
    desk.refuse = api.error(404, "not_found_error", "no such address")
    for _ in range(2):
        with pytest.raises(CallFailed, match="404"):
            batches.submit(ITEMS, Begun())


def test_the_price_of_a_batch_is_its_share(batches: ClaudeBatches) -> None:
    setup = ClaudeSetup(api.MODEL, PRICES, batch_share=Decimal("0.25"))
    assert setup.batch_prices().output_usd == PRICES.output_usd / 4
    assert setup.batch_prices().input_usd == PRICES.input_usd / 4
