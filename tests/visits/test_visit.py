"""A visit from the person in the chair to the compensation, and what is refused, asked back or taken."""

import dataclasses
from datetime import timedelta

import pytest
from sqlalchemy import select

from biobank.core.errors import NotFound
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.steps import AskedBack, Source
from biobank.destruction.choices import Ceremony
from biobank.kits.choices import AmendReason, CancelReason, RestoreReason
from biobank.ledger.models import LedgerEntry
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.queries import sites_visited
from biobank.replays import REPLAYS
from biobank.visits import checks, kit_checks
from biobank.visits.answers import (
    QuestionsUnknown,
    clear_safety,
    erase_safety_answers,
    forget_old_answers,
)
from biobank.visits.appointments import expect
from biobank.visits.inputs import SafetyTold
from biobank.visits.models import SafetyAnswers
from biobank.visits.operations import (
    amend_visit,
    assign_kit,
    attest_identity,
    cancel_visit,
    close_visit,
    confirm_labels,
    hand_out_compensation,
    open_visit,
    restore_visit,
)
from biobank.visits.queries import (
    answers_of,
    clearance_of,
    expected_today,
    kits_of,
    today_at,
    visit_of_kit,
    visit_seen_by,
    visits_asked_for,
)
from biobank.visits.question_sets import AnswerMissing
from biobank.visits.replay import visit_findings
from biobank.visits.sealed_answers import answers_ring, seal
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw
from tests.floor import CODE
from tests.visits.conftest import CHILD, NOTHING_AMISS


def test_an_ordinary_visit_is_kept_as_the_ledger_tells_it(clinic):
    visit = clinic.ready()
    first, second = clinic.assigned(visit), clinic.assigned(visit, "urine-1")
    assert visit_of_kit(clinic.work, clinic.now(first)).id == visit.id
    confirm_labels(clinic.work, visit.id, first, clinic.telling())
    hand_out_compensation(clinic.work, visit.id, clinic.telling())
    with pytest.raises(checks.CompensatedAlready, match="nothing more is due"):
        hand_out_compensation(clinic.work, visit.id, clinic.telling())
    close_visit(clinic.work, visit.id, clinic.telling())
    assert [(kit.identifier, link.labels_confirmed_by) for kit, link in kits_of(clinic.work, visit)] == [
        (first, "clinic.ana"), (second, None),
    ]  # fmt: skip
    assert (visit.state, visit.compensation, visit.clearance) == ("closed", "25 USD", "full")
    assert [finding for replay in REPLAYS for finding in replay(clinic.work)] == []


def test_who_comes_again_today_goes_on_with_the_same_visit(clinic):
    visit = clinic.visit()
    assert clinic.visit().id == visit.id
    close_visit(clinic.work, visit.id, clinic.telling())
    assert clinic.visit().id != visit.id
    assert {each.id for each in clinic.work.session.scalars(visits_asked_for(clinic.clinic))} == {1, 2}
    with pytest.raises(NotFound):
        visit_seen_by(clinic.work, clinic.elsewhere, visit.id)


def test_who_was_never_here_is_asked_back_once_known_elsewhere_or_not(clinic):
    there = clinic.telling(by=clinic.elsewhere)
    for code in (CODE, "A100000009"):
        with pytest.raises(AskedBack, match=f"{code} was never at biobank-2; compare"):
            open_visit(clinic.work, code, "biobank-2", there)
        visit = open_visit(clinic.work, code, "biobank-2", dataclasses.replace(there, confirmation="is here"))
        assert "biobank-2" in sites_visited(clinic.work, visit.participant)


def test_nothing_is_assigned_before_who_it_is_and_whether_blood_may_be_drawn(clinic):
    visit, kit = clinic.visit(), clinic.kit()
    with pytest.raises(kit_checks.IdentityNotAttested, match="two identifiers first"):
        assign_kit(clinic.work, visit.id, kit, clinic.telling())
    with pytest.raises(checks.TwoIdentifiersNeeded):
        attest_identity(clinic.work, visit.id, ["full_name", "full_name"], clinic.telling())
    attest_identity(clinic.work, visit.id, ["full_name", "photo_id"], clinic.telling())
    with pytest.raises(kit_checks.NotCleared, match="safety questions first"):
        assign_kit(clinic.work, visit.id, kit, clinic.telling())
    clinic.answered(visit)
    assign_kit(clinic.work, visit.id, kit, clinic.telling())


def test_what_paper_tells_of_is_taken_with_a_flag(clinic):
    visit, kit = clinic.visit(), clinic.kit()
    done = assign_kit(clinic.work, visit.id, kit, clinic.telling(source=Source("paper", "form 12")))
    assert done.event["flags"] == ["identity_not_attested", "not_cleared"]
    assert visit_of_kit(clinic.work, clinic.now(kit)).id == visit.id


