"""What must hold before something goes out to be disposed of, and before a custodian's word ends a line."""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from biobank.access.actors import Actor
from biobank.access.checks import permitted
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.days import can_be_meant
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.custodians.choices import Purpose, Wanted, code_in, custody_of
from biobank.custodians.inputs import Destroyed, Document
from biobank.custodians.models import Attestation
from biobank.custodians.queries import attested, end_of, subject_of, waiting_for
from biobank.custody.queries import happened_at, newest_event_of
from biobank.custody.states import Action, State
from biobank.custody.steps import Attempt, ItemNow
from biobank.destruction.checks import destruction_is_ordered, waits_for
from biobank.destruction.choices import MAY_DESTROY, Method
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import orders_that_want, stage
from biobank.items.identifiers import printed

DOCUMENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,79}")
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")


class NotAttestable(Conflict):
    """A custodian attests for what it has of an order, and for nothing else."""

    title = "Not there"


class AttestationRefused(Invalid):
    title = "Attestation refused"


class OnlyByItsAttestation(Conflict):
    title = "Accepted with a signature"


class AttestationEnded(Conflict):
    title = "Decided already"


class OwnAttestation(Forbidden):
    title = "Somebody else accepts"


class OtherDocument(Conflict):
    title = "Another document"


def disposal_outside_is_ordered(work: Work, attempt: Attempt) -> None:
    """Wired before `send_out`: what goes to be disposed of is on an order whose time has come."""
    if attempt.details.get("purpose") == Purpose.DISPOSAL:
        destruction_is_ordered(work, attempt)


def attestation_is_accepted(work: Work, attempt: Attempt) -> None:
    """Wired before `accept_attestation`: no scan does it, only the signature under its attestation."""
    found = attested(work, attempt.item.id)
    if found is None or subject_of(found[0]) != attempt.details.get("attestation"):
        raise OnlyByItsAttestation(
            f"{printed(attempt.item.identifier)} is not called destroyed by a scan: compliance accepts the "
            "attestation of its custodian with a signature.",
            item=attempt.item.identifier,
        )


@dataclass(frozen=True)
class File:
    """A file that reports: nobody signed it."""

    number: str
    sha256: str


def file_is_named(number: str, sha256: str) -> File:
    """Raises `AttestationRefused`."""
    number_is_a_code(number)
    return File(number, sha256)


def document_is_named(document: Document) -> None:
    """Raises `AttestationRefused`."""
    number_is_a_code(document.number)
    if not SHA256.fullmatch(document.sha256):
        raise AttestationRefused(
            "The document's SHA-256 has 64 hexadecimal digits; give the file itself, or its sum.",
            field="sha256",
        )


def number_is_a_code(number: str) -> None:
    """Raises `AttestationRefused`, `NamesSomebody`."""
    if not DOCUMENT.fullmatch(number):
        raise AttestationRefused(
            "Name the document by the number under which it is kept: up to 80 letters, digits, dots, dashes "
            "or slashes, without blanks.",
            field="document",
        )
    names_nobody("document", number)


def something_is_attested(items: Collection[object]) -> None:
    """Raises `AttestationRefused`."""
    if not items:
        raise AttestationRefused("Name the specimens that the document is about.", field="items")


def custodian_who_has(item: ItemNow) -> str:
    """The code of who has a specimen outside. Raises `NotAttestable`."""
    code = code_in(item.custodian)
    if item.state is not State.SENT_OUT or code is None:
        raise NotAttestable(
            f"{printed(item.identifier)} is {item.state.replace('_', ' ')} and not sent out; there is no "
            "custodian to ask.",
            item=item.identifier,
        )
    return code


def may_be_asked(item: ItemNow, orders: Sequence[DestructionOrder], wanted: Wanted) -> None:
    """Raises `NotAttestable`."""
    if not orders:
        raise NotAttestable(f"{printed(item.identifier)} is on no destruction order.", item=item.identifier)
    if wanted is Wanted.DESTROY and not any(stage(order) in MAY_DESTROY for order in orders):
        raise NotAttestable(
            f"{waits_for(item, orders[0])} Ask its custodian to keep it unused.", item=item.identifier
        )


def can_be_attested(work: Work, item: ItemNow, custodian: str, on: date) -> None:
    """Raises `NotAttestable`."""
    why = why_not_attested(work, item, custodian, on)
    if why is not None:
        raise NotAttestable(why, item=item.identifier)


