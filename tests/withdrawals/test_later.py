"""What comes after a decision: reversals, mistakes, deaths, requests that wait, coming back, two codes."""

from datetime import date, timedelta

import pytest

from biobank.access.checks import CredentialsRefused, RecordChanged
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.days import DayRefused
from biobank.custody.checks import StepRefused
from biobank.custody.states import Action
from biobank.destruction.checks import NotOrdered, OnlyCompliance
from biobank.destruction.inputs import Credentials
from biobank.destruction.queries import lines_of, open_lines, orders_of, progress, stage, standing_orders
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.messages.models import Message
from biobank.participants.checks import CollectionStopped, OneCodeOnly
from biobank.participants.choices import Scope
from biobank.participants.queries import participant_named, standing
from biobank.participants.replay import consent_findings
from biobank.withdrawals import checks, deaths, mistakes, requests, reversing, staying
from biobank.withdrawals.choices import Capacity, Channel, DeclinedBecause
from biobank.withdrawals.inputs import Change, DeathTold, NewConsent, Refusal, TwoPeople
from biobank.withdrawals.queries import (
    deaths_of,
    decisions_of,
    information_is_used,
    is_overdue,
    standing_decisions,
    undecided_decisions,
    waiting_requests,
)
from biobank.withdrawals.replay import decision_findings
from tests.floor import CODE, PAPER, actor
from tests.leaving import PASSWORD

OTHER = "A200000001"
KIN = {"capacity": Capacity.NEXT_OF_KIN, "requested_by": "kin-1"}


def asked(hours=0.0, **more):
    at = moments.told(moments.now() - timedelta(hours=hours), "America/Chicago")
    told = {
        "requested_by": CODE,
        "capacity": Capacity.PARTICIPANT,
        "channel": Channel.PHONE,
        "decided_at": at,
    }
    return told | more


def change(sha256, participant=CODE, *, first="comp.cleo", second="bio.lea", password=PASSWORD, **more):
    people = TwoPeople(Credentials(first, PASSWORD), Credentials(second, password), sha256)
    return Change(participant=participant, signed=people, **asked(**more))


def shown(leaving, participant=CODE):
    return reversing.shown_for_reversal(leaving.work, participant_named(leaving.work, participant))[1][1]


def reverse(leaving, **more):
    return reversing.reverse(leaving.work, change(shown(leaving), **more), by=leaving.compliance)


def mistaken(leaving, decision, other=None, **more):
    _, sha256 = mistakes.shown_for_mistake(leaving.work, leaving.compliance, decision.id, other)
    told = change(sha256, other=other, **more)
    return mistakes.correct_decision(leaving.work, decision.id, told, by=leaving.compliance)


def come_back(leaving, hours=1.0, **more):
    told = {
        "form_version": "2026-2", "consent_language": "en", "scopes": (Scope.BLOOD, Scope.URINE),
        "effective_at": moments.now() - timedelta(hours=hours), "source": "form F2",
    }  # fmt: skip
    return staying.take_part_again(
        leaving.work, NewConsent(participant=CODE, **(told | more)), by=leaving.compliance
    )


def is_whole(leaving):
    assert list(decision_findings(leaving.work)) == []
    assert list(consent_findings(leaving.work)) == []


def messages(leaving):
    return [
        (message.about.split(":")[0], message.addressee, message.template)
        for message in leaving.work.session.query(Message).order_by(Message.id)
    ]


# Reversal.


def test_a_reversal_gives_back_usable_tubes(leaving):
    box, tube = leaving.box(), leaving.tube()
    leaving.step(tube, Action.STORE, place=box, position="A1")
    leaving.decide()
    order = leaving.order()
    kept = reverse(leaving)
    assert (leaving.holds(tube), stage(order), leaving.order()) == (set(), "cancelled", None)
    assert "is cancelled already" in leaving.confirm(order).returned[order.identifier]
    leaving.step(tube, Action.CHECK_OUT)
    person = participant_named(leaving.work, CODE)
    assert (person.left, person.information, person.samples, person.decided_at) == (False, None, None, None)
    assert (kept.undone, kept.order_identifier) == ({1}, order.identifier)
    assert messages(leaving)[-1] == ("change", CODE, "decision_reversed")
    assert [decision.id for decision in decisions_of(leaving.work, CODE)] == [1]
    is_whole(leaving)


