"""In which order tables are filled, and which are ours."""

from __future__ import annotations

import psycopg2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage import schema_objects
from storage.archive_tables import in_order
from storage.schema import expected


@st.composite
def leaning(draw: st.DrawFn) -> dict[str, set[str]]:
    """Tables that lean only on earlier ones, named in any order."""
    names = draw(st.lists(st.sampled_from("abcdefgh"), unique=True, min_size=1))
    parents = {
        name: draw(st.sets(st.sampled_from(names[:place]))) if place else set()
        for place, name in enumerate(names)
    }
    return {name: parents[name] for name in draw(st.permutations(names))}


@given(leaning())
def test_parents_come_first(parents: dict[str, set[str]]) -> None:
    """Whatever the order they are named in; and none is lost."""
    order = in_order(parents)
    assert sorted(order) == sorted(parents)
    for name in parents:
        assert all(order.index(parent) < order.index(name) for parent in parents[name])


def test_a_circle_is_a_slip() -> None:
    with pytest.raises(ValueError, match="circle"):
        in_order({"a": {"b"}, "b": {"a"}, "c": set()})


@pytest.mark.database
def test_what_the_migrations_say_they_make_is_what_is_there(dsn: str) -> None:
    """Every table and function of the schema, and nothing else: none can be left behind."""
    connection = psycopg2.connect(dsn)
    with connection.cursor() as cursor:
        cursor.execute(
            "select relname from pg_class where relkind in ('r', 'p', 'm')"
            " and relnamespace = 'public'::regnamespace"
        )
        there = {name for (name,) in cursor.fetchall()}
        cursor.execute(
            "select proname from pg_proc p where pronamespace = 'public'::regnamespace and not"
            " exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')"
        )
        functions = {name for (name,) in cursor.fetchall()}
    connection.close()
    assert there == {*schema_objects.tables(expected()), schema_objects.REVISION_TABLE}
    assert functions == set(schema_objects.functions(expected()))
    assert "dead_letter" not in schema_objects.tables("0002")
