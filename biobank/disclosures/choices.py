"""Grounds, fields, decisions and reasons of disclosures, legal demands and breaches: plain lists."""

from enum import StrEnum

from biobank.identity.choices import IdentityField


class Basis(StrEnum):
    """On which ground something is given out."""

    LEGAL_DEMAND = "legal_demand"
    REPORT_REQUIRED = "report_required"
    """The law asks for a report, as of some infections."""
    DANGER = "danger"
    """Somebody is in danger."""
    OVERSIGHT = "oversight"
    """Who supervises research asks to see it."""
    ASKED_BY_PARTICIPANT = "asked_by_participant"


class OwnField(StrEnum):
    """What the sample side knows of a participant; the vault's fields have names of their own."""

    PARTICIPANT_CODE = "participant_code"
    SAMPLES = "samples"
    CONSENTS = "consents"


FIELDS = (*(field.value for field in IdentityField), *(field.value for field in OwnField))
"""All that can be given out, each named when a disclosure is opened."""


class DemandKind(StrEnum):
    SUBPOENA = "subpoena"
    COURT_ORDER = "court_order"
    SEARCH_WARRANT = "search_warrant"
    AGENCY_REQUEST = "agency_request"
    OTHER = "other"


class DemandDecision(StrEnum):
    """What compliance decided on a legal demand; the newest counts."""

    REFUSED = "refused"
    CONTESTED = "contested"
    """It is fought before a court; nothing leaves meanwhile."""
    IN_PART = "in_part"
    COMPLIED = "complied"


LETS_OUT = frozenset({DemandDecision.IN_PART, DemandDecision.COMPLIED})

DEMAND_SIGNED = "I decided on this legal demand as it is recorded with my signature."
DISCLOSURE_SIGNED = "I approve that these fields, and no others, are given to this receiver."


class DisclosureState(StrEnum):
    OPENED = "opened"
    APPROVED = "approved"
    HANDED_OUT = "handed_out"
    GIVEN_UP = "given_up"


class ToldHow(StrEnum):
    """How a participant was told of it."""

    MESSAGE = "message"
    PHONE = "phone"
    LETTER = "letter"
    IN_PERSON = "in_person"


class NotYetBecause(StrEnum):
    """Why a participant was not told yet; looked at again on a day."""

    FORBIDDEN_BY_COURT = "forbidden_by_court"
    WOULD_ENDANGER = "would_endanger"
    NOT_REACHED = "not_reached"
    DIED = "died"


class BreachAbout(StrEnum):
    """Through what somebody may have seen what was not theirs to see."""

    ACCOUNT = "account"
    STATION = "station"
    TOKEN = "token"  # noqa: S105 (a word, no secret)
    WINDOW = "window"
    """Anybody, between two moments."""


class BreachCause(StrEnum):
    STOLEN_CREDENTIALS = "stolen_credentials"
    LOST_DEVICE = "lost_device"
    MISUSE = "misuse"
    MISTAKE = "mistake"
    ATTACK = "attack"
    NOT_KNOWN = "not_known"


class BreachStep(StrEnum):
    """What a participant can do, as the message says it."""

    WATCH_FOR_CALLS = "watch_for_calls"
    WATCH_ACCOUNTS = "watch_accounts"
    CHANGE_CONTACT = "change_contact"
    ASK_US = "ask_us"


def listed(values: str) -> list[str]:
    """Names that are stored with commas between."""
    return [value for value in values.split(",") if value]
