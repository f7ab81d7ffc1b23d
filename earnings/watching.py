"""When the feed of the latest filings is looked at. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from earnings.season import in_season, next_season
from earnings.sources.edgar_filings import EASTERN
from earnings.sources.edgar_hours import is_open, opens_at
from earnings.vocabulary import Company


class Watch(StrEnum):
    SEASON = "season"  # while a company of the watch list may report, and the SEC takes filings
    ALWAYS = "always"
    NEVER = "never"


@dataclass(frozen=True)
class WatchRule:
    mode: Watch = Watch.SEASON
    every: timedelta = timedelta(minutes=15)


@dataclass(frozen=True)
class Rest:
    """Nothing is looked at, and why. `until` None: not before somebody changes the settings or
    the watch list."""

    why: str
    until: datetime | None = None


def rest(rule: WatchRule, companies: Sequence[Company], now: datetime) -> Rest | None:
    """Why `now` is no time to look; None if it is one."""
    known = [company for company in companies if company.cik is not None]
    if rule.mode is Watch.NEVER:
        return Rest('watch = "never" under [edgar] in retailxai.toml')
    if not known:
        return Rest("no company on the watch list has a CIK")
    if rule.mode is Watch.ALWAYS:
        return None
    today = now.astimezone(EASTERN).date()
    if not in_season(known, today):
        begins = next_season(known, today)
        opening = datetime.combine(begins, datetime.min.time(), EASTERN) if begins else None
        why = f"nobody on the watch list reports before {begins}"
        return Rest(why, opens_at(opening - timedelta(seconds=1)) if opening else None)
    if not is_open(now):
        return Rest("the SEC takes no filings at this hour", opens_at(now))
    return None
