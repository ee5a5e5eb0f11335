"""A death: new collection stops, nothing is destroyed, and messages go to who asked."""

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.days import day_has_come
from biobank.ledger.operations import append_to
from biobank.messages.operations import address_to
from biobank.messages.queries import messages_of
from biobank.messages.states import WAITING, MessageState
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import participant_seen_by, subject_of
from biobank.withdrawals import checks
from biobank.withdrawals.contents import death_content
from biobank.withdrawals.inputs import DeathTold
from biobank.withdrawals.models import Death, RecordedDecision
from biobank.withdrawals.operations import addressee, asked_columns
from biobank.withdrawals.queries import deaths_of


def record_death(work: Work, told: DeathTold, *, by: Actor) -> Death:
    """Raises `ParticipantUnknown`, `DecidedInTheFuture`, `LooksLikeAName`, `WhoAsksMissing`, `DayRefused`.

    A death that is told again is kept again: the newest telling counts.
    """
    participant = lock(work, participant_seen_by(work, by, told.participant).code)
    checks.told_well(work, told)
    checks.own_name_is_unwritten(work, by, participant.code, told)
    if told.died_on is not None:
        day_has_come("died_on", told.died_on)
    death = Death(participant=participant.code, died_on=told.died_on, **asked_columns(told, by))
    work.session.add(death)
    work.flush()
    append_to(
        work,
        subject=subject_of(participant.code),
        kind="death",
        content=death_content(death),
        recorded_at=death.recorded_at,
    )
    restate_death(work, participant)
    messages_follow(work, participant, by=by)
    return death


def restate_death(work: Work, participant: Participant) -> None:
    """Let the stored standing be what was told of a death; the caller has locked the participant."""
    deaths = deaths_of(work, participant.code)
    participant.deceased = bool(deaths)
    participant.deceased_on = deaths[-1].died_on if deaths else None
    work.flush()


def messages_follow(work: Work, participant: Participant, *, by: Actor) -> None:
    """Messages that were not sent yet go where they are to go now; whoever asked for another hears anyway."""
    for message in messages_of(work, participant.code):
        subject, _, number = message.about.partition(":")
        if MessageState(message.state) not in WAITING or subject == "request":
            continue
        decision = work.session.get(RecordedDecision, int(number)) if subject == "decision" else None
        asked = decision.requested_by if decision else participant.code
        address_to(work, by, message, addressee(work, participant, asked))
