"""The plan: everything that was asked for, as much as was asked for, and the same again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.plan import LONG_KILLS, SHORT_KILLS, Fault, plan, size_of


@given(
    seed=st.integers(0, 10**9),
    minutes=st.sampled_from([1.0, 3.0, 10.0, 30.0]),
    daemons=st.integers(1, 3),
    faults=st.sets(st.sampled_from(Fault), min_size=1),
)
def test_a_plan_holds_all_that_was_asked_for(
    seed: int, minutes: float, daemons: int, faults: set[Fault]
) -> None:
    """Every fault, kills up to their number, never more victims than there are daemons."""
    size = size_of(minutes)
    acts = plan(seed, size, daemons, sorted(faults))
    assert {act.fault for act in acts} == faults
    kills = sum(act.victims for act in acts)
    assert kills == (size.kills if Fault.KILL in faults else 0)
    assert all(act.victims <= daemons for act in acts)
    for fault in faults - {Fault.KILL}:
        assert sum(act.fault is fault for act in acts) == size.rounds
    assert acts == plan(seed, size, daemons, sorted(faults))


def test_seeds_differ() -> None:
    size = size_of(3.0)
    assert plan(1, size, 3, tuple(Fault)) != plan(2, size, 3, tuple(Fault))


@pytest.mark.parametrize(
    ("minutes", "kills", "documents", "held_s"),
    [(3.0, SHORT_KILLS, 60, 8.0), (30.0, LONG_KILLS, 500, 30.0)],
)
def test_the_long_form_is_what_is_promised(
    minutes: float, kills: int, documents: int, held_s: float
) -> None:
    """At least 200 kills, 500 documents, 30 s frozen; the short one has less of each."""
    size = size_of(minutes)
    assert size.kills >= kills
    assert size.documents == documents
    assert size.lasts_s[Fault.FREEZE_DAEMON] == held_s
