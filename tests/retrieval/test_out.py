"""What is out: when it is due, how it comes back or is used up, and how it goes on to a study or a laboratory."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from biobank.core import moments
from biobank.custodians.choices import CustodianKind
from biobank.custodians.inputs import NewCustodian
from biobank.custodians.operations import add_custodian
from biobank.custody.checks import StepRefused
from biobank.custody.queries import newest_events
from biobank.custody.states import Action, State
from biobank.custody.steps import AskedBack
from biobank.distribution.models import Distribution
from biobank.distribution.operations import close_distribution, distribute
from biobank.distribution.queries import distributed_in, distribution_numbered, request_called
from biobank.items.models import Item
from biobank.outages.inputs import NewOutage
from biobank.outages.operations import declare_outage
from biobank.retrieval import checks
from biobank.retrieval.choices import Dates, LabDid, PickPurpose
from biobank.retrieval.handing_on import hand_over_picked, send_out_picked
from biobank.retrieval.inputs import Back
from biobank.retrieval.numbering import make_manifest
from biobank.retrieval.queries import late_out, out_now, samples_of
from biobank.retrieval.returning import bring_back, use_up, where_back
from tests.retrieval.conftest import SCAN
from tests.studies import NUMBER, approved


@pytest.fixture
def bench(picking):
    """A list for the bench of which two pieces are out."""
    tubes = picking.stored(2)
    listed = picking.make(2, purpose=PickPurpose.BENCH)
    for tube in tubes:
        picking.pick(listed, tube)
    return picking, listed, tubes


def back(picking, item, *, hours=0.0, **told):
    at = moments.told(moments.now() + timedelta(hours=hours))
    return bring_back(picking.work, Back(item=item, **told), by=picking.floor.technician, source=SCAN, at=at)


def actions(picking, item):
    return [event["action"] for event in newest_events(picking.work, item, 5)]


def test_what_is_out_is_due_by_its_list_and_late_after_it(bench):
    picking, listed, tubes = bench
    out = out_now(picking.work, picking.floor.technician)
    assert {each.item.identifier for each in out} == set(tubes)
    assert {each.listed.id for each in out} == {listed.id}
    now = moments.now()
    late = [
        len(picking.work.session.scalars(late_out(picking.work, picking.floor.technician, now + ahead)).all())
        for ahead in (timedelta(hours=3), timedelta(hours=5))
    ]
    assert late == [0, 2]


def test_what_was_checked_out_without_a_list_is_late_after_the_usual_hours(picking):
    [tube] = picking.stored(1)
    picking.floor.step(tube, Action.CHECK_OUT)
    [out] = out_now(picking.work, picking.floor.technician)
    assert (out.listed, out.due_at) == (None, picking.floor.row(tube).recorded_at + timedelta(hours=4))
    later = moments.now() + timedelta(hours=5)
    question = late_out(picking.work, picking.floor.technician, later)
    assert picking.work.session.scalars(question).all() == [picking.floor.row(tube).id]


def test_a_piece_goes_back_to_where_it_was_and_is_not_thawed_within_minutes(bench):
    picking, listed, (tube, _) = bench
    found = where_back(picking.work, picking.floor.now(tube), picking.floor.technician)
    assert (found.place, found.position, found.before) == (picking.boxes[0], "A1", True)
    back(picking, tube)
    assert (picking.floor.row(tube).state, picking.floor.row(tube).position) == (State.STORED, "A1")
    assert picking.state(listed, tube) == "returned"
    assert Action.THAW not in actions(picking, tube)
    picking.clean()


def test_what_was_out_too_long_thawed_unless_it_was_kept_cold(bench, monkeypatch):
    picking, _, (warm, cold) = bench
    later = moments.now() + timedelta(hours=1)
    monkeypatch.setattr(moments, "now", lambda: later)
    back(picking, warm)
    back(picking, cold, kept_cold=True)
    assert actions(picking, warm)[:2] == ["check_in", "thaw"]
    [thaw] = [event for event in newest_events(picking.work, warm) if event["action"] == "thaw"]
    assert thaw["details"] == {"because": "out_too_long", "minutes": 60}
    assert "thaw" not in actions(picking, cold)


def test_a_taken_place_is_not_proposed_again(bench):
    picking, _, (tube, other) = bench
    back(picking, other, place=picking.boxes[0], position="A1")
    found = where_back(picking.work, picking.floor.now(tube), picking.floor.technician)
    assert (found.before, found.position) == (False, "A2")


def test_what_was_used_is_taken_off_its_volume_and_more_than_was_in_it_is_asked_back(bench):
    picking, _, (tube, other) = bench
    volume = {"volume_microlitres": 900}
    for each in (tube, other):
        picking.floor.step(each, Action.FREEZE, changes=volume)
    for taken in (0, -1, 1_000_001):
        with pytest.raises(checks.BackRefused, match="whole microlitres how much of it was used"):
            back(picking, tube, taken_microlitres=taken)
    back(picking, tube, taken_microlitres=250)
    assert picking.floor.row(tube).volume_microlitres == 650
    with pytest.raises(AskedBack, match="held 0.9 mL as far as known, and 1 mL were used"):
        back(picking, other, taken_microlitres=1000)
    back(picking, other, taken_microlitres=1000, confirmation="two pipettes")
    assert picking.floor.row(other).volume_microlitres == 0
    assert picking.floor.cases(other)[-1] == "overdrawn"


def test_all_that_was_in_it_may_be_used_and_of_the_unknown_any_amount(bench):
    picking, _, (tube, other) = bench
    picking.floor.step(tube, Action.FREEZE, changes={"volume_microlitres": 900})
    picking.floor.step(other, Action.FREEZE, changes={"volume_microlitres": None})
    for each, left in ((tube, 0), (other, None)):
        assert back(picking, each, taken_microlitres=900)[-1].event.get("flags") is None
        assert picking.floor.row(each).volume_microlitres == left


def test_a_place_that_failed_meanwhile_is_not_proposed_again(bench):
    """The freezer that it was taken from is out of service: it goes where anything else would go."""
    picking, _, (tube, _) = bench
    began = moments.told(moments.now())
    new = NewOutage(unit=picking.freezers[0], began=began)
    declare_outage(picking.work, new, by=picking.floor.technician)
    found = where_back(picking.work, picking.floor.now(tube), picking.floor.technician)
    assert (found.place, found.before) == (picking.boxes[1], False)
    assert back(picking, tube)[-1].event.get("flags") is None


@pytest.mark.parametrize(("minutes", "thaws"), [(15.9, False), (16, True)])
def test_a_piece_thawed_when_it_was_out_for_more_minutes_than_the_setting(bench, monkeypatch, minutes, thaws):
    picking, _, (tube, _) = bench
    assert picking.work.settings.pick_thaw_minutes == 15
    later = picking.floor.row(tube).occurred_at + timedelta(minutes=minutes)
    monkeypatch.setattr(moments, "now", lambda: later)
    back(picking, tube)
    assert (Action.THAW in actions(picking, tube)) is thaws


def test_what_is_used_up_comes_back_no_more(bench):
    picking, listed, (tube, _) = bench
    use_up(picking.work, tube, by=picking.floor.technician, source=SCAN, at=picking.floor.told())
    assert picking.state(listed, tube) == "used_up"
    with pytest.raises(checks.NotOut, match="consumed and not checked out"):
        back(picking, tube)
    picking.clean()


def test_a_laboratory_gets_what_was_picked_and_says_what_it_did(picking):
    lab = NewCustodian(
        code="LAB-1", kind=CustodianKind.CONTRACT_LAB, organisation="Testa Laboratory", agreement="A-1"
    )
    add_custodian(picking.work, lab, by=picking.floor.lead)
    tubes = picking.stored(2)
    listed = picking.make(2, purpose=PickPurpose.CONTRACT_WORK, goes_to="LAB-1")
    told = {"by": picking.floor.technician, "source": SCAN, "at": picking.floor.told()}
    with pytest.raises(checks.NothingPicked):
        send_out_picked(picking.work, listed.id, **told)
    for tube in tubes:
        picking.pick(listed, tube)
    sent = send_out_picked(picking.work, listed.id, **(told | {"at": picking.floor.told()}))
    assert (set(sent.went), sent.stayed) == (set(tubes), ())
    assert picking.floor.row(tubes[0]).custodian == "custodian:LAB-1"
    assert picking.state(listed, tubes[0]) == "sent_out"
    with pytest.raises(checks.BackRefused, match="what the laboratory did"):
        back(picking, tubes[0])
    back(picking, tubes[0], lab_did=LabDid.PART_TAKEN, place=picking.boxes[1], position="B2")
    assert actions(picking, tubes[0])[:2] == ["store", "return"]
    assert newest_events(picking.work, tubes[0])[1]["details"] == {"lab_did": "part_taken"}
    assert picking.state(listed, tubes[0]) == "returned"
    picking.clean()


@pytest.fixture
def at_study(picking):
    """Three picked pieces, of which the participant of one withdrew since."""
    tubes = picking.stored(3)
    listed = picking.make(3)
    for tube in tubes:
        picking.pick(listed, tube)
    picking.floor.decide(participant=picking.floor.row(tubes[1]).participant)
    told = {"by": picking.floor.technician, "source": SCAN, "at": picking.floor.told()}
    return picking, listed, tubes, hand_over_picked(picking.work, listed.id, **told)


def test_what_was_picked_goes_to_the_study_without_whoever_withdrew_meanwhile(at_study):
    picking, listed, (one, left, other), handed = at_study
    assert set(handed.went) == {one, other}
    [(stayed, why)] = handed.stayed
    assert stayed == left
    assert "hold" in why
    assert picking.state(listed, one) == "handed_over"
    assert picking.state(listed, left) == "picked"
    distribution = distribution_numbered(picking.work, handed.distribution)
    assert {each.item for each in distributed_in(picking.work, distribution)} == {one, other}
    picking.clean()


def test_no_distribution_is_opened_when_every_piece_has_to_stay(picking):
    tubes = picking.stored(2)
    listed = picking.make(2)
    for tube in tubes:
        picking.pick(listed, tube)
        picking.floor.step(tube, Action.QUARANTINE, details={"hold": "discrepancy", "reason": "looked odd"})
    told = {"by": picking.floor.technician, "source": SCAN, "at": picking.floor.told()}
    with (
        pytest.raises(checks.NothingMayGo, match=r"^Nothing of what is picked may go, so .*hold"),
        picking.work.savepoint(),
    ):
        hand_over_picked(picking.work, listed.id, **told)
    assert picking.work.session.scalars(select(Distribution)).all() == []
    assert {picking.state(listed, tube) for tube in tubes} == {"picked"}
    picking.clean()


def test_a_manifest_holds_the_studys_own_numbers_and_nothing_that_identifies(at_study):
    picking, _, (one, _, other), handed = at_study
    rows = {picking.floor.row(item).id: item for item in (one, other)}
    numbers = samples_of(picking.work, request_called(picking.work, NUMBER).id, rows)
    assert len(set(numbers.values())) == 2
    by = picking.floor.technician
    made = make_manifest(picking.work, handed.distribution, Dates.YEAR, by=by)
    text = made.content.decode("utf-8-sig")
    year = f"{picking.floor.row(one).collected_at:%Y}"
    assert text.splitlines()[1:] == [
        f"{number},tube,1UR10,10000,{year}" for number in sorted(numbers.values())
    ]
    for number, item in rows.items():
        row = picking.work.session.get_one(Item, number)
        hidden = (item, item[1:-2], row.participant, f"{row.collected_at:%Y-%m}")
        assert not [each for each in hidden if each in text]
    assert len(made.lines) == 2


def test_of_whoever_is_left_out_of_exports_the_manifest_tells_the_number_alone(at_study):
    picking, _, (one, _, other), handed = at_study
    codes = frozenset({picking.floor.row(one).participant, picking.floor.row(other).participant})
    by = picking.floor.technician
    made = make_manifest(picking.work, handed.distribution, Dates.MONTH, by=by, left_out=codes)
    lines = made.content.decode("utf-8-sig").splitlines()[1:]
    assert [line.split(",")[3:] for line in lines] == [["", ""], ["", ""]]


def test_another_study_knows_the_same_piece_by_another_number(at_study):
    picking, _, (one, _, _), _ = at_study
    first = samples_of(picking.work, request_called(picking.work, NUMBER).id, [picking.floor.row(one).id])
    picking.floor.step(one, Action.QUARANTINE, details={"hold": "discrepancy", "reason": "it is here"})
    picking.floor.step(one, Action.RELEASE, picking.floor.lead, details={"reason": "looked at"})
    request = approved(picking.floor, "REQ-8")
    picking.floor.step(one, Action.DISTRIBUTE, details={"request": "REQ-8"})
    second = samples_of(picking.work, request.id, [picking.floor.row(one).id])
    assert first.values() != second.values()
    assert len(second) == 1
    picking.clean()


def test_a_closed_distribution_takes_nothing_more(at_study):
    picking, _, (_, left, _), handed = at_study
    close_distribution(picking.work, handed.distribution, by=picking.floor.technician)
    told = {"by": picking.floor.technician, "source": SCAN, "at": picking.floor.told()}
    with pytest.raises(StepRefused):
        distribute(picking.work, handed.distribution, [left], **told)
