"""Which uploads of a company's channel are its earnings calls.

A channel publishes a hundred films for each call, and some of them speak of the call: its
highlights, a preview, what somebody thinks of it. Three things have to agree.

Title     It names the event ("earnings call", "results webcast", "quarterly conference call"),
          or at least earnings or results with a period, and then the film must be long. Words
          for something made *of* a call or *about* one rule it out.
Period    Where the title names a quarter or a year, it must be one that ended shortly before
          the upload by the company's own calendar: an old call put up again is no news.
Length    A call takes a quarter of an hour at the least; what is known to be shorter is none.

Nothing in here knows a company or a sample: calendars come with the company.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

from earnings.fiscal import PLAY_DAYS, FiscalName, nominal_year_end, parse_name
from earnings.reading import periods
from earnings.regexes import lazy_regex
from earnings.vocabulary import PeriodKind

SHORTEST_S = 300  # prepared remarks alone take longer
LONG_S = 900  # of a film whose title only speaks of results
_NEWEST_DAYS, _OLDEST_DAYS, _OLDEST_OF_YEAR = 5, 80, 105  # from a period's end to its call
_TITLE_DATE_DAYS = 10
# Weeks from the year's end to the end of each quarter, by the calendars there are
# (13/26/39/52, 16/28/40/52, 12/24/36/52), with a 53rd week.
_WEEKS = {1: (12, 17), 2: (24, 29), 3: (36, 41), 4: (52, 53)}

_CALL = (
    r"(?:conference[\s-]+call|call|webcast|web\s+cast|livestream|live[\s-]+stream|broadcast|"
    r"tele[\s-]*conference|presentation|briefing|discussion|remarks|q\s*(?:&|and)\s*a)s?\b"
)
_BETWEEN = (
    r"(?:[\s,:|/–—-]+(?:and|&|for|the|of|full|fiscal|year|quarter|quarterly|financial|results?|"
    r"earnings|investors?|analysts?|shareholders?|audio|video|live|management|release|"
    r"conference|announcement|q[1-4]|[1-4]q|fy|20\d\d|\d\d|fy\d{2,4}|q[1-4]\s*fy\d{2,4}))*"
    r"[\s,:|/–—-]+"
)
_EVENT = lazy_regex(
    rf"\b(?:earnings?|results|financials?){_BETWEEN}{_CALL}"
    rf"|\b(?:quarter(?:ly)?|q[1-4]|[1-4]q|full[\s-]year|half[\s-]year|interim)"
    rf"{_BETWEEN}(?:conference[\s-]+call|call|webcast|tele[\s-]*conference)s?\b"
    r"|\b(?:investors?|analysts?)(?:\s+(?:and|&)\s+(?:investors?|analysts?))?[\s-]+"
    r"(?:conference[\s-]+)?calls?\b"
    rf"|\b{_CALL}[\s,:|–—-]+(?:on|for|of|about)\s+(?:the\s+|its\s+|our\s+)?(?:\S+\s+){{0,6}}?"
    r"(?:results|earnings)\b"
    r"|\bearnings\s+live\b",
    re.IGNORECASE,
)
_SPEAKS_OF = lazy_regex(r"\b(?:earnings|(?:financial\s+|quarterly\s+)?results)\b", re.IGNORECASE)
_MADE_OF_IT = lazy_regex(
    r"\b(?:highlights?|re-?caps?|sneak|previews?|teasers?|trailers?|clips?|excerpts?|snippets?|"
    r"summar(?:y|ies|ised|ized)|takeaways?|in\s+(?:brief|short|review)|"
    r"explain(?:ed|er|s)?|breakdown|break(?:s|ing)?\s+down|react(?:s|ion|ions|ing)?|analysis|"
    r"analy[sz](?:ed|ing)|commentary|opinions?|predictions?|expectations?|"
    r"what\s+(?:to|we)\s+(?:expect|know|learned)|(?:ahead\s+of|before|after|following|beyond)\s+"
    r"(?:the\s+|its\s+|our\s+)?(?:\S+\s+){0,3}(?:earnings|results|call)|"
    r"in\s+(?:under\s+)?(?:\d+|one|two|three|five|ten|a)\s+(?:minutes?|mins?|seconds?|secs?)|"
    r"\d+[\s-](?:seconds?|secs?|minutes?|mins?)|#?shorts|interviews?|podcasts?|episode|"
    r"test\s+(?:stream|broadcast|call)|do\s+not\s+watch|how\s+to|tips|tutorial|trading|"
    r"stock\s+(?:price|jumps?|falls?|drops?|soars?|up|down)|infographics?|save\s+the\s+date|"
    r"announces?\s+(?:date|timing)|music|bloopers|parody)\b|#shorts",
    re.IGNORECASE,
)
_OTHER_EVENT = lazy_regex(
    r"\b(?:annual\s+(?:general\s+)?meeting|(?:share|stock)holders?[’']?s?\s+meeting|agm|"
    r"(?:investor|analyst|capital\s+markets?)s?[’']?\s+days?|fireside|"
    r"sustainability|esg|impact\s+report|diversity|town\s*hall|"
    r"(?:healthcare|retail|consumer|technology|growth)\s+conference|summit|forum|keynote|"
    r"(?:customer|call)[\s-]+(?:service|cent(?:er|re))|career|hiring|store\s+tour|haul|recipes?|"
    r"gift|unbox\w*|commercial|advert\w*|campaign|giveaway|ribbon|grand\s+opening|"
    r"taste[\s-]+test|sports?)\b",
    re.IGNORECASE,
)
_OTHER_RESULTS = lazy_regex(
    r"\b(?:elections?|exams?|tests?|labs?|surveys?|polls?|races?|games?|match|contest|"
    r"competition|draw|lottery|search|study)\s+results?\b",
    re.IGNORECASE,
)
_QUARTER_AFTER = lazy_regex(r"\bquarter\s+(one|two|three|four|[1-4])\b", re.IGNORECASE)
_ORDINAL = {"one": "1", "two": "2", "three": "3", "four": "4"}


def why_no_call(title: str, day: date, year_end: str = "", duration_s: int | None = None) -> str:
    """ "" for an earnings call, else why an upload is none. `day`: it was published, or took
    place; `year_end`: month and day the company's year ends ("0131"), "" where unknown."""
    named = _period(title)
    is_event = _EVENT.search(title) is not None
    if not is_event and not (_SPEAKS_OF.search(title) and named is not None):
        return "its title names no earnings call"
    if _MADE_OF_IT.search(title):
        return "its title is of something made of a call, or about one"
    if _OTHER_RESULTS.search(title) or (not is_event and _OTHER_EVENT.search(title)):
        return "its title is of another event"
    if duration_s is not None and duration_s < SHORTEST_S:
        return f"it lasts {duration_s} s, less than a call"
    if not is_event and duration_s is not None and duration_s < LONG_S:
        return f"its title only speaks of results, and it lasts {duration_s} s"
    if not _is_of_day(title, day):
        return "it names another day than it was published on"
    if named is not None and not _just_ended(named, day, year_end):
        return "the period it names did not end shortly before"
    return ""


