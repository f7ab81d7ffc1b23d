"""kill -9 in the middle of a paid call: in doubt, and never a second call."""

from __future__ import annotations

import signal
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

from earnings.analysts.base import Begin, CallInDoubt, CallKey, PaidAnswer, Usage
from storage.database import Database
from storage.leases import Instances
from storage.paid_calls import PaidCallLedger
from storage.paid_desk import PaidDesk

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]
KEY = CallKey("claude", "model-x", "7", "a" * 64)

# asks; the provider writes the question down (it bills on receipt), then the power goes
_ASKER = """
import os, signal, sys
from decimal import Decimal
from earnings.analysts.base import CallKey, PaidAnswer, Usage
from storage.database import Database
from storage.leases import InstanceLock, Instances
from storage.paid_calls import PaidCallLedger
dsn, bill, when = sys.argv[1:4]
executor = f"ex-{os.getpid()}"
lock = InstanceLock(dsn, "main", executor, kind="command")
lock.acquire(os.getpid(), "box")
database = Database(dsn)
def die(at):
    if when == at:
        os.kill(os.getpid(), signal.SIGKILL)
def call(begin):
    begin()
    with open(bill, "a") as ledger:
        ledger.write("billed\\n")
    die("during")
    return PaidAnswer({"text": "ok"}, Usage(1, 0, 0, 1, Decimal("0.01")))
ledger = PaidCallLedger(database, executor, is_dead=Instances(database).is_dead, wait_s=5)
begin = ledger._begin
def begin_and_die(*arguments, **named):
    begun = begin(*arguments, **named)
    die("before")
    return begun
ledger._begin = begin_and_die
try:
    key = CallKey("claude", "model-x", "7", "a" * 64)
    print(ledger.once(key, Decimal("0.02"), call).body["text"])
except Exception as error:
    print(type(error).__name__)
die("after")
lock.release()
"""


def ask(dsn: str, bill: Path, dies: str = "never") -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", _ASKER, dsn, str(bill), dies],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.returncode, done.stdout.strip() or done.stderr


def billed(bill: Path) -> int:
    return len(bill.read_text().splitlines()) if bill.exists() else 0


@pytest.mark.parametrize(("dies", "bills"), [("before", 0), ("during", 1)])
def test_a_kill_in_the_call_leaves_it_in_doubt(
    dsn: str, tmp_path: Path, dies: str, bills: int
) -> None:
    """Nobody can tell whether it was billed, so nobody asks again by itself."""
    bill = tmp_path / "bill"
    assert ask(dsn, bill, dies)[0] == -signal.SIGKILL
    assert ask(dsn, bill) == (0, "CallInDoubt")
    assert ask(dsn, bill) == (0, "CallInDoubt")
    assert billed(bill) == bills
    database = Database(dsn)
    ledger = PaidCallLedger(database, "judge", is_dead=Instances(database).is_dead)
    (doubt,) = ledger.in_doubt()
    assert doubt.key == KEY
    with pytest.raises(CallInDoubt):
        ledger.once(KEY, Decimal(0), lambda begin: pytest.fail("asked a second time"))
    assert PaidDesk(database).retry(doubt.id, "looked at the invoice")
    answer = PaidAnswer({"text": "again"}, Usage())

    def asked(begin: Begin) -> PaidAnswer:
        begin()
        return answer

    assert ledger.once(KEY, Decimal(0), asked) == answer
    database.close()


def test_a_kill_after_the_answer_costs_nothing(dsn: str, tmp_path: Path) -> None:
    """It was stored before anybody saw it: the next one reads it."""
    bill = tmp_path / "bill"
    ask(dsn, bill, "after")
    assert ask(dsn, bill) == (0, "ok")
    assert billed(bill) == 1


def test_four_processes_ask_at_once_and_one_pays(dsn: str, tmp_path: Path) -> None:
    """The others wait for its answer."""
    bill = tmp_path / "bill"
    askers = [
        subprocess.Popen(
            [sys.executable, "-c", _ASKER, dsn, str(bill), "never"],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    answers = [each.communicate(timeout=60)[0].strip() for each in askers]
    assert answers == ["ok"] * 4
    assert billed(bill) == 1
