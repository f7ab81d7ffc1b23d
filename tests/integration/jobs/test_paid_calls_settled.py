"""A person settles a call in doubt, and its document goes the way that was decided."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cli.exit_codes import ExitCode
from cli.failures import Failure
from cli.paid_arguments import STATES
from cli.paid_counter import WORDS, PaidCounter, PaidHouse
from jobs.asking import Asking
from jobs.commands import CommandDesk
from jobs.daily_earnings_scan import daily_earnings_scan
from jobs.job import Run, Summary
from jobs.paid_commands import ASK, PaidVerbs
from resilience.outcomes import CallFailed
from storage.commands import Commands
from storage.paid_batches import PaidBatches
from storage.paid_desk import PaidDesk
from tests.integration.jobs.house import US, House, Model
from tests.integration.jobs.releases import HARBOR, PINE, release
from tests.unit.jobs.command_doubles import Town, instance
from tests.unit.jobs.fakes import Published

pytestmark = pytest.mark.database
LOST = CallFailed("model", "timed out", accepted=True)


class Answering:
    """A clock for whoever waits: meanwhile the daemon works."""

    def __init__(self, house: House, work: Callable[[], object]) -> None:
        self.now, self.monotonic = house.clock.now, house.clock.monotonic
        self._house, self._work = house, work

    def wait(self, seconds: float, wake: object = None) -> bool:
        self._work()
        return self._house.clock.wait(seconds)


class Desk:
    """Two documents whose questions were lost on the way, and a terminal."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.model: Model = house.with_model()
        self.town = Town()
        house.watch(HARBOR, PINE)
        for company, number in ((HARBOR, "1,201.0"), (PINE, "1,202.0")):
            published = Published(release(company, sales=number), "text/html", 18)
            house.source.put(company, f"{company.ticker}-q3", published)
        self.model.trouble = LOST
        self.scan()
        self.model.trouble = None
        commands = Commands(house.database)
        self.daemon = CommandDesk(commands, US, PaidVerbs(house.context).table())
        clock = Answering(house, self.daemon.run_pending)
        asking = Asking(commands, self.town, clock)
        desk = PaidDesk(house.database, house.clock)
        self.counter = PaidCounter(
            PaidHouse(
                desk,
                PaidBatches(house.database, "us"),
                lambda _: True,
                asking,
                house.clock,
                "ann on box",
            )
        )

    def scan(self) -> Summary:
        run = Run("daily_earnings_scan", "manual:test", self.house.clock.monotonic() + 600, {})
        return daily_earnings_scan(self.house.context, run)

    def runs(self) -> None:
        """A daemon does: it is known, as the real ones are, by its row."""
        one = instance(US)
        with self.house.database.transaction() as tx:
            tx._connection.cursor().execute(
                "insert into instance (executor, name, kind, pid, host, started_at)"
                " values (%s, 'retailxai', 'daemon', 7, 'retail-01', now() - interval '1 hour')",
                (US,),
            )
        self.town.here.append(one)

    def call(self, ticker: str) -> int:
        """The number of a company's call: companies are asked about side by side."""
        return next(one.id for one in self.counter.listed("all").calls if one.ticker == ticker)

    def analyst(self, ticker: str) -> tuple[str, bool]:
        analyses = self.house.context.insights.analyses(self.house.document(f"{ticker}-q3").id)
        return analyses[0].analyst, analyses[0].degraded


@pytest.fixture
def desk(house: House) -> Desk:
    return Desk(house)


def test_the_words_for_states_are_those_of_the_store() -> None:
    assert set(STATES) == set(WORDS)


def test_what_is_in_doubt_is_listed_with_its_document(desk: Desk) -> None:
    found = desk.counter.listed("in_doubt")
    assert {one.ticker for one in found.calls} == {HARBOR.ticker, PINE.ticker}
    assert str(found.estimate_usd) == "0.02"
    assert {one.process_lives for one in found.calls} == {None}  # it never entered itself
    desk.runs()
    (first, _) = desk.counter.listed("open").calls
    assert (first.process, first.host, first.process_lives) == (
        "retailxai, pid 7", "retail-01", False,
    )  # fmt: skip
    assert "timed out" in first.why
    assert desk.counter.listed("answered").calls == ()
    assert len(desk.counter.listed("all").calls) == 2


def test_a_running_daemon_takes_it_up_at_once(desk: Desk) -> None:
    """One command, to one daemon; the answer is bought, once, and becomes the one that counts."""
    desk.runs()
    asked = desk.model.asked
    decided = desk.counter.retry([desk.call(HARBOR.ticker)], "not on the invoice", None)
    assert [one.done for one in decided.outcomes] == [True]
    assert decided.taken_up_by == "retailxai on retail-01, pid 7"
    assert desk.model.asked == asked + 1
    assert desk.analyst(HARBOR.ticker) == ("model", False)
    assert desk.analyst(PINE.ticker) == ("local", True)
    (call,) = desk.counter.listed("answered").calls
    assert str(call.taken_usd) == "0.014"  # both askings


def test_without_a_daemon_the_next_scan_does(desk: Desk) -> None:
    asked = desk.model.asked
    decided = desk.counter.retry([1, 2], "", None)
    assert (decided.taken_up_by, decided.note) == ("", "no daemon runs")
    assert len(decided.documents) == 2
    assert desk.model.asked == asked
    desk.scan()
    assert desk.model.asked == asked + 2
    assert desk.analyst(PINE.ticker) == ("model", False)


def test_a_dropped_one_is_left_to_the_local_rules_for_good(desk: Desk) -> None:
    """No scan asks, and none counts it as unanswered."""
    asked = desk.model.asked
    decided = desk.counter.drop([desk.call(HARBOR.ticker)], "enough", None)
    assert [one.done for one in decided.outcomes] == [True]
    assert desk.analyst(HARBOR.ticker) == ("local", False)
    assert desk.scan()["degraded"] == 1  # the other one is still in doubt
    assert desk.model.asked == asked
    (call,) = desk.counter.listed("dropped").calls
    assert call.why == "given up by ann on box: enough"


def test_what_cannot_be_done_is_refused_by_name(desk: Desk) -> None:
    """Each number for itself; an unknown one before anything is done."""
    with pytest.raises(Failure, match="no paid call 99; nothing was changed") as raised:
        desk.counter.drop([1, 99], "", None)
    assert raised.value.exit_code == ExitCode.UNKNOWN
    assert len(desk.counter.listed("in_doubt").calls) == 2

    desk.counter.drop([1], "enough", None)
    again = desk.counter.retry([1, 2, 2], "", None)
    assert [(one.id, one.done) for one in again.outcomes] == [(1, False), (2, True)]
    assert "was dropped already" in again.outcomes[0].why
    (twice,) = desk.counter.retry([2], "", None).outcomes
    assert "free to be asked already" in twice.why
    desk.scan()
    (answered,) = desk.counter.drop([2], "", None).outcomes
    assert "its answer came" in answered.why


def test_a_daemon_takes_up_what_is_meant_for_it(desk: Desk) -> None:
    """Not what another one was asked, and nothing that makes no sense."""
    desk.runs()
    commands = Commands(desk.house.database)
    asked = desk.model.asked
    others = commands.ask(ASK, "another", {"documents": [1]}, by="ann")
    wrong = commands.ask(ASK, US, {"documents": "all"}, by="ann")
    gone = commands.ask(ASK, US, {"documents": [999]}, by="ann")
    desk.daemon.run_pending()
    assert [commands.acks(one)[0].outcome for one in (others, wrong, gone)] == [
        "done", "refused", "done",
    ]  # fmt: skip
    assert desk.model.asked == asked
