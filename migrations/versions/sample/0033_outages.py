"""Outages of storage units: what stood in them, where it was carried, what was decided."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDS = sa.text("ended_at IS NULL")


def upgrade():
    op.create_table(
        "outages",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("temperature_celsius", sa.Integer(), nullable=True),
        sa.Column("warmest_celsius", sa.Integer(), nullable=True),
        sa.Column("declared_at", sa.BigInteger(), nullable=False),
        sa.Column("declared_by", sa.String(length=64), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.Column("ended_how", sa.String(length=20), nullable=True),
        sa.CheckConstraint("ended_how IN ('back_in_service', 'given_up')", name=op.f("ck_outages_ended_how")),
        _of("outages", "unit_id", "items", "id"),
        _of("outages", "site", "sites", "code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outages")),
    )
    op.create_index("ix_outages_unit_id", "outages", ["unit_id"])
    op.create_index("ix_outages_site", "outages", ["site"])
    op.create_index(
        "uq_outages_standing",
        "outages",
        ["unit_id"],
        unique=True,
        sqlite_where=STANDS,
        postgresql_where=STANDS,
    )
    op.create_table(
        "outage_pieces",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("outage_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("stood_in", KEY, nullable=True),
        sa.Column("stood_at", sa.String(length=8), nullable=True),
        sa.Column("joined", sa.Boolean(), nullable=False),
        sa.Column("moved_at", sa.BigInteger(), nullable=True),
        sa.Column("moved_by", sa.String(length=64), nullable=True),
        sa.Column("moved_to", KEY, nullable=True),
        sa.Column("moved_position", sa.String(length=8), nullable=True),
        _of("outage_pieces", "outage_id", "outages", "id"),
        _of("outage_pieces", "item_id", "items", "id"),
        _of("outage_pieces", "stood_in", "items", "id"),
        _of("outage_pieces", "moved_to", "items", "id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_pieces")),
        sa.UniqueConstraint("outage_id", "item_id", name=op.f("uq_outage_pieces_outage_id_item_id")),
    )
    op.create_index("ix_outage_pieces_item_id", "outage_pieces", ["item_id"])
    op.create_table(
        "outage_decisions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("outage_id", KEY, nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("grouping", sa.String(length=16), nullable=False),
        sa.Column("groups", sa.Text(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.String(length=64), nullable=False),
        sa.Column("dropped_at", sa.BigInteger(), nullable=True),
        sa.Column("items", sa.Integer(), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approval_signature", KEY, nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('released', 'kept', 'ended')", name=op.f("ck_outage_decisions_outcome")
        ),
        sa.CheckConstraint(
            "grouping IN ('rack', 'box', 'specification', 'minutes')",
            name=op.f("ck_outage_decisions_grouping"),
        ),
        _of("outage_decisions", "outage_id", "outages", "id"),
        _of("outage_decisions", "approval_signature", "signatures", "id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outage_decisions")),
    )
    op.create_index("ix_outage_decisions_outage_id", "outage_decisions", ["outage_id"])
    op.create_table(
        "outage_lines",
        sa.Column("outage_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("piece_id", KEY, nullable=False),
        sa.Column("box_id", KEY, nullable=True),
        sa.Column("decision_id", KEY, nullable=True),
        _of("outage_lines", "outage_id", "outages", "id"),
        _of("outage_lines", "item_id", "items", "id"),
        _of("outage_lines", "piece_id", "outage_pieces", "id"),
        _of("outage_lines", "box_id", "items", "id"),
        _of("outage_lines", "decision_id", "outage_decisions", "id"),
        sa.PrimaryKeyConstraint("outage_id", "item_id", name=op.f("pk_outage_lines")),
    )
    op.create_index("ix_outage_lines_item_id", "outage_lines", ["item_id"])
    op.create_index("ix_outage_lines_decision_id", "outage_lines", ["decision_id"])
    op.create_index("ix_outage_lines_outage_id_piece_id", "outage_lines", ["outage_id", "piece_id"])


def _of(table, column, other, key):
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.{key}"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete="RESTRICT"
    )


def downgrade():
    for table in ("outage_lines", "outage_decisions", "outage_pieces", "outages"):
        op.drop_table(table)
