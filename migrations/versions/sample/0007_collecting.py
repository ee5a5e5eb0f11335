"""Which kit is open at which station."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "open_kits",
        sa.Column("bench", sa.String(length=80), nullable=False),
        sa.Column("kit_id", KEY, nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["kit_id"], ["items.id"], name=op.f("fk_open_kits_kit_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("bench", name=op.f("pk_open_kits")),
    )
    op.create_index(op.f("ix_open_kits_kit_id"), "open_kits", ["kit_id"])


def downgrade():
    op.drop_table("open_kits")
