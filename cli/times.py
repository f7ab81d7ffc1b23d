"""Spans and moments as people type and read them: "2h", "in 3 min, 09:14:05"."""

from __future__ import annotations

import argparse
import re
from datetime import date, datetime

from cli.output import Output, stamp
from operations.checks.base import duration

_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = re.compile(r"(\d{1,6}(?:\.\d{1,3})?)(s|min|m|h|d)")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
LONGEST_S = 366 * 86_400.0


def seconds_of(text: str) -> float:
    """ "90s", "30m", "2h", "1h30m", "3d"; an argparse type."""
    typed = text.strip().lower().replace(" ", "")
    parts = _PART.findall(typed)
    if not parts or "".join(number + unit for number, unit in parts) != typed:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration; write it as 30m, 2h or 1h30m")
    total = sum(float(number) * _UNITS[unit] for number, unit in parts)
    if not 0 < total <= LONGEST_S:
        raise argparse.ArgumentTypeError(f"{text!r} is no duration between 1s and 366d")
    return total


def day_of(text: str) -> date:
    """ "2026-08-01"; an argparse type."""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        return date.fromisoformat(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no day; write it as 2026-08-01") from error


def moment(output: Output, at: datetime | None, now: datetime) -> str:
    """Near ones as people say them, RFC 3339 for programs."""
    if at is None:
        return "–"
    if not output.is_terminal:
        return stamp(at)
    local, today = at.astimezone(), now.astimezone().date()
    clock = f"{local:%H:%M:%S}" if local.date() == today else f"{local:%a %d %b %H:%M}"
    return f"{distance(at, now)}, {clock}"


def distance(at: datetime, now: datetime) -> str:
    """ "in 3 min", "3 min ago", "now" """
    seconds = (at - now).total_seconds()
    if abs(seconds) < 1:
        return "now"
    return f"in {duration(seconds)}" if seconds > 0 else f"{duration(-seconds)} ago"
