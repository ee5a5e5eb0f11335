"""Downtime forms and what became of each; steps that were recorded long after they were taken."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "downtime_forms",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=13), nullable=False),
        sa.Column("pack", sa.String(length=13), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("definition", sa.String(length=64), nullable=False),
        sa.Column("printed_at", sa.BigInteger(), nullable=False),
        sa.Column("printed_by", sa.String(length=64), nullable=False),
        sa.Column("kit_id", KEY, nullable=True),
        sa.Column("entered_at", sa.BigInteger(), nullable=True),
        sa.Column("entered_by", sa.String(length=64), nullable=True),
        sa.Column("voided_at", sa.BigInteger(), nullable=True),
        sa.Column("voided_by", sa.String(length=64), nullable=True),
        sa.Column("void_reason", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "(entered_at IS NULL) = (entered_by IS NULL)", name=op.f("ck_downtime_forms_entered")
        ),
        sa.ForeignKeyConstraint(["site"], ["sites.code"], name=op.f("fk_downtime_forms_site_sites")),
        sa.ForeignKeyConstraint(
            ["kit_id"], ["items.id"], name=op.f("fk_downtime_forms_kit_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_downtime_forms")),
        sa.UniqueConstraint("number", name=op.f("uq_downtime_forms_number")),
    )
    op.create_index("ix_downtime_forms_site_id", "downtime_forms", ["site", "id"])
    op.create_index("ix_downtime_forms_kit_id", "downtime_forms", ["kit_id"])
    op.create_index("ix_downtime_forms_pack", "downtime_forms", ["pack"])
    op.create_table(
        "late_entries",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("occurred_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_late_entries_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_late_entries")),
    )
    op.create_index("ix_late_entries_site_id", "late_entries", ["site", "id"])


def downgrade():
    op.drop_table("late_entries")
    op.drop_table("downtime_forms")
