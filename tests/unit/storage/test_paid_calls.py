"""storage.paid_calls: no question is paid for twice, whatever happens on the way."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from earnings.analysts.base import Begin, CallInDoubt, CallKey, NoAnswer, PaidAnswer, Usage
from resilience.clock import SystemClock
from resilience.outcomes import CallFailed, CircuitOpen, Rejected, was_not_accepted
from resilience.testing import FakeClock
from storage.call_budget import ALL, BudgetExhausted, Caps, windows
from storage.database import Database, Tx
from storage.errors import SERVICE, DatabaseUnavailable
from storage.paid_calls import PaidCallLedger
from storage.paid_desk import PaidDesk
from storage.pool import PoolSettings

pytestmark = pytest.mark.database

KEY = CallKey("claude", "model-x", "7", "a" * 64)
OTHER = CallKey("claude", "model-x", "7", "b" * 64)
CENT = Decimal("0.01")
ANSWER = PaidAnswer({"id": "msg_1", "text": "ok"}, Usage(10, 1, 2, 5, Decimal("0.004")))


class Provider:
    """Counts what it was asked; answers, or fails as told."""

    def __init__(self, answer: PaidAnswer = ANSWER, error: BaseException | None = None) -> None:
        self.answer = answer
        self.error = error
        self.asked = 0

    def __call__(self, begin: Begin) -> PaidAnswer:
        begin()
        self.asked += 1
        if self.error is not None:
            raise self.error
        return self.answer


class Dead:
    """Says which executors are dead."""

    def __init__(self, *executors: str) -> None:
        self.executors = set(executors)

    def __call__(self, executor: str) -> bool:
        return executor in self.executors


class Owners:
    """Ledgers of several processes on one database."""

    def __init__(self, database: Database, clock: FakeClock) -> None:
        self.database = database
        self.clock = clock
        self.dead = Dead()

    def ledger(
        self, owner: str = "ex-1", caps: Caps | None = None, free: Collection[str] = ()
    ) -> PaidCallLedger:
        limits = {"claude": caps} if caps else None
        return PaidCallLedger(
            self.database,
            owner,
            is_dead=self.dead,
            caps=limits,
            free=free,
            clock=self.clock,
            wait_s=2,
        )


@pytest.fixture
def owners(database: Database, clock: FakeClock) -> Owners:
    return Owners(database, clock)


def killed_while_asking(owners: Owners, owner: str = "dead") -> None:
    """An intent is written, and its process is gone before any answer."""
    ledger = owners.ledger(owner)
    assert isinstance(ledger._begin(KEY, CENT), int)


# ---- providers that bill nobody ----------------------------------------------------------


@pytest.mark.parametrize(
    "error", [CallFailed("ollama", "no answer in 600 s"), NoAnswer("cut"), RuntimeError("a bug")]
)
def test_what_bills_nobody_is_never_in_doubt(owners: Owners, error: Exception) -> None:
    """However it failed, it may be asked again by itself; its answer is kept like any other."""
    key = CallKey("ollama", "reader", "7", "a" * 64)
    ledger = owners.ledger(free={"ollama"})
    with pytest.raises(type(error)):
        ledger.once(key, Decimal(0), Provider(error=error))
    assert ledger.in_doubt() == ()
    provider = Provider()
    for _ in range(2):
        assert ledger.once(key, Decimal(0), provider) == ANSWER
    assert provider.asked == 1


@pytest.mark.parametrize("swept", [True, False])
def test_a_kill_leaves_no_doubt_about_what_bills_nobody(owners: Owners, swept: bool) -> None:
    """By recovery or by who asks next, its question is free; a paid one beside it is not."""
    key = CallKey("ollama", "reader", "7", "a" * 64)
    assert isinstance(owners.ledger("dead", free={"ollama"})._begin(key, Decimal(0)), int)
    killed_while_asking(owners)
    owners.dead.executors.add("dead")
    ledger = owners.ledger(free={"ollama"})
    if swept:
        assert ledger.recover() == 2
    provider = Provider()
    assert ledger.once(key, Decimal(0), provider) == ANSWER
    with pytest.raises(CallInDoubt):
        ledger.once(KEY, CENT, provider)
    assert provider.asked == 1


# ---- the good way ------------------------------------------------------------------------


def test_the_answer_is_bought_once(owners: Owners) -> None:
    """Asked again, by this or another process, the stored answer is returned."""
    provider = Provider()
    assert owners.ledger().once(KEY, CENT, provider) == ANSWER
    assert owners.ledger().once(KEY, CENT, provider) == ANSWER
    assert owners.ledger("ex-2").once(KEY, CENT, provider) == ANSWER
    assert provider.asked == 1


@pytest.mark.parametrize(
    "other",
    [
        CallKey("groq", "model-x", "7", "a" * 64),
        CallKey("claude", "model-y", "7", "a" * 64),
        CallKey("claude", "model-x", "8", "a" * 64),
        OTHER,
    ],
)
def test_another_question_is_another_call(owners: Owners, other: CallKey) -> None:
    """Provider, model, prompt and document: each makes it another question."""
    provider = Provider()
    owners.ledger().once(KEY, CENT, provider)
    owners.ledger().once(other, CENT, provider)
    assert provider.asked == 2


def test_the_answer_is_stored_before_it_is_returned(owners: Owners) -> None:
    """Whoever sees the answer can die: it is there."""
    owners.ledger().once(KEY, CENT, Provider())
    refuse = Provider(error=AssertionError("asked"))
    assert owners.ledger("another").once(KEY, CENT, refuse) == ANSWER


def test_an_answer_is_kept_as_it_came(owners: Owners) -> None:
    """Order of keys, NULs, odd characters, nesting."""
    body = {"z": 1, "a": ["x\x00y", "“ü” \U0001f6d2", None, {"k": 1.50}], "m": True}
    odd = PaidAnswer(body, Usage())
    owners.ledger().once(KEY, CENT, Provider(odd))
    stored = owners.ledger("another").once(KEY, CENT, Provider())
    assert stored.body == body
    assert list(stored.body) == ["z", "a", "m"]


# ---- failures ----------------------------------------------------------------------------


def test_a_call_that_was_not_accepted_may_be_made_again(owners: Owners) -> None:
    """Connection refused: nothing was bought."""
    refused = Provider(error=CallFailed("claude", "connection refused", accepted=False))
    with pytest.raises(CallFailed, match="connection refused"):
        owners.ledger().once(KEY, CENT, refused)
    assert owners.ledger("ex-2").once(KEY, CENT, Provider()) == ANSWER


def test_a_call_that_may_have_been_accepted_is_in_doubt(owners: Owners) -> None:
    """A time-out says nothing about what the other side did."""
    failing = Provider(error=CallFailed("claude", "timed out", accepted=True))
    with pytest.raises(CallFailed):
        owners.ledger().once(KEY, CENT, failing)
    with pytest.raises(CallInDoubt, match=r"claude model-x .* may have been paid for"):
        owners.ledger().once(KEY, CENT, failing)
    assert failing.asked == 1
    (doubt,) = owners.ledger().in_doubt()
    assert (doubt.key, doubt.owner, doubt.estimate_usd) == (KEY, "ex-1", CENT)
    assert "timed out" in doubt.reason


@pytest.mark.parametrize("error", [RuntimeError("bug"), KeyboardInterrupt(), SystemExit(1)])
def test_anything_else_is_in_doubt(owners: Owners, error: BaseException) -> None:
    """A bug in our own code, or Ctrl-C, may have come after the request was sent."""
    with pytest.raises(type(error)):
        owners.ledger().once(KEY, CENT, Provider(error=error))
    assert len(owners.ledger().in_doubt()) == 1


def test_a_rejected_call_was_never_made(owners: Owners) -> None:
    """An open breaker must not leave every document in doubt."""
    with pytest.raises(CircuitOpen):
        owners.ledger().once(KEY, CENT, Provider(error=CircuitOpen("claude", "open")))
    assert owners.ledger().once(KEY, CENT, Provider()) == ANSWER


def _caused(error: BaseException, cause: BaseException) -> BaseException:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "free"),
    [
        (CallFailed("claude", "x", accepted=False), True),
        (CallFailed("claude", "x", accepted=True), False),
        (Rejected("claude", "x"), True),
        (_caused(Rejected("claude", "x"), CallFailed("claude", "y", accepted=True)), False),
        (_caused(Rejected("claude", "x"), CallFailed("claude", "y", accepted=False)), True),
        (_caused(Rejected("claude", "x"), CallFailed("groq", "y", accepted=True)), True),
        (_caused(CallFailed("claude", "x", accepted=False), OSError("refused")), True),
        (_caused(RuntimeError("x"), Rejected("claude", "y")), False),
        (RuntimeError("x"), False),
    ],
)
def test_proof_that_it_was_not_accepted(error: BaseException, free: bool) -> None:
    """Only proof frees a question: an earlier attempt that may have been taken counts."""
    assert was_not_accepted(error) is free


# ---- deaths ------------------------------------------------------------------------------


def test_a_dead_askers_question_is_in_doubt(owners: Owners) -> None:
    """kill -9 between the call and its answer: it is not asked a second time."""
    killed_while_asking(owners)
    owners.dead.executors.add("dead")
    provider = Provider()
    for _ in range(2):
        with pytest.raises(CallInDoubt, match="no answer was stored"):
            owners.ledger().once(KEY, CENT, provider)
    assert provider.asked == 0


def test_an_overdue_question_is_in_doubt(owners: Owners) -> None:
    """Whoever asked: no call takes that long."""
    killed_while_asking(owners, "alive")
    owners.clock.advance(1000)
    with pytest.raises(CallInDoubt):
        owners.ledger().once(KEY, CENT, Provider())
    assert len(owners.ledger().in_doubt()) == 1


def test_a_late_answer_ends_the_doubt(owners: Owners) -> None:
    """An asker thought dead was only frozen: its answer is bought, so it is kept."""
    frozen = owners.ledger("frozen")

    def overtaken(begin: Begin) -> PaidAnswer:
        begin()
        owners.dead.executors.add("frozen")
        assert owners.ledger("ex-2").recover() == 1
        return ANSWER

    assert frozen.once(KEY, CENT, overtaken) == ANSWER
    assert owners.ledger("ex-2").once(KEY, CENT, Provider(error=AssertionError())) == ANSWER
    assert owners.ledger().in_doubt() == ()


def test_recovery_puts_only_the_deads_questions_in_doubt(owners: Owners) -> None:
    killed_while_asking(owners, "dead")
    owners.ledger("alive")._begin(OTHER, CENT)
    owners.dead.executors.add("dead")
    assert owners.ledger().recover() == 1
    assert [each.key for each in owners.ledger().in_doubt()] == [KEY]
    assert owners.ledger().recover() == 0


def test_a_person_may_release_a_doubt(owners: Owners) -> None:
    """Then, and only then, it is asked again."""
    killed_while_asking(owners)
    owners.dead.executors.add("dead")
    owners.ledger().recover()
    (doubt,) = owners.ledger().in_doubt()
    desk = PaidDesk(owners.database, owners.clock)
    assert desk.retry(doubt.id, "not on the invoice")
    assert not desk.retry(doubt.id, "twice")
    assert owners.ledger().once(KEY, CENT, Provider()) == ANSWER


# ---- two at once -------------------------------------------------------------------------


def test_two_askers_at_once_make_one_call(dsn: str) -> None:
    """The second waits for the first one's answer instead of paying for its own."""
    database = Database(dsn, PoolSettings(size=5, overflow=5))
    inside, go_on = threading.Event(), threading.Event()
    answers: list[PaidAnswer] = []
    calls: list[str] = []

    def ask(owner: str) -> None:
        def call(begin: Begin) -> PaidAnswer:
            begin()
            calls.append(owner)
            inside.set()
            assert go_on.wait(10)
            return ANSWER

        ledger = PaidCallLedger(database, owner, is_dead=Dead(), clock=SystemClock(), wait_s=10)
        answers.append(ledger.once(KEY, CENT, call))

    threads = [threading.Thread(target=ask, args=(f"ex-{n}",)) for n in range(4)]
    threads[0].start()
    assert inside.wait(10)
    for thread in threads[1:]:
        thread.start()
    go_on.set()
    for thread in threads:
        thread.join(20)
    database.close()
    assert calls == ["ex-0"]
    assert answers == [ANSWER] * 4


