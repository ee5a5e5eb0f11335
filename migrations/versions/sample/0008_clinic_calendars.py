"""Calendars of sites, centrifuge programmes, and which tubes were spun; what a clinic has is found quickly."""

import json
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SENTENCE = "is append-only: a calendar that counted once is kept; set a new one"


def upgrade():
    _create_calendars()
    _create_programmes()
    _create_spins()
    op.create_index(
        "ix_items_collected",
        "items",
        ["custodian"],
        sqlite_where=sa.text("state = 'collected'"),
        postgresql_where=sa.text("state = 'collected'"),
    )
    _keep_what_was_spun()
    for statement in _sqlite() if _on_sqlite() else _postgresql():
        op.execute(statement)


def _create_calendars():
    op.create_table(
        "site_calendars",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("set_at", sa.BigInteger(), nullable=False),
        sa.Column("set_by", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_site_calendars_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_site_calendars")),
    )
    op.create_index(op.f("ix_site_calendars_site"), "site_calendars", ["site"])


def _create_programmes():
    op.create_table(
        "centrifuge_programmes",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("site", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("g", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("temperature_celsius", sa.Integer(), nullable=True),
        sa.Column("rotor", sa.String(length=20), nullable=True),
        sa.Column("added_at", sa.BigInteger(), nullable=False),
        sa.Column("added_by", sa.String(length=40), nullable=False),
        sa.Column("retired_at", sa.BigInteger(), nullable=True),
        sa.Column("retired_by", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(
            ["site"], ["sites.code"], name=op.f("fk_centrifuge_programmes_site_sites"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_centrifuge_programmes")),
        sa.UniqueConstraint("site", "name", name=op.f("uq_centrifuge_programmes_site_name")),
    )


def _create_spins():
    op.create_table(
        "spins",
        sa.Column("id", KEY, autoincrement=True, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("site", sa.String(length=64), nullable=True),
        sa.Column("programme", sa.String(length=40), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("began_at", sa.BigInteger(), nullable=True),
        sa.Column("warning", sa.String(length=40), nullable=True),
        sa.Column("undone_sequence", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["item_id"], ["items.id"], name=op.f("fk_spins_item_id_items"), ondelete="RESTRICT"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spins")),
        sa.UniqueConstraint("item_id", "sequence", name=op.f("uq_spins_item_id_sequence")),
    )


RUNS = """
SELECT i.id, e.body FROM ledger_entries e JOIN items i ON i.identifier = e.subject
WHERE i.kind = 'tube' AND e.kind = 'custody' ORDER BY e.subject, e.sequence
"""
KEEP = """
INSERT INTO spins (item_id, sequence, programme, minutes, began_at, undone_sequence)
VALUES (:item_id, :sequence, :programme, :minutes, :began_at, NULL)
"""
UNDO = "UPDATE spins SET undone_sequence = :undone WHERE item_id = :item_id AND sequence = :sequence"
LONGEST_NAME, MOST_MINUTES = 40, 600


def _keep_what_was_spun():
    """One pass through the log of tubes; entries of other steps are not read any further."""
    connection = op.get_bind()
    rows = connection.execute(sa.text(RUNS), execution_options={"stream_results": True})
    while some := rows.fetchmany(5000):
        for item_id, body in some:
            raw = bytes(body)
            if b'"action":"centrifuge"' in raw or b'"action":"correct"' in raw:
                _keep(connection, item_id, json.loads(raw))


def _keep(connection, item_id, event):
    details = event.get("details", {})
    if event["action"] == "centrifuge":
        name, minutes = _programme(details.get("programme"))
        began = event["occurred_at"]
        told = {"programme": name, "minutes": minutes, "began_at": _microseconds(began) if began else None}
        connection.execute(sa.text(KEEP), {"item_id": item_id, "sequence": event["sequence"], **told})
    elif event["action"] == "correct" and details.get("undo"):
        undone = {"sequence": event.get("corrects"), "undone": event["sequence"]}
        connection.execute(sa.text(UNDO), {"item_id": item_id, **undone})


def _programme(told):
    told = told if isinstance(told, dict) else {}
    name, minutes = told.get("name"), told.get("minutes")
    return (
        name[:LONGEST_NAME] if isinstance(name, str) else None,
        minutes if type(minutes) is int and 0 < minutes <= MOST_MINUTES else None,
    )


def _microseconds(text):
    moment = datetime.fromisoformat(text)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


def downgrade():
    for event in ("update", "delete", "replace") if _on_sqlite() else ("change", "truncate"):
        name = f"site_calendars_no_{event}"
        op.execute(f"DROP TRIGGER {name}" if _on_sqlite() else f"DROP TRIGGER {name} ON site_calendars")
    if not _on_sqlite():
        op.execute("DROP FUNCTION refuse_calendars()")
    op.drop_index("ix_items_collected", table_name="items")
    op.drop_table("spins")
    op.drop_table("centrifuge_programmes")
    op.drop_table("site_calendars")


def _on_sqlite():
    return op.get_bind().dialect.name == "sqlite"


def _sqlite():
    refuse = f"SELECT RAISE(ABORT, 'site_calendars {SENTENCE}');"
    yield f"CREATE TRIGGER site_calendars_no_update BEFORE UPDATE ON site_calendars BEGIN {refuse} END"
    yield f"CREATE TRIGGER site_calendars_no_delete BEFORE DELETE ON site_calendars BEGIN {refuse} END"
    yield (
        "CREATE TRIGGER site_calendars_no_replace BEFORE INSERT ON site_calendars "
        f"WHEN EXISTS (SELECT 1 FROM site_calendars WHERE id = NEW.id) BEGIN {refuse} END"
    )


def _postgresql():
    yield (
        "CREATE FUNCTION refuse_calendars() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"RAISE EXCEPTION '% {SENTENCE}', TG_TABLE_NAME; END $$"
    )
    yield (
        "CREATE TRIGGER site_calendars_no_change BEFORE UPDATE OR DELETE ON site_calendars "
        "FOR EACH ROW EXECUTE FUNCTION refuse_calendars()"
    )
    yield (
        "CREATE TRIGGER site_calendars_no_truncate BEFORE TRUNCATE ON site_calendars "
        "EXECUTE FUNCTION refuse_calendars()"
    )
