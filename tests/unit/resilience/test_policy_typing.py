"""What a type checker and a reader see of a guarded function, and what goes round a call:
fallbacks, costs, policies within policies. mypy reads this file, too."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import replace
from typing import assert_type, get_type_hints

import pytest

from resilience.outcomes import CallError, CallFailed, CircuitOpen, Overloaded
from resilience.pressure import Pressure
from resilience.quota import QuotaRule
from tests.unit.resilience.shops import SPEC, Shop, ill

COUNTED = replace(SPEC, quotas=(QuotaRule("requests", 1000, per="month", block=1000),))

shop = Shop()


@shop.policy.guarded
def fetch(cik: int, *, form: str = "10-K") -> list[str]:
    """The documents of a company."""
    return [f"{cik}/{form}"]


@shop.policy.guarded(cost=3)
def search(words: str) -> int:
    return len(words)


class Edgar:
    """A method is guarded like a function."""

    name = "edgar"

    @shop.policy.guarded
    def fetch(self, cik: int) -> str:
        """One document."""
        return f"{self.name}/{cik}"


# ---- the decorator ---------------------------------------------------------------------


def test_a_guarded_function_keeps_its_name_and_its_words() -> None:
    assert fetch.__name__ == "fetch"
    assert fetch.__doc__ == "The documents of a company."
    assert fetch.__module__ == __name__
    assert Edgar.fetch.__qualname__ == "Edgar.fetch"
    assert Edgar.fetch.__doc__ == "One document."


def test_a_guarded_function_keeps_its_signature() -> None:
    assert str(inspect.signature(fetch)) == "(cik: 'int', *, form: 'str' = '10-K') -> 'list[str]'"
    assert get_type_hints(search) == {"words": str, "return": int}


def test_a_guarded_function_keeps_its_types() -> None:
    """A type checker knows the result, and complains of arguments that are none."""
    assert_type(fetch(320193), list[str])
    assert_type(fetch(320193, form="8-K"), list[str])
    assert_type(search("net sales"), int)
    assert_type(Edgar().fetch(7), str)
    assert fetch(320193, form="8-K") == ["320193/8-K"]
    assert search(words="net sales") == 9
    assert Edgar().fetch(7) == "edgar/7"
    with pytest.raises(TypeError, match="unexpected keyword argument 'no_such'"):
        fetch(1, no_such=2)  # type: ignore[call-arg]


def test_a_guarded_function_goes_through_the_policy() -> None:
    guarded = Shop()
    calls: list[int] = []

    @guarded.policy.guarded
    def fail(number: int) -> None:
        calls.append(number)
        raise ill()

    for _ in range(2):
        with pytest.raises(CallFailed):
            fail(7)
    with pytest.raises(CircuitOpen):
        fail(7)
    assert calls == [7] * 4


def test_names_of_our_own_parameters_are_free_for_a_guarded_function() -> None:
    """`cost` and `fallback` are its own."""

    @shop.policy.guarded
    def price(cost: float, fallback: str) -> str:
        return f"{cost:g} {fallback}"

    assert price(cost=2, fallback="none") == "2 none"


def test_a_guarded_function_costs_what_it_was_said_to() -> None:
    counted = Shop(COUNTED)

    @counted.policy.guarded(cost={"requests": 5})
    def heavy() -> None:
        """Takes five."""

    @counted.policy.guarded
    def light() -> None:
        """Takes one."""

    heavy()
    light()
    assert counted.policy.quotas[0].spent == 6


# ---- the call --------------------------------------------------------------------------


def test_a_call_keeps_the_type_of_its_result() -> None:
    def count(words: str) -> int:
        return len(words)

    assert_type(shop.policy.call(count, "net sales"), int)
    assert_type(shop.policy.call(lambda: {"a": 1.0}), dict[str, float])
    assert shop.policy.call(count, "net sales") == 9


@pytest.mark.parametrize(
    ("cost", "spent"),
    [(None, 1), (1, 1), (2.5, 2.5), ({"requests": 4}, 4), ({"pages": 9}, 1), (0, 0)],
)
def test_a_cost_is_a_number_of_requests_or_names_its_resources(
    cost: float | dict[str, float] | None, spent: float
) -> None:
    counted = Shop(COUNTED)
    counted.call(cost=cost)
    assert counted.policy.quotas[0].spent == spent


# ---- a fallback ------------------------------------------------------------------------


def test_a_fallback_answers_for_a_call_that_failed() -> None:
    """After all its attempts; it is told what happened, and its type is the call's."""
    ailing = Shop()
    ailing.error = ill()
    heard: list[CallError] = []

    def yesterdays(error: CallError) -> str:
        heard.append(error)
        return "yesterday's"

    answer = ailing.policy.call(ailing.answer, fallback=yesterdays)
    assert_type(answer, str)
    assert answer == "yesterday's"
    assert (ailing.asked, heard) == (3, [ailing.error])
    assert ailing.policy.status().failed == 1


