"""The only transactions there are: `reading()` and `writing()`, and what they hand out, a `Work`."""

import sqlite3
from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from functools import lru_cache
from threading import Lock

from flask import current_app
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from biobank.core.errors import DatabaseUnavailable
from biobank.core.statements import Statement
from biobank.core.tables import Base
from biobank.settings import Settings

db = SQLAlchemy(model_class=Base)

SETTINGS = "biobank.settings"
"""The application's extension that holds its settings."""

# Failures of the driver itself are among them: the scan path's cursor raises past SQLAlchemy.
FAILURES: tuple[type[Exception], ...] = (OperationalError, InterfaceError, sqlite3.OperationalError)
with suppress(ImportError):  # psycopg comes with the extra `postgres`
    import psycopg

    FAILURES = (*FAILURES, psycopg.OperationalError, psycopg.errors.ReadOnlySqlTransaction)


class Work:
    """One open transaction: a driver cursor for the scan path, a session for everything else.

    Both sit on one connection. The session is made on first use; who writes through the cursor
    flushes the session before (`flush`) and expires what it loaded after.
    """

    def __init__(self, connection: Connection, afterwards: list[Callable[[], None]] | None = None) -> None:
        self.connection = connection
        self.dialect = connection.dialect.name
        self.settings: Settings = current_app.extensions[SETTINGS]
        self.cursor: DBAPICursor = connection.connection.cursor()
        self.afterwards: list[Callable[[], None]] = [] if afterwards is None else afterwards
        """What is done once a write transaction is over, kept or not, before anybody gets an answer."""
        self._session: Session | None = None
        self._kept: set[object] = set()

    @property
    def session(self) -> Session:
        if self._session is None:
            self._session = Session(bind=self.connection, autoflush=True)
        return self._session

    @property
    def is_sqlite(self) -> bool:
        return self.dialect == "sqlite"

    def run(self, statement: Statement, **parameters: object) -> DBAPICursor:
        """Execute compiled text on the driver's cursor; the cursor is the same each time."""
        constants = statement.constants[self.dialect]
        self.cursor.execute(
            statement.text[self.dialect], {**constants, **parameters} if constants else parameters
        )
        return self.cursor

    def run_many(self, statement: Statement, rows: Sequence[Mapping[str, object]]) -> int:
        """Execute compiled text once a row; a statement that gives rows back is not for this.

        Gives how many rows were changed in all.
        """
        constants = statement.constants[self.dialect]
        self.cursor.executemany(statement.text[self.dialect], [{**constants, **row} for row in rows])
        return int(self.cursor.rowcount)

    def flush(self) -> None:
        """Write pending objects, so that the cursor sees them."""
        if self._session is not None:
            self._session.flush()

    def expire(self) -> None:
        """Forget what the session loaded, after the cursor wrote; what was changed there is written first."""
        if self._session is not None:
            self._session.flush()
            self._session.expire_all()

    def keep(self, *rows: object) -> None:
        """What is asked for line after line: a session forgets each row that nobody refers to any more."""
        self._kept.update(rows)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Keep all of the block or, when it raises, nothing of it; the transaction goes on either way."""
        self.flush()
        self.cursor.execute("SAVEPOINT step")
        try:
            yield
            self.flush()
        except BaseException:
            self.cursor.execute("ROLLBACK TO SAVEPOINT step")
            if self._session is not None:
                self._session.expunge_all()
            raise
        finally:
            self.cursor.execute("RELEASE SAVEPOINT step")

    def close(self) -> None:
        if self._session is not None:
            self._session.close()


class FirstComeFirstServed:
    """A lock that wakes waiting writers in order: without it SQLite's busy retries take over a second."""

    def __init__(self) -> None:
        self._guard = Lock()
        self._held = False
        self._waiting: deque[Lock] = deque()

    def __enter__(self) -> None:
        with self._guard:
            if not self._held:
                self._held = True
                return
            mine = Lock()
            mine.acquire()
            self._waiting.append(mine)
        mine.acquire()

    def __exit__(self, *_: object) -> None:
        with self._guard:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._held = False


GUARD = "biobank.write_guard"
"""The application's extension that is asked before a write; it raises where nothing may be written."""


@contextmanager
def writing(engine: Engine | None = None, *, restoring: bool = False) -> Iterator[Work]:
    """One write transaction, all or nothing; on SQLite it queues and begins IMMEDIATE.

    Raises `DatabaseUnavailable` when the database is full, locked, away, or an older backup that is not up to
    date yet; then nothing was kept. `restoring` is for what brings such a backup up to date.
    """
    guard = current_app.extensions.get(GUARD)
    if guard is not None and engine is None and not restoring:
        guard()
    chosen = engine or db.engine
    afterwards: list[Callable[[], None]] = []
    try:
        if chosen.dialect.name == "sqlite":
            with _queue_of(chosen), _work(_immediate(chosen), afterwards) as work:
                yield work
        else:
            with _work(chosen, afterwards) as work:
                yield work
    finally:
        for follow in afterwards:
            follow()


@lru_cache(maxsize=8)
def _queue_of(_engine: Engine) -> FirstComeFirstServed:
    """Of each database its own: a transaction of the vault is begun inside one of the samples."""
    return FirstComeFirstServed()


@lru_cache(maxsize=8)
def _immediate(engine: Engine) -> Engine:
    """The same engine and pool, with transactions that hold the write lock from their beginning."""
    return engine.execution_options(sqlite_begin="BEGIN IMMEDIATE")


@contextmanager
def reading(engine: Engine | None = None) -> Iterator[Work]:
    """One read transaction that sees one state of the database and refuses writes."""
    with _work(engine or db.engine) as work:
        _refuse_writes(work, refuse=True)
        try:
            yield work
        finally:
            _refuse_writes(work, refuse=False)


def _refuse_writes(work: Work, *, refuse: bool) -> None:
    if work.is_sqlite:
        work.cursor.execute(f"PRAGMA query_only = {int(refuse)}")
    elif refuse:
        work.cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")


@contextmanager
def _work(engine: Engine, afterwards: list[Callable[[], None]] | None = None) -> Iterator[Work]:
    try:
        with engine.begin() as connection:
            work = Work(connection, afterwards)
            try:
                yield work
                work.flush()
            finally:
                work.close()
    except FAILURES as problem:
        raise DatabaseUnavailable(
            "The database did not take this (full, locked or away); nothing was recorded. Try again, "
            "and call the administrator if it stays so.",
        ) from problem


def prepare_engine(engine: Engine) -> None:
    """Give an SQLite engine durable commits, foreign keys and the right kind of BEGIN."""
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",  # under NORMAL an acknowledged commit may not be on disk
        "foreign_keys = ON",
        "busy_timeout = 10000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get("sqlite_begin", "BEGIN")
    connection.connection.cursor().execute(begin)  # the driver's: this stands before every scan
