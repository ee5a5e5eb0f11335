"""Recalls of a maker's lot, levels of stock at sites, and the moments in a tube's life that charts are drawn from."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "recalls",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("lot", sa.String(length=64), nullable=False),
        sa.Column("specification", sa.String(length=64), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("notice", sa.String(length=120), nullable=True),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.Column("lifted_at", sa.BigInteger(), nullable=True),
        sa.Column("lifted_by", sa.String(length=64), nullable=True),
        sa.Column("lifted_because", sa.String(length=500), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recalls")),
    )
    standing = sa.text("lifted_at IS NULL")
    op.create_index(
        "uq_recalls_standing",
        "recalls",
        ["lot", "specification"],
        unique=True,
        sqlite_where=standing,
        postgresql_where=standing,
    )
    op.create_table(
        "recall_lines",
        sa.Column("recall_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("found_at", sa.BigInteger(), nullable=True),
        sa.Column("found_by", sa.String(length=64), nullable=True),
        sa.ForeignKeyConstraint(
            ["recall_id"], ["recalls.id"], name=op.f("fk_recall_lines_recall_id_recalls"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_recall_lines_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("recall_id", "item_id", name=op.f("pk_recall_lines")),
    )
    op.create_index(op.f("ix_recall_lines_item_id"), "recall_lines", ["item_id"])
    op.create_table(
        "stock_levels",
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("kit", sa.String(length=64), nullable=False),
        sa.Column("lowest", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_stock_levels_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("site", "kit", name=op.f("pk_stock_levels")),
    )
    op.create_table(
        "milestones",
        sa.Column("item_id", KEY, nullable=False, autoincrement=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("kit_id", KEY, nullable=True),
        sa.Column("drawn_at", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("answer", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_milestones_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("item_id", "step", name=op.f("pk_milestones")),
    )
    op.create_index("ix_milestones_step_drawn_at_site", "milestones", ["step", "drawn_at", "site"])
    op.create_index("ix_items_lot", "items", ["lot"])
    of_kits = sa.text("kind = 'kit'")
    op.create_index(
        "ix_items_kits",
        "items",
        ["state", "site", "recorded_at"],
        sqlite_where=of_kits,
        postgresql_where=of_kits,
    )


def downgrade():
    op.drop_index("ix_items_kits", table_name="items")
    op.drop_index("ix_items_lot", table_name="items")
    for table in ("milestones", "stock_levels", "recall_lines", "recalls"):
        op.drop_table(table)
