"""A storm from its beginning to its verdict."""

from __future__ import annotations

import shutil
from collections.abc import Sequence

from chaos.options import Options, Report, Tell
from chaos.storm import Storm
from chaos.verdict import Check, judge
from resilience.clock import Clock
from resilience.outcomes import CallError


def run(options: Options, clock: Clock, tell: Tell) -> Report:
    """Whatever ends it, nothing that it started is left; its folder is, unless all went well.

    An interruption (Ctrl-C, SIGTERM) is not raised: the report says so, and what was seen.
    Raises EmbeddedServerError, CallError, DatabaseInUse.
    """
    began = clock.monotonic()
    storm = Storm(options, clock, tell)
    checks: Sequence[Check] = ()
    interrupted = False
    try:
        try:
            storm.blow()
            storm.stop()
        except Exception:
            tell(f"what there is of it lies in {storm.folder}")
            raise
        except BaseException:  # noqa: BLE001  Ctrl-C or SIGTERM: the report says it
            interrupted = True
        checks = _judged(storm, interrupted=interrupted)
    finally:
        storm.close()
    report = Report(
        seed=options.seed,
        minutes=options.minutes,
        daemons=options.daemons,
        took_s=round(clock.monotonic() - began, 1),
        checks=checks,
        kept=storm.folder,
        interrupted=interrupted,
    )
    if any(check.met is False for check in checks):
        return report
    shutil.rmtree(storm.folder, ignore_errors=True)
    return Report(**{**vars(report), "kept": None})


def _judged(storm: Storm, *, interrupted: bool) -> list[Check]:
    """After an interruption the database may be in the middle of a fault: nothing to judge."""
    try:
        return judge(storm.evidence(), interrupted=interrupted)
    except CallError:
        if interrupted:
            return []
        raise
