"""States of a case, what a site answers, how a case ends, and which step an end calls for: plain data."""

from collections.abc import Mapping
from enum import StrEnum

from biobank.custody.states import HoldKind, State


class CaseState(StrEnum):
    """How far a case has come; all but `resolved` stand."""

    OPEN = "open"
    ASKED = "asked"
    ANSWERED = "answered"
    RESOLVED = "resolved"
    REOPENED = "reopened"


class SiteAnswer(StrEnum):
    """What the site that sent it found out."""

    FOUND_HERE = "found_here"
    NEVER_DRAWN = "never_drawn"
    SENT_SEPARATELY = "sent_separately"
    WRONG_TUBE_PACKED = "wrong_tube_packed"
    LABEL_EXPLAINED = "label_explained"
    NOT_KNOWN = "not_known"


class Resolution(StrEnum):
    """How a case ends."""

    ACCEPTED = "accepted"
    RELEASED = "released"
    DESTROYED = "destroyed"
    LOST = "lost"
    FOUND = "found"
    LABEL_REPLACED = "label_replaced"
    CODES_SEPARATED = "codes_separated"
    MISTAKE = "mistake"
    NO_MATERIAL = "no_material"


TWO_WITH_ONE_CODE = "two_with_one_code"
"""Kind of the case of two tubes that bear one code."""
ASKED_FIRST = frozenset({"not_in_parcel"})
"""Kinds of which the site that sent it may still have the tube: it is asked before anything is lost."""
SIGNED_BY_TWO = frozenset({Resolution.CODES_SEPARATED, Resolution.MISTAKE})
"""How such a case ends: two people sign it, and nobody alone."""
SEPARATION = "I have looked at both tubes and what is written about them; this becomes of their code."
"""What the second of the two signs."""

HOLD_OF: Mapping[str, HoldKind] = {
    "condition_too_warm": HoldKind.TEMPERATURE,
    "condition_mislabelled": HoldKind.IDENTITY,
    "condition_label_unreadable": HoldKind.IDENTITY,
}
"""Which hold a release lifts when none is named; of other kinds the hold of a discrepancy."""

GONE = frozenset({State.LOST, State.NEVER_RECEIVED})
"""What need not be reported lost once more."""
ENDED = frozenset({State.IN_WASTE, State.DESTROYED, State.BROKEN})
"""States of which a case can say that the material is destroyed."""

REPORTABLE = {
    "false_destruction": "Called destroyed, and found",
    "destroyed_for_another": "Destroyed for another participant",
    "destroyed_by_mistake": "Destroyed on a decision entered by mistake",
    "used_after_decision": "Used up after the decision",
    "used_before_entry": "Used up after the decision, before it was entered",
    "distributed_after_decision": "Handed to a study after the decision",
    "distributed_before_entry": "Handed to a study after the decision, before it was entered",
}
"""Cases of items that compliance has to report, by their kind; nobody else resolves them."""
