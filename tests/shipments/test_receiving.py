"""A receipt scan by scan: found, conditions, taken back, counted; and what lies in a parcel unannounced."""

import pytest

from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.models import Discrepancy
from biobank.custody.queries import NothingToUndo, newest_events
from biobank.custody.states import Action, Kind, State
from biobank.discrepancies.checks import OneSpecimen
from biobank.shipments.checks import ConditionRefused, ShippingRefused
from biobank.shipments.choices import Carrier, Condition, Presence
from biobank.shipments.found_tubes import take_in_second, take_in_unknown
from biobank.shipments.inputs import Counted, FoundTube, UnannouncedParcel
from biobank.shipments.queries import NoParcel, line_of, manifest, sender_of, shipment_named
from biobank.shipments.receipt_checks import CountDoesNotFit, FoundTubeRefused, NotFoundHere, NotOfAReceipt
from biobank.shipments.receiving import receive_counted, take_back, take_in, tell_conditions
from biobank.shipments.replay import parcel_findings
from biobank.shipments.unannounced import AnnouncedAlready, begin_unannounced
from tests.floor import SCAN

FEDEX = {"carrier": "fedex", "tracking_number": "794612345678", "seal": "S-9"}


@pytest.fixture
def sent(floor):
    """A parcel of three tubes on its way: its code, and the tubes by their specification."""
    tubes = floor.collected()
    packed = {code: tubes[code] for code in ("1ED04", "1ED10", "1UR10")}
    parcel = floor.parcel()
    for tube in packed.values():
        floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    floor.step(parcel, Action.DISPATCH, floor.clinic, details=FEDEX)
    return parcel, packed, tubes


def at_the_dock(floor, asked, parcel, text, **more):
    return asked(floor.work, parcel, text, by=floor.technician, source=SCAN, at=floor.told(), **more)


def lines(floor, parcel):
    found = manifest(floor.work, shipment_named(floor.work, parcel))
    return {line.item.identifier: (line.presence, line.conditions) for line in found}


def standing(floor, item):
    number = floor.now(item).id
    found = floor.work.session.query(Discrepancy).filter_by(item_id=number, resolved_at=None)
    return [case.kind for case in found.order_by(Discrepancy.id)]


def test_the_first_tube_out_of_a_parcel_says_that_it_is_here_and_open(floor, sent):
    parcel, packed, _ = sent
    first = at_the_dock(floor, take_in, parcel, packed["1ED04"])
    again = at_the_dock(floor, take_in, parcel, packed["1ED04"])
    assert (first.repeated, again.repeated) == (False, True)
    assert floor.now(parcel).state is State.OPENED
    assert lines(floor, parcel)[packed["1ED04"]] == (Presence.FOUND, ())
    assert floor.cases(packed["1ED04"]) == []


def test_conditions_are_told_of_what_was_found_and_taken_back(floor, sent):
    parcel, packed, _ = sent
    tube = packed["1ED04"]
    with pytest.raises(NotFoundHere, match="scan it first"):
        at_the_dock(floor, tell_conditions, parcel, tube, added=[Condition.LEAKED])
    at_the_dock(floor, take_in, parcel, tube)
    at_the_dock(floor, tell_conditions, parcel, tube, added=[Condition.LEAKED, Condition.TOO_WARM])
    told = at_the_dock(floor, tell_conditions, parcel, tube, added=[Condition.LEAKED, Condition.CLOTTED])
    assert told.event["details"]["conditions"] == ["clotted"]
    assert lines(floor, parcel)[tube] == (Presence.FOUND, ("leaked", "too_warm", "clotted"))
    gone = at_the_dock(floor, tell_conditions, parcel, tube, taken_back=[Condition.TOO_WARM])
    assert any("until a biobank lead releases it" in alert.text for alert in gone.alerts)
    assert lines(floor, parcel)[tube] == (Presence.FOUND, ("leaked", "clotted"))
    assert standing(floor, tube) == ["condition_leaked", "condition_clotted"]
    assert floor.holds(tube) == {"temperature"}
    assert at_the_dock(floor, tell_conditions, parcel, tube, added=[Condition.LEAKED]).repeated
    at_the_dock(floor, take_in, parcel, packed["1UR10"])
    with pytest.raises(ConditionRefused, match="cannot be haemolysed"):
        at_the_dock(floor, tell_conditions, parcel, packed["1UR10"], added=[Condition.HAEMOLYSED])


