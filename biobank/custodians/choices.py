"""What a custodian outside is, why something is sent out, and to whom something is given back."""

from enum import StrEnum

from biobank.custody.states import FOR_DISPOSAL


class CustodianKind(StrEnum):
    CONTRACT_LAB = "contract_lab"
    WASTE_CONTRACTOR = "waste_contractor"
    REPOSITORY = "repository"


class Purpose(StrEnum):
    """Why a specimen is sent out; it stays ours whatever it is for."""

    CONTRACT_WORK = "contract_work"
    STORAGE = "storage"
    DISPOSAL = FOR_DISPOSAL


class GivenTo(StrEnum):
    """To whom material is returned for good."""

    FAMILY = "family"
    TRIBE = "tribe"


class Wanted(StrEnum):
    """What a custodian is asked to do with a specimen of somebody who withdrew."""

    KEEP_UNUSED = "keep_unused"
    """Until the order is ready, and use nothing of it."""
    RETURN = "return"
    DESTROY = "destroy"


class SignerRole(StrEnum):
    """What the person is who signed a custodian's document; their name stays in the document."""

    DIRECTOR = "director"
    LABORATORY_MANAGER = "laboratory_manager"
    QUALITY_MANAGER = "quality_manager"
    BIOSAFETY_OFFICER = "biosafety_officer"
    WASTE_OFFICER = "waste_officer"


class RefusedBecause(StrEnum):
    """Why compliance does not accept an attestation."""

    NOT_SIGNED = "not_signed"
    WRONG_SPECIMENS = "wrong_specimens"
    METHOD_NOT_AGREED = "method_not_agreed"
    DOCUMENT_DIFFERS = "document_differs"
    IT_CAME_BACK = "it_came_back"
    ENTERED_BY_MISTAKE = "entered_by_mistake"


PREFIX = "custodian:"
"""Begins the custody of what is outside: `custodian:LAB-1`."""


def custody_of(code: str) -> str:
    return f"{PREFIX}{code}"


def code_in(custody: str | None) -> str | None:
    """The custodian's code, or None for what a site or a carrier has."""
    return custody.removeprefix(PREFIX) if custody and custody.startswith(PREFIX) else None
