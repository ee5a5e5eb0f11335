"""Two people who do different things at one moment: one of them is held up at a statement while the other goes on."""

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import event, select, text

from biobank.core.database import Work, db, reading, writing
from biobank.core.errors import DatabaseUnavailable, DomainError
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind
from biobank.items.models import Item
from biobank.ledger.queries import entries_of
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.replays import REPLAYS
from biobank.wiring import install_rules
from tests.races import in_turn, seen_by

LONGEST = 5.0
"""Seconds for which anybody is held up: who is neither done nor waits by then never will be."""
QUEUED = 0.01
"""Seconds after which the other stands in SQLite's queue."""
WAITING = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
)

Step = Callable[[Any], object]
Heard = DomainError | DatabaseUnavailable | None


@dataclass(frozen=True)
class Meeting:
    """Two steps, and what is wrong after both, told from the floor and what each heard."""

    first: Step
    second: Step
    wrong: Callable[[Any, Heard, Heard], list[str]] = field(default=lambda mine, first, second: [])
    second_waits: bool = False
    """The second is refused until the first was done."""


class HeldUp:
    """Counts the statements of one thread, and lets something happen before one of them or before its commit."""

    def __init__(self, monkeypatch, engine):
        self.thread: int | None = None
        self.at: int | None = None
        self.seen = 0
        self.meanwhile: Callable[[], None] | None = None
        for name in ("run", "run_many"):
            self._before(monkeypatch, name)
        for name in ("before_cursor_execute", "commit"):
            event.listen(engine, name, lambda *_: self.meets())

    def _before(self, monkeypatch, name):
        usual = getattr(Work, name)

        def watched(work, *told, **named):
            self.meets()
            return usual(work, *told, **named)

        monkeypatch.setattr(Work, name, watched)

    def meets(self):
        if threading.get_ident() != self.thread:
            return
        self.seen += 1
        if self.seen == self.at and self.meanwhile is not None:
            self.meanwhile()


class Ground:
    """A floor on a database, and people who meet on it."""

    def __init__(self, app, monkeypatch, floor):
        self.app, self.floor = app, floor
        with app.app_context():
            self.engine = db.engine
        self.held_up = HeldUp(monkeypatch, self.engine)

    def meet(self, scene, number: int, at: int | None, *, turned: bool) -> tuple[list[str], int]:
        """What is wrong afterwards, and how many statements who was held up made; `at` None holds up nobody."""
        with self.app.app_context(), writing() as work:
            meeting = scene(seen_by(self.floor, work), number)
        steps = [meeting.first, meeting.second]
        heard = self._both(*(reversed(steps) if turned else steps), at)
        is_possible = at is None and not (turned and meeting.second_waits)
        refused = [f"alone it heard {heard[0]!r}"] if is_possible and heard[0] else []
        told = list(reversed(heard)) if turned else heard
        with self.app.app_context(), reading() as work:
            return [
                *refused,
                *unfit(told),
                *meeting.wrong(seen_by(self.floor, work), *told),
            ], self.held_up.seen

    def _both(self, held: Step, other: Step, at: int | None) -> list[Heard]:
        with ThreadPoolExecutor(1) as pool:
            begun: list[Future[Heard]] = []

            def meanwhile():
                begun.append(pool.submit(heard_by, self.app, self.floor, other))
                self._until_done_or_waiting(begun[0])

            watch = self.held_up
            watch.thread, watch.at, watch.seen, watch.meanwhile = threading.get_ident(), at, 0, meanwhile
            try:
                first = heard_by(self.app, self.floor, held)
            finally:
                watch.thread = None
            if not begun:
                begun.append(pool.submit(heard_by, self.app, self.floor, other))
            return [first, begun[0].result(LONGEST * 4)]

    def _until_done_or_waiting(self, other: Future[Heard]) -> None:
        if self.engine.dialect.name == "sqlite":
            time.sleep(QUEUED)
            return
        until = time.monotonic() + LONGEST
        with self.engine.connect() as connection:
            while not other.done() and time.monotonic() < until:
                if connection.scalar(WAITING):
                    return
                connection.rollback()
                time.sleep(0.001)


def heard_by(app, floor, step: Step) -> Heard:
    """What the step was refused with, if it was; that the database did not take it is told afterwards."""
    try:
        return in_turn(app, floor, step)
    except DatabaseUnavailable as trouble:
        return trouble


def unfit(heard: list[Heard]) -> list[str]:
    """One sentence of what the floor says is fit to be heard; that the database had enough of both is not."""
    found = [f"heard {each!r}: {each.__cause__!r}" for each in heard if isinstance(each, DatabaseUnavailable)]
    if all(heard):
        found.append(f"neither was done: {heard}")
    return found


@contextmanager
def ground(app, monkeypatch, make):
    """A floor to meet on; afterwards nothing is used that somebody withdrew, and the log is whole."""
    with app.app_context(), writing() as work:
        install_rules()
        floor = make(work)
    floor.work = None
    yield Ground(app, monkeypatch, floor)
    with app.app_context():
        seal_all()
        with reading() as work:
            assert [str(finding) for finding in verify(work, replays=REPLAYS).findings] == []
            assert used_after_it_was_withdrawn(work) == []


def used_after_it_was_withdrawn(work) -> list[str]:
    held = select(Item.identifier).join(Hold, Hold.item_id == Item.id)
    held = held.where(Hold.kind == HoldKind.WITHDRAWAL.value)
    found = []
    for code in work.session.scalars(held):
        is_held = False
        for entry in entries_of(work, code):
            told = entry.event
            if entry.kind == "hold" and told["hold"] == HoldKind.WITHDRAWAL.value:
                is_held = told["change"] == "placed"
            if is_held and told.get("action") in ("check_out", "distribute", "aliquot", "derive", "pool"):
                found.append(f"{code}: {told['action']} after it was withdrawn")
    return found


def points(statements: int, most: int | None) -> list[int]:
    """Statements before which somebody is held up: all, or so many of them, the last the commit.

    Not the first: nothing was read by then.
    """
    if most is None or statements <= most:
        return list(range(1, statements + 1))
    return sorted({1 + (statements - 1) * at // most for at in range(1, most + 1)})


def every_way(place: Ground, scene, most: int | None) -> tuple[list[str], int]:
    """Both orders, one after the other and held up at `most` statements; what is wrong, and how many rounds."""
    found, rounds = [], 0
    for turned in (False, True):
        wrong, statements = place.meet(scene, rounds, None, turned=turned)
        rounds += 1
        found += [f"one after the other, turned {turned}: {each}" for each in wrong]
        for at in points(statements, most if place.engine.dialect.name != "sqlite" else 1):
            wrong, _ = place.meet(scene, rounds, at, turned=turned)
            rounds += 1
            found += [f"held up at {at} of {statements}, turned {turned}: {each}" for each in wrong]
    return found, rounds
