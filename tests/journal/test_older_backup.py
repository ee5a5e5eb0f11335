"""An older backup is read-only until it has every decision that the journal has, each as it was made."""

import pytest

from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.states import Action, HoldKind
from biobank.journal.formats import read_journal
from biobank.journal.guarding import ReadOnly, why_read_only
from biobank.journal.operations import apply_journal
from biobank.journal.queries import applied_lines, lacking
from biobank.ledger.queries import entries_of
from biobank.ledger.verification import verify
from biobank.messages.models import Message
from biobank.participants.queries import participant_named
from biobank.wiring import REPLAYS
from biobank.withdrawals.queries import deaths_of, decisions_of, spans_of
from tests.floor import CODE
from tests.withdrawals.test_later import come_back, die, mistaken, reverse

LATER = "A800000008"


@pytest.fixture
def stored(floor, older):
    """A stored tube, and a backup of that moment."""
    with writing() as floor.work:
        floor.tube_at_hand = floor.tube()
        floor.box_at_hand = floor.box()
        floor.step(floor.tube_at_hand, Action.STORE, place=floor.box_at_hand, position="A1")
        floor.decide("keep", "keep", leaves=False, hours=9)
    older.keep()
    return floor


def apply(floor, journal):
    with writing(restoring=True) as floor.work:
        return [
            (each.line, each.kind)
            for each in apply_journal(floor.work, read_journal(journal), by=floor.compliance)
        ]


def findings():
    with reading() as work:
        return [
            str(finding)
            for finding in verify(work, replays=REPLAYS).findings
            if "unsealed" not in str(finding)
        ]


def test_nothing_is_picked_before_and_nothing_of_theirs_after(stored, older, journal):
    with writing() as stored.work:
        told = stored.decide(hours=2)
        number, at, entered = told.id, told.decided_at, told.recorded_at
    with older.put_back().app_context():
        with pytest.raises(ReadOnly, match="journal apply"), writing() as stored.work:
            stored.step(stored.tube_at_hand, Action.CHECK_OUT)
        assert apply(stored, journal) == [(2, "decision")]
        with writing() as stored.work:
            assert HoldKind.WITHDRAWAL in stored.holds(stored.tube_at_hand)
            with pytest.raises(Exception, match="withdr"):
                stored.step(stored.tube_at_hand, Action.CHECK_OUT)
            again = decisions_of(stored.work, CODE)[-1]
            assert (again.id, again.decided_at, again.recorded_at) == (number, at, entered)
            order = stored.order()
            assert (order.decision, order.decision_recorded_at) == (number, entered)
            entry = entries_of(stored.work, f"participant:{CODE}")
            marked = next(each.event for each in entry if each.event.get("journal") == 2)
            assert (marked["applied_by"], marked["first_recorded_at"]) == (
                "comp.cleo",
                moments.to_text(entered),
            )
            assert [each.number for each in applied_lines(stored.work)] == [number]
            assert stored.work.session.query(Message).filter_by(about=f"decision:{number}").count() == 1
        assert findings() == []


def test_applying_again_adds_nothing_and_the_journal_says_nothing_twice(stored, older, journal):
    with writing() as stored.work:
        stored.decide(hours=2)
    before = read_journal(journal)
    with older.put_back().app_context():
        assert len(apply(stored, journal)) == 1
        assert apply(stored, journal) == []
        with reading() as work:
            assert lacking(work, before) == []
            assert why_read_only(work) is None
        with writing() as stored.work:
            number = stored.decide("undecided", "undecided").id
        assert [line.entry.kind for line in read_journal(journal)] == ["decision"] * 3
        with reading() as work:
            assert [each.id for each in decisions_of(work, CODE)] == [number - 2, number - 1, number]


def test_everything_that_moves_a_standing_is_taken_over(stored, older, journal):
    """A death told by mistake, a reversal, a decision of somebody else, leaving, and coming back."""
    with writing() as stored.work:
        stored.decide(hours=5)
    with writing() as stored.work:
        reverse(stored)
    with writing() as stored.work:
        stored.participant(LATER)
        wrong = stored.decide("keep", "keep", hours=4)
    with writing() as stored.work:
        mistaken(stored, decisions_of(stored.work, CODE)[-1], other=LATER)
    with writing() as stored.work:
        stored.decide("keep", "remove", hours=3)
        die(stored)
    with writing() as stored.work:
        told = standing_of(stored.work)
    assert wrong is not None
    with older.put_back().app_context():
        assert len(apply(stored, journal)) == len(read_journal(journal)) - 1
        with writing() as stored.work:
            assert standing_of(stored.work) == told
        assert findings() == []


def test_who_came_back_is_back(stored, older, journal):
    with writing() as stored.work:
        stored.decide("keep", "keep", hours=3)
        come_back(stored)
        told = standing_of(stored.work)
    with older.put_back().app_context():
        assert [kind for _, kind in apply(stored, journal)] == ["decision", "consent", "period"]
        with writing() as stored.work:
            assert standing_of(stored.work) == told
        assert findings() == []


def standing_of(work):
    """Of both participants: spans, answers, deaths and every decision with its number."""
    found = []
    for code in (CODE, LATER):
        try:
            person = participant_named(work, code)
        except Exception:
            continue
        decided = [
            (each.id, each.information, each.samples, each.decided_at) for each in decisions_of(work, code)
        ]
        deaths = [(death.id, death.decided_at) for death in deaths_of(work, code)]
        found.append((code, spans_of(work, code), person.left, person.deceased, decided, deaths))
    return found
