"""storage.dead_letters: work that could not be done is kept, and replayed by one at a time."""

from __future__ import annotations

import threading

import psycopg2
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from storage.database import Database
from storage.dead_letters import Cause, DeadLetters
from storage.errors import Conflict
from storage.states import LETTER_MOVES, LetterState

pytestmark = pytest.mark.database


@pytest.fixture
def letters(database: Database) -> DeadLetters:
    return DeadLetters(database)


def put(letters: DeadLetters, key: str, service: str = "edgar", cause: Cause = "outage") -> int:
    return letters.put(service, "document", key, {"key": key}, f"{key} failed", cause)


def state_of(letters: DeadLetters, letter_id: int) -> LetterState:
    letter = letters.get(letter_id)
    assert letter is not None
    return letter.state


def execute(dsn: str, sql: str) -> None:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql)
    connection.close()


def test_a_letter_says_what_failed_and_why(letters: DeadLetters) -> None:
    letter = letters.get(put(letters, "d1"))
    assert letter is not None
    assert (letter.service, letter.kind, letter.key) == ("edgar", "document", "d1")
    assert (letter.payload, letter.error, letter.cause) == ({"key": "d1"}, "d1 failed", "outage")
    assert (letter.state, letter.attempts) == (LetterState.WAITING, 1)
    assert letter.first_at == letter.last_at == letter.state_since
    assert letters.get(letter.id + 1) is None


def test_the_same_work_is_one_letter(letters: DeadLetters) -> None:
    """Counted again, with the newest error; another kind of work may have the same key."""
    first = put(letters, "d1")
    again = letters.put("sec", "document", "d1", {"new": True}, "worse", "poison")
    assert again == first
    letter = letters.get(first)
    assert letter is not None
    assert (letter.service, letter.payload, letter.error) == ("sec", {"new": True}, "worse")
    assert (letter.cause, letter.attempts) == ("poison", 2)
    assert letter.first_at == letter.state_since < letter.last_at
    assert letters.put("edgar", "run", "d1", {}, "", "outage") != first


def test_what_waits_can_be_looked_through(letters: DeadLetters) -> None:
    """By service, by cause; longest not tried first."""
    one, two, three = put(letters, "1"), put(letters, "2", "claude"), put(letters, "3")
    poison = put(letters, "4", cause="poison")
    put(letters, "1")
    assert [each.id for each in letters.waiting()] == [two, three, poison, one]
    assert [each.id for each in letters.waiting("edgar")] == [three, poison, one]
    assert [each.id for each in letters.waiting("edgar", "outage")] == [three, one]
    assert [each.id for each in letters.waiting(cause="poison")] == [poison]
    assert [each.id for each in letters.waiting(limit=1)] == [two]


def test_a_replay_that_succeeds(letters: DeadLetters) -> None:
    letter_id = put(letters, "d1")
    (claimed,) = letters.claim_for_replay(10)
    assert (claimed.id, claimed.state) == (letter_id, LetterState.REPLAYING)
    assert letters.claim_for_replay(10) == []
    assert letters.waiting() == []
    assert letters.resolve("document", "d1")
    assert not letters.resolve("document", "d1")
    assert not letters.resolve("document", "nothing")
    assert state_of(letters, letter_id) is LetterState.RESOLVED


def test_a_replay_that_fails_waits_behind_the_others(letters: DeadLetters) -> None:
    """So that one that always fails keeps nobody from their turn."""
    first, second = put(letters, "1"), put(letters, "2")
    assert [each.id for each in letters.claim_for_replay(1)] == [first]
    put(letters, "1")
    assert [each.id for each in letters.claim_for_replay(1)] == [second]
    assert [each.attempts for each in letters.claim_for_replay(1)] == [2]


def test_a_replay_that_was_not_begun_keeps_its_place(letters: DeadLetters) -> None:
    first, _ = put(letters, "1"), put(letters, "2")
    letters.claim_for_replay(1)
    assert letters.back(first)
    assert not letters.back(first)
    (again,) = letters.claim_for_replay(1)
    assert (again.id, again.attempts) == (first, 1)


def test_claims_can_be_narrowed(letters: DeadLetters) -> None:
    """A service came back: only what waited for it, and nothing that is poison."""
    mine = put(letters, "1")
    put(letters, "2", "claude")
    put(letters, "3", cause="poison")
    claimed = letters.claim_for_replay(10, "edgar", "outage")
    assert [each.id for each in claimed] == [mine]


def test_what_is_done_in_another_way_is_resolved(letters: DeadLetters) -> None:
    """While it waits, nobody has to replay it."""
    letter_id = put(letters, "d1")
    assert letters.resolve("document", "d1")
    assert state_of(letters, letter_id) is LetterState.RESOLVED


def test_a_person_may_give_up_what_waits(letters: DeadLetters) -> None:
    """But not what is being done at this moment."""
    letter_id = put(letters, "d1")
    letters.claim_for_replay(1)
    assert not letters.drop(letter_id)
    letters.back(letter_id)
    assert letters.drop(letter_id)
    assert not letters.drop(letter_id)
    assert [each.id for each in letters.in_state(LetterState.DROPPED)] == [letter_id]


