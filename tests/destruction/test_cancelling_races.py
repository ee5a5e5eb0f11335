"""An order that is cancelled while a piece of it goes into waste, its bag is counted or signed: one of them first."""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from biobank.core.database import writing
from biobank.core.errors import DatabaseUnavailable
from biobank.destruction import batches
from biobank.wiring import install_rules
from biobank.withdrawals import mistakes
from tests.destruction.test_attestation_races import cancels, destroyed_without_an_order
from tests.outside import Outside
from tests.races import in_turn, while_it_is_signed

ROUNDS = int(os.environ.get("CAMPAIGN_ROUNDS") or 100)
LATEST = {"put_in_waste": (0.02, 0.02), "count": (0.15, 0.02), "witness": (0.02, 0.1)}
"""Seconds within which the step, and the cancelling, begin."""
STEPS = {
    "put_in_waste": lambda mine, tube, bag: mine.waste(bag, tube),
    "count": lambda mine, _tube, bag: mine.count(bag, 1),
    "witness": lambda mine, _tube, bag: mine.sign(bag, "witness", "bio.theo"),
}


def prepared(app, step, rounds):
    install_rules()
    with app.app_context(), writing() as work:
        floor = Outside(work)
        floor.window(0)
        told = [one_round(floor, step, f"A3{number:08d}") for number in range(rounds)]
    floor.work = None
    return floor, told


def one_round(floor, step, code):
    tube = floor.tube(floor.participant(code))
    decision = floor.decide(participant=code)
    bag = floor.bag()
    if step != "put_in_waste":
        floor.waste(bag, tube)
    if step == "witness":
        floor.count(bag, 1)
        floor.sign(bag, "performer", "bio.tess")
    shown = mistakes.shown_for_mistake(floor.work, floor.compliance, decision.id, None)[1]
    return code, tube, decision.id, shown, bag


def cancelled(mine, code, tube, decision, shown, _bag):
    cancels(mine, code, tube, decision, shown, None, None)


def nothing_is_destroyed_any_more(app, floor, told):
    """Of a cancelled order nobody signs a bag, whoever came first."""
    assert list(destroyed_without_an_order(app, floor, told)) == []
    for _, tube, *_, bag in told:
        for role, who in (("performer", "bio.tess"), ("witness", "bio.theo")):
            in_turn(app, floor, lambda mine, bag: mine.count(bag, 1), bag)
            in_turn(app, floor, lambda mine, *on: mine.sign(*on), bag, role, who)
    assert list(destroyed_without_an_order(app, floor, told)) == []


def test_a_witness_who_signs_while_the_order_is_cancelled_destroys_nothing_of_it(app, monkeypatch):
    floor, told = prepared(app, "witness", 1)
    [(*decided, bag)] = told
    both = (STEPS["witness"], decided[1], bag), (cancelled, *told[0])
    answers = while_it_is_signed(app, floor, monkeypatch, batches, *both, seconds=0.5)
    assert sum(answer is None for answer in answers) == 1, answers
    nothing_is_destroyed_any_more(app, floor, told)


@pytest.mark.campaign
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", STEPS)
def test_nothing_of_a_cancelled_order_is_destroyed_however_they_meet(app, step, record_property):
    floor, told = prepared(app, step, ROUNDS)
    luck, refused, start = random.Random(step), {"step": 0, "cancelling": 0}, Barrier(2, timeout=30)

    def later(what, given, seconds):
        start.wait()
        time.sleep(seconds)
        return in_turn(app, floor, what, *given)

    for one in told:
        with ThreadPoolExecutor(2) as pool:
            stepped = pool.submit(later, STEPS[step], (one[1], one[-1]), luck.uniform(0, LATEST[step][0]))
            taken_back = pool.submit(later, cancelled, one, luck.uniform(0, LATEST[step][1]))
            answers = stepped.result(), taken_back.result()
        assert not any(isinstance(answer, DatabaseUnavailable) for answer in answers), answers
        refused["step"] += answers[0] is not None
        refused["cancelling"] += answers[1] is not None
    said = f"{step} against cancelled orders: {ROUNDS} rounds, refused {refused}"
    print(said)
    record_property("race", said)
    nothing_is_destroyed_any_more(app, floor, told)