def test_an_owner_that_answers_and_ends_meanwhile_is_no_doubt(owners: Owners) -> None:
    """It stores its answer and dies between our look at its row and at its lock."""
    first = owners.ledger("first")
    call_id = first._begin(KEY, CENT)
    assert isinstance(call_id, int)

    def ends_just_now(executor: str) -> bool:
        first._store(call_id, ANSWER)
        return True

    second = PaidCallLedger(owners.database, "ex-2", is_dead=ends_just_now, clock=owners.clock)
    assert second.once(KEY, CENT, Provider(error=AssertionError("asked"))) == ANSWER
    assert second.in_doubt() == ()


def test_waiting_for_somebody_elses_answer_ends(owners: Owners) -> None:
    """A slow asker holds nobody up for ever, and is not doubled."""
    killed_while_asking(owners, "slow")
    with pytest.raises(CallInDoubt, match="asked by another process"):
        owners.ledger().once(KEY, CENT, Provider(error=AssertionError("asked")))
    assert sum(owners.clock.waits) == pytest.approx(2.0, abs=0.3)
    assert owners.ledger().in_doubt() == ()


# ---- money -------------------------------------------------------------------------------


def test_a_cap_stops_the_call_before_it_is_made(owners: Owners) -> None:
    """With the day's end as the time to try again, and nothing written down."""
    ledger = owners.ledger(caps=Caps(daily_usd=Decimal("0.005")))
    provider = Provider()
    with pytest.raises(BudgetExhausted, match=r"daily cap of 0\.005 USD") as caught:
        ledger.once(KEY, CENT, provider)
    assert provider.asked == 0
    assert caught.value.retry_at == datetime(2026, 11, 23, tzinfo=UTC)
    assert isinstance(caught.value, Rejected)
    assert owners.ledger().once(KEY, CENT, provider) == ANSWER


