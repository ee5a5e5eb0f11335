"""The tubes of a centrifuge run are found by an index: each tube that goes in asks how many are in it."""

from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade():
    op.create_index("ix_spins_run_id", "spins", ["run_id"])


def downgrade():
    op.drop_index("ix_spins_run_id", "spins")
