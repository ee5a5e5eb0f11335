"""A code that was given up is nothing's: decisions about it are refused, facts take the thing into quarantine."""

import pytest

from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.checks import StepRefused
from biobank.custody.queries import NothingToUndo
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import AskedBack, Source
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import DetailMissing
from biobank.kits.choices import VoidReason
from biobank.kits.operations import make_kits
from biobank.printing.choices import CopyReason
from biobank.printing.choosing import VoidedCode
from biobank.printing.inputs import NewPrint
from biobank.printing.operations import hand_out, prepare, reprint
from biobank.printing.voiding import NothingNamed, void, void_job
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from biobank.storage.checks import NotEmpty, UnitRefused
from biobank.storage.proposals import propose_position
from biobank.storage.queries import units_inside

SCAN = Source("scan")


@pytest.fixture
def made(floor):
    """A kit that was just made, and its tubes."""
    kit = make_kits(floor.work, "urine-1", 1, by=floor.lead, site="biobank-1")[0]
    return floor, kit.identifier, [tube.identifier for tube in tubes_of_kit(floor.work, kit.id)]


def given_up(floor, *codes, reason=VoidReason.SPOILED, **told):
    return void(floor.work, codes, by=floor.lead, reason=reason, source=SCAN, **told)


def test_a_tube_is_voided_and_its_kit_stays(made):
    floor, kit, tubes = made
    assert [item.state for item in given_up(floor, tubes[0])] == [State.VOIDED]
    assert floor.now(kit).state is State.REGISTERED


def test_a_kit_takes_its_tubes_along_also_when_they_are_named(made):
    floor, kit, tubes = made
    given_up(floor, *tubes, kit)
    assert {floor.now(code).state for code in (kit, *tubes)} == {State.VOIDED}


def test_one_that_cannot_be_voided_keeps_all(made):
    floor, _, tubes = made
    used = next(iter(floor.received("urine-1").values()))
    with pytest.raises(StepRefused), floor.work.savepoint():
        given_up(floor, tubes[0], used)
    assert floor.now(tubes[0]).state is State.EXPECTED


def test_a_whole_job_is_voided_at_once(made):
    floor, kit, tubes = made
    job = prepare(floor.work, NewPrint(kits=(kit,)), by=floor.lead).job
    voided = void_job(floor.work, job.id, by=floor.lead, reason=VoidReason.LOST, source=SCAN)
    assert {item.identifier for item in voided} == {kit, *tubes}
    with pytest.raises(VoidedCode, match="is voided"):
        reprint(floor.work, job.id, by=floor.lead, reason=CopyReason.LOST)
    with pytest.raises(VoidedCode, match="is voided"):
        hand_out(floor.work, job.id, "labels.pdf", by=floor.lead)


def test_a_voided_code_does_not_come_back(made):
    floor, _, tubes = made
    given_up(floor, tubes[0])
    with pytest.raises(NothingToUndo):
        floor.step(tubes[0], Action.CORRECT, corrects=2, details={"undo": True, "reason": "found it"})


def test_nothing_is_voided_by_naming_nothing(made):
    floor, _, _ = made
    with pytest.raises(NothingNamed, match="name at least one item"):
        void(floor.work, (), by=floor.lead, reason=VoidReason.LOST, source=SCAN)


def test_nothing_is_printed_for_a_voided_code(made):
    floor, kit, tubes = made
    given_up(floor, tubes[0])
    with pytest.raises(VoidedCode):
        prepare(floor.work, NewPrint(items=(tubes[0],)), by=floor.lead)
    labels = prepare(floor.work, NewPrint(kits=(kit,)), by=floor.lead).job.labels
    assert labels == len(tubes)  # one tube less; the last one wears two


def test_reasons_are_from_the_list_and_remarks_name_nobody(made):
    floor, _, tubes = made
    with pytest.raises(NamesSomebody, match="an e-mail address"):
        given_up(floor, tubes[0], remark="ask testa@example.org")
    with pytest.raises(DetailMissing):
        floor.step(tubes[0], Action.VOID, floor.lead, details={"reason": "bored"})


