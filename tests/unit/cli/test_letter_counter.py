"""The counter for dead letters, over a real store."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.letter_counter import LetterCounter
from earnings.vocabulary import Lead
from jobs.dead_letters import DOCUMENT
from resilience.testing import START
from storage.database import Database
from storage.dead_letters import DeadLetters
from storage.documents import Documents
from storage.states import LetterState

pytestmark = pytest.mark.database
LATER = START + timedelta(hours=1)


@pytest.fixture
def letters(database: Database) -> DeadLetters:
    return DeadLetters(database)


@pytest.fixture
def counter(database: Database, letters: DeadLetters) -> LetterCounter:
    return LetterCounter(letters, Documents(database))


def put(letters: DeadLetters, key: str, cause: str = "outage", **payload: object) -> int:
    values = {"step": "fetch", "state": "discovered", "failed_while_healthy": 3, **payload}
    return letters.put("edgar", DOCUMENT, key, values, "edgar: HTTP 503", cause)  # type: ignore[arg-type]


def test_a_letter_is_shown_by_its_documents_title_and_what_comes_next(
    database: Database, letters: DeadLetters, counter: LetterCounter
) -> None:
    lead = Lead("edgar", "a", "Third quarter results", "", None)
    (document,) = Documents(database).record("edgar", "scope", [lead], None, None)
    put(letters, str(document))
    put(letters, "999", "poison")
    put(letters, "998", retry_at=LATER.isoformat())
    first, second, third = counter.list(START, ended=False)
    assert (first.what, first.next) == (
        "Third quarter results",
        "goes on when edgar would be asked again",
    )
    assert (second.what, second.next) == ("document 999", "waits for a person")
    assert (third.next, third.not_before) == ("waits for its time", LATER)
    assert counter.get(third.id, LATER).not_before is None  # type: ignore[union-attr]
    assert counter.get(77, START) is None


def test_a_person_gives_all_its_tries_back(letters: DeadLetters, counter: LetterCounter) -> None:
    number = put(letters, "1", "poison", retry_at=LATER.isoformat())
    view = counter.retry(number, None, START, daemons=1)
    assert [(one.cause, one.state, one.not_before) for one in view.letters] == [
        ("outage", "waiting", None)
    ]
    letter = letters.get(number)
    assert letter is not None
    assert letter.payload == {"step": "fetch", "state": "discovered"}
    assert letter.error == "edgar: HTTP 503"


def test_all_of_a_service_or_of_every_one(letters: DeadLetters, counter: LetterCounter) -> None:
    put(letters, "1", "poison")
    put(letters, "2")
    letters.put("claude", DOCUMENT, "3", {}, "down", "outage")
    assert len(counter.retry(None, "edgar", START, 0).letters) == 2
    assert len(counter.retry(None, None, START, 0).letters) == 3
    assert counter.retry(None, "nobody", START, 0).letters == ()


def test_what_is_done_or_being_tried_is_left_alone(
    letters: DeadLetters, counter: LetterCounter
) -> None:
    number = put(letters, "1")
    letters.claim_for_replay(1)
    for refused in (
        lambda: counter.retry(number, None, START, 1),
        lambda: counter.drop(number, START),
    ):
        with pytest.raises(Failure, match="is being tried just now") as raised:
            refused()
        assert raised.value.exit_code == ExitCode.REFUSED
    letters.resolve(DOCUMENT, "1")
    with pytest.raises(Failure, match="was done already"):
        counter.retry(number, None, START, 1)
    with pytest.raises(Failure, match="only one that waits"):
        counter.drop(number, START)
    assert counter.list(START, ended=False) == []
    assert [one.state for one in counter.list(START, ended=True)] == ["resolved"]


def test_dropped_and_taken_back(letters: DeadLetters, counter: LetterCounter) -> None:
    number = put(letters, "1")
    assert counter.drop(number, START).state == "dropped"
    assert counter.drop(number, START).state == "dropped"  # as it was wanted
    counter.retry(number, None, START, 1)
    assert letters.waiting()[0].state is LetterState.WAITING


def test_an_unknown_number(counter: LetterCounter) -> None:
    for order in (lambda: counter.retry(5, None, START, 1), lambda: counter.drop(5, START)):
        with pytest.raises(Failure) as raised:
            order()
        assert raised.value.exit_code == ExitCode.UNKNOWN
