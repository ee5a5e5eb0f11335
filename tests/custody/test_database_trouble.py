"""A database that is full, locked, read-only or gone: one sentence, nothing half done, and on it goes after."""

import sqlite3

import pytest
from sqlalchemy import event, text

from biobank.core.database import db, reading, writing
from biobank.core.errors import DatabaseUnavailable
from biobank.custody.checks import StepRefused
from biobank.custody.states import Action
from tests.custody.conftest import Bench

only_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
only_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
TABLES = ("ledger_entries", "ledger_unsealed", "items", "holds", "discrepancies", "idempotency_keys")


def counts(app):
    with app.app_context(), reading() as work:
        return [work.connection.execute(text(f"SELECT count(*) FROM {name}")).scalar() for name in TABLES]


def pragma(app, statement):
    """On the connection that the next transaction of this thread gets."""
    with app.app_context(), writing() as work:
        return work.cursor.execute(f"PRAGMA {statement}").fetchone()[0]


def unavailable(answer):
    assert answer.status == 503, answer.json
    assert answer.json["detail"].startswith("The database did not take this (full, locked or away); nothing")
    assert answer.headers["Retry-After"] == "5"


@only_sqlite
def test_a_full_database_acknowledges_nothing_that_it_does_not_keep(programme):
    app, tubes = programme.app, programme.assigned_kit()[1]
    pragma(app, f"max_page_count = {pragma(app, 'page_count') + 4}")
    before, answers = counts(app)[0], []
    while not answers or answers[-1].status != 503:
        told = {"confirmation": "it was so", "details": {"seen": "x" * 5000}}
        answers.append(programme.scan("clinic_staff", tubes[0], "freeze", **told))
        assert len(answers) < 500
    taken = sum(answer.status == 201 for answer in answers)
    unavailable(answers[-1])
    assert counts(app)[0] == before + taken
    pragma(app, "max_page_count = 1000000")
    assert programme.scan("clinic_staff", tubes[1], "collect").status == 201
    assert pragma(app, "integrity_check") == "ok"


@only_sqlite
def test_a_database_that_another_program_locks_is_said_so(programme):
    app, tubes = programme.app, programme.assigned_kit()[1]
    pragma(app, "busy_timeout = 50")
    with app.app_context():
        other = sqlite3.connect(db.engine.url.database, isolation_level=None)
    before = counts(app)
    other.execute("BEGIN IMMEDIATE")
    unavailable(programme.scan("clinic_staff", tubes[0], "collect"))
    other.execute("ROLLBACK")
    other.close()
    assert counts(app) == before
    assert programme.scan("clinic_staff", tubes[0], "collect").status == 201


@only_postgresql
def test_a_row_that_another_program_locks_is_said_so(programme):
    app, tubes = programme.app, programme.assigned_kit()[1]
    before = counts(app)
    with app.app_context(), db.engine.connect() as other:
        name = db.engine.url.database
        other.execute(text(f"ALTER DATABASE {name} SET lock_timeout = '100ms'"))
        other.commit()
        other.execute(text("SELECT 1 FROM items WHERE identifier = :tube FOR UPDATE"), {"tube": tubes[0]})
        db.engine.dispose(close=False)  # new connections take the new setting
        unavailable(programme.scan("clinic_staff", tubes[0], "collect"))
    assert counts(app) == before
    assert programme.scan("clinic_staff", tubes[0], "collect").status == 201


def test_a_read_only_database_is_said_so(programme):
    app, tubes = programme.app, programme.assigned_kit()[1]
    before = counts(app)
    only_read(app, "ON")
    unavailable(programme.scan("clinic_staff", tubes[0], "collect"))
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["state"] == "expected"
    only_read(app, "OFF")
    assert counts(app) == before
    assert programme.scan("clinic_staff", tubes[0], "collect").status == 201


def only_read(app, state):
    """As after a failover to a standby; on SQLite as on a disk that is mounted read-only."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            {"ON": event.listen, "OFF": event.remove}[state](db.engine, "checkout", refuse_writes)
            if state == "OFF":
                db.engine.dispose()
            return
        with db.engine.connect() as connection:
            connection.execute(text("SET TRANSACTION READ WRITE"))
            name = db.engine.url.database
            connection.execute(text(f"ALTER DATABASE {name} SET default_transaction_read_only = {state}"))
            connection.commit()
        db.engine.dispose()


def refuse_writes(connection, *_):
    connection.execute("PRAGMA query_only = ON")


@only_postgresql
def test_a_connection_that_dies_in_the_middle_keeps_nothing_and_the_next_works(app, own_rules):
    with app.app_context():
        with writing() as work:
            tube = Bench(work).tube()
        before = counts(app)
        with pytest.raises(DatabaseUnavailable, match="nothing was recorded"):
            collect_and_lose_the_connection(tube)
        assert counts(app) == before
        with writing() as work:
            assert Bench(work).take(tube, Action.COLLECT).event["sequence"] == 2


def collect_and_lose_the_connection(tube):
    with writing() as work:
        Bench(work).take(tube, Action.COLLECT)
        process = work.cursor.execute("SELECT pg_backend_pid()").fetchone()[0]
        with db.engine.connect() as other:
            other.execute(text(f"SELECT pg_terminate_backend({process})"))


@pytest.mark.parametrize("plug", [RuntimeError, KeyboardInterrupt, SystemExit, MemoryError])
def test_the_plug_pulled_in_the_middle_of_a_batch_leaves_nothing(app, own_rules, plug):
    with app.app_context():
        with writing() as work:
            tubes = [Bench(work).tube() for _ in range(5)]
        before = counts(app)
        with pytest.raises(plug):
            freeze_until_the_plug_is_pulled(tubes[:3], plug)
        assert counts(app) == before
        with reading() as work:
            assert {Bench(work).now(tube).sequence for tube in tubes} == {1}


def freeze_until_the_plug_is_pulled(tubes, plug):
    with writing() as work:
        for tube in tubes:
            Bench(work).take(tube, Action.FREEZE, confirmation="it was so")  # an event and a case each
        raise plug


def test_a_refusal_in_a_batch_takes_back_its_own_scan_alone(app, own_rules):
    with app.app_context():
        with writing() as work:
            bench = Bench(work)
            tubes = [bench.tube(), bench.tube("consumed"), bench.tube()]
        with writing() as work:
            bench = Bench(work)
            for tube in tubes:
                try:
                    with work.savepoint():
                        bench.take(tube, Action.FREEZE, confirmation="it was so")
                        bench.take(
                            tube, Action.CHECK_OUT if tube == tubes[1] else Action.THAW, confirmation="so"
                        )
                except StepRefused:
                    assert tube == tubes[1]
        with reading() as work:
            bench = Bench(work)
            assert [bench.events(tube)[-1]["action"] for tube in tubes] == ["thaw", "consume", "thaw"]
            assert counts(app)[4] == 4  # cases of the two that were taken
