"""What is derived of whole blocks: closes, settlements, scores, saved states."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "blocks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("feed", sa.Text(), nullable=False),
        sa.Column("indicator", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("peer_group", sa.Text(), nullable=False),
        sa.Column("first_settled", sa.Integer(), nullable=True),
        sa.Column("last_settled", sa.Integer(), nullable=True),
        sa.Column("last_scored", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blocks")),
        sa.UniqueConstraint("indicator", "source", "peer_group", name=op.f("uq_blocks_indicator_source_peer_group")),
    )
    op.create_table(
        "closes",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["block"], ["blocks.id"], name=op.f("fk_closes_block")),
        sa.PrimaryKeyConstraint("block", "number", name=op.f("pk_closes")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "saved_states",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("first", sa.Integer(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("organisations", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.LargeBinary(), nullable=False),
        sa.Column("closed", sa.Text(), nullable=False),
        sa.Column("lineage", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["block"], ["blocks.id"], name=op.f("fk_saved_states_block")),
        sa.ForeignKeyConstraint(["organisations"], ["names.id"], name=op.f("fk_saved_states_organisations")),
        sa.PrimaryKeyConstraint("block", name=op.f("pk_saved_states")),
    )
    op.create_table(
        "scores",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("organisations", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("arrays", sa.LargeBinary(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["block"], ["blocks.id"], name=op.f("fk_scores_block")),
        sa.ForeignKeyConstraint(["organisations"], ["names.id"], name=op.f("fk_scores_organisations")),
        sa.PrimaryKeyConstraint("block", "number", name=op.f("pk_scores")),
    )
    op.create_table(
        "settlements",
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("start", sa.Integer(), nullable=False),
        sa.Column("end", sa.Integer(), nullable=False),
        sa.Column("organisations", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("common", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["block"], ["blocks.id"], name=op.f("fk_settlements_block")),
        sa.ForeignKeyConstraint(["organisations"], ["names.id"], name=op.f("fk_settlements_organisations")),
        sa.PrimaryKeyConstraint("block", "number", "model", name=op.f("pk_settlements")),
    )

    op.create_table(
        "refolds",
        sa.Column("organisation", sa.Text(), nullable=False),
        sa.Column("block", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("tick", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["block"], ["blocks.id"], name=op.f("fk_refolds_block")),
        sa.PrimaryKeyConstraint("organisation", "block", name=op.f("pk_refolds")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Drop the tables and all that lies in them."""
    op.drop_table("refolds")
    op.drop_table("settlements")
    op.drop_table("scores")
    op.drop_table("saved_states")
    op.drop_table("closes")
    op.drop_table("blocks")
