"""What two people do at one moment where a freezer fails, a parcel is opened or a count of warm hours is read."""

from biobank.access.inputs import Signing
from biobank.custody.queries import newest_events
from biobank.custody.states import Action, Kind
from biobank.outages.carrying import carry_out
from biobank.outages.choices import EndedHow, Grouping, Outcome
from biobank.outages.deciding import propose_decision, sign_decision
from biobank.outages.inputs import CarriedOut, NewDecision, NewOutage
from biobank.outages.operations import declare_outage, end_outage
from biobank.outages.queries import outage_seen_by
from biobank.outages.records import decision_record
from biobank.shipments.choices import Condition
from biobank.shipments.inputs import ReceiptLine
from biobank.shipments.operations import receive_parcel
from biobank.shipments.receiving import take_in
from biobank.temperatures.inputs import SentFile
from biobank.temperatures.operations import take_logger_file
from tests.floor import SCAN
from tests.leaving import PASSWORD
from tests.meetings import Meeting
from tests.meetings_of_the_floor import (
    is_held_and_on_its_order,
    leaves,
    moves,
    stores,
    takes_out,
    told,
    tube_of,
)
from tests.temperatures.test_temperatures import Journey


class Failing:
    """A freezer of one rack and two boxes with a tube of one participant in each, and a spare shelf beside it."""

    def __init__(self, mine, number):
        self.freezer = mine.unit(Kind.FREEZER, f"Freezer {number}", temperature_celsius=-80).identifier
        self.rack = mine.unit(Kind.RACK, f"Rack {number}", inside=self.freezer).identifier
        self.boxes = [mine.box(f"Box {side}", inside=self.rack) for side in "AB"]
        self.other = mine.unit(Kind.FREEZER, f"Other {number}", temperature_celsius=-80).identifier
        self.code, first = tube_of(mine, number, box=self.boxes[0])
        second = mine.tube(self.code)
        mine.step(second, Action.STORE, place=self.boxes[1], position="A1")
        self.tubes = [first, second]

    def declare(self, mine):
        new = NewOutage(unit=self.freezer, began=None, temperature_celsius=-60)
        return declare_outage(mine.work, new, by=mine.technician).id

    def give_up(self, mine, number):
        end_outage(mine.work, number, EndedHow.GIVEN_UP, by=mine.technician, at=mine.told())

    def proposed(self, mine):
        """The outage is over, and what was in its rack is to end; what signs it."""
        number = self.declare(mine)
        self.give_up(mine, number)
        asked = NewDecision(
            outcome=Outcome.ENDED, grouping=Grouping.RACK, groups=(self.rack,), reason="It thawed."
        )
        decision = propose_decision(mine.work, number, asked, by=mine.technician)
        shown = decision_record(mine.work, outage_seen_by(mine.work, mine.lead, number), decision)[1]
        signing, at = Signing(username="bio.lea", password=PASSWORD, sha256=shown), decision.id
        return lambda mine: sign_decision(mine.work, number, at, signing, by=mine.lead)


def warm(mine, *tubes):
    return [f"{tube} is not held" for tube in tubes if "temperature" not in mine.holds(tube)]


def warm_if_it_was_in_it(mine, tube):
    """Who stored it was told that the freezer is out of service, and confirmed; or it was out of it by then."""
    stored = next(each for each in newest_events(mine.work, tube) if each["action"] == "store")
    return warm(mine, tube) if "out_of_service" in stored.get("flags", []) else []


def failing_and_storing(mine, number):
    """Who stores after it was declared is asked back; who stored before has it held."""
    failing = Failing(mine, number)
    _, tube = tube_of(mine, number, letter="4")

    def wrong(mine, first, second):
        return [] if second else warm(mine, tube)

    return Meeting(failing.declare, stores(failing.boxes[0], tube, "B2"), wrong)


def failing_and_moving_a_box_into_it(mine, number):
    failing, box = Failing(mine, number), mine.box(f"Box {number}")
    _, tube = tube_of(mine, number, letter="4", box=box)

    def wrong(mine, first, second):
        return [] if second else warm(mine, tube)

    return Meeting(failing.declare, moves(box, failing.rack), wrong)


def failing_and_taking_out(mine, number):
    """Not silently: who takes it out after it was declared hears of the hold."""
    failing = Failing(mine, number)

    def wrong(mine, first, second):
        out = mine.row(failing.tubes[0]).state == "checked_out"
        return [] if out != bool(second) else [f"{second!r} and out: {out}"]

    return Meeting(failing.declare, takes_out(failing.tubes[0]), wrong)


def failing_and_withdrawal(mine, number):
    failing = Failing(mine, number)

    def wrong(mine, first, second):
        both = failing.tubes
        return warm(mine, *both) + [
            each for tube in both for each in is_held_and_on_its_order(mine, failing.code, tube)
        ]

    return Meeting(failing.declare, leaves(failing.code), wrong)


def carrying_and_moving_by_hand(mine, number):
    failing = Failing(mine, number)
    outage, rack = failing.declare(mine), failing.rack
    shelf = mine.unit(Kind.SHELF, f"Shelf {number}").identifier
    carried = CarriedOut(piece=rack, place=failing.other, position=None)

    def wrong(mine, first, second):
        there = {mine.row(each).id for each in (failing.other, shelf)}
        return [] if mine.row(rack).container_id in there else ["the rack is in neither place"]

    return Meeting(
        lambda mine: carry_out(mine.work, outage, carried, **told(mine)), moves(rack, shelf), wrong
    )