def test_a_reversal_leads_back_to_the_decision_before(leaving):
    tube = leaving.tube()
    leaving.decide("keep", "keep", hours=2)
    leaving.decide("destroy", "remove")
    reverse(leaving)
    person = participant_named(leaving.work, CODE)
    assert (person.left, person.information, person.samples) == (True, "keep", "keep")
    assert leaving.holds(tube) == set()


def test_information_alone_is_reversed_in_the_window_too(leaving):
    tube = leaving.tube()
    leaving.decide("keep", "remove")
    reverse(leaving)
    assert leaving.holds(tube) == set()
    leaving.window(0)
    leaving.decide("keep", "remove")
    with pytest.raises(checks.TooLate, match="a new consent"):
        shown(leaving)


def test_after_the_window_and_after_destruction_it_is_too_late(leaving):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    with pytest.raises(checks.TooLate, match="The hold window ended on"):
        shown(leaving)
    leaving.destroy(tube)
    with pytest.raises(checks.TooLate, match="1 of the samples of A100000001 are destroyed"):
        shown(leaving)
    leaving.confirm(leaving.order())
    with pytest.raises(checks.TooLate, match="path for decisions entered by mistake"):
        shown(leaving)


def test_an_open_answer_is_answered_and_not_reversed(leaving):
    leaving.decide("undecided", "undecided")
    with pytest.raises(checks.NotForThem, match="a further decision"):
        shown(leaving)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"second": "comp.cleo"}, checks.SamePerson),
        ({"first": "bio.lea"}, checks.SamePerson),
        ({"password": "a guess that is wrong"}, CredentialsRefused),
    ],
)
def test_two_different_people_sign(leaving, told, refusal):
    tube, order = leaving.waiting_tube()
    with pytest.raises(refusal), leaving.work.savepoint():
        reverse(leaving, **told)
    assert (leaving.holds(tube), stage(order)) == ({"withdrawal"}, "waiting")
    with pytest.raises(OnlyCompliance):
        reversing.reverse(leaving.work, change(shown(leaving)), by=actor("bio.lea", Role.LEAD, "clinic-1"))


def test_what_changed_since_it_was_shown_is_not_signed(leaving):
    tube, order = leaving.waiting_tube()
    before = shown(leaving)
    leaving.step(tube, Action.REPORT_LOST)
    with pytest.raises(RecordChanged):
        reversing.reverse(leaving.work, change(before), by=leaving.compliance)
    assert stage(order) == "waiting"


# Decisions entered for the wrong participant.


def test_a_mistaken_decision_goes_to_whose_it_is(leaving):
    leaving.window(0)
    gone, live, *_ = leaving.received().values()
    leaving.participant(OTHER)
    theirs = leaving.tube(OTHER)
    decision = leaving.decide(hours=1)
    order = leaving.order()
    leaving.destroy(gone)
    mistaken(leaving, decision, OTHER)
    assert stage(order) == "cancelled"
    assert order.in_question
    assert leaving.cases(gone)[-1:] == ["destroyed_by_mistake"]
    assert "destroyed_by_mistake" not in leaving.cases(live)
    assert (leaving.holds(live), leaving.holds(theirs)) == (set(), {"withdrawal"})
    assert not participant_named(leaving.work, CODE).left
    [moved] = decisions_of(leaving.work, OTHER)
    assert (moved.decided_at, moved.requested_by) == (decision.decided_at, OTHER)
    assert len(open_lines(leaving.work, leaving.order(OTHER))) == 1
    assert messages(leaving)[-2:] == [
        ("change", CODE, "decision_was_not_theirs"),
        ("decision", OTHER, "decision_confirmed"),
    ]
    with pytest.raises(checks.NotForThem, match="counts no more"):
        mistaken(leaving, decision)
    is_whole(leaving)


def test_a_bag_with_pieces_of_a_cancelled_order_is_not_signed(leaving):
    leaving.window(0)
    tube = leaving.tube()
    decision = leaving.decide()
    bag = leaving.bag()
    leaving.waste(bag, tube)
    leaving.count(bag, 1)
    leaving.sign(bag, "performer", "bio.tess")
    mistaken(leaving, decision)
    with pytest.raises(NotOrdered, match="no destruction order wants"):
        leaving.count(bag, 1)
    leaving.step(tube, Action.TAKE_OUT_OF_WASTE, place=leaving.aside)
    assert (leaving.row(tube).state, leaving.holds(tube)) == ("received", set())


