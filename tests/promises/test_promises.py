"""What participants were promised, in the programme's own words: one test each, as a user would notice it."""

from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.core.codes import NotACode
from biobank.custodians.choices import CustodianKind
from biobank.custodians.inputs import NewCustodian
from biobank.custodians.operations import add_custodian
from biobank.custody.checks import StepRefused
from biobank.custody.states import Action, State
from biobank.custody.steps import AskedBack
from biobank.destruction.queries import lines_of, specimens_of_person
from biobank.distribution.checks import RequestMissing
from biobank.distribution.choices import HolderAnswer
from biobank.distribution.inputs import HolderTold
from biobank.distribution.operations import ask_holder, check_past_study, holder_answered
from biobank.distribution.queries import (
    distribution_of,
    distributions_of_participant,
    holders_to_ask,
    request_called,
)
from biobank.exchange.study_files import study_file
from biobank.ledger.queries import entries_of
from biobank.messages.models import Message
from biobank.participants.checks import CollectionStopped
from biobank.participants.queries import participant_named, standing
from biobank.withdrawals import deaths, mistakes, reversing, staying
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import DeathTold, NewConsent
from biobank.withdrawals.queries import (
    decisions_of,
    information_is_used,
    left_out_of_exports,
    undecided_decisions,
)
from tests.floor import CODE, PAPER
from tests.studies import approve, approved, committee, hand_over, register, shares
from tests.withdrawals.test_api import decision
from tests.withdrawals.test_later import change

CHILD = [{"specification": "serum", "volume_microlitres": 500}]


def in_every_state(leaving):
    """One specimen of the participant in each state that a specimen can be in, by its state."""
    leaving.window(0)
    tubes = list(leaving.received().values()) + list(leaving.received().values())
    travelling = list(leaving.collected("urine-1").values())
    empty = list(leaving.assigned("urine-1").values())
    never = list(leaving.assigned("urine-1").values())
    voided = list(leaving.assigned("urine-1").values())
    box, take = leaving.box(), iter(tubes)
    steps = (
        (next(take), Action.STORE, {"place": box, "position": "A1"}),
        (next(take), Action.CONSUME, {}),
        (next(take), Action.BREAK, {}),
        (next(take), Action.REPORT_LOST, {}),
        (next(take), Action.REPORT_NEVER_RECEIVED, {"confirmation": "nobody saw it", "source": PAPER}),
        (travelling[0], Action.CENTRIFUGE, {"confirmation": "by hand", "source": PAPER}),
        (never[0], Action.MARK_NOT_COLLECTED, {"by": leaving.clinic, "details": {"reason": "refused"}}),
        (voided[0], Action.VOID, {"by": leaving.clinic, "details": {"reason": "damaged"}}),
    )
    for item, action, told in steps:
        leaving.step(item, action, **told)
    _outside(leaving, next(take), next(take), next(take))
    out = next(take)
    leaving.step(out, Action.STORE, place=box, position="A2")
    leaving.step(out, Action.CHECK_OUT)
    leaving.step(next(take), Action.ALIQUOT, details={"children": CHILD})
    parcel = leaving.parcel()
    sent = leaving.collected("urine-1")["1UR10"]
    leaving.step(sent, Action.PACK, leaving.clinic, place=parcel)
    leaving.step(
        parcel,
        Action.DISPATCH,
        leaving.clinic,
        details={"carrier": "courier"},
        confirmation="as told",
        source=PAPER,
    )
    assert leaving.row(empty[0]).state == State.EXPECTED
    return {item.state for item in specimens_of_person(leaving.work, CODE)}


def _outside(leaving, sent, given, distributed):
    """At a contract lab, with a tribe, with researchers."""
    new = NewCustodian(
        code="LAB-1", kind=CustodianKind.CONTRACT_LAB, organisation="Invented Laboratories", agreement="AG-1"
    )
    add_custodian(leaving.work, new, by=leaving.lead)
    leaving.step(sent, Action.SEND_OUT, details={"custodian": "LAB-1", "purpose": "contract_work"})
    leaving.step(given, Action.GIVE_BACK, leaving.lead, details={"given_to": "tribe", "receiver": "TRIBE-7"})
    shares(leaving)
    approved(leaving)
    hand_over(leaving, distributed)


