"""Reversals, deaths, requests that wait, and a new period of taking part."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was told of a participant is kept; a correction is a new entry"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = (
    "deaths",
    "waiting_requests",
    "request_endings",
    "participant_periods",
    "scope_ends",
    "signed_changes",
)


def upgrade():
    op.add_column(
        "participants", sa.Column("deceased", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.add_column("participants", sa.Column("linked_at", sa.BigInteger(), nullable=True))
    op.add_column("decisions", sa.Column("proved", sa.Boolean(), nullable=True))
    op.execute(
        "UPDATE participants SET linked_at = (SELECT max(recorded_at) FROM ledger_entries "
        "WHERE subject = 'participant:' || participants.code AND kind = 'relink_participant') "
        "WHERE linked_to IS NOT NULL"
    )
    op.execute("UPDATE participants SET deceased = (deceased_on IS NOT NULL)")
    _about_a_participant(
        "deaths",
        sa.Column("died_on", sa.Date(), nullable=True),
        *_asked(),
        indexed="ix_deaths_participant",
    )
    _about_a_participant(
        "waiting_requests",
        sa.Column("leaves", sa.Boolean(), nullable=False),
        sa.Column("information", sa.String(length=12), nullable=False),
        sa.Column("samples", sa.String(length=12), nullable=False),
        sa.Column("ceremony", sa.String(length=16), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        *_asked(),
        indexed="ix_waiting_requests_participant",
    )
    op.create_table(
        "request_endings",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("ending", sa.String(length=12), nullable=False),
        sa.Column("decision_id", KEY, nullable=True),
        sa.Column("evidence", sa.String(length=120), nullable=True),
        sa.Column("reason", sa.String(length=24), nullable=True),
        *_recorded(),
        sa.CheckConstraint("ending IN ('completed', 'declined')", name=op.f("ck_request_endings_ending")),
        _reference("request_endings", "request_id", "waiting_requests.id"),
        _reference("request_endings", "decision_id", "decisions.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_request_endings")),
        sa.UniqueConstraint("request_id", name=op.f("uq_request_endings_request_id")),
    )
    _about_a_participant(
        "participant_periods",
        sa.Column("consent_id", KEY, nullable=False),
        sa.Column("begins_at", sa.BigInteger(), nullable=False),
        *_recorded(),
        _reference("participant_periods", "consent_id", "consents.id"),
        indexed="ix_participant_periods_participant",
    )
    _about_a_participant(
        "scope_ends",
        sa.Column("scopes", sa.String(length=120), nullable=False),
        *_asked(),
        indexed="ix_scope_ends_participant",
    )
    _about_a_participant(
        "signed_changes",
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("decisions", sa.String(length=200), nullable=True),
        sa.Column("death_id", KEY, nullable=True),
        sa.Column("other", sa.String(length=16), nullable=True),
        sa.Column("order_identifier", sa.String(length=13), nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=False),
        sa.Column("first_signature", KEY, nullable=False),
        sa.Column("second_signature", KEY, nullable=False),
        *_asked(),
        sa.CheckConstraint(
            "kind IN ('reversal', 'mistaken_decision', 'mistaken_death', 'same_person')",
            name=op.f("ck_signed_changes_kind"),
        ),
        _reference("signed_changes", "death_id", "deaths.id"),
        _reference("signed_changes", "other", "participants.code"),
        _reference("signed_changes", "first_signature", "signatures.id"),
        _reference("signed_changes", "second_signature", "signatures.id"),
        indexed="ix_signed_changes_participant",
    )
    for table in TABLES:
        for statement in _triggers(table):
            op.execute(statement)


def _asked():
    """Who asked or told, in which capacity, how and when; and when and by whom it was entered."""
    return (
        sa.Column("requested_by", sa.String(length=80), nullable=False),
        sa.Column("capacity", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=20), nullable=False),
        sa.Column("evidence", sa.String(length=120), nullable=True),
        sa.Column("decided_at", sa.BigInteger(), nullable=False),
        sa.Column("zone", sa.String(length=64), nullable=False),
        sa.Column("offset_minutes", sa.Integer(), nullable=False),
        *_recorded(),
    )


def _recorded():
    return (
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
    )


def _reference(table, column, other):
    named, _, key = other.partition(".")
    return sa.ForeignKeyConstraint(
        [column], [f"{named}.{key}"], name=op.f(f"fk_{table}_{column}_{named}"), ondelete="RESTRICT"
    )


def _about_a_participant(table, *columns, indexed):
    op.create_table(
        table,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("participant", sa.String(length=16), nullable=False),
        *columns,
        _reference(table, "participant", "participants.code"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(indexed, table, ["participant"])


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
    # SQLite's REPLACE deletes without a DELETE trigger.
    same = "id = NEW.id" + (" OR request_id = NEW.request_id" if table == "request_endings" else "")
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END",
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
        ),
    )


def downgrade():
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("decisions", "proved")
    op.drop_column("participants", "linked_at")
    op.drop_column("participants", "deceased")
