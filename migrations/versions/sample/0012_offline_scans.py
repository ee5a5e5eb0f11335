"""Scans taken without network, as they were received, and what came of each; rows stay as they came."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SENTENCE = "offline_scans is append-only: what a station sent stays as it came"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CONFLICTS = sa.text("outcome = 'conflict'")


def upgrade():
    op.create_table(
        "offline_scans",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("counter", KEY, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("scanned", sa.String(length=200), nullable=False),
        sa.Column("item_id", KEY, nullable=True),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("said_at", sa.BigInteger(), nullable=True),
        sa.Column("clock_offset_seconds", sa.Integer(), nullable=True),
        sa.Column("performed_by", sa.String(length=64), nullable=False),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=True),
        sa.Column("event_sequence", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('taken', 'already', 'conflict')", name=op.f("ck_offline_scans_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"],
            ["items.id"],
            name=op.f("fk_offline_scans_item_id_items"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offline_scans")),
        sa.UniqueConstraint("key", name=op.f("uq_offline_scans_key")),
    )
    op.create_index(op.f("ix_offline_scans_item_id"), "offline_scans", ["item_id"], unique=False)
    op.create_index(
        "ix_offline_scans_conflicts",
        "offline_scans",
        ["site", "id"],
        sqlite_where=CONFLICTS,
        postgresql_where=CONFLICTS,
    )
    for statement in _sqlite() if _on_sqlite() else _postgresql():
        op.execute(statement)


def downgrade():
    op.drop_table("offline_scans")
    if not _on_sqlite():
        op.execute("DROP FUNCTION refuse_offline_scans()")


def _on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _sqlite():
    refuse = f"SELECT RAISE(ABORT, '{SENTENCE}');"
    yield f"CREATE TRIGGER offline_scans_no_update BEFORE UPDATE ON offline_scans BEGIN {refuse} END"
    yield f"CREATE TRIGGER offline_scans_no_delete BEFORE DELETE ON offline_scans BEGIN {refuse} END"
    yield (
        "CREATE TRIGGER offline_scans_no_replace BEFORE INSERT ON offline_scans "
        "WHEN EXISTS (SELECT 1 FROM offline_scans WHERE id = NEW.id OR key = NEW.key) "
        f"BEGIN {refuse} END"
    )


def _postgresql():
    yield (
        "CREATE FUNCTION refuse_offline_scans() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '{SENTENCE}'; END $$"
    )
    for name, when in (("change", "UPDATE OR DELETE"), ("truncate", "TRUNCATE")):
        yield (
            f"CREATE TRIGGER offline_scans_no_{name} BEFORE {when} ON offline_scans "
            f"FOR EACH {'ROW' if name == 'change' else 'STATEMENT'} EXECUTE FUNCTION refuse_offline_scans()"
        )
