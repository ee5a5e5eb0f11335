"""A custodian's word that is accepted while its order is cancelled: one of the two first, and both know it."""

import os
import random
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from threading import Barrier

import pytest

from biobank.core.database import writing
from biobank.core.errors import DatabaseUnavailable
from biobank.destruction import attesting
from biobank.destruction.choices import OrderState
from biobank.destruction.inputs import Credentials
from biobank.destruction.queries import orders_of
from biobank.replays import REPLAYS
from biobank.wiring import install_rules
from biobank.withdrawals import mistakes
from biobank.withdrawals.inputs import Change, TwoPeople
from tests.leaving import PASSWORD
from tests.outside import Outside
from tests.races import afterwards, in_turn, while_it_is_signed

ROUNDS = int(os.environ.get("CAMPAIGN_ROUNDS") or 200)


def prepared(app, rounds):
    """Of each round a participant, their decision, a tube outside, the word for it, and what is shown of both."""
    install_rules()
    with app.app_context(), writing() as work:
        outside = Outside(work)
        outside.window(0)
        told = [attested(outside, f"A3{number:08d}") for number in range(rounds)]
    outside.work = None
    return outside, told


def attested(outside, code):
    tube = outside.tube(outside.participant(code))
    outside.send_out(tube)
    decision = outside.decide(participant=code)
    word = outside.attest(tube)
    shown = mistakes.shown_for_mistake(outside.work, outside.compliance, decision.id, None)[1]
    return code, tube, decision.id, shown, word.id, outside.shown_attestation(word)


def accepts(mine, _code, _tube, _decision, _shown, number, shown):
    signer = Credentials("comp.cora", PASSWORD)
    attesting.accept_attestation(mine.work, mine.compliance, number, signer, shown)


def cancels(mine, code, _tube, decision, shown, _number, _word):
    asked = mine.decision(participant=code)
    people = TwoPeople(Credentials("comp.cleo", PASSWORD), Credentials("bio.lea", PASSWORD), shown)
    change = Change(
        participant=code, signed=people, requested_by=code, capacity=asked.capacity, channel=asked.channel,
        decided_at=asked.decided_at,
    )  # fmt: skip
    mistakes.correct_decision(mine.work, decision, change, by=mine.compliance)


def destroyed_without_an_order(app, outside, told):
    """Tubes that ended on a custodian's word while their order was cancelled, and nobody has a case of it."""
    with afterwards(app, outside) as mine:
        assert [str(finding) for replay in REPLAYS for finding in replay(mine.work)] == []
        for code, tube, *_ in told:
            [order] = orders_of(mine.work, code)
            cancelled, gone = order.state == OrderState.CANCELLED, mine.row(tube).state == "destroyed"
            if cancelled and gone and "destroyed_by_mistake" not in mine.cases(tube):
                yield tube


def test_an_order_that_is_cancelled_while_a_word_is_signed_destroys_nothing(app, monkeypatch):
    outside, told = prepared(app, 1)
    both = (accepts, *told[0]), (cancels, *told[0])
    answers = while_it_is_signed(app, outside, monkeypatch, attesting, *both, seconds=1)
    assert sum(answer is None for answer in answers) == 1, answers
    assert list(destroyed_without_an_order(app, outside, told)) == []


@pytest.mark.campaign
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_no_word_ends_anything_of_a_cancelled_order_however_they_meet(app, record_property):
    outside, told = prepared(app, ROUNDS)
    luck, first = random.Random("words"), {"accepted": 0, "cancelled": 0}
    start = Barrier(2, timeout=30)

    def later(step, one, seconds):
        start.wait()
        time.sleep(seconds)
        return in_turn(app, outside, step, *one)

    for one in told:
        with ThreadPoolExecutor(2) as pool:
            run = [
                partial(later, step, one, luck.uniform(0, latest))
                for step, latest in ((accepts, 0.01), (cancels, 0.01))
            ]
            accepted, cancelled = [each.result() for each in [pool.submit(each) for each in run]]
        assert not any(isinstance(answer, DatabaseUnavailable) for answer in (accepted, cancelled))
        assert (accepted is None) != (cancelled is None), (accepted, cancelled)
        first["accepted" if accepted is None else "cancelled"] += 1
    said = f"words against cancelled orders: {ROUNDS} rounds, {first}"
    print(said)
    record_property("race", said)
    assert list(destroyed_without_an_order(app, outside, told)) == []
    assert min(first.values()) > 0  # each of the two came first now and then
