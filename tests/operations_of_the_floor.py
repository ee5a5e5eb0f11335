"""What the floor does in one piece, each made ready and then done by somebody: for trouble and for two at once."""

from collections.abc import Callable

from biobank.access.inputs import Signing
from biobank.custody.states import Action
from biobank.discrepancies.choices import Resolution
from biobank.discrepancies.inputs import Separating
from biobank.discrepancies.queries import case_numbered, newest_separation
from biobank.discrepancies.separating import (
    approve_separation,
    propose,
    report_same_code,
    shown_for_approval,
)
from biobank.inventories.closing import close_check
from biobank.inventories.operations import end_count
from biobank.items.queries import children_of
from biobank.outages.carrying import carry_out
from biobank.outages.choices import EndedHow, Grouping, Outcome
from biobank.outages.deciding import propose_decision, sign_decision
from biobank.outages.inputs import CarriedOut, NewDecision, NewOutage
from biobank.outages.operations import declare_outage, end_outage
from biobank.outages.queries import outage_seen_by
from biobank.outages.records import decision_record
from biobank.processing.aliquoting import aliquot
from biobank.processing.choices import Balance
from biobank.processing.inputs import NewAliquots, NewRun, Vials
from biobank.processing.runs import end_run, start_run
from biobank.retrieval.choices import PickPurpose
from biobank.retrieval.handing_on import hand_over_picked
from biobank.retrieval.operations import pick
from biobank.shipments.choices import Condition
from biobank.shipments.inputs import ReceiptLine
from biobank.shipments.operations import receive_parcel
from biobank.storage.inputs import RackFile
from biobank.storage.operations import take_rack_file
from biobank.temperatures.inputs import SentFile
from biobank.temperatures.operations import take_logger_file
from tests.floor import SCAN
from tests.inventories.conftest import Bench
from tests.leaving import PASSWORD, Leaving
from tests.outages.conftest import Ground
from tests.retrieval.conftest import picking_floor
from tests.shipments.test_receipt_races import sent
from tests.temperatures.test_temperatures import Journey

Done = Callable[[Leaving], object]
"""The operation, done on a floor that is in a transaction."""


def told(mine):
    return {"by": mine.technician, "source": SCAN, "at": mine.told()}


def a_parcel_as_one(work):
    """One tube is warm, one is missing, one is on no manifest."""
    floor = Leaving(work)
    parcel, tubes = sent(floor)
    lines = [
        ReceiptLine(item=tubes[0], conditions=(Condition.TOO_WARM,)),
        ReceiptLine(item=floor.collected("urine-1")["1UR10"]),
    ]
    return floor, lambda mine: receive_parcel(mine.work, parcel, lines, closes=True, **told(mine))


def a_rack_by_its_file(work):
    """Two of its tubes changed places since it was read last; the others come from nowhere."""
    floor = Leaving(work)
    tube, box = floor.received()["1ED10"], floor.box(rows=8, columns=12)
    aliquot(work, NewAliquots(parent=tube, vials=(Vials("plasma", 500, ("",) * 12),)), **told(floor))
    codes = [child.identifier for child in children_of(work, floor.now(tube).id)]
    for code, position in ((codes[0], "A2"), (codes[1], "A1")):
        floor.step(code, Action.STORE, place=box, position=position)
    content = "\n".join(f"A{at},{code}" for at, code in enumerate(codes, 1)).encode()
    file = RackFile(content=content, name="rack.csv", at=floor.told())
    return floor, lambda mine: take_rack_file(mine.work, box, file, by=mine.technician)


def failing(work):
    """A freezer with a tube in each of two boxes."""
    ground = Ground(Leaving(work))
    for box, specification in zip(ground.boxes, ("1ED04", "1SS08"), strict=False):
        ground.stored(box, "A1", specification)
    return ground, NewOutage(unit=ground.freezer, began=None, temperature_celsius=-60)


def a_freezer_fails(work):
    ground, new = failing(work)
    return ground.floor, lambda mine: declare_outage(mine.work, new, by=mine.technician)


def a_rack_is_carried_out(work):
    ground, new = failing(work)
    number = declare_outage(work, new, by=ground.floor.technician).id
    carried = CarriedOut(piece=ground.racks[0], place=ground.spare, position="A1")
    return ground.floor, lambda mine: carry_out(mine.work, number, carried, **told(mine))


def an_outage_ends(work):
    """A tube came into the failed freezer meanwhile."""
    ground, new = failing(work)
    number = declare_outage(work, new, by=ground.floor.technician).id
    tube = ground.tubes["1ED10"]
    ground.floor.step(tube, Action.STORE, place=ground.boxes[2], position="A1", confirmation="it is so")
    by = ground.floor.technician
    return ground.floor, lambda mine: end_outage(mine.work, number, EndedHow.GIVEN_UP, by=by, at=mine.told())


