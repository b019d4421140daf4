"""The numbered steps lead to the tables that the code names."""

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine

from monitor.store.engine import reading
from monitor.store.tables import metadata
from monitor.store.upgrade import upgrade, versions


def test_all_steps_from_an_empty_database_make_the_tables_of_the_code(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    had, newest = versions(engine)
    assert had == newest is not None