def alive(leaving):
    return participant_named(leaving.work, CODE)


def who_left(leaving):
    leaving.decide("keep", "keep", hours=3)


def who_is_undecided(leaving):
    leaving.decide("undecided", "undecided", hours=3)


def who_destroyed_and_stayed(leaving):
    leaving.decide("destroy", "keep", hours=3, leaves=False)


def who_died(leaving):
    told = DeathTold(
        participant=CODE, requested_by="kin-1", capacity=Capacity.NEXT_OF_KIN, channel=Channel.PHONE,
        decided_at=moments.told(moments.now()),
    )  # fmt: skip
    deaths.record_death(leaving.work, told, by=leaving.compliance)


def who_came_back(leaving):
    leaving.decide("keep", "remove", hours=3)
    told = NewConsent(
        participant=CODE, form_version="2", consent_language="en", scopes=("blood",),
        effective_at=moments.now() - timedelta(hours=1), source="form F2",
    )  # fmt: skip
    staying.take_part_again(leaving.work, told, by=leaving.compliance)


def who_took_it_back(leaving):
    leaving.window(7)
    leaving.decide(hours=3)
    shown = reversing.shown_for_reversal(leaving.work, alive(leaving))[1][1]
    reversing.reverse(leaving.work, change(shown), by=leaving.compliance)


def who_is_a_child(leaving):
    alive(leaving).minor = True


STATES_OF_PEOPLE = [
    alive,
    who_left,
    who_is_undecided,
    who_destroyed_and_stayed,
    who_died,
    who_came_back,
    who_took_it_back,
    who_is_a_child,
]


def test_p01_participants_may_withdraw_at_any_time_whatever_their_samples_are(leaving):
    """Participants may withdraw at any time."""
    states = in_every_state(leaving)
    assert states >= {
        State.EXPECTED, State.COLLECTED, State.IN_TRANSIT, State.RECEIVED, State.STORED, State.CHECKED_OUT,
        State.CONSUMED, State.BROKEN, State.LOST, State.NEVER_RECEIVED, State.NOT_COLLECTED, State.VOIDED,
        State.SENT_OUT, State.GIVEN_BACK, State.DISTRIBUTED,
    }  # fmt: skip
    recorded = leaving.decide(capacity=Capacity.PARTICIPANT, evidence=None)
    assert recorded.evidence is None
    assert len(lines_of(leaving.work, leaving.order())) == len(specimens_of_person(leaving.work, CODE))
    # And once more, with pieces in waste and destroyed.
    here = [item.identifier for item in specimens_of_person(leaving.work, CODE) if item.state == State.STORED]
    leaving.destroy(*here)
    leaving.decide()
    specimens = specimens_of_person(leaving.work, CODE)
    waste = next(item.identifier for item in specimens if item.state == State.RECEIVED)
    leaving.waste(leaving.bag(), waste)
    leaving.decide()
    assert leaving.row(waste).state == State.IN_WASTE
    assert len(decisions_of(leaving.work, CODE)) == 3


@pytest.mark.parametrize("person", STATES_OF_PEOPLE, ids=lambda each: each.__name__)
def test_p01_participants_may_withdraw_at_any_time_however_they_stand(leaving, person):
    """Participants may withdraw at any time."""
    tube = leaving.tube()
    person(leaving)
    leaving.decide("undecided", "undecided")
    assert participant_named(leaving.work, CODE).left
    leaving.decide("destroy", "remove")
    assert "withdrawal" in leaving.holds(tube)