def test_true_costs_count_once_they_are_known(owners: Owners) -> None:
    """An answer of 0.004 leaves more of the cap than its estimate of 0.01 did."""
    ledger = owners.ledger(caps=Caps(daily_usd=Decimal("0.015")))
    ledger.once(KEY, CENT, Provider())
    assert ledger.once(OTHER, CENT, Provider()) == ANSWER


def test_open_and_doubtful_calls_count_by_their_estimate(owners: Owners) -> None:
    """They may have been paid for."""
    killed_while_asking(owners)
    ledger = owners.ledger(caps=Caps(daily_usd=Decimal("0.015")))
    with pytest.raises(BudgetExhausted):
        ledger.once(OTHER, CENT, Provider())
    owners.dead.executors.add("dead")
    ledger.recover()
    with pytest.raises(BudgetExhausted):
        ledger.once(OTHER, CENT, Provider())


def test_a_refused_call_costs_nothing(owners: Owners) -> None:
    ledger = owners.ledger(caps=Caps(daily_usd=CENT))
    with pytest.raises(CallFailed):
        ledger.once(KEY, CENT, Provider(error=CallFailed("claude", "no", accepted=False)))
    assert ledger.once(OTHER, CENT, Provider()) == ANSWER


def test_days_and_months_begin_anew(owners: Owners) -> None:
    """The daily cap at midnight UTC, the monthly one on the first."""
    caps = Caps(daily_usd=Decimal("0.012"), monthly_usd=Decimal("0.016"))
    ledger = owners.ledger(caps=caps)
    ledger.once(KEY, CENT, Provider())
    with pytest.raises(BudgetExhausted, match="daily"):
        ledger.once(OTHER, CENT, Provider())
    owners.clock.advance(86400)
    ledger.once(OTHER, CENT, Provider())
    third = CallKey("claude", "model-x", "7", "c" * 64)
    owners.clock.advance(86400)
    with pytest.raises(BudgetExhausted, match="monthly") as caught:
        ledger.once(third, CENT, Provider())
    assert caught.value.retry_at == datetime(2026, 12, 1, tzinfo=UTC)
    owners.clock.advance(8 * 86400)
    assert ledger.once(third, CENT, Provider()) == ANSWER


