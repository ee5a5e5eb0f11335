"""Feeds of decisions in and of destruction results out, and their acknowledgements."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was received, acknowledged and applied is kept as it was"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SAME = {
    "feed_deliveries": "id = NEW.id OR content_sha256 = NEW.content_sha256",
    "feed_rows": "id = NEW.id OR (delivery_id = NEW.delivery_id AND line = NEW.line)",
    "result_acknowledgements": "id = NEW.id OR (position = NEW.position AND line = NEW.line)",
    "journal_applications": "id = NEW.id OR entry_hash = NEW.entry_hash",
}
"""By table what makes a row the same one."""


def upgrade():
    op.create_table(
        "feed_deliveries",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("content_sha256", sa.String(length=64), nullable=False),
        sa.Column("row_count", sa.Integer(), nullable=False),
        sa.Column("file", sa.String(length=120), nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_deliveries")),
        sa.UniqueConstraint("content_sha256", name=op.f("uq_feed_deliveries_content_sha256")),
    )
    op.create_table(
        "feed_rows",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("delivery_id", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("called", sa.String(length=40), nullable=True),
        sa.Column("participant", sa.String(length=20), nullable=False),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("offset_minutes", sa.Integer(), nullable=False),
        sa.Column("information", sa.String(length=12), nullable=False),
        sa.Column("samples", sa.String(length=12), nullable=False),
        sa.Column("ceremony", sa.String(length=16), nullable=False),
        sa.Column("deceased", sa.Boolean(), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("new_participant", sa.Boolean(), nullable=False),
        sa.Column("ceremony_differs", sa.Boolean(), nullable=False),
        sa.Column("decision_id", KEY, nullable=True),
        sa.Column("death_id", KEY, nullable=True),
        sa.CheckConstraint(
            "outcome IN ('recorded', 'known', 'compliance_decides', 'not_ours')",
            name=op.f("ck_feed_rows_outcome"),
        ),
        _reference("feed_rows", "delivery_id", "feed_deliveries.id"),
        _reference("feed_rows", "decision_id", "decisions.id"),
        _reference("feed_rows", "death_id", "deaths.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feed_rows")),
        sa.UniqueConstraint("delivery_id", "line", name=op.f("uq_feed_rows_delivery_id_line")),
    )
    op.create_index("ix_feed_rows_participant", "feed_rows", ["participant"])
    op.create_table(
        "result_acknowledgements",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("position", KEY, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("acknowledged_at", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_result_acknowledgements")),
        sa.UniqueConstraint("position", "line", name=op.f("uq_result_acknowledgements_position_line")),
    )
    op.create_table(
        "journal_applications",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("entry_hash", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("subject", sa.String(length=64), nullable=False),
        sa.Column("number", KEY, nullable=True),
        sa.Column("applied_at", sa.BigInteger(), nullable=False),
        sa.Column("applied_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_journal_applications")),
        sa.UniqueConstraint("entry_hash", name=op.f("uq_journal_applications_entry_hash")),
    )
    for table in SAME:
        for statement in _triggers(table):
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
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {SAME[table]}) BEGIN {refuse} END"
        ),
    )


def downgrade():
    for table in reversed(SAME):
        op.drop_table(table)
