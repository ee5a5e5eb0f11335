"""The schema that the migrations make: up, down and up again, equal to the models, its triggers in place."""

import importlib
import pkgutil

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import DatabaseError

import biobank
from biobank.core import schema
from biobank.core.database import prepare_engine
from biobank.core.tables import Base

for module in pkgutil.walk_packages(biobank.__path__, "biobank."):
    if module.name.endswith(".models"):
        importlib.import_module(module.name)

APPEND_ONLY = {
    "ledger_entries", "ledger_leaves", "ledger_nodes", "ledger_checkpoints", "signatures", "decisions", "certificates",
    "print_jobs", "printed_labels", "print_job_events", "order_versions", "collection_changes", "site_calendars", "offline_scans",
    "deaths", "waiting_requests", "request_endings", "participant_periods", "scope_ends", "signed_changes",
    "custodians_asked", "attestations", "attested_pieces", "attestation_ends",
    "message_texts", "message_attempts", "message_answers",
    "account_events",
}  # fmt: skip


@pytest.fixture
def engine(database_url):
    engine = create_engine(database_url)
    prepare_engine(engine)
    yield engine
    engine.dispose()


def tables(engine):
    return set(inspect(engine).get_table_names())


def triggers(engine):
    if engine.dialect.name == "sqlite":
        question = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    else:
        question = "SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal"
    with engine.connect() as connection:
        return {tuple(row) for row in connection.execute(text(question))}


def test_up_down_and_up_again(engine):
    before, guarded = tables(engine), triggers(engine)
    schema.downgrade(engine)
    assert tables(engine) <= {"alembic_version"}
    assert schema.revision_of(engine) is None
    schema.upgrade(engine)
    assert tables(engine) == before
    assert triggers(engine) == guarded
    assert schema.revision_of(engine) == schema.newest_revision()


def test_each_migration_goes_down_and_up_by_itself(engine):
    for revision in ("0002", "0001", "base"):
        schema.downgrade(engine, revision)
    for revision in ("0001", "0002", "0003", "head"):
        schema.upgrade(engine, revision)
    assert schema.revision_of(engine) == schema.newest_revision()


def test_head_is_what_the_models_say(engine):
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_every_append_only_table_is_guarded(engine):
    guarded = {}
    for table, name in triggers(engine):
        guarded.setdefault(table, set()).add(name.removeprefix(f"{table}_no_"))
    wanted = {"update", "delete", "replace"} if engine.dialect.name == "sqlite" else {"change", "truncate"}
    assert dict.fromkeys(APPEND_ONLY, wanted) == {
        table: names for table, names in guarded.items() if table in APPEND_ONLY
    }


REWRITES = {
    "sqlite": (
        "REPLACE INTO ledger_entries SELECT * FROM ledger_entries",
        (
            "INSERT OR REPLACE INTO ledger_entries (id, subject, sequence, kind, recorded_at, previous, hash, body) "
            "SELECT id + 1, subject, sequence, kind, recorded_at, previous, hash, body FROM ledger_entries"
        ),
    ),
    "postgresql": ("TRUNCATE ledger_entries CASCADE",),
}


def test_a_written_entry_stays_whatever_is_said_to_the_database(engine):
    entry = {"zero": b"\0" * 32}
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO ledger_entries (id, subject, sequence, kind, recorded_at, previous, hash, body) "
                "VALUES (1, 'T1', 1, 'custody', 1, :zero, :zero, :zero)"
            ),
            entry,
        )
    anywhere = ("UPDATE ledger_entries SET kind = 'other'", "DELETE FROM ledger_entries")
    for statement in (*anywhere, *REWRITES[engine.dialect.name]):
        with pytest.raises(DatabaseError, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))
    with engine.connect() as connection:
        assert connection.execute(text("SELECT count(*), min(kind) FROM ledger_entries")).one() == (
            1,
            "custody",
        )


