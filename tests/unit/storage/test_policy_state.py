"""storage.policy_state: what policies remember, by the database's clock and nobody else's."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest

import storage.database
from resilience.state import (
    PolicyStore,
    QuotaKey,
    RecordedCall,
    Remembered,
    StoredBreaker,
    StoredPause,
)
from storage.database import Database
from storage.errors import Conflict, DatabaseUnavailable
from storage.policy_desk import PolicyDesk
from storage.policy_state import PolicyStates

pytestmark = pytest.mark.database

OPEN = StoredBreaker("edgar", "open", 5, 2, 120.0, "ReadTimeout", 100, 7, 3)
CLOSED = StoredBreaker("edgar", "closed", calls=1)
HALF_OPEN = StoredBreaker("edgar", "half_open", 5, 2)


@pytest.fixture
def states(database: Database) -> PolicyStates:
    return PolicyStates(database, "main", "ex-1")


@pytest.fixture
def beside(database: Database) -> PolicyStates:
    """Another process of the same instance."""
    return PolicyStates(database, "main", "ex-2")


@pytest.fixture
def desk(database: Database) -> PolicyDesk:
    return PolicyDesk(database)


def execute(dsn: str, sql: str, *values: object) -> None:
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute(sql, values)
    connection.close()


def let_pass(dsn: str, seconds: float) -> None:
    """As if so many seconds had gone by at the database."""
    ago = timedelta(seconds=seconds)
    execute(dsn, "update policy_breaker set open_until = open_until - %s", ago)
    execute(dsn, "update policy_pause set ends_at = ends_at - %s", ago)
    execute(dsn, "update policy_hold set ends_at = ends_at - %s", ago)
    execute(
        dsn, "update instance set started_at = started_at - %s, seen_at = seen_at - %s", ago, ago
    )


def enter(dsn: str, executor: str, name: str = "main", kind: str = "daemon") -> None:
    execute(
        dsn,
        "insert into instance (executor, name, kind, pid, host) values (%s, %s, %s, 1, 'h')",
        executor,
        name,
        kind,
    )


def breaker(remembered: Remembered, service: str = "edgar") -> StoredBreaker:
    (found,) = [each for each in remembered.breakers if each.service == service]
    return found


def test_it_is_what_the_policies_ask_for(states: PolicyStates) -> None:
    """mypy holds the shapes; an empty database remembers nothing."""
    store: PolicyStore = states
    assert store.recall() == Remembered()
    assert store.shared() == Remembered()
    store.save([], [])
    store.record([])


# ---- breakers ---------------------------------------------------------------------------


def test_a_breaker_comes_back_as_it_stood(states: PolicyStates, dsn: str) -> None:
    """With what is left of its wait now."""
    states.save([OPEN, StoredBreaker("claude", "half_open", 5, 1)], [])
    let_pass(dsn, 50)
    stood = breaker(states.recall())
    assert stood.open_left_s == pytest.approx(70, abs=5)
    assert StoredBreaker(**{**vars(stood), "open_left_s": 120.0}) == OPEN
    assert breaker(states.recall(), "claude").open_left_s is None
    let_pass(dsn, 100)
    stood = breaker(states.recall())
    assert (stood.state, stood.open_left_s) == ("open", 0)


def test_breakers_are_an_instances_own(states: PolicyStates, database: Database) -> None:
    states.save([OPEN], [])
    assert PolicyStates(database, "second", "ex-9").recall().breakers == ()
    assert states.shared().breakers == ()


def test_the_next_process_goes_on_where_this_one_ended(
    states: PolicyStates, beside: PolicyStates
) -> None:
    """A restart reads the wait, and may end it early: a person asked for it, say."""
    states.save([OPEN], [])
    beside.recall()
    beside.save([CLOSED], [])
    assert breaker(states.recall()).state == "closed"


@pytest.mark.parametrize("word", [CLOSED, HALF_OPEN])
def test_who_never_saw_it_open_does_not_close_it(
    states: PolicyStates, beside: PolicyStates, dsn: str, word: StoredBreaker
) -> None:
    """A `scan` beside the daemon that had no trouble. Once the wait is over it may."""
    beside.recall()
    states.save([OPEN], [])
    beside.save([word], [])
    assert breaker(states.recall()).state == "open"
    let_pass(dsn, 121)
    beside.save([word], [])
    assert breaker(states.recall()).state == word.state


def test_who_opened_it_closes_it(states: PolicyStates, beside: PolicyStates) -> None:
    states.save([OPEN], [])
    states.save([HALF_OPEN], [])
    states.save([CLOSED], [])
    assert breaker(beside.recall()).state == "closed"


def test_an_open_state_is_replaced_by_a_longer_one(
    states: PolicyStates, beside: PolicyStates
) -> None:
    """And is then the other's to close; a shorter one changes nothing."""
    states.save([OPEN], [])
    beside.save([StoredBreaker("edgar", "open", 1, 0, 60.0, "shorter")], [])
    assert breaker(states.recall()).last_error == "ReadTimeout"
    fresh = StoredBreaker("edgar", "open", 1, 0, 900.0, "longer")
    beside.save([fresh], [])
    states.save([CLOSED], [])
    assert breaker(beside.recall()).last_error == "longer"
    beside.save([CLOSED], [])
    assert breaker(states.recall()).state == "closed"


