"""So many at once, so many waiting: first come, first served, and no slot is ever lost."""

from __future__ import annotations

import threading
from collections import deque

from hypothesis import given
from hypothesis import strategies as st

from resilience.bulkhead import Bulkhead, Waiter


def waiter_of(bulkhead: Bulkhead) -> Waiter:
    waiter = bulkhead.line_up()
    assert waiter is not None
    return waiter


def test_so_many_enter_and_no_more() -> None:
    bulkhead = Bulkhead(at_once=2, queue=5)
    assert [bulkhead.enter() for _ in range(3)] == [True, True, False]
    bulkhead.leave()
    assert bulkhead.enter()
    assert not bulkhead.enter()


def test_none_means_as_many_as_want_to() -> None:
    """They are counted, nobody waits."""
    bulkhead = Bulkhead(at_once=0, queue=0)
    assert all(bulkhead.enter() for _ in range(1000))
    assert bulkhead.in_use == 1000
    assert not bulkhead.is_full


def test_a_slot_goes_to_whoever_waited_longest() -> None:
    """It is handed over, not put down: it is never free in between."""
    bulkhead = Bulkhead(at_once=1, queue=5)
    bulkhead.enter()
    first, second, third = (waiter_of(bulkhead) for _ in range(3))
    order = []
    for _ in range(3):
        bulkhead.leave()
        order.append([one.has_slot for one in (first, second, third)])
        assert bulkhead.in_use == 1
    assert order == [[True, False, False], [True, True, False], [True, True, True]]
    assert first.called.is_set()
    assert third.called.is_set()


def test_nobody_slips_in_between() -> None:
    """While others wait, whoever comes last waits too, whatever slots there are."""
    bulkhead = Bulkhead(at_once=2, queue=5)
    bulkhead.enter()
    bulkhead.enter()
    waiter_of(bulkhead)
    bulkhead.leave()
    assert not bulkhead.enter()
    bulkhead.leave()
    assert bulkhead.enter()


def test_the_queue_is_bounded() -> None:
    """Whoever finds it full is sent away at once."""
    bulkhead = Bulkhead(at_once=1, queue=2)
    bulkhead.enter()
    looks = []
    for _ in range(2):
        looks.append(bulkhead.is_full)
        waiter_of(bulkhead)
    assert [*looks, bulkhead.is_full] == [False, False, True]
    assert bulkhead.line_up() is None
    assert bulkhead.waiting == 2


def test_without_a_queue_it_is_full_when_all_slots_are_taken() -> None:
    bulkhead = Bulkhead(at_once=1, queue=0)
    looks = [bulkhead.is_full, bulkhead.enter(), bulkhead.is_full]
    assert looks == [False, True, True]
    assert bulkhead.line_up() is None


def test_whoever_gives_up_leaves_no_gap() -> None:
    bulkhead = Bulkhead(at_once=1, queue=5)
    bulkhead.enter()
    first, second = waiter_of(bulkhead), waiter_of(bulkhead)
    bulkhead.give_up(first)
    assert bulkhead.waiting == 1
    bulkhead.leave()
    assert second.has_slot
    assert not first.has_slot


def test_a_slot_that_comes_as_somebody_gives_up_goes_on() -> None:
    """It was handed over while he was on his way out: the next one gets it."""
    bulkhead = Bulkhead(at_once=1, queue=5)
    bulkhead.enter()
    first, second = waiter_of(bulkhead), waiter_of(bulkhead)
    bulkhead.leave()
    assert first.has_slot
    bulkhead.give_up(first)
    assert second.has_slot
    bulkhead.give_up(second)
    assert bulkhead.in_use == 0
    assert bulkhead.enter()


@given(
    at_once=st.integers(1, 4),
    queue=st.integers(0, 5),
    acts=st.lists(st.tuples(st.sampled_from(["come", "go", "give up"]), st.integers(0, 99))),
)
def test_slots_are_neither_lost_nor_found(
    at_once: int, queue: int, acts: list[tuple[str, int]]
) -> None:
    """Any coming, going and giving up: as many are in as have a slot, nobody waits while one
    is free, and they are served in the order they came."""
    bulkhead = Bulkhead(at_once, queue)
    inside = 0
    line: deque[Waiter] = deque()  # in the order they came
    for act, pick in acts:
        if act == "come":
            if bulkhead.enter():
                assert not line
                inside += 1
            else:
                assert inside == at_once
                waiter = bulkhead.line_up()
                assert (waiter is None) == (len(line) >= queue)
                line.extend([waiter] if waiter else [])
        elif act == "go" and inside:
            bulkhead.leave()
            inside -= 1
        elif act == "give up" and line:
            waiter = line[pick % len(line)]
            bulkhead.give_up(waiter)
            line.remove(waiter)
        while line and line[0].has_slot:
            line.popleft()
            inside += 1
        assert not any(waiter.has_slot for waiter in line)
        assert (bulkhead.in_use, bulkhead.waiting) == (inside, len(line))
        assert not (line and inside < at_once)
        assert bulkhead.is_full == (inside == at_once and len(line) == queue)


def test_a_waiter_is_woken_in_his_own_thread() -> None:
    """By his own event: nobody else wakes up for it."""
    bulkhead = Bulkhead(at_once=1, queue=2)
    bulkhead.enter()
    first, second = waiter_of(bulkhead), waiter_of(bulkhead)
    woken: list[bool] = []
    thread = threading.Thread(target=lambda: woken.append(first.called.wait(60)))
    thread.start()
    bulkhead.leave()
    thread.join(60)
    assert woken == [True]
    assert not second.called.is_set()
