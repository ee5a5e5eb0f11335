"""The outbox's attempts to send, the texts as they were sent, and what was handed over on paper."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was tried, and said, stays; another attempt is a new row"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TABLES = {
    "message_texts": ("id", "message_id,sha256"),
    "message_attempts": ("id", "message_id,number"),
    "message_answers": ("id", "attempt_id"),
}
COLUMNS = (
    ("tries", sa.Integer(), {"nullable": False, "server_default": "0"}),
    ("due_at", sa.BigInteger(), {"nullable": True}),
    ("claimed_until", sa.BigInteger(), {"nullable": True}),
    ("trouble", sa.String(length=24), {"nullable": True}),
    ("by_post", sa.String(length=24), {"nullable": True}),
    ("handed_over_on", sa.Date(), {"nullable": True}),
    ("handed_over_by", sa.String(length=40), {"nullable": True}),
    ("handed_over_how", sa.String(length=12), {"nullable": True}),
)


def upgrade():
    for name, kind, more in COLUMNS:
        op.add_column("messages", sa.Column(name, kind, **more))
    op.create_table(
        "message_texts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("version", sa.String(length=12), nullable=False),
        sa.Column("language", sa.String(length=12), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.String(length=8000), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        _reference("message_texts", "message_id", "messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_texts")),
        sa.UniqueConstraint("message_id", "sha256", name=op.f("uq_message_texts_message_id_sha256")),
    )
    op.create_table(
        "message_attempts",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("message_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("begun_by", sa.String(length=40), nullable=False),
        _reference("message_attempts", "message_id", "messages"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_attempts")),
        sa.UniqueConstraint("message_id", "number", name=op.f("uq_message_attempts_message_id_number")),
    )
    op.create_table(
        "message_answers",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("attempt_id", KEY, nullable=False),
        sa.Column("text_id", KEY, nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("trouble", sa.String(length=24), nullable=True),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('sent', 'again', 'failed', 'by_post')", name=op.f("ck_message_answers_outcome")
        ),
        _reference("message_answers", "attempt_id", "message_attempts"),
        _reference("message_answers", "text_id", "message_texts"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_answers")),
        sa.UniqueConstraint("attempt_id", name=op.f("uq_message_answers_attempt_id")),
    )
    for table, keys in TABLES.items():
        for statement in _triggers(table, keys):
            op.execute(statement)


def _reference(table, column, other):
    return sa.ForeignKeyConstraint(
        [column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"), ondelete="RESTRICT"
    )


def _triggers(table, keys):
    if op.get_bind().dialect.name != "sqlite":
        return (
            (
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            ),
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()",
        )
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key.split(",")) + ")" for key in keys
    )
    refuse = f"SELECT RAISE(ABORT, '{table} {SENTENCE}');"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END",
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
        ),
    )


def downgrade():
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in reversed(TABLES):
        for event in ("update", "delete", "replace") if on_sqlite else ("change", "truncate"):
            name = f"{table}_no_{event}"
            op.execute(f"DROP TRIGGER {name}" if on_sqlite else f"DROP TRIGGER {name} ON {table}")
        op.drop_table(table)
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("messages", name)
