"""Coded answers of a visit: its states, what blood was cleared for, by what somebody was recognised."""

from enum import StrEnum


class VisitState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"
    CANCELLED = "cancelled"


class Clearance(StrEnum):
    """What the safety questions leave to be collected, the least restricted first."""

    FULL = "full"
    MODIFIED = "modified"
    """Blood, and staff leave out what they think is too much."""
    NO_BLOOD = "no_blood"
    URINE_ONLY = "urine_only"


DRAWN = frozenset({Clearance.FULL, Clearance.MODIFIED})
"""Clearances under which blood is drawn."""


class Identifier(StrEnum):
    """What the person in the chair was asked for; which of them agreed is told, never what they said."""

    FULL_NAME = "full_name"
    BIRTH_DATE = "birth_date"
    PHOTO_ID = "photo_id"
    HOME_ADDRESS = "home_address"


class Audience(StrEnum):
    """Whom a set of safety questions is for."""

    ADULT = "adult"
    MINOR = "minor"


class Answer(StrEnum):
    """To one safety question."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


class Change(StrEnum):
    """What an entry of a visit tells of."""

    OPENED = "opened"
    IDENTITY_ATTESTED = "identity_attested"
    SAFETY_CLEARED = "safety_cleared"
    KIT_ASSIGNED = "kit_assigned"
    LABELS_CONFIRMED = "labels_confirmed"
    COMPENSATED = "compensated"
    CLOSED = "closed"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    RESTORED = "restored"
    ANSWERS_ERASED = "answers_erased"
