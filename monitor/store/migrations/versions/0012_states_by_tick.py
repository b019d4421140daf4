"""A saved state says which tick folded it, and a block which was the last: it is written after the tick's commit."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    """Begin without states, which are caches."""
    op.execute(sa.table("saved_states").delete())
    op.add_column("blocks", sa.Column("folded", sa.Integer()))
    op.add_column("saved_states", sa.Column("tick", sa.Integer(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Leave out what says whose they are, and the states with it."""
    op.execute(sa.table("saved_states").delete())
    op.drop_column("saved_states", "tick")
    op.drop_column("blocks", "folded")
