"""The vault: keys, sealed identities that nothing deletes, and looks into it that nothing changes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
# Table, the events that are refused, and the columns whose values may appear once only (SQLite's REPLACE).
GUARDED = {
    "vault_accesses": (("UPDATE", "DELETE"), ("id", "access")),
    "identities": (("DELETE",), ("participant", "programme_index")),
}
SENTENCE = "stays: what the vault holds is corrected, never taken out"


def upgrade():
    op.create_table(
        "vault_keys",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("wrapped", sa.LargeBinary(), nullable=False),
        sa.Column("wrapped_by", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_vault_keys")),
    )
    op.create_table(
        "identities",
        sa.Column("participant", sa.String(length=16), nullable=False),
        sa.Column("key_number", sa.Integer(), nullable=False),
        sa.Column("programme_index", sa.String(length=64), nullable=True),
        sa.Column("name_index", sa.String(length=64), nullable=False),
        sa.Column("programme_participant", sa.LargeBinary(), nullable=True),
        sa.Column("given_name", sa.LargeBinary(), nullable=False),
        sa.Column("family_name", sa.LargeBinary(), nullable=False),
        sa.Column("birth_date", sa.LargeBinary(), nullable=False),
        sa.Column("email", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("postal_address", sa.LargeBinary(), nullable=True),
        sa.Column("language", sa.LargeBinary(), nullable=False),
        sa.Column("entered_at", sa.BigInteger(), nullable=False),
        sa.Column("entered_by", sa.String(length=40), nullable=False),
        sa.Column("changed_at", sa.BigInteger(), nullable=False),
        sa.Column("changed_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["key_number"],
            ["vault_keys.number"],
            name=op.f("fk_identities_key_number_vault_keys"),
            ondelete="RESTRICT",
        ),
        sa.PrimaryKeyConstraint("participant", name=op.f("pk_identities")),
        sa.UniqueConstraint("programme_index", name=op.f("uq_identities_programme_index")),
    )
    op.create_index(op.f("ix_identities_key_number"), "identities", ["key_number"])
    op.create_index(op.f("ix_identities_name_index"), "identities", ["name_index"])
    op.create_table(
        "vault_accesses",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("access", sa.String(length=32), nullable=False),
        sa.Column("participant", sa.String(length=16), nullable=True),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("fields", sa.String(length=200), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("document", sa.String(length=40), nullable=True),
        sa.Column("answer", sa.String(length=3), nullable=True),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("roles", sa.String(length=200), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vault_accesses")),
        sa.UniqueConstraint("access", name=op.f("uq_vault_accesses_access")),
    )
    op.create_index("ix_vault_accesses_participant", "vault_accesses", ["participant", "at"])
    _guard(on_sqlite=op.get_bind().dialect.name == "sqlite")


def _guard(*, on_sqlite):
    if not on_sqlite:
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '% {SENTENCE}', TG_TABLE_NAME; END $$"
        )
    for table, (events, keys) in GUARDED.items():
        for statement in _sqlite(table, events, keys) if on_sqlite else _postgresql(table, events):
            op.execute(statement)


def _sqlite(table, events, keys):
    refuse = f"SELECT RAISE(ABORT, '{table} {SENTENCE}');"
    for event in events:
        yield f"CREATE TRIGGER {table}_no_{event.lower()} BEFORE {event} ON {table} BEGIN {refuse} END"
    same = " OR ".join(f"{key} = NEW.{key}" for key in keys)
    yield (
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} "
        f"WHEN EXISTS (SELECT 1 FROM {table} WHERE {same}) BEGIN {refuse} END"
    )


def _postgresql(table, events):
    yield (
        f"CREATE TRIGGER {table}_no_change BEFORE {' OR '.join(events)} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
    )
    yield f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()"


def downgrade():
    for table in ("vault_accesses", "identities", "vault_keys"):
        op.drop_table(table)  # its triggers go with it
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_change()")
