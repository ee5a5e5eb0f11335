"""A destroyed vial is found: nothing is hidden, and the rest of its batch is looked for piece by piece."""

import pytest

from biobank.access.permissions import Role
from biobank.custody.queries import newest_events
from biobank.custody.states import Action
from biobank.destruction import queries, rechecking
from biobank.destruction.certificates import judge
from biobank.destruction.checks import NotYourSite
from biobank.items.identifiers import printed
from biobank.ledger.replaying import events_of_kind
from biobank.replays import REPLAYS
from tests.floor import actor


@pytest.fixture
def gone(leaving):
    """Three tubes of a closed order, destroyed in one bag; the bag."""
    leaving.window(0)
    tubes = [leaving.tube() for _ in range(3)]
    leaving.decide()
    bag = leaving.destroy(*tubes)
    leaving.confirm(leaving.order())
    return tubes, bag


def find(leaving, tube):
    return leaving.step(tube, Action.QUARANTINE, place=leaving.aside)


def standing(leaving, bag):
    batch = queries.batch_named(leaving.work, bag)[0]
    lines = rechecking.lines_of_recheck(leaving.work, batch)
    return [(line.finding, line.checked_by) for line in lines]


def findings(leaving):
    return [str(finding) for replay in REPLAYS for finding in replay(leaving.work)]


def test_the_record_stays_and_everything_about_it_is_in_question(leaving, gone):
    (ghost, *_), bag = gone
    certificate = queries.certificate_of(leaving.work, leaving.order())
    told = find(leaving, ghost)
    assert any("Look for the others of its batch at once" in alert.text for alert in told.alerts)
    assert leaving.now(ghost).state == "received"
    assert "destroy" in {event["action"] for event in newest_events(leaving.work, ghost, 50)}
    assert {"discrepancy", "withdrawal"} <= leaving.holds(ghost)
    assert "false_destruction" in leaving.cases(ghost)
    order = leaving.order()
    assert (order.state, order.in_question) == ("reopened", "A piece that was called destroyed was found.")
    assert judge(leaving.work, certificate.pdf).state == "in_question"
    assert standing(leaving, bag) == [(None, None), (None, None)]
    assert rechecking.pieces_to_recheck(leaving.work, leaving.technician) == 2
    assert findings(leaving) == []


def test_each_piece_is_looked_for_and_who_did_it_is_kept(leaving, gone):
    (ghost, second, third), bag = gone
    find(leaving, ghost)
    elsewhere = actor("bio.ruth", Role.TECHNICIAN, "biobank-2")
    with pytest.raises(NotYourSite, match="of biobank-1"):
        rechecking.tell_not_found(leaving.work, elsewhere, bag, second)
    rechecking.tell_not_found(leaving.work, leaving.technician, bag, second)
    rechecking.tell_found(leaving.work, leaving.lead, bag, third, place=leaving.aside)
    assert standing(leaving, bag) == [("not_found", "bio.tess"), ("found", "bio.lea")]
    assert rechecking.batches_to_recheck(leaving.work, leaving.technician) == []
    assert "false_destruction" in leaving.cases(third)
    with pytest.raises(rechecking.FoundAlready):
        rechecking.tell_not_found(leaving.work, leaving.technician, bag, third)
    with pytest.raises(rechecking.NotToBeChecked):
        rechecking.tell_not_found(leaving.work, leaving.technician, bag, ghost)
    find(leaving, second)
    assert standing(leaving, bag)[0] == ("found", "bio.tess")
    assert findings(leaving) == []


def test_the_bags_own_history_tells_who_looked_for_what(leaving, gone):
    (ghost, second, third), bag = gone
    find(leaving, ghost)
    rechecking.tell_not_found(leaving.work, leaving.technician, bag, second)
    rechecking.tell_found(leaving.work, leaving.lead, bag, third, place=leaving.aside)
    subjects, (listed, *looked) = zip(*events_of_kind(leaving.work, rechecking.KIND), strict=True)
    assert set(subjects) == {bag}
    assert (listed["change"], listed["items"], listed["recorded_by"]) == (
        "listed",
        [second, third],
        "bio.tess",
    )
    assert [(each["change"], each["item"], each["finding"], each["recorded_by"]) for each in looked] == [
        ("checked", second, "not_found", "bio.tess"),
        ("checked", third, "found", "bio.lea"),
    ]
    held = newest_events(leaving.work, third, 1)[0]["details"]
    assert held == {"hold": "discrepancy", "reason": f"found again, of bag {printed(bag)}"}


def test_what_was_found_is_destroyed_again_and_a_further_certificate_says_so(leaving, gone):
    (ghost, *_), bag = gone
    find(leaving, ghost)
    again = leaving.destroy(ghost)
    assert again != bag
    assert leaving.confirm(leaving.order()).returned == {}
    assert queries.certificate_of(leaving.work, leaving.order()).replaces is not None
    assert leaving.order().in_question is None
    assert findings(leaving) == []
