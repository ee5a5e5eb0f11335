"""What is written stays: triggers against UPDATE, DELETE, replacing INSERT and TRUNCATE."""

from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Table and the columns whose values may appear once only (SQLite's REPLACE deletes without a DELETE trigger).
APPEND_ONLY = {
    "ledger_entries": ("id", "subject,sequence"),
    "ledger_leaves": ("leaf_index", "entry_id"),
    "ledger_nodes": ("level,position",),
    "ledger_checkpoints": ("id",),
    "signatures": ("id",),
    "decisions": ("id",),
    "certificates": ("id", "identifier"),
}
SENTENCE = "is append-only: correct a mistake with a new entry that names the old one"


def upgrade():
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '% {SENTENCE}', TG_TABLE_NAME; END $$"
        )
    for table, keys in APPEND_ONLY.items():
        for statement in _sqlite(table, keys) if on_sqlite else _postgresql(table):
            op.execute(statement)


def downgrade():
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    for table in APPEND_ONLY:
        for event in ("update", "delete", "replace") if on_sqlite else ("change", "truncate"):
            name = f"{table}_no_{event}"
            op.execute(f"DROP TRIGGER {name}" if on_sqlite else f"DROP TRIGGER {name} ON {table}")
    if not on_sqlite:
        op.execute("DROP FUNCTION refuse_change()")


def _sqlite(table, keys):
    same = " OR ".join(
        "(" + " AND ".join(f"{column} = NEW.{column}" for column in key.split(",")) + ")" for key in keys
    )
    refuse = f"SELECT RAISE(ABORT, '{table} {SENTENCE}');"
    yield f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END"
    yield f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END"
    yield (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
    )


def _postgresql(table):
    yield (
        f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    yield f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()"
