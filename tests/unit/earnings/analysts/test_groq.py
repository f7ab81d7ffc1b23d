"""Groq over real sockets: what is sent, what each answer means, and what it costs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from earnings.analysts.base import CallInDoubt, CallKey, NoAnswer, PaidAnswer, Usage
from earnings.analysts.groq import Groq
from earnings.analysts.groq_wire import GroqSetup
from earnings.analysts.prices import Prices
from earnings.analysts.prompt import VERSION
from earnings.analysts.refusals import ModelRefusal
from earnings.analysts.token_counts import most_tokens
from earnings.analysts.trimming import LEFT_OUT
from outside.http import HttpDoor
from resilience.outcomes import CallFailed, Rejected
from resilience.quota import QuotaRule
from resilience.registry import Policies
from resilience.spec import PolicySpec, RateRule
from resilience.testing import FakeClock
from tests.servers import groq as api
from tests.servers.claude import answer_text
from tests.servers.http import Reply, closed_port
from tests.unit.earnings.analysts.doubles import RELEASE, PaidBook, question

PRICES = Prices(Decimal("0.15"), Decimal("0.15"), Decimal("0.075"), Decimal("0.6"))
TABLE = "Net sales | 1,204.8 | 1,187.0\nDiluted earnings per share | 0.84 | 0.91\n\n"
OUTLOOK = "The company now expects adjusted diluted EPS of $3.05 to $3.20 for fiscal 2026.\n\n"
WEATHER = "".join(f"Paragraph {n} speaks of the weather at some length.\n\n" for n in range(900))
LONG = f"Quell Stores Reports\n\n{WEATHER}{TABLE}{WEATHER}{OUTLOOK}{WEATHER}"

Make = Callable[..., Groq]


@pytest.fixture
def server() -> Iterator[api.GroqServer]:
    with api.GroqServer() as running:
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def policies(clock: FakeClock) -> Policies:
    spec = PolicySpec(
        attempts=3,
        wait_s=2,
        max_wait_s=8,
        rates=(RateRule(60_000, per_s=60, burst=60_000, resource="tokens"),),
        quotas=(QuotaRule("requests", 1000),),
    )
    return Policies({"groq": spec}, clock)


@pytest.fixture
def make(server: api.GroqServer, clock: FakeClock, policies: Policies) -> Iterator[Make]:
    doors: list[HttpDoor] = []

    def _make(**changes: object) -> Groq:
        doors.append(HttpDoor(policies, clock, "RetailXAI/test"))
        values: dict[str, object] = {
            "model": api.MODEL,
            "prices": PRICES,
            "api_key": api.KEY,
            "base_url": server.url,
            "timeout_s": 5.0,
        }
        return Groq(doors[-1], GroqSetup(**{**values, **changes}), clock)  # type: ignore[arg-type]

    yield _make
    for door in doors:
        door.close()


# ---- what is sent


def test_the_request_holds_a_model_to_the_schema(server: api.GroqServer, make: Make) -> None:
    """The rules in the system message, the document last in the user's; the same schema as every
    model's, kept to while it is written; nothing left to chance."""
    server.answers(api.good_answer())
    make().analyse(question(), PaidBook())
    (body,) = server.bodies
    assert server.requests[0].headers["authorization"] == f"Bearer {api.KEY}"
    assert [message["role"] for message in body["messages"]] == ["system", "user"]
    assert "Quell" not in body["messages"][0]["content"]
    assert body["messages"][1]["content"].rstrip().endswith(">")
    assert "1,204.8" in body["messages"][1]["content"]
    shape = body["response_format"]["json_schema"]
    assert (body["response_format"]["type"], shape["strict"]) == ("json_schema", True)
    assert shape["schema"]["required"] == ["is_results", "period", "figures", "guidance", "quotes"]
    assert (body["temperature"], body["stream"]) == (0, False)
    assert (body["max_completion_tokens"], body["reasoning_effort"]) == (3000, "low")


def test_a_model_without_strict_schemas_is_told_the_shape_in_words(
    server: api.GroqServer, make: Make
) -> None:
    """json_object needs the word and the schema among the messages; no model is asked for an
    effort it does not know."""
    server.answers(api.good_answer())
    make(model="qwen/qwen3.6-27b").analyse(question(), PaidBook())
    (body,) = server.bodies
    assert body["response_format"] == {"type": "json_object"}
    assert '"additionalProperties":false' in body["messages"][0]["content"]
    assert "reasoning_effort" not in body


