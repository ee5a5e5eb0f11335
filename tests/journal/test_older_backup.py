"""An older backup is read-only until it has every decision that the journal has, each as it was made."""

import pytest

from biobank.access.actors import SETTING_UP
from biobank.access.operations import add_person, grant_role
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.states import Action, HoldKind
from biobank.custody.steps import Source
from biobank.journal.checks import LineRefused
from biobank.journal.formats import read_journal
from biobank.journal.guarding import ReadOnly, why_read_only
from biobank.journal.models import JournalApplication
from biobank.journal.operations import apply_journal
from biobank.journal.queries import lacking
from biobank.kits.operations import link_participant
from biobank.ledger.queries import entries_of
from biobank.ledger.verification import verify
from biobank.messages.models import Message
from biobank.participants.operations import mint_provisional
from biobank.participants.queries import ParticipantUnknown, participant_named
from biobank.replays import REPLAYS
from biobank.withdrawals.queries import deaths_of, decisions_of, spans_of, waiting_requests
from biobank.withdrawals.requests import complete_request, take
from tests.floor import CODE
from tests.leaving import PASSWORD
from tests.withdrawals.test_later import KIN, come_back, die, merge, mistaken, reverse

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
            assert [each.number for each in stored.work.session.query(JournalApplication)] == [number]
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


def test_two_codes_that_were_one_are_one_again(stored, older, journal):
    """A provisional code that got its biobank id, and two biobank ids that two people signed to be one."""
    with writing() as stored.work:
        provisional = mint_provisional(
            stored.work, stored.compliance, programme_hash="0" * 64, site="clinic-1"
        ).code
        stored.decide(participant=provisional, hours=4)
    with writing() as stored.work:
        link_participant(stored.work, provisional, LATER, by=stored.compliance, source=Source("keyed"))
    with writing() as stored.work:
        merge(stored, CODE, LATER)
    with writing() as stored.work:
        told = standing_of(stored.work)
    with older.put_back().app_context():
        apply(stored, journal)
        with writing() as stored.work:
            assert participant_named(stored.work, provisional).code == LATER
            assert participant_named(stored.work, CODE).code == LATER
            assert standing_of(stored.work) == told
            assert HoldKind.WITHDRAWAL in stored.holds(stored.tube_at_hand)
        assert findings() == []


def test_a_request_that_waited_and_was_completed(stored, older, journal):
    with writing() as stored.work:
        request = take(stored.work, stored.decision(**KIN), by=stored.compliance).id
    with writing() as stored.work:
        now = moments.told(moments.now())
        complete_request(stored.work, request, evidence="letter 7", accepted_at=now, by=stored.compliance)
    with older.put_back().app_context():
        applied = [kind for _, kind in apply(stored, journal)]
        assert applied == ["waiting_request", "decision", "request_ended"]
        with reading() as work:
            assert waiting_requests(work) == []
            assert decisions_of(work, CODE)[-1].proved is True
        assert findings() == []


def test_a_line_that_cannot_be_taken_over_leaves_everything_as_it_was(stored, older, journal):
    with writing() as stored.work:
        stored.decide(hours=2)
    with writing() as stored.work:
        add_person(stored.work, SETTING_UP, username="comp.new", printed_name="Testa New", password=PASSWORD)
        grant_role(stored.work, SETTING_UP, username="comp.new", role="compliance", site=None)
    with writing() as stored.work:
        reverse(stored, second="comp.new")
    with older.put_back().app_context():
        with pytest.raises(LineRefused, match="Line 4 .* no account"):
            apply(stored, journal)
        with reading() as work:
            assert len(decisions_of(work, CODE)) == 1
            assert why_read_only(work) is not None


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
        except ParticipantUnknown:  # the later one, where they never came
            continue
        decided = [
            (each.id, each.information, each.samples, each.decided_at) for each in decisions_of(work, code)
        ]
        deaths = [(death.id, death.decided_at) for death in deaths_of(work, code)]
        found.append((code, spans_of(work, code), person.left, person.deceased, decided, deaths))
    return found
