"""Names and orders of positions, allowed contents and rules of storage units, and reservations."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = sa.text("ended_at IS NULL")


def upgrade():
    for column in (
        sa.Column("naming", sa.String(length=20), server_default="letter_number", nullable=False),
        sa.Column("filled_by", sa.String(length=10), server_default="rows", nullable=False),
        sa.Column("allowed_contents", sa.String(length=400), server_default="", nullable=False),
        sa.Column("rule", sa.String(length=20), nullable=True),
    ):
        op.add_column("storage_units", column)
    _position_of(24)
    op.create_table(
        "storage_reservations",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("positions", sa.String(length=4000), nullable=False),
        sa.Column("purpose", sa.String(length=20), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "purpose IN ('rack_file', 'study', 'kit', 'consolidation', 'other')",
            name=op.f("ck_storage_reservations_purpose"),
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_storage_reservations_item_id_items"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_storage_reservations")),
    )
    op.create_index(
        "ix_storage_reservations_standing",
        "storage_reservations",
        ["item_id"],
        sqlite_where=STANDING,
        postgresql_where=STANDING,
    )


def downgrade():
    op.drop_table("storage_reservations")
    for name in ("rule", "allowed_contents", "filled_by", "naming"):
        op.drop_column("storage_units", name)
    _position_of(8)


def _position_of(length):
    """Automated stores have long names for their positions; SQLite keeps texts of any length."""
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("items", "position", type_=sa.String(length=length))
