"""Set-up links, time codes, recovery codes, passkeys, what happened to accounts, and how signatures were proved."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what happened to an account is kept"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
OF_A_PERSON = ("setup_links", "time_codes", "recovery_codes", "passkeys", "account_events")


def upgrade():
    _of_a_person(
        "setup_links",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("made_by", sa.String(length=40), nullable=False),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.UniqueConstraint("sha256", name=op.f("uq_setup_links_sha256")),
    )
    _of_a_person(
        "time_codes",
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("begun_at", sa.BigInteger(), nullable=False),
        sa.Column("confirmed_at", sa.BigInteger(), nullable=True),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
    )
    _of_a_person(
        "recovery_codes",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.BigInteger(), nullable=False),
        sa.Column("used_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.UniqueConstraint("sha256", name=op.f("uq_recovery_codes_sha256")),
    )
    _of_a_person(
        "passkeys",
        sa.Column("credential", sa.String(length=1400), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("registered_at", sa.BigInteger(), nullable=False),
        sa.Column("last_used_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_at", sa.BigInteger(), nullable=True),
        sa.Column("revoked_by", sa.String(length=40), nullable=True),
        sa.UniqueConstraint("credential", name=op.f("uq_passkeys_credential")),
    )
    op.create_table(
        "passkey_questions",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("purpose", sa.String(length=10), nullable=False),
        sa.Column("asked_by", sa.String(length=40), nullable=True),
        sa.Column("expires_at", sa.BigInteger(), nullable=False),
        sa.Column("answered_at", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey_questions")),
        sa.UniqueConstraint("sha256", name=op.f("uq_passkey_questions_sha256")),
    )
    _of_a_person(
        "account_events",
        sa.Column("event", sa.String(length=24), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=40), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("address_sha256", sa.String(length=64), nullable=True),
        sa.Column("details", sa.Text(), nullable=False),
    )
    op.create_index("ix_account_events_event_at", "account_events", ["event", "at"])
    for statement in _triggers("account_events"):
        op.execute(statement)
    op.add_column("signatures", sa.Column("proved_by", sa.String(length=10), nullable=True))
    op.add_column("signatures", sa.Column("assertion", sa.Text(), nullable=True))


def _of_a_person(table, *columns):
    op.create_table(
        table,
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        *columns,
        sa.ForeignKeyConstraint(
            ["person"], ["people.username"], name=op.f(f"fk_{table}_person_people"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_person", table, ["person"])


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
            f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse} END"
        ),
    )


def downgrade():
    op.drop_column("signatures", "assertion")
    op.drop_column("signatures", "proved_by")
    op.drop_table("account_events")
    op.drop_table("passkey_questions")
    for table in reversed(OF_A_PERSON[:-1]):
        op.drop_table(table)
