"""A process that works: `python -m benchmarks.durability.worker FOLDER INSTANCE [SERVICE [stub]]`.

The application as `bootstrap` builds it for `main.py worker`, which also knows work that does
nothing and work that waits 200 ms, in the queue of documents. "ready" on stdout says that it
takes work; it ends when stdin does. `stub`: a stub analyst in the place of the local rules, and
none beside it.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

from benchmarks.durability.installation import Installation
from benchmarks.durability.stub import Stub
from bootstrap import policies
from bootstrap.application import open_application
from bootstrap.door import collect_seldom
from earnings.analysts.panel import LOCAL
from earnings.analysts.table import ANALYSTS
from jobs.registration import DOCUMENTS_QUEUE
from resilience.clock import SystemClock

NOTHING, SLOW = "bench nothing", "bench slow"
SLOW_S = 0.2


def main(folder: str, instance: str, service: str = "", analyst: str = "") -> None:
    clock = SystemClock()
    collect_seldom()
    policies.CEILINGS = {}  # of the SEC, whose server is not the one that is asked here
    is_stub = analyst == "stub"
    if is_stub:
        ANALYSTS[LOCAL] = replace(ANALYSTS[LOCAL], make=lambda _: Stub())
    settings = Installation(Path(folder), service, stub=is_stub).settings(instance)
    with open_application(settings, kind="worker", clock=clock) as application:

        def slow(*_: object) -> None:
            clock.wait(SLOW_S)

        application.engine.register(NOTHING, lambda *_: None, DOCUMENTS_QUEUE)
        application.engine.register(SLOW, slow, DOCUMENTS_QUEUE)
        application.begin_work()
        application.scheduler.start()
        print("ready", os.getpid(), flush=True)
        sys.stdin.read()
        application.scheduler.stop()


if __name__ == "__main__":
    main(*sys.argv[1:])
