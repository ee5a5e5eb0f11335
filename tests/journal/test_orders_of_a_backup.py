"""A legal hold stands again after a restore, before anything is picked; what is to be entered again is told."""

import pytest

from biobank.core.database import reading, writing
from biobank.custody.checks import StepRefused
from biobank.custody.states import Action, HoldKind
from biobank.destruction import ceremonies
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.legal_holds import lift_legal_hold, place_legal_hold
from biobank.destruction.models import LegalHold
from biobank.destruction.pauses import HeldBecause, LiftedBecause
from biobank.journal import following
from biobank.journal.formats import JournalBroken, read_journal
from biobank.journal.guarding import ReadOnly, why_read_only
from biobank.journal.orders import sentence_of, to_enter_again, to_enter_later
from biobank.journal.queries import decisive_entries, lacking
from tests.floor import CODE
from tests.journal.test_older_backup import apply, findings, stored

__all__ = ["stored"]

LATER = "A800000008"


@pytest.fixture
def ordered(floor, older):
    """Two people's tubes on orders that may be carried out; a backup of that moment."""
    with writing() as floor.work:
        floor.window(0)
        floor.participant(LATER)
        floor.tubes = {code: floor.tube(code) for code in (CODE, LATER)}
        floor.decide(hours=9)
        floor.decide(participant=LATER, ceremony=Ceremony.YES, hours=9)
    older.keep()
    return floor


def hold(floor, code=CODE):
    with writing() as floor.work:
        order = floor.order(code).identifier
        placed = place_legal_hold(floor.work, floor.compliance, order, HeldBecause.COURT_ORDER, "docket 4")
        return placed.id, placed.placed_at


def lift(floor, number):
    with writing() as floor.work:
        lift_legal_hold(floor.work, floor.compliance, number, LiftedBecause.DUTY_ENDED, "docket 4, closed")


def bagged(floor, item):
    with writing() as floor.work:
        floor.step(item, Action.PUT_IN_WASTE, place=floor.bag())


def test_a_legal_hold_that_the_backup_lacks_stands_before_anything_is_picked(ordered, older, journal):
    number, at = hold(ordered)
    with older.put_back().app_context():
        with pytest.raises(ReadOnly, match="journal apply"):
            bagged(ordered, ordered.tubes[CODE])
        assert apply(ordered, journal) == [(3, "order")]
        with pytest.raises(StepRefused, match="legal"):
            bagged(ordered, ordered.tubes[CODE])
        with writing() as ordered.work:
            again = ordered.work.session.get_one(LegalHold, number)
            assert (again.placed_at, again.placed_by, again.reference) == (at, "comp.cleo", "docket 4")
            assert HoldKind.LEGAL in ordered.holds(ordered.tubes[CODE])
        assert apply(ordered, journal) == []
        assert findings() == []
        lift(ordered, number)
        bagged(ordered, ordered.tubes[CODE])
        assert [line.entry.event["change"] for line in read_journal(journal)[2:]] == [
            "legal_hold_placed",
            "legal_hold_lifted",
        ]


def test_one_of_a_decision_that_the_backup_lacks_too_stands_on_the_order_that_is_opened_for_it(
    stored, older, journal
):
    with writing() as stored.work:
        stored.decide(hours=2)
        before = stored.order().identifier
    number, _ = hold(stored)
    with older.put_back().app_context():
        assert apply(stored, journal) == [(2, "decision"), (3, "order")]
        with writing() as stored.work:
            order = stored.order()
            assert order.identifier != before
            assert order.legal_hold
            assert stored.work.session.get_one(LegalHold, number).order_id == order.id
            assert HoldKind.LEGAL in stored.holds(stored.tube_at_hand)
        assert findings() == []


def test_one_that_was_lifted_since_is_lifted_again(floor, older, journal):
    with writing() as floor.work:
        floor.window(0)
        tube = floor.tube()
        floor.decide(hours=9)
    number, _ = hold(floor)
    older.keep()
    lift(floor, number)
    with older.put_back().app_context():
        assert apply(floor, journal) == [(3, "order")]
        with reading() as floor.work:
            again = floor.work.session.get_one(LegalHold, number)
            assert (again.lifted_by, again.lift_reference) == ("comp.cleo", "docket 4, closed")
            assert not floor.order().legal_hold
        bagged(floor, tube)
        assert findings() == []


def test_ceremonies_and_certificates_are_told_until_somebody_entered_them_again(ordered, older, journal):
    with writing() as ordered.work:
        ordered.destroy(ordered.tubes[CODE])
    with writing() as ordered.work:
        order = ordered.order()
        [certificate] = ordered.confirm(order).certificates.values()
        named = order.identifier
    with writing() as ordered.work:
        waits = ordered.order(LATER).identifier
        ceremonies.settle_ceremony(ordered.work, ordered.compliance, waits, Settlement.HELD)
    with older.put_back().app_context():
        with reading() as work:
            missing = lacking(work, read_journal(journal))
        assert [each["what"] for each in to_enter_later(missing)] == ["certificate", "ceremony_settled"]
        assert apply(ordered, journal) == [(3, "to_enter_again"), (4, "to_enter_again")]
        with reading() as work:
            first, second = (sentence_of(each) for each in to_enter_again(work))
            assert why_read_only(work) is None
        assert certificate[1:5] in first
        assert "SHA-256" in first
        assert "held on" in second
        assert findings() == []
        with writing() as ordered.work:
            ceremonies.settle_ceremony(ordered.work, ordered.compliance, waits, Settlement.HELD)
        with writing() as ordered.work:
            ordered.destroy(ordered.tubes[CODE])
        with writing() as ordered.work:
            ordered.confirm(ordered.order())
            assert ordered.order().identifier == named
            assert to_enter_again(ordered.work) == []


def test_a_journal_of_before_is_read_on_and_what_it_lacks_of_orders_is_added(ordered, journal):
    hold(ordered)
    whole = journal.read_bytes()
    lines = whole.splitlines(keepends=True)
    assert [b'"v":1' in line for line in lines] == [True, True, False]
    journal.write_bytes(b"".join(lines[:2]))
    following.fill_journal(ordered.work.settings)
    assert journal.read_bytes() == whole
    with reading() as work:
        held = {line.entry.hash for line in read_journal(journal)}
        assert {entry.hash for entry in decisive_entries(work)} == held
    journal.write_bytes(whole.replace(LATER.encode(), b"A800000009"))
    with pytest.raises(JournalBroken, match="was changed"):
        read_journal(journal)
