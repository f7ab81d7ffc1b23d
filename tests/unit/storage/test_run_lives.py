"""storage.run_lives: no move of a run is missing, whoever makes it, and none is changed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta

import psycopg2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from resilience.testing import FakeClock
from storage.database import Database
from storage.errors import GUARD_SQLSTATE
from storage.ledger import Ledger
from storage.run_lives import RunLives, RunMove
from storage.states import RUN_MOVES, RunState

pytestmark = pytest.mark.database

DUE = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
SLOT = "2026-11-22T07:00"
Step = tuple[str | None, str]


@pytest.fixture
def ledger(database: Database, clock: FakeClock) -> Ledger:
    return Ledger(database, clock)


@pytest.fixture
def lives(database: Database) -> RunLives:
    return RunLives(database)


@pytest.fixture
def sql(dsn: str) -> Iterator[psycopg2.extensions.cursor]:
    """Plain SQL, as whoever writes past the program would."""
    with closing(psycopg2.connect(dsn)) as connection, connection, connection.cursor() as cursor:
        yield cursor


def steps(moves: list[RunMove]) -> list[Step]:
    return [(move.from_state, move.to_state) for move in moves]


def a_life(ledger: Ledger, clock: FakeClock) -> int:
    """Decided, put off, killed over, taken up, done."""
    ledger.decide("scan", SLOT, DUE, "run", "late by 5 min", "ticker")
    assert ledger.claim("scan", SLOT, "first") is not None
    ledger.defer("scan", SLOT, DUE + timedelta(minutes=9), "circuit open")
    clock.advance(600)
    assert ledger.claim("scan", SLOT, "second") is not None
    assert ledger.abandon_of(["second"]) == 1
    run_id = ledger.claim("scan", SLOT, "third")
    assert run_id is not None
    ledger.finish(run_id, "succeeded", {"said": "3 new documents"}, executor="third")
    return run_id


def test_a_whole_life_is_told(ledger: Ledger, lives: RunLives, clock: FakeClock) -> None:
    """Who decided and why, until when it was put off, who ran it and died, what came of it."""
    moves = lives.moves(a_life(ledger, clock))
    assert [(m.to_state, m.executor, m.attempt) for m in moves] == [
        ("due", "ticker", 0),
        ("running", "first", 1),
        ("deferred", "first", 1),
        ("running", "second", 2),
        ("abandoned", "second", 2),
        ("running", "third", 3),
        ("succeeded", "third", 3),
    ]
    assert [m.number for m in moves] == [1, 2, 3, 4, 5, 6, 7]
    decided, _, deferred, _, abandoned, _, ended = moves
    assert (decided.reason, abandoned.error) == ("late by 5 min", "its process died")
    assert (deferred.reason, deferred.not_before) == ("circuit open", DUE + timedelta(minutes=9))
    assert ended.said == "3 new documents"
    assert [m.at for m in moves] == sorted(m.at for m in moves)


def test_moves_name_the_process_while_it_is_known(
    ledger: Ledger, lives: RunLives, sql: psycopg2.extensions.cursor
) -> None:
    ledger.decide("scan", SLOT, DUE, "run", "", "nobody-we-know")
    run_id = ledger.claim("scan", SLOT, "ex-1")
    assert run_id is not None
    sql.execute(
        "insert into instance (executor, name, kind, pid, host)"
        " values ('ex-1', 'main', 'daemon', 4121, 'retail-01')"
    )
    sql.connection.commit()
    decided, claimed = lives.moves(run_id)
    assert (decided.instance, decided.host, decided.pid) == (None, None, None)
    assert (claimed.instance, claimed.host, claimed.pid) == ("main", "retail-01", 4121)


def test_a_move_and_its_change_are_one_transaction(
    ledger: Ledger, lives: RunLives, sql: psycopg2.extensions.cursor
) -> None:
    """What was rolled back was never moved; plain SQL is written down like the program's own."""
    ledger.decide("scan", SLOT, DUE, "run", "", "d")
    change = "update job_run set state = 'skipped', reason = 'by hand' returning id"
    sql.execute(change)
    ((run_id,),) = sql.fetchall()
    sql.connection.rollback()
    assert steps(lives.moves(run_id)) == [(None, "due")]
    sql.execute(change)
    sql.connection.commit()
    assert lives.moves(run_id)[-1].reason == "by hand"


def test_what_changes_no_state_is_no_move(
    ledger: Ledger, lives: RunLives, sql: psycopg2.extensions.cursor
) -> None:
    ledger.decide("scan", SLOT, DUE, "run", "", "d")
    sql.execute("update job_run set reason = 'another', state = state returning id")
    ((run_id,),) = sql.fetchall()
    sql.connection.commit()
    assert len(lives.moves(run_id)) == 1


