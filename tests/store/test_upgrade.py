"""The numbered steps lead to the tables that the code names."""

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from monitor.errors import BadRequest
from monitor.kept import Changes
from monitor.store.engine import reading, writing
from monitor.store.store import SqlStore
from monitor.store.tables import metadata
from monitor.store.upgrade import STEPS, ready, upgrade, versions
from tests.store.factories import FEED, cell, sums, word, write


def test_all_steps_from_an_empty_database_make_the_tables_of_the_code(engine: Engine) -> None:
    with reading(engine) as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, metadata) == []


def test_upgrading_again_changes_nothing(engine: Engine) -> None:
    upgrade(engine)
    had, newest = versions(engine)
    assert had == newest is not None


def test_words_are_still_held_after_the_step_that_lays_them_in_turn(store: SqlStore) -> None:
    words = {subject: word(subject) for subject in ("s2", "s1")}
    write(store, Changes(words=list(words.values())))
    went_back(store, "0010")
    assert store.words(FEED, words) == words
    upgrade(store.engine)
    assert store.words(FEED, words) == words
    write(store, Changes(words=[word(numerator=9.0, revision=1)]))
    assert store.words(FEED, words) == words | {"s1": word(numerator=9.0, revision=1)}


def test_sums_are_still_held_after_the_step_that_lays_them_by_period(store: SqlStore) -> None:
    held = sums({cell(): 1.0, cell(1): 2.0, cell(1, "RBB"): 3.0})
    write(store, Changes(sums=held))
    went_back(store, "0011")
    assert keyed_by(store.engine) == ["series", "start"]
    assert store.sums(held) == held
    upgrade(store.engine)
    assert keyed_by(store.engine) == ["start", "series"]
    assert store.sums(held) == held
    write(store, Changes(sums=sums({cell(): 9.0})))
    assert store.sums(held) == held | sums({cell(): 9.0})


def keyed_by(engine: Engine) -> list[str]:
    return list(inspect(engine).get_pk_constraint("period_sums")["constrained_columns"])


def went_back(store: SqlStore, step: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    with writing(store.engine) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, step)


def test_a_database_of_a_newer_version_names_the_program_as_the_remedy(engine: Engine) -> None:
    upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for act in (upgrade, ready):
        with pytest.raises(BadRequest, match="a newer monitor made: install that version"):
            act(engine)


def test_an_old_database_waits_for_a_persons_word(engine: Engine) -> None:
    upgrade(engine)
    with writing(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    with pytest.raises(BadRequest, match=r"at step 0001, this version needs .*: monitor db upgrade"):
        ready(engine)
