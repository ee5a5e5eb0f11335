"""People who meet on one floor: each does a step in a transaction of their own."""

from contextlib import contextmanager
from copy import copy

from biobank.core.database import reading, writing
from biobank.core.errors import DomainError


def seen_by(floor, work):
    """The same floor in another transaction."""
    mine = copy(floor)
    mine.work = work
    return mine


def in_turn(app, floor, step, *told):
    """What the step was refused with, if it was; anything else that goes wrong is a failure."""
    with app.app_context():
        try:
            with writing() as work:
                step(seen_by(floor, work), *told)
        except DomainError as refusal:
            return refusal
        return None


@contextmanager
def afterwards(app, floor):
    """The floor, to look at what came of it."""
    with app.app_context(), reading() as work:
        yield seen_by(floor, work)
