"""A pool when one of those in it leaves: held, destroyed with them or kept by the programme's rule."""

import pytest

from biobank.custody.checks import StepRefused
from biobank.custody.states import Action
from biobank.custody.steps import AskedBack
from biobank.destruction import queries
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.checks import OrderWaits
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.records import order_record
from biobank.destruction.words import OUTCOMES, REASONS
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from biobank.replays import REPLAYS
from tests.floor import CODE, SCAN

OTHER = "A500000001"


def pool(leaving, *items, **asked):
    new = NewPool(parts=tuple(Part(item, 500) for item in items), specification="urine pool")
    told = {"by": leaving.technician, "source": SCAN, "at": leaving.told()} | asked
    return make_pool(leaving.work, new, **told).pool.identifier


@pytest.fixture
def mixed(leaving):
    """A pool of two participants, with an aliquot of it."""
    leaving.window(0)
    leaving.participant(OTHER)
    tubes = leaving.tube(), leaving.tube(OTHER)
    made = pool(leaving, *tubes)
    children = [{"specification": "urine", "volume_microlitres": 100}]
    child = leaving.step(made, Action.ALIQUOT, details={"children": children}).born[0].identifier
    return tubes, made, child


def outcomes(leaving, code=CODE):
    record = order_record(leaving.work, leaving.order(code))[0]
    return {line["item"]: line["outcome"] for line in record["lines"]}


def findings(leaving):
    return [str(finding) for replay in REPLAYS for finding in replay(leaving.work)]


def test_one_withdrawal_holds_the_pool_and_what_was_made_of_it(leaving, mixed):
    (own, others), made, child = mixed
    leaving.decide()
    for item in (own, made, child):
        assert "withdrawal" in leaving.holds(item)
        with pytest.raises((StepRefused, AskedBack)):
            leaving.step(item, Action.ALIQUOT, details={"children": [{"specification": "x"}]})
    assert leaving.holds(others) == set()
    assert outcomes(leaving) == dict.fromkeys((own, made, child))
    assert findings(leaving) == []


def test_the_hold_stays_while_anybody_in_it_asks_for_it(leaving, mixed):
    _, made, _ = mixed
    leaving.decide()
    leaving.decide("keep", "keep", participant=OTHER)
    leaving.step(made, Action.MOVE, place=leaving.box(), position="A1")
    assert "withdrawal" in leaving.holds(made)


def test_the_pool_is_destroyed_with_who_leaves_and_nothing_of_the_others(leaving, mixed):
    (own, others), made, child = mixed
    leaving.decide()
    leaving.destroy(own, made, child)
    order = leaving.order()
    assert leaving.confirm(order).returned == {}
    assert outcomes(leaving) == dict.fromkeys((own, made, child), "destroyed")
    assert leaving.now(others).state == "received"
    record = order_record(leaving.work, order)[0]
    [line] = [line for line in record["lines"] if line["item"] == made]
    assert line["parents"] == [own]
    assert others not in str(record)
    assert OTHER not in str(record)
    assert findings(leaving) == []


def test_both_leave_and_one_bag_ends_the_lines_of_both(leaving, mixed):
    tubes, made, child = mixed
    leaving.decide()
    leaving.decide(participant=OTHER)
    leaving.destroy(*tubes, made, child)
    for code in (CODE, OTHER):
        assert queries.open_lines(leaving.work, leaving.order(code)) == []
    assert leaving.confirm(leaving.order(), leaving.order(OTHER)).returned == {}
    assert findings(leaving) == []


def keep_pools(leaving):
    leaving.work.settings = leaving.work.settings.with_changes(pool_policy="keep_pool")


def test_a_kept_pool_ends_the_line_and_is_used_no_more(leaving, mixed):
    keep_pools(leaving)
    (own, _), made, child = mixed
    leaving.decide()
    assert outcomes(leaving) == {own: None, made: "pooled", child: "pooled"}
    assert "withdrawal" in leaving.holds(made)
    with pytest.raises(StepRefused, match="withdrawal"):
        leaving.step(made, Action.STORE, place=leaving.box(), position="A1")
        leaving.step(made, Action.CHECK_OUT)
    leaving.destroy(own)
    assert leaving.confirm(leaving.order()).returned == {}
    assert (OUTCOMES["pooled"], "used no more" in REASONS["pooled"]) == ("In a pool that is kept", True)


def test_a_pool_that_everybody_in_it_gave_up_is_destroyed_all_the_same(leaving, mixed):
    keep_pools(leaving)
    tubes, made, child = mixed
    leaving.decide()
    leaving.decide(participant=OTHER)
    assert outcomes(leaving, OTHER)[made] is None
    leaving.destroy(*tubes, made, child)
    assert outcomes(leaving, OTHER)[made] == outcomes(leaving)[made] == "destroyed"
    assert findings(leaving) == []


def test_one_that_was_mixed_after_the_decision_is_never_kept(leaving):
    keep_pools(leaving)
    leaving.window(0)
    leaving.participant(OTHER)
    tubes = leaving.tube(), leaving.tube(OTHER)
    leaving.decide()
    with pytest.raises(AskedBack, match="withdrawal"), leaving.work.savepoint():
        pool(leaving, *tubes)
    made = pool(leaving, *tubes, confirmation="it was done")
    assert outcomes(leaving)[made] is None
    assert "withdrawal" in leaving.holds(made)


def test_a_pool_waits_until_the_order_of_each_in_it_may_be_carried_out(leaving, mixed):
    _, made, child = mixed
    leaving.decide(ceremony=Ceremony.YES)
    leaving.decide(participant=OTHER)
    with pytest.raises(OrderWaits, match="handling instruction"):
        leaving.waste(leaving.bag(), made)
    settle_ceremony(leaving.work, leaving.compliance, leaving.order().identifier, Settlement.NOT_WANTED)
    leaving.destroy(made, child)
    assert outcomes(leaving, OTHER)[made] == "destroyed"
