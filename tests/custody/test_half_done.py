"""The database goes away at a write of what the floor does in one piece: nothing of it stays, and all can be done."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import event, select

from biobank.core.database import Work, db, reading, writing
from biobank.core.errors import DatabaseUnavailable, DomainError
from biobank.core.tables import Base
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.replays import REPLAYS
from biobank.wiring import install_rules
from tests.operations_of_the_floor import OPERATIONS
from tests.races import in_turn, seen_by

WRITES = ("INSERT", "UPDATE", "DELETE")
EVERY_DAY = 3
"""Writes at which it goes away in the tests of every day: the first, one in the middle, the last."""


class Trouble:
    """Counts the writes of a transaction, and takes the database away at one of them."""

    def __init__(self, monkeypatch, engine):
        self.at = self.seen = 0
        for name in ("run", "run_many"):
            self._before(monkeypatch, name)
        event.listen(engine, "before_cursor_execute", self._of_the_session)

    def _before(self, monkeypatch, name):
        usual = getattr(Work, name)

        def watched(work, statement, *told, **named):
            self.meets(work.cursor, statement.text[work.dialect])
            return usual(work, statement, *told, **named)

        monkeypatch.setattr(Work, name, watched)

    def _of_the_session(self, connection, cursor, text, *_):
        self.meets(cursor, text)

    def meets(self, cursor, text):
        if not text.lstrip().upper().startswith(WRITES):
            return
        self.seen += 1
        if self.seen != self.at:
            return
        if isinstance(cursor, sqlite3.Cursor):
            raise sqlite3.OperationalError("disk I/O error")
        cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")


def done(app, floor, operation):
    with app.app_context(), writing() as work:
        operation(seen_by(floor, work))


def ready(app, prepare):
    with app.app_context(), writing() as work:
        install_rules()
        floor, operation = prepare(work)
    floor.work = None
    return floor, operation


def everything(app):
    """All rows of all tables."""
    with app.app_context(), reading() as work:
        return {
            table.name: sorted(map(repr, work.connection.execute(select(table)).all()))
            for table in Base.metadata.sorted_tables
        }


def is_whole(app):
    with app.app_context():
        seal_all()
        with reading() as work:
            assert [str(finding) for finding in verify(work, replays=REPLAYS).findings] == []


def goes_away(app, floor, operation, trouble, at):
    trouble.at, trouble.seen = at, 0
    with pytest.raises(DatabaseUnavailable, match="nothing was recorded"):
        done(app, floor, operation)
    trouble.at = 0


def writes_of(app, floor, operation, trouble):
    """How many there are, of which nothing is kept."""

    class Enough(Exception):
        pass

    trouble.seen = 0
    with pytest.raises(Enough), app.app_context(), writing() as work:
        operation(seen_by(floor, work))
        work.flush()
        raise Enough
    return trouble.seen


def chosen(writes, points):
    return sorted({1 + (writes - 1) * at // (points - 1) for at in range(points)})


def tried(app, monkeypatch, prepare, points):
    floor, operation = ready(app, prepare)
    with app.app_context():
        trouble = Trouble(monkeypatch, db.engine)
    writes, before = writes_of(app, floor, operation, trouble), everything(app)
    assert writes > 1
    for at in chosen(writes, points or writes):
        goes_away(app, floor, operation, trouble, at)
        assert everything(app) == before, f"write {at} of {writes}"
    done(app, floor, operation)
    is_whole(app)


@pytest.mark.parametrize("prepare", OPERATIONS, ids=lambda each: each.__name__)
def test_nothing_stays_half_done_when_the_database_goes_away(app, monkeypatch, prepare):
    tried(app, monkeypatch, prepare, EVERY_DAY)


@pytest.mark.campaign
@pytest.mark.parametrize("prepare", OPERATIONS, ids=lambda each: each.__name__)
def test_nothing_stays_half_done_at_whichever_write_it_goes_away(app, monkeypatch, prepare):
    tried(app, monkeypatch, prepare, None)


@pytest.mark.parametrize("prepare", OPERATIONS, ids=lambda each: each.__name__)
def test_two_who_do_the_same_at_once_leave_what_one_leaves_or_are_told(app, prepare):
    floor, operation = ready(app, prepare)
    start = Barrier(2, timeout=30)

    def at_once():
        start.wait()
        return in_turn(app, floor, operation)

    with ThreadPoolExecutor(2) as pool:
        heard = [job.result() for job in [pool.submit(at_once), pool.submit(at_once)]]
    assert None in heard
    assert all(each is None or isinstance(each, DomainError) for each in heard)
    assert not any(isinstance(each, DatabaseUnavailable) for each in heard), heard
    is_whole(app)
