"""Visits with their kits, answers that can be erased, and appointments; who signed a consent; cancelled kits."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SENTENCE = "is append-only: a later change is a new row"


def upgrade():
    _create_visits()
    _create_visit_kits()
    _create_answers()
    _create_appointments()
    _create_collection_changes()
    op.add_column("consents", sa.Column("signed_by", sa.String(length=16), nullable=True))
    op.add_column("consents", sa.Column("assent", sa.Boolean(), nullable=True))


def _site_and_participant(table):
    return (
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f(f"fk_{table}_site_sites"), ondelete="RESTRICT"
        ),
        sa.ForeignKeyConstraint(
            ["participant"],
            ["participants.code"],
            name=op.f(f"fk_{table}_participant_participants"),
            ondelete="RESTRICT",
        ),
    )


def _refers(table, column, to):
    return sa.ForeignKeyConstraint(
        [column], [f"{to}.id"], name=op.f(f"fk_{table}_{column}_{to}"), ondelete="RESTRICT"
    )


def _create_visits():
    op.create_table(
        "visits",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        *_site_and_participant("visits"),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.BigInteger(), nullable=False),
        sa.Column("opened_by", sa.String(length=40), nullable=False),
        sa.Column("identity_attested_at", sa.BigInteger(), nullable=True),
        sa.Column("identity_attested_by", sa.String(length=80), nullable=True),
        sa.Column("question_set", sa.String(length=64), nullable=True),
        sa.Column("clearance", sa.String(length=12), nullable=True),
        sa.Column("answers_sha256", sa.String(length=64), nullable=True),
        sa.Column("cleared_at", sa.BigInteger(), nullable=True),
        sa.Column("cleared_by", sa.String(length=80), nullable=True),
        sa.Column("compensation", sa.String(length=40), nullable=True),
        sa.Column("compensated_at", sa.BigInteger(), nullable=True),
        sa.Column("compensated_by", sa.String(length=80), nullable=True),
        sa.CheckConstraint("state IN ('open', 'closed', 'cancelled')", name=op.f("ck_visits_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visits")),
    )
    op.create_index("ix_visits_site_on", "visits", ["site", "on"])
    op.create_index("ix_visits_site_state", "visits", ["site", "state", "id"])
    op.create_index("ix_visits_participant", "visits", ["participant", "on"])


def _create_visit_kits():
    op.create_table(
        "visit_kits",
        sa.Column("visit_id", KEY, nullable=False),
        sa.Column("kit_id", KEY, nullable=False),
        sa.Column("labels_confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("labels_confirmed_by", sa.String(length=80), nullable=True),
        _refers("visit_kits", "visit_id", "visits"),
        _refers("visit_kits", "kit_id", "items"),
        sa.PrimaryKeyConstraint("visit_id", "kit_id", name=op.f("pk_visit_kits")),
        sa.UniqueConstraint("kit_id", name=op.f("uq_visit_kits_kit_id")),
    )


def _create_answers():
    op.create_table(
        "safety_answers",
        sa.Column("visit_id", KEY, nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("weight_grams", sa.Integer(), nullable=True),
        sa.Column("drawn_elsewhere_microlitres", sa.Integer(), nullable=False),
        sa.Column("salt", sa.LargeBinary(length=16), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=False),
        _refers("safety_answers", "visit_id", "visits"),
        sa.PrimaryKeyConstraint("visit_id", name=op.f("pk_safety_answers")),
    )
    op.create_index(op.f("ix_safety_answers_answered_at"), "safety_answers", ["answered_at"])


def _create_appointments():
    op.create_table(
        "appointments",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        *_site_and_participant("appointments"),
        sa.Column("time", sa.String(length=5), nullable=True),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_appointments")),
        sa.UniqueConstraint("site", "on", "participant", name=op.f("uq_appointments_site_on_participant")),
    )
    op.create_index("ix_appointments_participant", "appointments", ["participant"])


def _create_collection_changes():
    table = "collection_changes"
    op.create_table(
        table,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("kit_id", KEY, nullable=False),
        sa.Column("change", sa.String(length=12), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.BigInteger(), nullable=False),
        sa.Column("recorded_by", sa.String(length=40), nullable=False),
        sa.CheckConstraint("change IN ('cancelled', 'restored')", name=op.f("ck_collection_changes_change")),
        _refers(table, "kit_id", "items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collection_changes")),
    )
    op.create_index(op.f("ix_collection_changes_kit_id"), table, ["kit_id"])
    for statement in _sqlite(table) if _on_sqlite() else _postgresql(table):
        op.execute(statement)


def downgrade():
    op.drop_column("consents", "assent")
    op.drop_column("consents", "signed_by")
    for event in ("update", "delete", "replace") if _on_sqlite() else ("change", "truncate"):
        name = f"collection_changes_no_{event}"
        op.execute(f"DROP TRIGGER {name}" if _on_sqlite() else f"DROP TRIGGER {name} ON collection_changes")
    for table in ("collection_changes", "appointments", "safety_answers", "visit_kits", "visits"):
        op.drop_table(table)


def _on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _sqlite(table):
    refuse = f"SELECT RAISE(ABORT, '{table} {SENTENCE}');"
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END"
    yield (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse} END"
    )


def _postgresql(table):
    yield (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    yield f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()"