def test_a_cap_over_all_counts_every_provider(owners: Owners) -> None:
    """What was spent on one leaves less for the next; what costs nothing is asked all the same."""
    caps = {ALL: Caps(daily_usd=Decimal("0.012"))}
    ledger = PaidCallLedger(
        owners.database, "ex-1", is_dead=owners.dead, caps=caps, clock=owners.clock
    )
    ledger.once(KEY, CENT, Provider())  # took 0.004
    other = CallKey("groq", "m", "7", "a" * 64)
    with pytest.raises(BudgetExhausted, match=r"daily cap of 0\.012 USD over all") as caught:
        ledger.once(other, CENT, Provider())
    assert caught.value.service == "groq"
    assert caught.value.retry_at == windows(owners.clock.now())[0].ends
    free = CallKey("ollama", "reader", "7", "a" * 64)
    assert ledger.once(free, Decimal(0), Provider()) == ANSWER
    owners.clock.advance(86_400)
    assert ledger.once(other, CENT, Provider()) == ANSWER


def test_caps_are_per_provider(owners: Owners) -> None:
    ledger = owners.ledger(caps=Caps(daily_usd=Decimal(0)))
    groq = CallKey("groq", "model-x", "7", "a" * 64)
    assert ledger.once(groq, CENT, Provider()) == ANSWER


