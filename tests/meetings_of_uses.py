"""What two people do at one moment who use, hand over, name or end the same tube."""

from biobank.access.inputs import Signing
from biobank.custody.queries import newest_events
from biobank.custody.states import Action, Kind
from biobank.discrepancies.choices import Resolution
from biobank.discrepancies.inputs import Separating
from biobank.discrepancies.queries import case_numbered, newest_separation
from biobank.discrepancies.separating import (
    approve_separation,
    propose,
    report_same_code,
    shown_for_approval,
)
from biobank.distribution.operations import distribute, open_distribution
from biobank.items.queries import children_of
from biobank.ledger.queries import entries_of
from biobank.outages.inputs import NewOutage
from biobank.outages.operations import declare_outage
from biobank.processing.aliquoting import aliquot
from biobank.processing.inputs import NewAliquots, NewPool, Part, Vials
from biobank.processing.pools import make_pool
from biobank.retrieval.choices import CancelledBecause, PickPurpose
from biobank.retrieval.inputs import NewPickList
from biobank.retrieval.operations import cancel_list, make_list, pick
from biobank.withdrawals import mistakes
from tests.destruction.test_attestation_races import cancels
from tests.leaving import PASSWORD
from tests.meetings import Meeting
from tests.meetings_of_the_floor import (
    is_held_and_on_its_order,
    leaves,
    stores,
    takes_out,
    told,
    tube_of,
)
from tests.meetings_with_outages import warm_journey
from tests.studies import NUMBER


def vials(tube, count, microlitres, **more):
    new = NewAliquots(parent=tube, vials=(Vials("urine", microlitres, ("",) * count),), **more)
    return lambda mine: aliquot(mine.work, new, **told(mine))


def pooled(*tubes, microlitres=600, confirmation=None):
    new = NewPool(parts=tuple(Part(tube, microlitres) for tube in tubes), specification="urine pool")
    return lambda mine: make_pool(mine.work, new, confirmation=confirmation, **told(mine))


def measured(mine, number, microlitres=1000):
    """A tube whose content is known."""
    code, tube = tube_of(mine, number)
    vials(tube, 1, 2000)(mine)
    child = children_of(mine.work, mine.now(tube).id)[0].identifier
    vials(child, 1, 2000 - microlitres)(mine)
    return code, child


def overdrawn(mine, tube, taken):
    """What was taken and what is left is what was in it."""
    left = mine.row(tube).volume_microlitres
    return [] if left == 1000 - taken else [f"{tube} has {left} after {taken} were taken"]


def aliquots_and_withdrawal(mine, number):
    code, tube = tube_of(mine, number)

    def wrong(mine, first, second):
        everything = [tube, *(child.identifier for child in children_of(mine.work, mine.now(tube).id))]
        return [each for item in everything for each in is_held_and_on_its_order(mine, code, item)]

    return Meeting(vials(tube, 3, 300, used_up=True), leaves(code), wrong)


def aliquots_twice(mine, number):
    """Each takes more than half; the second hears that not so much can be left."""
    _, tube = measured(mine, number)

    def wrong(mine, first, second):
        taken = 600 * (first is None) + 700 * (second is None)
        return overdrawn(mine, tube, taken) if taken < 1000 else ["both took more than half"]

    return Meeting(vials(tube, 2, 300), vials(tube, 1, 700), wrong)


def aliquots_and_pool(mine, number):
    _, tube = measured(mine, number)
    _, other = tube_of(mine, number, letter="4")

    def wrong(mine, first, second):
        taken = 600 * (first is None) + 600 * (second is None)
        return overdrawn(mine, tube, taken) if taken < 1000 else ["both took more than half"]

    return Meeting(vials(tube, 2, 300), pooled(other, tube), wrong)


def pool_and_failing(mine, number):
    """The newest part first, in a freezer that fails."""
    freezer = mine.unit(Kind.FREEZER, f"Freezer {number}", temperature_celsius=-80).identifier
    box = mine.box(f"Box {number}", inside=freezer)
    pair = [tube_of(mine, number, letter=letter, box=box, position=f"A{letter}")[1] for letter in "34"]
    new = NewOutage(unit=freezer, began=None, temperature_celsius=-60)

    def wrong(mine, first, second):
        return [f"{tube} is not held" for tube in pair if "temperature" not in mine.holds(tube)]

    pools = pooled(*reversed(pair), confirmation="thawed beside the freezer")
    return Meeting(lambda mine: declare_outage(mine.work, new, by=mine.technician), pools, wrong)


def distribution_and_withdrawal(mine, number):
    """Two tubes of two people go together, or none."""
    pair = [tube_of(mine, number, letter=letter) for letter in "34"]
    opened = open_distribution(mine.work, NUMBER, site="biobank-1", by=mine.technician).id
    tubes = [tube for _, tube in reversed(pair)]

    def wrong(mine, first, second):
        states = {mine.row(tube).state for tube in tubes}
        return [] if states == {"distributed" if first is None else "received"} else [f"{first}: {states}"]

    return Meeting(lambda mine: distribute(mine.work, opened, tubes, **told(mine)), leaves(pair[0][0]), wrong)


