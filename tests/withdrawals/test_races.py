"""Decisions and uses that meet: whoever comes second sees what the first decided."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from biobank.core.database import reading, writing
from biobank.custody.models import Hold
from biobank.custody.states import Action
from biobank.destruction.queries import lines_of
from biobank.ledger.queries import entries_of
from biobank.withdrawals.queries import decisions_of
from tests.floor import CODE
from tests.leaving import URINE, Leaving
from tests.races import afterwards, in_turn
from tests.studies import approved, committee, hand_over, shares

ROUNDS = 200
"""Of each step against a decision."""


def prepared(app):
    with app.app_context(), writing() as work:
        leaving = Leaving(work)
        box = leaving.box()
        tubes = list(leaving.received().values())
        for number, tube in enumerate(tubes, 1):
            leaving.step(tube, Action.STORE, place=box, position=f"A{number}")
    leaving.work = None
    return leaving, tubes


def test_nothing_is_picked_for_use_after_a_decision_was_recorded(app):
    leaving, tubes = prepared(app)
    start = Barrier(3, timeout=30)

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
    start = Barrier(2, timeout=30)

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
    with afterwards(app, leaving) as mine:
        assert [line.outcome for line in lines_of(mine.work, mine.order())] == ["lost"] * len(tubes)


def test_a_link_away_from_who_decides_is_refused_for_no_waiting(app):
    """A fact and a decision, which on PostgreSQL once waited for each other."""
    leaving, _ = prepared(app)
    with app.app_context(), writing() as work:
        leaving.work = work
        theirs = {code: leaving.tube(leaving.participant(code)) for code in ("A400000001", "A400000002")}
    start = Barrier(2, timeout=30)

    def link():
        told = {"details": {"participant": CODE}, "by": leaving.lead}
        for tube in theirs.values():
            start.wait()
            yield in_turn(app, leaving, lambda mine, tube=tube: mine.step(tube, Action.LINK, **told))

    def leave():
        for code in theirs:
            start.wait()
            yield in_turn(app, leaving, lambda mine, code=code: mine.decide(participant=code))

    with ThreadPoolExecutor(2) as pool:
        answers = [pool.submit(list, each()) for each in (link, leave)]
        assert [answer for each in answers for answer in each.result() if answer is not None] == []


def test_two_decisions_at_once_are_two_and_one_order(app):
    leaving, tubes = prepared(app)
    start = Barrier(2, timeout=30)

    def leave():
        start.wait()
        return in_turn(app, leaving, lambda mine: mine.decide())

    with ThreadPoolExecutor(2) as pool:
        assert [each.result() for each in [pool.submit(leave), pool.submit(leave)]] == [None, None]
    with afterwards(app, leaving) as mine:
        assert len(decisions_of(mine.work, CODE)) == 2
        assert len(lines_of(mine.work, mine.order())) == len(tubes)
        changes = [entry.event["change"] for entry in entries_of(mine.work, mine.order().identifier)]
        assert changes == ["opened", "lines", "extended"]


CHILD = {"children": [{"specification": "urine", "volume_microlitres": 500}]}
STEPS = {
    "distribute": hand_over,
    "aliquot": lambda mine, tube: mine.step(tube, Action.ALIQUOT, details=CHILD),
    "receive": lambda mine, tube: mine.step(tube, Action.RECEIVE),
    "check_out": lambda mine, tube: mine.step(tube, Action.CHECK_OUT),
}
LATEST = {"distribute": 0.008, "aliquot": 0.008, "receive": 0.3, "check_out": 0.008}
"""Seconds within which the step begins; a receipt waits for no decision, and is over before one that began with it."""


def a_tube_for_each_round(app, step):
    """A participant a round with one tube, where it has to be for the step."""
    with app.app_context(), writing() as work:
        leaving = Leaving(work)
        committee(leaving)
        approved(leaving, most=ROUNDS)
        box = leaving.box("Box 1", rows=20, columns=20)
        tubes = {}
        for number in range(ROUNDS):
            code = leaving.participant(f"A3{number:08d}")
            shares(leaving, code)
            given = leaving.collected("urine-1", code)[URINE]
            if step != "receive":
                leaving.step(given, Action.RECEIVE)
            if step == "check_out":
                leaving.step(
                    given,
                    Action.STORE,
                    place=box,
                    position=f"{'ABCDEFGHIJKLMNOPQRST'[number // 20]}{number % 20 + 1}",
                )
            tubes[code] = given
    leaving.work = None
    return leaving, tubes


def at_once(app, leaving, code, tube, step, luck):
    """What came of the step, while another thread records that its participant leaves."""
    start = Barrier(2, timeout=30)

    def later(what, seconds):
        start.wait()
        time.sleep(seconds)
        return in_turn(app, leaving, what)

    with ThreadPoolExecutor(2) as pool:
        left = pool.submit(later, lambda mine: mine.decide(participant=code), luck.uniform(0, 0.004))
        used = pool.submit(later, lambda mine: STEPS[step](mine, tube), luck.uniform(0, LATEST[step]))
        assert left.result() is None
        return used.result()


def is_after_the_decision(work, tube, step):
    """Whether the tube's log tells the step after the hold that the decision placed."""
    told = [(entry.kind, entry.event.get("action")) for entry in entries_of(work, tube)]
    return ("custody", step) in told[told.index(("hold", None)) :]


@pytest.mark.campaign
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("step", STEPS)
def test_no_use_is_committed_after_a_decision_however_they_meet(app, step, record_property):
    """Uses are refused once the decision is committed; a receipt never is, and is held and on the order."""
    leaving, tubes = a_tube_for_each_round(app, step)
    luck = random.Random(step)
    refused = sum(at_once(app, leaving, code, tube, step, luck) is not None for code, tube in tubes.items())
    with afterwards(app, leaving) as mine:
        after = sum(is_after_the_decision(mine.work, tube, step) for tube in tubes.values())
        on_order = sum(
            mine.row(tube).id in {line.item_id for line in lines_of(mine.work, mine.order(code))}
            for code, tube in tubes.items()
        )
        held = sum("withdrawal" in mine.holds(tube) for tube in tubes.values())
    told = f"{step}: {ROUNDS} rounds, {refused} refused, {ROUNDS - refused} taken, {after} of them after the decision"
    print(told)
    record_property("race", told)
    assert (on_order, held) == (ROUNDS, ROUNDS)
    assert 0 < (after if step == "receive" else refused) < ROUNDS  # each of the two came first now and then
    assert (refused if step == "receive" else after) == 0
