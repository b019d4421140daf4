"""How everybody stood at the turns of the months before: what the national threshold is calibrated by."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Make the table; the next tick fills it from the scores."""
    op.create_table(
        "standings",
        sa.Column("day", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("among", sa.Text(), nullable=False),
        sa.Column("organisations", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Text(), nullable=False),
    )


def downgrade() -> None:
    """Drop it."""
    op.drop_table("standings")