def distribution_and_failing(mine, number):
    freezer = mine.unit(Kind.FREEZER, f"Freezer {number}", temperature_celsius=-80).identifier
    box = mine.box(f"Box {number}", inside=freezer)
    tubes = [tube_of(mine, number, letter=each, box=box, position=f"A{each}")[1] for each in "34"]
    for tube in tubes:
        mine.step(tube, Action.CHECK_OUT)
    mine.step(tubes[0], Action.CHECK_IN, place=box, position="A3")
    opened = open_distribution(mine.work, NUMBER, site="biobank-1", by=mine.technician).id
    new = NewOutage(unit=freezer, began=None, temperature_celsius=-60)

    def wrong(mine, first, second):
        gone = mine.row(tubes[0]).state == "distributed"
        return [] if gone != bool(first) else [f"{first!r} and gone: {gone}"]

    return Meeting(
        lambda mine: distribute(mine.work, opened, tubes[::-1], **told(mine)),
        lambda mine: declare_outage(mine.work, new, by=mine.technician),
        wrong,
    )


def listed(mine, number):
    box = mine.box(f"Box {number}")
    code, tube = tube_of(mine, number, box=box)
    new = NewPickList(purpose=PickPurpose.BENCH, site="biobank-1", goes_to="BENCH-4", items=(tube,))
    at = make_list(mine.work, new, by=mine.technician).id
    return code, tube, at, lambda mine: pick(mine.work, at, tube, **told(mine))


def picking_and_withdrawal(mine, number):
    code, tube, _, picks = listed(mine, number)

    def wrong(mine, first, second):
        return is_held_and_on_its_order(mine, code, tube)

    return Meeting(picks, leaves(code), wrong)


def a_logger_and_picking(mine, number):
    """What the file says was too warm is taken off the list, or was out before and is held in the hand."""
    journey, takes = warm_journey(mine, number)
    tube, box = journey.tubes["1SS08"], mine.box(f"Box {number}")
    mine.step(tube, Action.RECEIVE)
    mine.step(tube, Action.STORE, place=box, position="A1")
    new = NewPickList(purpose=PickPurpose.BENCH, site="biobank-1", goes_to="BENCH-4", items=(tube,))
    at = make_list(mine.work, new, by=mine.technician).id

    def wrong(mine, first, second):
        steps = [entry.event.get("action") or entry.kind for entry in entries_of(mine.work, tube)]
        late = "check_out" in steps and steps.index("check_out") > steps.index("hold")
        return ["it was picked after it was held"] if late or "hold" not in steps else []

    return Meeting(takes, lambda mine: pick(mine.work, at, tube, **told(mine)), wrong)


def picking_and_cancelling_its_list(mine, number):
    _, tube, at, picks = listed(mine, number)

    def wrong(mine, first, second):
        out = mine.row(tube).state == "checked_out"
        return [] if out != bool(first) else [f"{first!r} and out: {out}"]

    return Meeting(
        picks, lambda mine: cancel_list(mine.work, at, CancelledBecause.NOT_NEEDED, by=mine.technician), wrong
    )


def picking_and_somebody_else_takes_it(mine, number):
    _, tube, _, picks = listed(mine, number)

    def wrong(mine, first, second):
        steps = [each["action"] for each in newest_events(mine.work, tube)]
        return [] if steps.count("check_out") == 1 else [f"{steps}"]

    return Meeting(picks, takes_out(tube), wrong)


def a_cancelled_order_and_taking_out(mine, number):
    """Of an order that is cancelled the tube is free; before that it is not given out."""
    box = mine.box(f"Box {number}")
    code, tube = tube_of(mine, number, box=box)
    decision = mine.decide(participant=code).id
    shown = mistakes.shown_for_mistake(mine.work, mine.compliance, decision, None)[1]

    def cancelling(mine):
        cancels(mine, code, tube, decision, shown, None, None)

    def wrong(mine, first, second):
        out = mine.row(tube).state == "checked_out"
        held = "withdrawal" in mine.holds(tube)
        return [] if out != bool(second) and not held else [f"{second!r}, out: {out}, held: {held}"]

    return Meeting(cancelling, takes_out(tube), wrong, second_waits=True)


def separation_and_a_scan(mine, number):
    """The code is given up: whoever scans it afterwards does not move the tube that it was of."""
    tube = mine.received("adult-3.2", mine.participant(f"A3{number:08d}"))["1SS08"]
    box = mine.box(f"Box {number}")
    found = report_same_code(mine.work, tube, **told(mine))
    at, outcome = found.case.id, Resolution.CODES_SEPARATED
    separating = Separating(outcome=outcome, sentence="Both were looked at.", other=found.other.identifier)
    propose(mine.work, at, separating, by=mine.technician)
    case = case_numbered(mine.work, mine.lead, at)
    shown = shown_for_approval(mine.work, case, newest_separation(mine.work, case))
    signing = Signing(username="bio.lea", password=PASSWORD, sha256=shown)

    def wrong(mine, first, second):
        steps = [each["action"] for each in newest_events(mine.work, tube)]
        late = first is None and second is None and steps.index("replace_code") > steps.index("store")
        return ["it was stored under a code that was given up"] if late and not mine.cases(tube) else []

    return Meeting(
        lambda mine: approve_separation(mine.work, at, signing, by=mine.lead), stores(box, tube), wrong
    )
