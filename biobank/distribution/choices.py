"""Words and plain rules of distribution: how a request stands, why it ended, what a holder answers."""

from datetime import date
from enum import StrEnum


class RequestStanding(StrEnum):
    """How a study's request stands on a day; it is never stored."""

    REGISTERED = "registered"
    """Waits for its approval."""
    NOT_YET = "not_yet"
    OPEN = "open"
    EXPIRED = "expired"
    ENDED = "ended"


class EndedBecause(StrEnum):
    """Why a request was ended before its last day."""

    STUDY_FINISHED = "study_finished"
    APPROVAL_REVOKED = "approval_revoked"
    AGREEMENT_ENDED = "agreement_ended"
    AGREEMENT_BROKEN = "agreement_broken"
    ENTERED_BY_MISTAKE = "entered_by_mistake"


class HolderAnswer(StrEnum):
    """What a study answers when it is asked for what a participant gave who withdrew since."""

    USED_UP = "used_up"
    KEPT = "kept"
    """It is still there and cannot be given back."""
    DESTROYED = "destroyed"
    RETURNED = "returned"


class HolderChange(StrEnum):
    ASKED = "asked"
    ANSWERED = "answered"


APPROVAL = "I approve that material is handed to this study, as this request says."
"""What an approver signs."""


def standing_of(
    *, approved: bool, ended: bool, valid_from: date, valid_until: date, on: date
) -> RequestStanding:
    """Both days count as valid."""
    if ended:
        return RequestStanding.ENDED
    if not approved:
        return RequestStanding.REGISTERED
    if on < valid_from:
        return RequestStanding.NOT_YET
    return RequestStanding.OPEN if on <= valid_until else RequestStanding.EXPIRED
