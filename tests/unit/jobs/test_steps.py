"""A step is done once, and not at all for work that is somebody else's by now."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from jobs.steps import Lost, Steps
from resilience.testing import FakeClock
from storage.engine_work import Claimed, Recorded


class Json:
    def serialize(self, value: Any) -> str:
        return json.dumps(value)

    def deserialize(self, text: str | None) -> Any:
        return None if text is None else json.loads(text)


class Rows:
    """The engine's rows of one piece of work."""

    def __init__(self) -> None:
        self.ours = True
        self.rows: dict[int, Recorded] = {}
        self.asked = 0

    def is_ours(self, work: Claimed) -> bool:
        return self.ours

    def steps(self, work: Claimed) -> dict[int, Recorded]:
        self.asked += 1
        return dict(self.rows)

    def record_step(
        self, work: Claimed, number: int, name: str, output: str, began_ms: int
    ) -> bool:
        if self.ours:
            self.rows[number] = Recorded(number, name, output, "portable_json")
        return self.ours


def begin(rows: Rows, attempts: int = 1) -> Steps:
    def insist(call: Callable[[], Any]) -> Any:
        return call()

    work = Claimed("w", "name", attempts, "portable_json", None, "claim")
    return Steps(rows, work, FakeClock(), insist, Json())


def test_a_recorded_step_is_not_done_again() -> None:
    rows = Rows()
    assert begin(rows)("add", lambda a, b: a + b, (1, 2)) == 3
    again = begin(rows, attempts=2)
    assert again("add", lambda a, b: 1 / 0, (1, 2)) == 3
    assert again("next", lambda: [4], ()) == [4]
    assert rows.asked == 1


def test_work_that_is_begun_for_the_first_time_has_no_earlier_steps() -> None:
    rows = Rows()
    begin(rows)("one", lambda: 1, ())
    assert rows.asked == 0


def test_work_that_is_not_ours_begins_no_step() -> None:
    rows = Rows()
    done: list[int] = []
    steps = begin(rows)
    rows.ours = False
    with pytest.raises(Lost):
        steps("one", done.append, (1,))
    assert done == []


def test_work_that_is_lost_meanwhile_goes_no_further() -> None:
    rows = Rows()

    def lose() -> None:
        rows.ours = False

    with pytest.raises(Lost):
        begin(rows)("one", lose, ())
    assert rows.rows == {}


def test_what_a_step_raises_is_not_recorded() -> None:
    rows = Rows()
    with pytest.raises(ZeroDivisionError):
        begin(rows)("one", lambda: 1 / 0, ())
    assert begin(rows, attempts=2)("one", lambda: 2, ()) == 2


def test_steps_in_another_order_are_a_slip() -> None:
    rows = Rows()
    begin(rows)("one", lambda: 1, ())
    with pytest.raises(RuntimeError, match="step 1 was 'one' when it was begun before"):
        begin(rows, attempts=2)("two", lambda: 2, ())
