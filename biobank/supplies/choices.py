"""Fixed choices of mailed kits: how far an order is, which way a parcel goes, what is odd in what is told."""

import re
from collections.abc import Mapping
from enum import StrEnum

SYSTEM = "http://joinallofus.org/fhir/"
"""Where the programme's own systems and extensions begin; as its files have them."""
ORDER_ID, PARTICIPANT_ID = SYSTEM + "orderId", SYSTEM + "participantId"
PRODUCT_CODE, TRACKING_ID = SYSTEM + "SKU", SYSTEM + "trackingId"
FULFILMENT_ID = "fulfillmentId"
OUR_PARTICIPANT = "urn:biobank:participant"
"""System of a participant's code, as the sample side knows one."""

TUBE_OF_A_MAILED_KIT = "1SAL2"
"""The test that the programme itself orders at the lab for each kit that it mails: saliva."""


class Stage(StrEnum):
    """How far a mailed kit is; what stands later here is later in its life."""

    ORDERED = "ordered"
    FAILED = "failed"
    QUEUED = "queued"
    CANCELLED = "cancelled"
    MAILED = "mailed"
    DELIVERED = "delivered"
    COMING_BACK = "coming_back"
    CAME_BACK = "came_back"
    NO_SAMPLE = "no_sample"
    RECEIVED = "received"

    def is_before(self, other: "Stage") -> bool:
        order = list(Stage)
        return order.index(self) < order.index(other)


NOT_MAILED = frozenset({Stage.ORDERED, Stage.FAILED, Stage.QUEUED})
"""Nothing has left yet, and something may."""
UNDER_WAY = frozenset({Stage.MAILED, Stage.DELIVERED, Stage.COMING_BACK, Stage.CAME_BACK})
"""A kit is with a carrier, at the participant's or at the door, and no sample of it was seen."""
OPEN = NOT_MAILED | UNDER_WAY


class Leg(StrEnum):
    """Which way a parcel goes."""

    OUT = "out"
    BACK = "back"


class Telling(StrEnum):
    """What made a version: the two documents of the programme, or what was seen here."""

    REQUEST = "request"
    DELIVERY = "delivery"
    FINDING = "finding"


def as_word(status: str) -> str:
    """However it is spaced and capitalised: in small letters with underscores."""
    return re.sub(r"[\s-]+", "_", status.lower())


FULFILMENT: Mapping[str, Stage] = {
    **dict.fromkeys(("created", "pending"), Stage.ORDERED),
    "error": Stage.FAILED,
    **dict.fromkeys(("queued", "fulfillment", "processing", "in_progress"), Stage.QUEUED),
    **dict.fromkeys(("cancelled", "canceled"), Stage.CANCELLED),
    "shipped": Stage.MAILED,
    "delivered": Stage.DELIVERED,
    "returned": Stage.CAME_BACK,
}
"""What the sender calls each stage, as `as_word` writes it."""
CALLED_OFF = frozenset({"cancelled", "canceled", "entered_in_error"})
"""States of a FHIR request that end an order whatever else it says."""
TRACKING: Mapping[str, bool] = {"in_transit": False, "enroute": False, "delivered": True}
"""What a carrier's word means: whether the parcel is there."""
STAGES: Mapping[tuple[Leg, bool], Stage] = {
    (Leg.OUT, False): Stage.MAILED,
    (Leg.OUT, True): Stage.DELIVERED,
    (Leg.BACK, False): Stage.COMING_BACK,
    (Leg.BACK, True): Stage.CAME_BACK,
}


class Odd(StrEnum):
    """Why something that was told is kept with a flag."""

    IN_THE_FUTURE = "in_the_future"
    BEFORE_THE_ORDER = "before_the_order"
    BEFORE_THE_LAST = "before_the_last"
    STEPS_BACK = "steps_back"
    UNKNOWN_STATUS = "unknown_status"
    OTHER_KIT = "other_kit"
    KIT_NOT_FREE = "kit_not_free"
    OTHER_NUMBER = "other_number"
    NUMBER_USED = "number_used"
    BACK_BEFORE_OUT = "back_before_out"
    MAILED_AFTER_LEAVING = "mailed_after_leaving"
    STOP_THE_MAILING = "stop_the_mailing"
    PERSONAL_TEXT_REMOVED = "personal_text_removed"


MERELY_NOTED = frozenset({Odd.NUMBER_USED, Odd.PERSONAL_TEXT_REMOVED, Odd.IN_THE_FUTURE, Odd.UNKNOWN_STATUS})
"""Flags that nobody at the biobank has to explain."""