def might_be_call(title: str, day: date, year_end: str = "") -> bool:
    """Whether it is worth a question how long the film is."""
    return not why_no_call(title, day, year_end)


def _period(title: str) -> FiscalName | None:
    plain = _QUARTER_AFTER.sub(lambda found: f"Q{_ORDINAL.get(found[1].lower(), found[1])}", title)
    return parse_name(plain)


def _is_of_day(title: str, day: date) -> bool:
    """A date in the title is that of the call, or of the period's end."""
    dates = [found.day for found in periods.dates(title)]
    near = timedelta(days=_TITLE_DATE_DAYS)
    return not dates or any(-near <= day - one <= timedelta(days=_OLDEST_OF_YEAR) for one in dates)


def _just_ended(named: FiscalName, day: date, year_end: str) -> bool:
    quarter = named.quarter or {1: 2, 2: 4, None: 4}[named.half]
    if not year_end:
        return named.year is None or named.year - day.year in (-1, 0, 1)
    oldest = _OLDEST_OF_YEAR if quarter == 4 or named.kind is PeriodKind.YEAR else _OLDEST_DAYS
    for began, ends in _years(day, year_end):
        if named.year is not None and named.year not in (ends.year, ends.year - 1):
            continue
        shortest, longest = (timedelta(weeks=weeks) for weeks in _WEEKS[quarter])
        play = timedelta(days=PLAY_DAYS)
        first = began + shortest - play + timedelta(days=_NEWEST_DAYS)
        if first <= day <= began + longest + play + timedelta(days=oldest):
            return True
    return False


def _years(day: date, year_end: str) -> Iterator[tuple[date, date]]:
    """The fiscal years round `day`: the end of the one before, and their own."""
    for year in range(day.year - 2, day.year + 2):
        yield nominal_year_end(year_end, year), nominal_year_end(year_end, year + 1)
