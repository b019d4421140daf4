"""The subjects of events that have expired: a later word of theirs would count a second time."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Make the table; of what expired before it nobody knows."""
    op.create_table(
        "forgotten",
        sa.Column("feed", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["feed"], ["names.id"], name=op.f("fk_forgotten_feed")),
        sa.PrimaryKeyConstraint("feed", "subject", name=op.f("pk_forgotten")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("forgotten")