def test_many_askers_cannot_overspend_together(owners: Owners) -> None:
    """The sum is checked in the transaction that writes the intent: eight threads, a cap
    with room for three."""
    caps = Caps(daily_usd=Decimal("0.03"))
    results: list[str] = []
    gate = threading.Barrier(8)

    def ask(number: int) -> None:
        key = CallKey("claude", "model-x", "7", f"{number:064d}")
        gate.wait(10)
        try:
            owners.ledger(f"ex-{number}", caps)._begin(key, CENT)
        except BudgetExhausted:
            results.append("stopped")
        else:
            results.append("began")

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(results) == ["began"] * 3 + ["stopped"] * 5


def test_spend_is_told_per_provider(owners: Owners) -> None:
    """Costs, tokens, and what is open."""
    ledger = owners.ledger()
    ledger.once(KEY, CENT, Provider())
    ledger.once(CallKey("groq", "m", "1", "a" * 64), CENT, Provider())
    killed_key = CallKey("claude", "model-x", "7", "d" * 64)
    owners.ledger("dead")._begin(killed_key, Decimal("0.02"))
    owners.dead.executors.add("dead")
    ledger.recover()
    claude, groq = ledger.spend(owners.clock.now() - timedelta(days=1))
    assert (claude.provider, claude.calls, claude.in_doubt) == ("claude", 1, 1)
    assert (claude.usd, claude.open_usd) == (Decimal("0.004"), Decimal("0.02"))
    assert (claude.input_tokens, claude.output_tokens, groq.calls) == (10, 5, 1)
    assert ledger.spend(owners.clock.now() + timedelta(days=1)) == ()


# ---- the database goes away --------------------------------------------------------------


class Breaking:
    """A provider during whose answer the database goes away."""

    def __init__(self, cut: Callable[[], None]) -> None:
        self.cut = cut
        self.asked = 0

    def __call__(self, begin: Begin) -> PaidAnswer:
        begin()
        self.asked += 1
        self.cut()
        return ANSWER


def test_a_bought_answer_survives_a_short_outage(dsn: str) -> None:
    """All connections are cut during the call: the answer is stored over new ones."""
    database = Database(dsn, PoolSettings(size=2, overflow=0))
    ledger = PaidCallLedger(database, "ex", is_dead=Dead(), clock=FakeClock())

    def cut() -> None:
        with Database(dsn).transaction() as tx:
            tx._connection.cursor().execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where pid <> pg_backend_pid() and datname = current_database()"
            )

    provider = Breaking(cut)
    assert ledger.once(KEY, CENT, provider) == ANSWER
    assert ledger.once(KEY, CENT, provider) == ANSWER
    assert provider.asked == 1
    database.close()


def test_an_answer_that_cannot_be_stored_is_kept_and_stored_later(dsn: str) -> None:
    """Paid for: asked again in this process it is stored and returned, not bought anew."""
    database = Database(dsn, PoolSettings(size=2, overflow=0, timeout_s=0.2))
    ledger = PaidCallLedger(database, "ex", is_dead=Dead(), clock=FakeClock(), store_within_s=2)
    held = [database.transaction(), database.transaction()]

    def starve() -> None:
        for each in held:
            each.__enter__()

    provider = Breaking(starve)
    with pytest.raises(CallFailed, match="in use"):
        ledger.once(KEY, CENT, provider)
    for each in held:
        each.__exit__(None, None, None)
    assert ledger.once(KEY, CENT, provider) == ANSWER
    assert provider.asked == 1
    assert database.pool_status().checked_out == 0
    database.close()


