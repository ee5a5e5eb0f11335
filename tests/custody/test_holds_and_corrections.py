"""Holds stop use and nothing else; a mistake is corrected by a new event, and the old one stays visible."""

import pytest
from sqlalchemy import select

from biobank.custody import checks, hold_checks
from biobank.custody.holds import lift_hold, place_hold
from biobank.custody.models import Hold
from biobank.custody.queries import NothingToUndo, holds_on, item_by_id, newest_step
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.custody.steps import Alert, AskedBack
from biobank.custody.stories import story_of
from biobank.items.identifiers import printed
from tests.custody.conftest import COMPLIANCE, LEAD, after


def holds(bench, item):
    return holds_on(bench.work, bench.now(item).id)


# Holds.


def test_a_hold_stops_use_and_is_told_with_every_scan(bench):
    tube = bench.tube("stored")
    done = bench.take(tube, Action.QUARANTINE, details={"hold": "temperature", "reason": "logger 4"})
    assert holds(bench, tube) == {HoldKind.TEMPERATURE}
    with pytest.raises(checks.StepRefused) as refused:
        bench.take(tube, Action.CHECK_OUT, confirmation="needed now")
    assert refused.value.extra["holds"] == ["temperature"]
    assert "check_out" not in refused.value.extra["allowed_actions"]
    assert "is under a hold (temperature)" in refused.value.detail
    assert done.alerts == ()
    assert bench.take(tube, Action.FREEZE).alerts == (
        Alert("hold", f"{printed(tube)} is under a hold (temperature): it may not be used."),
    )


def test_quarantine_twice_is_one_hold_and_two_events(bench):
    tube = bench.tube("stored")
    for _ in range(2):
        bench.take(tube, Action.QUARANTINE)
    number = bench.now(tube).id
    assert len(bench.work.session.scalars(select(Hold).where(Hold.item_id == number)).all()) == 1
    assert [event["action"] for event in bench.events(tube)[-2:]] == ["quarantine", "quarantine"]


def test_an_unknown_kind_of_hold_is_refused_with_those_there_are(bench):
    tube = bench.tube("stored")
    with pytest.raises(hold_checks.UnknownHold, match="There is no such kind of hold; there are withdrawal"):
        bench.take(tube, Action.QUARANTINE, details={"hold": "moon"})
    assert holds(bench, tube) == frozenset()


def test_a_legal_hold_stops_disposal_and_others_do_not(bench):
    tube, bag = bench.tube("received"), bench.born(Kind.WASTE)
    bench.take(tube, Action.QUARANTINE, by=COMPLIANCE, details={"hold": "legal"})
    with pytest.raises(checks.StepRefused):
        bench.take(tube, Action.PUT_IN_WASTE, place=bag)
    other = bench.tube("received")
    place_hold(bench.work, bench.now(other), HoldKind.WITHDRAWAL, "withdrawn", by=COMPLIANCE)
    assert bench.take(other, Action.PUT_IN_WASTE, place=bag).item.state is State.IN_WASTE


def test_nobody_at_the_bench_places_a_legal_hold_and_nobody_what_follows_from_a_decision(bench):
    tube = bench.tube("received")
    for hold, person in (("legal", LEAD), ("withdrawal", LEAD), ("withdrawal", COMPLIANCE), ("recall", LEAD)):
        with pytest.raises(hold_checks.NotYourHold, match=f"{hold} hold"):
            bench.take(tube, Action.QUARANTINE, by=person, details={"hold": hold})
    assert holds(bench, tube) == frozenset()


def test_compliance_lifts_a_legal_hold_by_its_name(bench):
    tube = bench.tube("received")
    bench.take(tube, Action.QUARANTINE, by=COMPLIANCE, details={"hold": "legal"})
    with pytest.raises(hold_checks.NothingToRelease):
        bench.take(tube, Action.RELEASE, by=LEAD, details={"hold": "legal"})
    with pytest.raises(hold_checks.NothingToRelease):
        bench.take(tube, Action.RELEASE, by=COMPLIANCE)
    bench.take(tube, Action.RELEASE, by=COMPLIANCE, details={"hold": "legal", "reason": "the demand ended"})
    assert holds(bench, tube) == frozenset()


