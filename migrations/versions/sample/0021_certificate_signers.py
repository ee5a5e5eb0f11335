"""Who signs certificates: keys and chains by fingerprint, never the keys themselves."""

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
