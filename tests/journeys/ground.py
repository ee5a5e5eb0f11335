"""One database with its sites and people, its clock and its troubles, on which every invented history takes place."""

from collections import Counter
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count

from sqlalchemy import text

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.database import db, reading, writing
from biobank.core.errors import DomainError
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.replays import REPLAYS

EVERYBODY = Actor("all.hands", "Testa All", frozenset((role, None) for role in Role))
"""Whoever may do every step everywhere: what is refused to them is refused for another reason than a role."""

SIDES = {"vault": ("identity", "vault_accesses"), "ledger": (None, "ledger_entries")}


class Clock:
    """Stands where `moments` asks for the time: our own, and as much later as the histories let go by."""

    fromisoformat = staticmethod(datetime.fromisoformat)

    def __init__(self):
        self.later = timedelta()

    def now(self, zone):
        return datetime.now(zone) + self.later


class TakenBack(Exception):
    """Ends a transaction whose answer was wanted and not its effect."""


class Ground:
    def __init__(self, app, floor, clock):
        self.app, self.floor, self.clock = app, floor, clock
        self.codes = (f"H{number:09d}" for number in count(1))
        self.told, self.tried = Counter(), set()
        self.looks = Counter()
        """Looks into the vault that were answered, by kind."""

    def does(self, job):
        """In a transaction of its own; a refusal is the answer, and leaves nothing."""
        try:
            with self.app.app_context(), writing() as work:
                self.floor.work = work
                return job(self.floor)
        except DomainError as refusal:
            return refusal

    def would(self, job):
        """The answer, and nothing of what came with it."""
        answer = None
        try:
            with self.app.app_context(), writing() as work:
                self.floor.work = work
                try:
                    answer = job(self.floor)
                except DomainError as refusal:
                    answer = refusal
                raise TakenBack
        except TakenBack:
            return answer

    def asks(self, question):
        with self.app.app_context(), reading() as work:
            return question(work)

    def findings(self):
        """What `ledger verify` says: the log itself, and everything that is stored against it."""
        with self.app.app_context():
            seal_all()
            with reading() as work:
                return [str(finding) for finding in verify(work, replays=REPLAYS).findings]

    @contextmanager
    def nothing_is_written(self, side):
        """The disk of the vault, or of the ledger, takes nothing while this lasts."""
        bind, table = SIDES[side]
        with self.app.app_context():
            engine = db.engines[bind]
            begun, ended = FULL_DISK[engine.dialect.name]
            with engine.begin() as connection:
                for statement in begun:
                    connection.execute(text(statement.format(table=table)))
            try:
                yield
            finally:
                with engine.begin() as connection:
                    for statement in ended:
                        connection.execute(text(statement.format(table=table)))


POSTGRESQL_IS_FULL = """
    CREATE OR REPLACE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'full' USING ERRCODE = '53100'; END $$
"""
FULL_DISK = {
    "sqlite": (
        ("CREATE TRIGGER full_disk BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'full'); END",),
        ("DROP TRIGGER full_disk",),
    ),
    "postgresql": (
        (
            POSTGRESQL_IS_FULL,
            "CREATE TRIGGER full_disk BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION full_disk()",
        ),
        ("DROP TRIGGER full_disk ON {table}",),
    ),
}


@contextmanager
def time_of_its_own():
    clock, real = Clock(), moments.datetime
    moments.datetime = clock
    try:
        yield clock
    finally:
        moments.datetime = real
