"""A store in a database of its own: SQLite in a temporary folder, or the empty one that an operator names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData

from monitor.store.engine import open_engine
from monitor.store.store import SqlStore
from monitor.store.upgrade import upgrade

TEST_DATABASE = os.environ.get("MONITOR_TEST_DATABASE_URL")  # everything in it is dropped before each test


@contextmanager
def fresh_engine(folder: Path) -> Iterator[Engine]:
    engine = open_engine(TEST_DATABASE or f"sqlite:///{folder / 'home' / 'monitor.db'}")
    if TEST_DATABASE:
        left = MetaData()
        left.reflect(engine)
        left.drop_all(engine)
    upgrade(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with fresh_engine(tmp_path) as engine:
        yield engine


@pytest.fixture
def store(engine: Engine) -> SqlStore:
    return SqlStore(engine)


@pytest.fixture(scope="module")
def shared_store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SqlStore]:
    """Give one store to all examples of a property: each writes under names of its own, or over the last one's."""
    with fresh_engine(tmp_path_factory.mktemp("store")) as engine:
        yield SqlStore(engine)