def test_an_aliquot_made_under_a_hold_is_asked_back_and_taken_with_a_flag(bench):
    tube = bench.tube("received")
    bench.take(tube, Action.QUARANTINE)
    with pytest.raises(AskedBack, match="It may not be used"):
        bench.take(tube, Action.ALIQUOT)
    done = bench.take(tube, Action.ALIQUOT, confirmation="was made before the hold was seen")
    assert done.event["flags"] == ["done_under_hold"]


def test_a_release_lifts_all_that_it_may_or_the_one_it_names(bench):
    tube = bench.tube("received")
    for hold in HoldKind:
        place_hold(bench.work, bench.now(tube), hold, "tried", by=LEAD)
    bench.take(tube, Action.RELEASE, details={"hold": "temperature", "reason": "it was the probe"})
    assert holds(bench, tube) == set(HoldKind) - {HoldKind.TEMPERATURE}
    bench.take(tube, Action.RELEASE)
    assert holds(bench, tube) == {HoldKind.WITHDRAWAL, HoldKind.LEGAL, HoldKind.RECALL, HoldKind.CANCELLED}
    for named in ({}, {"hold": "withdrawal"}, {"hold": "legal"}, {"hold": "recall"}, {"hold": "cancelled"}):
        with pytest.raises(hold_checks.NothingToRelease) as refused:
            bench.take(tube, Action.RELEASE, details=named)
    assert refused.value.extra["holds"] == ["cancelled", "legal", "recall", "withdrawal"]


def test_placing_and_lifting_a_hold_are_entries_of_the_item(bench):
    tube = bench.now(bench.tube("received"))
    place_hold(bench.work, tube, HoldKind.RECALL, "lot 7", by=LEAD)
    place_hold(bench.work, tube, HoldKind.RECALL, "lot 7", by=LEAD)
    assert item_by_id(bench.work, tube.id).sequence == tube.sequence + 1
    for _ in range(2):
        lift_hold(bench.work, tube, HoldKind.RECALL, "lot 7 is fine", by=LEAD)
    changes = [e for e in story_of(bench.work, tube.identifier)["events"] if e["kind"] == "hold"]
    assert [(e["hold"], e["change"], e["recorded_by"]) for e in changes] == [
        ("recall", "placed", "bio.lead"),
        ("recall", "lifted", "bio.lead"),
    ]
    hold = bench.work.session.scalars(select(Hold).where(Hold.item_id == tube.id)).one()
    assert (hold.placed_sequence, hold.lifted_sequence) == (changes[0]["sequence"], changes[1]["sequence"])


# Corrections.


@pytest.mark.parametrize("number", [0, -1, 99])
def test_an_event_that_there_is_not_cannot_be_corrected(bench, number):
    tube = bench.tube("stored")
    with pytest.raises(checks.NothingToCorrect, match="name one of them"):
        bench.take(tube, Action.CORRECT, corrects=number, details={"volume_microlitres": 5})


def undo(bench, item, sequence=None, **named):
    number = sequence or bench.events(item)[-1]["sequence"]
    return bench.take(
        item, Action.CORRECT, corrects=number, details={"undo": True, "reason": "wrong tube"}, **named
    )


def test_the_newest_step_is_taken_back_and_stays_visible(bench):
    tube = bench.tube("received")
    first, second = bench.born(Kind.BOX), bench.born(Kind.BOX)
    bench.take(tube, Action.STORE, place=first, position="A1")
    bench.take(tube, Action.MOVE, place=second, position="C3")
    done = undo(bench, tube)
    assert done.event["corrects"] == bench.events(tube)[-2]["sequence"]
    assert (done.event["place"], done.event["position"]) == (first, "A1")
    assert story_of(bench.work, tube)["place"] == f"{first} A1"
    assert bench.now(tube).state is State.STORED
    assert [event["action"] for event in bench.events(tube)[-3:]] == ["store", "move", "correct"]


