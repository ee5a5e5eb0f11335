"""One log of every scan, taken or not, in the place of the log of the refused ones."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "scans",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("text_seen", sa.String(length=200), nullable=False),
        sa.Column("read_as", sa.String(length=80), nullable=True),
        sa.Column("damage", sa.String(length=80), nullable=True),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("action", sa.String(length=40), nullable=True),
        sa.Column("outcome", sa.String(length=12), nullable=False),
        sa.Column("refusal", sa.String(length=500), nullable=True),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.CheckConstraint(
            "outcome IN ('taken', 'shown', 'asked_back', 'refused')", name=op.f("ck_scans_outcome")
        ),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_scans_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scans")),
    )
    op.execute(
        "INSERT INTO scans (at, text_seen, action, outcome, refusal, person, station, site) "
        "SELECT at, text_seen, action, 'refused', refusal, person, station, "
        "(SELECT stations.site FROM stations WHERE stations.code = refused_scans.station) "
        "FROM refused_scans ORDER BY id"
    )
    op.create_index("ix_scans_site_id", "scans", ["site", "id"])
    op.create_index("ix_scans_item_id_id", "scans", ["item_id", "id"])
    # Few rows each, and none of a scan that was taken.
    for name, columns, where in (
        ("ix_scans_unknown", ["read_as", "id"], "item_id IS NULL"),
        ("ix_scans_refused", ["site", "id"], "outcome = 'refused'"),
    ):
        op.create_index(name, "scans", columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
    op.drop_index("ix_refused_scans_at", table_name="refused_scans")
    op.drop_table("refused_scans")


def downgrade():
    op.create_table(
        "refused_scans",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False
        ),
        sa.Column("text_seen", sa.String(length=200), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=True),
        sa.Column("refusal", sa.String(length=500), nullable=False),
        sa.Column("person", sa.String(length=64), nullable=False),
        sa.Column("station", sa.String(length=64), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refused_scans")),
    )
    op.create_index(op.f("ix_refused_scans_at"), "refused_scans", ["at"], unique=False)
    op.execute(
        "INSERT INTO refused_scans (text_seen, action, refusal, person, station, at) "
        "SELECT text_seen, action, refusal, person, station, at FROM scans "
        "WHERE outcome = 'refused' ORDER BY id"
    )
    op.drop_table("scans")
