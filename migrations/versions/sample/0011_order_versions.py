"""Versions of orders: what each said is kept for good; its free text can still be erased."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what an order said is kept; an amendment is a new version"
TABLE = "order_versions"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        TABLE,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint(
            "status IN ('created', 'amended', 'cancelled', 'restored')",
            name=op.f("ck_order_versions_status"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["imported_orders.id"],
            name=op.f("fk_order_versions_order_id_imported_orders"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_versions")),
        sa.UniqueConstraint("order_id", "version", name=op.f("uq_order_versions_order_id_version")),
    )
    op.create_index(op.f("ix_order_versions_content_hash"), TABLE, ["content_hash"])
    op.add_column(
        "imported_order_notes", sa.Column("version", sa.Integer(), server_default="1", nullable=False)
    )
    # What an order said before there were versions was not kept: its first one has no document.
    op.execute(
        f"INSERT INTO {TABLE} (order_id, version, status, content_hash, document, recorded_at, recorded_by) "
        "SELECT id, 1, 'created', content_hash, NULL, imported_at, imported_by "
        "FROM imported_orders ORDER BY id"
    )
    for statement in _sqlite() if _on_sqlite() else _postgresql():
        op.execute(statement)


def downgrade():
    op.drop_table(TABLE)
    op.drop_column("imported_order_notes", "version")


def _on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _sqlite():
    refuse = f"SELECT RAISE(ABORT, '{TABLE} {SENTENCE}');"
    same = "id = NEW.id OR (order_id = NEW.order_id AND version = NEW.version)"
    yield f"CREATE TRIGGER {TABLE}_no_update BEFORE UPDATE ON {TABLE} BEGIN {refuse} END"
    yield f"CREATE TRIGGER {TABLE}_no_delete BEFORE DELETE ON {TABLE} BEGIN {refuse} END"
    yield (
        f"CREATE TRIGGER {TABLE}_no_replace BEFORE INSERT ON {TABLE} "
        f"WHEN EXISTS (SELECT 1 FROM {TABLE} WHERE {same}) BEGIN {refuse} END"
    )


def _postgresql():
    yield (
        f"CREATE TRIGGER {TABLE}_no_change BEFORE UPDATE OR DELETE ON {TABLE} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    yield f"CREATE TRIGGER {TABLE}_no_truncate BEFORE TRUNCATE ON {TABLE} EXECUTE FUNCTION refuse_change()"
