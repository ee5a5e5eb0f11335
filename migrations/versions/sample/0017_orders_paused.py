"""Legal holds and the stopped clock of an order, ceremonies that several orders join, and pieces to check again."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.add_column(
        "destruction_orders",
        sa.Column("legal_hold", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.add_column("destruction_orders", sa.Column("paused_at", sa.BigInteger(), nullable=True))
    op.add_column(
        "destruction_orders",
        sa.Column("at_clinics", sa.Boolean(), nullable=False, server_default=sa.false()),
    )
    op.create_table(
        "legal_holds",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("reference", sa.String(length=120), nullable=False),
        *_done("placed"),
        *_done("lifted", nullable=True),
        sa.Column("lifted_because", sa.String(length=24), nullable=True),
        sa.Column("lift_reference", sa.String(length=120), nullable=True),
        _reference("legal_holds", "order_id", "destruction_orders.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_holds")),
    )
    op.create_index(op.f("ix_legal_holds_order_id"), "legal_holds", ["order_id"])
    op.create_table(
        "ceremonies",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("state", sa.String(length=12), nullable=False),
        *_done("planned"),
        *_done("settled", nullable=True),
        sa.CheckConstraint("state IN ('planned', 'held', 'called_off')", name=op.f("ck_ceremonies_state")),
        _reference("ceremonies", "site", "sites.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ceremonies")),
    )
    op.create_table(
        "ceremony_orders",
        sa.Column("ceremony_id", KEY, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        *_done("joined"),
        _reference("ceremony_orders", "ceremony_id", "ceremonies.id"),
        _reference("ceremony_orders", "order_id", "destruction_orders.id"),
        sa.PrimaryKeyConstraint("ceremony_id", "order_id", name=op.f("pk_ceremony_orders")),
    )
    op.create_index(op.f("ix_ceremony_orders_order_id"), "ceremony_orders", ["order_id"])
    op.create_table(
        "recheck_lines",
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        *_done("listed"),
        sa.Column("finding", sa.String(length=12), nullable=True),
        *_done("checked", nullable=True),
        sa.CheckConstraint("finding IN ('found', 'not_found')", name=op.f("ck_recheck_lines_finding")),
        _reference("recheck_lines", "batch_id", "waste_batches.id"),
        _reference("recheck_lines", "item_id", "items.id"),
        sa.PrimaryKeyConstraint("batch_id", "item_id", name=op.f("pk_recheck_lines")),
    )
    op.create_index(op.f("ix_recheck_lines_item_id"), "recheck_lines", ["item_id"])


def _done(what, *, nullable=False):
    return (
        sa.Column(f"{what}_at", sa.BigInteger(), nullable=nullable),
        sa.Column(f"{what}_by", sa.String(length=40), nullable=nullable),
    )


def _reference(table, column, other):
    named, _, key = other.partition(".")
    return sa.ForeignKeyConstraint(
        [column], [f"{named}.{key}"], name=op.f(f"fk_{table}_{column}_{named}"), ondelete="RESTRICT"
    )


def downgrade():
    for table in ("recheck_lines", "ceremony_orders", "ceremonies", "legal_holds"):
        op.drop_table(table)
    for column in ("at_clinics", "paused_at", "legal_hold"):
        op.drop_column("destruction_orders", column)
