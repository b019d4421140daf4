"""Words, what the periods hold and held, what is complete, and what every record became."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "counts",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "name", name=op.f("pk_counts")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "heard",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tick", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["tick"], ["ticks.sequence"], name=op.f("fk_heard_tick")),
        sa.PrimaryKeyConstraint("feed", "indicator", "source", name=op.f("pk_heard")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "coverage",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "source", "indicator", name=op.f("pk_coverage")),
    )
    op.create_table(
        "dead_letters",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("row", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("organisation", sa.Text(), nullable=True),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "file", "row", "field", "reason", name=op.f("pk_dead_letters")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "live_sources",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "source", name=op.f("pk_live_sources")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "names",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_names")),
        sa.UniqueConstraint("text", name=op.f("uq_names_text")),
    )
    op.create_table(
        "receipts",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("file", sa.Text(), nullable=False),
        sa.Column("run", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "file", "run", name=op.f("pk_receipts")),
    )
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
        sa.UniqueConstraint(
            "indicator", "source", "organisation", name=op.f("uq_series_indicator_source_organisation")
        ),
    )
    op.create_table(
        "advances",
        sa.Column("tick", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["tick"], ["ticks.sequence"], name=op.f("fk_advances_tick")),
        sa.PrimaryKeyConstraint("tick", "place", name=op.f("pk_advances")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "period_sums",
        sa.Column("series", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("numerator", sa.Double(), nullable=False),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("bare", sa.Text(), nullable=True),
        sa.Column("known", sa.Integer(), nullable=True),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name=op.f("fk_period_sums_series")),
        sa.PrimaryKeyConstraint("series", "start", name=op.f("pk_period_sums")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "vintages",
        sa.Column("series", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("until_tick", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("numerator", sa.Double(), nullable=False),
        sa.Column("denominator", sa.Double(), nullable=True),
        sa.Column("words", sa.Integer(), nullable=False),
        sa.Column("bare", sa.Text(), nullable=True),
        sa.Column("known", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["series"], ["series.id"], name=op.f("fk_vintages_series")),
        sa.ForeignKeyConstraint(["until_tick"], ["ticks.sequence"], name=op.f("fk_vintages_until_tick")),
        sa.PrimaryKeyConstraint("series", "start", "until_tick", name=op.f("pk_vintages")),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_vintages_until_tick", "vintages", ["until_tick"], unique=False)
    op.create_table(
        "words",
        sa.Column("feed", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("source", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("published", sa.BigInteger(), nullable=False),
        sa.Column("known", sa.Integer(), nullable=True),
        sa.Column("origin", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("row", sa.Text(), nullable=False),
        sa.Column("contributions", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["names.id"], name=op.f("fk_words_feed")),
        sa.ForeignKeyConstraint(["origin"], ["names.id"], name=op.f("fk_words_origin")),
        sa.ForeignKeyConstraint(["source"], ["names.id"], name=op.f("fk_words_source")),
        sa.PrimaryKeyConstraint("feed", "subject", name=op.f("pk_words")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables and all that lies in them."""
    op.drop_table("heard")
    op.drop_table("words")
    op.drop_index("ix_vintages_until_tick", table_name="vintages")
    op.drop_table("vintages")
    op.drop_table("period_sums")
    op.drop_table("advances")
    op.drop_table("series")
    op.drop_table("receipts")
    op.drop_table("names")
    op.drop_table("live_sources")
    op.drop_table("dead_letters")
    op.drop_table("coverage")
    op.drop_table("counts")