@pytest.mark.parametrize("end", [LetterState.RESOLVED, LetterState.DROPPED])
def test_work_that_fails_again_comes_back(letters: DeadLetters, end: LetterState) -> None:
    letter_id = put(letters, "d1")
    if end is LetterState.DROPPED:
        letters.drop(letter_id)
    else:
        letters.resolve("document", "d1")
    assert state_of(letters, letter_id) is end
    assert put(letters, "d1") == letter_id
    (letter,) = letters.waiting()
    assert (letter.attempts, letter.state) == (2, LetterState.WAITING)
    assert letter.state_since == letter.last_at


def test_replays_of_the_dead_are_released(letters: DeadLetters, dsn: str) -> None:
    """Those that are overdue, and only those."""
    old, new = put(letters, "1"), put(letters, "2")
    letters.claim_for_replay(1)
    execute(dsn, "update dead_letter set state_since = state_since - interval '10 minutes'")
    letters.claim_for_replay(1)
    assert letters.release_stale(3600) == 0
    assert letters.release_stale(300) == 1
    assert state_of(letters, old) is LetterState.WAITING
    assert state_of(letters, new) is LetterState.REPLAYING


def test_of_many_replayers_each_letter_has_one(letters: DeadLetters) -> None:
    """Eight threads claim two hundred letters in bits: each exactly once, none forgotten."""
    ids = {put(letters, str(n)) for n in range(200)}
    claimed: list[int] = []

    def replay() -> None:
        while found := letters.claim_for_replay(7):
            claimed.extend(each.id for each in found)

    threads = [threading.Thread(target=replay) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(claimed) == sorted(ids)


def test_a_claim_passes_over_what_another_is_claiming(letters: DeadLetters, dsn: str) -> None:
    """It does not wait for the other's transaction."""
    first, second = put(letters, "1"), put(letters, "2")
    other = psycopg2.connect(dsn)
    with other.cursor() as cursor:
        cursor.execute("select 1 from dead_letter where id = %s for update", (first,))
    assert [each.id for each in letters.claim_for_replay(10)] == [second]
    other.rollback()
    other.close()


def test_open_letters_are_counted(letters: DeadLetters) -> None:
    put(letters, "1")
    put(letters, "2", "claude")
    letters.claim_for_replay(1)
    put(letters, "3")
    put(letters, "4", cause="poison")
    letters.drop(put(letters, "5"))
    found = {(each.service, each.cause, each.state): each.letters for each in letters.counts()}
    assert found == {
        ("claude", "outage", LetterState.WAITING): 1,
        ("edgar", "outage", LetterState.REPLAYING): 1,
        ("edgar", "outage", LetterState.WAITING): 1,
        ("edgar", "poison", LetterState.WAITING): 1,
    }
    assert letters.counts()[0].oldest_at == letters.waiting("claude")[0].first_at


def test_what_ended_long_ago_is_forgotten(letters: DeadLetters, dsn: str) -> None:
    """What is open never is."""
    put(letters, "1")
    letters.drop(put(letters, "2"))
    put(letters, "3")
    letters.resolve("document", "3")
    execute(dsn, "update dead_letter set state_since = state_since - interval '91 days'")
    letters.drop(put(letters, "4"))
    assert letters.forget(90 * 86_400) == 2
    assert len(letters.waiting()) == 1
    assert len(letters.in_state(LetterState.DROPPED)) == 1


def test_another_cause_is_refused(letters: DeadLetters) -> None:
    with pytest.raises(Conflict):
        put(letters, "d1", cause="bad luck")  # type: ignore[arg-type]


def test_any_order_of_steps_makes_only_allowed_moves(database: Database) -> None:
    """Whatever is called when: an answer of True is one move of the drawing, False is none."""

    class Letter(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.letters = DeadLetters(database)
            self.key = f"k{id(self)}"
            self.letters.release_stale(-1)  # what the run before left
            for each in self.letters.waiting():
                self.letters.drop(each.id)
            self.id = put(self.letters, self.key)
            self.state = LetterState.WAITING

        def expect(self, moved: bool, to: LetterState, *, by: set[LetterState]) -> None:
            assert moved is (self.state in by)
            if moved:
                assert to in LETTER_MOVES[self.state]
                self.state = to

        @rule()
        def fails_again(self) -> None:
            put(self.letters, self.key)
            self.state = LetterState.WAITING

        @rule()
        def claim(self) -> None:
            won = bool(self.letters.claim_for_replay(1))
            self.expect(won, LetterState.REPLAYING, by={LetterState.WAITING})

        @rule(call=st.sampled_from(["back", "drop", "resolve"]))
        def step(self, call: str) -> None:
            if call == "back":
                won = self.letters.back(self.id)
                self.expect(won, LetterState.WAITING, by={LetterState.REPLAYING})
            elif call == "drop":
                won = self.letters.drop(self.id)
                self.expect(won, LetterState.DROPPED, by={LetterState.WAITING})
            else:
                won = self.letters.resolve("document", self.key)
                by = {LetterState.WAITING, LetterState.REPLAYING}
                self.expect(won, LetterState.RESOLVED, by=by)

        @precondition(lambda self: self.state is LetterState.REPLAYING)
        @rule()
        def recover(self) -> None:
            assert self.letters.release_stale(-1) == 1
            self.state = LetterState.WAITING

        @invariant()
        def the_row_says_the_same(self) -> None:
            assert state_of(self.letters, self.id) is self.state

    Letter.TestCase.settings = settings(
        max_examples=25, stateful_step_count=12, suppress_health_check=list(HealthCheck)
    )
    case = Letter.TestCase()
    case.runTest()
