"""What scheduled scans ask goes together, whatever dies on the way, and nothing is paid twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from earnings.analysts.base import Begin, PaidAnswer, Usage
from earnings.analysts.batching import BatchItem, BatchResult, NoSuchBatch, RemoteBatch
from earnings.vocabulary import DocumentState
from jobs.batch_search import EARLIER
from jobs.batches import (
    GONE,
    MOST,
    PARTIAL,
    SENDING,
    UNDECIDED,
    UNSEEN,
    WATCHED,
    Batcher,
    BatchRules,
)
from jobs.daily_earnings_scan import daily_earnings_scan
from jobs.job import Run, Summary
from resilience.outcomes import CallError, CallFailed, Rejected
from resilience.testing import FakeClock
from storage.call_budget import Caps, windows
from storage.later_calls import LaterCalls
from storage.paid_batches import PaidBatch, PaidBatches
from storage.paid_calls import PaidCallLedger
from storage.spending import Spending, Total
from storage.states import BatchState
from tests.integration.jobs.house import House
from tests.integration.jobs.releases import HARBOR, PINE, release
from tests.unit.jobs.fakes import Published

pytestmark = pytest.mark.database

SLOT = "2026-11-22T07:00"
RULES = BatchRules(
    wait=timedelta(hours=4), look=timedelta(seconds=30), gather=timedelta(seconds=15)
)
ANSWER = PaidAnswer({"ok": True}, Usage(10, 0, 0, 5, Decimal("0.002")))
DIED = KeyboardInterrupt  # no Exception: nothing of ours survives it, like a kill


@dataclass(frozen=True)
class RealClock:
    """The provider's own."""

    now: Callable[[], datetime]


class Provider:
    """Takes batches and bills each answer. `trouble`: what comes of sending, before or after it
    was taken; `results`: what becomes of a question."""

    name = "model"

    def __init__(self, clock: Any) -> None:
        self.clock = clock
        self.taken: dict[str, tuple[RemoteBatch, tuple[BatchItem, ...]]] = {}
        self.ended: set[str] = set()
        self.made = 0
        self.cancelled: list[str] = []
        self.billed: Counter[str] = Counter()
        self.trouble: BaseException | None = None
        self.trouble_after: BaseException | None = None
        self.away: CallError | None = None
        self.first = self.rest = "answered"  # what becomes of a batch's questions
        self.off: str | None = None
        self.refusal: CallError | None = None
        self.asks = ("m-1", "p-1")
        self.after: Callable[[], None] = lambda: None  # a batch was taken, before anybody hears

    def switched_off(self) -> str | None:
        return self.off

    def refused(self) -> CallError | None:
        return self.refusal

    def submit(self, items: Sequence[BatchItem], begin: Begin) -> RemoteBatch:
        if self.away is not None:
            raise self.away
        begin()
        if self.trouble is not None:
            raise self.trouble
        remote = self.add(items)
        self.after()
        if self.trouble_after is not None:
            raise self.trouble_after
        return remote

    def add(self, items: Sequence[BatchItem]) -> RemoteBatch:
        self.made += 1
        remote = RemoteBatch(f"b{self.made - 1}", False, self.clock.now(), len(items))
        self.taken[remote.id] = (remote, tuple(items))
        return remote

    def finish(self) -> None:
        for remote_id, (_, items) in self.taken.items():
            if remote_id not in self.ended:
                self.ended.add(remote_id)
                for number, item in enumerate(items):
                    if self._kind(number) in ("answered", "twice", "missing", "unclear"):
                        self.billed[str(item.request["q"])] += 1

    def look(self, remote_id: str) -> RemoteBatch:
        if self.away is not None:
            raise self.away
        if remote_id not in self.taken:
            raise NoSuchBatch(f"no {remote_id}")
        return replace(self.taken[remote_id][0], is_ended=remote_id in self.ended)

    def since(self, moment: datetime) -> Iterator[RemoteBatch]:
        for remote_id in reversed(self.taken):
            remote = self.look(remote_id)
            assert remote.created_at is not None
            if remote.created_at >= moment:
                yield remote

    def results(self, remote_id: str) -> Iterator[BatchResult]:
        for number, item in enumerate(self.taken[remote_id][1]):
            kind = self._kind(number)
            if kind == "answered":
                yield BatchResult(item.custom_id, ANSWER)
            elif kind == "twice":
                yield BatchResult(item.custom_id, None, "in its batch: errored")
                yield BatchResult(item.custom_id, ANSWER)
            elif kind == "unclear":
                yield BatchResult(item.custom_id, None)
            elif kind != "missing":
                yield BatchResult(item.custom_id, None, f"in its batch: {kind}")

    def cancel(self, remote_id: str) -> None:
        self.cancelled.append(remote_id)

    def _kind(self, number: int) -> str:
        return self.rest if number else self.first