def test_p02_two_choices_none_made_up(programme):
    """You will have two choices: let the program keep using your samples and information for new studies, or
    make them unavailable."""
    _, tubes = programme.collected_kit(definition="urine-1")
    for answer in ("information", "samples", "leaves"):
        unsaid = {name: value for name, value in decision().items() if name != answer}
        assert programme.post("compliance", "/withdrawals", unsaid).status == 422
    hung_up = decision(information="undecided", samples="undecided")
    answer = programme.post("clinic_staff", "/withdrawals", hung_up)
    assert (answer.status, answer.json["order"]) == (201, None)
    assert answer.json["due_on"]
    assert programme.get("clinic_staff", f"/items/{tubes[0]}").json["holds"] == ["withdrawal"]
    still_open = programme.get("compliance", "/withdrawals/waiting").json["undecided"]
    assert [each["participant"] for each in still_open] == ["A100000001"]
    shown = programme.get("clinic_staff", "/participants/A100000001").json["standing"]
    assert (shown["collection_stopped"], shown["use_blocked"]) == (True, True)


# information, samples: use is blocked, an order is opened, information goes into new exports
PAIRS = [
    ("keep", "keep", False, False, True),
    ("keep", "destroy", True, True, True),
    ("remove", "keep", True, False, False),
    ("remove", "destroy", True, True, False),
    ("undecided", "keep", True, False, False),
    ("undecided", "destroy", True, True, False),
    ("keep", "undecided", True, False, True),
    ("remove", "undecided", True, False, False),
    ("undecided", "undecided", True, False, False),
]


@pytest.mark.parametrize(("information", "samples", "blocked", "ordered", "exported"), PAIRS)
def test_p03_what_each_pair_of_answers_does(leaving, information, samples, blocked, ordered, exported):
    """You can also decide whether we keep or destroy any samples you may have given."""
    tube, box = leaving.tube(), leaving.box()
    leaving.step(tube, Action.STORE, place=box, position="A1")
    leaving.decide(samples, information)
    assert leaving.holds(tube) == ({"withdrawal"} if blocked else set())
    assert leaving.row(tube).state == State.STORED
    assert (leaving.order() is not None) is ordered
    assert information_is_used(leaving.work, CODE) is exported
    assert (CODE in left_out_of_exports(leaving.work)) is not exported
    assert bool(undecided_decisions(leaving.work)) is ("undecided" in (information, samples))
    if blocked:
        with pytest.raises(StepRefused, match="withdrawal"):
            leaving.step(tube, Action.CHECK_OUT)
    else:
        leaving.step(tube, Action.CHECK_OUT)
    with pytest.raises(CollectionStopped):
        leaving.assigned()


def test_p03_keep_in_one_year_and_destroy_in_another(leaving):
    """You can also decide whether we keep or destroy any samples you may have given."""
    tube = leaving.tube()
    leaving.decide("keep", "keep", hours=24 * 730)
    leaving.decide("destroy", "keep", leaves=False)
    assert leaving.holds(tube) == {"withdrawal"}
    assert [line.item_id for line in lines_of(leaving.work, leaving.order())] == [leaving.row(tube).id]
    assert [each.samples for each in decisions_of(leaving.work, CODE)] == ["keep", "destroy"]


def test_p04_what_was_contributed_can_still_be_used(leaving):
    """Researchers can still use the information you have already contributed."""
    tubes = dict(leaving.received())
    first = next(iter(tubes.values()))
    leaving.decide("keep", "keep")
    assert {hold for tube in tubes.values() for hold in leaving.holds(tube)} == set()
    leaving.step(first, Action.ALIQUOT, details={"children": CHILD})
    assert information_is_used(leaving.work, CODE)
    assert leaving.order() is None
    with pytest.raises(CollectionStopped):
        leaving.assigned()


