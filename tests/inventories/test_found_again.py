"""A vial that the log calls destroyed lies in a box: the count takes it as a fact, with all that follows of it."""

from biobank.custody.states import Action, State
from biobank.destruction import rechecking
from tests.inventories.conftest import Bench


def test_a_destroyed_vial_that_is_counted_is_held_and_its_batch_is_looked_for(leaving):
    leaving.window(0)
    ghost, other = leaving.tube(), leaving.tube()
    leaving.decide()
    leaving.destroy(ghost, other)
    bench = Bench(leaving)
    box = leaving.box()
    taken = bench.count(box).read(ghost, "A1")
    assert taken.is_out_of_place
    assert leaving.now(ghost).state is State.DESTROYED
    bench.end()
    done = bench.close()
    assert any("Look for the others of its batch at once" in alert.text for alert in done.alerts)
    now = leaving.now(ghost)
    assert (now.state, now.container_id, now.position) == (State.RECEIVED, leaving.now(box).id, "A1")
    assert {"discrepancy", "withdrawal"} <= leaving.holds(ghost)
    assert {"false_destruction", "inventory_not_expected"} <= set(leaving.cases(ghost))
    assert rechecking.pieces_to_recheck(leaving.work, leaving.technician) == 1


def test_a_piece_of_a_waste_bag_that_lies_in_a_box_is_out_of_its_bag(leaving):
    leaving.window(0)
    tube = leaving.tube()
    leaving.decide()
    bag = leaving.bag()
    leaving.waste(bag, tube)
    bench = Bench(leaving)
    box = leaving.box()
    bench.count(box).read(tube, "B2")
    bench.end()
    bench.close()
    assert (leaving.now(tube).state, leaving.now(tube).position) == (State.RECEIVED, "B2")
    assert leaving.now(tube).container_id == leaving.now(box).id
    leaving.step(tube, Action.PUT_IN_WASTE, place=bag)
