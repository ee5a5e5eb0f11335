"""What must hold before a custodian is registered, something is sent out, or given back for good."""

import re

from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.custodians.choices import CustodianKind, GivenTo, Purpose
from biobank.custodians.inputs import NewCustodian
from biobank.custodians.models import Custodian
from biobank.custodians.queries import custodian_named
from biobank.custody.steps import Attempt
from biobank.items.identifiers import printed
from biobank.kits.checks import DetailMissing, detail, one_of

CODE = re.compile(r"[A-Z0-9][A-Z0-9._-]{0,39}")
RECEIVER = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
LONGEST_NAME = 120
LONGEST_AGREEMENT = 80


class CustodianRefused(Invalid):
    title = "Custodian refused"


class CustodianExists(Conflict):
    title = "Custodian exists"


class CustodianNotInUse(Conflict):
    title = "Not in use"


class NotForThis(Conflict):
    """A waste contractor analyses nothing, and disposal is for nobody else."""

    title = "Not for this"


def well_formed(new: NewCustodian) -> None:
    """Raises `CustodianRefused`, `NamesSomebody`."""
    if not CODE.fullmatch(new.code):
        raise CustodianRefused(
            "A custodian's code has up to 40 letters, digits, dots, dashes or underscores, such as LAB-1.",
            field="code",
        )
    described(new.organisation, new.agreement)


def described(organisation: str, agreement: str) -> None:
    """Raises `CustodianRefused`, `NamesSomebody`."""
    if not _is_a_line(organisation, LONGEST_NAME):
        raise CustodianRefused(
            f"Organisation needs one line of at most {LONGEST_NAME} characters.", field="organisation"
        )
    if not _is_a_line(agreement, LONGEST_AGREEMENT):
        raise CustodianRefused(
            f"Agreement needs one line of at most {LONGEST_AGREEMENT} characters.", field="agreement"
        )
    names_nobody("organisation", organisation)
    names_nobody("agreement", agreement)


def _is_a_line(text: str, longest: int) -> bool:
    return bool(text) and len(text) <= longest and text.isprintable()


def goes_to_a_custodian_in_use(work: Work, attempt: Attempt) -> None:
    """Wired before `send_out`.

    Raises `DetailMissing`, `CustodianUnknown`, `CustodianNotInUse`, `NotForThis`.
    """
    one_of(attempt, "purpose", Purpose)
    found = custodian_named(work, detail(attempt, "custodian", "the code of the custodian who gets it"))
    in_use(found)
    disposal = attempt.details["purpose"] == Purpose.DISPOSAL
    disposes = found.kind == CustodianKind.WASTE_CONTRACTOR
    if disposes and not disposal:
        raise NotForThis(
            f"{found.code} disposes of things and does nothing else; choose another custodian or purpose.",
            field="details.purpose",
        )
    if disposal and not disposes:
        raise NotForThis(
            f"{found.code} disposes of nothing; choose a waste contractor, or another purpose.",
            field="details.purpose",
        )


def in_use(found: Custodian) -> None:
    """Raises `CustodianNotInUse`."""
    if not found.in_use:
        raise CustodianNotInUse(
            f"{found.code} is not in use any more; choose another custodian.", field="custodian"
        )


def who_gets_it_is_told(_work: Work, attempt: Attempt) -> None:
    """Wired before `give_back`: by code only. Raises `DetailMissing`."""
    one_of(attempt, "given_to", GivenTo)
    receiver = detail(attempt, "receiver", "the code of who gets it back")
    if not RECEIVER.fullmatch(receiver):
        raise DetailMissing(
            f"Say by a code, never by a name, who gets {printed(attempt.item.identifier)} back, such as "
            "TRIBE-7.",
            field="details.receiver",
        )