def carrying_and_storing_into_it(mine, number):
    failing = Failing(mine, number)
    outage = failing.declare(mine)
    _, tube = tube_of(mine, number, letter="4")
    carried = CarriedOut(piece=failing.rack, place=failing.other, position=None)
    put = stores(failing.boxes[0], tube, "B2", confirmation="It is so.")

    def wrong(mine, first, second):
        return [] if second else warm_if_it_was_in_it(mine, tube)

    return Meeting(lambda mine: carry_out(mine.work, outage, carried, **told(mine)), put, wrong)


def ending_and_storing(mine, number):
    failing = Failing(mine, number)
    outage = failing.declare(mine)
    _, tube = tube_of(mine, number, letter="4")
    put = stores(failing.boxes[0], tube, "B2", confirmation="It is so.")

    def wrong(mine, first, second):
        return [] if second else warm_if_it_was_in_it(mine, tube)

    return Meeting(lambda mine: failing.give_up(mine, outage), put, wrong)


def a_lead_ends_and_somebody_rescues(mine, number):
    """The hold is confirmed; whoever comes second finds it ended, or the lead's decision ends it in their hand."""
    failing = Failing(mine, number)
    signs, tube = failing.proposed(mine), failing.tubes[0]

    def rescues(mine):
        mine.step(tube, Action.MOVE, place=mine.aside)

    def wrong(mine, first, second):
        row = mine.row(tube)
        if row.state != "broken" and first is None:
            return [f"{tube} was ended and is {row.state}"]
        return []

    return Meeting(signs, rescues, wrong)


def a_lead_ends_and_withdrawal(mine, number):
    failing = Failing(mine, number)

    def wrong(mine, first, second):
        return [
            f"{tube} is {mine.row(tube).state}" for tube in failing.tubes if mine.row(tube).state != "broken"
        ]

    return Meeting(failing.proposed(mine), leaves(failing.code), wrong)


# Parcels and their loggers.


def parcel_of(mine, number):
    code = mine.participant(f"A3{number:08d}")
    tubes = [mine.collected("urine-1", code)["1UR10"] for _ in range(2)]
    parcel = mine.parcel()
    for tube in tubes:
        mine.step(tube, Action.PACK, mine.clinic, place=parcel)
    details = {"carrier": "fedex", "tracking_number": "794612345678"}
    mine.step(parcel, Action.DISPATCH, mine.clinic, details=details, confirmation="late")
    return code, parcel, tubes


def receives(parcel, lines, *, closes=True):
    return lambda mine: receive_parcel(mine.work, parcel, lines, closes=closes, **told(mine))


def receiving_and_withdrawal(mine, number):
    """The newest is received first."""
    code, parcel, tubes = parcel_of(mine, number)
    lines = [ReceiptLine(item=tube, conditions=(Condition.TOO_WARM,)) for tube in reversed(tubes)]

    def wrong(mine, first, second):
        return [each for tube in tubes for each in is_held_and_on_its_order(mine, code, tube)]

    return Meeting(receives(parcel, lines), leaves(code), wrong)


def receiving_as_one_and_scanning_the_rest(mine, number):
    """A desk closes the parcel with one tube while another takes the other one in."""
    _, parcel, tubes = parcel_of(mine, number)

    def scans(mine):
        take_in(mine.work, parcel, tubes[1], by=mine.technician, source=SCAN, at=mine.told())

    def wrong(mine, first, second):
        state = mine.row(tubes[1]).state
        if second is None and state != "received":
            return [f"scanned and {state}"]
        return []

    return Meeting(receives(parcel, [ReceiptLine(item=tubes[0])]), scans, wrong)


def packing_and_sending(mine, number):
    """What is packed is on the manifest, or the parcel was gone."""
    code = mine.participant(f"A3{number:08d}")
    tubes = [mine.collected("urine-1", code)["1UR10"] for _ in range(2)]
    parcel = mine.parcel()
    mine.step(tubes[0], Action.PACK, mine.clinic, place=parcel)
    details = {"carrier": "fedex", "tracking_number": "794612345678"}

    def sends(mine):
        mine.step(parcel, Action.DISPATCH, mine.clinic, details=details, confirmation="late")

    def packs(mine):
        mine.step(tubes[1], Action.PACK, mine.clinic, place=parcel)

    def wrong(mine, first, second):
        row = mine.row(tubes[1])
        if second is None and row.state != "in_transit":
            return [f"packed into a parcel that is on its way, and {row.state}"]
        return []

    return Meeting(sends, packs, wrong)


def warm_journey(mine, number):
    journey = Journey(mine)
    content = journey.file([40, *[200] * 9, 40 + number])
    file = SentFile(parcel=journey.parcel, content=content, zone="UTC", confirmation="It lay in this parcel.")
    return journey, lambda mine: take_logger_file(mine.work, file, by=mine.technician)


def a_logger_and_taking_out(mine, number):
    """What is held when somebody comes for it is not given out; what was out is held all the same."""
    journey, takes = warm_journey(mine, number)
    tube, box = journey.tubes["1SS08"], mine.box(f"Box {number}")
    mine.step(tube, Action.RECEIVE)
    mine.step(tube, Action.STORE, place=box, position="A1")

    def wrong(mine, first, second):
        out = mine.row(tube).state == "checked_out"
        return [] if out != bool(second) else [f"{second!r} and out: {out}"]

    return Meeting(takes, takes_out(tube), wrong)


def a_logger_and_receiving(mine, number):
    """The last tube is received first, and found to be warm."""
    journey, takes = warm_journey(mine, number)
    lines = [
        ReceiptLine(item=tube, conditions=(Condition.TOO_WARM,)) for tube in reversed(journey.tubes.values())
    ]

    def wrong(mine, first, second):
        return [each for tube in journey.tubes.values() for each in warm(mine, tube)]

    return Meeting(takes, receives(journey.parcel, lines), wrong)
