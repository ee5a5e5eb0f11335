"""Cases in the words that pages show: what differs, how far it has come, what was answered, how it ended."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from biobank.discrepancies.choices import REPORTABLE, TWO_WITH_ONE_CODE, CaseState, Resolution, SiteAnswer
from biobank.web.words import Sign, spoken

KINDS: Mapping[str, str] = {
    "not_in_parcel": "Not in the parcel",
    "not_on_manifest": "Not on the parcel's list",
    TWO_WITH_ONE_CODE: "Two tubes with one code",
    "condition_broken": "Arrived broken",
    "condition_leaked": "Arrived leaking",
    "condition_low_volume": "Arrived with too little in it",
    "condition_haemolysed": "Arrived haemolysed",
    "condition_clotted": "Arrived clotted",
    "condition_failed_gel": "Gel failed",
    "condition_too_warm": "Arrived too warm",
    "condition_frozen": "Arrived frozen",
    "temperature_excursion": "Too warm or too cold on the way",
    "condition_mislabelled": "Mislabelled",
    "condition_label_unreadable": "Label cannot be read",
    "condition_expired": "Tube expired",
    "unexpected_step": "Step out of order",
    "before_the_step_before": "Times out of order",
    "other_site": "Recorded at another site",
    "came_to_another_site": "Came to another site",
    "voided_code": "Code was given up",
    "code_on_another": "Code is on another thing",
    "displaced": "Not in its place",
    "out_of_service": "Put into a freezer out of service",
    "position_taken": "Position was taken",
    "overdrawn": "More taken than was in it",
    "done_under_hold": "Used under a hold",
    "kit_astray": "Kit of another site",
    "kit_expired": "Kit expired",
    "consent_unknown": "Consent not known",
    "outside_consent": "Outside the consent",
    "centrifuged_twice": "Centrifuged twice",
    "spin_not_foreseen": "Centrifuging not foreseen",
    "without_record": "Nobody registered it",
    "inventory_missing": "Not where the log has it",
    "inventory_wrong_position": "In another position",
    "inventory_elsewhere": "Lies in another place",
    "inventory_not_placed": "Lies where nobody put it",
    "inventory_not_expected": "Should not be there",
    "inventory_unknown_code": "Code not known",
    "inventory_not_for_here": "Does not belong into storage",
    "inventory_unread": "Could not be read",
    "aliquoted_late": "Aliquoted too late",
    "aliquoted_unspun": "Aliquoted without centrifuging",
    "thawed_too_often": "Thawed too often",
    "packed_while_spinning": "Packed while in the centrifuge",
    "place_too_warm": "Place too warm for it",
    "content_not_allowed": "Not meant for its place",
    "place_of_another_site": "Put into a place of another site",
    "kind_not_allowed": "Not meant for its place",
    "no_manifest": "Parcel without a list",
    "not_dispatched": "Arrived without being sent",
    "empty_parcel": "Parcel with nothing in it",
    "tracking_number_used": "Tracking number used before",
    "offline_scan": "Scan without network did not fit",
    "station_clock": "Clock of the station wrong",
    **REPORTABLE,
}
"""By kind; any other is said as its code is written."""

STATES: Mapping[CaseState, Sign] = {
    CaseState.OPEN: {"word": "Open", "tone": "wait"},
    CaseState.ASKED: {"word": "Site is asked", "tone": "ask"},
    CaseState.ANSWERED: {"word": "Site has answered", "tone": "wait"},
    CaseState.RESOLVED: {"word": "Resolved", "tone": "right"},
    CaseState.REOPENED: {"word": "Opened again", "tone": "wrong"},
}
OVERDUE: Sign = {"word": "Overdue", "tone": "late"}

ANSWERS: Mapping[SiteAnswer, str] = {
    SiteAnswer.FOUND_HERE: "It is here",
    SiteAnswer.NEVER_DRAWN: "It was never drawn",
    SiteAnswer.SENT_SEPARATELY: "It was sent separately",
    SiteAnswer.WRONG_TUBE_PACKED: "The wrong tube was packed",
    SiteAnswer.LABEL_EXPLAINED: "The label has an explanation",
    SiteAnswer.NOT_KNOWN: "Nobody here knows",
}
RESOLUTIONS: Mapping[Resolution, tuple[str, str]] = {
    Resolution.ACCEPTED: ("Accepted as it is", "It may stay as it is; holds stay."),
    Resolution.RELEASED: ("Released", "A lead or compliance takes the hold off."),
    Resolution.FOUND: ("Found", "It is in hand and is recorded as here."),
    Resolution.LOST: ("Lost", "After its site has looked; it is recorded as lost."),
    Resolution.DESTROYED: ("Destroyed", "It is in waste, destroyed or broken already."),
    Resolution.LABEL_REPLACED: ("Label replaced", "A new label is on it."),
    Resolution.NO_MATERIAL: ("No material", "Nothing was ever in it."),
    Resolution.MISTAKE: ("Mistake", "There was no difference after all."),
    Resolution.CODES_SEPARATED: ("Codes separated", "Each of the two has a code of its own."),
}
CHANGES: Mapping[str, str] = {
    "opened": "Opened",
    "assigned": "Given to somebody",
    "asked": "Site asked",
    "answered": "Site answered",
    "resolved": "Resolved",
    "reopened": "Opened again",
    "separation_proposed": "Proposed what becomes of the code",
    "separation_approved": "Signed by the second person",
}


def kind_word(kind: str) -> str:
    return KINDS.get(kind) or spoken(kind).capitalize()


def answer_word(answer: str) -> str:
    return ANSWERS[SiteAnswer(answer)]


def resolution_word(resolution: str) -> str:
    return RESOLUTIONS[Resolution(resolution)][0]


def choices_of(words: Mapping[Any, str]) -> list[Mapping[str, str | None]]:
    """As a form offers them."""
    return [
        {"value": word.value if isinstance(word, StrEnum) else word, "label": label, "note": None}
        for word, label in words.items()
    ]


def ends_offered(kind: str) -> list[Mapping[str, str | None]]:
    """How one person may end a case of this kind."""
    found = [each for each in RESOLUTIONS if each is not Resolution.CODES_SEPARATED]
    return [
        {"value": each.value, "label": RESOLUTIONS[each][0], "note": RESOLUTIONS[each][1]}
        for each in (found if kind != TWO_WITH_ONE_CODE else ())
    ]