@pytest.mark.parametrize("ending", ["", "/", "/openai/v1", "/openai/v1/"])
def test_the_address_may_be_that_of_openais_clients(
    server: api.GroqServer, make: Make, ending: str
) -> None:
    """Which hold the path too; people copy it from there."""
    server.answers(api.good_answer())
    assert make(base_url=server.url + ending).analyse(question(), PaidBook()).drafts


# ---- good answers


def test_a_good_answer_names_its_maker_and_its_cost(server: api.GroqServer, make: Make) -> None:
    """What came out of the cache is among the prompt's tokens, and costs half."""
    server.answers(api.good_answer())
    answer = make().analyse(question(), PaidBook())
    assert (answer.analyst, answer.model, answer.prompt_version) == (
        "groq", api.MODEL, VERSION,
    )  # fmt: skip
    assert len(answer.drafts) == 4
    # 2,000 at $0.15 + 1,000 at $0.075 + 500 at $0.60, per million
    assert answer.usage == Usage(2_000, 0, 1_000, 500, Decimal("0.000675"))


def test_a_free_plan_costs_nothing_and_is_counted_in_tokens(
    server: api.GroqServer, make: Make
) -> None:
    """Prices of 0: the estimate and the bill are 0, the tokens are there."""
    server.answers(api.good_answer())
    book = PaidBook()
    free = Prices(Decimal(0), Decimal(0), Decimal(0), Decimal(0))
    answer = make(prices=free).analyse(question(), book)
    assert (answer.usage.cost_usd, answer.usage.output_tokens) == (Decimal(0), 500)
    assert book.estimates == [0]


def test_a_stored_answer_is_read_again_without_a_call(server: api.GroqServer, make: Make) -> None:
    """The second reading is free, also by a setup that the question would not fit into; and
    what is said of the trimming is what was done then."""
    server.answers(api.good_answer(), api.error(500, "down"))
    book = PaidBook()
    first = make(tokens_at_once=9_000).analyse(question(LONG), book)
    assert any("were not shown to the model" in note for note in first.notes)
    assert make(tokens_at_once=2_000).analyse(question(LONG), book) == first
    assert make().analyse(question(LONG), book) == first
    assert len(server.requests) == 1


@pytest.mark.parametrize("around", ["<think>\nLet me see {\n</think>\n{}", "```json\n{}\n```"])
def test_thoughts_and_fences_round_an_answer_are_no_part_of_it(
    server: api.GroqServer, make: Make, around: str
) -> None:
    """Some open models put them there whatever they are told."""
    server.answers(api.completion(around.replace("{}", answer_text())))
    assert len(make().analyse(question(), PaidBook()).drafts) == 4


def test_odd_usage_does_not_spoil_an_answer(server: api.GroqServer, make: Make) -> None:
    """Missing, negative and nonsensical counts are zero; the drafts are still there."""
    usage = {"prompt_tokens": -1, "completion_tokens": True, "prompt_tokens_details": None}
    server.answers(api.completion(answer_text(), usage=usage))
    answer = make().analyse(question(), PaidBook())
    assert answer.usage == Usage(cost_usd=Decimal("0.000000"))
    assert len(answer.drafts) == 4


# ---- what fits


def test_a_release_that_does_not_fit_is_trimmed_to_what_matters(
    server: api.GroqServer, make: Make
) -> None:
    """Within the tokens of a minute, the longest answer included; the table and the outlook are
    kept from far inside, the gap is told to the model and to the reader."""
    server.answers(api.good_answer())
    answer = make(tokens_at_once=8_000).analyse(question(LONG), PaidBook())
    (body,) = server.bodies
    shown = body["messages"][1]["content"]
    assert TABLE in shown
    assert OUTLOOK in shown
    assert LEFT_OUT in shown
    asked = sum(most_tokens(each["content"], digits=3) for each in body["messages"])
    assert asked + body["max_completion_tokens"] <= 8_000
    assert any(f"has {len(LONG):,} characters" in note for note in answer.notes)


def test_what_cannot_fit_is_not_asked(server: api.GroqServer, make: Make) -> None:
    """The rules alone fill it: no answer, nothing sent, nothing written down as asked."""
    book = PaidBook()
    with pytest.raises(NoAnswer, match="too little of the"):
        make(tokens_at_once=3_000).analyse(question(LONG), book)
    assert server.requests == []
    assert not book.answers


