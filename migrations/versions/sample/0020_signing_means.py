"""How people prove who they are beside a password: set-up links, one-time passwords, passkeys."""

revision = "0020"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade():
    pass


def downgrade():
    pass