def test_a_copy_does_not_take_the_wait_from_who_began_it(
    states: PolicyStates, beside: PolicyStates
) -> None:
    """What was recalled and saved again lasts some milliseconds longer: no news."""
    states.save([OPEN], [])
    beside.save(beside.recall().breakers, [])
    states.save([CLOSED], [])
    assert breaker(states.recall()).state == "closed"


def test_a_wait_that_was_read_and_then_extended_is_not_undone(
    states: PolicyStates, beside: PolicyStates
) -> None:
    """Only what one knew of can be taken back."""
    states.save([OPEN], [])
    beside.recall()
    states.save([StoredBreaker("edgar", "open", 6, 3, 900.0)], [])
    beside.save([CLOSED], [])
    assert breaker(states.recall()).state == "open"


def test_its_own_wait_may_get_shorter(states: PolicyStates) -> None:
    """Closed and open again, told in one word."""
    states.save([OPEN], [])
    states.save([StoredBreaker("edgar", "open", 5, 0, 10.0)], [])
    assert breaker(states.recall()).open_left_s == pytest.approx(10, abs=5)


def test_a_wait_without_end_can_be_kept(states: PolicyStates) -> None:
    """The server knows no infinite interval: ten years will do."""
    endless = StoredBreaker("edgar", "open", open_left_s=float("inf"))
    states.save([endless], [StoredPause("edgar", float("inf")), StoredPause("sec", -5)])
    remembered = states.recall()
    assert (breaker(remembered).open_left_s or 0) > 3e8
    assert [each.service for each in remembered.pauses] == ["edgar"]


def test_what_is_saved_is_saved_as_one(states: PolicyStates) -> None:
    with pytest.raises(Conflict):
        states.save([OPEN, StoredBreaker("sec", "ajar")], [StoredPause("edgar", 60)])
    assert states.recall() == Remembered()


