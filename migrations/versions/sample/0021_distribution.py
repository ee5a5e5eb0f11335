"""Approved studies, what was distributed to them, what they answered, and what was exported."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was told or handed out is kept; a correction is a new entry"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("holder_notes", "study_checks", "data_exports")


def upgrade():
    op.create_table(
        "study_requests",
        _key(),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("study", sa.String(length=40), nullable=False),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("agreement", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_until", sa.Date(), nullable=False),
        *_by("registered", nullable=False),
        *_by("approved"),
        sa.Column("approval_signature", KEY, nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=True),
        *_by("ended"),
        sa.Column("ended_because", sa.String(length=24), nullable=True),
        _reference("study_requests", "approval_signature", "signatures.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_requests")),
        sa.UniqueConstraint("number", name=op.f("uq_study_requests_number")),
    )
    op.create_table(
        "study_portions",
        _key(),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("specification", sa.String(length=64), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        _reference("study_portions", "request_id", "study_requests.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_portions")),
        sa.UniqueConstraint(
            "request_id",
            "kind",
            "specification",
            name=op.f("uq_study_portions_request_id_kind_specification"),
        ),
    )
    op.create_table(
        "distributions",
        _key(),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        *_by("opened", nullable=False),
        *_by("closed"),
        _reference("distributions", "request_id", "study_requests.id"),
        _reference("distributions", "site", "sites.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distributions")),
    )
    op.create_index(op.f("ix_distributions_request_id"), "distributions", ["request_id"])
    op.create_table(
        "distributed_items",
        _key(),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("portion_id", KEY, nullable=False),
        sa.Column("distribution_id", KEY, nullable=True),
        sa.Column("distributed_at", sa.BigInteger(), nullable=True),
        *_by("recorded", nullable=False),
        sa.Column("back_sequence", sa.Integer(), nullable=True),
        _reference("distributed_items", "item_id", "items.id"),
        _reference("distributed_items", "request_id", "study_requests.id"),
        _reference("distributed_items", "portion_id", "study_portions.id"),
        _reference("distributed_items", "distribution_id", "distributions.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_distributed_items")),
        sa.UniqueConstraint("item_id", "sequence", name=op.f("uq_distributed_items_item_id_sequence")),
    )
    for column in ("request_id", "distribution_id"):
        op.create_index(op.f(f"ix_distributed_items_{column}"), "distributed_items", [column])
    op.create_table(
        "holder_notes",
        _key(),
        sa.Column("distributed_id", KEY, nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("answer", sa.String(length=16), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=True),
        *_by("recorded", nullable=False),
        sa.CheckConstraint("change IN ('asked', 'answered')", name=op.f("ck_holder_notes_change")),
        _reference("holder_notes", "distributed_id", "distributed_items.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_notes")),
    )
    op.create_index(op.f("ix_holder_notes_distributed_id"), "holder_notes", ["distributed_id"])
    op.create_table(
        "study_checks",
        _key(),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("items", sa.Integer(), nullable=False),
        *_by("recorded", nullable=False),
        _reference("study_checks", "request_id", "study_requests.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_checks")),
    )
    op.create_table(
        "data_exports",
        _key(),
        sa.Column("what", sa.String(length=24), nullable=False),
        sa.Column("request_id", KEY, nullable=True),
        sa.Column("log_size", sa.BigInteger(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("participants_left_out", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        *_by("recorded", nullable=False),
        _reference("data_exports", "request_id", "study_requests.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_data_exports")),
    )
    for table in APPEND_ONLY:
        for statement in _triggers(table):
            op.execute(statement)


def _key():
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _by(verb, *, nullable=True):
    return (
        sa.Column(f"{verb}_at", sa.BigInteger(), nullable=nullable),
        sa.Column(f"{verb}_by", sa.String(length=40), nullable=nullable),
    )


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
        # SQLite's REPLACE deletes without a DELETE trigger.
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse} END"
        ),
    )


def downgrade():
    for table in (*reversed(APPEND_ONLY), "distributed_items", "distributions", "study_portions"):
        op.drop_table(table)
    op.drop_table("study_requests")
