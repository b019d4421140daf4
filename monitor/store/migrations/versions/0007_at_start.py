"""Changes say that their case stood as its feed went live; until now their words did."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
LED_BY = "standing at start: "


def upgrade() -> None:
    """Make the column, and read it from the words that said so."""
    op.add_column("case_changes", sa.Column("at_start", sa.Boolean(), server_default=sa.false(), nullable=False))
    changes = _changes()
    rest = sa.func.substr(changes.c.reason, len(LED_BY) + 1)
    op.execute(changes.update().where(changes.c.reason.startswith(LED_BY)).values(at_start=sa.true(), reason=rest))


def downgrade() -> None:
    """Say it in words again."""
    changes = _changes()
    op.execute(changes.update().where(changes.c.at_start).values(reason=LED_BY + changes.c.reason))
    op.drop_column("case_changes", "at_start")


def _changes() -> sa.TableClause:
    return sa.table("case_changes", sa.column("reason", sa.Text), sa.column("at_start", sa.Boolean))