class Shop:
    """A house whose model takes batches; any number of processes look after them."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.provider = Provider(house.clock)
        self.dead: set[str] = set()
        house.with_model()
        self.caps = {"model": Caps(Decimal(1), Decimal(10))}
        house.use(replace(house.context, later_calls=self.later()))
        self.batcher = self.process("us")

    def later(self) -> LaterCalls:
        return LaterCalls(
            self.house.context.paid_calls,
            self.store("us"),
            lambda provider, usd: self.batcher.shut(provider, usd),
        )

    def store(self, executor: str) -> PaidBatches:
        return PaidBatches(self.house.database, executor, caps=self.caps, clock=self.house.clock)

    def process(self, executor: str, rules: BatchRules = RULES) -> Batcher:
        context = replace(self.house.context, executor_id=executor)
        providers = {"model": self.provider}
        return Batcher(
            context, self.store(executor), providers, rules, lambda one: one in self.dead
        )

    def publish(self, *ids: str) -> None:
        self.house.watch(HARBOR, PINE)
        for company, name in zip((HARBOR, PINE), ids, strict=False):
            self.house.source.put(company, name, Published(release(company), "text/html", 18))

    def scan(self, slot: str = SLOT) -> Summary:
        run = Run("daily_earnings_scan", slot, self.house.clock.monotonic() + 3600)
        return daily_earnings_scan(self.house.context, run)

    def scan_by_hand(self) -> Summary:
        return self.scan("manual:1")

    def set_back(self, seconds: float) -> None:
        assert isinstance(self.house.clock, FakeClock)
        self.house.clock.set_back(seconds)

    def gathered(self) -> None:
        self.house.clock.wait(RULES.gather.total_seconds() + 1)

    def looked(self) -> None:
        self.house.clock.wait(RULES.look.total_seconds() + 1)

    def send(self) -> PaidBatch:
        self.gathered()
        self.batcher.tick()
        return self.batch()

    def answer(self) -> None:
        """The batch ends, and its end is seen."""
        self.provider.finish()
        self.looked()
        self.batcher.tick()

    def batch(self) -> PaidBatch:
        return self.store("judge").recent()[0]

    def analyst(self, name: str) -> str:
        shown = self.house.context.insights.for_document(self.house.document(name).id)
        return ",".join(sorted({one.analyst for one in shown}))

    def paid_singly(self) -> int:
        return self.house.model.asked


@pytest.fixture
def shop(house: House) -> Shop:
    return Shop(house)


# ---- the good way ------------------------------------------------------------------------


def test_local_shows_until_the_batchs_answers_are_there(shop: Shop) -> None:
    """A scheduled scan asks nobody singly; when the answers come the documents are read with
    them, each paid for once."""
    shop.publish("H", "P")
    summary = shop.scan()
    assert (summary["analysed"], summary["later"], summary["degraded"]) == (2, 2, 0)
    assert "2 to be answered in a batch" in summary["said"]
    assert (shop.analyst("H"), shop.paid_singly()) == ("local", 0)
    batch = shop.send()
    assert (batch.state, batch.requests, batch.remote_id) == (BatchState.SENT, 2, "b0")
    shop.answer()
    assert shop.batch().state is BatchState.DONE
    assert "model" in shop.analyst("H")
    assert "model" in shop.analyst("P")
    assert shop.paid_singly() == 0
    assert list(shop.provider.billed.values()) == [1, 1]
    assert shop.house.context.insights.unanswered(10) == []


def test_a_scan_by_hand_asks_at_once(shop: Shop) -> None:
    shop.publish("H")
    assert shop.scan_by_hand()["later"] == 0
    assert (shop.paid_singly(), "model" in shop.analyst("H")) == (1, True)
    shop.gathered()
    shop.batcher.tick()
    assert shop.provider.taken == {}


def test_what_only_waits_is_asked_at_once_by_a_scan_by_hand(shop: Shop) -> None:
    """And leaves the queue: nothing is paid twice."""
    shop.publish("H")
    shop.scan()
    shop.scan("2026-11-23T07:00")
    assert shop.paid_singly() == 0
    shop.scan_by_hand()
    assert (shop.paid_singly(), "model" in shop.analyst("H")) == (1, True)
    shop.gathered()
    shop.batcher.tick()
    assert shop.provider.taken == {}


def test_what_is_on_its_way_is_asked_by_nobody_else(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    shop.send()
    shop.house.engine.enqueue("document", "by-hand", shop.house.document("H").id)
    assert shop.house.engine.work["by-hand"].result["later"].startswith("model m-1")
    assert (shop.paid_singly(), shop.analyst("H")) == (0, "local")
    assert shop.scan("2026-11-23T07:00")["later"] == 0  # it is not even looked at
    shop.answer()
    assert "model" in shop.analyst("H")


def test_a_batch_waits_until_nothing_joins_it_any_more(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    shop.batcher.tick()
    assert shop.provider.taken == {}
    shop.house.clock.wait(10)
    shop.publish("H", "P")
    shop.scan("2026-11-23T07:00")
    shop.house.clock.wait(10)
    shop.batcher.tick()
    assert shop.provider.taken == {}
    shop.house.clock.wait(10)
    shop.batcher.tick()
    assert shop.batch().requests == 2


# ---- what does not come back -------------------------------------------------------------


@pytest.mark.parametrize("kind", ["errored", "canceled", "expired"])
def test_what_was_not_done_is_asked_singly(shop: Shop, kind: str) -> None:
    """It was not billed."""
    shop.publish("H", "P")
    shop.scan()
    shop.provider.first = kind
    shop.send()
    shop.answer()
    assert shop.paid_singly() == 1
    assert "model" in shop.analyst("H")
    assert "model" in shop.analyst("P")
    assert sum(shop.provider.billed.values()) == 1


def test_past_the_deadline_it_is_cancelled_and_its_end_awaited(shop: Shop) -> None:
    """What was done meanwhile is used, for it is billed; only the rest is asked singly."""
    shop.publish("H", "P")
    shop.scan()
    shop.send()
    shop.house.clock.wait(RULES.wait.total_seconds())
    shop.batcher.tick()
    assert (shop.batch().state, shop.provider.cancelled) == (BatchState.CANCELLING, ["b0"])
    shop.looked()
    shop.batcher.tick()
    assert (shop.batch().state, shop.paid_singly()) == (BatchState.CANCELLING, 0)
    shop.provider.rest = "canceled"
    shop.answer()
    assert (sum(shop.provider.billed.values()), shop.paid_singly()) == (1, 1)
    assert shop.provider.cancelled == ["b0"]


@pytest.mark.parametrize("kind", ["missing", "unclear"])
def test_an_answer_that_stays_missing_is_in_doubt(shop: Shop, kind: str) -> None:
    """It may have been billed: nobody asks again by himself."""
    shop.publish("H")
    shop.scan()
    shop.provider.first = kind
    shop.send()
    shop.answer()
    assert shop.batch().state is BatchState.SENT
    shop.house.clock.wait(PARTIAL.total_seconds())
    shop.batcher.tick()
    (doubt,) = shop.house.context.paid_calls.in_doubt()
    assert doubt.reason == "its batch ended and says nothing of it"
    assert (shop.paid_singly(), shop.analyst("H")) == (0, "local")


def test_results_that_are_not_all_there_yet_are_waited_for(shop: Shop) -> None:
    """A provider's stores do not always agree at once: nothing is in doubt for that."""
    shop.publish("H", "P")
    shop.scan()
    shop.provider.rest = "missing"
    shop.send()
    shop.answer()
    assert shop.batch().state is BatchState.SENT
    shop.provider.rest = "answered"
    shop.looked()
    shop.batcher.tick()
    assert shop.batch().state is BatchState.DONE
    assert shop.house.context.paid_calls.in_doubt() == ()
    assert (shop.paid_singly(), list(shop.provider.billed.values())) == (0, [1, 1])


