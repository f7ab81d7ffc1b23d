"""Which uploads are earnings calls: titles as channels write them, good and bad."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.fiscal import nominal_year_end
from earnings.sources.youtube_calls import SHORTEST_S, might_be_call, why_no_call

HOUR = 3600

CALLS = [
    # (title, published, year end, seconds)
    ("Q3 2026 Earnings Call", "2026-11-18", "0131", HOUR),
    ("Target Corporation Q3 2026 Earnings Conference Call", "2026-11-18", "0201", HOUR),
    ("Walmart Inc. Q3 FY27 Earnings Call", "2026-11-19", "0131", HOUR),
    ("Third Quarter Fiscal 2026 Earnings Conference Call", "2026-11-19", "0131", 3900),
    ("Kroger Second Quarter 2026 Results Conference Call | Webcast", "2026-09-11", "0131", HOUR),
    ("3Q26 Earnings Webcast", "2026-10-30", "1231", HOUR),
    ("Q3'26 Earnings Live", "2026-10-29", "1231", 2700),
    ("LIVE: Fourth Quarter and Full Year 2025 Results Presentation", "2026-02-12", "1231", HOUR),
    ("Full-Year 2025 Results Webcast and Q&A", "2026-02-26", "1231", 4200),
    ("FY2026 Q1 financial results conference call (replay)", "2026-05-21", "0131", HOUR),
    ("Earnings Call - November 18, 2026", "2026-11-18", "0131", HOUR),
    ("Quarterly Earnings Conference Call", "2026-08-20", "0131", HOUR),
    ("Holiday quarter: Q4 2025 earnings call", "2026-03-03", "0131", HOUR),
    ("Q1 FY2027 Investor Call", "2026-05-20", "0131", HOUR),
    ("Analyst and Investor Call on First Half 2026 Results", "2026-09-17", "0131", HOUR),
    ("Conference call on the third quarter 2026 results", "2026-11-05", "1231", 2400),
    ("Q4 FY26 Earnings: Prepared Remarks", "2026-09-24", "0831", 1500),
    ("Costco Q4 FY 2026 Results", "2026-09-24", "0831", 2600),
    ("AutoZone 4th Quarter Earnings Release Conference Call", "2026-09-22", "0831", HOUR),
    ("Quarter 2 2026 Earnings Call", "2026-08-19", "", HOUR),
    ("Q2 2026 Earnings Call", "2026-08-19", "0201", None),
]

OTHERS = [
    ("Q3 2026 Earnings Call Highlights", "2026-11-18", "0131", HOUR),
    ("Q3 earnings recap with our CFO", "2026-11-18", "0131", HOUR),
    ("Q3 2026 results in 60 seconds", "2026-11-18", "0131", 60),
    ("What to expect from our third quarter earnings call", "2026-11-10", "0131", HOUR),
    ("Teaser: Q3 2026 earnings call", "2026-11-16", "0131", 600),
    ("I react to the Q3 2026 earnings call", "2026-11-19", "0131", HOUR),
    ("Q3 2026 earnings call explained", "2026-11-19", "0131", HOUR),
    ("CEO interview after third quarter results", "2026-11-19", "0131", HOUR),
    ("CFO on Q3 2026 results", "2026-11-19", "0131", 420),
    ("Q3 2026 earnings call", "2026-11-19", "0131", 45),
    ("2026 Annual Meeting of Shareholders", "2026-06-10", "0131", HOUR),
    ("Annual Shareholders' Meeting: FY2025 results", "2026-06-10", "0131", HOUR),
    ("Investor Day 2026", "2026-03-03", "0131", 4 * HOUR),
    ("Fireside chat at the Global Retail Conference", "2026-09-09", "0131", 2000),
    ("2026 Sustainability Report", "2026-06-01", "0131", HOUR),
    ("Holiday gift guide 2026", "2026-11-18", "0131", HOUR),
    ("Black Friday deals are here", "2026-11-18", "0131", 30),
    ("A day in the life of a store manager", "2026-11-18", "0131", 900),
    ("How to prepare for a conference call", "2026-11-18", "0131", 900),
    ("Customer service call center training", "2026-11-18", "0131", HOUR),
    ("Our call for a better planet", "2026-11-18", "0131", HOUR),
    ("Conference call test stream Q3", "2026-11-17", "0131", HOUR),
    ("Q1 2019 Earnings Call", "2026-11-18", "0131", HOUR),
    ("Q1 2026 Earnings Call", "2026-11-18", "0131", HOUR),
    ("Q3 2026 Earnings Call", "2026-06-18", "0131", HOUR),
    ("Earnings Call - March 3, 2024", "2026-11-18", "0131", HOUR),
    ("Election results 2026: live broadcast from our store", "2026-11-04", "0131", HOUR),
    ("Results of our Q3 taste test", "2026-11-04", "0131", HOUR),
    ("", "2026-11-18", "0131", HOUR),
]


@pytest.mark.parametrize(("title", "day", "year_end", "seconds"), CALLS)
def test_a_call_is_told(title: str, day: str, year_end: str, seconds: int | None) -> None:
    """Whatever its company calls its quarters."""
    assert why_no_call(title, date.fromisoformat(day), year_end, seconds) == ""
    assert might_be_call(title, date.fromisoformat(day), year_end)


@pytest.mark.parametrize(("title", "day", "year_end", "seconds"), OTHERS)
def test_another_film_is_none(title: str, day: str, year_end: str, seconds: int | None) -> None:
    """And it says why."""
    assert why_no_call(title, date.fromisoformat(day), year_end, seconds)


@given(
    quarter=st.sampled_from([1, 2, 3]),
    year=st.integers(2015, 2035),
    year_end=st.sampled_from(["0131", "0201", "0228", "0430", "0630", "0831", "0930", "1231"]),
    lag=st.integers(14, 60),
    named_by=st.sampled_from([0, 1]),
)
def test_a_quarter_that_just_ended_is_believed_whatever_the_calendar(
    quarter: int, year: int, year_end: str, lag: int, named_by: int
) -> None:
    """By the year it begins in as by the year it ends in, for calendars of thirteen weeks."""
    began = nominal_year_end(year_end, year)
    ends = nominal_year_end(year_end, year + 1)
    day = began + timedelta(weeks=13 * quarter, days=lag)
    assert (
        why_no_call(f"Q{quarter} {ends.year - named_by} Earnings Call", day, year_end, HOUR) == ""
    )


@given(
    title=st.sampled_from([one[0] for one in CALLS]),
    years=st.integers(3, 20),
)
def test_an_old_call_that_is_put_up_again_is_no_news(title: str, years: int) -> None:
    """Where its title names the year."""
    row = next(one for one in CALLS if one[0] == title)
    day = date.fromisoformat(row[1])
    later = day.replace(year=day.year + years)
    if any(str(day.year + shift)[2:] in title for shift in (-1, 0, 1)):
        assert why_no_call(title, later, row[2], row[3])


@given(st.text(max_size=200), st.dates(date(2000, 1, 1), date(2060, 1, 1)))
def test_no_title_breaks_it(title: str, day: date) -> None:
    """Titles are other people's text."""
    assert isinstance(why_no_call(title, day, "0229", SHORTEST_S), str)
