"""Legal holds, ceremonies that several orders join, pools and their rule."""

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