def way_is_possible(destroyed: Destroyed) -> None:
    """Raises `AttestationRefused`."""
    wrong = what_is_wrong(destroyed)
    if wrong is not None:
        field, sentence = wrong
        raise AttestationRefused(sentence, field=field)


def what_is_wrong(destroyed: Destroyed) -> tuple[str, str] | None:
    """Which of `date`, `method` and `reference` cannot be so, and why."""
    if not can_be_meant(destroyed.on):
        return "date", f"The year of {destroyed.on.isoformat()} cannot be; check the date."
    if destroyed.on > moments.now().date() + timedelta(days=1):  # somewhere it is tomorrow already
        return "date", f"{destroyed.on.isoformat()} has not come yet; check the date."
    if destroyed.method not in set(Method):
        return "method", f"The method is one of {', '.join(Method)}."
    if not REFERENCE.fullmatch(destroyed.reference):
        return (
            "reference",
            "The number of the run or manifest has up to 64 letters, digits, dots, dashes or slashes.",
        )
    return None


def why_not_attested(work: Work, item: ItemNow, custodian: str, on: date) -> str | None:
    """Why a custodian cannot attest for a specimen, in one sentence, or None."""
    name = printed(item.identifier)
    if item.state is not State.SENT_OUT:
        return f"{name} is {item.state.replace('_', ' ')} and not sent out; nobody outside attests for it."
    if item.custodian != custody_of(custodian):
        return f"{name} is not at {custodian}; its custodian attests for it."
    if not orders_that_want(work, item.id):
        return f"{name} is on no destruction order; nobody was to destroy it. Tell compliance."
    waits = waiting_for(work, item.id)
    if waits is not None:
        return f"{name} is attested already: attestation {waits.id} waits for compliance."
    sent_on = _sent_out_on(work, item)
    if sent_on is not None and on < sent_on - timedelta(days=1):
        return f"{name} was sent out on {sent_on.isoformat()}, after {on.isoformat()}; check the date."
    return None


def _sent_out_on(work: Work, item: ItemNow) -> date | None:
    event = newest_event_of(work, item.identifier, Action.SEND_OUT)
    sent_at = happened_at(event) if event else None
    return sent_at.date() if sent_at else None


def still_attestable(work: Work, item: ItemNow, attestation: Attestation) -> None:
    """At the acceptance: it may have come back, or its order may wait again. Raises `NotAttestable`."""
    if item.state is not State.SENT_OUT or item.custodian != custody_of(attestation.custodian):
        raise NotAttestable(
            f"{printed(item.identifier)} is {item.state.replace('_', ' ')} by now and not at "
            f"{attestation.custodian}; refuse this attestation and ask {attestation.custodian} for another.",
            item=item.identifier,
        )
    orders = orders_that_want(work, item.id)
    if not orders:
        raise NotAttestable(
            f"{printed(item.identifier)} is on no order any more; refuse this attestation and look into what "
            f"{attestation.custodian} did.",
            item=item.identifier,
        )
    if not any(stage(order) in MAY_DESTROY for order in orders):
        raise NotAttestable(waits_for(item, orders[0]), item=item.identifier)


def waits_for_compliance(work: Work, attestation: Attestation) -> None:
    """Raises `AttestationEnded`."""
    end = end_of(work, attestation)
    if end is not None:
        if end.accepted:
            sentence = f"Attestation {attestation.id} was accepted by {end.decided_by} already; it stands."
        else:
            sentence = (
                f"Attestation {attestation.id} was refused by {end.decided_by} already; enter another one."
            )
        raise AttestationEnded(sentence)


def signer_may_accept(signer: Actor, attestation: Attestation) -> None:
    """Compliance, and not who entered it: one person alone would end a specimen. Raises `OwnAttestation`."""
    permitted(signer, Permission.CONFIRM_DESTRUCTION)
    if signer.person == attestation.received_by:
        raise OwnAttestation(
            f"{signer.person} entered this attestation; somebody else of compliance accepts it."
        )


def document_is_the_same(attestation: Attestation, sha256: str | None) -> None:
    """Of who has the document in hand. Raises `OtherDocument`."""
    if sha256 is not None and sha256 != attestation.document_sha256:
        raise OtherDocument(
            f"This file is not document {attestation.document} as it was entered: its SHA-256 differs. Look "
            "for the right file, or refuse the attestation.",
            field="document_file",
        )
