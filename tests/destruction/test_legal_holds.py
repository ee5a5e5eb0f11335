"""Legal holds on an order: what they stop, what they do not, and the clock that stands still meanwhile."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from biobank.core import moments
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.checks import StepRefused
from biobank.custody.models import Hold
from biobank.custody.states import Action
from biobank.destruction import checks, legal_holds, queries
from biobank.destruction.legal_holds import lift_legal_hold, place_legal_hold
from biobank.destruction.pauses import HeldBecause, LiftedBecause
from biobank.destruction.records import order_record
from biobank.destruction.words import legal_hold
from biobank.replays import REPLAYS
from tests.floor import CODE

COURT, ENDED = HeldBecause.COURT_ORDER, LiftedBecause.DUTY_ENDED


@pytest.fixture
def ready(leaving):
    """Two received tubes on an order that may be carried out."""
    leaving.window(0)
    tubes = leaving.tube(), leaving.tube()
    leaving.decide()
    return tubes


def hold(leaving, order=None, **told):
    order = order or leaving.order()
    return place_legal_hold(leaving.work, leaving.compliance, order.identifier, COURT, "docket 4", **told)


def lift(leaving, number):
    return lift_legal_hold(leaving.work, leaving.compliance, number, ENDED, "docket 4, closed")


def later(monkeypatch, **by):
    at = moments.now() + timedelta(**by)
    monkeypatch.setattr(moments, "now", lambda: at)


def findings(leaving):
    return [str(finding) for replay in REPLAYS for finding in replay(leaving.work)]


def test_it_pauses_destruction_and_never_quarantine(leaving, ready):
    tube, other = ready
    number = hold(leaving).id
    bag = leaving.bag()
    for item in ready:
        assert "legal" in leaving.holds(item)
        with pytest.raises(StepRefused, match="legal"):
            leaving.waste(bag, item)
    leaving.step(tube, Action.QUARANTINE, place=leaving.aside)
    assert queries.stage(leaving.order()) == "legal_hold"
    lift(leaving, number)
    assert not any("legal" in leaving.holds(item) for item in ready)
    leaving.waste(bag, other)
    assert findings(leaving) == []


def test_its_clock_stands_still_and_goes_on_by_that_time(leaving, ready, monkeypatch):
    order = leaving.order()
    due_at = order.due_at
    later(monkeypatch, days=20)
    number = hold(leaving).id
    later(monkeypatch, days=45)
    assert not queries.is_overdue(order, moments.now())
    lift(leaving, number)
    order = leaving.order()
    assert order.due_at == due_at + timedelta(days=45)
    assert not queries.is_overdue(order, moments.now())
    later(monkeypatch, days=11)
    assert queries.is_overdue(order, moments.now())
    assert findings(leaving) == []


def test_a_bag_with_held_pieces_is_neither_counted_nor_signed(leaving, ready):
    bag = leaving.bag()
    leaving.waste(bag, *ready)
    leaving.count(bag, 2)
    shown = leaving.shown(bag)
    leaving.sign(bag, "performer", "bio.tess")
    hold(leaving)
    with pytest.raises(
        checks.PiecesHeld, match=r"2 pieces in bag .* Take these out and put them in quarantine"
    ):
        leaving.sign(bag, "witness", "bio.theo", shown=shown)
    assert [leaving.now(tube).state for tube in ready] == ["in_waste", "in_waste"]
    leaving.step(ready[0], Action.TAKE_OUT_OF_WASTE, place=leaving.aside, confirmation="a legal hold")
    with pytest.raises(checks.PiecesHeld, match="in bag .* it may not be destroyed"):
        leaving.count(bag, 1)
    leaving.step(ready[1], Action.TAKE_OUT_OF_WASTE, place=leaving.aside)
    assert queries.batch_named(leaving.work, bag)[0].performer_signature is None


def test_what_joins_a_held_order_is_held_too(leaving, ready):
    number = hold(leaving).id
    late = leaving.paper_kit(CODE)
    assert "legal" in leaving.holds(late)
    lift(leaving, number)
    assert "legal" not in leaving.holds(late)


def test_two_holds_and_the_second_still_counts(leaving, ready):
    first, second = hold(leaving).id, hold(leaving).id
    lift(leaving, first)
    assert "legal" in leaving.holds(ready[0])
    assert queries.stage(leaving.order()) == "legal_hold"
    with pytest.raises(legal_holds.LiftedBefore):
        lift(leaving, first)
    lift(leaving, second)
    assert "legal" not in leaving.holds(ready[0])
    assert queries.stage(leaving.order()) == "ready"
    lift(leaving, hold(leaving).id)
    assert "legal" not in leaving.holds(ready[0])


def test_a_piece_that_was_held_by_itself_stays_so(leaving, ready):
    demand = {"hold": "legal", "reason": "demand 4"}
    leaving.step(ready[0], Action.QUARANTINE, leaving.compliance, details=demand)
    assert leaving.order().paused_at is not None
    number = hold(leaving).id
    with pytest.raises(legal_holds.HeldWithItsOrder, match="lift the legal hold of the order"):
        leaving.step(ready[1], Action.RELEASE, leaving.compliance, details={"hold": "legal"})
    lift(leaving, number)
    assert ["legal" in leaving.holds(tube) for tube in ready] == [True, False]
    assert leaving.order().paused_at is not None
    leaving.step(ready[0], Action.RELEASE, leaving.compliance, details={"hold": "legal"})
    assert leaving.order().paused_at is None


def test_nothing_is_confirmed_under_it_and_the_certificate_says_that_it_stood(leaving, ready):
    leaving.destroy(*ready)
    order = leaving.order()
    number = hold(leaving).id
    returned = leaving.confirm(order).returned
    assert "under a legal hold" in returned[order.identifier]
    lift(leaving, number)
    leaving.confirm(order)
    said = legal_hold(order_record(leaving.work, order)[0], "UTC")
    assert said.startswith("A legal hold stood on this order from")
    assert "docket" not in said
    assert "court" not in said


def test_the_hold_stays_with_the_specimen_whatever_becomes_of_the_order(leaving, ready):
    number = hold(leaving).id
    other = leaving.participant("A600000001")
    leaving.step(ready[0], Action.LINK, leaving.lead, details={"participant": other})
    assert "legal" in leaving.holds(ready[0])
    lift(leaving, number)
    assert "legal" not in leaving.holds(ready[0])


def test_compliance_alone_and_with_a_reference_that_names_nobody(leaving, ready):
    order = leaving.order().identifier
    with pytest.raises(checks.OnlyCompliance, match="A legal hold is placed and lifted by compliance"):
        place_legal_hold(leaving.work, leaving.lead, order, COURT, "docket 4")
    for reference, error in ((" ", legal_holds.LegalHoldRefused), ("t@example.org", NamesSomebody)):
        with pytest.raises(error):
            place_legal_hold(leaving.work, leaving.compliance, order, COURT, reference)
    leaving.destroy(*ready)
    leaving.confirm(leaving.order())
    with pytest.raises(legal_holds.NothingToHold, match="is closed"):
        hold(leaving, leaving.order())
    with pytest.raises(legal_holds.LegalHoldUnknown):
        lift(leaving, 9)


def test_a_legal_hold_changed_past_the_log_is_found(leaving, ready):
    row = hold(leaving)
    row.reference = "another paper"
    leaving.work.flush()
    [finding] = findings(leaving)
    assert "another paper" in finding


def test_each_piece_says_by_which_hold_and_never_why(leaving, ready):
    number = hold(leaving).id
    held = select(Hold.reason).where(Hold.kind == "legal")
    assert set(leaving.work.session.scalars(held)) == {f"legal_hold:{number}"}
