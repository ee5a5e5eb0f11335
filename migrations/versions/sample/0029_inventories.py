"""Inventory checks, what was read in them, how count and log differed, and samples that were drawn."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

SENTENCE = "is append-only: what was counted is kept; a mistake is read again"
KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
APPEND_ONLY = ("inventory_samples", "inventory_readings", "inventory_differences")
OPEN = "state IN ('planned', 'counting', 'counted')"


def upgrade():
    op.create_table(
        "inventory_samples",
        _number(),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("seed", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("population", sa.Integer(), nullable=False),
        sa.Column("population_sha256", sa.String(length=64), nullable=False),
        *_done("drawn", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_samples")),
    )
    _create_checks()
    _create_readings()
    _create_differences()
    for table in APPEND_ONLY:
        for trigger in _triggers(table):
            op.execute(trigger)


def _create_checks():
    table = "inventory_checks"
    op.create_table(
        table,
        _number(),
        sa.Column("unit_id", KEY, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("within_id", KEY, nullable=True),
        sa.Column("sample_id", KEY, nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("turn", sa.Integer(), nullable=False),
        *_done("planned", nullable=False),
        *_done("begun"),
        *_done("counted"),
        *_done("closed"),
        sa.Column("because", sa.String(length=500), nullable=True),
        sa.Column("agreed", sa.Integer(), nullable=True),
        sa.Column("differences", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "state IN ('planned', 'counting', 'counted', 'closed', 'cancelled')",
            name=op.f("ck_inventory_checks_state"),
        ),
        _points(table, "unit_id", "items"),
        _points(table, "within_id", "inventory_checks"),
        _points(table, "sample_id", "inventory_samples"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_checks")),
    )
    op.create_index(
        "uq_inventory_checks_open",
        table,
        ["unit_id"],
        unique=True,
        sqlite_where=sa.text(OPEN),
        postgresql_where=sa.text(OPEN),
    )
    op.create_index("ix_inventory_checks_unit_id_closed_at", table, ["unit_id", "closed_at"])
    op.create_index("ix_inventory_checks_site_state", table, ["site", "state", "id"])
    op.create_index("ix_inventory_checks_site_closed_at", table, ["site", "closed_at"])
    op.create_index(op.f("ix_inventory_checks_within_id"), table, ["within_id"])
    op.create_index(op.f("ix_inventory_checks_sample_id"), table, ["sample_id"])


def _create_readings():
    table = "inventory_readings"
    op.create_table(
        table,
        _number(),
        sa.Column("check_id", KEY, nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("position", sa.String(length=8), nullable=True),
        sa.Column("seen", sa.String(length=12), nullable=False),
        sa.Column("code", sa.String(length=200), nullable=True),
        sa.Column("item_id", KEY, nullable=True),
        *_done("read", nullable=False),
        sa.Column("source", sa.String(length=12), nullable=False),
        sa.Column("reference", sa.String(length=200), nullable=False),
        sa.Column("confirmation", sa.String(length=500), nullable=True),
        _points(table, "check_id", "inventory_checks"),
        _points(table, "item_id", "items"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_readings")),
    )
    op.create_index("ix_inventory_readings_check_id", table, ["check_id", "id"])


def _create_differences():
    table = "inventory_differences"
    op.create_table(
        table,
        _number(),
        sa.Column("check_id", KEY, nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("item_id", KEY, nullable=True),
        sa.Column("position", sa.String(length=8), nullable=True),
        sa.Column("code", sa.String(length=200), nullable=True),
        sa.Column("discrepancy_id", KEY, nullable=False),
        _points(table, "check_id", "inventory_checks"),
        _points(table, "item_id", "items"),
        _points(table, "discrepancy_id", "discrepancies"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inventory_differences")),
    )
    op.create_index(op.f("ix_inventory_differences_check_id"), table, ["check_id"])
    op.create_index(op.f("ix_inventory_differences_discrepancy_id"), table, ["discrepancy_id"])


def _number():
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _done(verb, *, nullable=True):
    return (
        sa.Column(f"{verb}_at", sa.BigInteger(), nullable=nullable),
        sa.Column(f"{verb}_by", sa.String(length=64), nullable=nullable),
    )


def _points(table, column, at):
    name = op.f(f"fk_{table}_{column}_{at}")
    return sa.ForeignKeyConstraint([column], [f"{at}.id"], name=name, ondelete="RESTRICT")


def _triggers(table):
    if op.get_bind().dialect.name != "sqlite":
        return (
            (
                f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            ),
            f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} EXECUTE FUNCTION refuse_change()",
        )
    refuse = f"SELECT RAISE(ABORT, '{table} {SENTENCE}');"
    return (
        f"CREATE TRIGGER {table}_no_update BEFORE UPDATE ON {table} BEGIN {refuse} END",
        f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} BEGIN {refuse} END",
        # SQLite's REPLACE deletes without a DELETE trigger.
        (
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS "
            f"(SELECT 1 FROM {table} WHERE id = NEW.id) BEGIN {refuse} END"
        ),
    )


def downgrade():
    for table in ("inventory_differences", "inventory_readings", "inventory_checks", "inventory_samples"):
        op.drop_table(table)
