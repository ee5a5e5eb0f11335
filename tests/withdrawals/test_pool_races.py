"""Pools and decisions that meet: everybody is locked in one order, so nobody waits for ever, and no pool escapes."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from biobank.core.database import writing
from biobank.custody.queries import holds_on
from biobank.destruction.queries import lines_of
from biobank.items.models import Item
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from tests.floor import CODE, SCAN
from tests.leaving import Leaving
from tests.races import afterwards, in_turn

ROUNDS = 5
OTHER = "A500000001"


def prepared(app):
    with app.app_context(), writing() as work:
        leaving = Leaving(work)
        leaving.participant(OTHER)
        pairs = [(leaving.tube(), leaving.tube(OTHER)) for _ in range(ROUNDS)]
    leaving.work = None
    return leaving, pairs


def mixed(mine, pair):
    new = NewPool(parts=tuple(Part(tube, 100) for tube in pair), specification="urine pool")
    make_pool(mine.work, new, by=mine.technician, source=SCAN, at=mine.told())


def test_no_pool_escapes_two_decisions_that_meet_it(app):
    leaving, pairs = prepared(app)
    assert in_turn(app, leaving, mixed, pairs[0]) is None  # one that both decisions find
    start = Barrier(4, timeout=30)

    def mix(backwards):
        start.wait()
        for pair in pairs[1:]:
            in_turn(app, leaving, mixed, pair[::-1] if backwards else pair)

    def leave(code):
        start.wait()
        return in_turn(app, leaving, lambda mine: mine.decide(participant=code))

    with ThreadPoolExecutor(4) as threads:
        running = [threads.submit(mix, False), threads.submit(mix, True)]
        left = [threads.submit(leave, code) for code in (CODE, OTHER)]
        assert [each.result() for each in left] == [None, None]
        for each in running:
            each.result()
    with afterwards(app, leaving) as mine:
        pools = mine.work.session.query(Item).filter_by(kind="pool").all()
        assert pools
        for code in (CODE, OTHER):
            on_order = {line.item_id for line in lines_of(mine.work, mine.order(code))}
            assert {pool.id for pool in pools} <= on_order
        assert all("withdrawal" in {hold.value for hold in holds_on(mine.work, pool.id)} for pool in pools)
