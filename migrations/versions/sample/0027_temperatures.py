"""Files of temperature loggers, and the tubes that were beyond a limit."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "logger_files",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("parcel_id", KEY, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("layout", sa.String(length=20), nullable=False),
        sa.Column("logger", sa.String(length=40), nullable=True),
        sa.Column("readings", sa.LargeBinary(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.BigInteger(), nullable=False),
        sa.Column("last_at", sa.BigInteger(), nullable=False),
        sa.Column("lowest_hundredths", sa.Integer(), nullable=False),
        sa.Column("highest_hundredths", sa.Integer(), nullable=False),
        sa.Column("mean_kinetic_hundredths", sa.Integer(), nullable=False),
        sa.Column("confirmation", sa.String(length=200), nullable=True),
        sa.Column("taken_at", sa.BigInteger(), nullable=False),
        sa.Column("taken_by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["parcel_id"],
            ["shipments.item_id"],
            name=op.f("fk_logger_files_parcel_id_shipments"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_logger_files")),
        sa.UniqueConstraint("sha256", name=op.f("uq_logger_files_sha256")),
    )
    op.create_index("ix_logger_files_parcel_id", "logger_files", ["parcel_id"])
    op.create_table(
        "temperature_excursions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("file_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("side", sa.String(length=5), nullable=False),
        sa.Column("limit_celsius", sa.Integer(), nullable=False),
        sa.Column("allowed_minutes", sa.Integer(), nullable=False),
        sa.Column("peak_hundredths", sa.Integer(), nullable=False),
        sa.Column("peak_at", sa.BigInteger(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("released_at", sa.BigInteger(), nullable=True),
        sa.Column("released_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=True),
        sa.CheckConstraint("side IN ('above', 'below')", name=op.f("ck_temperature_excursions_side")),
        sa.ForeignKeyConstraint(
            ["file_id"],
            ["logger_files.id"],
            name=op.f("fk_temperature_excursions_file_id_logger_files"),
            ondelete="RESTRICT",
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_temperature_excursions_item_id_items"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_temperature_excursions")),
    )
    op.create_index("ix_temperature_excursions_item_id", "temperature_excursions", ["item_id"])
    op.create_index(
        "ix_temperature_excursions_file_id_item_id", "temperature_excursions", ["file_id", "item_id"]
    )


def downgrade():
    op.drop_table("temperature_excursions")
    op.drop_table("logger_files")
