"""How each entry of the log is told in a statement, or why it is not: one table, so that none is lost."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from biobank.custody.cases import CASE
from biobank.custody.states import Action, Kind
from biobank.participants.choices import LINKED_AWAY

Event = Mapping[str, Any]
A = Action


class Section(StrEnum):
    """Where in a statement an entry is told."""

    HISTORY = "history"
    VISITS = "visits"
    DECISIONS = "decisions"
    DISCLOSURES = "disclosures"
    IDENTITY = "identity"
    MESSAGES = "messages"
    DESTRUCTION = "destruction"
    PAPERS = "papers"


class Untold(StrEnum):
    """Why an entry is not told by itself; the statement says so, with how many there are."""

    EMPTY_KIT = "empty_kit"
    OTHER_NUMBER = "other_number"
    WITH_THE_KIT = "with_the_kit"
    SIGNATURES = "signatures"
    CONTAINERS = "containers"
    BIRTHS = "births"
    CASES = "cases"


@dataclass(frozen=True)
class Told:
    """Under which words of the file an entry is told."""

    section: Section
    words: str
    key: str


EMPTY = frozenset(
    {A.REGISTER, A.ISSUE, A.ARRIVE, A.RETURN, A.VOID, A.REPORT_ASTRAY, A.PACK, A.UNPACK, A.DISPATCH}
)
"""Steps of a kit, and of a tube before anything was in it, that concern nobody's material."""
OF_THE_TUBE = frozenset({A.REGISTER, A.ISSUE})
WITH_THEIR_KIT = frozenset({A.ASSIGN, A.LINK})
CASE_TOLD = frozenset({"opened", "resolved", "reopened"})
"""Of a case; between them people ask each other."""
UNKNOWN = "something"

IN_THE_FILE: Mapping[str, tuple[Section, str]] = {
    "register_participant": (Section.VISITS, "records"),
    "relink_participant": (Section.VISITS, "records"),
    "consent": (Section.VISITS, "records"),
    "period": (Section.VISITS, "records"),
    LINKED_AWAY: (Section.HISTORY, "records"),
    "scopes_ended": (Section.DECISIONS, "records"),
    "waiting_request": (Section.DECISIONS, "records"),
    "death": (Section.DECISIONS, "records"),
    "order_version": (Section.VISITS, "records"),
    "downtime_form": (Section.VISITS, "records"),
    "message": (Section.MESSAGES, "records"),
    "statement": (Section.PAPERS, "records"),
    "audit_pack": (Section.PAPERS, "records"),
    "certificate": (Section.DESTRUCTION, "records"),
    "ceremony": (Section.DESTRUCTION, "records"),
}
"""Kinds of entries that are told under their own name."""


def how_told(what: str, kind: str, event: Event) -> Told | Untold:
    """`what` is the kind of subject, `kind` that of the entry. What has no words yet is told as such."""
    if what == "place":
        return Untold.CONTAINERS
    if kind == "custody":
        return _step(what, event)
    if kind in IN_THE_FILE:
        section, words = IN_THE_FILE[kind]
        return Told(section, words, kind)
    teller = TELLERS.get(kind)
    return teller(event) if teller else Told(Section.VISITS, "records", UNKNOWN)


def _step(what: str, event: Event) -> Told | Untold:
    action = event["action"]
    if what == Kind.KIT:
        if action in EMPTY:
            return Untold.EMPTY_KIT
    elif what == Kind.TUBE and action in OF_THE_TUBE:
        return Untold.EMPTY_KIT
    elif what == Kind.TUBE and action in WITH_THEIR_KIT and event["from"] == "expected":
        return Untold.WITH_THE_KIT
    elif action == A.REGISTER:
        return Untold.BIRTHS
    if action == A.LABEL:
        return Untold.OTHER_NUMBER
    return Told(Section.HISTORY, "steps", str(action))


def _hold(event: Event) -> Told:
    return Told(Section.HISTORY, "steps", f"hold_{event['change']}")


def _named(_event: Event) -> Untold:
    return Untold.OTHER_NUMBER


def _collection(event: Event) -> Told:
    return Told(Section.HISTORY, "steps", f"collection_{event['change']}")


def _visit(event: Event) -> Told:
    attested = event["change"] == "identity_attested"
    return Told(Section.IDENTITY if attested else Section.VISITS, "visits", str(event["change"]))


def _decision(event: Event) -> Told:
    return Told(Section.DECISIONS, "records", "decision_leaves" if event["leaves"] else "decision_stays")


def _request_ended(event: Event) -> Told:
    return Told(Section.DECISIONS, "records", f"request_{event['ending']}")


def _signed_change(event: Event) -> Told:
    return Told(Section.DECISIONS, "records", f"signed_{event['of']}")


def _order(event: Event) -> Told:
    change = str(event["change"])
    if change == "at_clinics":
        change = "at_clinics_allowed" if event["at_clinics"] else "at_clinics_not_allowed"
    return Told(Section.DESTRUCTION, "orders", change)


def _mailed_kit(event: Event) -> Told:
    return Told(Section.VISITS, "records", f"mailed_{event['stage']}")


def _case(event: Event) -> Told | Untold:
    change = str(event["change"])
    return Told(Section.HISTORY, "records", f"case_{change}") if change in CASE_TOLD else Untold.CASES


def _attestation(event: Event) -> Told:
    return Told(Section.DESTRUCTION, "records", f"attestation_{event['change']}")


def _disclosure(event: Event) -> Told:
    change = str(event["told"] if event["change"] == "participant" else event["change"])
    return Told(Section.DISCLOSURES, "disclosures", change)


def _breach(event: Event) -> Told:
    return Told(Section.DISCLOSURES, "disclosures", f"breach_{event['change']}")


def _signature(_event: Event) -> Untold:
    return Untold.SIGNATURES


def _access(event: Event) -> Told:
    kind = event["access_kind"]
    return Told(
        Section.IDENTITY, "access", f"{kind}_{event.get('answer', 'no')}" if kind == "check" else str(kind)
    )


TELLERS: Mapping[str, Callable[[Event], Told | Untold]] = {
    "hold": _hold,
    "named": _named,
    "collection": _collection,
    "visit": _visit,
    "decision": _decision,
    "request_ended": _request_ended,
    "signed_change": _signed_change,
    "order": _order,
    "attestation": _attestation,
    "supply_version": _mailed_kit,
    CASE: _case,
    "disclosure": _disclosure,
    "breach": _breach,
    "signature": _signature,
    "identity_access": _access,
}
