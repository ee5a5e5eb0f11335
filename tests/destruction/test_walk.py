"""The walk: what a clinic still has, who destroys it where, and orders for which nobody can walk."""

from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.custody.states import Action
from biobank.destruction import batches, checks, queries, walk
from biobank.destruction.choices import Method, SigningRole
from biobank.destruction.confirmation import confirm_orders
from biobank.destruction.inputs import Count, Credentials, Shown
from biobank.destruction.instructing import let_clinics_destroy
from biobank.destruction.legal_holds import place_legal_hold
from biobank.destruction.pauses import HeldBecause
from biobank.destruction.records import order_record
from biobank.destruction.walk import Instruction
from biobank.replays import REPLAYS
from tests.leaving import PASSWORD


@pytest.fixture
def at_a_clinic(leaving):
    """A collected tube that its clinic still has, on an order that may be carried out."""
    leaving.window(0)
    tube = leaving.collected("urine-1")["1UR10"]
    leaving.decide()
    return tube


def pick(leaving):
    [only] = walk.worklist(leaving.work)
    return only


def clinic_bag(leaving, tube):
    bag = batches.open_waste_batch(leaving.work, leaving.clinic, site="clinic-1")[1].identifier
    leaving.step(tube, Action.PUT_IN_WASTE, leaving.clinic, place=bag)
    return bag


def test_a_clinic_ships_what_it_has(leaving, at_a_clinic):
    assert (pick(leaving).clinic, pick(leaving).instruction) == ("clinic-1", Instruction.SHIP)
    with pytest.raises(checks.ClinicShipsIt, match="ship it to the biobank"):
        clinic_bag(leaving, at_a_clinic)


def test_by_instruction_of_compliance_its_own_people_destroy_it(leaving, at_a_clinic):
    order = leaving.order().identifier
    with pytest.raises(checks.OnlyCompliance):
        let_clinics_destroy(leaving.work, leaving.lead, order, allowed=True)
    let_clinics_destroy(leaving.work, leaving.compliance, order, allowed=True)
    assert pick(leaving).instruction is Instruction.DESTROY_THERE
    bag = clinic_bag(leaving, at_a_clinic)
    count = Count(pieces=1, method=Method.INCINERATION, cycle="C1", place="Clinic", at=leaving.told())
    batches.count_batch(leaving.work, leaving.clinic, bag, count)
    for role, who in ((SigningRole.PERFORMER, "clinic.ana"), (SigningRole.WITNESS, "comp.cleo")):
        shown = leaving.shown(bag)
        batches.sign_batch(leaving.work, leaving.clinic, bag, role, Credentials(who, PASSWORD), shown)
    assert leaving.now(at_a_clinic).state == "destroyed"
    let_clinics_destroy(leaving.work, leaving.compliance, order, allowed=False)
    assert [str(each) for replay in REPLAYS for each in replay(leaving.work)] == []


def test_by_setting_every_clinic_destroys(leaving, at_a_clinic):
    leaving.work.settings = leaving.work.settings.with_changes(clinics_destroy=True)
    clinic_bag(leaving, at_a_clinic)
    assert leaving.now(at_a_clinic).state == "in_waste"


def test_open_lines_that_nobody_can_fetch_are_an_alarm(leaving):
    leaving.window(0)
    tube = leaving.collected("urine-1")["1UR10"]
    leaving.decide()
    parcel = leaving.parcel()
    leaving.step(tube, Action.PACK, leaving.clinic, place=parcel)
    leaving.step(tube, Action.DISPATCH, leaving.clinic)
    assert walk.orders_without_work(leaving.work) == [leaving.order()]
    assert walk.orders_without_work(leaving.work, leaving.clinic) == [leaving.order()]
    leaving.step(tube, Action.RECEIVE)
    assert walk.orders_without_work(leaving.work) == []
    leaving.waste(leaving.bag(), tube)
    assert walk.orders_without_work(leaving.work) == []
    assert walk.worklist(leaving.work) == []


def test_what_travels_is_an_alarm_once_its_parcel_is_late_or_it_was_not_in_it(leaving, monkeypatch):
    leaving.window(0)
    tube = leaving.collected("urine-1")["1UR10"]
    leaving.decide()
    parcel = leaving.parcel()
    leaving.step(tube, Action.PACK, leaving.clinic, place=parcel)
    sent = {"carrier": "fedex", "tracking_number": "7723 1234 5678"}
    leaving.step(parcel, Action.DISPATCH, leaving.clinic, details=sent)
    assert walk.worklist(leaving.work) == walk.orders_without_work(leaving.work) == []
    with monkeypatch.context() as later:
        later.setattr(walk, "now", lambda: moments.now() + timedelta(days=4))
        assert walk.orders_without_work(leaving.work) == [leaving.order()]
    leaving.step(parcel, Action.ARRIVE)
    assert walk.orders_without_work(leaving.work) == []
    leaving.step(tube, Action.REPORT_MISSING)
    assert walk.orders_without_work(leaving.work) == [leaving.order()]


def test_what_is_late_is_named_piece_by_piece_but_not_under_a_legal_hold(leaving, monkeypatch):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    order = leaving.order()
    order.due_at = moments.now() - timedelta(days=1)
    assert walk.late_items(leaving.work, order) == [tube]
    place_legal_hold(leaving.work, leaving.compliance, order.identifier, HeldBecause.SUBPOENA, "docket 9")
    assert walk.late_items(leaving.work, leaving.order()) == []
    assert walk.worklist(leaving.work) == []


def test_one_order_that_changed_comes_back_and_the_others_are_signed(leaving):
    leaving.window(0)
    others = [leaving.participant(code) for code in ("A500000001", "A500000002")]
    tubes = [leaving.tube(code) for code in others]
    for code in others:
        leaving.decide(participant=code)
    leaving.destroy(*tubes)
    one, changed = (leaving.order(code) for code in others)
    shown = [Shown(order.identifier, order_record(leaving.work, order)[1]) for order in (one, changed)]
    late = leaving.paper_kit(others[1])
    done = confirm_orders(leaving.work, leaving.compliance, shown, Credentials("comp.cleo", PASSWORD))
    assert list(done.certificates) == [one.identifier]
    assert changed.identifier in done.returned
    assert queries.stage(leaving.order(others[1])) == "in_progress"
    assert leaving.now(late).state == "collected"
