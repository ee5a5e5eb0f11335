"""An index of the few participants whose answers are open: the start page of compliance read everybody's row."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None

FEW = sa.text("information = 'undecided' OR samples = 'undecided'")


def upgrade():
    op.create_index(
        "ix_participants_undecided", "participants", ["code"], sqlite_where=FEW, postgresql_where=FEW
    )


def downgrade():
    op.drop_index("ix_participants_undecided", table_name="participants")