def test_of_two_decisions_the_right_one_keeps_its_order(leaving):
    tube = leaving.tube()
    leaving.decide(hours=3)
    wrong = leaving.decide(hours=1)
    before = leaving.order()
    mistaken(leaving, wrong)
    after = leaving.order()
    assert (stage(before), stage(after), after.decision) == ("cancelled", "waiting", 1)
    assert [line.item_id for line in open_lines(leaving.work, after)] == [leaving.row(tube).id]
    assert leaving.holds(tube) == {"withdrawal"}


def test_the_order_of_another_period_stands_when_a_later_decision_was_not_theirs(leaving):
    leaving.window(0)
    gone, old = leaving.tube(), leaving.tube()
    leaving.decide(hours=5)
    first = leaving.order()
    leaving.destroy(gone)
    come_back(leaving)
    leaving.collected_at = moments.now()
    new = leaving.collected("urine-1")["1UR10"]
    wrong = leaving.decide()
    second = leaving.order()
    mistaken(leaving, wrong)
    assert [stage(first), stage(second), first.in_question] == ["in_progress", "cancelled", None]
    assert standing_orders(leaving.work, CODE) == [first]
    assert "destroyed_by_mistake" not in leaving.cases(gone)
    assert (leaving.holds(old), leaving.holds(new)) == ({"withdrawal"}, set())
    is_whole(leaving)


def test_the_order_of_the_other_code_stands_when_the_decision_of_one_was_not_theirs(leaving):
    leaving.participant(OTHER)
    mine, theirs = leaving.tube(), leaving.tube(OTHER)
    right = leaving.decide(participant=OTHER, hours=2)
    wrong = leaving.decide(hours=1)
    merge(leaving, CODE, OTHER)
    mistaken(leaving, wrong)
    [order] = standing_orders(leaving.work, OTHER)
    assert order.decision == right.id
    assert order.decision_recorded_at == right.recorded_at
    assert {line.item_id for line in open_lines(leaving.work, order)} == {
        leaving.row(mine).id,
        leaving.row(theirs).id,
    }
    assert {stage(each) for each in orders_of(leaving.work, OTHER)} == {"waiting", "cancelled"}
    assert len(orders_of(leaving.work, OTHER)) == 2
    is_whole(leaving)


# Requests that wait.


def test_next_of_kin_without_papers_wait_and_nothing_is_done(leaving):
    tube = leaving.tube()
    told = leaving.decision(**KIN)
    request = requests.take(leaving.work, told, by=leaving.compliance)
    assert waiting_requests(leaving.work) == [request]
    assert (leaving.holds(tube), leaving.order(), decisions_of(leaving.work, CODE)) == (set(), None, [])
    assert messages(leaving) == [("request", "kin-1", "request_waits")]
    with pytest.raises(OnlyCompliance):
        requests.decline_request(
            leaving.work, request.id, because=DeclinedBecause.NO_PAPERS, by=leaving.technician
        )
    now = moments.told(moments.now())
    done = requests.complete_request(
        leaving.work, request.id, evidence="letter 7", accepted_at=now, by=leaving.compliance
    )
    assert (done.proved, done.capacity, leaving.holds(tube)) == (True, "next_of_kin", {"withdrawal"})
    assert waiting_requests(leaving.work) == []
    with pytest.raises(checks.NotWaiting):
        requests.decline_request(
            leaving.work, request.id, because=DeclinedBecause.NO_PAPERS, by=leaving.compliance
        )
    is_whole(leaving)


@pytest.mark.parametrize("capacity", [Capacity.REPRESENTATIVE, Capacity.GUARDIAN])
def test_a_request_can_be_declined(leaving, capacity):
    tube = leaving.tube()
    told = leaving.decision(capacity=capacity, requested_by="rep-1", evidence="copy 3", proved=False)
    request = requests.take(leaving.work, told, by=leaving.compliance)
    requests.decline_request(
        leaving.work, request.id, because=DeclinedBecause.NOT_ENTITLED, by=leaving.compliance
    )
    assert (waiting_requests(leaving.work), leaving.holds(tube)) == ([], set())
    assert messages(leaving)[-1] == ("request", "rep-1", "request_declined")
    is_whole(leaving)


def test_the_guardian_of_a_minor_needs_no_papers(leaving):
    participant_named(leaving.work, CODE).minor = True
    leaving.decide(capacity=Capacity.GUARDIAN, requested_by="guardian-1")
    assert participant_named(leaving.work, CODE).left