def test_a_limit_that_groq_tells_is_kept_to(server: api.GroqServer, make: Make) -> None:
    """413: nothing was done, so the question is asked again, shorter, and the next documents
    are trimmed before they are sent."""
    server.answers(api.too_large(limit=6_000), api.good_answer())
    groq, book = make(), PaidBook()
    answer = groq.analyse(question(LONG), book)
    assert any("not shown" in note for note in answer.notes)
    groq.analyse(question(LONG + "!", sha256="cd" * 32), book)
    sizes = [len(body["messages"][1]["content"]) for body in server.bodies]
    assert sizes[0] > 2 * sizes[1]
    assert sizes[1] == pytest.approx(sizes[2], rel=0.2)
    assert [body["max_completion_tokens"] for body in server.bodies] == [3000, 2000, 2000]


def test_a_limit_in_a_header_is_kept_to(server: api.GroqServer, make: Make) -> None:
    """It comes with every answer; a higher one than configured is not believed."""
    server.answers(
        api.good_answer(x_ratelimit_limit_tokens="900000"),
        api.good_answer(x_ratelimit_limit_tokens="7000"),
        api.good_answer(),
    )
    groq, book = make(tokens_at_once=12_000), PaidBook()
    for sha in ("ab", "cd", "ef"):
        groq.analyse(question(LONG, sha256=sha * 32), book)
    sizes = [len(json.dumps(body)) for body in server.bodies]
    assert sizes[0] == sizes[1] > sizes[2]


def test_a_question_that_stays_too_long_ends_as_a_refusal(
    server: api.GroqServer, make: Make
) -> None:
    """Shrunk twice and no more: nothing is billed and nothing is in doubt."""
    server.answers(api.error(413, "Request Entity Too Large", code="request_too_large"))
    book = PaidBook()
    with pytest.raises((ModelRefusal, NoAnswer)):
        make(tokens_at_once=20_000).analyse(question(LONG), book)
    assert 1 < len(server.requests) <= 3
    assert not book.answers


# ---- answers that were made and are of no use


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (api.cut_off(), "cut off after 3000 tokens"),
        (api.filtered(), "content_filter"),
        (api.completion("{}", finish_reason="tool_calls"), "tool_calls"),
        (api.completion("{}", finish_reason=None), "no end: None"),
        (api.completion(None), "without any text"),
        (api.completion(" "), "without any text"),
        (api.completion(None, refusal="I will not."), r"refused the document \(I will not"),
        (api.completion("Here is your JSON:"), "not of the agreed shape"),
        (api.completion(answer_text()[:90]), "not of the agreed shape"),
        (api.completion(answer_text(figures="none")), "figures"),
        (api.wrote_no_json(), "json_validate_failed"),
        (
            api.error(400, "Tool choice is none", code="tool_use_failed", failed_generation="x"),
            "tool_use_failed",
        ),
    ],
)
def test_useless_answers_are_kept_and_never_bought_twice(
    server: api.GroqServer, make: Make, reply: Reply, why: str
) -> None:
    """A generation that Groq itself calls invalid was made all the same."""
    server.answers(reply)
    groq, book = make(), PaidBook()
    for _ in range(2):
        with pytest.raises(NoAnswer, match=why):
            groq.analyse(question(), book)
    assert len(server.requests) == 1
    (kept,) = book.answers.values()
    assert kept.usage.cost_usd > 0


def test_a_complete_answer_that_was_stopped_is_still_not_taken(
    server: api.GroqServer, make: Make
) -> None:
    """Why it ended is looked at first: JSON cut at a lucky place reads like a short answer."""
    server.answers(api.completion(answer_text(), finish_reason="length"))
    with pytest.raises(NoAnswer, match="cut off"):
        make().analyse(question(), PaidBook())


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"choices": []},
        {"choices": "text"},
        {"choices": [None]},
        {"choices": [{"finish_reason": "stop"}]},
        {"choices": [{"finish_reason": "stop", "message": "hello"}]},
        {"choices": [{"finish_reason": ["stop"], "message": {"content": "{}"}}]},
        {"failed_generation": {}},
        {"_notes": "x", "choices": [{"finish_reason": "stop", "message": {"content": "{}"}}]},
    ],
)
def test_any_stored_body_is_an_answer_or_none(make: Make, body: dict[str, object]) -> None:
    """What an older program or a broken disk left behind ends as NoAnswer."""
    book = PaidBook()
    book.answers[CallKey("groq", api.MODEL, VERSION, question().sha256)] = PaidAnswer(body, Usage())
    with pytest.raises(NoAnswer):
        make().analyse(question(), book)


