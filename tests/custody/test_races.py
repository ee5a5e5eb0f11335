"""Two people and one tube: one wins, the other sees who and when; on both databases, with real connections."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event

import pytest

from biobank.core.database import reading, writing
from biobank.core.errors import DomainError
from biobank.custody.checks import StepRefused
from biobank.custody.holds import lift_hold, place_hold
from biobank.custody.queries import holds_on, item_now
from biobank.custody.rules import install
from biobank.custody.states import Action, HoldKind, Kind
from biobank.custody.steps import AskedBack
from biobank.custody.stories import story_of
from biobank.sites.operations import add_site
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from biobank.wiring import RULES
from tests.custody.conftest import LEAD, SCAN, Bench, after, take

ROUNDS = 5
LONGEST = 30
"""Seconds that one waits for the other: who waited in vain must not go first."""


def begun(app, state):
    with app.app_context(), writing() as work:
        return Bench(work).tube(state)


def story(app, item):
    with app.app_context(), reading() as work:
        return story_of(work, item)


def in_turn(app, first, second):
    """`second` begins while the transaction of `first` is open; the answers, or what was raised."""
    written, waiting = Event(), Event()

    def lead():
        with app.app_context(), writing() as work:
            answer = first(work)
            written.set()
            waiting.wait(LONGEST)
            waiting.clear()
            waiting.wait(0.2)  # by now the other stands before the row, or in the queue
            return answer

    def follow():
        assert written.wait(LONGEST)
        waiting.set()
        try:
            with app.app_context(), writing() as work:
                return second(work)
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(2) as pool:
        return [job.result(timeout=3 * LONGEST) for job in (pool.submit(lead), pool.submit(follow))]


def at_once(app, *jobs):
    """All begin at the same moment; the answers, or what was raised."""
    ready = Barrier(len(jobs), timeout=LONGEST)

    def one(job):
        ready.wait()
        try:
            with app.app_context(), writing() as work:
                return job(work)
        except DomainError as refusal:
            return refusal

    with ThreadPoolExecutor(len(jobs)) as pool:
        return [each.result(timeout=3 * LONGEST) for each in [pool.submit(one, job) for job in jobs]]


def test_one_receives_and_the_other_is_shown_the_earlier_event(app, own_rules):
    for _ in range(ROUNDS):
        tube = begun(app, "in_transit")
        answers = at_once(app, *[lambda work, tube=tube: take(work, tube, Action.RECEIVE, at=after(9))] * 3)
        assert sorted(answer.repeated for answer in answers) == [False, True, True]
        assert all(answer.event == answers[0].event for answer in answers)
        assert [event["action"] for event in story(app, tube)["events"]].count("receive") == 1


def test_whoever_comes_while_the_first_is_not_done_waits_and_is_judged_anew(app, own_rules):
    tube = begun(app, "in_transit")
    won, other = in_turn(app, *[lambda work: take(work, tube, Action.RECEIVE, at=after(9))] * 2)
    assert (won.repeated, other.repeated) == (False, True)
    assert other.event == won.event


def test_one_checks_out_and_the_other_hears_since_when_it_is_out(app, own_rules):
    tube = begun(app, "stored")
    won, other = in_turn(app, *[lambda work: take(work, tube, Action.CHECK_OUT)] * 2)
    assert won.event["to"] == "checked_out"
    assert isinstance(other, StepRefused)
    assert "is checked out since 20" in other.detail
    assert len(story(app, tube)["events"]) == won.event["sequence"]


def test_two_different_facts_at_once_are_two_events_in_a_row(app, own_rules):
    tube = begun(app, "stored")
    answers = at_once(
        app, lambda work: take(work, tube, Action.FREEZE), lambda work: take(work, tube, Action.THAW)
    )
    assert {answer.event["action"] for answer in answers} == {"freeze", "thaw"}
    assert [event["sequence"] for event in story(app, tube)["events"]] == [1, 2, 3, 4, 5, 6, 7]


def test_a_hold_placed_or_lifted_twice_at_once_is_one(app, own_rules):
    tube = begun(app, "stored")
    for change, standing in ((place_hold, {HoldKind.RECALL}), (lift_hold, set())):

        def job(work, change=change):
            change(work, item_now(work, tube), HoldKind.RECALL, "lot 7", by=LEAD)

        assert in_turn(app, job, job) == [None, None]
        with app.app_context(), reading() as work:
            assert holds_on(work, item_now(work, tube).id) == standing
    assert [event["kind"] for event in story(app, tube)["events"]].count("hold") == 2


@pytest.mark.parametrize("turns", [in_turn, at_once])
def test_one_position_takes_one_tube(app, own_rules, turns):
    tubes = [begun(app, "received") for _ in range(2)]
    install(RULES)
    with app.app_context(), writing() as work:
        add_site(work, by="setup", code="biobank-1", name="Biobank", kind="biobank", zone="America/Chicago")
        unit = NewUnit(kind=Kind.BOX, name="Box 1", site="biobank-1", rows=8, columns=12)
        box = add_unit(work, unit, by=LEAD, source=SCAN).identifier
    answers = turns(
        app,
        *[lambda work, tube=tube: take(work, tube, Action.STORE, place=box, position="A1") for tube in tubes],
    )
    refused = [answer for answer in answers if isinstance(answer, AskedBack)]
    assert len(refused) == 1
    assert refused[0].extra["reason_code"] == "position_taken"
    assert sorted(story(app, tube)["state"] for tube in tubes) == ["received", "stored"]