@pytest.mark.parametrize(
    ("answers", "cleared"),
    [
        ({"donated_past_week": "yes"}, "no_blood"),
        ({"whole_blood_six_months": "unknown", "plasma_past_week": "yes"}, "urine_only"),
        ({"fainted_before": "unknown"}, "full"),
        ({"fainted_before": "yes", "red_cells_two_months": "yes"}, "no_blood"),
    ],
)
def test_answers_leave_what_the_strictest_of_them_leaves(clinic, answers, cleared):
    assert clearance_of(clinic.work, clinic.ready(answers=answers)) == cleared


def test_who_fainted_before_gives_what_staff_choose(clinic):
    with pytest.raises(AnswerMissing, match="fewer tubes") as refusal:
        clinic.ready(answers={"fainted_before": "yes"})
    assert refusal.value.extra == {"field": "chosen"}
    assert clinic.ready(answers={"fainted_before": "yes"}, chosen="modified").clearance == "modified"


def test_blood_that_was_not_cleared_is_asked_back_and_then_taken(clinic):
    visit = clinic.ready(answers={"donated_past_week": "yes"})
    tubes = clinic.tubes(clinic.assigned(visit))
    clinic.collect(tubes["1UR10"])
    with pytest.raises(AskedBack, match="No blood was cleared"):
        clinic.collect(tubes["1ED04"])
    clinic.collect(tubes["1ED04"], confirmation="it was drawn before the question was asked")
    assert clinic.cases(tubes["1ED04"]) == ["not_cleared"]


def test_the_ledger_never_holds_an_answer_or_a_weight(clinic):
    visit = clinic.ready(CHILD, answers={"fainted_before": "yes"}, chosen="full", weight_grams=41_357)
    told = b" ".join(clinic.work.session.scalars(_entries(visit)))
    assert not any(word in told for word in (b"41357", b"fainted", b'"yes"'))
    assert visit.answers_sha256.encode() in told


def _entries(visit):
    return select(LedgerEntry.body).where(LedgerEntry.subject == f"visit:{visit.id}")


def test_answers_are_erased_and_what_was_cleared_stays(clinic):
    visit = clinic.ready()
    answered = answers_of(clinic.work, visit)
    assert answered.digest == visit.answers_sha256
    kept = clinic.work.session.get(SafetyAnswers, visit.id)
    otherwise = dataclasses.replace(answered, answers={**NOTHING_AMISS, "fainted_before": "yes"})
    kept.sealed = seal(otherwise, visit.id, answers_ring(clinic.work).data_key(kept.key_number))
    assert [finding.subject for finding in visit_findings(clinic.work)] == [f"visit:{visit.id}"]
    assert erase_safety_answers(clinic.work, CODE, by=clinic.clinic) == 1
    assert answers_of(clinic.work, visit) is None
    assert visit.clearance == "full"
    assert list(visit_findings(clinic.work)) == []


def test_who_has_their_information_removed_has_their_answers_erased(clinic):
    visit = clinic.ready()
    decision = Decision(
        participant=CODE, requested_by=CODE, capacity=Capacity.PARTICIPANT, channel=Channel.PHONE, ceremony=Ceremony.NOT_APPLICABLE,
        decided_at=clinic.told(), leaves=True, information=InformationAnswer.REMOVE, samples=SamplesAnswer.KEEP,
    )  # fmt: skip
    withdraw(clinic.work, decision, by=clinic.clinic)
    assert answers_of(clinic.work, visit) is None
    assert [finding for replay in REPLAYS for finding in replay(clinic.work)] == []


def test_old_answers_are_forgotten(app, settings):
    from biobank.core.database import writing
    from biobank.wiring import install_rules
    from tests.visits.conftest import Clinic

    with app.app_context():
        with writing() as work:
            install_rules()
            clinic = Clinic(work)
            clinic.ready()
            old = work.session.get(SafetyAnswers, clinic.ready(CHILD, weight_grams=20_000).id)
            old.answered_at -= timedelta(days=settings.safety_answers_days + 1)
        assert forget_old_answers(settings) == 1
        assert forget_old_answers(settings.with_changes(safety_answers_days=0)) == 0


def test_a_visit_that_differs_from_the_log_is_named(clinic):
    first, second = clinic.ready(), clinic.visit(CHILD)
    first.clearance = "urine_only"
    second.id += 1000
    clinic.work.flush()
    found = [f"{finding.subject} {finding.sentence}" for finding in visit_findings(clinic.work)]
    assert [each.split()[0] for each in found] == ["visit:1", "visit:2", "visit:1002"]
    assert "clearance urine_only, not full" in found[0]


# Children.


def test_a_child_gives_no_more_than_its_weight_allows(clinic):
    visit = clinic.ready(CHILD, weight_grams=4_900)
    with pytest.raises(kit_checks.KitTooLarge, match="take pediatric-below-5-kg-3.2") as refusal:
        clinic.assigned(visit, "pediatric-below-16.4-kg-3.2")
    assert "4.9" not in refusal.value.detail
    tubes = clinic.tubes(clinic.assigned(visit, "pediatric-below-5-kg-3.2"))
    clinic.collect(tubes["2ED02"])


