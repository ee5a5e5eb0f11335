"""Pick lists, their lines, the numbers by which studies know what they were given, and an index of what is stored."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SENTENCE = "is append-only: the number by which a study knows a piece never changes"
STORED, PICKED = sa.text("state = 'stored'"), sa.text("state = 'picked'")
LINKED = sa.text("linked_to IS NOT NULL")


def upgrade():
    op.create_table(
        "pick_lists",
        _key(),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("request_id", KEY, nullable=True),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("goes_to", sa.String(length=40), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("rule", sa.String(length=16), nullable=False),
        sa.Column("one_each", sa.Boolean(), nullable=False),
        sa.Column("least_microlitres", sa.Integer(), nullable=False),
        sa.Column("collected_at", sa.String(length=64), nullable=True),
        sa.Column("out_hours", sa.Integer(), nullable=False),
        *_by("made", nullable=False),
        *_by("cancelled"),
        sa.Column("cancelled_because", sa.String(length=24), nullable=True),
        _reference("pick_lists", "request_id", "study_requests.id"),
        _reference("pick_lists", "site", "sites.code"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_lists")),
    )
    op.create_index(op.f("ix_pick_lists_request_id"), "pick_lists", ["request_id"])
    op.create_index("ix_pick_lists_site_id", "pick_lists", ["site", "id"])
    op.create_table(
        "pick_lines",
        _key(),
        sa.Column("list_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("because", sa.String(length=16), nullable=True),
        sa.Column("sequence", sa.Integer(), nullable=True),
        sa.Column("changed_by", sa.String(length=40), nullable=True),
        sa.Column("due_at", sa.BigInteger(), nullable=True),
        _reference("pick_lines", "list_id", "pick_lists.id"),
        _reference("pick_lines", "item_id", "items.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick_lines")),
        sa.UniqueConstraint("list_id", "item_id", name=op.f("uq_pick_lines_list_id_item_id")),
    )
    op.create_index("ix_pick_lines_list_id_state", "pick_lines", ["list_id", "state"])
    op.create_index("ix_pick_lines_item_id", "pick_lines", ["item_id"])
    op.create_index(
        "ix_pick_lines_due", "pick_lines", ["due_at"], sqlite_where=PICKED, postgresql_where=PICKED
    )
    op.create_table(
        "study_samples",
        _key(),
        sa.Column("request_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("number", sa.String(length=12), nullable=False),
        *_by("given", nullable=False),
        _reference("study_samples", "request_id", "study_requests.id"),
        _reference("study_samples", "item_id", "items.id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_study_samples")),
        sa.UniqueConstraint("request_id", "item_id", name=op.f("uq_study_samples_request_id_item_id")),
        sa.UniqueConstraint("request_id", "number", name=op.f("uq_study_samples_request_id_number")),
    )
    op.create_index(op.f("ix_study_samples_item_id"), "study_samples", ["item_id"])
    for statement in _triggers("study_samples"):
        op.execute(statement)
    op.create_index(
        "ix_items_stored",
        "items",
        ["custodian", "kind", "specification", "collected_at"],
        sqlite_where=STORED,
        postgresql_where=STORED,
    )

    op.create_index(
        "ix_participants_linked_to",
        "participants",
        ["linked_to"],
        sqlite_where=LINKED,
        postgresql_where=LINKED,
    )


def _key():
    return sa.Column("id", KEY, autoincrement=True, nullable=False)


def _by(verb, *, nullable=True):
    return (
        sa.Column(f"{verb}_at", sa.BigInteger(), nullable=nullable),
        sa.Column(f"{verb}_by", sa.String(length=40), nullable=nullable),
    )


def _reference(table, column, other):
    named, _, key = other.partition(".")
    return sa.ForeignKeyConstraint(
        [column], [f"{named}.{key}"], name=op.f(f"fk_{table}_{column}_{named}"), ondelete="RESTRICT"
    )


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
            f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS (SELECT 1 FROM {table} "
            "WHERE id = NEW.id OR (request_id = NEW.request_id AND "
            f"(item_id = NEW.item_id OR number = NEW.number))) BEGIN {refuse} END"
        ),
    )


def downgrade():
    op.drop_index("ix_participants_linked_to", "participants")
    op.drop_index("ix_items_stored", "items")
    for table in ("study_samples", "pick_lines", "pick_lists"):
        op.drop_table(table)
