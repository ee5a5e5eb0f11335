"""Coming back with a new consent after leaving, and giving no more of one kind while staying."""

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import in_utc, to_text
from biobank.kits.operations import hold_outside_consent, take_consent
from biobank.messages.operations import queue_message
from biobank.participants.models import Participant, Period, ScopeEnd
from biobank.participants.operations import begin_period, end_scopes, lock
from biobank.participants.queries import participant_seen_by, standing
from biobank.withdrawals import checks
from biobank.withdrawals.holding import bring_up_to_date, restate
from biobank.withdrawals.inputs import NewConsent, Refusal
from biobank.withdrawals.operations import addressee, asked_columns
from biobank.withdrawals.queries import spans_of


def take_part_again(work: Work, told: NewConsent, *, by: Actor) -> Period:
    """Who had left signed a new consent: a new period of taking part opens.

    What was decided about what they gave before stays as it is, and its destruction order goes on.
    Raises `ParticipantUnknown`, `NotForThem`, `ConsentRefused`.
    """
    participant = lock(work, participant_seen_by(work, by, told.participant).code)
    _may_come_back(work, participant, told)
    consent = take_consent(
        work,
        by,
        participant=participant.code,
        form_version=told.form_version,
        language=told.consent_language,
        scopes=told.scopes,
        effective_at=told.effective_at,
        source=told.source,
    )
    period = begin_period(work, by, consent)
    restate(work, participant)
    bring_up_to_date(work, participant.code, by=by)
    return period


def _may_come_back(work: Work, participant: Participant, told: NewConsent) -> None:
    left_at = spans_of(work, participant.code)[-1].left_at
    if standing(participant).died:
        raise checks.NotForThem(
            f"{participant.code} is recorded as deceased; if that is a mistake, compliance corrects it first."
        )
    if left_at is None:
        raise checks.NotForThem(
            f"{participant.code} takes part already; record the form as a consent, without a new period."
        )
    if in_utc(told.effective_at) <= left_at:
        raise checks.NotForThem(
            f"{participant.code} left on {left_at:%Y-%m-%d %H:%M} UTC; a new period begins with a form that "
            "was signed after that.",
            field="effective_at",
        )


def refuse_scopes(work: Work, refusal: Refusal, *, by: Actor) -> ScopeEnd:
    """A participant stays and gives no more blood, for example. What was given before is not touched.

    Raises `ParticipantUnknown`, `DecidedInTheFuture`, `LooksLikeAName`, `WhoAsksMissing`,
    `SomebodyElsesCode`, `PapersMissing`, `ConsentRefused`.
    """
    participant = lock(work, participant_seen_by(work, by, refusal.participant).code)
    checks.told_well(work, refusal)
    checks.asks_under_own_code(work, participant, refusal)
    checks.own_name_is_unwritten(work, by, participant.code, refusal)
    checks.may_decide(participant, refusal)
    told = asked_columns(refusal, by)
    end = end_scopes(work, ScopeEnd(participant=participant.code, scopes=",".join(refusal.scopes), **told))
    hold_outside_consent(work, participant, end.decided_at, by=by)
    queue_message(
        work,
        by,
        about=f"scopes:{end.id}",
        participant=participant.code,
        addressee=addressee(work, participant, end.requested_by),
        template="scopes_refused",
        language=refusal.language,
        context={"scopes": sorted(end.ends), "decided_at": to_text(end.decided_at)},
    )
    return end