class Fragile(Database):
    """Loses the connection while committing when told to: what was written stands all the same,
    as `transaction` warns. `away`: it cannot be reached at all."""

    loses_next = loses_all = away = False

    @contextmanager
    def transaction(self) -> Iterator[Tx]:
        if self.away:
            raise DatabaseUnavailable(SERVICE, "away")
        with super().transaction() as tx:
            yield tx
        if self.loses_all:
            raise DatabaseUnavailable(SERVICE, "lost while committing")
        if self.loses_next and self.state_of(KEY) == "intent":
            self.loses_next = False
            raise DatabaseUnavailable(SERVICE, "lost while committing")

    def state_of(self, key: CallKey) -> str:
        with super().transaction() as tx:
            return _state(tx, key)


@pytest.fixture
def fragile(dsn: str) -> Iterator[Fragile]:
    database = Fragile(dsn, PoolSettings(size=3, overflow=0))
    yield database
    database.close()


def test_a_question_whose_intent_was_lost_while_committing_is_no_doubt(fragile: Fragile) -> None:
    """It stands there and was never sent, and this process knows: no person is asked."""
    ledger = PaidCallLedger(fragile, "ex", is_dead=Dead(), clock=FakeClock())
    provider = Provider()
    fragile.loses_next = True
    with pytest.raises(DatabaseUnavailable):
        ledger.once(KEY, CENT, provider)
    assert (fragile.state_of(KEY), provider.asked) == ("intent", 0)
    assert ledger.once(KEY, CENT, provider) == ANSWER
    assert provider.asked == 1


def test_another_process_leaves_an_intent_to_the_one_who_knows(fragile: Fragile) -> None:
    ledger = PaidCallLedger(fragile, "ex", is_dead=Dead(), clock=FakeClock())
    other = PaidCallLedger(fragile, "other", is_dead=Dead(), clock=FakeClock(), wait_s=2)
    provider = Provider()
    fragile.loses_next = True
    with pytest.raises(DatabaseUnavailable):
        ledger.once(KEY, CENT, provider)
    with pytest.raises(CallInDoubt):
        other.once(KEY, CENT, provider)
    assert provider.asked == 0


def test_a_refusal_that_could_not_be_written_down_frees_the_question(fragile: Fragile) -> None:
    ledger = PaidCallLedger(fragile, "ex", is_dead=Dead(), clock=FakeClock())

    def refused(begin: Begin) -> PaidAnswer:
        begin()
        fragile.away = True
        raise CallFailed("claude", "overloaded", accepted=False)

    with pytest.raises(CallFailed, match="overloaded"):
        ledger.once(KEY, CENT, refused)
    fragile.away = False
    assert fragile.state_of(KEY) == "intent"
    provider = Provider()
    assert ledger.once(KEY, CENT, provider) == ANSWER


def test_what_may_have_been_taken_is_not_freed_because_the_database_was_away(
    fragile: Fragile,
) -> None:
    ledger = PaidCallLedger(fragile, "ex", is_dead=Dead(), clock=FakeClock(), wait_s=2)

    def cut_off(begin: Begin) -> PaidAnswer:
        begin()
        fragile.away = True
        raise CallFailed("claude", "cut off", accepted=True)

    with pytest.raises(CallFailed, match="cut off"):
        ledger.once(KEY, CENT, cut_off)
    fragile.away = False
    provider = Provider()
    with pytest.raises(CallInDoubt):
        ledger.once(KEY, CENT, provider)
    assert provider.asked == 0


def test_an_intent_that_is_under_way_is_not_freed_by_an_older_failure(fragile: Fragile) -> None:
    """The first try never came to be written; the second is on its way when a third looks."""
    ledger = PaidCallLedger(fragile, "ex", is_dead=Dead(), clock=FakeClock(), wait_s=2)
    provider = Provider()

    def away(begin: Begin) -> PaidAnswer:
        fragile.away = True
        begin()
        return ANSWER

    with pytest.raises(DatabaseUnavailable):
        ledger.once(KEY, CENT, away)
    fragile.away = False

    def meanwhile(begin: Begin) -> PaidAnswer:
        begin()
        with pytest.raises(CallInDoubt):
            ledger.once(KEY, CENT, provider)
        return ANSWER

    assert ledger.once(KEY, CENT, meanwhile) == ANSWER
    assert provider.asked == 0


