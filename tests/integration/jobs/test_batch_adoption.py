"""After a restore: what the database does not know of was sent, and is not sent, or paid, again."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest

from jobs.batch_adoption import HELD, KEPT
from jobs.batches import MOST, MOST_BYTES
from resilience.outcomes import CallFailed
from storage.states import BatchState
from tests.integration.jobs.house import House
from tests.integration.jobs.test_batches import RULES, Shop

pytestmark = pytest.mark.database


class Restored(Shop):
    """One whose questions waited at the instant of the backup, and were sent after it."""

    def __init__(self, house: House) -> None:
        super().__init__(house)
        self.taken_at = house.clock.now()

    def send_before_the_restore(self) -> None:
        """By the daemon that was, of which this database knows nothing."""
        draft = self.store("old").draft("model", MOST, MOST_BYTES)
        assert draft is not None
        self.provider.add(draft.items)

    def restore(self) -> None:
        self.house.clock.wait(3600)
        mark: dict[str, object] = {
            "taken_at": self.taken_at,
            "restored_at": self.house.clock.now(),
            "file": "a.zip",
            "host": "h",
        }
        with self.house.database.transaction() as tx:
            tx.run("backups.record_restoration", **mark)
        self.batcher = self.process("us")

    def forget(self, name: str) -> None:
        """It was not there yet at the instant of the backup."""
        sha256 = self.house.document(name).sha256
        with self.house.database.transaction() as tx:
            tx._connection.cursor().execute("delete from paid_call where sha256 = %s", (sha256,))

    def tick(self) -> None:
        self.looked()
        self.gathered()
        self.batcher.tick()
        self.batcher.tick()

    def states(self) -> dict[str, int]:
        with self.house.database.transaction() as tx:
            cursor = tx._connection.cursor()
            cursor.execute("select state, count(*)::int from paid_call group by 1")
            return dict(cursor.fetchall())


@pytest.fixture
def shop(house: House) -> Restored:
    return Restored(house)


def test_answers_of_after_the_backup_are_taken(shop: Restored) -> None:
    """Nothing is sent; what they cost counts at the time it was spent."""
    shop.publish("H", "P")
    shop.scan()
    sent_at = shop.house.clock.now()
    shop.send_before_the_restore()
    shop.provider.finish()
    shop.restore()
    shop.tick()
    assert (shop.provider.made, shop.paid_singly()) == (1, 0)
    assert list(shop.provider.billed.values()) == [1, 1]
    assert shop.states() == {"answered": 2}
    assert ("model" in shop.analyst("H"), "model" in shop.analyst("P")) == (True, True)
    batch = shop.batch()
    assert (batch.state, batch.remote_id, batch.begun_at) == (BatchState.DONE, "b0", sent_at)
    spent = shop.house.context.paid_calls.spend(sent_at)
    assert [(one.calls, one.open_usd) for one in spent] == [(2, Decimal(0))]


def test_nothing_is_sent_while_one_is_open_that_may_be_ours(shop: Restored) -> None:
    shop.publish("H")
    shop.scan()
    shop.send_before_the_restore()
    shop.restore()
    for _ in range(3):
        shop.tick()
    assert (shop.provider.made, shop.states()) == (1, {"queued": 1})
    shop.provider.finish()
    shop.tick()
    assert (shop.provider.made, shop.states()) == (1, {"answered": 1})


def test_no_batch_is_waited_for_that_long(shop: Restored) -> None:
    shop.publish("H")
    shop.scan()
    shop.send_before_the_restore()
    shop.restore()
    shop.house.clock.wait(HELD.total_seconds())
    shop.tick()
    assert shop.provider.made == 2


def test_what_is_found_again_later_is_not_sent_again_either(shop: Restored) -> None:
    """A document that was published after the backup is found anew, also after its batch was
    taken for another, and by a process that was started since."""
    shop.publish("H", "P")
    shop.scan()
    shop.send_before_the_restore()
    shop.provider.finish()
    shop.forget("P")
    shop.restore()
    shop.tick()
    assert shop.states() == {"answered": 1}
    shop.scan("2026-11-23T07:00")
    assert shop.states() == {"answered": 1, "queued": 1}
    shop.batcher = shop.process("us")
    shop.tick()
    assert (shop.provider.made, shop.states()) == (1, {"answered": 2})
    assert "model" in shop.analyst("P")
    assert list(shop.provider.billed.values()) == [1, 1]


def test_one_that_was_asked_again_is_found_under_its_later_name(shop: Restored) -> None:
    """Its first batch was turned away, after the backup."""
    shop.publish("H")
    shop.scan()
    waiting = next(iter(shop.store("old").sent_before.names_of_waiting("model")))
    assert len({one.custom_id for one in waiting}) == len(waiting)
    first = shop.store("old").draft("model", MOST, MOST_BYTES)
    assert first is not None
    assert first.items[0].custom_id == waiting[-1].custom_id
    old = shop.store("old")
    old.refuse(old.begin(first, wait=RULES.wait, look=RULES.look), "turned away", again=True)
    second = old.draft("model", MOST, MOST_BYTES)
    assert second is not None
    assert second.items[0].custom_id == waiting[-2].custom_id
    shop.provider.add(second.items)
    shop.provider.finish()
    with shop.house.database.transaction() as tx:
        tx._connection.cursor().execute("update paid_call set asked = 0")
    shop.restore()
    shop.tick()
    assert (shop.provider.made, shop.states()) == (1, {"answered": 1})


@pytest.mark.parametrize("kind", ["errored", "expired"])
def test_what_was_not_done_is_asked_anew(shop: Restored, kind: str) -> None:
    """It was not billed."""
    shop.publish("H")
    shop.scan()
    shop.send_before_the_restore()
    shop.provider.first = kind
    shop.provider.finish()
    shop.restore()
    shop.tick()
    assert (shop.provider.made, shop.paid_singly()) == (1, 1)
    assert "model" in shop.analyst("H")


def test_nothing_is_sent_while_the_list_cannot_be_read(shop: Restored) -> None:
    shop.publish("H")
    shop.scan()
    shop.send_before_the_restore()
    shop.provider.finish()
    shop.restore()
    shop.provider.away = CallFailed("model", "503", retryable=True)
    shop.house.clock.wait(HELD.total_seconds())
    shop.tick()
    assert shop.states() == {"queued": 1}
    shop.provider.away = None
    shop.tick()
    assert (shop.provider.made, shop.states()) == (1, {"answered": 1})


def test_what_was_never_sent_is_sent(shop: Restored) -> None:
    """Beside somebody else's batches, whose names are not ours."""
    shop.publish("H")
    shop.scan()
    draft = shop.store("old").draft("model", MOST, MOST_BYTES)
    assert draft is not None
    with shop.house.database.transaction() as tx:
        tx._connection.cursor().execute("update installation set name = 'another'")
    shop.provider.add(draft.items)
    shop.provider.finish()
    shop.restore()
    shop.tick()
    assert shop.provider.made == 2
    shop.answer()
    assert shop.states() == {"answered": 1}


@pytest.mark.parametrize("restored", [False, True])
def test_without_a_restore_of_late_nobody_lists(
    shop: Restored, monkeypatch: pytest.MonkeyPatch, *, restored: bool
) -> None:
    def no_list(moment: datetime) -> object:
        raise AssertionError("it was listed")

    if restored:
        shop.restore()
        shop.house.clock.wait((KEPT + timedelta(days=1)).total_seconds())
    monkeypatch.setattr(shop.provider, "since", no_list)
    shop.publish("H")
    shop.scan()
    shop.send()
    shop.answer()
    assert shop.states() == {"answered": 1}