@pytest.mark.parametrize(
    "tampering",
    [
        "update run_move set reason = 'it was not me'",
        "update run_move set to_state = 'failed' where number = 7",
        "delete from run_move",
        "insert into run_move (run_id, number, from_state, to_state, attempt)"
        " select id, 99, 'succeeded', 'due', 1 from job_run",
        "truncate run_move",
    ],
)
def test_moves_are_not_changed(
    ledger: Ledger,
    lives: RunLives,
    clock: FakeClock,
    sql: psycopg2.extensions.cursor,
    tampering: str,
) -> None:
    """Neither altered nor deleted nor invented, also not by who may write the table."""
    run_id = a_life(ledger, clock)
    before = lives.moves(run_id)
    with pytest.raises(psycopg2.Error) as refused:
        sql.execute(tampering)
    assert refused.value.pgcode == GUARD_SQLSTATE
    sql.connection.rollback()
    assert lives.moves(run_id) == before


def test_moves_go_with_their_run(
    ledger: Ledger, lives: RunLives, clock: FakeClock, sql: psycopg2.extensions.cursor
) -> None:
    run_id = a_life(ledger, clock)
    ledger.decide("other", SLOT, DUE, "run", "", "d")
    sql.execute("delete from job_run where id = %s", (run_id,))
    sql.connection.commit()
    assert lives.moves(run_id) == []
    other = lives.find("other", SLOT)
    assert other is not None
    assert len(lives.moves(other.id)) == 1


def test_a_very_long_life_loses_its_middle(
    ledger: Ledger, lives: RunLives, sql: psycopg2.extensions.cursor
) -> None:
    """A run that is put off for ever stays bounded; how it began and its latest moves stay."""
    ledger.decide("scan", SLOT, DUE, "run", "", "d")
    sql.execute(
        "do $$ begin for n in 1..700 loop"
        " update job_run set state = 'running'; update job_run set state = 'deferred';"
        " end loop; end $$"
    )
    sql.connection.commit()
    run = lives.find("scan", SLOT)
    assert run is not None
    numbers = [move.number for move in lives.moves(run.id)]
    assert numbers == [*range(1, 101), *range(502, 1402)]


@given(turns=st.lists(st.sampled_from(list(RunState)), max_size=12))
@settings(
    max_examples=60,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_the_moves_are_a_walk_through_the_drawing(
    lives: RunLives, sql: psycopg2.extensions.cursor, turns: list[RunState]
) -> None:
    """Whatever is tried in plain SQL: what was allowed is there, once and in order, what was
    refused is not."""
    sql.execute("delete from job_run")
    sql.execute(
        "insert into job_run (job, slot, due_at, state, decided_by)"
        " values ('j', 's', now(), 'due', 'd') returning id"
    )
    ((run_id,),) = sql.fetchall()
    sql.connection.commit()
    state = RunState.DUE
    expected: list[Step] = [(None, RunState.DUE)]
    for turn in turns:
        if turn is state:
            continue
        try:
            sql.execute("update job_run set state = %s where id = %s", (str(turn), run_id))
            sql.connection.commit()
        except psycopg2.Error:
            sql.connection.rollback()
            assert turn not in RUN_MOVES[state]
            continue
        expected.append((state, turn))
        state = turn
    assert steps(lives.moves(run_id)) == expected


# ---- listing ----------------------------------------------------------------------------


def test_runs_are_listed_by_job_state_and_day(ledger: Ledger, lives: RunLives) -> None:
    for day in range(1, 5):
        slot, at = f"2026-11-0{day}T07:00", DUE.replace(day=day)
        ledger.decide("scan", slot, at, "run" if day % 2 else "skipped", "", "d")
        ledger.decide("health", slot, at, "run", "", "d")

    def slots(**wanted: object) -> list[str]:
        return [run.slot[8:10] for run in lives.listed(**wanted)]  # type: ignore[arg-type]

    assert slots(job="scan") == ["04", "03", "02", "01"]
    assert slots(job="scan", state=RunState.SKIPPED) == ["04", "02"]
    assert slots(state=RunState.SKIPPED, limit=1) == ["04"]
    assert slots(job="health", since=DUE.replace(day=3)) == ["04", "03"]
    assert slots(job="nothing") == []


def test_a_run_is_found_by_number_and_by_slot(ledger: Ledger, lives: RunLives) -> None:
    ledger.decide("scan", SLOT, DUE, "run", "", "d")
    found = lives.find("scan", SLOT)
    assert found is not None
    assert lives.get(found.id) == found == ledger.get("scan", SLOT)
    assert lives.get(404) is None
    assert lives.find("scan", "2026-11-23T07:00") is None
