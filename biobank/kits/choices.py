"""Coded answers at the chair: how full a tube is, why one was not collected, why a code is given up."""

from enum import StrEnum

AS_ORDERED = "as-ordered"
"""Stands for the definition of a kit whose tubes were told by an order and are in no definition together."""


class Fill(StrEnum):
    """How full a tube is; `short` may come with about how much."""

    FULL = "full"
    SHORT = "short"
    UNKNOWN = "unknown"


class NotCollectedReason(StrEnum):
    """Why a tube stayed empty."""

    NO_VEIN = "no_vein"
    FLOW_STOPPED = "flow_stopped"
    FAINTED = "fainted"
    UNWELL = "unwell"
    REFUSED = "refused"
    NOT_CLEARED = "not_cleared"
    VOLUME_LIMIT = "volume_limit"
    NO_URINE = "no_urine"
    TUBE_DEFECTIVE = "tube_defective"
    TUBE_MISSING = "tube_missing"
    TIME = "time"
    COLLECTED_BEFORE = "collected_before"
    UNKNOWN = "unknown"


OF_BLOOD_ALONE = frozenset(
    {
        NotCollectedReason.NO_VEIN,
        NotCollectedReason.FLOW_STOPPED,
        NotCollectedReason.NOT_CLEARED,
        NotCollectedReason.VOLUME_LIMIT,
    }
)
"""For these a participant may still give urine."""


class BrokenReason(StrEnum):
    """How a tube broke at the chair."""

    DROPPED = "dropped"
    CRACKED = "cracked"
    LEAKING = "leaking"


class ReplacedReason(StrEnum):
    """Why a tube of the shelf takes the place of one of the kit."""

    NO_VACUUM = "no_vacuum"
    BROKEN = "broken"
    MISSING = "missing"
    EXPIRED = "expired"
    LABEL_DAMAGED = "label_damaged"


class VoidReason(StrEnum):
    """Why a code is given up behind which there is nothing yet: a kit, an empty tube, parcel or place."""

    SPOILED = "spoiled"
    DAMAGED = "damaged"
    EXPIRED = "expired"
    RECALLED = "recalled"
    MISLABELLED = "mislabelled"
    LOST = "lost"
    NOT_NEEDED = "not_needed"
    MADE_BY_MISTAKE = "made_by_mistake"


class ReturnReason(StrEnum):
    """Why a site gives back a kit that nobody used."""

    EXPIRED = "expired"
    DAMAGED = "damaged"
    INCOMPLETE = "incomplete"
    MISLABELLED = "mislabelled"
    RECALLED = "recalled"
    WRONG_KIT = "wrong_kit"
    SURPLUS = "surplus"


class CancelReason(StrEnum):
    """Why a collection, or a whole visit, is not to count; the programme's own list."""

    MADE_BY_MISTAKE = "made_by_mistake"
    WRONG_PARTICIPANT = "wrong_participant"
    LABEL_ERROR = "label_error"
    OTHER = "other"


class RestoreReason(StrEnum):
    """Why it counts after all."""

    RIGHT_PARTICIPANT = "right_participant"
    AMENDED_INSTEAD = "amended_instead"
    OTHER = "other"


class AmendReason(StrEnum):
    """What is changed in something that was finished."""

    TUBES = "tubes"
    TIMES = "times"
    TRACKING = "tracking"
    OTHER = "other"
