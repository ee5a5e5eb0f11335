"""Indexes for what waits: each of the few items that are so now, of all that there ever were."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

INDEXES = (
    ("ix_items_received", ["custodian"], "state = 'received'"),
    ("ix_items_checked_out", ["custodian"], "state = 'checked_out'"),
    ("ix_items_in_transit", ["sent_to"], "state = 'in_transit'"),
    ("ix_items_expected", ["kit_id"], "state = 'expected'"),
    ("ix_items_place_unknown", ["site"], "place_unknown_since IS NOT NULL"),
    ("ix_items_parcels", ["state", "id"], "kind = 'parcel'"),
)


def upgrade():
    for name, columns, few in INDEXES:
        op.create_index(name, "items", columns, sqlite_where=sa.text(few), postgresql_where=sa.text(few))


def downgrade():
    for name, _, _ in reversed(INDEXES):
        op.drop_index(name, table_name="items")
