"""A piece in waste of which anybody tells something else is no longer in its bag: it lies in one place."""

import pytest

from biobank.custody.states import Action, Kind, Placing, State
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.checks import NotOrdered, OrderWaits
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.queries import batch_named
from tests.journeys.facts import FACTS
from tests.journeys.ground import EVERYBODY
from tests.journeys.invariants import it_is_in_one_place_and_one_custody
from tests.journeys.life_cycle import DETAILS

ROWS = [row for row in FACTS[Kind.TUBE] if row.action is not Action.REGISTER]


def told(leaving, row, placed):
    asked = {"details": DETAILS.get(row.action), "confirmation": "it was so"}
    if row.action is Action.LINK:
        asked["details"] = {"participant": "A100000001"}
    if row.action is Action.CORRECT:
        asked |= {"details": None, "corrects": 1}
    if placed:
        asked["place"] = leaving.parcel() if row.action is Action.PACK else leaving.box(row.action.value)
    return asked


@pytest.mark.parametrize("placed", [False, True], ids=["as it is", "put elsewhere"])
def test_every_fact_of_a_piece_in_waste_leaves_it_in_one_place(leaving, placed):
    """I5: it is in a bag and in waste, or neither."""
    leaving.window(0)
    left = Placing.KEEPS, Placing.LEAVES
    for number, row in enumerate(ROWS):
        if row.placing in left if placed else row.placing is Placing.MUST:
            continue
        code = leaving.participant(f"A2{number:08d}")
        tube = leaving.tube(code)
        leaving.decide(participant=code)
        leaving.waste(leaving.bag(), tube)
        leaving.step(tube, row.action, EVERYBODY, **told(leaving, row, placed))
        found = it_is_in_one_place_and_one_custody(item=leaving.row(tube), work=leaving.work)
        assert (row.action, list(found)) == (row.action, [])


def test_a_piece_that_is_packed_was_taken_out_and_its_bag_is_counted_again(leaving):
    leaving.window(0)
    tube, other = leaving.tube(), leaving.tube()
    leaving.decide()
    bag = leaving.bag()
    leaving.waste(bag, tube, other)
    leaving.count(bag, 2)
    leaving.step(
        tube, Action.PACK, leaving.clinic, place=leaving.parcel(), confirmation="it lies in the parcel"
    )
    assert leaving.row(tube).state == State.RECEIVED
    assert batch_named(leaving.work, bag)[0].state == "filling"
    assert leaving.row(other).state == State.IN_WASTE


@pytest.fixture
def counted(leaving):
    """A tube in a bag that its performer signed; the witness is next."""
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    bag = leaving.bag()
    leaving.waste(bag, tube)
    leaving.count(bag, 1)
    leaving.sign(bag, "performer", "bio.tess")
    return tube, bag


def test_a_piece_that_turned_out_to_be_of_somebody_who_stays_is_not_destroyed(leaving, counted):
    tube, bag = counted
    told = {"participant": leaving.participant("A500000001")}
    leaving.step(tube, Action.LINK, leaving.lead, details=told)
    with pytest.raises(NotOrdered, match="no destruction order wants"):
        leaving.sign(bag, "witness", "bio.theo")
    assert leaving.row(tube).state == State.IN_WASTE


def test_an_order_that_waits_for_a_ceremony_after_all_destroys_nothing_that_is_in_a_bag(leaving, counted):
    tube, bag = counted
    leaving.decide(ceremony=Ceremony.YES)
    with pytest.raises(OrderWaits, match="handling instruction"):
        leaving.sign(bag, "witness", "bio.theo")
    assert leaving.row(tube).state == State.IN_WASTE
    settle_ceremony(leaving.work, leaving.compliance, leaving.order().identifier, Settlement.NOT_WANTED)
    leaving.sign(bag, "witness", "bio.theo")
    assert leaving.row(tube).state == State.DESTROYED