OLD_SCANS = (
    (
        "INSERT INTO sites (code, name, kind, zone, created_at, created_by) "
        "VALUES ('clinic-1', 'Clinic', 'clinic', 'UTC', 1, 'setup')"
    ),
    (
        "INSERT INTO stations (code, site, name, token_sha256, created_at, created_by) "
        "VALUES ('clinic-1/DESK', 'clinic-1', 'DESK', 'x', 1, 'setup')"
    ),
    (
        "INSERT INTO refused_scans (text_seen, action, refusal, person, station, at) "
        "VALUES ('JUNK', 'collect', 'Unknown.', 'testa', 'clinic-1/DESK', 17), ('MORE', NULL, 'Unknown.', 'testa', NULL, 18)"
    ),
)


def test_the_refused_scans_of_before_are_in_the_one_log_and_go_back(engine):
    schema.downgrade(engine, "0002")
    with engine.begin() as connection:
        for statement in OLD_SCANS:
            connection.execute(text(statement))
        before = connection.execute(text("SELECT * FROM refused_scans ORDER BY id")).all()
    schema.upgrade(engine, "0003")
    with engine.connect() as connection:
        kept = connection.execute(
            text(
                "SELECT at, text_seen, action, outcome, refusal, person, station, site, item_id FROM scans ORDER BY id"
            )
        ).all()
    assert [tuple(row) for row in kept] == [
        (17, "JUNK", "collect", "refused", "Unknown.", "testa", "clinic-1/DESK", "clinic-1", None),
        (18, "MORE", None, "refused", "Unknown.", "testa", None, None, None),
    ]
    schema.downgrade(engine, "0002")
    with engine.connect() as connection:
        assert connection.execute(text("SELECT * FROM refused_scans ORDER BY id")).all() == before


def test_what_was_printed_before_jobs_had_events_was_handed_out(engine):
    schema.downgrade(engine, "0003")
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO print_jobs (id, medium, dpi, labels, sha256, printed_at, printed_by) "
                "VALUES (7, 'pdf', 300, 2, 'abc', 5, 'lead.ana')"
            )
        )
    schema.upgrade(engine)
    with engine.connect() as connection:
        told = connection.execute(text('SELECT job_id, state, at, "by" FROM print_job_events ORDER BY id'))
        assert [tuple(row) for row in told] == [(7, "made", 5, "lead.ana"), (7, "handed_out", 5, "lead.ana")]


def test_tubes_that_were_spun_before_are_known_as_spun(engine):
    schema.downgrade(engine, "0007")
    spin = '{"action":"centrifuge","details":{"programme":'
    bodies = [
        f'{spin}{{"minutes":15,"name":"Gel"}}}},"occurred_at":"1970-01-01T00:00:00.000007Z","sequence":2}}',
        '{"action":"correct","corrects":2,"details":{"undo":"newest step"},"occurred_at":null,"sequence":3}',
        f'{spin}{{"minutes":1000000000000}}}},"occurred_at":null,"sequence":4}}',
    ]
    with engine.begin() as connection:
        connection.execute(
            text(
                "INSERT INTO items (id, identifier, kind, state, sequence, head, recorded_at) "
                "VALUES (5, 'T1', 'tube', 'in_transit', 4, :zero, 1)"
            ),
            {"zero": b"\0" * 32},
        )
        for number, body in enumerate(bodies, 2):
            connection.execute(
                text(
                    "INSERT INTO ledger_entries (id, subject, sequence, kind, recorded_at, previous, hash, body) "
                    "VALUES (:number, 'T1', :number, 'custody', 1, :zero, :zero, :body)"
                ),
                {"number": number, "zero": b"\0" * 32, "body": body.encode()},
            )
    schema.upgrade(engine)
    with engine.connect() as connection:
        runs = connection.execute(
            text(
                "SELECT item_id, sequence, programme, minutes, began_at, undone_sequence FROM spins ORDER BY id"
            )
        ).all()
    assert [tuple(run) for run in runs] == [(5, 2, "Gel", 15, 7, 3), (5, 4, None, None, None, None)]
