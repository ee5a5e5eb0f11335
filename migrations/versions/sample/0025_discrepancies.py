"""Discrepancies are cases: whose they are, by when something is due, what the site answered, how they ended."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STANDING = sa.text("resolved_at IS NULL")
USUAL_DAYS = 14
DAY = 86_400_000_000
"""Microseconds."""
TEXTS = {
    "found_at": 64,
    "owner": 64,
    "answer": 24,
    "answer_sentence": 500,
    "answered_by": 64,
    "resolved_as": 24,
}
MOMENTS = ("due_at", "asked_at", "answered_at")
OF_STANDING = {
    "ix_discrepancies_standing_site": ["site", "id"],
    "ix_discrepancies_standing_found_at": ["found_at", "id"],
    "ix_discrepancies_standing_kind": ["kind", "id"],
    "ix_discrepancies_standing_owner": ["owner", "id"],
    "ix_discrepancies_standing_state": ["state", "id"],
    "ix_discrepancies_due_site": ["site", "due_at"],
    "ix_discrepancies_due_found_at": ["found_at", "due_at"],
    "ix_discrepancies_due": ["due_at"],
}
OF_ALL = {
    "ix_discrepancies_site_id": ["site", "id"],
    "ix_discrepancies_found_at_id": ["found_at", "id"],
    "ix_discrepancies_kind_id": ["kind", "id"],
    "ix_discrepancies_opened_at": ["opened_at"],
}


def upgrade():
    for name, length in TEXTS.items():
        op.add_column("discrepancies", sa.Column(name, sa.String(length=length), nullable=True))
    for name in MOMENTS:
        op.add_column("discrepancies", sa.Column(name, sa.BigInteger(), nullable=True))
    op.add_column(
        "discrepancies", sa.Column("has_entry", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.execute(f"UPDATE discrepancies SET due_at = opened_at + {USUAL_DAYS * DAY} WHERE resolved_at IS NULL")
    with op.batch_alter_table("discrepancies") as batch:
        batch.alter_column("has_entry", server_default=None)
        batch.drop_index("ix_discrepancies_state_site")
    for name, columns in OF_STANDING.items():
        op.create_index(name, "discrepancies", columns, sqlite_where=STANDING, postgresql_where=STANDING)
    for name, columns in OF_ALL.items():
        op.create_index(name, "discrepancies", columns)
    op.create_index("ix_milestones_step_at", "milestones", ["step", "at"])
    _create_separations()


def _create_separations():
    op.create_table(
        "code_separations",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("case_id", KEY, nullable=False),
        sa.Column("other_id", KEY, nullable=True),
        sa.Column("outcome", sa.String(length=24), nullable=False),
        sa.Column("sentence", sa.String(length=500), nullable=False),
        sa.Column("proposed_at", sa.BigInteger(), nullable=False),
        sa.Column("proposed_by", sa.String(length=40), nullable=False),
        sa.Column("approved_at", sa.BigInteger(), nullable=True),
        sa.Column("approved_by", sa.String(length=40), nullable=True),
        sa.Column("approval_signature", KEY, nullable=True),
        sa.Column("record_sha256", sa.String(length=64), nullable=True),
        *(
            sa.ForeignKeyConstraint(
                [column],
                [f"{table}.id"],
                name=op.f(f"fk_code_separations_{column}_{table}"),
                ondelete="RESTRICT",
            )
            for column, table in (
                ("case_id", "discrepancies"),
                ("other_id", "items"),
                ("approval_signature", "signatures"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_code_separations")),
    )
    op.create_index(op.f("ix_code_separations_case_id"), "code_separations", ["case_id"])


def downgrade():
    op.drop_table("code_separations")
    op.drop_index("ix_milestones_step_at", "milestones")
    for name in (*OF_STANDING, *OF_ALL):
        op.drop_index(name, "discrepancies")
    op.create_index("ix_discrepancies_state_site", "discrepancies", ["state", "site"])
    with op.batch_alter_table("discrepancies") as batch:
        for name in (*TEXTS, *MOMENTS, "has_entry"):
            batch.drop_column(name)
