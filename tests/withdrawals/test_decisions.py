"""What each pair of answers does, at once and in one transaction."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from biobank.core import moments
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.checks import StepRefused
from biobank.custody.states import Action
from biobank.destruction.choices import Ceremony
from biobank.destruction.queries import lines_of, specimens_of_person, stage
from biobank.ledger.queries import entries_of
from biobank.messages.models import Message
from biobank.participants.choices import Scope
from biobank.participants.queries import ParticipantUnknown, participant_named, subject_of
from biobank.withdrawals import checks, operations
from biobank.withdrawals.choices import Capacity
from biobank.withdrawals.contents import decision_content
from biobank.withdrawals.holding import bring_up_to_date
from biobank.withdrawals.inputs import Refusal
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.queries import decisions_of, is_overdue, undecided_decisions
from biobank.withdrawals.staying import refuse_scopes
from tests.floor import CODE

# information, samples, use is blocked, an order is opened, somebody has to ask again
PAIRS = [
    ("keep", "keep", False, False, False),
    ("keep", "destroy", True, True, False),
    ("remove", "keep", True, False, False),
    ("remove", "destroy", True, True, False),
    ("undecided", "keep", True, False, True),
    ("undecided", "destroy", True, True, True),
    ("keep", "undecided", True, False, True),
    ("remove", "undecided", True, False, True),
    ("undecided", "undecided", True, False, True),
]


def test_each_pair_of_answers(leaving):
    box = leaving.box()
    for number, (information, samples, blocked, ordered, asked) in enumerate(PAIRS):
        code = leaving.participant(f"A20000000{number}")
        tube = leaving.tube(code)
        leaving.step(tube, Action.STORE, place=box, position=f"A{number + 1}")
        recorded = leaving.decide(samples, information, participant=code)
        assert (leaving.order(code) is not None) is ordered, PAIRS[number]
        assert (recorded.due_on is not None) is asked
        assert leaving.holds(tube) == ({"withdrawal"} if blocked else set())
        if blocked:
            with pytest.raises(StepRefused, match="withdrawal"):
                leaving.step(tube, Action.CHECK_OUT)
        else:
            leaving.step(tube, Action.CHECK_OUT)
        assert participant_named(leaving.work, code).left
    told = leaving.work.session.query(Message).order_by(Message.id).all()
    assert [message.about for message in told] == [f"decision:{n + 1}" for n in range(len(PAIRS))]
    assert {message.addressee for message in told} == {f"A20000000{n}" for n in range(len(PAIRS))}


def test_every_specimen_is_held_wherever_it_is(leaving):
    tubes = leaving.received()
    serum, edta, plasma, *_ = tubes.values()
    leaving.step(plasma, Action.STORE, place=leaving.box(), position="A1")
    leaving.step(plasma, Action.CHECK_OUT)
    leaving.step(edta, Action.REPORT_LOST)
    children = [{"specification": "serum", "volume_microlitres": 500}] * 2
    leaving.step(serum, Action.ALIQUOT, details={"children": children})
    leaving.decide("keep", "remove")
    specimens = specimens_of_person(leaving.work, CODE)
    assert len(specimens) == len(tubes) + 2
    assert {"withdrawal"} == {hold for item in specimens for hold in leaving.holds(item.identifier)}
    assert all(leaving.holds(item.identifier) for item in specimens)


def test_keeping_first_and_destroying_years_later(leaving):
    tube = leaving.tube()
    leaving.decide("keep", "keep", hours=2)
    assert leaving.holds(tube) == set()
    leaving.decide("destroy", "keep")
    assert leaving.holds(tube) == {"withdrawal"}
    assert [line.outcome for line in lines_of(leaving.work, leaving.order())] == [None]
    assert [decision.samples for decision in decisions_of(leaving.work, CODE)] == ["keep", "destroy"]


def test_an_open_question_is_asked_until_it_is_answered(leaving):
    tube = leaving.tube()
    leaving.decide("undecided", "undecided")
    assert leaving.holds(tube) == {"withdrawal"}
    assert [each.participant for each in undecided_decisions(leaving.work)] == [CODE]
    assert not any(map(is_overdue, undecided_decisions(leaving.work)))
    leaving.decide("keep", "keep")
    assert leaving.holds(tube) == set()
    assert undecided_decisions(leaving.work) == []


def test_no_answer_takes_nothing_back(leaving):
    tube = leaving.tube()
    leaving.decide("destroy", "remove")
    leaving.decide("undecided", "undecided")
    standing = participant_named(leaving.work, CODE)
    assert (standing.information, standing.samples) == ("remove", "destroy")
    assert leaving.holds(tube) == {"withdrawal"}
    assert undecided_decisions(leaving.work) == []


@pytest.mark.parametrize("again", [("keep", "remove"), ("destroy", "keep"), ("undecided", "keep")])
def test_a_reversal_is_not_a_second_decision(leaving, again):
    tube = leaving.tube()
    leaving.decide("destroy", "remove")
    with pytest.raises(checks.ReversalNeeded, match="compliance and a second person"):
        leaving.decide(*again)
    assert leaving.holds(tube) == {"withdrawal"}
    assert len(decisions_of(leaving.work, CODE)) == 1


def test_who_stays_decides_about_what_was_given(leaving):
    given = leaving.tube()
    leaving.decide("destroy", "keep", leaves=False)
    assert leaving.holds(given) == {"withdrawal"}
    leaving.collected_at = moments.now() + timedelta(minutes=2)
    later = leaving.collected("urine-1")["1UR10"]
    assert leaving.holds(later) == set()
    order = leaving.order()
    assert [leaving.row(given).id] == [line.item_id for line in lines_of(leaving.work, order)]
    leaving.decide("destroy", "remove")
    assert leaving.holds(later) == {"withdrawal"}
    assert {line.item_id for line in lines_of(leaving.work, order)} == {
        leaving.row(given).id,
        leaving.row(later).id,
    }


def test_what_was_drawn_after_a_form_was_signed_is_not_used_even_when_kept(leaving):
    before = leaving.tube()
    leaving.collected_at = moments.now() - timedelta(hours=20)
    after = leaving.tube()
    leaving.decide("keep", "keep", hours=30)
    assert leaving.holds(before) == set()
    assert leaving.holds(after) == {"withdrawal"}


def test_both_times_of_a_decision_are_kept(leaving):
    recorded = leaving.decide(hours=72)
    assert recorded.recorded_at - recorded.decided_at >= timedelta(hours=72)
    entry = entries_of(leaving.work, subject_of(CODE))[-1]
    assert entry.kind == "decision"
    assert entry.event == entry.event | decision_content(recorded)
    assert entry.event["zone"] == "America/Chicago"


def test_a_decision_ahead_of_the_clock_is_refused(leaving):
    with pytest.raises(checks.DecidedInTheFuture, match="has not come yet"):
        leaving.decide(hours=-1)
    assert leaving.order() is None


def test_nobody_unknown_and_nobody_of_another_site(leaving):
    with pytest.raises(ParticipantUnknown, match="A999999999"):
        leaving.decide(participant="A999999999")
    with pytest.raises(ParticipantUnknown):
        leaving.decide(by=leaving.technician)
    assert leaving.work.session.query(RecordedDecision).count() == 0


@pytest.mark.parametrize("asks", ["Testa Participant", "testa@example.org", " ", "x" * 81, "a\nb"])
def test_who_asks_is_a_code(leaving, asks):
    with pytest.raises((checks.LooksLikeAName, checks.WhoAsksMissing)):
        leaving.decide(requested_by=asks)


@pytest.mark.parametrize(
    "asks", ["Testa <b>Nandu</b> 1984", "Testa7 Nandu", "Testa 7 Nandu", "Tes<i>ta Nan</i>du", "<kin>"]
)
def test_markup_and_digits_hide_no_name_of_who_asks(leaving, asks):
    with pytest.raises(checks.LooksLikeAName):
        leaving.decide(requested_by=asks)


@pytest.mark.parametrize("asks", ["kin, 555-123-4567", "555-<b>123</b>-4567", "P123456789"])
def test_who_asks_is_no_number_of_a_person(leaving, asks):
    with pytest.raises((NamesSomebody, checks.LooksLikeAName)):
        leaving.decide(requested_by=asks)


def test_a_participant_asks_under_a_code_of_their_own(leaving):
    leaving.participant("A100000007")
    participant_named(leaving.work, leaving.participant("A100000008")).linked_to = CODE
    leaving.work.flush()
    with pytest.raises(checks.SomebodyElsesCode, match=f"A100000007 is no code of {CODE}") as refusal:
        leaving.decide(requested_by=" a100000007")
    assert refusal.value.extra["field"] == "requested_by"
    told = leaving.decision(requested_by="A100000007")
    asked = {name: getattr(told, name) for name in ("requested_by", "capacity", "channel", "decided_at")}
    with pytest.raises(checks.SomebodyElsesCode):
        refuse_scopes(
            leaving.work, Refusal(participant=CODE, scopes=[Scope.BLOOD], **asked), by=leaving.compliance
        )
    leaving.decide(requested_by="A100000008")
    kin = {"capacity": Capacity.NEXT_OF_KIN, "evidence": "letter 7"}
    leaving.decide(requested_by="A100000007", **kin)


def test_papers_are_numbered_and_markup_in_them_hides_no_name(leaving):
    assert leaving.decide(evidence="Form 7 Annex 2").evidence == "Form 7 Annex 2"
    with pytest.raises(checks.LooksLikeAName):
        leaving.decide(evidence="letter of Testa<br>Nandu")


@pytest.mark.parametrize("asks", ["participant", "A100000001", "next of kin 2", "rep-17"])
def test_a_role_is_a_code_too(leaving, asks):
    assert leaving.decide(requested_by=asks).requested_by == asks


def test_next_of_kin_bring_papers(leaving):
    participant_named(leaving.work, CODE).deceased_on = moments.now().date()
    with pytest.raises(checks.PapersMissing, match="papers"):
        leaving.decide(capacity=Capacity.NEXT_OF_KIN, requested_by="kin-1")
    leaving.decide(capacity=Capacity.NEXT_OF_KIN, requested_by="kin-1", evidence="letter 2026-17")
    assert leaving.work.session.query(Message).one().addressee == "kin-1"


def test_a_ceremony_blocks_until_compliance_settles_it(leaving):
    leaving.window(0)
    leaving.tube()
    leaving.decide(ceremony=Ceremony.UNANSWERED)
    assert stage(leaving.order()) == "waiting"
    leaving.decide(ceremony=Ceremony.NO)
    assert stage(leaving.order()) == "ready"


def test_all_of_a_decision_or_nothing(leaving, monkeypatch):
    tube = leaving.tube()

    def no_room(*_, **__):
        raise RuntimeError("no room left")

    monkeypatch.setattr(operations, "queue_message", no_room)
    with pytest.raises(RuntimeError), leaving.work.savepoint():
        leaving.decide()
    assert leaving.holds(tube) == set()
    assert leaving.order() is None
    assert decisions_of(leaving.work, CODE) == []
    assert participant_named(leaving.work, CODE).decided_at is None


@pytest.mark.parametrize("table", ["decisions", "certificates"])
@pytest.mark.parametrize("change", ["UPDATE {} SET id = id + 1000", "DELETE FROM {}"])
def test_what_is_written_stays(leaving, table, change):
    if table == "decisions":
        leaving.decide()
    else:
        leaving.window(0)
        leaving.decide()
        leaving.confirm(leaving.order())
    leaving.work.flush()
    with pytest.raises(DatabaseError, match="append-only"), leaving.work.savepoint():
        leaving.work.connection.execute(text(change.format(table)))


def test_who_decided_nothing_has_nothing_held(leaving):
    tube = leaving.tube()
    bring_up_to_date(leaving.work, CODE, by=leaving.technician)
    assert (leaving.holds(tube), leaving.order()) == (set(), None)


def test_no_answer_about_a_ceremony_keeps_the_earlier_one(leaving):
    leaving.decide(ceremony=Ceremony.NO)
    leaving.decide(ceremony=Ceremony.UNANSWERED)
    assert leaving.order().ceremony == "no"
