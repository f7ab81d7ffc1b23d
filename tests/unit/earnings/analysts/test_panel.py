"""Who is asked, in which order, and what becomes of those who have no answer."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from earnings.analysts.base import Answer, CallInDoubt, GuidanceDraft, NoAnswer, QuoteDraft
from earnings.analysts.panel import NothingToPay, Panel
from earnings.vocabulary import GuidanceAction, Metric, Period, PeriodKind, Theme, Unit
from resilience.outcomes import (
    CallError,
    CallFailed,
    CircuitOpen,
    DeadlineExceeded,
    ShuttingDown,
)
from tests.unit.earnings.analysts.doubles import PaidBook, ScriptedAnalyst, question

DRAFT = QuoteDraft(Theme.TARIFFS, "We bought ahead of the tariffs.")
FOUND = Answer("second", "m", "1", (DRAFT,))
SOON = datetime(2026, 11, 22, 13, 0, tzinfo=UTC)
LATER = datetime(2026, 12, 1, tzinfo=UTC)


def test_the_first_configured_analyst_answers() -> None:
    """In the given order; whoever stands behind it is not asked."""
    first, second = ScriptedAnalyst("first"), ScriptedAnalyst("second")
    result = Panel(ScriptedAnalyst("local"), [first, second]).ask(question(), PaidBook())
    assert result.answer.analyst == "first"
    assert (result.degraded, result.tried, second.asked) == (False, (), 0)


@pytest.mark.parametrize(
    "failure",
    [
        NoAnswer("cut off"),
        CallInDoubt("may have been paid"),
        CallFailed("first", "HTTP 500"),
        CircuitOpen("first", "open", retry_at=SOON),
        DeadlineExceeded("first", "no time left"),
    ],
)
def test_one_without_an_answer_is_followed_by_the_next(failure: Exception) -> None:
    """Whatever its contract lets it raise; the reason is kept, and a model did answer."""
    panel = Panel(
        ScriptedAnalyst("local"), [ScriptedAnalyst("first", failure), ScriptedAnalyst("second")]
    )
    result = panel.ask(question(), PaidBook())
    assert result.answer.analyst == "second"
    assert result.degraded is False
    assert result.tried == (("first", str(failure)),)


def test_when_nobody_answers_the_local_answer_stands_degraded() -> None:
    """With each reason in order, and the earliest moment at which asking again may help."""
    panel = Panel(
        ScriptedAnalyst("local"),
        [
            ScriptedAnalyst("first", CallFailed("first", "limit", retry_at=LATER)),
            ScriptedAnalyst("second", CircuitOpen("second", "open", retry_at=SOON)),
            ScriptedAnalyst("third", NoAnswer("refused")),
        ],
    )
    result = panel.ask(question(), PaidBook())
    assert (result.answer.analyst, result.degraded) == ("local", True)
    assert [name for name, _ in result.tried] == ["first", "second", "third"]
    assert result.retry_at == SOON


def test_nothing_found_is_no_answer_where_the_rules_found_something() -> None:
    """A document that talks a model into silence keeps its figures; the next one is asked."""
    floor = Answer("local", "rules-1", "1", (DRAFT,))
    silent = ScriptedAnalyst("first", Answer("first", "m", "1", (), is_results=False))
    panel = Panel(ScriptedAnalyst("local", floor), [silent])
    result = panel.ask(question(), PaidBook())
    assert (result.answer.analyst, result.degraded) == ("local", True)
    assert "found 1" in result.tried[0][1]
    both = Panel(ScriptedAnalyst("local", floor), [silent, ScriptedAnalyst("second", FOUND)])
    assert both.ask(question(), PaidBook(), floor=floor).answer is FOUND


def test_no_results_is_no_answer_where_the_rules_found_some() -> None:
    """Also with drafts beside it: a document may have talked the model into saying so."""
    floor = Answer("local", "rules-1", "1", (DRAFT,))
    denies = ScriptedAnalyst("first", Answer("first", "m", "1", (DRAFT,), is_results=False))
    result = Panel(ScriptedAnalyst("local", floor), [denies]).ask(question(), PaidBook())
    assert (result.answer, result.degraded) == (floor, True)
    assert "found 1" in result.tried[0][1]


def test_nothing_found_by_either_is_an_answer() -> None:
    """Both agree that there is nothing."""
    silent = Answer("first", "m", "1", (), is_results=False)
    panel = Panel(ScriptedAnalyst("local"), [ScriptedAnalyst("first", silent)])
    assert panel.ask(question(), PaidBook()).answer is silent


def test_without_any_configured_analyst_local_is_not_degraded() -> None:
    """A switched-off analyst is not asked and is no failure."""
    off = ScriptedAnalyst("first", off="no key: set FIRST_KEY")
    panel = Panel(ScriptedAnalyst("local"), [off])
    result = panel.ask(question(), PaidBook())
    assert (result.answer.analyst, result.degraded, result.tried) == ("local", False, ())
    assert off.asked == 0
    assert panel.switched_off() == (("first", "no key: set FIRST_KEY"),)
    assert panel.asks() == ()


def test_local_reads_first_and_only_once() -> None:
    """The caller hands its answer back as the floor instead of having it made again."""
    local = ScriptedAnalyst("local")
    panel = Panel(local, [ScriptedAnalyst("first", NoAnswer("no"))])
    floor = panel.read(question())
    result = panel.ask(question(), PaidBook(), floor=floor)
    assert result.answer is floor
    assert local.asked == 1


def test_local_in_the_order_is_still_the_floor() -> None:
    """Listed first, it does not keep the others from being asked."""
    local, second = ScriptedAnalyst("local"), ScriptedAnalyst("second", FOUND)
    result = Panel.of([local, second]).ask(question(), PaidBook())
    assert result.answer is FOUND
    assert local.asked == 0


def test_a_panel_without_local_is_refused() -> None:
    """There would be no floor."""
    with pytest.raises(ValueError, match="local"):
        Panel.of([ScriptedAnalyst("first")])


def test_a_fault_of_our_own_is_not_hidden() -> None:
    """What no contract allows is a bug: it reaches the job's runner instead of the next
    analyst's bill."""
    panel = Panel(ScriptedAnalyst("local"), [ScriptedAnalyst("first", KeyError("oops"))])
    with pytest.raises(KeyError):
        panel.ask(question(), PaidBook())


