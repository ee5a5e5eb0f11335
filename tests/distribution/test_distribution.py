"""Material goes to approved studies only, and what became of it is asked when its participant withdraws."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from biobank.access.checks import CredentialsRefused, PermissionMissing, RecordChanged
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.codes import NotACode
from biobank.core.days import DayRefused
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.checks import OtherSite, StepRefused
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.custody.steps import Source
from biobank.distribution import checks, operations
from biobank.distribution.choices import EndedBecause, HolderAnswer, RequestStanding
from biobank.distribution.inputs import HolderTold, Portion
from biobank.distribution.queries import (
    distribution_of,
    distributions_of_participant,
    holders_to_ask,
    request_called,
    standing_on,
)
from biobank.distribution.replay import request_findings
from biobank.ledger.queries import entries_of
from biobank.participants import own_names
from biobank.processing.inputs import NewPool, Part
from biobank.processing.pools import make_pool
from tests.floor import CODE, PAPER, actor
from tests.studies import NUMBER, approve, approved, hand_over, new_request, register, shares

TODAY = timedelta()
NAMED = (CODE, "LETTER-TESTA")


def stored(floor, count=1):
    box = floor.box()
    tubes = list(floor.received().values())[:count]
    for number, tube in enumerate(tubes, 1):
        floor.step(tube, Action.STORE, place=box, position=f"A{number}")
    return tubes


def clean(floor):
    assert list(request_findings(floor.work)) == []


def test_what_an_approved_study_gets_is_gone_for_good_and_its_record_says_where(sharing):
    approved(sharing)
    [tube] = stored(sharing)
    done = hand_over(sharing, tube)
    assert [alert.kind for alert in done.alerts] == ["distributed"]
    assert sharing.row(tube).state == State.DISTRIBUTED
    assert sharing.row(tube).container_id is None
    told = distribution_of(sharing.work, sharing.row(tube).id)
    assert (told.request, told.study, told.receiver, told.agreement) == (
        NUMBER,
        "STUDY-A",
        "UNI-1",
        "MTA-2026-3",
    )
    assert told.at is not None
    assert not told.came_back
    assert told.answer is None
    assert [each.item for each in distributions_of_participant(sharing.work, CODE)] == [tube]
    clean(sharing)


def test_nobody_approves_their_own_request_and_only_what_was_shown_is_signed(sharing):
    operations.register_request(sharing.work, new_request(), by=sharing.compliance)
    with pytest.raises(checks.OwnRequest, match="somebody else approves"):
        approve(sharing)
    with pytest.raises(PermissionMissing):
        approve(sharing, who="bio.lea")
    with pytest.raises(CredentialsRefused):
        approve(sharing, who="acc.mara", password="wrong")
    with pytest.raises(RecordChanged):
        approve(sharing, who="acc.mara", sha256="0" * 64)
    request = approve(sharing, who="acc.mara")
    assert (request.approved_by, standing_on(request)) == ("acc.mara", RequestStanding.OPEN)
    signed = entries_of(sharing.work, f"signature:{request.approval_signature}")[0].event
    assert signed["records"] == [
        {"kind": "study_request", "identifier": NUMBER, "sha256": request.record_sha256}
    ]
    with pytest.raises(checks.NotToApprove):
        approve(sharing)
    clean(sharing)


@pytest.mark.parametrize(
    ("told", "refusal"),
    [
        ({"number": "two words"}, NotACode),
        ({"receiver": "testa@example.org"}, NotACode),
        ({"purpose": "call (312) 555-0142"}, NamesSomebody),
        ({"portions": ()}, checks.RequestRefused),
        ({"portions": (Portion(kind=Kind.BOX, most=1),)}, checks.RequestRefused),
        ({"portions": (Portion(kind=Kind.TUBE, most=0),)}, checks.RequestRefused),
        ({"portions": (Portion(kind=Kind.TUBE, most=1_000_001),)}, checks.RequestRefused),
        ({"portions": (Portion(kind=Kind.TUBE, specification="x" * 65, most=1),)}, checks.RequestRefused),
        ({"portions": (Portion(kind=Kind.TUBE, specification="a\nb", most=1),)}, checks.RequestRefused),
        ({"portions": (Portion(kind=Kind.TUBE, specification="testa@example.org", most=1),)}, NamesSomebody),
        (
            {"portions": (Portion(kind=Kind.TUBE, most=1), Portion(kind=Kind.TUBE, most=2))},
            checks.RequestRefused,
        ),
        ({"purpose": " "}, checks.RequestRefused),
        ({"purpose": "x" * 201}, checks.RequestRefused),
        ({"purpose": "two\nlines"}, checks.RequestRefused),
        ({"days": -30}, checks.RequestRefused),
        ({"days": -3}, checks.RequestRefused),
    ],
)
def test_a_request_that_cannot_be_is_refused(sharing, told, refusal):
    with pytest.raises(refusal):
        operations.register_request(sharing.work, new_request(**told), by=sharing.lead)


@pytest.mark.parametrize(
    "told",
    [
        {"purpose": "x" * 200},
        {"portions": (Portion(kind=Kind.TUBE, specification="x" * 64, most=1_000_000),)},
        {
            "portions": (
                Portion(kind=Kind.TUBE, most=1),
                Portion(kind=Kind.TUBE, specification="1UR10", most=1),
            )
        },
        {"days": -2},
    ],
)
def test_a_request_may_be_as_long_as_is_said_and_for_one_day(sharing, told):
    assert operations.register_request(sharing.work, new_request(**told), by=sharing.lead).number == NUMBER


def test_an_answer_is_no_older_than_the_hand_over_and_a_destruction_has_its_letter(sharing):
    approved(sharing)
    [tube] = stored(sharing)
    hand_over(sharing, tube)
    sharing.decide()
    before = moments.now().date() - timedelta(days=2)
    for answer in (
        told(tube, before, answer=HolderAnswer.KEPT),
        told(tube, answer=HolderAnswer.DESTROYED),
    ):
        with pytest.raises(checks.HolderAnswerRefused, match=r"handed over on|number of the letter"):
            operations.holder_answered(sharing.work, answer, by=sharing.lead)
    destroyed = told(tube, answer=HolderAnswer.DESTROYED, reference="LETTER-3")
    assert operations.holder_answered(sharing.work, destroyed, by=sharing.lead).answer == "destroyed"


def not_approved(floor):
    register(floor)


def ended(floor):
    approved(floor)
    operations.end_request(floor.work, NUMBER, EndedBecause.APPROVAL_REVOKED, by=floor.compliance)


def begins_later(floor):
    approved(floor, valid_from=moments.now().date() + timedelta(days=1))


def over(floor):
    today = moments.now().date()
    approved(floor, valid_from=today - timedelta(days=9), valid_until=today - timedelta(days=1))


def of_other_kinds(floor):
    approved(floor, kinds=(Kind.ALIQUOT,))


def of_another_tube(floor):
    approved(floor, portions=(Portion(kind=Kind.TUBE, specification="1UR10", most=5),))


@pytest.mark.parametrize(
    "study",
    [not_approved, ended, begins_later, over, of_other_kinds, of_another_tube],
    ids=lambda one: one.__name__,
)
def test_nothing_goes_to_a_study_without_an_approved_request_in_date_that_covers_it(sharing, study):
    study(sharing)
    [tube] = stored(sharing)
    with pytest.raises(StepRefused):
        hand_over(sharing, tube)
    yesterday = moments.told(moments.now() - timedelta(hours=25), "America/Chicago")
    with pytest.raises(StepRefused):  # nor told afterwards as if it had been in time
        hand_over(sharing, tube, at=yesterday, source=PAPER, confirmation="it was so")
    assert sharing.row(tube).state == State.STORED
    assert distribution_of(sharing.work, sharing.row(tube).id) is None


def test_a_request_that_nobody_told_is_asked_for(sharing):
    [tube] = stored(sharing)
    with pytest.raises(checks.RequestMissing):
        sharing.step(tube, Action.DISTRIBUTE)


@pytest.mark.parametrize(
    "hold", [HoldKind.DISCREPANCY, HoldKind.TEMPERATURE, HoldKind.BIOHAZARD, HoldKind.LEGAL]
)
def test_under_any_hold_nothing_is_handed_over(sharing, hold):
    approved(sharing)
    [tube] = stored(sharing)
    details = {"hold": hold.value, "reason": "to be looked at"}
    sharing.step(tube, Action.QUARANTINE, sharing.compliance, details=details)
    with pytest.raises(StepRefused, match=hold.value):
        hand_over(sharing, tube, source=PAPER, confirmation="it is gone already")


def test_without_a_consent_to_share_nothing_is_handed_over(leaving):
    approved(leaving)
    [tube] = stored(leaving)
    with pytest.raises(checks.UseNotAllowed, match="no consent for sharing"):
        hand_over(leaving, tube)
    # One that begins now does not cover what is said to have been handed over before.
    shares(leaving, effective_at=moments.now() - timedelta(minutes=5))
    earlier = moments.told(moments.now() - timedelta(minutes=10), "America/Chicago")
    with pytest.raises(checks.UseNotAllowed, match="no consent for sharing"):
        hand_over(leaving, tube, at=earlier, confirmation="keyed late")
    hand_over(leaving, tube)
    assert leaving.row(tube).state == State.DISTRIBUTED


def test_a_study_gets_no_more_than_its_request_says(sharing):
    approved(sharing, most=1)
    first, second = stored(sharing, 2)
    hand_over(sharing, first)
    with pytest.raises(checks.NotCovered, match="has all it may get"):
        hand_over(sharing, second)
    # What was in a hand here after all never left, and counts no more.
    sharing.step(first, Action.QUARANTINE, details={"reason": "found on the bench"})
    assert sharing.row(first).state == State.RECEIVED
    assert distribution_of(sharing.work, sharing.row(first).id).came_back
    hand_over(sharing, second)
    assert [each.item for each in distributions_of_participant(sharing.work, CODE) if not each.came_back] == [
        second
    ]
    clean(sharing)


def test_many_are_scanned_into_one_distribution_all_or_none(sharing):
    approved(sharing)
    tubes = stored(sharing, 3)
    given = operations.open_distribution(sharing.work, NUMBER, site="biobank-1", by=sharing.technician)
    told = {"by": sharing.technician, "at": sharing.told(), "source": Source("scan")}
    done = operations.distribute(sharing.work, given.id, tubes[:2], **told)
    assert [each.item.state for each in done] == [State.DISTRIBUTED] * 2
    closed = operations.close_distribution(sharing.work, given.id, by=sharing.technician)
    assert closed.closed_by == "bio.tess"
    with pytest.raises(checks.DistributionClosed):
        operations.distribute(sharing.work, given.id, tubes[2:], **told)
    newest = entries_of(sharing.work, "study_request:1")[-1].event
    assert (newest["change"], newest["items"]) == ("distribution_closed", tubes[:2])
    clean(sharing)


def told(item, on=None, **more):
    return HolderTold(item=item, on=on or moments.now().date(), **more)


def test_who_holds_what_a_withdrawn_participant_gave_is_asked_and_what_they_answer_is_kept(sharing):
    approved(sharing)
    first, second = stored(sharing, 2)
    hand_over(sharing, first)
    hand_over(sharing, second)
    assert holders_to_ask(sharing.work) == []
    sharing.decide()
    assert [each.item for each in holders_to_ask(sharing.work)] == [first, second]
    operations.ask_holder(sharing.work, told(first, reference="LETTER-1"), by=sharing.lead)
    with pytest.raises(checks.HolderAnswerRefused, match="letter"):
        operations.holder_answered(sharing.work, told(first, answer=HolderAnswer.USED_UP), by=sharing.lead)
    with pytest.raises(DayRefused, match="The year of 0001-01-01 cannot be"):
        operations.ask_holder(sharing.work, told(second, date(1, 1, 1)), by=sharing.lead)
    with pytest.raises(DayRefused, match="The year of 9999-12-31 cannot be"):
        operations.register_request(
            sharing.work, new_request(valid_until=date(9999, 12, 31)), by=sharing.lead
        )
    with pytest.raises(checks.HolderAnswerRefused, match="not come yet"):
        later = moments.now().date() + timedelta(days=2)
        operations.ask_holder(sharing.work, told(second, later), by=sharing.lead)
    used = told(first, answer=HolderAnswer.USED_UP, reference="LETTER-2")
    answered = operations.holder_answered(sharing.work, used, by=sharing.lead)
    assert (answered.answer, answered.reference, answered.asked_on) == (
        "used_up",
        "LETTER-2",
        moments.now().date(),
    )
    assert [each.item for each in holders_to_ask(sharing.work)] == [second]
    # A later answer stands beside the earlier one, and the newest counts.
    operations.holder_answered(sharing.work, told(first, answer=HolderAnswer.KEPT), by=sharing.lead)
    assert distribution_of(sharing.work, sharing.row(first).id).answer == "kept"
    kinds = [entry.event["change"] for entry in entries_of(sharing.work, "study_request:1")][-3:]
    assert kinds == ["holder_asked", "holder_answered", "holder_answered"]
    clean(sharing)


def test_a_study_answers_on_the_evening_of_the_hand_over(sharing, monkeypatch):
    """It is the next day in UTC by then."""
    approved(sharing)
    [tube] = stored(sharing, 1)
    day = moments.now().date() + timedelta(days=2)
    evening = datetime.combine(day + timedelta(days=1), time(3), tzinfo=UTC)
    monkeypatch.setattr(moments, "now", lambda: evening)
    hand_over(sharing, tube)
    with pytest.raises(checks.HolderAnswerRefused, match="was handed over on"):
        operations.ask_holder(sharing.work, told(tube, day - timedelta(days=1)), by=sharing.lead)
    operations.ask_holder(sharing.work, told(tube, day), by=sharing.lead)


def test_the_number_of_a_holders_letter_is_not_a_participants_name(sharing, monkeypatch):
    approved(sharing)
    [tube] = stored(sharing)
    hand_over(sharing, tube)
    monkeypatch.setattr(own_names, "_installed", [lambda _work, _by, code, text: (code, text) == NAMED])
    for ask in (operations.ask_holder, operations.holder_answered):
        with pytest.raises(own_names.OwnNameWritten, match="^reference holds a word"):
            letter = told(tube, answer=HolderAnswer.DESTROYED, reference=NAMED[1])
            ask(sharing.work, letter, by=sharing.lead)


def test_nobody_is_asked_for_what_is_at_no_study(sharing):
    [tube] = stored(sharing)
    with pytest.raises(checks.NotDistributed):
        operations.ask_holder(sharing.work, told(tube), by=sharing.lead)


def test_a_record_that_was_changed_behind_the_log_is_found(sharing):
    approved(sharing)
    [tube] = stored(sharing)
    hand_over(sharing, tube)
    request = request_called(sharing.work, NUMBER)
    request.receiver, request.ended_because = "UNI-2", None
    sharing.work.flush()
    assert "UNI-2" in " ".join(str(finding) for finding in request_findings(sharing.work))


def test_who_ended_a_request_cannot_be_changed_unseen(sharing):
    request = approved(sharing)
    operations.end_request(sharing.work, NUMBER, EndedBecause.STUDY_FINISHED, by=sharing.lead)
    clean(sharing)
    request.ended_by = "bio.tess"
    sharing.work.flush()
    [found] = request_findings(sharing.work)
    assert "ended by bio.tess, not" in str(found)


def test_a_pool_goes_to_a_study_only_while_everybody_in_it_lets_it(sharing):
    approved(sharing, kinds=(Kind.POOL,))
    other = sharing.participant("A700000001", scopes=())
    shares(sharing, other)
    first, second = sharing.received()["1SS08"], sharing.received(participant=other)["1SS08"]
    pools = [
        make_pool(
            sharing.work,
            NewPool(parts=(Part(first, 500), Part(second, 500)), specification="serum pool"),
            by=sharing.technician,
            source=Source("scan"),
            at=sharing.told(),
        ).pool.identifier
        for _ in range(2)
    ]
    hand_over(sharing, pools[0])
    assert sharing.row(pools[0]).state == State.DISTRIBUTED
    sharing.decide("keep", "remove", participant=other)
    with pytest.raises(StepRefused):
        hand_over(sharing, pools[1])
    assert sharing.row(pools[1]).state == State.RECEIVED


def test_who_works_elsewhere_says_nothing_of_what_a_study_answered(sharing):
    approved(sharing)
    [tube] = stored(sharing)
    hand_over(sharing, tube)
    told = HolderTold(item=tube, on=moments.now().date(), answer=HolderAnswer.KEPT)
    with pytest.raises(OtherSite):
        operations.holder_answered(sharing.work, told, by=actor("bio.lou", Role.LEAD, "biobank-2"))
    assert operations.holder_answered(sharing.work, told, by=sharing.lead).answer == "kept"