# What a scan of it answers.


def test_a_decision_is_refused_with_who_when_and_why(made):
    floor, kit, _ = made
    given_up(floor, kit, reason=VoidReason.MADE_BY_MISTAKE)
    with pytest.raises(StepRefused) as refused:
        floor.step(kit, Action.ISSUE, floor.lead, details={"site": "clinic-1"})
    assert " is voided on 20" in refused.value.detail
    assert " UTC by bio.lea (made by mistake); issue is possible from" in refused.value.detail


@pytest.mark.parametrize(
    ("action", "who", "told", "ends"),
    [
        (Action.COLLECT, "clinic", {"details": {"fill": "full"}}, State.COLLECTED),
        (Action.FREEZE, "technician", {}, State.VOIDED),
        (Action.CONSUME, "technician", {}, State.CONSUMED),
    ],
)
def test_a_fact_is_asked_back_once_and_then_taken_into_quarantine(made, action, who, told, ends):
    floor, _, tubes = made
    given_up(floor, tubes[0])
    by = getattr(floor, who)
    with pytest.raises(AskedBack, match=r"voided on .* by bio\.lea \(spoiled\)") as asked:
        floor.step(tubes[0], action, by, **told)
    assert asked.value.extra["reason_code"] == "voided_code"
    done = floor.step(tubes[0], action, by, confirmation="it is in my hand", **told)
    assert (done.item.state, floor.holds(tubes[0]) >= {"discrepancy"}) == (ends, True)
    assert "voided_code" in floor.cases(tubes[0])


def test_what_arrives_is_never_asked_back_and_still_quarantined(made):
    floor, _, tubes = made
    given_up(floor, tubes[0])
    assert floor.step(tubes[0], Action.RECEIVE).item.state is State.RECEIVED
    assert "discrepancy" in floor.holds(tubes[0])
    assert "voided_code" in floor.cases(tubes[0])


# Parcels and places.


def test_an_empty_parcel_is_voided_and_a_packed_one_is_not(floor):
    tube = next(iter(floor.collected("urine-1").values()))
    parcels = [
        start_shipment(
            floor.work, NewShipment(origin="clinic-1", destination="biobank-1"), by=floor.clinic, source=SCAN
        ).identifier
        for _ in range(2)
    ]
    floor.step(tube, Action.PACK, floor.clinic, place=parcels[0])
    with pytest.raises(NotEmpty, match="not empty"):
        floor.step(parcels[0], Action.VOID, floor.clinic)
    floor.step(parcels[1], Action.VOID, floor.clinic, details={"reason": "spoiled"})
    with pytest.raises(AskedBack, match="is voided already"):
        floor.step(tube, Action.PACK, floor.clinic, place=parcels[1])


def test_an_empty_box_is_voided_and_nothing_is_proposed_or_put_there_any_more(floor):
    tubes = iter(floor.received("urine-1").values())
    tube = next(tubes)
    box, other = floor.box("Box 1"), floor.box("Box 2")
    floor.step(tube, Action.STORE, place=box, position="A1")
    with pytest.raises(NotEmpty):
        floor.step(box, Action.VOID)
    floor.step(other, Action.VOID, details={"reason": "damaged"})
    assert [unit.item.identifier for unit in units_inside(floor.work, None)] == [box]
    assert propose_position(floor.work, floor.now(tube)).unit.item.identifier == box
    with pytest.raises(AskedBack, match=r"voided on .* nothing is put there"):
        floor.step(tube, Action.MOVE, place=other, position="A1")
    with pytest.raises(UnitRefused, match="is voided"):
        floor.unit(Kind.BOX, "Box 3", inside=other)


def test_a_freezer_is_not_voided_with_a_shelf_in_it_and_leaves_no_place_behind(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1").identifier
    shelf = floor.unit(Kind.SHELF, "Shelf 1", inside=freezer).identifier
    with pytest.raises(NotEmpty):
        floor.step(freezer, Action.VOID)
    floor.step(shelf, Action.VOID)
    assert floor.row(shelf).container_id is None
    assert floor.step(freezer, Action.VOID).item.state is State.VOIDED