def test_p05_no_use_for_new_studies_from_the_commit_on(leaving):
    """Your information will not be used for new studies."""
    stored, bench = leaving.received(), leaving.received("urine-1")["1UR10"]
    box = leaving.box()
    for number, tube in enumerate(stored.values(), 1):
        leaving.step(tube, Action.STORE, place=box, position=f"A{number}")
    leaving.decide("keep", "remove")
    for tube in stored.values():
        with pytest.raises(StepRefused, match="withdrawal"):
            leaving.step(tube, Action.CHECK_OUT)
    told = {"details": {"children": CHILD}}
    with pytest.raises(AskedBack, match="may not be used"):
        leaving.step(bench, Action.ALIQUOT, **told)
    leaving.step(bench, Action.ALIQUOT, confirmation="made before the call", source=PAPER, **told)
    [child] = [item for item in specimens_of_person(leaving.work, CODE) if item.kind == "aliquot"]
    assert "withdrawal" in leaving.holds(child.identifier)
    with pytest.raises(StepRefused):
        leaving.step(child.identifier, Action.CHECK_OUT)


def test_p05_nothing_is_handed_to_a_study_from_the_commit_on(leaving):
    """Your information will not be used for new studies."""
    shares(leaving)
    approved(leaving)
    before, after = list(leaving.received().values())[:2]
    hand_over(leaving, before)
    leaving.decide("keep", "remove")
    for told in ({}, {"source": PAPER, "confirmation": "it is gone already"}):
        with pytest.raises(StepRefused, match="withdrawal"):
            hand_over(leaving, after, **told)
    assert leaving.row(after).state == State.RECEIVED
    assert [each.item for each in distributions_of_participant(leaving.work, CODE)] == [before]


def test_p07_information_is_left_out_of_every_later_export(leaving):
    """We will remove your information the next time we update the database."""
    other = leaving.participant("A200000001")
    assert left_out_of_exports(leaving.work) == frozenset()
    leaving.decide("keep", "remove")
    leaving.decide("destroy", "keep", participant=other)
    assert left_out_of_exports(leaving.work) == {CODE}
    assert not information_is_used(leaving.work, CODE)
    # Also under another code of theirs.
    _, sha256 = mistakes.shown_for_same_person(leaving.work, leaving.compliance, other, CODE)
    mistakes.merge_codes(leaving.work, change(sha256, participant=other, other=CODE), by=leaving.compliance)
    assert left_out_of_exports(leaving.work) == {CODE, other}


def test_p07_an_export_holds_nothing_of_who_left_and_says_how_far_the_log_was(leaving):
    """We will remove your information the next time we update the database."""
    shares(leaving)
    approved(leaving)
    tube = leaving.tube()
    assert tube in study_file(leaving.work, "REQ-7", by=leaving.lead).content.decode()
    leaving.decide("keep", "remove")
    made = study_file(leaving.work, "REQ-7", by=leaving.lead)
    assert tube not in made.content.decode()
    assert CODE not in made.content.decode()
    assert (made.export.rows, made.export.participants_left_out) == (0, 1)
    [entry] = entries_of(leaving.work, f"export:{made.export.id}")
    [decided] = [each for each in entries_of(leaving.work, f"participant:{CODE}") if each.kind == "decision"]
    assert decided.leaf_index < entry.event["log_size"]


def test_p08_what_researchers_have_is_asked_for_and_never_called_destroyed(leaving):
    """If researchers already have your information, we cannot get it back."""
    shares(leaving)
    approved(leaving)
    tube = leaving.tube()
    hand_over(leaving, tube)
    leaving.decide()
    assert [each.item for each in holders_to_ask(leaving.work)] == [tube]
    today = moments.now().date()
    asked = HolderTold(item=tube, on=today, reference="LETTER-1")
    ask_holder(leaving.work, asked, by=leaving.lead)
    destroyed = HolderTold(item=tube, on=today, answer=HolderAnswer.DESTROYED, reference="LETTER-2")
    holder_answered(leaving.work, destroyed, by=leaving.lead)
    told = distribution_of(leaving.work, leaving.row(tube).id)
    assert (told.receiver, told.study, told.asked_on, told.answer) == ("UNI-1", "STUDY-A", today, "destroyed")
    # Whatever they say of it: it was given away, and we saw nothing of its end.
    assert leaving.row(tube).state == State.DISTRIBUTED