def test_local_may_not_spend() -> None:
    """The local analyst is given a ledger that makes no calls."""

    class Spender(ScriptedAnalyst):
        def analyse(self, question, paid):  # type: ignore[no-untyped-def]
            assert isinstance(paid, NothingToPay)
            return Answer("local", "rules-1", "1", ())

    assert Panel(Spender("local"), []).read(question()).analyst == "local"


def test_whoever_listens_hears_of_calls_that_left_only_the_local_answer() -> None:
    """The errors themselves: which service, whether it was taken, when again. What an
    analyst answered about the document is no trouble of a service."""
    down, heard = CircuitOpen("first", "open", retry_at=SOON), list[CallError]()
    mute, here = ScriptedAnalyst("second", NoAnswer("cut off")), ScriptedAnalyst("second", FOUND)
    lost = Panel(ScriptedAnalyst("local"), [ScriptedAnalyst("first", down), mute])
    assert lost.telling(heard.append).ask(question(), PaidBook()).degraded
    assert heard == [down]
    saved = Panel(ScriptedAnalyst("local"), [ScriptedAnalyst("first", down), here])
    assert saved.telling(heard.append).ask(question(), PaidBook()).answer is FOUND
    assert heard == [down]


def test_a_process_that_stops_asks_no_further_analyst() -> None:
    """It would be a paid question whose answer nobody waits for."""
    second = ScriptedAnalyst("second")
    stopping = ScriptedAnalyst("first", ShuttingDown("first", "stopping"))
    with pytest.raises(ShuttingDown):
        Panel(ScriptedAnalyst("local"), [stopping, second]).ask(question(), PaidBook())
    assert second.asked == 0


GUIDED = GuidanceDraft(
    Metric.EPS_DILUTED, Decimal(3), Decimal(4), Unit.USD_PER_SHARE, Period(PeriodKind.YEAR),
    GuidanceAction.RAISED, "now expects $3 to $4",
)  # fmt: skip


def test_what_is_no_task_of_an_analyst_is_dropped_and_counted() -> None:
    """The rest of its answer counts; the panel keeps to that however it is changed."""
    answer = Answer("first", "m", "1", (DRAFT, GUIDED, GUIDED))
    tasks = {"first": ("figures", "quotes")}
    panel = Panel(ScriptedAnalyst("local"), [ScriptedAnalyst("first", answer)], tasks=tasks)
    found = panel.telling(lambda error: None).without({}).ask(question(), PaidBook()).answer
    assert found.drafts == (DRAFT,)
    assert found.notes == ("2 drafts dropped: guidance is no task of first (analysts.tasks)",)


def test_one_that_gives_nothing_of_its_tasks_is_followed_by_the_next() -> None:
    answer = Answer("first", "m", "1", (GUIDED,))
    panel = Panel(
        ScriptedAnalyst("local"),
        [ScriptedAnalyst("first", answer), ScriptedAnalyst("second", FOUND)],
        tasks={"first": ("quotes",)},
    )
    result = panel.ask(question(), PaidBook())
    assert result.answer == FOUND
    assert "nothing that is its task" in result.tried[0][1]


def test_an_analyst_that_is_not_named_may_give_everything() -> None:
    answer = Answer("first", "m", "1", (DRAFT, GUIDED))
    panel = Panel(ScriptedAnalyst("local"), [ScriptedAnalyst("first", answer)], tasks={"x": ()})
    assert panel.ask(question(), PaidBook()).answer == answer