def test_a_wrong_scan_is_taken_back_and_stays_in_the_log(floor, sent):
    parcel, packed, tubes = sent
    tube, extra = packed["1ED04"], tubes["1HEP4"]
    at_the_dock(floor, take_in, parcel, tube)
    at_the_dock(floor, tell_conditions, parcel, tube, added=[Condition.LEAKED])
    at_the_dock(floor, take_back, parcel, tube)
    now = floor.now(tube)
    assert (now.state, now.container_id) == (State.IN_TRANSIT, floor.now(parcel).id)
    assert lines(floor, parcel)[tube] == (None, ())
    assert standing(floor, tube) == []
    at_the_dock(floor, take_in, parcel, extra)
    assert lines(floor, parcel)[extra] == (Presence.EXTRA, ())
    at_the_dock(floor, take_back, parcel, extra)
    assert extra not in lines(floor, parcel)
    assert (floor.now(extra).state, standing(floor, extra)) == (State.COLLECTED, [])
    assert [event["action"] for event in newest_events(floor.work, extra, 2)] == ["correct", "receive"]
    at_the_dock(floor, take_in, parcel, tube)
    floor.step(tube, Action.FREEZE)
    with pytest.raises(NothingToUndo):
        at_the_dock(floor, take_back, parcel, tube)


def test_what_is_no_specimen_is_answered_in_one_sentence(floor, sent):
    parcel, packed, _ = sent
    kit = floor.row(packed["1ED04"]).kit_id
    kit = floor.work.session.get_one(type(floor.row(parcel)), kit).identifier
    for text, sentence in (
        (parcel, "label of this parcel"),
        (kit, "label of a kit"),
        (floor.box(), "is a box"),
    ):
        with pytest.raises(NotOfAReceipt, match=sentence):
            at_the_dock(floor, take_in, parcel, text)


def test_a_count_under_the_seal_that_was_told_stands_for_scans(floor, sent):
    parcel, packed, _ = sent
    asked = {"by": floor.technician, "at": floor.told()}
    for pieces, seal, sentence in ((3, "S-8", "The seal that was told is S-9"), (2, "s-9", "You counted 2")):
        with pytest.raises(CountDoesNotFit, match=sentence):
            receive_counted(floor.work, parcel, Counted(pieces=pieces, seal=seal), **asked)
    at_the_dock(floor, take_in, parcel, packed["1ED04"])
    results = receive_counted(floor.work, parcel, Counted(pieces=3, seal=" s-9"), **asked)
    assert {done.item.identifier for done in results} == {packed["1ED10"], packed["1UR10"]}
    event = newest_events(floor.work, packed["1ED10"], 1)[0]
    assert event["source"] == {"kind": "keyed", "reference": "3 counted, seal S-9"}
    assert (event["details"]["counted"], event["details"]["seal"]) == (3, "S-9")
    assert {presence for presence, _ in lines(floor, parcel).values()} == {Presence.FOUND}


