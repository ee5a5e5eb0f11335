"""Parcels without a manifest: begun at the dock, perhaps of a sender whom nobody knows; what was received today."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

WITHOUT, WITH = "origin VARCHAR(64)", "origin VARCHAR(64) NOT NULL"


def upgrade():
    _sender_may_be_unknown(True)
    op.add_column(
        "shipments", sa.Column("unannounced", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_index("ix_shipments_destination_received_at", "shipments", ["destination", "received_at"])


def downgrade():
    op.drop_index("ix_shipments_destination_received_at", table_name="shipments")
    op.drop_column("shipments", "unannounced")
    op.execute("UPDATE shipments SET origin = destination WHERE origin IS NULL")
    _sender_may_be_unknown(False)


def _sender_may_be_unknown(may):
    """SQLite's own procedure for a NOT NULL that goes or comes: the text of the table, and no row of it."""
    if op.get_bind().dialect.name != "sqlite":
        op.alter_column("shipments", "origin", existing_type=sa.String(64), nullable=may)
        return
    version = op.get_bind().scalar(sa.text("PRAGMA schema_version"))
    old, new = (WITH, WITHOUT) if may else (WITHOUT, WITH)
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        f"UPDATE sqlite_schema SET sql = replace(sql, '{old}', '{new}') "
        "WHERE type = 'table' AND name = 'shipments'"
    )
    op.execute(f"PRAGMA schema_version = {version + 1}")
    op.execute("PRAGMA writable_schema = OFF")