# ---- attempts that were not taken --------------------------------------------------------

OVERLOADED = CallFailed("claude", "overloaded", accepted=False)


def not_taken(begin: Begin) -> None:
    """An attempt that the provider turned away."""
    take_back = begin()
    assert take_back is not None
    take_back(OVERLOADED)


def test_nothing_stands_as_asked_while_another_attempt_is_waited_for(owners: Owners) -> None:
    """Whoever dies meanwhile leaves no doubt; the next attempt is written down anew."""
    ledger = owners.ledger()
    states = []

    def persistent(begin: Begin) -> PaidAnswer:
        for _ in range(2):
            not_taken(begin)
            states.append(state_of(owners.database, KEY))
        begin()
        states.append(state_of(owners.database, KEY))
        return ANSWER

    assert ledger.once(KEY, CENT, persistent) == ANSWER
    assert states == ["refused", "refused", "intent"]
    assert owners.ledger("ex-2").once(KEY, CENT, Provider(error=AssertionError())) == ANSWER


def test_a_last_attempt_that_was_not_taken_leaves_the_question_free(owners: Owners) -> None:
    def in_vain(begin: Begin) -> PaidAnswer:
        not_taken(begin)
        raise OVERLOADED

    with pytest.raises(CallFailed, match="overloaded"):
        owners.ledger().once(KEY, CENT, in_vain)
    assert state_of(owners.database, KEY) == "refused"
    assert owners.ledger().once(KEY, CENT, Provider()) == ANSWER


def test_who_waits_for_another_attempt_takes_the_answer_that_came_meanwhile(
    owners: Owners,
) -> None:
    provider = Provider()
    attempts = []

    def overtaken(begin: Begin) -> PaidAnswer:
        not_taken(begin)
        assert owners.ledger("ex-2").once(KEY, CENT, provider) == ANSWER
        begin()
        attempts.append("sent")
        return ANSWER

    assert owners.ledger("ex-1").once(KEY, CENT, overtaken) == ANSWER
    assert (provider.asked, attempts) == (1, [])


@pytest.mark.parametrize("is_written", [True, False])
def test_a_refusal_lost_while_it_was_written_does_not_let_an_attempt_go_unwritten(
    fragile: Fragile, is_written: bool
) -> None:
    """Whether or not it stands there, the next attempt stands as asked before it is sent: its
    answer is stored, and is not paid for again."""
    ledger = PaidCallLedger(fragile, "ex", is_dead=Dead(), clock=FakeClock(), wait_s=2)
    states = []

    def persistent(begin: Begin) -> PaidAnswer:
        take_back = begin()
        assert take_back is not None
        fragile.away, fragile.loses_all = not is_written, is_written
        take_back(OVERLOADED)
        fragile.away = fragile.loses_all = False
        states.append(fragile.state_of(KEY))
        begin()
        states.append(fragile.state_of(KEY))
        return ANSWER

    assert ledger.once(KEY, CENT, persistent) == ANSWER
    assert states == ["refused" if is_written else "intent", "intent"]
    assert ledger.once(KEY, CENT, Provider(error=AssertionError())) == ANSWER


def test_no_attempt_is_made_while_it_cannot_be_written_down(fragile: Fragile) -> None:
    ledger = PaidCallLedger(fragile, "ex", is_dead=Dead(), clock=FakeClock(), wait_s=2)

    def persistent(begin: Begin) -> PaidAnswer:
        take_back = begin()
        assert take_back is not None
        fragile.away = True
        take_back(OVERLOADED)
        begin()
        raise AssertionError("it was sent")

    with pytest.raises(DatabaseUnavailable):
        ledger.once(KEY, CENT, persistent)
    fragile.away = False
    provider = Provider()
    assert ledger.once(KEY, CENT, provider) == ANSWER
    assert provider.asked == 1


def state_of(database: Database, key: CallKey) -> str:
    with database.transaction() as tx:
        return _state(tx, key)


def _state(tx: Tx, key: CallKey) -> str:
    row = tx.one("paid_calls.find", **vars(key))
    return str(row["state"]) if row else ""
