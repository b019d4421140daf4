"""Levels that people accept as the new normal; saved states, only a cache, are folded anew and know of them."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Make the table, and drop the saved states, which say nothing of what was accepted."""
    op.create_table(
        "acceptances",
        sa.Column("act", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["act"], ["acts.id"], name=op.f("fk_acceptances_act")),
        sa.PrimaryKeyConstraint("act", "organisation", "indicator", "source", name=op.f("pk_acceptances")),
        sqlite_with_rowid=False,
    )
    op.execute(sa.table("saved_states").delete())


def downgrade() -> None:
    """Drop it."""
    op.drop_table("acceptances")