# Deaths.


def die(leaving, **more):
    told = DeathTold(participant=CODE, **asked(**({"requested_by": "kin-2"} | more)))
    return deaths.record_death(leaving.work, told, by=leaving.compliance)


def test_a_death_stops_collection_and_destroys_nothing(leaving):
    tube = leaving.tube()
    leaving.decide("undecided", "undecided", leaves=False)
    die(leaving)
    with pytest.raises(CollectionStopped, match="deceased"):
        leaving.assigned()
    person = participant_named(leaving.work, CODE)
    assert (person.deceased, person.deceased_on, standing(person).collection_stopped) == (True, None, True)
    assert leaving.order() is None
    assert leaving.row(tube).state == "received"
    # Nothing is written to the dead, of what was queued before and of what comes after.
    leaving.decide("destroy", "remove", **KIN, evidence="letter 7")
    assert messages(leaving) == [
        ("decision", "kin-2", "decision_confirmed"),
        ("decision", "kin-1", "decision_confirmed"),
    ]
    is_whole(leaving)


def test_a_death_told_by_mistake_is_taken_back_by_two(leaving):
    leaving.decide("keep", "keep", hours=1)
    death = die(leaving, hours=0.5)
    sha256 = mistakes.death_record(death)[1]
    mistakes.correct_death(leaving.work, death.id, change(sha256), by=leaving.compliance)
    person = participant_named(leaving.work, CODE)
    assert (person.deceased, deaths_of(leaving.work, CODE)) == (False, [])
    assert messages(leaving) == [("decision", CODE, "decision_confirmed")]
    with pytest.raises(checks.NotForThem, match="taken back already"):
        mistakes.correct_death(leaving.work, death.id, change(sha256), by=leaving.compliance)
    is_whole(leaving)


def test_a_death_is_in_no_future(leaving):
    with pytest.raises(checks.DecidedInTheFuture):
        die(leaving, hours=-1)
    tomorrow = (moments.now() + timedelta(days=2)).date()
    with pytest.raises(DayRefused, match="year of 0201-03-04 cannot be"):
        died = DeathTold(participant=CODE, died_on=date(201, 3, 4), **asked())
        deaths.record_death(leaving.work, died, by=leaving.compliance)
    with pytest.raises(DayRefused, match="has not come yet"):
        deaths.record_death(
            leaving.work, DeathTold(participant=CODE, died_on=tomorrow, **asked()), by=leaving.compliance
        )


# Coming back.


def test_a_new_period_leaves_the_old_decision_as_it_is(leaving):
    old = leaving.tube()
    leaving.decide(hours=5)
    order = leaving.order()
    come_back(leaving)
    person = participant_named(leaving.work, CODE)
    assert (person.left, standing(person).collection_stopped, leaving.holds(old)) == (
        False,
        False,
        {"withdrawal"},
    )
    leaving.collected_at = moments.now()
    new = leaving.collected("urine-1")["1UR10"]
    leaving.step(new, Action.RECEIVE)
    assert leaving.holds(new) == set()
    assert [line.item_id for line in lines_of(leaving.work, order)] == [leaving.row(old).id]
    # They leave again, and keep: the old order goes on all the same.
    leaving.decide("keep", "keep")
    assert (leaving.holds(old), leaving.holds(new)) == ({"withdrawal"}, set())
    assert stage(order) == "waiting"
    is_whole(leaving)


def test_leaving_again_is_an_order_of_its_own(leaving):
    old = leaving.tube()
    leaving.decide(hours=5)
    first = leaving.order()
    come_back(leaving)
    leaving.collected_at = moments.now()
    new = leaving.collected("urine-1")["1UR10"]
    leaving.decide("destroy", "remove")
    second = leaving.order()
    assert first.id != second.id
    assert [line.item_id for line in lines_of(leaving.work, first)] == [leaving.row(old).id]
    assert [line.item_id for line in lines_of(leaving.work, second)] == [leaving.row(new).id]


def test_an_empty_tube_of_the_old_order_that_is_filled_anew(leaving):
    tubes = leaving.assigned("urine-1")
    leaving.decide(hours=5)
    order = leaving.order()
    come_back(leaving)
    leaving.collected_at = moments.now()
    tube = tubes["1UR10"]
    leaving.step(tube, Action.COLLECT, leaving.clinic, minutes=0, details={"fill": "full"})
    assert progress(leaving.work, order) == {"given_anew": 1}
    assert leaving.holds(tube) == set()


