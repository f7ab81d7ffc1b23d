"""The engine's JSON: ours beside the library's own."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from dbos import DBOSPortableJSONSerializer
from dbos._sys_db import WorkflowStatusString
from hypothesis import given
from hypothesis import strategies as st

from jobs.engine_format import JSON_NAME, STATES, PortableJson

THEIRS, OURS = DBOSPortableJSONSerializer(), PortableJson()
_ZONES = st.sampled_from(
    [None, UTC, timezone(timedelta(hours=-5)), timezone(timedelta(minutes=330))]
)
_ONE = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text()
    | st.dates()
    | st.datetimes(timezones=_ZONES)
    | st.decimals(allow_nan=False, allow_infinity=False, places=4)
)
_VALUES = st.recursive(
    _ONE,
    lambda inner: st.lists(inner) | st.tuples(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@given(_VALUES)
def test_it_is_written_and_read_as_the_library_does(value: object) -> None:
    written = OURS.serialize(value)
    assert written == THEIRS.serialize(value)
    assert OURS.deserialize(written) == THEIRS.deserialize(written)


def test_it_has_the_librarys_name() -> None:
    assert THEIRS.name() == JSON_NAME
    assert OURS.deserialize(None) is None


@pytest.mark.parametrize("value", [{1: "a"}, b"bytes", object(), [{2: 3}]])
def test_what_has_no_place_in_it_is_refused_as_there(value: object) -> None:
    for either in (OURS, THEIRS):
        with pytest.raises(TypeError):
            either.serialize(value)


def test_a_moment_without_a_zone_is_utc() -> None:
    said = OURS.serialize([datetime(2026, 11, 22, 7), date(2026, 11, 22), Decimal("1.50")])
    assert said == '["2026-11-22T07:00:00.000Z","2026-11-22","1.50"]'


def test_every_state_of_the_library_has_a_name_here() -> None:
    assert set(STATES) == {state.value for state in WorkflowStatusString}
