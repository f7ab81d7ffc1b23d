"""The invented Claude: what it bills, when it writes that down, and its batches as documented."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from chaos import batches
from chaos.claude import MESSAGES, Claude
from chaos.papers import release
from chaos.provider import Reply, Request
from chaos.reading import billed_in
from chaos.record import Record, read
from resilience.testing import FakeClock

KEY = {"x-api-key": "sk-ant-invented"}
HANG_S = 20.0


class House:
    """The provider, its record, and a way to ask it."""

    def __init__(self, folder: Path, seed: int = 1) -> None:
        self.path = folder / "claude.jsonl"
        self.clock = FakeClock()
        self.claude = Claude(Record(self.path, self.clock), seed, HANG_S, self.clock)

    def ask(self, method: str, path: str, body: object = None, **query: str) -> Reply:
        sent = b"" if body is None else json.dumps(body).encode()
        asked = {name: [value] for name, value in query.items()}
        return self.claude.answer(Request(method, path, asked, KEY, sent))

    def surely(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """Asked again until it is not turned away, and not disturbed."""
        while True:
            reply = self.ask(method, path, body, **query)
            if reply.status == 200 and not reply.cut:
                return json.loads(reply.body)

    def billed(self) -> list[int]:
        return [each.release for each in billed_in(read(self.path))]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def question(number: int, **changes: object) -> dict[str, object]:
    text = f"<document-1>\n{release(number, 20).decode()}\n</document-1>"
    about = {"type": "text", "text": "Published: today."}
    asked = {
        "model": "claude-test-1",
        "max_tokens": 1000,
        "system": [{"type": "text", "text": "the rules"}],
        "messages": [{"role": "user", "content": [about, {"type": "text", "text": text}]}],
    }
    return asked | changes


def batch(*numbers: int) -> dict[str, object]:
    return {"requests": [{"custom_id": f"doc-{n}", "params": question(n)} for n in numbers]}


def test_who_asks_pays_before_anything_is_answered(house: House) -> None:
    """Whatever then becomes of the answer: 500, cut, late. Turned away is free."""
    ends: dict[str, set[int]] = {}
    for number in range(800):
        reply = house.ask("POST", MESSAGES, question(number))
        end = "cut" if reply.cut else "hang" if reply.after_s == HANG_S else str(reply.status)
        ends.setdefault(end, set()).add(number)
    assert set(ends) == {"200", "429", "529", "500", "cut", "hang"}
    assert house.billed() == sorted(set(range(800)) - ends["429"] - ends["529"])
    assert 0.02 < 1 - len(ends["200"]) / 800 < 0.09


def test_its_chance_is_in_what_is_asked(tmp_path: Path) -> None:
    """The same seed treats the same question alike, in whatever order they come."""

    def ends(folder: str, numbers: range) -> dict[int, int]:
        (tmp_path / folder).mkdir()
        house = House(tmp_path / folder, seed=7)
        return {n: house.ask("POST", MESSAGES, question(n)).status for n in numbers}

    forth, back = ends("a", range(200)), ends("b", range(199, -1, -1))
    assert forth == back


def test_the_same_question_is_known_again(house: House) -> None:
    """By document, prompt and model; what differs beside them makes no other question."""
    house.surely("POST", MESSAGES, question(3))
    house.surely("POST", MESSAGES, question(3, system="other rules"))
    house.surely("POST", MESSAGES, question(4))
    first, other, fourth = billed_in(read(house.path))[:3]
    assert (first.release, other.release, fourth.release) == (3, 3, 4)
    assert first.prompt == fourth.prompt != other.prompt
    assert first.document == other.document != fourth.document


def test_a_message_is_of_the_documented_shape(house: House) -> None:
    said = house.surely("POST", MESSAGES, question(12))
    assert said["type"] == "message"
    assert said["stop_reason"] == "end_turn"
    (figure,) = json.loads(said["content"][0]["text"])["figures"]
    assert figure["value"] in release(12, 20).decode().replace(",", "")


def test_a_batch_from_its_beginning_to_its_results(house: House) -> None:
    """In progress, unbilled; then ended, each request with a result of its own, those that
    succeeded billed and no others."""
    made = house.surely("POST", batches.PATH, batch(*range(200)))
    assert made["processing_status"] == "in_progress"
    assert made["results_url"] is None
    assert house.billed() == []
    one = f"{batches.PATH}/{made['id']}"
    assert house.ask("GET", f"{one}/results").status in (404, 429, 529)
    house.clock.advance(10)
    ended = house.surely("GET", one)
    assert ended["processing_status"] == "ended"
    counts = ended["request_counts"]
    assert counts["processing"] == 0
    assert counts["succeeded"] == len(house.billed()) > 150
    assert counts["errored"] > 0
    assert counts["expired"] > 0
    assert sum(counts.values()) == 200
    reply = house.ask("GET", f"{one}/results")
    while reply.status != 200 or reply.cut:
        reply = house.ask("GET", f"{one}/results")
    lines = [json.loads(line) for line in reply.body.splitlines()]
    assert {line["custom_id"] for line in lines} == {f"doc-{n}" for n in range(200)}
    good = [line for line in lines if line["result"]["type"] == "succeeded"]
    assert len(good) == counts["succeeded"]
    assert good[0]["result"]["message"]["type"] == "message"


def test_a_batch_that_is_cancelled_costs_only_what_was_done(house: House) -> None:
    made = house.surely("POST", batches.PATH, batch(*range(50)))
    one = f"{batches.PATH}/{made['id']}"
    cancelled = house.surely("POST", f"{one}/cancel")
    assert cancelled["processing_status"] == "canceling"
    assert cancelled["cancel_initiated_at"]
    house.clock.advance(11)
    ended = house.surely("GET", one)
    assert ended["processing_status"] == "ended"
    assert ended["request_counts"]["canceled"] > 20
    assert ended["request_counts"]["succeeded"] == len(house.billed())


def test_batches_are_listed_newest_first_in_pages(house: House) -> None:
    """`after_id` goes on to older ones, `before_id` to newer ones, `has_more` says the truth."""
    made = [house.surely("POST", batches.PATH, batch(n))["id"] for n in range(5)]
    everything = house.surely("GET", batches.PATH, limit="100")
    listed = [each["id"] for each in everything["data"]]
    assert not everything["has_more"]
    assert [each for each in listed if each in made] == made[::-1]
    seen: list[str] = []
    page = house.surely("GET", batches.PATH, limit="2")
    while True:
        seen += [each["id"] for each in page["data"]]
        if not page["has_more"]:
            break
        page = house.surely("GET", batches.PATH, limit="2", after_id=page["last_id"])
    assert seen == listed
    newer = house.surely("GET", batches.PATH, limit="2", before_id=listed[3])
    assert [each["id"] for each in newer["data"]] == listed[1:3]


def test_a_batch_whose_answer_got_lost_is_there_all_the_same(tmp_path: Path) -> None:
    """Cut or a 500 after it was taken: whoever lists finds it."""
    house = House(tmp_path)
    lost = 0
    for number in range(300):
        reply = house.ask("POST", batches.PATH, batch(number))
        lost += reply.cut or reply.status == 500
    house.clock.advance(10)
    house.surely("GET", batches.PATH)
    assert lost > 0
    queued = {event["release"] for event in read(house.path) if event["event"] == "queued"}
    away = {event["event"] for event in read(house.path)} & {"turned away"}
    assert away
    assert len(queued) > 300 - 30


@pytest.mark.parametrize(
    "body",
    [
        {"requests": []},
        {"requests": [{"custom_id": "a b", "params": question(1)}]},
        {"requests": [{"custom_id": "a", "params": question(1)}] * 2},
        {"requests": [{"custom_id": "a", "params": {}}]},
        {},
    ],
)
def test_a_batch_that_is_none(house: House, body: object) -> None:
    """Refused as a whole, and nothing is queued."""
    statuses = {house.ask("POST", batches.PATH, body).status for _ in range(3)}
    assert 400 in statuses
    assert not [event for event in read(house.path) if event["event"] == "queued"]


def test_without_a_key_nothing_is_done(house: House) -> None:
    asked = Request("POST", MESSAGES, {}, {}, json.dumps(question(1)).encode())
    assert house.claude.answer(asked).status == 401
    assert house.billed() == []
