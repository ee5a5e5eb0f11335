"""Badges and PINs, how a browser signed in and where its person was, and forms kept over a sign-in."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.create_table(
        "badges",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("given_at", sa.BigInteger(), nullable=False),
        sa.Column("given_by", sa.String(length=40), nullable=False),
        sa.Column("taken_at", sa.BigInteger(), nullable=True),
        sa.Column("taken_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["person"], ["people.username"], name=op.f("fk_badges_person_people"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_badges")),
        sa.UniqueConstraint("sha256", name=op.f("uq_badges_sha256")),
    )
    op.create_index("ix_badges_person", "badges", ["person"])
    op.create_table(
        "kept_forms",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("person", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("path", sa.String(length=500), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kept_at", sa.BigInteger(), nullable=False),
        sa.Column("kept_until", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person"], ["people.username"], name=op.f("fk_kept_forms_person_people"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_forms")),
        sa.UniqueConstraint("person", "key", name=op.f("uq_kept_forms_person_key")),
    )
    op.add_column("people", sa.Column("pin_hash", sa.String(length=200), nullable=True))
    op.add_column(
        "browser_sessions",
        sa.Column("signed_in_by", sa.String(length=10), nullable=False, server_default="password"),
    )
    op.add_column("browser_sessions", sa.Column("locked_at", sa.BigInteger(), nullable=True))
    op.add_column("browser_sessions", sa.Column("page", sa.String(length=400), nullable=True))
    op.create_index("ix_browser_sessions_person_station", "browser_sessions", ["person", "station"])
    op.add_column("idempotency_keys", sa.Column("told", sa.Text(), nullable=True))


def downgrade():
    op.drop_column("idempotency_keys", "told")
    op.drop_index("ix_browser_sessions_person_station", table_name="browser_sessions")
    for column in ("page", "locked_at", "signed_in_by"):
        op.drop_column("browser_sessions", column)
    op.drop_column("people", "pin_hash")
    op.drop_table("kept_forms")
    op.drop_table("badges")
