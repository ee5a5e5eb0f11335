"""Print jobs keep what stood on each label and how each job went; what is written about a print stays."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was printed once was printed; a new job names the old one"
APPEND_ONLY = ("print_jobs", "printed_labels", "print_job_events")
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    for table, columns in ADDED.items():
        for column in columns:
            op.add_column(table, column())
    # Said as a part of the column: a table that is rebuilt for it would lose the rows that refer to it.
    kind = "INTEGER" if _on_sqlite() else "BIGINT"
    op.execute(
        f"ALTER TABLE print_jobs ADD COLUMN reprint_of {kind} "
        "CONSTRAINT fk_print_jobs_reprint_of_print_jobs REFERENCES print_jobs (id)"
    )
    op.create_index(op.f("ix_print_jobs_site"), "print_jobs", ["site"])
    _create_events()
    op.execute(
        "INSERT INTO print_job_events (job_id, state, at, by, station) "
        "SELECT id, 'made', printed_at, printed_by, station FROM print_jobs ORDER BY id"
    )
    op.execute(
        "INSERT INTO print_job_events (job_id, state, at, by, station) "
        "SELECT id, 'handed_out', printed_at, printed_by, station FROM print_jobs ORDER BY id"
    )
    _create_printers()
    for table in APPEND_ONLY:
        for statement in _sqlite(table) if _on_sqlite() else _postgresql(table):
            op.execute(statement)


ADDED = {
    "print_jobs": (
        lambda: sa.Column("site", sa.String(length=64), nullable=True),
        lambda: sa.Column("printer", sa.String(length=40), nullable=True),
        lambda: sa.Column("start", sa.Integer(), server_default="1", nullable=False),
        lambda: sa.Column("paper", sa.Text(), nullable=True),
        lambda: sa.Column("requisition", sa.Text(), nullable=True),
        lambda: sa.Column("requisition_sha256", sa.String(length=64), nullable=True),
    ),
    "printed_labels": (
        lambda: sa.Column("template_version", sa.Integer(), server_default="1", nullable=False),
        lambda: sa.Column("lines", sa.Text(), nullable=True),
        lambda: sa.Column("reason", sa.String(length=20), nullable=True),
        lambda: sa.Column("remark", sa.String(length=200), nullable=True),
    ),
}


def _create_events():
    op.create_table(
        "print_job_events",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.Column("remark", sa.String(length=300), nullable=True),
        sa.CheckConstraint(
            "state IN ('made', 'handed_out', 'sending', 'sent', 'failed', 'unclear', 'printed', 'not_printed')",
            name=op.f("ck_print_job_events_state"),
        ),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["print_jobs.id"],
            name=op.f("fk_print_job_events_job_id_print_jobs"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job_events")),
    )
    op.create_index(op.f("ix_print_job_events_job_id"), "print_job_events", ["job_id"])
    op.create_index(op.f("ix_print_job_events_state"), "print_job_events", ["state"])


def _create_printers():
    op.create_table(
        "printer_turns",
        sa.Column("printer", sa.String(length=40), nullable=False),
        sa.Column("job_id", KEY, nullable=False),
        sa.Column("until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"],
            ["print_jobs.id"],
            name=op.f("fk_printer_turns_job_id_print_jobs"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("printer", name=op.f("pk_printer_turns")),
    )
    op.create_table(
        "printer_choices",
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("printer", sa.String(length=40), nullable=False),
        sa.Column("chosen_at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person", name=op.f("pk_printer_choices")),
    )


def downgrade():
    for table in APPEND_ONLY:
        for event in ("update", "delete", "replace") if _on_sqlite() else ("change", "truncate"):
            name = f"{table}_no_{event}"
            op.execute(f"DROP TRIGGER {name}" if _on_sqlite() else f"DROP TRIGGER {name} ON {table}")
    if not _on_sqlite():
        op.execute("DROP FUNCTION refuse_printed()")
    op.drop_table("printer_choices")
    op.drop_table("printer_turns")
    op.drop_table("print_job_events")
    op.drop_index(op.f("ix_print_jobs_site"), table_name="print_jobs")
    op.drop_column("print_jobs", "reprint_of")
    for table, columns in ADDED.items():
        for column in columns:
            op.drop_column(table, column().name)


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
    if table == APPEND_ONLY[0]:
        yield (
            "CREATE FUNCTION refuse_printed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '% {SENTENCE}', TG_TABLE_NAME; END $$"
        )
    yield (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_printed()"
    )
    yield f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_printed()"