def test_many_processes_save_at_once(database: Database) -> None:
    """In any order they were told: nobody is a deadlock's victim."""
    services = [f"s{n}" for n in range(20)]
    saved: list[int] = []

    def save(number: int) -> None:
        mine = PolicyStates(database, "main", f"ex-{number}")
        order = services if number % 2 else services[::-1]
        for _ in range(10):
            mine.save(
                [StoredBreaker(each, "closed") for each in order],
                [StoredPause(each, 60) for each in order],
            )
        saved.append(number)

    threads = [threading.Thread(target=save, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(saved) == list(range(8))


# ---- pauses and holds -------------------------------------------------------------------


def test_a_pause_is_everybodys_and_only_extended(
    states: PolicyStates, database: Database, dsn: str
) -> None:
    states.save([], [StoredPause("edgar", 100, "429")])
    other = PolicyStates(database, "second", "ex-9")
    other.save([], [StoredPause("edgar", 30, "shorter")])
    (pause,) = other.shared().pauses
    assert pause.left_s == pytest.approx(100, abs=5)
    assert pause.why == "429"
    other.save([], [StoredPause("edgar", 200, "longer")])
    (pause,) = states.recall().pauses
    assert pause.left_s == pytest.approx(200, abs=5)
    assert pause.why == "longer"
    let_pass(dsn, 201)
    assert states.shared().pauses == ()


def test_a_pause_that_is_told_back_and_forth_still_ends(
    states: PolicyStates, beside: PolicyStates, desk: PolicyDesk, dsn: str
) -> None:
    """A copy lasts some milliseconds longer than what was read. One after the end is new."""
    states.save([], [StoredPause("edgar", 100, "429")])
    (told,) = desk.pauses()
    for _ in range(5):
        beside.save([], beside.shared().pauses)
    assert desk.pauses() == [told]
    let_pass(dsn, 100)
    states.save([], [StoredPause("edgar", 0.9, "429 again")])
    assert [each.why for each in beside.shared().pauses] == ["429 again"]


def test_a_persons_decision_reaches_everybody(
    states: PolicyStates, desk: PolicyDesk, dsn: str
) -> None:
    """Until it is taken back, or its time is over."""
    desk.set_hold("edgar", "hold", None, "they asked us to", "ann")
    desk.set_hold("claude", "disable", 60, "testing", "ann")
    claude, edgar = states.shared().holds
    assert (edgar.kind, edgar.left_s, edgar.why) == ("hold", None, "they asked us to")
    assert claude.kind == "disable"
    assert claude.left_s == pytest.approx(60, abs=5)
    assert states.recall().holds[1] == edgar
    let_pass(dsn, 61)
    assert [each.service for each in states.shared().holds] == ["edgar"]
    assert desk.clear_hold("edgar")
    assert states.shared().holds == ()


# ---- processes --------------------------------------------------------------------------


def test_this_start_is_counted_once(states: PolicyStates, dsn: str) -> None:
    """Whether its row is there yet or not; older ones and other instances do not count."""
    assert states.recall().starts == 1
    enter(dsn, "ex-old")
    let_pass(dsn, 301)
    enter(dsn, "ex-a")
    enter(dsn, "ex-b")
    enter(dsn, "ex-c", name="second")
    assert states.recall().starts == 3
    enter(dsn, "ex-1")
    assert states.recall().starts == 3


def test_members_are_who_is_here(states: PolicyStates, dsn: str) -> None:
    """Daemons and commands of all instances; not who left, nor who was not seen lately."""
    enter(dsn, "ex-dead")
    let_pass(dsn, 11)
    enter(dsn, "ex-left")
    execute(dsn, "update instance set left_at = now() where executor = 'ex-left'")
    assert states.shared().members == 1
    enter(dsn, "ex-1")
    enter(dsn, "ex-2", name="second")
    enter(dsn, "ex-3", kind="command")
    assert states.shared().members == 3
    assert states.recall().members == 3


# ---- clocks, faults ---------------------------------------------------------------------


def test_no_moment_of_this_machine_is_sent(
    states: PolicyStates, desk: PolicyDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A clock that is wrong by days moves nothing: no parameter is a time, but for what the
    database said itself and the stamps of recorded calls."""
    sent: list[datetime] = []
    prepare = storage.database._prepare_value

    def spy(value: object) -> object:
        if isinstance(value, datetime):
            sent.append(value)
        return prepare(value)

    monkeypatch.setattr(storage.database, "_prepare_value", spy)
    quota = QuotaKey("edgar", "units", "day", "America/Los_Angeles", 10)
    states.recall()
    states.save([OPEN], [StoredPause("edgar", 60)])
    lease = states.lease(quota, 5)
    states.tighten(quota, 5)
    states.give_back(quota, lease.window, 1)
    states.shared()
    known = breaker(states.recall())
    assert sent == []
    told = desk.breakers()[0].open_until
    states.save([known], [])
    assert sent == [told]


def test_a_store_that_is_away_says_so() -> None:
    """Each method raises a CallError; the policies go on without."""
    database = Database("postgresql://ann:s3cret@127.0.0.1:1/x")
    states = PolicyStates(database, "main", "ex")
    quota = QuotaKey("edgar", "units", "day", "UTC", 10)
    calls: list[Callable[[], object]] = [
        states.recall,
        states.shared,
        lambda: states.save([OPEN], []),
        lambda: states.lease(quota, 1),
        lambda: states.give_back(quota, "2026-01-01T00:00:00+00:00", 1),
        lambda: states.tighten(quota, 1),
        lambda: states.record([RecordedCall("edgar", datetime.now(UTC), "success", 1, 1)]),
    ]
    for call in calls:
        with pytest.raises(DatabaseUnavailable):
            call()


def test_saving_does_not_wait_for_the_disk(states: PolicyStates, dsn: str) -> None:
    """Breakers and calls are told often and may be lost with the last half second."""
    execute(
        dsn,
        "create table seen (how text); create function see() returns trigger language plpgsql as"
        " $$ begin insert into seen values (current_setting('synchronous_commit'));"
        " return new; end $$;"
        " create trigger see before insert on policy_breaker for each row execute function see();"
        " create trigger see before insert on policy_call for each row execute function see()",
    )
    states.save([OPEN], [])
    states.record([RecordedCall("edgar", datetime(2026, 1, 1, tzinfo=UTC), "success", 0.1, 1)])
    with psycopg2.connect(dsn) as connection, connection.cursor() as cursor:
        cursor.execute("select how from seen")
        assert cursor.fetchall() == [("off",), ("off",)]
    connection.close()
