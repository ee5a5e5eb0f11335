"""Fixed choices of the exchange: what became of an ordered tube, what is odd in an order, where it stands."""

from enum import StrEnum

HANDLINGS = ("created", "collected", "processed", "finalized", "cancelled", "restored", "amended")
"""What is done to an order; of each it may tell by whom and where."""

OUR_PEOPLE = "urn:biobank:person"
"""System of a member of the staff as we give one back: by the beginning of a keyed hash."""


class Fate(StrEnum):
    """What an order says of a tube; the words are those of the specimen's states."""

    EXPECTED = "expected"
    COLLECTED = "collected"
    NOT_COLLECTED = "not_collected"


class FlagKind(StrEnum):
    """Why a fact of an order is kept with a flag: it is odd, and it may still be so."""

    COLLECTED_BEFORE_CREATED = "collected_before_created"
    PROCESSED_BEFORE_COLLECTED = "processed_before_collected"
    FINALIZED_BEFORE_COLLECTED = "finalized_before_collected"
    FINALIZED_BEFORE_PROCESSED = "finalized_before_processed"
    PROCESSED_WITHOUT_COLLECTED = "processed_without_collected"
    IN_THE_FUTURE = "in_the_future"
    SPIN_MISSING = "spin_missing"
    SAME_TUBE = "same_tube"
    TIMES_DIFFER = "times_differ"
    AS_ORDERED = "as_ordered"
    PERSONAL_TEXT_REMOVED = "personal_text_removed"
    UNKNOWN_KEY = "unknown_key"
    LEFT_OUT = "left_out"
    TAKEN_BACK = "taken_back"


class OrderStatus(StrEnum):
    """Where an order stands; each version says it."""

    CREATED = "created"
    AMENDED = "amended"
    CANCELLED = "cancelled"
    RESTORED = "restored"
