"""Dates and stretches of time in headings and sentences."""

from __future__ import annotations

from datetime import date

import pytest

from earnings.reading import periods
from earnings.vocabulary import PeriodKind


@pytest.mark.parametrize(
    "text",
    [
        "January 28, 2023",
        "Jan. 28, 2023",
        "JANUARY 28 , 2023",
        "28 January 2023",
        "1/28/2023",
        "1/28/23",
        "2023-01-28",
        "Three Months Ended January 28, 2023 (unaudited)",
    ],
)
def test_dates(text: str) -> None:
    """The ways releases write a day."""
    assert [found.day for found in periods.dates(text)] == [date(2023, 1, 28)]


def test_days_that_do_not_exist_are_no_dates() -> None:
    """February 30 and 13/45/2023 are passed over."""
    assert periods.dates("February 30, 2023 and 13/45/2023") == ()


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Three Months Ended March 31,", PeriodKind.QUARTER),
        ("13 Weeks Ended", PeriodKind.QUARTER),
        ("Thirteen Weeks Ended", PeriodKind.QUARTER),
        ("Sixteen Weeks Ended", PeriodKind.QUARTER),
        ("17 Weeks Ended", PeriodKind.QUARTER),
        ("Q4 FY23", PeriodKind.QUARTER),
        ("4Q 2023", PeriodKind.QUARTER),
        ("FIRST QUARTER 2023", PeriodKind.QUARTER),
        ("Quarter Ended", PeriodKind.QUARTER),
        ("26 Weeks Ended", PeriodKind.YEAR_TO_DATE),
        ("Twenty-Six Weeks Ended", PeriodKind.YEAR_TO_DATE),
        ("Thirty Nine Weeks Ended", PeriodKind.YEAR_TO_DATE),
        ("Nine Months Ended", PeriodKind.YEAR_TO_DATE),
        ("Year-to-Date", PeriodKind.YEAR_TO_DATE),
        ("First Three Quarters", PeriodKind.YEAR_TO_DATE),
        ("52 Weeks Ended", PeriodKind.YEAR),
        ("Fifty-Three Weeks Ended", PeriodKind.YEAR),
        ("Fiscal Years Ended January 31,", PeriodKind.YEAR),
        ("Twelve Months Ended", PeriodKind.YEAR),
        ("FY23", PeriodKind.YEAR),
        ("Fiscal 2023", PeriodKind.YEAR),
        ("% Change", PeriodKind.UNKNOWN),
        ("2023", PeriodKind.UNKNOWN),
        ("January 28, 2023", PeriodKind.UNKNOWN),
    ],
)
def test_kinds(text: str, kind: PeriodKind) -> None:
    """Weeks, months and names of quarters and years, and what names none."""
    assert periods.kind(text) is kind


def test_names_of_quarters_and_years() -> None:
    """Numbers out of labels."""
    assert periods.quarter_number("fourth quarter of fiscal 2023") == 4
    assert periods.quarter_number("Q2 FY24") == 2
    assert periods.quarter_number("full year") is None
    assert periods.years("Q2 FY24") == [2024]
    assert periods.years("fiscal 2023 and 2022, $2,021 and 2019.5") == [2023, 2022]
    assert periods.weeks("the 13-week quarter") == 13
    assert periods.weeks("three months") is None
    assert periods.month_day("March 31,") == (3, 31)
    assert periods.month_day("March 31 and June 30") is None
