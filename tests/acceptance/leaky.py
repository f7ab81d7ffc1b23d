"""main.py with a hole in it: every paid question is asked, whatever is written down of it.

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
from storage.paid_calls import PaidCallLedger


def _asked_every_time(
    ledger: PaidCallLedger,
    key: CallKey,
    estimate_usd: Decimal,
    call: Callable[[Begin], PaidAnswer],
    batch: Batchable | None = None,
) -> PaidAnswer:
    return call(lambda: None)


if __name__ == "__main__":
    ledger: Any = PaidCallLedger
    ledger.once = _asked_every_time
    leave(main(sys.argv[1:], HouseDoor()))
