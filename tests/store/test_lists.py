"""One bound value for a whole list: on SQLite as asked, for PostgreSQL as written."""

from collections.abc import Collection
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, Table, Text, create_engine, select
from sqlalchemy.dialects import postgresql

from monitor.store.lists import among

THINGS = Table("things", MetaData(), Column("id", Integer, primary_key=True), Column("name", Text))
HELD = {1: "one", 2: 'two "2"', 3: "drei\u00df"}


def found(column: Column[Any], values: Collection[Any]) -> set[int]:
    engine = create_engine("sqlite://")
    THINGS.metadata.create_all(engine)
    query = select(THINGS.c.id)
    with engine.connect() as connection:
        connection.execute(THINGS.insert(), [{"id": id, "name": name} for id, name in HELD.items()])
        at_once = set(connection.scalars(query.where(among(column, values))))
        by_name = set(connection.scalars(query.where(among(column, "these")), {"these": values}))
    assert at_once == by_name
    return at_once


@pytest.mark.parametrize("values", [set(), {2}, [3, 1], (1, 9), range(2, 100_000)])
def test_rows_among_numbers_are_found_however_many_these_are(values: Collection[int]) -> None:
    assert found(THINGS.c.id, values) == HELD.keys() & set(values)


@pytest.mark.parametrize("id", HELD)
def test_rows_among_texts_are_found_whatever_these_hold(id: int) -> None:
    assert found(THINGS.c.name, [HELD[id], "1", "'"]) == {id}


@pytest.mark.parametrize(("name", "kind"), [("id", "INTEGER"), ("name", "TEXT")])
def test_postgresql_is_given_an_array(name: str, kind: str) -> None:
    query = select(THINGS.c.id).where(among(THINGS.c[name], "these"))
    written = str(query.compile(dialect=postgresql.dialect()))
    assert written.endswith(f"things.{name} IN (SELECT unnest(%(these)s::{kind}[]))")
