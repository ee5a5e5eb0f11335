"""Disclosures, legal demands and breach reports."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was demanded, decided or told is kept; a correction is a new entry"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("legal_demands", "demand_decisions", "disclosure_notes", "breach_reports", "breach_people")


def upgrade():
    op.create_table(
        "legal_demands",
        _key(),
        sa.Column("reference", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("demanded_by", sa.String(length=40), nullable=False),
        sa.Column("received_on", sa.Date(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=True),
        sa.Column("participants", sa.String(length=2000), nullable=False),
        sa.Column("fields", sa.String(length=400), nullable=False),
        *_by("recorded", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_legal_demands")),
        sa.UniqueConstraint("demanded_by", "reference", name=op.f("uq_legal_demands_demanded_by_reference")),
    )
    op.create_table(
        "demand_decisions",
        _key(),
        sa.Column("demand_id", KEY, nullable=False),
        sa.Column("decision", sa.String(length=24), nullable=False),
        sa.Column("fields", sa.String(length=400), nullable=False),
        sa.Column("certificate_cited", sa.Boolean(), nullable=False),
        sa.Column("certificate", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("signature_id", KEY, nullable=False),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        *_by("decided", nullable=False),
        _reference("demand_decisions", "demand_id", "legal_demands.id"),
        _reference("demand_decisions", "signature_id", "signatures.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_demand_decisions")),
    )
    op.create_index(op.f("ix_demand_decisions_demand_id"), "demand_decisions", ["demand_id"])
    op.create_table(
        "disclosures",
        _key(),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("basis", sa.String(length=24), nullable=False),
        sa.Column("demand_id", KEY, nullable=True),
        sa.Column("fields", sa.String(length=400), nullable=False),
        sa.Column("receiver", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=200), nullable=False),
        *_by("opened", nullable=False),
        *_by("approved"),
        sa.Column("approval_signature", KEY, nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=True),
        *_by("made"),
        *_by("dropped"),
        _reference("disclosures", "participant", "participants.code"),
        _reference("disclosures", "demand_id", "legal_demands.id"),
        _reference("disclosures", "approval_signature", "signatures.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosures")),
    )
    op.create_index(op.f("ix_disclosures_participant"), "disclosures", ["participant"])
    op.create_table(
        "disclosure_notes",
        _key(),
        sa.Column("disclosure_id", KEY, nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("how", sa.String(length=16), nullable=True),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("because", sa.String(length=24), nullable=True),
        sa.Column("look_again_on", sa.Date(), nullable=True),
        sa.Column("message_id", KEY, nullable=True),
        *_by("recorded", nullable=False),
        sa.CheckConstraint("change IN ('told', 'not_yet')", name=op.f("ck_disclosure_notes_change")),
        _reference("disclosure_notes", "disclosure_id", "disclosures.id"),
        _reference("disclosure_notes", "message_id", "messages.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disclosure_notes")),
    )
    op.create_index(op.f("ix_disclosure_notes_disclosure_id"), "disclosure_notes", ["disclosure_id"])
    op.create_table(
        "breach_reports",
        _key(),
        sa.Column("about", sa.String(length=12), nullable=False),
        sa.Column("named", sa.String(length=64), nullable=True),
        sa.Column("from_at", sa.BigInteger(), nullable=False),
        sa.Column("until_at", sa.BigInteger(), nullable=False),
        sa.Column("cause", sa.String(length=24), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("steps", sa.String(length=200), nullable=False),
        *_by("recorded", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_reports")),
    )
    op.create_table(
        "breach_people",
        _key(),
        sa.Column("report_id", KEY, nullable=False),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("shown", sa.String(length=200), nullable=False),
        sa.Column("confirmed", sa.String(length=200), nullable=False),
        sa.Column("looks", sa.Integer(), nullable=False),
        sa.Column("entries", sa.Integer(), nullable=False),
        _reference("breach_people", "report_id", "breach_reports.id"),
        _reference("breach_people", "participant", "participants.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_breach_people")),
        sa.UniqueConstraint("report_id", "participant", name=op.f("uq_breach_people_report_id_participant")),
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


SAME = {
    "legal_demands": " OR (demanded_by = NEW.demanded_by AND reference = NEW.reference)",
    "breach_people": " OR (report_id = NEW.report_id AND participant = NEW.participant)",
}


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
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS "
            f"(SELECT 1 FROM {table} WHERE id = NEW.id{SAME.get(table, '')}) BEGIN {refuse} END"
        ),
    )


def downgrade():
    for table in ("breach_people", "breach_reports", "disclosure_notes", "disclosures"):
        op.drop_table(table)
    for table in ("demand_decisions", "legal_demands"):
        op.drop_table(table)
