"""Who signs certificates: keys and chains by fingerprint, never the keys themselves."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade():
    op.add_column("certificates", sa.Column("signed_with", sa.String(length=64), nullable=True))


def downgrade():
    op.drop_column("certificates", "signed_with")
