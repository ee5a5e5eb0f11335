"""Kits mailed to participants: each order, and each version of what was told of it."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was told is kept; what is told anew is a version of its own"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STAGES = (
    "stage IN ('ordered', 'failed', 'queued', 'cancelled', 'mailed', 'delivered', 'coming_back', "
    "'came_back', 'no_sample', 'received')"
)


def upgrade():
    op.create_table(
        "supply_orders",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("ordered_on", sa.Date(), nullable=True),
        sa.Column("product_code", sa.String(length=80), nullable=True),
        sa.Column("product_name", sa.String(length=80), nullable=True),
        sa.Column("barcode", sa.String(length=80), nullable=True),
        sa.Column("kit_id", KEY, nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("stage_since", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(STAGES, name=op.f("ck_supply_orders_stage")),
        _reference("supply_orders", "participant", "participants.code"),
        _reference("supply_orders", "site", "sites.code"),
        _reference("supply_orders", "kit_id", "items.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_orders")),
        sa.UniqueConstraint("number", name=op.f("uq_supply_orders_number")),
        sa.UniqueConstraint("kit_id", name=op.f("uq_supply_orders_kit_id")),
    )
    for column in ("participant", "barcode"):
        op.create_index(op.f(f"ix_supply_orders_{column}"), "supply_orders", [column])
    op.create_index("ix_supply_orders_stage_id", "supply_orders", ["stage", "id"])
    op.create_table(
        "supply_versions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("telling", sa.String(length=10), nullable=False),
        sa.Column("leg", sa.String(length=4), nullable=True),
        sa.Column("tracking_number", sa.String(length=80), nullable=True),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "telling IN ('request', 'delivery', 'finding')", name=op.f("ck_supply_versions_telling")
        ),
        sa.CheckConstraint("leg IN ('out', 'back')", name=op.f("ck_supply_versions_leg")),
        _reference("supply_versions", "order_id", "supply_orders.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supply_versions")),
        sa.UniqueConstraint("order_id", "version", name=op.f("uq_supply_versions_order_id_version")),
    )
    op.create_index(op.f("ix_supply_versions_tracking_number"), "supply_versions", ["tracking_number"])
    for statement in _triggers("supply_versions"):
        op.execute(statement)


def _reference(table, column, other):
    named, _, key = other.partition(".")
    return sa.ForeignKeyConstraint(
        [column], [f"{named}.{key}"], name=op.f(f"fk_{table}_{column}_{named}"), ondelete="RESTRICT"
    )


def _triggers(table):
    if op.get_bind().dialect.name != "sqlite":
        return (
            (
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            ),
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()",
        )
    refuse = f"SELECT RAISE(ABORT, '{table} {SENTENCE}');"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END",
        # SQLite's REPLACE deletes without a DELETE trigger.
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse} END"
        ),
    )


def downgrade():
    op.drop_table("supply_versions")
    op.drop_table("supply_orders")
