"""Tubes that are expected are found by their site: a clinic's start page went through every kit it ever assigned."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None

NAME, FEW = "ix_items_expected", sa.text("state = 'expected'")


def upgrade():
    op.drop_index(NAME, table_name="items")
    op.create_index(NAME, "items", ["site", "kit_id"], sqlite_where=FEW, postgresql_where=FEW)


def downgrade():
    op.drop_index(NAME, table_name="items")
    op.create_index(NAME, "items", ["kit_id"], sqlite_where=FEW, postgresql_where=FEW)