def test_taking_back_the_first_place_leaves_it_nowhere_in_particular(bench):
    tube = bench.tube("stored")
    assert undo(bench, tube).item.state is State.RECEIVED
    assert bench.now(tube).container_id is None


def test_taking_back_gives_back_custody_volume_and_time_of_collection(bench):
    tube = bench.tube(volume_microlitres=None)
    bench.take(
        tube,
        Action.COLLECT,
        changes={"volume_microlitres": 4000, "collected_at": 5, "custodian": "site:clinic-9"},
    )
    bench.take(tube, Action.DISPATCH, changes={"custodian": "carrier:ups", "sent_to": "biobank-1"})
    undo(bench, tube)
    back = bench.now(tube)
    assert (back.custodian, back.sent_to, back.volume_microlitres) == ("site:clinic-9", None, 4000)
    fresh = bench.tube()
    bench.take(fresh, Action.COLLECT, changes={"volume_microlitres": 4000, "collected_at": 5})
    undo(bench, fresh)
    back = bench.now(fresh)
    assert (back.state, back.volume_microlitres, back.collected_at) == (State.EXPECTED, None, None)


def test_a_step_without_a_place_is_taken_back_where_it_is(bench):
    tube = bench.tube("stored")
    place = story_of(bench.work, tube)["place"]
    bench.take(tube, Action.FREEZE)
    assert undo(bench, tube).item.state is State.STORED
    assert story_of(bench.work, tube)["place"] == place


def test_a_position_that_somebody_else_has_by_now_is_not_given_back(bench):
    box = bench.born(Kind.BOX)
    tube, other = bench.tube("received"), bench.tube("received")
    bench.take(tube, Action.STORE, place=box, position="A1")
    bench.take(tube, Action.MOVE, place=box, position="A2")
    bench.take(other, Action.STORE, place=box, position="A1")
    with pytest.raises(NothingToUndo) as refused:
        undo(bench, tube)
    assert printed(other) in refused.value.detail
    assert bench.now(tube).position == "A2"


@pytest.mark.parametrize("state", ["expected", "destroyed"])
def test_a_birth_and_a_destruction_are_not_taken_back(bench, state):
    tube = bench.tube(state)
    with pytest.raises(NothingToUndo) as refused:
        undo(bench, tube, confirmation="really")
    assert refused.value.extra == {"newest_sequence": bench.now(tube).sequence}


def test_only_the_newest_step_is_taken_back(bench):
    tube = bench.tube("received")
    with pytest.raises(NothingToUndo, match="it is receive, number 4"):
        undo(bench, tube, sequence=3)
    undo(bench, tube)
    with pytest.raises(NothingToUndo):
        undo(bench, tube)


def test_once_a_step_is_taken_back_the_one_before_it_is_the_newest(bench):
    tube = bench.tube("stored")
    place = story_of(bench.work, tube)["place"]
    first = newest_step(bench.work, tube)["sequence"]
    bench.take(tube, Action.FREEZE)
    frozen = newest_step(bench.work, tube)["sequence"]
    undo(bench, tube, frozen)
    assert story_of(bench.work, tube)["place"] == place
    with pytest.raises(NothingToUndo, match=f"it is store, number {first}"):
        undo(bench, tube, frozen)
    assert undo(bench, tube, first).item.state is State.RECEIVED
    assert bench.now(tube).container_id is None


def test_what_others_followed_is_not_taken_back(bench):
    tube = bench.tube("received")
    bench.take(tube, Action.ALIQUOT)
    with pytest.raises(NothingToUndo, match="none that others followed; it is aliquot"):
        undo(bench, tube)


def test_a_value_is_corrected_by_an_event_that_names_the_old_one(bench):
    tube = bench.tube("collected")
    done = bench.take(tube, Action.CORRECT, corrects=2, at=after(0), changes={"volume_microlitres": 900})
    assert (done.item.state, done.item.volume_microlitres) == (State.COLLECTED, 900)
    assert (done.event["corrects"], done.event["volume_microlitres"]) == (2, 900)
    assert "flags" not in done.event
