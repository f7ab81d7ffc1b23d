"""What a scan says of the questions it asked."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import pytest

from earnings.sources.base import Discovery, Scope
from earnings.vocabulary import Company
from jobs.context import Limits
from jobs.discovery import Asked, Discovered, Problem, discover
from resilience.outcomes import Rejected
from resilience.testing import FakeClock
from tests.unit.jobs.fakes import FakeAgentStore, FakeSource, agents_of


def test_a_company_counts_as_asked_only_if_every_source_could_be() -> None:
    found = Discovered(
        (
            Asked("edgar", "CIK1", "AAA"),
            Asked("other", "AAA", "AAA", problem="timed out"),
            Asked("edgar", "CIK2", "BBB"),
            Asked("edgar", "CIK3", "CCC", was_asked=False),
            Asked("inbox", "folder"),
        )
    )
    assert found.companies == 1


def test_what_was_not_asked_for_one_reason_is_one_problem() -> None:
    """Forty lines that say the same hide the one that does not."""
    found = Discovered(
        (
            Asked("edgar", "CIK1", problem="circuit open"),
            *(Asked("edgar", f"CIK{n}", was_asked=False) for n in range(2, 40)),
            Asked("inbox", "folder", new=(7,)),
        )
    )
    assert found.problems == [
        Problem("edgar", "CIK1", "circuit open"),
        Problem("edgar", "", "38 more not asked this time"),
    ]
    assert found.new == [7]


def test_whoever_interrupts_a_scan_does_not_wait_for_slow_answers() -> None:
    """Ctrl-C while a server takes its time: the question is left alone, and what it still
    answers is told to nobody."""
    released, others = threading.Event(), threading.Event()
    told: list[Asked] = []

    class Slow(FakeSource):
        def scopes(self, companies: Sequence[Company]) -> Iterable[Scope]:
            return [Scope(company.ticker, company) for company in companies]

        def discover(
            self, scope: Scope, cursor: str | None, since: date | None = None
        ) -> Discovery:
            if scope.key == "AAA":
                others.wait(10)
                raise KeyboardInterrupt
            others.set()
            released.wait(30)
            return Discovery((), None)

    context = cast(Any, SimpleNamespace())
    context.clock, context.stopping = FakeClock(), threading.Event()
    context.limits = Limits(scopes_at_once=2)
    context.sources = {"slow": Slow("slow")}
    context.documents = SimpleNamespace(cursor=lambda *_: None)
    context.agents = agents_of(FakeAgentStore(), context.clock)
    companies = [Company("AAA", "Aa Stores"), Company("BBB", "Bb Stores")]
    try:
        with pytest.raises(KeyboardInterrupt):
            discover(context, companies, on_asked=lambda asked, _: told.append(asked))
    finally:
        released.set()
    assert told == []


def test_headlines_missed_put_nothing_off() -> None:
    """A search whose month is used up holds up no scan, and no company counts as missed."""
    shut = Rejected("tavily", "no quota until December", retry_at=FakeClock().now())
    found = Discovered(
        (
            Asked("edgar", "CIK1", "AAA"),
            Asked("tavily", "AAA", "AAA", problem=str(shut), gate=shut, is_aside=True),
            Asked("tavily", "BBB", "BBB", was_asked=False, is_aside=True),
            Asked("feeds", "trade", headlines=3, is_aside=True),
        )
    )
    assert found.gate is None
    assert found.companies == 1
    assert found.headlines == 3
    assert len(found.problems) == 2


def test_calls_that_cannot_be_listed_put_nothing_off_and_are_missed() -> None:
    """A quota that is used up until midnight, a key that a person must mend: the scan is not
    repeated for it, but the company was not asked about at every source."""
    shut = Rejected("youtube", "no units until midnight", retry_at=FakeClock().now())
    found = Discovered(
        (
            Asked("edgar", "CIK1", "AAA"),
            Asked("youtube", "@aaa", "AAA", problem=str(shut), gate=shut, can_wait=True),
        )
    )
    assert found.gate is None
    assert found.companies == 0
    assert [one.source for one in found.problems] == ["youtube"]
