"""storage.states: enum, table of moves, the database's guard and the drawing are one thing."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path

import psycopg2
import pytest

from storage.errors import GUARD_SQLSTATE
from storage.states import MACHINES

DRAWINGS = Path(__file__).parents[3] / "docs" / "states.md"
_ARROW = re.compile(r"^\s+(\S+) --> (\S+)$", re.MULTILINE)

# the columns a row must have beside its state
_ROWS = {
    "document": "insert into document (source, external_id, state) values ('s', %s, %s)",
    "job_run": "insert into job_run (job, slot, due_at, state, decided_by)"
    " values ('j', %s, now(), %s, 't')",
    "paid_call": "insert into paid_call (provider, model, prompt_version, sha256, state, owner,"
    " estimate_usd, begun_at, request, body) select 'p', 'm', '1', %s, state, 'o', 0, now(), '{}',"
    " case when state = 'answered' then '{}'::json end from (select %s::text as state) x",
    "paid_batch": "insert into paid_batch (provider, remote_id, state, owner, requests, begun_at,"
    " deadline_at, next_look_at) values ('p', %s, %s, 'o', 1, now(), now(), now())",
    "dead_letter": "insert into dead_letter (service, kind, key, cause, state)"
    " values ('s', 'k', %s, 'outage', %s)",
    "agent": "insert into agent (name, kind, state, paused_at, workers, degraded_since)"
    " select %s, 'collector', state, case when state = 'paused' then now() end,"
    " case when state = 'working' then '{ex}' else '{}' end::text[],"
    " case when state = 'degraded' then now() end from (select %s::text as state) x",
}
_BODY = {
    "paid_call": ", body = case when %(to)s = 'answered' then '{}'::json end",
    "agent": ", paused_at = case when %(to)s = 'paused' then now() end,"
    " workers = case when %(to)s = 'working' then '{ex}' else '{}' end::text[],"
    " degraded_since = case when %(to)s = 'degraded' then now() end",
}


def moves_in_code(machine: str) -> set[tuple[str, str]]:
    _, moves = MACHINES[machine]
    return {(str(before or ""), str(to)) for before, tos in moves.items() for to in tos}


def drawn() -> dict[str, set[tuple[str, str]]]:
    """The arrows of each drawing, in the order of MACHINES."""
    blocks = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", DRAWINGS.read_text(), re.DOTALL)
    return dict(zip(MACHINES, [set(_ARROW.findall(block)) for block in blocks], strict=True))


@pytest.mark.parametrize("machine", MACHINES)
def test_every_state_has_its_row_of_moves(machine: str) -> None:
    """No state is forgotten in the table, and none is unreachable."""
    states, moves = MACHINES[machine]
    assert set(moves) == {None, *states}
    assert {to for tos in moves.values() for to in tos} == set(states)


@pytest.mark.parametrize("machine", MACHINES)
def test_the_drawing_shows_exactly_the_moves(machine: str) -> None:
    """docs/states.md is never out of date: beginnings, moves and ends."""
    arrows = drawn()[machine]
    _, moves = MACHINES[machine]
    ends = {(str(state), "[*]") for state, tos in moves.items() if state and not tos}
    expected = {(before or "[*]", to) for before, to in moves_in_code(machine)} | ends
    assert arrows == expected


@pytest.mark.database
@pytest.mark.parametrize("machine", MACHINES)
def test_the_database_allows_exactly_the_moves(dsn: str, machine: str) -> None:
    """allowed_move says the same as the code."""
    connection = psycopg2.connect(dsn)
    with connection, connection.cursor() as cursor:
        cursor.execute(
            "select from_state, to_state from allowed_move where machine = %s", (machine,)
        )
        found = set(cursor.fetchall())
    connection.close()
    assert found == moves_in_code(machine)


@pytest.mark.database
@pytest.mark.parametrize("machine", MACHINES)
def test_the_guard_lets_through_exactly_the_moves(dsn: str, machine: str) -> None:
    """Every pair of states is tried with plain SQL: the database itself holds the line."""
    states, _ = MACHINES[machine]
    allowed = moves_in_code(machine)
    connection = psycopg2.connect(dsn)
    try:
        for to in states:
            assert _insert(connection, machine, to) is (("", str(to)) in allowed), to
        for before in states:
            for to in states:
                if before is not to:
                    expected = (str(before), str(to)) in allowed
                    assert _update(connection, machine, before, to) is expected, (before, to)
    finally:
        connection.close()


@pytest.mark.database
@pytest.mark.parametrize("machine", MACHINES)
def test_no_other_word_is_a_state(dsn: str, machine: str) -> None:
    """A misspelt state cannot be stored, even where no trigger looks."""
    connection = psycopg2.connect(dsn)
    with connection.cursor() as cursor:
        cursor.execute(f"alter table {machine} disable trigger user")
        with pytest.raises(psycopg2.errors.CheckViolation):
            cursor.execute(_ROWS[machine], ("x", "limbo"))
    connection.close()


def _insert(connection: psycopg2.extensions.connection, machine: str, to: StrEnum) -> bool:
    with connection.cursor() as cursor:
        try:
            cursor.execute(_ROWS[machine], (f"new-{to}", str(to)))
        except psycopg2.Error as error:
            assert error.pgcode == GUARD_SQLSTATE, error  # noqa: PT017 (both ways are fine)
            return False
        finally:
            connection.rollback()
    return True


def _update(
    connection: psycopg2.extensions.connection, machine: str, before: StrEnum, to: StrEnum
) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(f"alter table {machine} disable trigger {machine}_guard_insert")
        cursor.execute(_ROWS[machine], ("row", str(before)))
        try:
            cursor.execute(
                f"update {machine} set state = %(to)s{_BODY.get(machine, '')}", {"to": str(to)}
            )
        except psycopg2.Error as error:
            assert error.pgcode == GUARD_SQLSTATE, error  # noqa: PT017 (both ways are fine)
            return False
        finally:
            connection.rollback()
    return True
