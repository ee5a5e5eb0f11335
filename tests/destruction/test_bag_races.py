"""A bag that is signed while somebody scans into it or takes a piece out: one of them first, neither for ever."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from biobank.core.database import reading, writing
from biobank.core.errors import DatabaseUnavailable
from biobank.custody.states import Action
from biobank.replays import REPLAYS
from biobank.wiring import install_rules
from tests.leaving import Leaving
from tests.races import in_turn

ROUNDS = 6


def scans_into(leaving, bag, _inside, outside):
    leaving.waste(bag, outside)


def takes_out(leaving, _bag, inside, _outside):
    leaving.step(inside, Action.QUARANTINE, place=leaving.aside, details={"reason": "in my hand"})


def prepared(app):
    install_rules()
    with app.app_context(), writing() as work:
        leaving = Leaving(work)
        leaving.window(0)
        rounds = [signed_by_its_performer(leaving, f"A3{number:08d}") for number in range(ROUNDS)]
    return leaving, rounds


def signed_by_its_performer(leaving, code):
    leaving.participant(code)
    inside, outside = leaving.tube(code), leaving.tube(code)
    leaving.decide(participant=code)
    bag = leaving.bag()
    leaving.waste(bag, inside)
    leaving.count(bag, 1)
    leaving.sign(bag, "performer", "bio.tess")
    return bag, inside, outside, leaving.shown(bag)


@pytest.mark.parametrize("meanwhile", [scans_into, takes_out])
def test_a_witness_and_a_scanner_at_one_bag_never_wait_for_each_other(app, meanwhile):
    leaving, rounds = prepared(app)
    start = Barrier(2, timeout=30)

    def run(step):
        start.wait()
        return in_turn(app, leaving, step)

    for bag, inside, outside, shown in rounds:
        steps = (
            lambda mine, bag=bag, shown=shown: mine.sign(bag, "witness", "bio.theo", shown=shown),
            lambda mine, told=(bag, inside, outside): meanwhile(mine, *told),
        )
        with ThreadPoolExecutor(2) as threads:
            answers = list(threads.map(run, steps))
        assert not any(isinstance(answer, DatabaseUnavailable) for answer in answers)
    with app.app_context(), reading() as work:
        assert [str(finding) for replay in REPLAYS for finding in replay(work)] == []
