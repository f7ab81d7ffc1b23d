"""Processes spend up to caps while they are killed -9: none is passed, by nothing."""

from __future__ import annotations

import random
import subprocess
import sys
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from resilience.clock import SystemClock
from storage.call_budget import ALL, Caps
from storage.database import Database
from storage.leases import Instances
from storage.paid_calls import PaidCallLedger
from storage.spending import cap_uses, used_of
from tests.length import IS_LONG

pytestmark = pytest.mark.database
ROOT = Path(__file__).parents[3]
PROCESSES, PROVIDERS, KILLS = (8, 30, 8) if IS_LONG else (4, 14, 4)
CAP, ESTIMATE = Decimal("0.10"), Decimal("0.01")

# Goes from provider to provider, and asks each until its cap says no: at each cap all meet. The
# provider bills on receipt, up to the estimate, before it answers; some answers never come.
_SPENDER = """
import os, random, sys, uuid
from decimal import Decimal
from earnings.analysts.base import CallInDoubt, CallKey, PaidAnswer, Usage
from resilience.outcomes import CallFailed
from storage.call_budget import BudgetExhausted, Caps
from storage.database import Database
from storage.leases import InstanceLock, Instances
from storage.paid_calls import PaidCallLedger
from storage.pool import PoolSettings
dsn, bill, cap, estimate = sys.argv[1], sys.argv[2], Decimal(sys.argv[3]), Decimal(sys.argv[4])
names = [f"p{number}" for number in range(int(sys.argv[5]))]
executor = f"ex-{uuid.uuid4().hex}"
lock = InstanceLock(dsn, "main", executor, kind="command")
lock.acquire(os.getpid(), "box")
database = Database(dsn, PoolSettings(size=1, overflow=0))
limited = names if sys.argv[6] == "each" else ["all"]
caps = {name: Caps(monthly_usd=cap) for name in limited}  # no midnight comes between
ledger = PaidCallLedger(database, executor, is_dead=Instances(database).is_dead, caps=caps)
random.seed(os.getpid())
def call(begin):
    begin()
    cost = estimate * random.randint(50, 100) / 100
    out = os.open(bill, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(out, f"{name} {cost}\\n".encode())
    os.close(out)
    if random.random() < 0.1:
        raise CallFailed(name, "timed out", accepted=True)
    return PaidAnswer({"text": "ok"}, Usage(1, 0, 0, 1, cost))
random.shuffle(names)
for name in names if sys.argv[6] == "all" else sorted(names):
    while True:
        try:
            ledger.once(CallKey(name, "m", "1", uuid.uuid4().hex * 2), estimate, call)
        except BudgetExhausted:
            break
        except CallFailed:
            ledger.recover()
print("all caps said no", flush=True)
lock.release()
"""


class Spender:
    def __init__(self, dsn: str, bill: Path, cap: Decimal = CAP, of: str = "each") -> None:
        arguments = (dsn, str(bill), str(cap), str(ESTIMATE), str(PROVIDERS), of)
        self.process = subprocess.Popen(
            [sys.executable, "-c", _SPENDER, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=20)

    def ended(self) -> str:
        out, errors = self.process.communicate(timeout=120)
        assert self.process.returncode == 0, errors
        return out.strip()


def bills(bill: Path) -> Counter[str]:
    """What each provider wrote down, in millionths of a dollar."""
    found: Counter[str] = Counter()
    for line in bill.read_text().splitlines() if bill.exists() else ():
        name, usd = line.split()
        found[name] += int(Decimal(usd) * 1_000_000)
    return found


def test_caps_are_never_passed(dsn: str, tmp_path: Path) -> None:
    """By the providers' own bills, and by what the ledger counts at every moment; and they are
    used up: less than one estimate is left of each."""
    bill, chance = tmp_path / "bill", random.Random(7)
    database, clock = Database(dsn), SystemClock()
    ledger = PaidCallLedger(database, "judge", is_dead=Instances(database).is_dead)
    budgets = {f"p{number}": Caps(monthly_usd=CAP) for number in range(PROVIDERS)}

    def taken() -> list[Decimal]:
        uses = cap_uses(ledger.spend, budgets, clock.now())
        found = [one.taken_usd for one in uses if one.window.per == "month"]
        assert max(found) <= CAP
        assert max(bills(bill).values(), default=0) <= CAP * 1_000_000
        return found

    spenders = [Spender(dsn, bill) for _ in range(PROCESSES)]
    kills = 0
    try:
        while kills < KILLS and min(taken()) < CAP - ESTIMATE:
            clock.wait(0.02)
            if sum(bills(bill).values()) < kills * 25 * 10_000:
                continue  # each kill meets processes that spend
            victim = chance.randrange(PROCESSES)
            spenders[victim].kill()
            spenders[victim] = Spender(dsn, bill)
            kills += 1
        assert [each.ended() for each in spenders] == ["all caps said no"] * PROCESSES
    finally:
        for each in spenders:
            each.process.kill()
    assert kills >= KILLS / 2
    ledger.recover()
    assert min(taken()) > CAP - ESTIMATE
    assert ledger.in_doubt(), "what nobody answered stays counted"
    database.close()


def test_the_cap_over_all_is_never_passed(dsn: str, tmp_path: Path) -> None:
    """Each process asks other providers, none of which has a cap of its own: together they stay
    within one, by their bills and by the ledger, whoever is killed."""
    cap = CAP * PROVIDERS / 2
    bill, chance = tmp_path / "bill", random.Random(8)
    database, clock = Database(dsn), SystemClock()
    ledger = PaidCallLedger(database, "judge", is_dead=Instances(database).is_dead)

    def taken() -> Decimal:
        uses = cap_uses(ledger.spend, {ALL: Caps(monthly_usd=cap)}, clock.now())
        found = used_of(uses, ALL, "month")
        assert found is not None
        assert found.taken_usd <= cap
        assert sum(bills(bill).values()) <= cap * 1_000_000
        return found.taken_usd

    spenders = [Spender(dsn, bill, cap, "all") for _ in range(PROCESSES)]
    kills = 0
    try:
        while kills < KILLS and taken() < cap - ESTIMATE:
            clock.wait(0.02)
            if sum(bills(bill).values()) < (kills + 1) * 10 * 10_000:
                continue
            victim = chance.randrange(PROCESSES)
            spenders[victim].kill()
            spenders[victim] = Spender(dsn, bill, cap, "all")
            kills += 1
        assert [each.ended() for each in spenders] == ["all caps said no"] * PROCESSES
    finally:
        for each in spenders:
            each.process.kill()
    assert kills >= KILLS / 2
    ledger.recover()
    assert taken() > cap - ESTIMATE
    assert len(bills(bill)) > 1, "no single provider took it all"
    database.close()