def test_a_fallback_answers_for_a_call_that_was_not_made() -> None:
    shut = Shop().opened()
    assert shut.call(fallback=lambda error: type(error).__name__) == "CircuitOpen"
    pressure = Pressure()
    pressure.tell(99)
    assert Shop(pressure=pressure).call(fallback=lambda error: error.what).startswith("99 %")


def test_a_fallback_is_not_asked_without_need() -> None:
    assert Shop().call(fallback=lambda _: "yesterday's") == "fine"


@pytest.mark.parametrize("error", [KeyError("ours"), KeyboardInterrupt(), OSError("unreachable")])
def test_a_fallback_hides_no_error_but_a_calls(error: BaseException) -> None:
    """A bug that yields yesterday's figures every day would never be found."""
    ailing = Shop()
    ailing.error = error
    with pytest.raises(type(error)):
        ailing.call(fallback=lambda _: "yesterday's")


def test_what_a_fallback_raises_is_the_callers() -> None:
    def worse(error: CallError) -> str:
        raise LookupError("nothing stored") from error

    ailing = Shop().opened()
    with pytest.raises(LookupError) as caught:
        ailing.call(fallback=worse)
    assert isinstance(caught.value.__cause__, CircuitOpen)
    assert ailing.under_way == 0


def test_a_call_with_a_fallback_has_its_other_terms_too() -> None:
    counted = Shop(COUNTED)
    hurry = counted.clock.monotonic()
    true_cost: Callable[[str], dict[str, float]] = lambda _: {"requests": 2.0}  # noqa: E731
    assert counted.call(fallback=lambda _: "?", cost=5, true_cost=true_cost) == "fine"
    assert counted.policy.quotas[0].spent == 2
    assert counted.call(fallback=lambda error: error.what, deadline_at=hurry) == (
        "no time left for the call"
    )


# ---- policies within policies ----------------------------------------------------------


def test_a_gate_of_an_inner_policy_is_no_failure_of_the_outer_service() -> None:
    """It is neither tried again nor counted against it, and says when to come back."""
    outer, inner = Shop(), Shop().opened()
    for _ in range(5):
        with pytest.raises(CircuitOpen) as caught:
            outer.policy.call(inner.call)
        assert caught.value.retry_at is not None
    status = outer.policy.status()
    assert (status.failures, status.calls, status.ours, status.retries) == (0, 5, 5, 0)
    assert outer.clock.waits == []


def test_a_failure_within_is_counted_by_both() -> None:
    """Whoever nests them with retries in both gets the product: leave one at one attempt."""
    outer, inner = Shop(replace(SPEC, attempts=2)), Shop(replace(SPEC, attempts=1))
    inner.error = ill()
    with pytest.raises(CallFailed):
        outer.policy.call(inner.call)
    assert inner.asked == 2
    assert (outer.policy.status().failures, inner.policy.status().failures) == (1, 2)


def test_a_policy_may_be_entered_again_from_within() -> None:
    """A call that calls: each takes a slot of its own, none waits for a lock."""
    twice = Shop(replace(SPEC, at_once=2))
    seen: list[int] = []

    def within() -> str:
        seen.append(twice.under_way)
        return twice.call()

    assert twice.policy.call(within) == "fine"
    assert (seen, twice.under_way, twice.policy.status().calls) == ([1], 0, 2)


def test_memory_that_is_short_sheds_the_inner_call_alone() -> None:
    pressure = Pressure()
    outer, inner = Shop(), Shop(pressure=pressure)
    pressure.tell(99)
    with pytest.raises(Overloaded):
        outer.policy.call(inner.call)
    assert (outer.policy.status().rejected, inner.policy.status().rejected) == (0, 1)
