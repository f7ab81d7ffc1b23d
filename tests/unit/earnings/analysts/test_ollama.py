"""Ollama over real sockets: what is sent, what each answer means, and what was read of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from earnings.analysts.base import CallKey, NoAnswer, PaidAnswer, Usage
from earnings.analysts.ollama import Ollama
from earnings.analysts.ollama_wire import OllamaSetup
from earnings.analysts.prompt import VERSION
from earnings.analysts.refusals import ModelRefusal
from earnings.analysts.trimming import LEFT_OUT
from outside.errors import ServerError, TimedOut, Unreachable
from outside.http import HttpDoor
from resilience.outcomes import CallFailed, CircuitOpen, Rejected
from resilience.registry import Policies
from resilience.spec import PolicySpec
from resilience.testing import FakeClock
from tests.servers import ollama as api
from tests.servers.claude import answer_text
from tests.servers.http import Reply, closed_port
from tests.unit.earnings.analysts.doubles import PaidBook, question
from tests.unit.earnings.analysts.test_groq import LONG, OUTLOOK, TABLE

Make = Callable[..., Ollama]


@pytest.fixture
def server() -> Iterator[api.OllamaServer]:
    with api.OllamaServer() as running:
        running.has(api.MODEL)
        yield running


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def make(server: api.OllamaServer, clock: FakeClock) -> Iterator[Make]:
    doors: list[HttpDoor] = []

    def _make(**changes: object) -> Ollama:
        spec = PolicySpec(attempts=2, wait_s=1, max_wait_s=2, failure_threshold=3, at_once=1)
        doors.append(HttpDoor(Policies({"ollama": spec}, clock), clock, "RetailXAI/test"))
        values: dict[str, object] = {
            "model": api.MODEL,
            "base_url": server.url,
            "timeout_s": 5.0,
        }
        return Ollama(doors[-1], OllamaSetup(**{**values, **changes}), clock)  # type: ignore[arg-type]

    yield _make
    for door in doors:
        door.close()


def book() -> PaidBook:
    return PaidBook(free={"ollama"})


# ---- what is sent


def test_the_request_asks_for_the_schema_in_one_piece(server: api.OllamaServer, make: Make) -> None:
    """Not streamed, nothing left to chance, held to the schema and told of it: a grammar alone
    does not say what the fields are for."""
    server.answers(api.good_answer())
    make().analyse(question(), book())
    (body,) = server.chats
    assert (body["stream"], body["options"]["temperature"]) == (False, 0)
    assert body["format"]["required"] == ["is_results", "period", "figures", "guidance", "quotes"]
    assert '"additionalProperties":false' in body["messages"][0]["content"]
    assert "Quell" not in body["messages"][0]["content"]
    assert "1,204.8" in body["messages"][1]["content"]
    assert "think" not in body


def test_a_model_that_thinks_is_asked_not_to(server: api.OllamaServer, make: Make) -> None:
    """Thoughts take minutes and the room of the answer."""
    server.has(api.MODEL, thinks=True)
    server.answers(api.good_answer())
    make().analyse(question(), book())
    assert server.chats[0]["think"] is False


def test_the_context_is_as_long_as_the_question_needs(server: api.OllamaServer, make: Make) -> None:
    """In few steps, so that the model is not loaded anew for each document; never more than it
    can, or than is allowed."""
    server.answers(api.good_answer())
    ollama = make(max_context_tokens=24_000)
    for number, text in enumerate(("", "It rained in the quarter.\n" * 900, LONG)):
        ollama.analyse(question(TABLE + text, sha256=f"{number:02}" * 32), book())
    asked = [body["options"]["num_ctx"] for body in server.chats]
    assert asked[0] < asked[1] < asked[2] == 24_000
    assert asked[0] % 2048 == asked[1] % 2048 == 0


def test_a_release_that_does_not_fit_is_trimmed_to_what_matters(
    server: api.OllamaServer, make: Make
) -> None:
    """By the model's own maximum; the gap is told to the model and to the reader."""
    server.has(api.MODEL, context=16_384)
    server.answers(api.good_answer())
    answer = make().analyse(question(LONG), book())
    shown = server.chats[0]["messages"][1]["content"]
    assert TABLE in shown
    assert OUTLOOK in shown
    assert LEFT_OUT in shown
    assert any("were not shown to the model" in note for note in answer.notes)
    assert server.chats[0]["options"]["num_ctx"] == 16_384


def test_what_cannot_fit_is_not_asked(server: api.OllamaServer, make: Make) -> None:
    """A model whose context the rules alone fill has no answer."""
    server.has(api.MODEL, context=2_048)
    with pytest.raises(NoAnswer, match="too little of the"):
        make().analyse(question(LONG), book())
    assert server.chats == []