# ---- refusals before any work


@pytest.mark.parametrize(
    ("reply", "fix"),
    [
        (api.error(400, "messages: bad"), "as sent"),
        (api.error(401, "Invalid API Key", code="invalid_api_key"), "GROQ_API_KEY"),
        (api.error(402, "pay"), "Billing"),
        (api.error(403, "Access denied"), "permissions"),
        (api.not_found(), r"groq\.model"),
        (api.decommissioned(), r"groq\.model"),
        (api.error(400, "restricted", code="organization_restricted"), "permissions"),
        (api.error(422, "semantic"), "as sent"),
        (Reply.html("<html><title>Forbidden</title></html>", 403), "permissions"),
        (Reply(status=404, body=b"\xff\xfe{"), "retired"),
    ],
)
def test_a_refusal_is_asked_once_and_costs_nothing(
    server: api.GroqServer, make: Make, reply: Reply, fix: str
) -> None:
    """Not retryable, not accepted, and the message says what to do."""
    server.answers(reply)
    book = PaidBook()
    with pytest.raises(ModelRefusal, match=fix) as raised:
        make().analyse(question(), book)
    assert (raised.value.retryable, raised.value.accepted) == (False, False)
    assert len(server.requests) == 1
    assert not book.in_doubt


@pytest.mark.parametrize("reply", [api.decommissioned(), api.not_found(), api.error(401, "no")])
def test_what_meets_every_document_is_asked_once(
    server: api.GroqServer, make: Make, clock: FakeClock, reply: Reply
) -> None:
    """A retired model or a wrong key is not tried on each of forty documents, but again later:
    a person may have put it right."""
    server.answers(reply, api.good_answer())
    groq, book = make(), PaidBook()
    with pytest.raises(ModelRefusal):
        groq.analyse(question(), book)
    with pytest.raises(Rejected, match="not asked again yet"):
        groq.analyse(question(sha256="cd" * 32), book)
    assert len(server.requests) == 1
    clock.advance(3_601)
    assert groq.analyse(question(sha256="cd" * 32), book).drafts


@pytest.mark.parametrize("reply", [api.throttled("3"), api.error(498, "flex tier at capacity")])
def test_throttling_and_capacity_are_tried_again(
    server: api.GroqServer, make: Make, reply: Reply
) -> None:
    """Both say that nothing was done, so asking again is safe."""
    server.answers(reply, api.good_answer())
    assert make().analyse(question(), PaidBook()).drafts
    assert len(server.requests) == 2


def test_a_used_up_day_ends_the_day_for_requests(
    server: api.GroqServer, make: Make, clock: FakeClock, policies: Policies
) -> None:
    """No thread waits nine hours; who asks next is told when, without asking Groq. The limit of
    requests is Groq's day's, whatever others mean by the same headers."""
    server.answers(api.day_used_up())
    groq, book = make(), PaidBook()
    with pytest.raises(CallFailed) as raised:
        groq.analyse(question(), book)
    assert (raised.value.accepted, raised.value.retry_after_s) == (False, 33_120)
    assert sum(clock.waits) == 0
    clock.advance(7_200)
    with pytest.raises(Rejected) as again:
        groq.analyse(question(sha256="cd" * 32), book)
    assert again.value.retry_at is not None
    left_s = (again.value.retry_at - clock.now()).total_seconds()
    assert left_s == pytest.approx(9.2 * 3600 - 7_200, abs=60)
    assert len(server.requests) == 1
    assert not policies.explain("groq").passes


