"""Cases, acts on them, their evidence, and what must be said."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "acts",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("after_tick", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_acts")),
    )
    op.create_index(op.f("ix_acts_case"), "acts", ["case"], unique=False)
    op.create_table(
        "cases",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("opened", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cases")),
    )
    op.create_index("ix_cases_is_open_kind", "cases", ["is_open", "kind"], unique=False)
    op.create_table(
        "outbox",
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("receiver", sa.Text(), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("queued", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("sent", sa.BigInteger(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.BigInteger(), nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_outbox")),
        sa.UniqueConstraint("id", name=op.f("uq_outbox_id")),
    )
    op.create_index(op.f("ix_outbox_case"), "outbox", ["case"], unique=False)
    op.create_index(
        "ix_outbox_unsent",
        "outbox",
        ["place"],
        unique=False,
        sqlite_where=sa.text("sent IS NULL"),
        postgresql_where=sa.text("sent IS NULL"),
    )
    op.create_table(
        "packs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_packs")),
    )
    op.create_index(op.f("ix_packs_case"), "packs", ["case"], unique=False)
    op.create_table(
        "case_changes",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("case", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("pack", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["pack"], ["packs.id"], name=op.f("fk_case_changes_pack")),
        sa.PrimaryKeyConstraint("organisation", "number", name=op.f("pk_case_changes")),
    )
    op.create_index(op.f("ix_case_changes_case"), "case_changes", ["case"], unique=False)


def downgrade() -> None:
    """Drop the tables and all that lies in them."""
    op.drop_index(op.f("ix_case_changes_case"), table_name="case_changes")
    op.drop_table("case_changes")
    op.drop_index(op.f("ix_packs_case"), table_name="packs")
    op.drop_table("packs")
    op.drop_index(
        "ix_outbox_unsent",
        table_name="outbox",
        sqlite_where=sa.text("sent IS NULL"),
        postgresql_where=sa.text("sent IS NULL"),
    )
    op.drop_index(op.f("ix_outbox_case"), table_name="outbox")
    op.drop_table("outbox")
    op.drop_index("ix_cases_is_open_kind", table_name="cases")
    op.drop_table("cases")
    op.drop_index(op.f("ix_acts_case"), table_name="acts")
    op.drop_table("acts")
