"""Custodians outside, attestations and what ended elsewhere."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what a custodian said is kept; a correction is a new entry"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = ("custodians_asked", "attestations", "attested_pieces", "attestation_ends")
SAME = {
    "attested_pieces": " OR (attestation_id = NEW.attestation_id AND item_id = NEW.item_id)",
    "attestation_ends": " OR attestation_id = NEW.attestation_id",
}
"""What else is unique: SQLite's REPLACE deletes without a DELETE trigger."""


def upgrade():
    op.create_table(
        "custodians",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("organisation", sa.String(length=120), nullable=False),
        sa.Column("agreement", sa.String(length=80), nullable=False),
        sa.Column("in_use", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_custodians")),
        sa.UniqueConstraint("code", name=op.f("uq_custodians_code")),
    )
    _create(
        "custodians_asked",
        sa.Column("order_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("custodian", sa.String(length=40), nullable=False),
        sa.Column("wanted", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.BigInteger(), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=False),
        sa.Column("due_at", sa.BigInteger(), nullable=False),
        _reference("custodians_asked", "order_id", "destruction_orders"),
        _reference("custodians_asked", "item_id", "items"),
    )
    _attestations()
    for table, column in (
        ("custodians_asked", "order_id"),
        ("custodians_asked", "item_id"),
        ("attestations", "batch_id"),
        ("attested_pieces", "item_id"),
    ):
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    for table in TABLES:
        for statement in _triggers(table):
            op.execute(statement)
    op.add_column("waste_batches", sa.Column("contractor", sa.String(length=40), nullable=True))
    op.add_column("waste_batches", sa.Column("manifest", sa.String(length=64), nullable=True))
    op.add_column("waste_batches", sa.Column("handed_over_at", sa.BigInteger(), nullable=True))
    out = sa.text("state = 'sent_out'")
    op.create_index("ix_items_sent_out", "items", ["custodian"], sqlite_where=out, postgresql_where=out)


def _attestations():
    _create(
        "attestations",
        sa.Column("grade", sa.String(length=12), nullable=False),
        sa.Column("custodian", sa.String(length=40), nullable=False),
        sa.Column("organisation", sa.String(length=120), nullable=False),
        sa.Column("document", sa.String(length=80), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("signer_role", sa.String(length=24), nullable=True),
        sa.Column("batch_id", KEY, nullable=True),
        sa.Column("received_at", sa.BigInteger(), nullable=False),
        sa.Column("received_by", sa.String(length=40), nullable=False),
        _reference("attestations", "batch_id", "waste_batches"),
    )
    _create(
        "attested_pieces",
        sa.Column("attestation_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("destroyed_on", sa.Date(), nullable=False),
        sa.Column("method", sa.String(length=16), nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("file_line", sa.Integer(), nullable=True),
        _reference("attested_pieces", "attestation_id", "attestations"),
        _reference("attested_pieces", "item_id", "items"),
        sa.UniqueConstraint(
            "attestation_id", "item_id", name=op.f("uq_attested_pieces_attestation_id_item_id")
        ),
    )
    _create(
        "attestation_ends",
        sa.Column("attestation_id", KEY, nullable=False),
        sa.Column("accepted", sa.Boolean(), nullable=False),
        sa.Column("signature_id", KEY, nullable=True),
        sa.Column("because", sa.String(length=24), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.String(length=40), nullable=False),
        _reference("attestation_ends", "attestation_id", "attestations"),
        _reference("attestation_ends", "signature_id", "signatures"),
        sa.UniqueConstraint("attestation_id", name=op.f("uq_attestation_ends_attestation_id")),
    )


def _create(table, *columns):
    op.create_table(
        table,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )


def _reference(table, column, other):
    name = op.f(f"fk_{table}_{column}_{other}")
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=name, ondelete="RESTRICT")


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
    same = f"id = NEW.id{SAME.get(table, '')}"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END",
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
        ),
    )


def downgrade():
    op.drop_index("ix_items_sent_out", table_name="items")
    for column in ("handed_over_at", "manifest", "contractor"):
        op.drop_column("waste_batches", column)
    for table in (*reversed(TABLES), "custodians"):
        op.drop_table(table)
