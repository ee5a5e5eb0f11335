"""Picking while a participant decides, and two who pick from one list: whoever comes second sees what the first did."""

import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from biobank.core.database import writing
from biobank.custody.states import Action
from biobank.ledger.queries import entries_of
from biobank.retrieval import operations
from biobank.retrieval.choices import PickPurpose
from biobank.retrieval.inputs import NewPickList
from biobank.retrieval.queries import counts_of
from biobank.retrieval.replay import list_findings
from tests.races import afterwards, in_turn
from tests.retrieval.conftest import SCAN, picking_floor

ROUNDS = 200
"""Participants who leave while their tube is picked."""
LATEST = 0.008
"""Seconds within which either of the two begins."""


def prepared(app, count):
    """A list with a tube of each of `count` participants."""
    with app.app_context(), writing() as work:
        picking = picking_floor(work)
        box = picking.floor.box("Large box", rows=20, columns=20)
        tubes = {}
        for number in range(count):
            code = picking.floor.participant(f"A5{number:08d}")
            tube = picking.floor.tube(code)
            picking.floor.step(
                tube,
                Action.STORE,
                place=box,
                position=f"{'ABCDEFGHIJKLMNOPQRST'[number // 20]}{number % 20 + 1}",
            )
            tubes[code] = tube
        new = NewPickList(
            purpose=PickPurpose.BENCH, site="biobank-1", goes_to="BENCH-4", items=tuple(tubes.values())
        )
        number = operations.make_list(work, new, by=picking.floor.technician).id
    picking.floor.work = picking.work = None
    return picking.floor, number, tubes


def picked(mine, number, tube):
    return operations.pick(mine.work, number, tube, by=mine.technician, source=SCAN, at=mine.told())


@pytest.mark.campaign
def test_nothing_is_picked_after_a_decision_was_recorded(app):
    floor, number, tubes = prepared(app, ROUNDS)
    start = Barrier(2, timeout=30)

    def pick():
        for at, tube in enumerate(tubes.values()):
            start.wait()
            time.sleep((at % 9) * LATEST / 8)
            in_turn(app, floor, lambda mine, tube=tube: picked(mine, number, tube))

    def leave():
        for at, code in enumerate(tubes):
            start.wait()
            time.sleep(((at * 5) % 9) * LATEST / 8)
            assert in_turn(app, floor, lambda mine, code=code: mine.decide(participant=code)) is None

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(pick), pool.submit(leave)]:
            each.result()
    with afterwards(app, floor) as mine:
        late = [tube for tube in tubes.values() if picked_after_the_hold(mine.work, tube)]
        counts = counts_of(mine.work, [number])[number]
        assert late == []
        assert counts.get("picked", 0) + counts.get("removed", 0) == ROUNDS
        assert min(counts.get("picked", 0), counts.get("removed", 0)) > 0, "the two never met"
        assert list(list_findings(mine.work)) == []


def picked_after_the_hold(work, tube):
    told = [(entry.kind, entry.event.get("action")) for entry in entries_of(work, tube)]
    held = told.index(("hold", None)) if ("hold", None) in told else len(told)
    return ("custody", "check_out") in told[held:]


def test_two_who_pick_from_one_list_pick_each_piece_once(app):
    floor, number, tubes = prepared(app, 12)
    start = Barrier(2, timeout=30)

    def pick():
        answers = []
        for tube in tubes.values():
            start.wait()
            answers.append(in_turn(app, floor, lambda mine, tube=tube: picked(mine, number, tube)))
        return answers

    with ThreadPoolExecutor(2) as pool:
        first, second = (job.result() for job in [pool.submit(pick), pool.submit(pick)])
    assert [(one is None) != (other is None) for one, other in zip(first, second, strict=True)] == [True] * 12
    with afterwards(app, floor) as mine:
        assert counts_of(mine.work, [number])[number] == {"picked": 12}
        assert list(list_findings(mine.work)) == []