def a_lead_ends_what_was_warm(work):
    ground, new = failing(work)
    floor = ground.floor
    number = declare_outage(work, new, by=floor.technician).id
    end_outage(work, number, EndedHow.GIVEN_UP, by=floor.technician, at=floor.told())
    groups = tuple(ground.racks[:2])
    asked = NewDecision(outcome=Outcome.ENDED, grouping=Grouping.RACK, groups=groups, reason="Thawed.")
    decision = propose_decision(work, number, asked, by=floor.technician)
    shown = decision_record(work, outage_seen_by(work, floor.lead, number), decision)[1]
    signing = Signing(username="bio.lea", password=PASSWORD, sha256=shown)
    at = decision.id
    return floor, lambda mine: sign_decision(mine.work, number, at, signing, by=mine.lead)


def a_count_closes(work):
    """One is missing, one lies in another box, one is known to nobody."""
    floor = Leaving(work)
    bench, box, other = Bench(floor), floor.box("Box 1"), floor.box("Box 2")
    tubes = floor.received()
    for tube, place in ((tubes["1ED04"], box), (tubes["1SS08"], other)):
        floor.step(tube, Action.STORE, place=place, position="A1")
    bench.count(box).read(tubes["1SS08"], "B2")
    bench.read("FR05653780", "B3")
    end_count(work, bench.number, by=bench.first)
    number = bench.number
    return floor, lambda mine: close_check(mine.work, number, by=mine.lead, because="It was seen.")


def a_run(floor, minutes=600):
    tubes = floor.received(minutes=60)
    new = NewRun(tubes=(tubes["1ED10"], tubes["1ED04"]), balance=Balance.EVEN)
    return lambda mine: start_run(
        mine.work,
        new,
        None,
        by=mine.technician,
        source=SCAN,
        at=mine.told(minutes),
        confirmation="It was so.",
    )


def a_run_begins(work):
    floor = Leaving(work)
    return floor, a_run(floor)


def a_run_is_out(work):
    floor = Leaving(work)
    number = a_run(floor)(floor)[0].id
    return floor, lambda mine: end_run(mine.work, number, by=mine.technician, at=mine.told(630))


def a_plan_is_made(work):
    floor = Leaving(work)
    tube = floor.received(minutes=60)["1ED10"]
    vials = (Vials("plasma", 500, ("",) * 6), Vials("buffy coat", None, ("",)))
    new = NewAliquots(parent=tube, vials=vials, used_up=True)
    return floor, lambda mine: aliquot(mine.work, new, confirmation="It was so.", **told(mine))


def picking(work, *, picked):
    found = picking_floor(work)
    tubes = found.stored(2)
    listed = found.make(2, purpose=PickPurpose.STUDY)
    for tube in tubes if picked else ():
        found.pick(listed, tube)
    return found.floor, listed.id, tubes


def a_piece_is_picked(work):
    floor, number, tubes = picking(work, picked=False)
    return floor, lambda mine: pick(mine.work, number, tubes[0], **told(mine))


def a_study_is_handed_its_pieces(work):
    floor, number, _ = picking(work, picked=True)
    return floor, lambda mine: hand_over_picked(mine.work, number, **told(mine))


def a_warm_journey_is_read(work):
    floor = Leaving(work)
    journey = Journey(floor)
    content = journey.file([40, *[200] * 9, 40])
    file = SentFile(parcel=journey.parcel, content=content, zone="UTC", confirmation=None)
    return floor, lambda mine: take_logger_file(mine.work, file, by=mine.technician)


def two_codes_are_separated(work):
    floor = Leaving(work)
    found = report_same_code(work, floor.received()["1SS08"], **told(floor))
    number, sentence = found.case.id, "Both were looked at."
    outcome = Resolution.CODES_SEPARATED
    separating = Separating(outcome=outcome, sentence=sentence, other=found.other.identifier)
    propose(work, number, separating, by=floor.technician)
    case = case_numbered(work, floor.lead, number)
    shown = shown_for_approval(work, case, newest_separation(work, case))
    signing = Signing(username="bio.lea", password=PASSWORD, sha256=shown)
    return floor, lambda mine: approve_separation(mine.work, number, signing, by=mine.lead)


OPERATIONS = (
    a_parcel_as_one,
    a_rack_by_its_file,
    a_freezer_fails,
    a_rack_is_carried_out,
    an_outage_ends,
    a_lead_ends_what_was_warm,
    a_count_closes,
    a_run_begins,
    a_run_is_out,
    a_plan_is_made,
    a_piece_is_picked,
    a_study_is_handed_its_pieces,
    a_warm_journey_is_read,
    two_codes_are_separated,
)