def test_an_answer_counts_although_the_same_question_is_also_said_to_have_failed(
    shop: Shop,
) -> None:
    """It is billed; asking again would pay for it twice."""
    shop.publish("H")
    shop.scan()
    shop.provider.first = "twice"
    shop.send()
    shop.answer()
    assert (shop.paid_singly(), "model" in shop.analyst("H")) == (0, True)


def test_a_batch_the_provider_has_forgotten_is_in_doubt(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    shop.send()
    shop.provider.taken.clear()
    shop.looked()
    shop.batcher.tick()
    shop.house.clock.wait(GONE.total_seconds())
    shop.batcher.tick()
    assert shop.batch().state is BatchState.LOST
    assert len(shop.house.context.paid_calls.in_doubt()) == 1
    assert shop.paid_singly() == 0


def test_a_batch_that_is_unknown_for_a_moment_is_not_lost(shop: Shop) -> None:
    """A gateway's 404, or a key of another workspace that is put right again."""
    shop.publish("H")
    shop.scan()
    shop.send()
    taken, shop.provider.taken = shop.provider.taken, {}
    for _ in range(2):
        shop.looked()
        shop.batcher.tick()
    shop.provider.taken = taken
    shop.answer()
    assert (shop.batch().state, "model" in shop.analyst("H")) == (BatchState.DONE, True)


# ---- deaths and doubts -------------------------------------------------------------------


def test_a_sender_that_died_after_it_was_taken_is_looked_up(shop: Shop) -> None:
    """Nothing is in doubt, nothing sent twice; whoever comes next finds it by its names."""
    shop.publish("H", "P")
    shop.scan()
    shop.provider.trouble_after = DIED()
    shop.gathered()
    with pytest.raises(DIED):
        shop.batcher.tick()
    assert shop.batch().state is BatchState.INTENT
    other = shop.process("other")
    other.tick()
    assert shop.batch().state is BatchState.INTENT  # its sender lives, as far as anybody knows
    shop.dead.add("us")
    stranger = shop.provider.add([BatchItem("theirs-1", {"q": 1}), BatchItem("theirs-2", {"q": 2})])
    shop.provider.ended.add(stranger.id)
    other.tick()
    assert shop.batch().state is BatchState.INTENT  # not ended: only the results tell whose it is
    shop.house.clock.wait(UNSEEN.total_seconds())
    other.tick()
    assert shop.batch().state is BatchState.INTENT
    shop.provider.trouble_after = None
    shop.provider.finish()
    shop.looked()
    other.tick()
    assert (shop.batch().state, shop.batch().remote_id) == (BatchState.SENT, "b0")
    other.tick()
    assert shop.batch().state is BatchState.DONE
    assert "model" in shop.analyst("H")
    assert (len(shop.provider.taken), shop.paid_singly()) == (2, 0)
    assert shop.house.context.paid_calls.in_doubt() == ()


def test_a_sender_that_died_before_it_was_taken_leaves_nothing_behind(shop: Shop) -> None:
    """What the provider's list does not show after a while was never taken: sent again."""
    shop.publish("H")
    shop.scan()
    shop.provider.trouble = DIED()
    shop.gathered()
    with pytest.raises(DIED):
        shop.batcher.tick()
    shop.provider.trouble = None
    shop.dead.add("us")
    other = shop.process("other")
    other.tick()
    assert shop.batch().state is BatchState.INTENT
    shop.house.clock.wait(UNSEEN.total_seconds())
    other.tick()
    assert shop.store("judge").recent()[-1].state is BatchState.REFUSED
    assert shop.batch().state is BatchState.SENT
    shop.answer()
    assert list(shop.provider.billed.values()) == [1]


def test_an_answer_that_was_not_heard_is_looked_up_by_its_sender(shop: Shop) -> None:
    """A time-out after the batch was taken."""
    shop.publish("H")
    shop.scan()
    shop.provider.trouble_after = CallFailed("model", "timed out", accepted=True)
    assert shop.send().state is BatchState.INTENT
    shop.provider.trouble_after = None
    shop.answer()
    assert shop.batch().state is BatchState.SENT
    shop.batcher.tick()
    assert (shop.batch().state, len(shop.provider.taken)) == (BatchState.DONE, 1)


def test_a_sender_nobody_hears_of_is_given_its_time(shop: Shop) -> None:
    """It may be slow, or frozen: nobody decides for it before that."""
    shop.publish("H")
    shop.scan()
    shop.provider.trouble = DIED()
    shop.gathered()
    with pytest.raises(DIED):
        shop.batcher.tick()
    shop.provider.trouble = None
    shop.house.clock.wait(SENDING.total_seconds() - 60)
    other = shop.process("other")
    other.tick()
    assert shop.batch().state is BatchState.INTENT
    shop.house.clock.wait(61)
    other.tick()
    assert shop.batch().state is BatchState.INTENT
    shop.house.clock.wait(WATCHED.total_seconds())
    other.tick()
    assert shop.store("judge").recent()[-1].state is BatchState.REFUSED


# ---- clocks, strangers, second thoughts --------------------------------------------------


def killed_after_it_was_taken(shop: Shop) -> Batcher:
    """The batch is at the provider, its sender is dead; another process."""
    shop.provider.trouble_after = DIED()
    shop.gathered()
    with pytest.raises(DIED):
        shop.batcher.tick()
    shop.provider.trouble_after = None
    shop.dead.add("us")
    return shop.process("other")


def watched(shop: Shop, process: Batcher) -> None:
    """Looks for so long that what is not found would count as never taken."""
    for _ in range(8):
        process.tick()
        shop.looked()
    process.tick()


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_was_a_day_wrong_when_it_was_sent_hides_no_batch(
    shop: Shop, days: int
) -> None:
    shop.publish("H")
    shop.scan()
    real = shop.house.clock.now
    shop.provider.clock = RealClock(lambda: real() - timedelta(days=days))
    other = killed_after_it_was_taken(shop)
    shop.set_back(days * 86400)
    shop.provider.clock = shop.house.clock
    watched(shop, other)
    assert len(shop.provider.taken) == 1
    shop.provider.finish()
    watched(shop, other)
    assert (shop.batch().state, "model" in shop.analyst("H")) == (BatchState.DONE, True)
    assert list(shop.provider.billed.values()) == [1]


def test_a_clock_set_on_does_not_make_a_fresh_batch_an_old_one(shop: Shop) -> None:
    """The provider's list may be a moment late; that moment is not counted by a clock that was
    moved."""
    shop.publish("H")
    shop.scan()
    other = killed_after_it_was_taken(shop)
    shop.set_back(-86400)
    taken, shop.provider.taken = shop.provider.taken, {}
    other.tick()
    shop.provider.taken = taken
    watched(shop, other)
    assert (len(shop.provider.taken), shop.batch().state) == (1, BatchState.INTENT)


def test_a_clock_that_was_ahead_keeps_no_batch_waiting(shop: Shop) -> None:
    """Neither one that gathers nor one that is to be looked at."""
    shop.set_back(-86400)
    shop.publish("H", "P")
    shop.scan()
    shop.set_back(86400)
    assert shop.send().state is BatchState.SENT
    shop.set_back(-86400)
    shop.looked()
    shop.batcher.tick()
    shop.set_back(86400)
    shop.answer()
    assert shop.batch().state is BatchState.DONE


def test_a_strangers_batch_whose_results_are_gone_takes_nothing_from_ours(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    other = killed_after_it_was_taken(shop)
    stranger = shop.provider.add([BatchItem("theirs", {"q": 1})])
    shop.provider.ended.add(stranger.id)
    results = shop.provider.results

    def gone(remote_id: str) -> Iterator[BatchResult]:
        if remote_id == stranger.id:
            raise NoSuchBatch("its results are gone")
        return results(remote_id)

    shop.provider.results = gone  # type: ignore[method-assign]
    watched(shop, other)
    assert shop.batch().state is BatchState.INTENT
    shop.provider.finish()
    watched(shop, other)
    assert (shop.batch().state, "model" in shop.analyst("H")) == (BatchState.DONE, True)


def test_a_batch_nobody_can_tell_from_anothers_ends_in_doubt(shop: Shop) -> None:
    """And is asked again by nobody: it may be paid for."""
    shop.publish("H")
    shop.scan()
    other = killed_after_it_was_taken(shop)
    shop.provider.first = "missing"  # its results name nobody
    shop.provider.finish()
    watched(shop, other)
    assert shop.batch().state is BatchState.INTENT
    shop.house.clock.wait(UNDECIDED.total_seconds())
    other.tick()
    assert shop.batch().state is BatchState.LOST
    assert len(shop.house.context.paid_calls.in_doubt()) == 1
    assert len(shop.provider.taken) == 1


def test_a_sender_that_stood_still_cancels_what_was_given_up_meanwhile(shop: Shop) -> None:
    """Others saw no batch and asked anew; what wakes up late does as little harm as it can."""
    shop.publish("H")
    shop.scan()
    other = shop.process("other")

    def stood_still() -> None:
        shop.provider.after = lambda: None
        late, shop.provider.taken = shop.provider.taken, {}
        shop.dead.add("us")
        watched(shop, other)
        shop.provider.taken = late | shop.provider.taken

    shop.provider.after = stood_still
    shop.provider.add([BatchItem("theirs", {"q": 1})])
    late = f"b{shop.provider.made}"
    shop.gathered()
    shop.batcher.tick()
    assert shop.provider.cancelled == [late]


def test_a_sender_that_was_found_meanwhile_cancels_nothing(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()

    def found() -> None:
        shop.dead.add("us")
        shop.provider.finish()
        watched(shop, shop.process("other"))

    shop.provider.after = found
    shop.gathered()
    shop.batcher.tick()
    assert (shop.provider.cancelled, shop.batch().state) == ([], BatchState.DONE)


def without_batches(shop: Shop, executor: str = "us") -> Batcher:
    """The same house after `claude.batches = false` and a restart."""
    shop.house.use(replace(shop.house.context, later_calls=None))
    return shop.process(executor, replace(RULES, sends=False))


def test_what_waits_when_batches_are_switched_off_is_asked_singly(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    without_batches(shop).tick()
    assert (shop.paid_singly(), "model" in shop.analyst("H")) == (1, True)
    assert shop.provider.taken == {}


def test_what_was_withdrawn_by_a_process_that_died_is_asked_by_the_next_scan(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    assert shop.store("us").withdraw("model", None) == [shop.house.document("H").id]
    without_batches(shop)
    shop.scan("2026-11-23T07:00")
    assert (shop.paid_singly(), "model" in shop.analyst("H")) == (1, True)


def test_what_is_on_its_way_when_batches_are_switched_off_is_fetched(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    shop.send()
    process = without_batches(shop)
    shop.provider.finish()
    shop.looked()
    process.tick()
    assert (shop.batch().state, "model" in shop.analyst("H")) == (BatchState.DONE, True)
    assert (shop.paid_singly(), list(shop.provider.billed.values())) == (0, [1])


@pytest.mark.parametrize("asks", [("m-2", "p-1"), ("m-1", "p-2")])
def test_what_waits_for_another_model_or_prompt_is_not_sent(
    shop: Shop, asks: tuple[str, str]
) -> None:
    """Its answer would be paid for and not be used: the document is asked about anew."""
    shop.publish("H")
    shop.scan()
    shop.provider.asks = asks
    shop.gathered()
    shop.batcher.tick()
    assert shop.provider.taken == {}
    assert shop.store("judge").waiting("model").calls == 0
    assert "model" in shop.analyst("H")


def test_a_death_between_the_answers_and_the_documents_loses_nothing(shop: Shop) -> None:
    shop.publish("H", "P")
    shop.scan()
    shop.send()
    enqueue, times = shop.house.engine.enqueue, []

    def die_at_the_second(name: str, work_id: str, *arguments: object) -> None:
        times.append(work_id)
        if len(times) == 2:
            raise DIED
        enqueue(name, work_id, *arguments)

    shop.house.engine.enqueue = die_at_the_second  # type: ignore[method-assign]
    shop.provider.finish()
    shop.looked()
    with pytest.raises(DIED):
        shop.batcher.tick()
    assert shop.batch().state is BatchState.ENDED
    shop.house.engine.enqueue = enqueue  # type: ignore[method-assign]
    shop.looked()
    shop.process("other").tick()
    assert shop.batch().state is BatchState.DONE
    assert "model" in shop.analyst("H")
    assert "model" in shop.analyst("P")
    assert (shop.paid_singly(), list(shop.provider.billed.values())) == (0, [1, 1])


def test_two_processes_send_and_look_side_by_side(shop: Shop) -> None:
    """Compare-and-set: who comes second does nothing."""
    shop.publish("H", "P")
    shop.scan()
    other = shop.process("other")
    shop.gathered()
    shop.batcher.tick()
    other.tick()
    assert len(shop.provider.taken) == 1
    shop.provider.finish()
    shop.looked()
    other.tick()
    shop.batcher.tick()
    assert list(shop.provider.billed.values()) == [1, 1]


def test_whoever_drafts_what_another_sends_just_now_sends_nothing(shop: Shop) -> None:
    shop.publish("H", "P")
    shop.scan()
    shop.gathered()
    submit = shop.provider.submit

    def overtaken(items: Sequence[BatchItem], begin: Begin) -> RemoteBatch:
        shop.provider.submit = submit  # type: ignore[method-assign]
        shop.process("other").tick()
        return submit(items, begin)

    shop.provider.submit = overtaken  # type: ignore[method-assign]
    shop.batcher.tick()
    assert len(shop.provider.taken) == 1
    assert shop.batch().owner == "other"


# ---- gates and money ---------------------------------------------------------------------


def test_a_gate_that_is_shut_leaves_no_trace(shop: Shop) -> None:
    """Nothing is written down; what waits goes on waiting, and nobody asks meanwhile."""
    shop.publish("H")
    shop.scan()
    at = shop.house.clock.now() + timedelta(minutes=10)
    shop.provider.away = Rejected("model", "the circuit is open", at)
    shop.gathered()
    shop.batcher.tick()
    assert shop.store("judge").recent() == []
    shop.provider.away = None
    shop.batcher.tick()
    assert shop.provider.taken == {}
    shop.house.clock.wait(600)
    shop.batcher.tick()
    assert shop.batch().state is BatchState.SENT


@pytest.mark.parametrize(
    ("trouble", "again"),
    [
        (CallFailed("model", "overloaded", retryable=True, accepted=False), True),
        (Rejected("model", "refused the key"), True),
        (CallFailed("model", "too large", accepted=False), False),
    ],
)
def test_a_batch_that_was_not_taken(shop: Shop, trouble: CallError, again: bool) -> None:
    """Where asking again helps its questions wait on; where it does not, they are asked singly."""
    shop.publish("H")
    shop.scan()
    shop.provider.trouble = trouble
    assert shop.send().state is BatchState.REFUSED
    assert shop.paid_singly() == (0 if again else 1)
    shop.provider.trouble = None
    shop.house.clock.wait(600)
    shop.batcher.tick()
    assert len(shop.provider.taken) == (1 if again else 0)


def test_a_look_that_fails_is_repeated(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    shop.send()
    shop.provider.away = CallFailed("model", "down", retryable=True)
    shop.looked()
    shop.batcher.tick()
    assert shop.batch().state is BatchState.SENT
    shop.provider.away = None
    shop.answer()
    assert shop.batch().state is BatchState.DONE


def test_a_batch_holds_what_the_caps_leave_room_for(shop: Shop) -> None:
    """The rest waits for the day to begin anew."""
    shop.publish("H", "P")
    shop.scan()
    shop.caps["model"] = Caps(daily_usd=Decimal("0.006"))
    shop.batcher = shop.process("us")
    assert shop.send().requests == 1
    shop.batcher.tick()
    shop.batcher.tick()
    assert len(shop.provider.taken) == 1
    shop.house.past(1)
    shop.batcher.tick()
    assert len(shop.provider.taken) == 2


def test_the_cap_counts_what_is_on_its_way(shop: Shop) -> None:
    """By its estimate, and by its true cost once it is known."""
    shop.publish("H")
    shop.scan()
    shop.send()
    (spend,) = shop.house.context.paid_calls.spend(shop.house.clock.now() - timedelta(days=1))
    assert (spend.open_usd, spend.usd) == (Decimal("0.005"), Decimal(0))
    shop.answer()
    (spend,) = shop.house.context.paid_calls.spend(shop.house.clock.now() - timedelta(days=1))
    assert (spend.open_usd, spend.usd) == (Decimal(0), Decimal("0.002"))


def test_what_waits_takes_nothing_and_what_was_answered_is_told(shop: Shop) -> None:
    """In `cost`: waiting, on its way, answered; nothing is counted twice."""
    spending = Spending(shop.house.database)

    def total() -> Total:
        (found,) = spending.totals(windows(shop.house.clock.now())[1])
        assert found.given_up_usd == 0
        return found

    shop.publish("H", "P")
    shop.scan()
    assert (total().queued, total().open, total().open_usd) == (2, 0, Decimal(0))
    shop.send()
    assert (total().queued, total().open, total().open_usd) == (0, 2, Decimal("0.010"))
    shop.answer()
    found = total()
    assert (found.calls, found.batched, found.batched_usd) == (2, 2, Decimal("0.004"))
    assert (found.usd, found.open_usd) == (found.batched_usd, Decimal(0))


def test_an_analyst_that_takes_no_batches_is_asked_at_once(shop: Shop) -> None:
    shop.house.model.batches = False
    shop.publish("H")
    assert shop.scan()["later"] == 0
    assert shop.paid_singly() == 1


def test_recovery_leaves_what_is_in_a_batch_to_the_lookup(shop: Shop) -> None:
    shop.publish("H")
    shop.scan()
    shop.send()
    judge = PaidCallLedger(
        shop.house.database, "judge", is_dead=lambda _: True, clock=shop.house.clock
    )
    shop.house.clock.wait(3600)
    assert judge.recover() == 0
    assert shop.house.state("H") is DocumentState.ANALYSED
    assert MOST > 1
    assert timedelta() < EARLIER