def test_what_was_drawn_nobody_knows_when_is_held_and_not_destroyed(leaving):
    leaving.decide(hours=5)
    order = leaving.order()
    come_back(leaving)
    [kit] = make_kits(leaving.work, "urine-1", 1, by=leaving.technician, site="biobank-1")
    [tube] = tubes_of_kit(leaving.work, kit.id)
    birth = {"participant": CODE}
    leaving.step(tube.identifier, Action.LINK, leaving.lead, details=birth, source=PAPER)
    leaving.step(tube.identifier, Action.COLLECT, leaving.clinic, at=None, source=PAPER)
    assert leaving.holds(tube.identifier) >= {"withdrawal"}
    assert lines_of(leaving.work, order) == []


def test_who_may_come_back(leaving):
    with pytest.raises(checks.NotForThem, match="takes part already"):
        come_back(leaving)
    leaving.decide()
    with pytest.raises(checks.NotForThem, match="signed after that"):
        come_back(leaving, hours=2)
    die(leaving)
    with pytest.raises(checks.NotForThem, match="deceased"):
        come_back(leaving, hours=0)


# Giving no more of one kind.


def test_refusing_blood_is_no_withdrawal(leaving):
    given = leaving.received("adult-3.2")["1ED04"]
    refusal = Refusal(participant=CODE, scopes=(Scope.BLOOD,), **asked(hours=1))
    staying.refuse_scopes(leaving.work, refusal, by=leaving.clinic)
    person = participant_named(leaving.work, CODE)
    assert (person.left, person.decided_at, leaving.holds(given)) == (False, None, set())
    leaving.collected_at = moments.now()
    with pytest.raises(Exception, match="no valid consent for blood"):
        leaving.assigned()
    assert leaving.assigned("urine-1")
    assert messages(leaving) == [("scopes", CODE, "scopes_refused")]
    take_consent(
        leaving.work, leaving.clinic, participant=CODE, form_version="2026-2", language="en",
        scopes=("blood",), effective_at=moments.now() - timedelta(minutes=1), source="form F9",
    )  # fmt: skip
    assert leaving.assigned()
    is_whole(leaving)


def test_blood_drawn_before_the_refusal_was_entered_is_held(leaving):
    tube = leaving.received("adult-3.2")["1ED04"]
    urine = leaving.tube()
    refusal = Refusal(participant=CODE, scopes=(Scope.BLOOD,), **asked(hours=72))
    staying.refuse_scopes(leaving.work, refusal, by=leaving.clinic)
    assert (leaving.holds(tube), leaving.holds(urine)) == ({"consent"}, set())


# One person with two codes.


def merge(leaving, code, into):
    _, sha256 = mistakes.shown_for_same_person(leaving.work, leaving.compliance, code, into)
    return mistakes.merge_codes(
        leaving.work, change(sha256, participant=code, other=into), by=leaving.compliance
    )


def test_of_two_codes_the_newest_order_reaches_as_far_as_both(leaving):
    """One left and has everything destroyed; the other stayed, decided later, and gave a tube since."""
    leaving.participant(OTHER)
    leaving.tube(), leaving.tube(OTHER)
    leaving.decide(participant=OTHER, hours=20)
    leaving.decide("destroy", "keep", leaves=False, hours=10)
    leaving.collected_at = moments.now() - timedelta(hours=1)
    since = leaving.paper_kit(CODE)
    merge(leaving, OTHER, CODE)
    theirs = {
        line.item_id
        for order in standing_orders(leaving.work, CODE)
        for line in lines_of(leaving.work, order)
    }
    assert leaving.now(since).id in theirs


def test_the_stricter_answer_holds_and_one_order_covers_both(leaving):
    leaving.participant(OTHER)
    mine, theirs = leaving.tube(), leaving.tube(OTHER)
    leaving.window(0)
    leaving.decide("destroy", "remove", hours=1)
    leaving.window(7)
    leaving.decide("keep", "keep", participant=OTHER)
    order = leaving.order()
    assert stage(order) == "ready"
    merge(leaving, CODE, OTHER)
    assert leaving.order(OTHER).id == order.id
    assert {line.item_id for line in lines_of(leaving.work, order)} == {
        leaving.row(mine).id,
        leaving.row(theirs).id,
    }
    assert {leaving.row(mine).state, leaving.row(theirs).state} == {"received"}
    assert stage(order) == "waiting"
    person = participant_named(leaving.work, CODE)
    assert (person.code, person.information, person.samples) == (OTHER, "remove", "destroy")
    assert len(standing_decisions(leaving.work, OTHER)) == 2
    assert (leaving.holds(mine), leaving.holds(theirs)) == ({"withdrawal"}, {"withdrawal"})
    with pytest.raises(OneCodeOnly):
        merge(leaving, CODE, OTHER)
    is_whole(leaving)