@pytest.mark.parametrize("grams", [None, 2_400])
def test_a_child_of_unknown_or_small_weight_gives_no_blood(clinic, grams):
    visit = clinic.ready(CHILD, weight_grams=grams)
    assert visit.clearance == "no_blood"
    clinic.assigned(visit, "pediatric-below-2.5-kg-3.2")


def test_a_child_is_asked_the_questions_for_children(clinic):
    visit = clinic.visit(CHILD)
    safety = SafetyTold(question_set="adult-1", answers=NOTHING_AMISS)
    with pytest.raises(QuestionsUnknown):
        clear_safety(clinic.work, visit.id, safety, clinic.telling())


def test_within_eight_weeks_no_more_than_3_ml_a_kilogram(clinic):
    """4.9 kg: 14.7 mL. Told elsewhere 11 mL, a tube of 1.5 mL of 2, and 2 mL still to draw: 14.5 mL."""
    visit = clinic.ready(CHILD, weight_grams=4_900, drawn_elsewhere_microlitres=11_000)
    kit = clinic.assigned(visit, "pediatric-below-5-kg-3.2")
    tube = clinic.tubes(kit)["2ED02"]
    clinic.collect(tube, details={"fill": "short", "volume_microlitres": 1_500})
    clinic.assigned(visit, "pediatric-below-5-kg-3.2")
    with pytest.raises(kit_checks.VolumeLimit, match="more blood than is allowed within eight weeks"):
        clinic.assigned(visit, "pediatric-below-5-kg-3.2")
    clinic.row(tube).collected_at -= timedelta(weeks=9)
    clinic.work.flush()
    clinic.answered(visit, weight_grams=4_900, drawn_elsewhere_microlitres=10_000)
    clinic.assigned(visit, "pediatric-below-5-kg-3.2")


def test_a_guardian_signs_for_a_child(clinic):
    clinic.consent(CHILD, signed_by="participant")
    visit = clinic.ready(CHILD, weight_grams=4_900)
    with pytest.raises(kit_checks.GuardianMissing, match="no guardian signed the consent for blood"):
        clinic.assigned(visit, "pediatric-below-5-kg-3.2")
    clinic.consent(CHILD, signed_by="guardian", assent=True)
    clinic.assigned(visit, "pediatric-below-5-kg-3.2")


def test_an_unlikely_weight_is_asked_back_once(clinic):
    visit = clinic.visit(CHILD)
    with pytest.raises(AskedBack, match="weigh again"):
        clinic.answered(visit, weight_grams=490_000)
    clinic.answered(visit, weight_grams=490_000, confirmation="weighed twice")


# The visit as a whole.


def test_a_cancelled_visit_holds_its_tubes_until_it_is_restored(clinic):
    visit = clinic.ready()
    kit = clinic.assigned(visit)
    tube = clinic.tubes(kit)["1ED04"]
    clinic.collect(tube)
    with pytest.raises(checks.RemarkRefused):
        cancel_visit(clinic.work, visit.id, CancelReason.OTHER, clinic.telling())
    with pytest.raises(NamesSomebody):
        cancel_visit(
            clinic.work, visit.id, CancelReason.OTHER, clinic.telling(), remark="ask testa@example.org"
        )
    cancel_visit(clinic.work, visit.id, CancelReason.WRONG_PARTICIPANT, clinic.telling())
    assert clinic.holds(tube) == clinic.holds(kit) == {"cancelled"}
    with pytest.raises(checks.VisitNotOpen, match="restore it first"):
        close_visit(clinic.work, visit.id, clinic.telling())
    restore_visit(clinic.work, visit.id, RestoreReason.RIGHT_PARTICIPANT, clinic.telling())
    assert clinic.holds(tube) == clinic.holds(kit) == set()
    assert (visit.state, visit.version) == ("open", 2)
    assert [finding for replay in REPLAYS for finding in replay(clinic.work)] == []


def test_a_closed_visit_is_amended_as_a_version_of_its_own(clinic):
    visit = clinic.visit()
    with pytest.raises(checks.VisitNotOpen, match="only one that is closed"):
        amend_visit(clinic.work, visit.id, AmendReason.TIMES, clinic.telling())
    close_visit(clinic.work, visit.id, clinic.telling())
    with pytest.raises(checks.VisitNotOpen, match="amend it first"):
        clinic.answered(visit)
    amend_visit(clinic.work, visit.id, AmendReason.TIMES, clinic.telling())
    clinic.answered(visit)
    assert (visit.state, visit.version) == ("open", 2)


def test_who_has_an_appointment_is_expected_until_they_come(clinic):
    today = today_at(clinic.work, "clinic-1")
    expect(clinic.work, CODE, "clinic-1", today, time="14:00", by=clinic.clinic)
    expect(clinic.work, CHILD, "clinic-1", today, time="09:30", by=clinic.clinic)
    assert [each.participant for each in expected_today(clinic.work, "clinic-1")] == [CHILD, CODE]
    clinic.visit(CHILD)
    assert [each.participant for each in expected_today(clinic.work, "clinic-1")] == [CODE]
