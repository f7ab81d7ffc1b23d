"""When EDGAR takes filings: 6:00 to 22:00 Eastern on working days. Pure.

Holidays are not known here; looking on one finds nothing and does no harm.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from earnings.sources.edgar_filings import EASTERN

OPENS, CLOSES = time(6), time(22, 15)  # the last ones show a few minutes after ten


def is_open(at: datetime) -> bool:
    local = at.astimezone(EASTERN)
    return local.weekday() < 5 and OPENS <= local.time() < CLOSES


def opens_at(at: datetime) -> datetime:
    """The next opening after `at`, in UTC terms an instant."""
    local = at.astimezone(EASTERN)
    day = local.date()
    while True:
        opening = datetime.combine(day, OPENS, tzinfo=EASTERN)
        if opening > local and day.weekday() < 5:
            return opening.astimezone(at.tzinfo)
        day += timedelta(days=1)
