"""Which week: the ISO week (Monday to Sunday) in a configured zone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from earnings.regexes import lazy_regex

_KEY = lazy_regex(r"(\d{4})-W(\d{2})")


@dataclass(frozen=True, order=True)
class Week:
    """One ISO week; `year` is the ISO year, which differs from the calendar's at its edges."""

    year: int
    number: int

    @classmethod
    def of(cls, moment: datetime, zone: tzinfo) -> Week:
        """The week that `moment` lies in, as people in `zone` count."""
        year, number, _ = moment.astimezone(zone).isocalendar()
        return cls(year, number)

    @classmethod
    def parse(cls, key: str) -> Week:
        """From "2026-W47". Raises ValueError for a week that does not exist."""
        match = _KEY.fullmatch(key)
        if match is None:
            raise ValueError(f"{key!r} is no week: write it as 2026-W47")
        week = cls(int(match[1]), int(match[2]))
        week.monday()  # raises if there is no such week
        return week

    @property
    def key(self) -> str:
        return f"{self.year}-W{self.number:02d}"

    def monday(self) -> date:
        return date.fromisocalendar(self.year, self.number, 1)

    def sunday(self) -> date:
        return self.monday() + timedelta(days=6)

    def before(self) -> Week:
        year, number, _ = (self.monday() - timedelta(days=7)).isocalendar()
        return Week(year, number)

    def bounds(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """[start, end) in UTC: local midnights, so a week with a clock change has 167 or 169
        hours."""
        start = datetime.combine(self.monday(), time(), tzinfo=zone)
        end = datetime.combine(self.monday() + timedelta(days=7), time(), tzinfo=zone)
        return start.astimezone(UTC), end.astimezone(UTC)

    def spoken(self) -> str:
        """ "16 to 22 November 2026", with both months or years where they differ."""
        first, last = self.monday(), self.sunday()
        begun = str(first.day)
        if first.month != last.month:
            begun += f" {_MONTHS[first.month - 1]}"
        if first.year != last.year:
            begun += f" {first.year}"
        return f"{begun} to {last.day} {_MONTHS[last.month - 1]} {last.year}"


# strftime's names follow the machine's locale.
_MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
