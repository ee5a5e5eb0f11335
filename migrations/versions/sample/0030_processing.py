"""Runs of a centrifuge with many tubes; what was frozen and thawed; whether a programme brakes."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade():
    op.add_column("centrifuge_programmes", sa.Column("brake", sa.String(length=10), nullable=True))
    _create_runs()
    _create_freeze_thaws()
    # Said as a part of the column: a table that is rebuilt for it would lose the rows that refer to it.
    kind = "INTEGER" if _on_sqlite() else "BIGINT"
    op.execute(
        f"ALTER TABLE spins ADD COLUMN run_id {kind} "
        "CONSTRAINT fk_spins_run_id_centrifuge_runs REFERENCES centrifuge_runs (id)"
    )


def _create_runs():
    op.create_table(
        "centrifuge_runs",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("centrifuge", sa.String(length=40), nullable=True),
        sa.Column("programme", sa.String(length=40), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("balance", sa.String(length=40), nullable=False),
        sa.Column("tubes", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("begun_by", sa.String(length=40), nullable=False),
        sa.Column("ended_at", sa.BigInteger(), nullable=True),
        sa.Column("ended_by", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centrifuge_runs")),
    )
    op.create_index("ix_centrifuge_runs_site_id", "centrifuge_runs", ["site", "id"])


def _create_freeze_thaws():
    op.create_table(
        "freeze_thaws",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("change", sa.String(length=10), nullable=False),
        sa.Column("thaws", sa.Integer(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=True),
        sa.Column("undone_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_freeze_thaws_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_freeze_thaws")),
        sa.UniqueConstraint("item_id", "sequence", name=op.f("uq_freeze_thaws_item_id_sequence")),
    )


def downgrade():
    op.drop_column("spins", "run_id")
    op.drop_table("freeze_thaws")
    op.drop_table("centrifuge_runs")
    op.drop_column("centrifuge_programmes", "brake")


def _on_sqlite():
    return op.get_bind().dialect.name == "sqlite"
