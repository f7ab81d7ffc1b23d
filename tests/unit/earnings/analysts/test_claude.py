"""Claude over real sockets: what is sent, what each answer means, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from earnings.analysts.base import CallInDoubt, CallKey, FigureDraft, NoAnswer, PaidAnswer, Usage
from earnings.analysts.claude import Claude
from earnings.analysts.claude_errors import ClaudeRefusal, first_of_next_month
from earnings.analysts.claude_wire import ClaudeSetup
from outside.http import HttpDoor
from resilience.outcomes import CallFailed, CircuitOpen, Rejected
from resilience.registry import Policies
from resilience.spec import PolicySpec, RateRule
from resilience.testing import START, FakeClock
from tests.servers import claude as api
from tests.servers.http import Reply, closed_port
from tests.unit.earnings.analysts.doubles import PRICES, RELEASE, PaidBook, question


@pytest.fixture
def server() -> Iterator[api.ClaudeServer]:
    with api.ClaudeServer() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


Make = Callable[..., Claude]


@pytest.fixture
def make(server: api.ClaudeServer, clock: FakeClock) -> Iterator[Make]:
    doors: list[HttpDoor] = []

    def _make(**changes: object) -> Claude:
        spec = PolicySpec(attempts=3, wait_s=2, max_wait_s=8, failure_threshold=5)
        door = HttpDoor(Policies({"claude": spec}, clock), clock, "RetailXAI/test")
        doors.append(door)
        values: dict[str, object] = {
            "model": api.MODEL,
            "prices": PRICES,
            "api_key": api.KEY,
            "base_url": server.url,
            "timeout_s": 5.0,
        }
        return Claude(door, ClaudeSetup(**{**values, **changes}), clock)  # type: ignore[arg-type]

    yield _make
    for door in doors:
        door.close()


# ---- what is sent


def test_the_request_has_the_fixed_part_cached_and_the_document_last(
    server: api.ClaudeServer, make: Make
) -> None:
    """Rules come first and may be cached; nothing of the document stands among them."""
    server.answers(api.good_answer())
    make().analyse(question(), PaidBook())
    body = server.bodies[0]
    assert body["model"] == api.MODEL
    assert body["max_tokens"] == 16_000
    assert [block["cache_control"] for block in body["system"]] == [{"type": "ephemeral"}]
    assert "Quell" not in body["system"][0]["text"]
    assert "1,204.8" in body["messages"][0]["content"][-1]["text"]
    assert body["output_config"]["format"]["type"] == "json_schema"
    assert not {"temperature", "top_p", "top_k", "stream", "thinking"} & body.keys()


def test_each_api_version_gets_the_key_as_it_wants_it(server: api.ClaudeServer, make: Make) -> None:
    """2023-06-01 takes x-api-key, 2026-10-21 a bearer token, and neither sees the other."""
    server.answers(api.good_answer())
    make().analyse(question(), PaidBook())
    make(api_version="2026-10-21").analyse(question(), PaidBook())
    old, new = (request.headers for request in server.requests)
    assert (old["anthropic-version"], old["x-api-key"]) == ("2023-06-01", api.KEY)
    assert "authorization" not in old
    assert (new["anthropic-version"], new["authorization"]) == ("2026-10-21", f"Bearer {api.KEY}")
    assert "x-api-key" not in new


def test_the_same_question_is_sent_in_the_same_bytes(server: api.ClaudeServer, make: Make) -> None:
    """A cache only helps if nothing random stands in the request."""
    server.answers(api.good_answer())
    make().analyse(question(), PaidBook())
    make().analyse(question(), PaidBook())
    assert server.requests[0].body == server.requests[1].body


# ---- good answers


def test_a_good_answer_names_its_maker_and_its_cost(server: api.ClaudeServer, make: Make) -> None:
    """Tokens as the provider counts them, USD by the configured prices."""
    server.answers(api.good_answer())
    answer = make().analyse(question(), PaidBook())
    assert (answer.analyst, answer.model) == ("claude", api.MODEL)
    assert answer.prompt_version == "release-2"
    assert len(answer.drafts) == 4
    # 15,000 at $2 + 2,000 at $2.50 + 1,000 at $0.20 + 1,500 at $10, per million
    assert answer.usage == Usage(15_000, 2_000, 1_000, 1_500, Decimal("0.0502"))


def test_thinking_blocks_are_skipped(server: api.ClaudeServer, make: Make) -> None:
    """Newer models think aloud before they answer; only text blocks are the answer."""
    thinking: dict[str, object] = {"type": "thinking", "thinking": "{", "signature": "c2ln"}
    server.answers(api.message(api.answer_text(), before=(thinking,)))
    assert len(make().analyse(question(), PaidBook()).drafts) == 4


def test_a_stored_answer_is_read_again_without_a_call(server: api.ClaudeServer, make: Make) -> None:
    """The second reading of a document is free, even while Claude is away."""
    server.answers(api.good_answer(), api.error(500, "api_error", "down"))
    book = PaidBook()
    first = make().analyse(question(), book)
    second = make().analyse(question(), book)
    assert first == second
    assert len(server.requests) == 1


def test_the_estimate_covers_the_bill(server: api.ClaudeServer, make: Make) -> None:
    """A cap checked against the estimate can be reached, never passed."""
    server.answers(api.good_answer())
    book = PaidBook()
    make().analyse(question(RELEASE * 40), book)
    characters = len(RELEASE) * 40
    least = characters / Decimal("3.5") * Decimal(2) / 1_000_000
    assert book.estimates[0] >= least + Decimal("0.16")  # and 16,000 tokens of answer


def test_tokens_are_reserved_and_settled_with_the_true_cost(
    server: api.ClaudeServer, clock: FakeClock
) -> None:
    """The most it may take is out of the bucket while the call is made; what it did not take
    is there again afterwards."""
    rate = RateRule(60_000, per_s=60, burst=60_000, resource="output_tokens")
    policies = Policies({"claude": PolicySpec(rates=(rate,))}, clock)
    door = HttpDoor(policies, clock, "RetailXAI/test")
    setup = ClaudeSetup(
        model=api.MODEL, prices=PRICES, api_key=api.KEY, base_url=server.url,
        max_output_tokens=50_000,
    )  # fmt: skip
    server.answers(api.good_answer())
    Claude(door, setup, clock).analyse(question(), PaidBook())
    explained = policies.explain("claude", {"output_tokens": 55_000})
    assert explained.passes
    assert explained.wait_s == 0
    door.close()


def test_odd_usage_does_not_spoil_an_answer(server: api.ClaudeServer, make: Make) -> None:
    """Missing, negative and nonsensical counts are zero; the drafts are still there."""
    usage = {"input_tokens": None, "output_tokens": -5, "cache_read_input_tokens": True}
    server.answers(api.message(api.answer_text(), usage=usage))
    answer = make().analyse(question(), PaidBook())
    assert answer.usage == Usage(cost_usd=Decimal("0.000000"))
    assert len(answer.drafts) == 4


def test_invented_numbers_come_out_as_drafts_only(server: api.ClaudeServer, make: Make) -> None:
    """The adapter passes on what was said, with the quote it must stand on; it trusts nothing
    and verifies nothing: that is done against the text afterwards."""
    server.answers(api.invented_numbers())
    answer = make().analyse(question(), PaidBook())
    draft = answer.drafts[0]
    assert isinstance(draft, FigureDraft)
    assert draft.span is None
    assert draft.quote not in RELEASE


# ---- answers that are paid for and of no use


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (api.cut_off(), "cut off after 16000 tokens"),
        (api.refusal(), r"refused the document \(policy: Not this document"),
        (api.message("", stop_reason="refusal"), "without a reason"),
        (api.message("{}", stop_reason="model_context_window_exceeded"), "context window"),
        (api.message("{}", stop_reason="pause_turn"), "pause_turn"),
        (api.message("{}", stop_reason="grew_bored"), "grew_bored"),
        (api.message("{}", stop_reason=None), "no end: None"),
        (api.message(""), "without any text"),
        (api.message("Here is your JSON:"), "not of the agreed shape"),
        (api.message(api.answer_text()[:90]), "not of the agreed shape"),
        (api.message(api.answer_text(figures="none")), "figures"),
    ],
)
def test_useless_answers_are_kept_and_never_bought_twice(
    server: api.ClaudeServer, make: Make, reply: Reply, why: str
) -> None:
    """NoAnswer says why; the stored answer gives the same NoAnswer without a second call."""
    server.answers(reply)
    claude, book = make(), PaidBook()
    for _ in range(2):
        with pytest.raises(NoAnswer, match=why):
            claude.analyse(question(), book)
    assert len(server.requests) == 1
    assert len(book.answers) == 1


def test_a_complete_answer_that_was_stopped_is_still_not_taken(
    server: api.ClaudeServer, make: Make
) -> None:
    """The stop reason is looked at first: JSON cut at a lucky place reads like a short answer."""
    server.answers(api.message(api.answer_text(), stop_reason="max_tokens"))
    with pytest.raises(NoAnswer, match="cut off"):
        make().analyse(question(), PaidBook())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"stop_reason": "end_turn"},
        {"stop_reason": "end_turn", "content": "text"},
        {"stop_reason": "end_turn", "content": [None, 3, {"type": "text"}, {"text": "{}"}]},
        {"stop_reason": ["end_turn"], "content": []},
        {"stop_reason": "refusal", "stop_details": "no"},
    ],
)
def test_any_stored_body_is_an_answer_or_none(make: Make, body: dict[str, object]) -> None:
    """What an older program or a broken disk left behind ends as NoAnswer."""
    book = PaidBook()
    key = CallKey("claude", api.MODEL, "release-2", question().sha256)
    book.answers[key] = PaidAnswer(body, Usage())
    with pytest.raises(NoAnswer):
        make().analyse(question(), book)


# ---- refusals before any work


@pytest.mark.parametrize(
    ("reply", "fix"),
    [
        (api.error(400, "invalid_request_error", "messages: bad"), "spend limit"),
        (api.error(401, "authentication_error", "invalid key"), "ANTHROPIC_API_KEY"),
        (api.error(402, "billing_error", "payment"), "Billing"),
        (api.error(403, "permission_error", "no"), "workspace"),
        (api.error(404, "not_found_error", "model: gone"), r"retailxai\.toml"),
        (api.error(413, "request_too_large", "too large"), "longer requests"),
        (Reply.html("<html><title>Forbidden</title></html>", 403), "workspace"),
        (Reply(status=404, body=b"\xff\xfe{"), "retired"),
    ],
)
def test_a_refusal_is_asked_once_and_costs_nothing(
    server: api.ClaudeServer, make: Make, reply: Reply, fix: str
) -> None:
    """Not retryable, not accepted, and the message says what to do."""
    server.answers(reply)
    book = PaidBook()
    with pytest.raises(ClaudeRefusal, match=fix) as raised:
        make().analyse(question(), book)
    assert (raised.value.retryable, raised.value.accepted) == (False, False)
    assert len(server.requests) == 1
    assert not book.in_doubt


def test_the_wording_of_an_error_decides_nothing(server: api.ClaudeServer, make: Make) -> None:
    """A rate limit is one by its type, whatever its message claims, and the other way round."""
    server.answers(
        api.error(429, "rate_limit_error", "You have reached your specified API usage limits"),
        api.good_answer(),
    )
    assert make().analyse(question(), PaidBook()).drafts
    assert len(server.requests) == 2


def test_the_monthly_limit_is_not_retried_before_the_month_ends(
    server: api.ClaudeServer, make: Make, clock: FakeClock
) -> None:
    """429 enforced_spend_limit_reached: one request, next try on the 1st at 00:00 UTC, and
    the other documents of the day are not refused one by one."""
    server.answers(api.spend_limit(), api.good_answer())
    claude, book = make(), PaidBook()
    with pytest.raises(ClaudeRefusal) as raised:
        claude.analyse(question(), book)
    assert raised.value.retryable is False
    assert raised.value.retry_at == datetime(2026, 12, 1, tzinfo=UTC)
    with pytest.raises(Rejected, match="spend limit"):
        claude.analyse(question(sha256="cd" * 32), book)
    assert len(server.requests) == 1
    clock.advance(3601)  # a person may have raised it meanwhile
    assert claude.analyse(question(sha256="cd" * 32), book).drafts


def test_a_refusal_of_one_document_does_not_close_the_door_to_others(
    server: api.ClaudeServer, make: Make
) -> None:
    """A 400 may be about this document alone."""
    server.answers(api.error(400, "invalid_request_error", "too long"), api.good_answer())
    claude, book = make(), PaidBook()
    with pytest.raises(ClaudeRefusal):
        claude.analyse(question(), book)
    assert claude.analyse(question(sha256="cd" * 32), book).drafts


@pytest.mark.parametrize("reply", [api.overloaded(), api.rate_limited("3")])
def test_overload_and_rate_limits_are_tried_again(
    server: api.ClaudeServer, make: Make, clock: FakeClock, reply: Reply
) -> None:
    """Both say that nothing was done, so asking again is safe; retry-after is waited out."""
    server.answers(reply, api.good_answer())
    assert make().analyse(question(), PaidBook()).drafts
    assert len(server.requests) == 2
    assert sum(clock.waits) >= 2


def test_a_long_retry_after_is_deferred_not_slept(
    server: api.ClaudeServer, make: Make, clock: FakeClock
) -> None:
    """No thread waits ten minutes; the error says when."""
    server.answers(api.rate_limited("600"))
    with pytest.raises(CallFailed) as raised:
        make().analyse(question(), PaidBook())
    assert raised.value.retry_after_s == 600
    assert raised.value.accepted is False
    assert sum(clock.waits) == 0


# ---- failures that may have been billed


@pytest.mark.parametrize(
    "reply",
    [
        api.error(500, "api_error", "Internal server error"),
        api.error(504, "timeout_error", "timed out"),
        Reply.html("<html><title>502 Bad Gateway</title></html>", 502),
        api.error(503, "overloaded_error", "somewhere behind"),
        Reply.html("<html><title>Welcome</title></html>"),
        Reply(headers={"content-type": "application/json"}, body=b""),
        Reply.json([1, 2]),
        Reply.json({"type": "error", "error": {"type": "overloaded_error"}}),
        api.good_answer().truncated(200),
        Reply(drop=True),
    ],
)
def test_what_may_have_been_billed_is_never_repeated(
    server: api.ClaudeServer, make: Make, reply: Reply
) -> None:
    """One request; the key stays in doubt, and a second analysis does not ask again."""
    server.answers(reply, api.good_answer())
    claude, book = make(), PaidBook()
    with pytest.raises(CallFailed) as raised:
        claude.analyse(question(), book)
    assert raised.value.accepted is True
    with pytest.raises(CallInDoubt):
        claude.analyse(question(), book)
    assert len(server.requests) == 1


def test_a_slow_answer_times_out_in_doubt(server: api.ClaudeServer, make: Make) -> None:
    """The request was sent: the answer may be on its way and on the bill."""
    server.answers(Reply(status=200, wait_s=30))
    book = PaidBook()
    with pytest.raises(CallFailed) as raised:
        make(timeout_s=0.2).analyse(question(), book)
    assert raised.value.accepted is True
    assert len(server.requests) == 1
    assert len(book.in_doubt) == 1


def test_no_connection_leaves_the_question_free(make: Make) -> None:
    """Nothing was sent, so it was tried three times and may be asked again later."""
    book = PaidBook()
    with pytest.raises(CallFailed) as raised:
        make(base_url=f"http://127.0.0.1:{closed_port()}").analyse(question(), book)
    assert raised.value.accepted is False
    assert not book.in_doubt


def test_a_dead_service_is_not_asked_for_every_document(
    server: api.ClaudeServer, make: Make
) -> None:
    """After five failures the breaker answers for Claude, and no key is left in doubt by it."""
    server.answers(api.error(500, "api_error", "down"))
    claude, book = make(), PaidBook()
    for number in range(5):
        with pytest.raises(CallFailed):
            claude.analyse(question(sha256=f"{number:064d}"), book)
    with pytest.raises(CircuitOpen):
        claude.analyse(question(sha256="f" * 64), book)
    assert len(server.requests) == 5
    assert len(book.in_doubt) == 5


# ---- secrets, switches, greetings


def test_the_key_is_in_no_message(server: api.ClaudeServer, make: Make) -> None:
    """Neither in errors (even when the server echoes it) nor in what is printed."""
    server.answers(api.error(401, "authentication_error", f"invalid key {api.KEY}"))
    claude = make()
    with pytest.raises(ClaudeRefusal) as raised:
        claude.analyse(question(), PaidBook())
    assert api.KEY not in str(raised.value)
    assert api.KEY not in repr(ClaudeSetup("m", PRICES, api_key=api.KEY))


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_it_is_off_and_says_how_to_switch_it_on(
    server: api.ClaudeServer, make: Make, key: str | None
) -> None:
    """Off is a reason, not an error; asked all the same, it has no answer and sends nothing."""
    claude = make(api_key=key)
    assert "ANTHROPIC_API_KEY" in (claude.switched_off() or "")
    with pytest.raises(NoAnswer, match="ANTHROPIC_API_KEY"):
        claude.analyse(question(), PaidBook())
    assert server.requests == []


def test_an_empty_document_is_not_paid_for(server: api.ClaudeServer, make: Make) -> None:
    """There is nothing to read in it."""
    with pytest.raises(NoAnswer, match="no text"):
        make().analyse(question(" \n\n "), PaidBook())
    assert server.requests == []


def test_greeting_asks_for_the_model_and_sends_no_document(
    server: api.ClaudeServer, make: Make
) -> None:
    """The cheapest question: does the key work, is the model there?"""
    server.knows(api.MODEL)
    assert api.MODEL in make().greet()
    with pytest.raises(ClaudeRefusal, match="retired"):
        make(model="claude-gone").greet()
    assert server.bodies == []


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (START, datetime(2026, 12, 1, tzinfo=UTC)),
        (datetime(2026, 12, 31, 23, 59, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)),
        (datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 2, 1, tzinfo=UTC)),
    ],
)
def test_a_month_ends_on_the_first_utc(now: datetime, first: datetime) -> None:
    """Also over the year's end."""
    assert first_of_next_month(now) == first