def test_two_codes_of_somebody_who_decided_nothing(leaving):
    leaving.participant(OTHER)
    tube = leaving.tube()
    merge(leaving, CODE, OTHER)
    assert (leaving.row(tube).participant, leaving.holds(tube)) == (OTHER, set())
    is_whole(leaving)


# Both times, and open answers.


def test_what_was_used_before_the_decision_was_entered_is_reported(leaving):
    tubes = list(leaving.received().values())
    before, between, after = tubes[:3]
    leaving.step(before, Action.CONSUME, at=leaving.told(60), source=PAPER)
    leaving.step(between, Action.CONSUME)
    leaving.decide(hours=24)
    with pytest.raises(StepRefused):
        leaving.step(after, Action.CHECK_OUT)
    leaving.step(after, Action.CONSUME, confirmation="it had been used up", source=PAPER)
    found = {
        leaving.work.session.get(type(leaving.row(before)), line.item_id).identifier: line.outcome
        for line in lines_of(leaving.work, leaving.order())
    }
    assert (found[before], found[between], found[after]) == (
        "consumed_earlier",
        "consumed_before_entry",
        "consumed_after_decision",
    )
    assert [kind for kind in leaving.cases(before) if kind.startswith("used")] == []
    assert [kind for kind in leaving.cases(between) if kind.startswith("used")] == ["used_before_entry"]
    assert [kind for kind in leaving.cases(after) if kind.startswith("used")] == ["used_after_decision"]


def test_it_is_reported_without_an_order_too(leaving):
    tube = leaving.tube()
    leaving.step(tube, Action.CONSUME)
    leaving.decide("keep", "remove", hours=24)
    assert leaving.order() is None
    assert [kind for kind in leaving.cases(tube) if kind.startswith("used")] == ["used_before_entry"]


def test_undecided_is_asked_for_until_the_day_is_over_and_then_overdue(leaving):
    tube = leaving.tube()
    leaving.decide("undecided", "undecided")
    assert not information_is_used(leaving.work, CODE)
    assert [is_overdue(each) for each in undecided_decisions(leaving.work)] == [False]
    later = moments.now() + timedelta(days=leaving.work.settings.undecided_due_days + 1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "now", lambda: later)
        assert [is_overdue(each) for each in undecided_decisions(leaving.work)] == [True]
    leaving.decide("destroy", "keep")
    assert [line.item_id for line in lines_of(leaving.work, leaving.order())] == [leaving.row(tube).id]
    assert undecided_decisions(leaving.work) == []
    assert [about for about, *_ in messages(leaving)] == ["decision", "decision"]


def test_who_destroyed_and_stayed_may_leave_and_keep_what_came_after(leaving):
    leaving.window(0)
    old = leaving.tube()
    leaving.decide("destroy", "keep", leaves=False, hours=3)
    leaving.collected_at = moments.now() - timedelta(hours=1)
    new = leaving.collected("urine-1")["1UR10"]
    leaving.decide("keep", "keep")
    assert (leaving.holds(old), leaving.holds(new)) == ({"withdrawal"}, set())
    assert participant_named(leaving.work, CODE).left


def test_what_was_decided_under_another_code_is_not_told_to_the_dead_either(leaving):
    leaving.participant(OTHER)
    leaving.decide("keep", "keep", participant=OTHER)
    _, sha256 = mistakes.shown_for_same_person(leaving.work, leaving.compliance, OTHER, CODE)
    mistakes.merge_codes(leaving.work, change(sha256, participant=OTHER, other=CODE), by=leaving.compliance)
    died = DeathTold(participant=CODE, **asked(**KIN))
    deaths.record_death(leaving.work, died, by=leaving.compliance)
    [message] = leaving.work.session.query(Message)
    assert (message.participant, message.addressee) == (OTHER, "kin-1")