def test_a_model_that_does_not_say_how_much_it_takes(server: api.OllamaServer, make: Make) -> None:
    """Is thought to take little."""
    server.has(api.MODEL, context=None)
    server.answers(api.good_answer())
    make().analyse(question(LONG), book())
    assert server.chats[0]["options"]["num_ctx"] == 8_192


# ---- good answers


def test_a_good_answer_costs_tokens_alone(server: api.OllamaServer, make: Make) -> None:
    """It is our own machine; who answered is said like anybody's."""
    server.answers(api.good_answer())
    answer = make().analyse(question(), book())
    assert (answer.analyst, answer.model) == ("ollama", api.MODEL)
    assert answer.prompt_version == VERSION
    assert len(answer.drafts) == 4
    assert answer.usage.cost_usd == 0
    assert answer.usage.input_tokens > 2_000
    assert answer.usage.output_tokens == 400


def test_a_stored_answer_is_read_again_without_a_call(server: api.OllamaServer, make: Make) -> None:
    """It took minutes; the second reading is free, also while nothing runs."""
    server.answers(api.good_answer())
    kept = book()
    first = make().analyse(question(LONG), kept)
    away = make(base_url=f"http://127.0.0.1:{closed_port()}", max_context_tokens=9_000)
    assert away.analyse(question(LONG), kept) == first
    assert len(server.chats) == 1


def test_a_name_without_a_tag_means_the_latest(server: api.OllamaServer, make: Make) -> None:
    """As `ollama run` has it."""
    server.has("other-reader:latest")
    server.answers(api.good_answer())
    assert make(model="other-reader").analyse(question(), book()).drafts


# ---- what was not read


@pytest.mark.parametrize("cuts_at", [1, 500, 2_048])
def test_a_question_cut_in_silence_is_no_answer(
    server: api.OllamaServer, make: Make, cuts_at: int
) -> None:
    """A good answer to half a question is worth nothing; it is not kept, because a person can
    give the model more room."""
    server.answers(api.chat(answer_text(), cuts_at=cuts_at), api.good_answer())
    ollama, kept = make(), book()
    with pytest.raises(NoAnswer, match=f"cut the question in silence: it read {cuts_at:,} tokens"):
        ollama.analyse(question(LONG[:20_000]), kept)
    assert ollama.analyse(question(LONG[:20_000]), kept).drafts


def test_who_does_not_say_how_much_it_read_is_said_so(server: api.OllamaServer, make: Make) -> None:
    """Older versions leave the count out at times; what is claimed is checked in any case, and
    what the rules found stays beside it."""
    server.answers(api.chat(answer_text(), prompt_eval_count=None))
    answer = make().analyse(question(), book())
    assert len(answer.drafts) == 4
    assert answer.notes == ("ollama did not say how much of the question it read",)


def test_a_context_that_was_filled_is_a_cut(server: api.OllamaServer, make: Make) -> None:
    """What was read and written reaches its end: something did not fit."""
    server.answers(api.chat(answer_text(), prompt_eval_count=8_000, written=500))
    server.has(api.MODEL, context=8_192)
    with pytest.raises(NoAnswer, match="fill its context of"):
        make().analyse(question(), book())


# ---- answers that are of no use


@pytest.mark.parametrize(
    ("reply", "why"),
    [
        (api.chat(answer_text()[:90], done_reason="length"), "cut off after 400 tokens"),
        (api.chat(answer_text(), done_reason="length"), "cut off after 400 tokens"),
        (api.chat(answer_text(), done=False), "no end"),
        (api.chat("", done_reason="load"), "no end: load"),
        (api.chat(" "), "without any text"),
        (api.chat("Here is your JSON:"), "not of the agreed shape"),
        (api.chat(answer_text()[:90]), "not of the agreed shape"),
        (api.chat(answer_text(quotes={})), "quotes"),
    ],
)
def test_useless_answers_are_not_asked_for_again(
    server: api.OllamaServer, make: Make, reply: Callable[..., Reply], why: str
) -> None:
    """The same model would take the same minutes to say the same."""
    server.answers(reply)
    ollama, kept = make(), book()
    for _ in range(2):
        with pytest.raises(NoAnswer, match=why):
            ollama.analyse(question(), kept)
    assert len(server.chats) == 1


@pytest.mark.parametrize(
    "body", [{}, {"done": True}, {"done": True, "message": 3}, {"done": True, "done_reason": [1]}]
)
def test_any_stored_body_is_an_answer_or_none(make: Make, body: dict[str, object]) -> None:
    """What an older program or a broken disk left behind ends as NoAnswer."""
    kept = book()
    key = CallKey("ollama", api.MODEL, VERSION, question().sha256)
    kept.answers[key] = PaidAnswer(body, Usage())
    with pytest.raises(NoAnswer):
        make().analyse(question(), kept)


