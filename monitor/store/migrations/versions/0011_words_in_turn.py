"""Words lie in SQLite in the order in which they come, and only their keys lie in the order of subjects."""

from alembic import op

revision = "0011"
down_revision = "0010"

_COLUMNS = "feed, subject, source, revision, published, known, origin, row, contributions, until"
_MADE = """
    CREATE TABLE new_words (
        feed INTEGER NOT NULL,
        subject TEXT NOT NULL,
        source INTEGER NOT NULL,
        revision INTEGER NOT NULL,
        published BIGINT NOT NULL,
        known INTEGER,
        origin INTEGER NOT NULL,
        row TEXT NOT NULL,
        contributions TEXT NOT NULL,
        until INTEGER,
        CONSTRAINT pk_words PRIMARY KEY (feed, subject),
        CONSTRAINT fk_words_feed FOREIGN KEY(feed) REFERENCES names (id),
        CONSTRAINT fk_words_origin FOREIGN KEY(origin) REFERENCES names (id),
        CONSTRAINT fk_words_source FOREIGN KEY(source) REFERENCES names (id)
    )
"""


def upgrade() -> None:
    """Give the rows numbers of their own: SQLite's WITHOUT ROWID cannot be taken back in place."""
    _remake(_MADE)


def downgrade() -> None:
    """Keep the rows in their key's tree again."""
    _remake(f"{_MADE} WITHOUT ROWID")


def _remake(made: str) -> None:
    if op.get_context().dialect.name != "sqlite":  # PostgreSQL's tables are so since ever
        return
    op.execute(made)
    op.execute(f"INSERT INTO new_words ({_COLUMNS}) SELECT {_COLUMNS} FROM words")
    op.execute("DROP TABLE words")
    op.execute("ALTER TABLE new_words RENAME TO words")
