"""People who meet on one floor: each does a step in a transaction of their own."""

import time
from concurrent.futures import ThreadPoolExecutor
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


def while_it_is_signed(app, floor, monkeypatch, module, signing, other, seconds):
    """What each was refused with: `signing` takes its time over the signature, and `other` begins meanwhile.

    Both are a step and what it is told. The seconds are enough for `other` to be over, if it does not wait.
    """
    sign, begun = module.sign, []
    with ThreadPoolExecutor(1) as pool:

        def slowly(*asked):
            begun.append(pool.submit(in_turn, app, floor, *other))
            time.sleep(seconds)
            return sign(*asked)

        monkeypatch.setattr(module, "sign", slowly)
        return [in_turn(app, floor, *signing), begun[0].result()]


@contextmanager
def afterwards(app, floor):
    """The floor, to look at what came of it."""
    with app.app_context(), reading() as work:
        yield seen_by(floor, work)
