from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from earnings.sources.edgar_filings import (
    EASTERN,
    GarbledSubmissions,
    eastern_to_utc,
    read_columns,
    read_submissions,
)
from tests.servers.edgar import BRIGHTWATER, Filed, columns, submissions_json


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-04T06:49:38.000Z", "2026-03-04T11:49:38"),  # winter: five hours
        ("2026-08-19T06:45:14.000Z", "2026-08-19T10:45:14"),  # summer: four
        ("2026-03-08T07:00:00.000Z", "2026-03-08T11:00:00"),  # the morning the clocks moved
        ("2026-11-01T07:00:00.000Z", "2026-11-01T12:00:00"),
        ("2026-08-19T21:59:59.000Z", "2026-08-20T01:59:59"),
        ("2026-08-19T06:45:14", "2026-08-19T10:45:14"),
        ("2026-08-19T06:45:14-07:00", "2026-08-19T13:45:14"),  # an honest offset is believed
    ],
)
def test_times_are_eastern_whatever_they_end_in(text: str, utc: str) -> None:
    """The Z is not true; daylight saving is."""
    assert eastern_to_utc(text) == datetime.fromisoformat(utc).replace(tzinfo=UTC)


@given(st.datetimes(datetime(1994, 1, 1), datetime(2090, 1, 1)).map(lambda d: d.replace(hour=12)))
def test_the_sec_s_own_day_and_hour_come_back(local: datetime) -> None:
    """Read and shown in Eastern time again, the digits are those that were written."""
    text = f"{local:%Y-%m-%dT%H:%M:%S}.000Z"
    assert f"{eastern_to_utc(text).astimezone(EASTERN):%Y-%m-%dT%H:%M:%S}.000Z" == text


def test_only_8_ks_that_may_hold_results_are_listed() -> None:
    """Amendments too; not other forms, not other items, not items that merely look alike. Under
    7.01 and 8.01 those with an exhibit and no other news, and known for what they are."""
    rows = [
        Filed("0000000001-26-000001", "2026-01-05T07:00:00"),
        Filed("0000000001-26-000002", "2026-01-06T07:00:00", form="8-K/A", items="9.01, 2.02"),
        Filed("0000000001-26-000003", "2026-01-07T07:00:00", items="8.01,9.01"),
        Filed("0000000001-26-000004", "2026-01-08T07:00:00", items="12.02,2.021"),
        Filed("0000000001-26-000005", "2026-01-09T07:00:00", form="10-Q"),
        Filed("0000000001-26-000006", "2026-01-10T07:00:00", form="8-K12B"),
        Filed("0000000001-26-000007", "2026-01-11T07:00:00", items=""),
        Filed("0000000001-26-000008", "2026-01-12T07:00:00", items="5.02,7.01,9.01"),
        Filed("0000000001-26-000009", "2026-01-13T07:00:00", items="7.01"),
    ]
    listing = read_columns(columns(rows))
    found = {filing.accession[-1]: filing.is_results for filing in listing.filings}
    assert found == {"1": True, "2": True, "3": False}
    assert listing.rows == 9
    assert listing.reaches_to == datetime(2026, 1, 5, 12, tzinfo=UTC)


def test_rows_are_sorted_by_acceptance() -> None:
    """The SEC's own order is only nearly that."""
    table = columns(BRIGHTWATER.filings)
    upside_down = {name: list(reversed(values)) for name, values in table.items()}
    assert read_columns(upside_down).filings == read_columns(table).filings
    assert [filing.day for filing in read_columns(table).filings] == [
        date(2026, 5, 20),
        date(2026, 8, 5),
        date(2026, 8, 19),
    ]


def test_a_bad_row_is_left_out_and_named() -> None:
    """The other rows count."""
    table = columns(BRIGHTWATER.filings)
    table["acceptanceDateTime"][0] = "yesterday"
    listing = read_columns(table)
    assert len(listing.filings) == 2
    assert "yesterday" in listing.notes[0]
    table = columns(BRIGHTWATER.filings)
    table["accessionNumber"][0] = "../../etc/passwd"
    listing = read_columns(table)
    assert len(listing.filings) == 2
    assert "no accession number" in listing.notes[0]


def test_older_pages_must_have_the_names_they_have() -> None:
    """A page name becomes part of an address: nothing else is taken."""
    value = submissions_json(BRIGHTWATER)
    filings = value["filings"]
    assert isinstance(filings, dict)
    filings["files"] = [
        {"name": "CIK0001990001-submissions-001.json", "filingTo": "2015-11-11"},
        {"name": "CIK0001990001-submissions-002.json", "filingTo": "?"},
        {"name": "../../x.json", "filingTo": "2015-11-11"},
        {"filingTo": "2015-11-11"},
        "nonsense",
    ]
    older = read_submissions(value).older
    assert [page.until for page in older] == [date(2015, 11, 11), date.max]


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "filings",
                    "recent",
                    "files",
                    "form",
                    "items",
                    "accessionNumber",
                    "name",
                    "tickers",
                    "acceptanceDateTime",
                    "reportDate",
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(json_values)
def test_no_json_breaks_the_reading(value: object) -> None:
    """Any well-formed JSON is read, or refused in our own words."""
    try:
        listing = read_submissions(value).listing
    except GarbledSubmissions:
        return
    assert listing.rows >= len(listing.filings)


@given(st.lists(st.integers(0, 400_000), max_size=12, unique=True))
def test_pages_merge_to_one_listing(minutes: list[int]) -> None:
    """However the filings are spread over pages, and also where pages overlap."""
    start = datetime(2024, 1, 1, 9)
    rows = [
        Filed(f"0000000001-26-{number:06d}", f"{start + timedelta(minutes=m):%Y-%m-%dT%H:%M:%S}")
        for number, m in enumerate(minutes)
    ]
    middle = len(rows) // 2
    recent, older = read_columns(columns(rows[middle:])), read_columns(columns(rows[: middle + 1]))
    assert recent.with_older(older).filings == read_columns(columns(rows)).filings
