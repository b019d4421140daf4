"""What expires: which words are of events, and between which days periods are sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the column and the table; words that were kept before count as figures, and stay."""
    op.add_column("words", sa.Column("until", sa.Integer(), nullable=True))
    op.create_table(
        "seals",
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("since", sa.Integer(), nullable=False),
        sa.Column("before", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("feed", "indicator", "source", name=op.f("pk_seals")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop both."""
    op.drop_table("seals")
    op.drop_column("words", "until")
