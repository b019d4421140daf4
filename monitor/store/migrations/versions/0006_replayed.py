"""Dead letters know when their row was taken after all."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the column; what was put aside before still lies aside."""
    op.add_column("dead_letters", sa.Column("replayed", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    """Drop it."""
    op.drop_column("dead_letters", "replayed")
