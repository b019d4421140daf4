"""Sums lie by period first: a week of 4,400 series was written to as many pages, and read from them, of SQLite."""

from alembic import op

revision = "0012"
down_revision = "0011"

_COLUMNS = "series, start, numerator, denominator, words, bare, known, tick"


def upgrade() -> None:
    """Lay what is published together together."""
    _remake("start, series")


def downgrade() -> None:
    """Lay each series together again."""
    _remake("series, start")


def _remake(key: str) -> None:
    if op.get_context().dialect.name != "sqlite":
        op.drop_constraint("pk_period_sums", "period_sums")
        op.create_primary_key("pk_period_sums", "period_sums", key.split(", "))
        return
    op.execute(
        f"""
        CREATE TABLE new_sums (
            series INTEGER NOT NULL,
            start INTEGER NOT NULL,
            numerator DOUBLE NOT NULL,
            denominator DOUBLE,
            words INTEGER NOT NULL,
            bare TEXT,
            known INTEGER,
            tick INTEGER NOT NULL,
            CONSTRAINT pk_period_sums PRIMARY KEY ({key}),
            CONSTRAINT fk_period_sums_series FOREIGN KEY(series) REFERENCES series (id)
        ) WITHOUT ROWID
        """
    )
    op.execute(f"INSERT INTO new_sums ({_COLUMNS}) SELECT {_COLUMNS} FROM period_sums")
    op.execute("DROP TABLE period_sums")
    op.execute("ALTER TABLE new_sums RENAME TO period_sums")
