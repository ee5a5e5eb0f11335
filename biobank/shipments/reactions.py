"""What a step of a parcel or of a specimen at the dock brings with it."""

from collections.abc import Mapping
from typing import Any

from biobank.core.database import Work
from biobank.custody.holds import open_discrepancy, place_hold
from biobank.custody.operations import record
from biobank.custody.states import Action, HoldKind, Kind
from biobank.custody.steps import Alert, Attempt, Done, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.shipments.checks import conditions_told, shipping_told
from biobank.shipments.choices import Condition, Presence
from biobank.shipments.models import ManifestLine, Shipment
from biobank.shipments.queries import line_of, shipment_of, specimens_inside

HELD_FOR = {
    Condition.TOO_WARM: HoldKind.TEMPERATURE,
    Condition.MISLABELLED: HoldKind.IDENTITY,
    Condition.LABEL_UNREADABLE: HoldKind.IDENTITY,
}
"""Conditions under which nobody may use a specimen before a lead has judged it."""


# Columns that a step sets.


def carrier_takes_custody(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Of a parcel and of what lies in it; of a specimen that goes without a parcel nobody knows more."""
    numbered = attempt.item.id if attempt.item.kind is Kind.PARCEL else attempt.item.container_id
    shipment = work.session.get(Shipment, numbered) if numbered is not None else None
    if shipment is None:
        return {}
    carrier = shipping_told(attempt.details, shipment).carrier
    return {"custodian": f"carrier:{carrier.value}" if carrier else None, "sent_to": shipment.destination}


# What follows.


def parcel_is_on_its_way(work: Work, done: Done) -> None:
    """Keep by whom it goes, freeze the manifest, and record the dispatch on every specimen inside."""
    shipment = _shipment(work, done)
    if shipment is None:
        return
    shipping = shipping_told(done.attempt.details, shipment)
    shipment.carrier = shipping.carrier
    shipment.tracking_number, shipment.seal = shipping.tracking_number, shipping.seal
    shipment.logger, shipment.dry_ice_grams = shipping.logger, shipping.dry_ice_grams
    shipment.dispatched_at = done.attempt.at.at if done.attempt.at else None
    inside = [item.identifier for item in freeze_manifest(work, shipment)]
    for item in inside:
        _follow(work, done, item, Action.DISPATCH)


def parcel_is_here(work: Work, done: Done) -> None:
    """A parcel that nobody dispatched has its manifest frozen as it was packed."""
    shipment = _shipment(work, done)
    if shipment is None:
        return
    shipment.arrived_at = done.attempt.at.at if done.attempt.at else None
    freeze_manifest(work, shipment)


def parcel_is_open(work: Work, done: Done) -> None:
    shipment = _shipment(work, done)
    if shipment is not None:
        shipment.opened_at = done.attempt.at.at if done.attempt.at else None
        freeze_manifest(work, shipment)


def rest_is_missing(work: Work, done: Done) -> list[Alert]:
    """When the receipt of a parcel is closed, what is still thought to lie in it was not there."""
    shipment = _shipment(work, done)
    if shipment is None:
        return []
    shipment.received_at = done.attempt.at.at if done.attempt.at else None
    work.flush()
    missing = [item.identifier for item in specimens_inside(work, shipment)]
    for item in missing:
        _follow(work, done, item, Action.REPORT_MISSING)
    return [Alert("not_in_parcel", f"Not in the parcel: {_printed_list(missing)}.")] if missing else []


def line_is_found(work: Work, done: Done) -> None:
    """Tick a specimen off on its manifest, or add it as extra."""
    shipment = _shipment_of_specimen(work, done)
    if shipment is None or not shipment.manifest_frozen:
        return
    line = line_of(work, shipment, done.item.id)
    if line is None:
        line = ManifestLine(shipment_id=shipment.item_id, item_id=done.item.id, presence=Presence.EXTRA.value)
        work.session.add(line)
    elif line.presence != Presence.EXTRA:
        line.presence = Presence.FOUND.value
    line.conditions = " ".join(conditions_told(done.attempt.details))
    work.flush()


def conditions_are_cases(work: Work, done: Done) -> list[Alert]:
    """Each condition is a case for the site that sent it; some put the specimen under a hold."""
    alerts = []
    for condition in conditions_told(done.attempt.details):
        sentence = f"{printed(done.item.identifier)} arrived: {condition.replace('_', ' ')}."
        open_discrepancy(work, done.item, f"condition_{condition.value}", sentence, by=done.attempt.by)
        if condition in HELD_FOR:
            place_hold(work, done.item, HELD_FOR[condition], condition.value, by=done.attempt.by)
            alerts.append(Alert("condition", f"{sentence} It may not be used; put it in quarantine."))
    return alerts


def line_is_missing(work: Work, done: Done) -> None:
    """The site that sent it looks first; *lost* comes later."""
    shipment = _shipment_of_specimen(work, done)
    line = line_of(work, shipment, done.item.id) if shipment else None
    if line is not None and line.presence is None:
        line.presence = Presence.MISSING.value
        work.flush()
    sentence = f"{printed(done.item.identifier)} was not in the parcel."
    open_discrepancy(work, done.item, "not_in_parcel", sentence, by=done.attempt.by)


def freeze_manifest(work: Work, shipment: Shipment) -> list[Item]:
    """Keep what lies in the parcel as what was sent, once. Returns what was frozen now."""
    if shipment.manifest_frozen:
        work.flush()
        return []
    inside = specimens_inside(work, shipment)
    shipment.manifest_frozen = True
    work.session.add_all(ManifestLine(shipment_id=shipment.item_id, item_id=item.id) for item in inside)
    work.flush()
    return inside


def _shipment(work: Work, done: Done) -> Shipment | None:
    return work.session.get(Shipment, done.item.id) if done.item.kind is Kind.PARCEL else None


def _shipment_of_specimen(work: Work, done: Done) -> Shipment | None:
    return shipment_of(work, done.attempt) if done.item.kind is not Kind.PARCEL else None


def _follow(work: Work, done: Done, item: str, action: Action) -> None:
    """The same on a specimen inside, so that its history stands by itself."""
    attempt = done.attempt
    parcel = attempt.item.identifier
    record(
        work, item, action, by=attempt.by, performed_by=attempt.performed_by, at=attempt.at,
        source=Source("system", parcel), details={"parcel": parcel},
    )  # fmt: skip


def _printed_list(identifiers: list[str]) -> str:
    return ", ".join(printed(identifier) for identifier in identifiers)
