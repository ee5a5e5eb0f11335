"""Containers that a waste contractor takes: destroyed once its manifest returned and was accepted."""

from dataclasses import replace

from biobank.access.actors import Actor
from biobank.access.models import Signature
from biobank.access.permissions import Role
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.custodians.checks import in_use
from biobank.custodians.choices import CustodianKind, custody_of
from biobank.custodians.inputs import Destroyed
from biobank.custodians.models import Attestation
from biobank.custodians.queries import custodian_named, pieces_attested, returned_for, subject_of
from biobank.custody.holds import open_discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, items_inside
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.destruction.attestation_checks import REFERENCE
from biobank.destruction.choices import BatchState, LineEnd, Method
from biobank.destruction.inputs import Count
from biobank.destruction.line_ends import DESTROYED_FOR_ANOTHER
from biobank.destruction.models import WasteBatch
from biobank.destruction.outside import is_handed_over
from biobank.destruction.queries import bag_of, lines_of_item, orders_that_want
from biobank.items.identifiers import printed
from biobank.items.models import Item


class ContractorRefused(Invalid):
    title = "Contractor"


class NotHandedOver(Conflict):
    title = "Not handed over"


class ManifestDiffers(Conflict):
    title = "Another manifest"


class HandedOver(Conflict):
    title = "Handed over"


def contractor_is_told(work: Work, count: Count) -> str | None:
    """The contractor's code when one takes the container, None when it is destroyed here.

    Raises `ContractorRefused`, `CustodianUnknown`, `CustodianNotInUse`.
    """
    if not count.contractor:
        if count.manifest:
            raise ContractorRefused(
                "A manifest is of a contractor; say who takes the container.", field="contractor"
            )
        return None
    if count.method is not Method.INCINERATION:
        raise ContractorRefused(
            "A contractor takes containers to be incinerated; choose incineration.", field="method"
        )
    found = custodian_named(work, count.contractor)
    in_use(found)
    if found.kind != CustodianKind.WASTE_CONTRACTOR:
        raise ContractorRefused(f"{found.code} is no waste contractor; choose one.", field="contractor")
    if not REFERENCE.fullmatch((count.manifest or "").strip()):
        raise ContractorRefused(
            "Type the number of the manifest with which the contractor takes the container.", field="manifest"
        )
    return found.code


def is_still_here(batch: WasteBatch, bag: str) -> None:
    """Raises `HandedOver`: nobody opens a container that a contractor has."""
    if is_handed_over(batch):
        raise HandedOver(
            f"Container {printed(bag)} was sealed and taken by {batch.contractor}; enter the manifest when "
            "it returns.",
        )


def waits_for_its_manifest(work: Work, batch: WasteBatch, bag: str) -> None:
    """Raises `NotHandedOver`."""
    if not is_handed_over(batch):
        raise NotHandedOver(f"Container {printed(bag)} is with no contractor; no manifest of it can return.")
    returned = returned_for(work, batch.id)
    if returned is not None:
        raise NotHandedOver(
            f"The manifest of container {printed(bag)} returned already: attestation {returned.id} waits for "
            "compliance."
        )


def manifest_is_of_it(batch: WasteBatch, bag: str, destroyed: Destroyed) -> None:
    """Raises `ManifestDiffers`."""
    if destroyed.reference != batch.manifest:
        raise ManifestDiffers(
            f"Container {printed(bag)} went with manifest {batch.manifest}, not {destroyed.reference}; look "
            "at both.",
            field="reference",
        )
    if batch.handed_over_at is not None and destroyed.on < batch.handed_over_at.date():
        raise ManifestDiffers(
            f"Container {printed(bag)} was handed over on {batch.handed_over_at.date().isoformat()}; it was "
            "not destroyed before.",
            field="date",
        )


def destroy_outside(work: Work, by: Actor, attestation: Attestation) -> None:
    """Every piece of a container, then the container, on its contractor's word that was accepted.

    What no order wanted any more by then is gone all the same, and an incident each.
    """
    batch = work.session.get_one(WasteBatch, attestation.batch_id)
    bag = bag_of(work, batch)
    acting = replace(_who_sealed(work, batch, bag), station=by.station)
    piece = pieces_attested(work, attestation)[0]
    details = {
        "batch": bag.identifier,
        "method": batch.method,
        "cycle": batch.cycle,
        "contractor": batch.contractor,
        "manifest": batch.manifest,
        "attestation": subject_of(attestation),
        "destroyed_on": piece.destroyed_on.isoformat(),
        "signatures": [f"signature:{batch.performer_signature}", f"signature:{batch.witness_signature}"],
    }
    inside = sorted(items_inside(work, bag.id), key=lambda each: (each.participant or "", each.id))
    unwanted = [each for each in inside if not orders_that_want(work, each.id)]
    batch.state = BatchState.DESTROYED.value
    work.flush()
    source = Source("system", subject_of(attestation))
    performer = custody_of(attestation.custodian)
    for identifier in [each.identifier for each in inside] + [bag.identifier]:
        record(
            work, identifier, Action.DESTROY, by=acting, source=source, at=None, performed_by=performer,
            details=details,
        )  # fmt: skip
    for each in unwanted:
        _report_unwanted(work, each.id, by)


def _report_unwanted(work: Work, number: int, by: Actor) -> None:
    ends = {line.outcome for line in lines_of_item(work, number)}
    kind, sentence = "destroyed_by_mistake", "A contractor destroyed it after its order was cancelled."
    if LineEnd.LINKED_ELSEWHERE in ends:
        kind, sentence = "destroyed_for_another", DESTROYED_FOR_ANOTHER
    open_discrepancy(work, item_by_id(work, number), kind, sentence, by=by)


def _who_sealed(work: Work, batch: WasteBatch, bag: Item) -> Actor:
    """The performer with the roles that they signed with: a manifest returns weeks after some have left."""
    signed = work.session.get_one(Signature, batch.performer_signature)
    roles = frozenset((Role(role), bag.site) for role in signed.role.split(", "))
    return Actor(signed.signer, signed.printed_name, roles)


def nothing_of_it_was_found(work: Work, attestation: Attestation) -> None:
    """A contractor did not destroy what is in somebody's hand here. Raises `ManifestDiffers`."""
    batch = work.session.get_one(WasteBatch, attestation.batch_id)
    bag = bag_of(work, batch)
    inside = {each.id for each in items_inside(work, bag.id)}
    found = [piece for piece in pieces_attested(work, attestation) if piece.item_id not in inside]
    if found:
        named = ", ".join(printed(item_by_id(work, piece.item_id).identifier) for piece in found)
        raise ManifestDiffers(
            f"{named} turned up since the manifest of container {printed(bag.identifier)} was entered; "
            "refuse this attestation, and enter the manifest again for what is left in it.",
        )