def test_a_throttling_that_names_no_wait_goes_by_the_reset(
    server: api.GroqServer, make: Make
) -> None:
    """2m59.56s, of the tokens that are used up."""
    headers = {"x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "2m59.56s"}
    server.answers(api.error(429, "slow down", code="rate_limit_exceeded", **headers))
    with pytest.raises(CallFailed) as raised:
        make(tokens_at_once=None).analyse(question(), PaidBook())
    assert raised.value.retry_after_s == pytest.approx(179.56)


def test_tokens_are_reserved_and_settled_with_the_true_cost(
    server: api.GroqServer, clock: FakeClock, make: Make, policies: Policies
) -> None:
    """The most it may take is out of the bucket while the call is made; what it did not take
    is there again, and Groq's word on what is left only makes us more careful."""
    server.answers(api.good_answer(x_ratelimit_remaining_tokens="5000"))
    make(max_output_tokens=50_000).analyse(question(), PaidBook())
    assert policies.explain("groq", {"tokens": 4_900}).wait_s == 0
    assert policies.explain("groq", {"tokens": 56_000}).wait_s > 0


# ---- failures that may have been billed


@pytest.mark.parametrize(
    "reply",
    [
        api.error(500, "Internal Server Error", kind="internal_server_error"),
        api.error(499, "Request cancelled"),
        Reply.html("<html><title>502 Bad Gateway</title></html>", 502),
        api.error(503, "Service Unavailable"),
        Reply.html("<html><title>Welcome</title></html>"),
        Reply(headers={"content-type": "application/json"}, body=b""),
        Reply.json([1, 2]),
        Reply.json({"choices": []}),
        api.good_answer().truncated(200),
        Reply(drop=True),
    ],
)
def test_what_may_have_been_billed_is_never_repeated(
    server: api.GroqServer, make: Make, reply: Reply
) -> None:
    """One request; the key stays in doubt, and a second analysis does not ask again."""
    server.answers(reply, api.good_answer())
    groq, book = make(), PaidBook()
    with pytest.raises(CallFailed) as raised:
        groq.analyse(question(), book)
    assert raised.value.accepted is True
    with pytest.raises(CallInDoubt):
        groq.analyse(question(), book)
    assert len(server.requests) == 1


def test_a_slow_answer_times_out_in_doubt(server: api.GroqServer, make: Make) -> None:
    """It may come, and be billed, after we stopped listening."""
    server.answers(Reply(wait_s=30))
    book = PaidBook()
    with pytest.raises(CallFailed):
        make(timeout_s=0.2).analyse(question(), book)
    assert book.in_doubt


def test_nobody_there_leaves_no_doubt(make: Make) -> None:
    """A refused connection is proof that nothing was taken."""
    book = PaidBook()
    with pytest.raises(CallFailed) as raised:
        make(base_url=f"http://127.0.0.1:{closed_port()}").analyse(question(), book)
    assert raised.value.accepted is False
    assert not book.in_doubt


# ---- the key, the switch, the greeting


def test_the_key_is_in_no_message(server: api.GroqServer, make: Make) -> None:
    """Not even when Groq repeats it in its error."""
    server.answers(api.error(401, f"Invalid API Key {api.KEY}", code="invalid_api_key"))
    with pytest.raises(ModelRefusal) as raised:
        make().analyse(question(), PaidBook())
    assert api.KEY not in str(raised.value)
    assert api.KEY not in repr(GroqSetup("m", PRICES, api_key=api.KEY))


@pytest.mark.parametrize("key", [None, ""])
def test_without_a_key_it_is_off_and_says_how_to_switch_it_on(
    server: api.GroqServer, make: Make, key: str | None
) -> None:
    """Off is a reason, not an error; asked all the same, it has no answer and sends nothing."""
    groq = make(api_key=key)
    assert "GROQ_API_KEY" in (groq.switched_off() or "")
    with pytest.raises(NoAnswer, match="GROQ_API_KEY"):
        groq.analyse(question(), PaidBook())
    assert server.requests == []


def test_an_empty_document_is_not_asked_about(server: api.GroqServer, make: Make) -> None:
    """There is nothing to read in it."""
    with pytest.raises(NoAnswer, match="no text"):
        make().analyse(question(" \n\n "), PaidBook())
    assert server.requests == []


def test_greeting_looks_for_the_model(server: api.GroqServer, make: Make) -> None:
    """The cheapest question: does the key work, is the model there? One that is not is said with
    those that are."""
    server.serves(api.MODEL, "openai/gpt-oss-20b")
    assert api.MODEL in make().greet()
    with pytest.raises(ModelRefusal, match=r"llama-gone.*groq\.model.*openai/gpt-oss-20b"):
        make(model="llama-gone").greet()
    assert server.bodies == []


def test_the_release_of_the_tests_fits_the_smallest_plan(
    server: api.GroqServer, make: Make
) -> None:
    """6,000 tokens a minute, rules, shape and answer included: it is shown whole."""
    server.answers(api.good_answer())
    answer = make(tokens_at_once=6_000).analyse(question(), PaidBook())
    assert answer.notes == ()
    assert RELEASE.splitlines()[-1] in server.bodies[0]["messages"][1]["content"]