# ---- a model that is not there, a server that does not run


def test_a_missing_model_is_said_with_what_to_type(
    server: api.OllamaServer, make: Make, clock: FakeClock
) -> None:
    """At the greeting and at a question; the next documents do not ask for it, and once it is
    pulled it is found."""
    ollama, kept = make(model="llama-none:8b"), book()
    with pytest.raises(ModelRefusal, match=r"llama-none:8b is not there; it has sample-reader:8b"):
        ollama.greet()
    with pytest.raises(Rejected, match="ollama pull llama-none:8b"):
        ollama.analyse(question(), kept)
    asked = len(server.requests)
    with pytest.raises(Rejected):
        ollama.analyse(question(sha256="cd" * 32), kept)
    assert len(server.requests) == asked
    server.has("llama-none:8b")
    server.answers(api.good_answer())
    clock.advance(301)
    assert ollama.analyse(question(), kept).drafts


def test_a_model_that_is_removed_meanwhile_is_said_too(
    server: api.OllamaServer, make: Make
) -> None:
    """The chat itself answers 404."""
    server.answers(api.missing())
    with pytest.raises(ModelRefusal, match=f"ollama pull {api.MODEL}"):
        make().analyse(question(), book())


def test_nobody_there_is_said_with_what_to_do(make: Make, clock: FakeClock) -> None:
    """A refused connection means that it does not run; after a few the breaker spares the rest
    of the documents the attempt, and nothing is in doubt."""
    ollama, kept = make(base_url=f"http://127.0.0.1:{closed_port()}"), book()
    for number in range(3):
        with pytest.raises(Unreachable, match=r"ollama serve.*OLLAMA_HOST"):
            ollama.analyse(question(sha256=f"{number:02}" * 32), kept)
    with pytest.raises(CircuitOpen):
        ollama.analyse(question(), kept)
    assert not kept.in_doubt


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (api.error(500, "model requires more system memory (5.6 GiB)"), ServerError),
        (Reply(wait_s=30), TimedOut),
        (Reply(drop=True), CallFailed),
        (Reply.html("<html><title>Welcome</title></html>"), CallFailed),
        (Reply.json({"models": []}), CallFailed),
        (api.error(400, "the input length exceeds the context length"), CallFailed),
        (api.error(503, "server busy, please try again"), ServerError),
    ],
)
def test_what_failed_may_be_asked_again(
    server: api.OllamaServer, make: Make, reply: Reply, kind: type[CallFailed]
) -> None:
    """Nobody is billed for it: nothing stays in doubt, and what it said is shown."""
    server.answers(reply)
    kept = book()
    with pytest.raises(kind):
        make(timeout_s=0.5).analyse(question(), kept)
    assert not kept.in_doubt
    server.answers(api.good_answer())
    assert make().analyse(question(), kept).drafts


# ---- the switch, the greeting


def test_without_a_model_it_is_off_and_says_how_to_switch_it_on(
    server: api.OllamaServer, make: Make
) -> None:
    """Off is a reason, not an error; asked all the same, it has no answer and sends nothing."""
    ollama = make(model=None)
    assert "ollama.model" in (ollama.switched_off() or "")
    with pytest.raises(NoAnswer, match=r"ollama\.model"):
        ollama.analyse(question(), book())
    assert server.requests == []


def test_an_empty_document_is_not_asked_about(server: api.OllamaServer, make: Make) -> None:
    """There is nothing to read in it."""
    with pytest.raises(NoAnswer, match="no text"):
        make().analyse(question(" \n\n "), book())
    assert server.requests == []


def test_greeting_says_how_much_the_model_takes(server: api.OllamaServer, make: Make) -> None:
    """Without a question to it."""
    assert "32,768" in make().greet()
    assert server.chats == []


@pytest.mark.parametrize("body", [[], {}, {"models": "none"}, {"models": [None, {"name": 3}]}])
def test_odd_lists_of_models_are_errors_of_ours(
    server: api.OllamaServer, make: Make, body: object
) -> None:
    """Whatever runs at that port, it is no surprise."""
    server.replies("GET", api.TAGS, Reply.json(body))
    with pytest.raises(CallFailed):
        make().analyse(question(), book())


@pytest.mark.parametrize(
    "body", [{}, {"model_info": []}, {"model_info": {"a.context_length": "long", "b": 3}}]
)
def test_odd_descriptions_of_a_model_are_survived(
    server: api.OllamaServer, make: Make, body: object
) -> None:
    """How much it takes is not known then."""
    server.replies("POST", api.SHOW, Reply.json(body))
    server.answers(api.good_answer())
    assert make().analyse(question(), book()).drafts
