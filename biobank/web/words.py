"""States, steps and moments in the words that pages show; a state is always a word with a tone."""

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone

from biobank.core.moments import zone_named
from biobank.core.quantities import in_millilitres
from biobank.custody.states import Action, HoldKind, State

Sign = dict[str, str]
"""A word and its tone, as the templates' `sign` takes it."""

S = State
TONES: Mapping[str, str] = {
    S.EXPECTED: "wait",
    S.REGISTERED: "wait",
    S.ISSUED: "wait",
    S.IN_TRANSIT: "wait",
    S.PACKING: "wait",
    S.ARRIVED: "wait",
    S.OPENED: "wait",
    S.FILLING: "wait",
    S.CHECKED_OUT: "wait",
    S.RETURNED: "wait",
    S.SENT_OUT: "wait",
    S.IN_WASTE: "late",
    S.ASSIGNED: "right",
    S.COLLECTED: "right",
    S.RECEIVED: "right",
    S.STORED: "right",
    S.IN_SERVICE: "right",
    S.BROKEN: "wrong",
    S.LOST: "wrong",
    S.NEVER_RECEIVED: "wrong",
}

A = Action
DONE: Mapping[str, str] = {
    A.REGISTER: "Registered",
    A.ISSUE: "Issued",
    A.ASSIGN: "Assigned",
    A.VOID: "Voided",
    A.RETURN: "Returned",
    A.COLLECT: "Collected",
    A.MARK_NOT_COLLECTED: "Marked as not collected",
    A.BREAK: "Broken",
    A.SUBSTITUTE: "Replaced from the shelf",
    A.CENTRIFUGE: "Centrifuged",
    A.FREEZE: "Frozen",
    A.THAW: "Thawed",
    A.PACK: "Packed",
    A.UNPACK: "Unpacked",
    A.DISPATCH: "Dispatched",
    A.ARRIVE: "Arrived",
    A.OPEN: "Opened",
    A.RECEIVE: "Received",
    A.REPORT_MISSING: "Reported missing from its parcel",
    A.REPORT_NEVER_RECEIVED: "Reported as never received",
    A.QUARANTINE: "Put in quarantine",
    A.RELEASE: "Released",
    A.STORE: "Stored",
    A.MOVE: "Moved",
    A.DISPLACE: "Not in its place",
    A.CHECK_OUT: "Checked out",
    A.CHECK_IN: "Checked in",
    A.ALIQUOT: "Aliquoted",
    A.DERIVE: "Derived",
    A.POOL: "Pooled",
    A.CONSUME: "Consumed",
    A.SEND_OUT: "Sent out",
    A.DISTRIBUTE: "Handed over for good",
    A.GIVE_BACK: "Given back for good",
    A.ACCEPT_ATTESTATION: "Destroyed by its custodian",
    A.REPORT_ASTRAY: "Reported to its site",
    A.REPORT_LOST: "Reported lost",
    A.FIND: "Found",
    A.PUT_IN_WASTE: "Put in waste",
    A.TAKE_OUT_OF_WASTE: "Taken out of waste",
    A.DESTROY: "Destroyed",
    A.LINK: "Linked to a participant",
    A.LABEL: "Given its maker's code",
    A.REPLACE_CODE: "Given another code",
    A.REFIT: "Renamed or refitted",
    A.CORRECT: "Corrected",
    "cancel_collection": "Collection cancelled",
    "restore_collection": "Collection restored",
}
"""What was done, as the timeline says it."""

HELD: Mapping[str, str] = {
    HoldKind.WITHDRAWAL: "The participant withdrew. It may not be used.",
    HoldKind.DISCREPANCY: "Something about it has to be explained first. It may not be used.",
    HoldKind.LEGAL: "It may be neither used nor destroyed.",
    HoldKind.TEMPERATURE: "It was outside its temperature. It may not be used until a lead has decided.",
    HoldKind.CONSENT: "No consent for it is known. It may not be used.",
    HoldKind.IDENTITY: "Whose it is, is in doubt. It may not be used.",
    HoldKind.RECALL: "It was recalled by its maker. It may not be used.",
    HoldKind.BIOHAZARD: "It is a hazard. It may not be used.",
    HoldKind.CANCELLED: "Its collection was cancelled. It may not be used.",
}


def spoken(code: str) -> str:
    """`checked_out` as people say it."""
    return code.replace("_", " ")


def state_sign(state: str) -> Sign:
    return {"word": spoken(state).capitalize(), "tone": TONES.get(state, "plain")}


def done_word(action: str) -> str:
    return DONE.get(action) or spoken(action).capitalize()


def in_zone(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(zone_named(zone))


def as_told(moment: datetime, offset_minutes: int) -> datetime:
    """With the offset of the telling, whatever zone the reader is in."""
    return moment.astimezone(timezone(timedelta(minutes=offset_minutes)))


def millilitres(microlitres: int | None) -> str | None:
    return None if microlitres is None else in_millilitres(microlitres)