def test_p09_what_a_past_study_had_stays_readable_for_checking_it_and_each_look_is_written_down(leaving):
    """We will let researchers check the results of past studies; if they need your old data to do this, we will
    give it."""
    shares(leaving)
    approved(leaving)
    tube, other = list(leaving.received().values())[:2]
    hand_over(leaving, tube)
    leaving.decide()
    looked = check_past_study(leaving.work, "REQ-7", "CHECK-12", by=leaving.compliance)
    assert [(each.item, each.purpose) for each in looked] == [(tube, "Lipids, sleep")]
    [entry] = [
        each for each in entries_of(leaving.work, "study_request:1") if each.event["change"] == "checked"
    ]
    assert (entry.event["reference"], entry.event["items"]) == ("CHECK-12", 1)
    assert entry.event["recorded_by"] == "comp.cleo"
    with pytest.raises(NotACode):
        check_past_study(leaving.work, "REQ-7", "", by=leaving.compliance)
    with pytest.raises(StepRefused):  # no specimen goes with it
        hand_over(leaving, other)


def test_p10_name_and_contact_information_are_kept(programme):
    """In both cases, we will keep your name and contact information."""
    person = {"given_name": "Testa", "family_name": "Participant", "birth_date": "1984-05-31"}
    kept = programme.ask("identity_officer", "PUT", "/identity/A100000001", {**person, "reason": "enrolment"})
    assert kept.status in (200, 201), kept.json
    headers = {"Authorization": f"Bearer {programme.tokens['clinic_staff']}"}
    form = programme.app.test_client().get("/participants/A100000001/decision", headers=headers).text
    assert 0 < form.index("we keep your name and contact information") < form.index('name="bundle"')
    assert programme.post("compliance", "/withdrawals", decision()).status == 201
    read = programme.post("compliance", "/identity/A100000001/reads", {"reason": "caller"})
    assert read.status in (200, 201), read.json
    assert read.json["family_name"] == "Participant"


def test_p11_one_message_confirms_each_decision(leaving):
    """You will receive a message that confirms your decision."""
    leaving.tube()
    leaving.decide("keep", "keep", hours=3)
    leaving.decide("destroy", "keep", hours=2)
    shown = reversing.shown_for_reversal(leaving.work, participant_named(leaving.work, CODE))[1][1]
    reversing.reverse(leaving.work, change(shown), by=leaving.compliance)
    who_died(leaving)
    leaving.decide(capacity=Capacity.NEXT_OF_KIN, requested_by="kin-1", evidence="letter 7")
    told = leaving.work.session.query(Message).order_by(Message.id).all()
    assert [message.about for message in told] == ["decision:1", "decision:2", "change:1", "decision:3"]
    assert {message.addressee for message in told} == {"kin-1"}
    assert standing(participant_named(leaving.work, CODE)).died


def test_p22_only_approved_studies_get_anything_and_each_hand_over_names_its_approval(leaving):
    """Only researchers approved by the program will be allowed to see data from individual participants."""
    shares(leaving)
    committee(leaving)
    tube = leaving.tube()
    with pytest.raises(RequestMissing):
        leaving.step(tube, Action.DISTRIBUTE)
    register(leaving)
    with pytest.raises(StepRefused, match="is not approved"):
        hand_over(leaving, tube)
    approved(leaving, "REQ-8", valid_until=moments.now().date() - timedelta(days=1),
             valid_from=moments.now().date() - timedelta(days=9))  # fmt: skip
    with pytest.raises(StepRefused, match="ended on"):
        hand_over(leaving, tube, "REQ-8")
    approve(leaving, who="acc.mara")
    hand_over(leaving, tube)
    event = entries_of(leaving.work, tube)[-1].event
    told = distribution_of(leaving.work, leaving.row(tube).id)
    request = request_called(leaving.work, event["details"]["request"])
    assert (told.request, told.receiver, told.agreement) == ("REQ-7", "UNI-1", "MTA-2026-3")
    assert (request.approved_by, bool(request.approval_signature)) == ("acc.mara", True)
    assert told.purpose == "Lipids, sleep"
