"""Brings a database to the tables that this version needs, by numbered steps (Alembic)."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from monitor.errors import BadRequest
from monitor.store.engine import reading, writing

STEPS = Path(__file__).with_name("migrations")


def ready(engine: Engine) -> None:
    """Make the tables of a new database; `BadRequest` where an old one waits for a person's word, or a newer one."""
    had, needed = versions(engine)
    if had is None:
        upgrade(engine)
    elif had != needed:
        _check(had)
        raise BadRequest(f"the database is at step {had}, this version needs {needed}: monitor db upgrade")


def upgrade(engine: Engine) -> None:
    """Run the steps that this database has not had, all or none; two at once take turns.

    `BadRequest` where a newer version of the program made the database.
    """
    had, _ = versions(engine)
    _check(had)
    config = Config()
    config.set_main_option("script_location", str(STEPS))
    with writing(engine) as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def _check(had: str | None) -> None:
    """Raise where the database has had a step that this version does not know."""
    if had is not None and had not in {step.revision for step in ScriptDirectory(str(STEPS)).walk_revisions()}:
        raise BadRequest(f"the database is at step {had}, which a newer monitor made: install that version or later")


def versions(engine: Engine) -> tuple[str | None, str | None]:
    """Give the last step that the database has had (None: none) and the last one there is."""
    with reading(engine) as connection:
        had = MigrationContext.configure(connection).get_current_revision()
    return had, ScriptDirectory(str(STEPS)).get_current_head()
