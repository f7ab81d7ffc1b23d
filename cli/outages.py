"""Outages as people type them, and the other arguments of `plan`."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cli.times import day_of, seconds_of

if TYPE_CHECKING:
    from jobs.foresight import Down

_CLOCK = r"([01]\d|2[0-3]):[0-5]\d"
_DAILY = re.compile(rf"{_CLOCK}-{_CLOCK}")
_MOMENT = re.compile(rf"\d{{4}}-\d{{2}}-\d{{2}}(T{_CLOCK})?")
FIRST_YEAR, LAST_YEAR = 1970, 2100


@dataclass(frozen=True)
class Outage:
    """`typed` with what it means: two times of every day, or two local moments."""

    typed: str
    daily: tuple[time, time] | None = None
    once: tuple[datetime, datetime] | None = None

    def downs(self, first: date, last: date, zone: ZoneInfo) -> Sequence[Down]:
        from jobs.foresight import Down, every_day
        from jobs.slots import first_instant

        if self.daily is not None:
            return list(every_day(*self.daily, first, last, zone))
        if self.once is None:
            return []
        begin, end = (first_instant(at, zone) for at in self.once)
        return [Down(begin, end)]


def outage(text: str) -> Outage:
    """ "22:00-07:00", or "2026-11-20T22:00..2026-11-27T07:00"; an argparse type."""
    typed = text.strip()
    try:
        if _DAILY.fullmatch(typed):
            start, end = (time.fromisoformat(one) for one in typed.split("-"))
            if start != end:
                return Outage(typed, daily=(start, end))
        begin, dots, until = typed.partition("..")
        if dots and _MOMENT.fullmatch(begin) and _MOMENT.fullmatch(until):
            once = (datetime.fromisoformat(begin), datetime.fromisoformat(until))
            if once[0] < once[1]:
                return Outage(typed, once=once)
    except ValueError:
        pass  # a day that no month has: said below
    raise argparse.ArgumentTypeError(
        f"{text!r} is no outage; write it as 22:00-07:00 (of each day), or as "
        "2026-11-20T22:00..2026-11-27T07:00"
    )


def add_plan(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--from", dest="first", type=day_of, metavar="DATE", help="the first day; today"
    )
    command.add_argument(
        "--to", dest="last", type=day_of, metavar="DATE", help="the last; a week on"
    )
    command.add_argument(
        "--down", type=outage, action="append", default=[], metavar="OUTAGE",
        help="when the daemon would be down: 22:00-07:00 each day, or "
        "2026-11-20T22:00..2026-11-27T07:00; may be given more than once",
    )  # fmt: skip
    command.add_argument("--takes", type=seconds_of, metavar="TIME", help="each run, as 20m")
    command.add_argument("--job", metavar="JOB", help="only of one, its name as in jobs")
    command.add_argument("--zone", type=_zone, metavar="ZONE", help="instead of the schedule's")
    command.add_argument(
        "--dst", type=_year, metavar="YEAR",
        help="instead: each slot of the year that a change of clocks touches",
    )  # fmt: skip


def _zone(text: str) -> str:
    try:
        return ZoneInfo(text.strip()).key
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no time zone; write it as Europe/Berlin"
        ) from error


def _year(text: str) -> int:
    if not (re.fullmatch(r"\d{4}", text) and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise argparse.ArgumentTypeError(f"{text!r} is no year from {FIRST_YEAR} to {LAST_YEAR}")
    return int(text)
