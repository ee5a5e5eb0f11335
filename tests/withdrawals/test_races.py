"""Decisions and uses that meet: whoever comes second sees what the first decided."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from sqlalchemy import select

from biobank.core.database import reading, writing
from biobank.core.errors import DomainError
from biobank.custody.models import Hold
from biobank.custody.states import Action
from biobank.destruction.queries import lines_of
from biobank.ledger.queries import entries_of
from biobank.withdrawals.queries import decisions_of
from tests.floor import CODE
from tests.leaving import Leaving


def prepared(app):
    with app.app_context(), writing() as work:
        leaving = Leaving(work)
        box = leaving.box()
        tubes = list(leaving.received().values())
        for number, tube in enumerate(tubes, 1):
            leaving.step(tube, Action.STORE, place=box, position=f"A{number}")
    leaving.work = None
    return leaving, tubes


def in_turn(app, leaving, step):
    """One transaction of its own; a refusal is an answer."""
    with app.app_context():
        try:
            with writing() as work:
                mine = object.__new__(Leaving)
                mine.__dict__ = leaving.__dict__ | {"work": work}
                step(mine)
        except DomainError as refusal:
            return refusal
        return None


def test_nothing_is_picked_for_use_after_a_decision_was_recorded(app):
    leaving, tubes = prepared(app)
    start = Barrier(3)

    def use(mine_of_them):
        start.wait()
        for tube in mine_of_them:
            in_turn(app, leaving, lambda mine, tube=tube: mine.step(tube, Action.CHECK_OUT))

    def leave():
        start.wait()
        return in_turn(app, leaving, lambda mine: mine.decide())

    with ThreadPoolExecutor(3) as pool:
        uses = [pool.submit(use, half) for half in (tubes[::2], tubes[1::2])]
        left = pool.submit(leave)
        assert left.result() is None
        for each in uses:
            each.result()
    with app.app_context(), reading() as work:
        for tube in tubes:
            told = [(entry.kind, entry.event.get("action")) for entry in entries_of(work, tube)]
            assert ("custody", "check_out") not in told[told.index(("hold", None)) :]
        assert len(work.session.scalars(select(Hold)).all()) == len(tubes)


def test_facts_that_meet_a_decision_are_on_the_order(app):
    leaving, tubes = prepared(app)
    start = Barrier(2)

    def report():
        start.wait()
        for tube in tubes:
            assert in_turn(app, leaving, lambda mine, tube=tube: mine.step(tube, Action.REPORT_LOST)) is None

    def leave():
        start.wait()
        return in_turn(app, leaving, lambda mine: mine.decide())

    with ThreadPoolExecutor(2) as pool:
        reported, left = pool.submit(report), pool.submit(leave)
        reported.result()
        assert left.result() is None
    with app.app_context(), reading() as work:
        mine = object.__new__(Leaving)
        mine.__dict__ = leaving.__dict__ | {"work": work}
        assert [line.outcome for line in lines_of(work, mine.order())] == ["lost"] * len(tubes)


def test_two_decisions_at_once_are_two_and_one_order(app):
    leaving, tubes = prepared(app)
    start = Barrier(2)

    def leave():
        start.wait()
        return in_turn(app, leaving, lambda mine: mine.decide())

    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(leave), pool.submit(leave)]] == [None, None]
    with app.app_context(), reading() as work:
        mine = object.__new__(Leaving)
        mine.__dict__ = leaving.__dict__ | {"work": work}
        assert len(decisions_of(work, CODE)) == 2
        assert len(lines_of(work, mine.order())) == len(tubes)
        changes = [entry.event["change"] for entry in entries_of(work, mine.order().identifier)]
        assert changes == ["opened", "lines", "extended"]
