"""main.py with a hole in it: every paid question is asked, whatever is written down of it, and
once more, as a retry round it would.

A storm must see what that costs (tests/acceptance/test_chaos.py); nothing else starts it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from bootstrap.door import HouseDoor, leave
from cli.app import main
from earnings.analysts.base import Batchable, Begin, CallKey, PaidAnswer
from storage.later_calls import LaterCalls
from storage.paid_calls import PaidCallLedger


def _asked_every_time(
    ledger: PaidCallLedger | LaterCalls,
    key: CallKey,
    estimate_usd: Decimal,
    call: Callable[[Begin], PaidAnswer],
    batch: Batchable | None = None,
) -> PaidAnswer:
    call(lambda: None)
    return call(lambda: None)


if __name__ == "__main__":
    for way in (PaidCallLedger, LaterCalls):
        leaking: Any = way
        leaking.once = _asked_every_time
    leave(main(sys.argv[1:], HouseDoor()))