def test_no_count_without_a_seal_or_over_a_bag(floor, sent):
    _, _, tubes = sent
    bare, bag = floor.parcel(seal="S"), floor.parcel()
    asked = {"by": floor.technician, "at": floor.told()}
    with pytest.raises(CountDoesNotFit, match="No seal was told"):
        receive_counted(floor.work, bag, Counted(pieces=1, seal="S"), **asked)
    floor.step(bag, Action.PACK, floor.clinic, place=bare)
    floor.step(tubes["1HEP4"], Action.PACK, floor.clinic, place=bag)
    floor.step(bare, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
    with pytest.raises(CountDoesNotFit, match="Another parcel lies in this one"):
        receive_counted(floor.work, bare, Counted(pieces=1, seal="S"), **asked)
    found = at_the_dock(floor, take_in, bare, tubes["1HEP4"])
    assert found.event["details"]["parcel"] == bag
    assert lines(floor, bare)[bag] == (Presence.FOUND, ())
    assert lines(floor, bag)[tubes["1HEP4"]] == (Presence.FOUND, ())


def test_another_one_with_this_code_is_held_beside_the_first(floor, sent):
    parcel, packed, _ = sent
    found = at_the_dock(floor, take_in_second, parcel, packed["1ED04"])
    assert floor.now(packed["1ED04"]).state is State.RECEIVED
    assert (found.other.state, found.other.participant) == (State.RECEIVED, None)
    assert floor.cases(packed["1ED04"]) == ["two_with_one_code"]
    assert floor.holds(packed["1ED04"])
    assert floor.holds(found.other.identifier)
    assert lines(floor, parcel)[found.other.identifier] == (Presence.EXTRA, ())
    with pytest.raises(NotFoundHere, match="never scanned as received"):
        at_the_dock(floor, take_back, parcel, found.other.identifier)
    with pytest.raises(OneSpecimen):
        at_the_dock(floor, take_in_second, parcel, packed["1UR10"])


def test_a_tube_without_a_record_is_a_case_in_quarantine(floor, sent):
    parcel, *_ = sent
    asked = {"by": floor.technician, "source": SCAN, "at": floor.told()}
    tube = FoundTube(specification="1ED04", issuer="FluidX", code="FR00112233")
    found = take_in_unknown(floor.work, parcel, tube, **asked)
    assert (found.item.state, found.item.specification) == (State.RECEIVED, "1ED04")
    assert floor.now("FR00112233").id == found.item.id
    assert floor.holds(found.item.identifier) == {"identity"}
    assert floor.cases(found.item.identifier) == ["without_record"]
    assert lines(floor, parcel)[found.item.identifier] == (Presence.EXTRA, ())
    with pytest.raises(FoundTubeRefused, match="one code cannot be on two things"):
        take_in_unknown(floor.work, parcel, tube, **asked)
    with pytest.raises(FoundTubeRefused, match="no such kind"):
        take_in_unknown(floor.work, parcel, FoundTube(specification="9XX99"), **asked)
    bare = take_in_unknown(floor.work, parcel, FoundTube(), **asked)
    assert (bare.item.kind, bare.item.specification) == (Kind.TUBE, None)


def begun(floor, **told):
    parcel = UnannouncedParcel(**({"destination": "biobank-1"} | told))
    return begin_unannounced(floor.work, parcel, by=floor.technician, source=SCAN, at=floor.told())


def test_a_parcel_without_a_manifest_is_begun_at_the_dock(floor, sent):
    _, _, tubes = sent
    done = begun(floor, origin="clinic-1", carrier=Carrier.UPS, tracking_number="1Z9999999999999999")
    parcel = done.item.identifier
    assert (done.item.state, done.item.custodian) == (State.ARRIVED, "site:biobank-1")
    assert floor.cases(parcel) == ["no_manifest"]
    at_the_dock(floor, take_in, parcel, tubes["1HEP4"])
    assert lines(floor, parcel) == {tubes["1HEP4"]: (Presence.EXTRA, ())}
    assert floor.cases(tubes["1HEP4"]) == ["unexpected_step"]
    floor.step(parcel, Action.RECEIVE)
    shipment = shipment_named(floor.work, parcel)
    assert (shipment.unannounced, shipment.origin) == (True, "clinic-1")


def test_of_a_parcel_without_a_label_the_sender_may_be_unknown(floor, sent):
    shipment = shipment_named(floor.work, begun(floor, carrier=Carrier.FEDEX).item.identifier)
    assert (shipment.origin, shipment.tracking_number, shipment.carrier) == (None, None, "fedex")
    assert sender_of(floor.work, shipment) == "an unknown sender"
    with pytest.raises(AnnouncedAlready, match="receive that one"):
        begun(floor, carrier=Carrier.FEDEX, tracking_number="794612345678")
    with pytest.raises(ShippingRefused, match="which carrier"):
        begun(floor, tracking_number="794612345678")


def test_nothing_is_said_of_what_lies_in_something_that_is_no_parcel(floor):
    box, tube = floor.box(), floor.received()["1ED04"]
    for step in (tell_conditions, take_back):
        with pytest.raises(NoParcel):
            step(floor.work, box, tube, by=floor.technician, source=SCAN, at=floor.told())


def test_what_is_read_off_a_parcel_names_nobody(floor):
    for told in ({"seal": "testa@example.org"}, {"logger": "P123456789"}):
        with pytest.raises(NamesSomebody):
            begun(floor, **told)
        with pytest.raises(NamesSomebody):
            floor.parcel(**told)


def test_what_somebody_changed_beside_the_log_is_found(floor, sent):
    parcel, packed, _ = sent
    at_the_dock(floor, take_in, parcel, packed["1ED04"])
    shipment = shipment_named(floor.work, parcel)
    line = line_of(floor.work, shipment, floor.now(packed["1ED04"]).id)
    shipment.seal, line.conditions = "S-1", "leaked"
    said = [finding.sentence for finding in parcel_findings(floor.work)]
    assert said == [
        f"seal of parcel {parcel} is stored as S-1 and told as S-9.",
        f"line {packed['1ED04']} of parcel {parcel} is stored as found leaked and told as found.",
    ]
    shipment.seal, line.conditions = "S-9", ""
