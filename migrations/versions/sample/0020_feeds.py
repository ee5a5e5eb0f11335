"""Feeds of decisions in and of destruction results out, and their acknowledgements."""

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
