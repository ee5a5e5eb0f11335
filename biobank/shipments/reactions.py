"""What a step of a parcel or of a specimen at the dock brings with it."""

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select

from biobank.core.database import Work
from biobank.custody.cases import case_stands
from biobank.custody.holds import open_discrepancy, place_hold
from biobank.custody.locking import lock_in_order
from biobank.custody.models import Discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import happened_at, newest_events, that_stand
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.custody.steps import Alert, Attempt, Done, Source
from biobank.discrepancies.choices import Resolution
from biobank.discrepancies.operations import end
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.shipments.checks import TAKEN_BACK, conditions_told, shipping_told
from biobank.shipments.choices import Condition, Presence
from biobank.shipments.models import ManifestLine, Shipment
from biobank.shipments.nesting import goes_in, shipment_about, things_inside
from biobank.shipments.queries import found_line_of, line_of, unseen_lines
from biobank.shipments.receipt_checks import step_taken_back

HELD_FOR = {
    Condition.TOO_WARM: HoldKind.TEMPERATURE,
    Condition.MISLABELLED: HoldKind.IDENTITY,
    Condition.LABEL_UNREADABLE: HoldKind.IDENTITY,
}
"""Conditions under which nobody may use a specimen before a lead has judged it."""


# Columns that a step sets.


def carrier_takes_custody(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Of a parcel and of what lies in it; of a specimen that goes without a parcel nobody knows more."""
    outer = goes_in(work, attempt)
    numbered = attempt.item.id if attempt.item.kind is Kind.PARCEL else attempt.item.container_id
    shipment = outer or (work.session.get(Shipment, numbered) if numbered is not None else None)
    if shipment is None:
        return {}
    is_told = outer is None and (attempt.item.kind is Kind.PARCEL or "carrier" in attempt.details)
    carrier = shipping_told(attempt.details, shipment).carrier if is_told else shipment.carrier
    return {"custodian": f"carrier:{carrier}" if carrier else None, "sent_to": shipment.destination}


# What follows.


def parcel_is_on_its_way(work: Work, done: Done) -> None:
    """Keep by whom it goes, freeze the manifest, and record the dispatch on everything inside."""
    shipment = _shipment(work, done)
    if shipment is None:
        return
    _keep_shipping(work, shipment, done)
    shipment.dispatched_at = done.attempt.at.at if done.attempt.at else None
    for item in _locked(work, freeze_manifest(work, shipment)):
        _follow(work, done, item, Action.DISPATCH)


def _keep_shipping(work: Work, shipment: Shipment, done: Done) -> None:
    """An inner parcel goes by the carrier of the outer one and has no number of its own."""
    outer = goes_in(work, done.attempt)
    if outer is not None:
        shipment.carrier = outer.carrier
        return
    shipping = shipping_told(done.attempt.details, shipment)
    shipment.carrier = shipping.carrier
    shipment.tracking_number, shipment.seal = shipping.tracking_number, shipping.seal
    shipment.logger, shipment.dry_ice_grams = shipping.logger, shipping.dry_ice_grams


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
    missing = _locked(work, things_inside(work, shipment))
    for item in missing:
        _follow(work, done, item, Action.REPORT_MISSING)
    for line in unseen_lines(work, shipment):  # received out of another parcel, or lying somewhere else
        line.presence = Presence.MISSING.value
    work.flush()
    return [Alert("not_in_parcel", f"Not in the parcel: {_printed_list(missing)}.")] if missing else []


def line_is_found(work: Work, done: Done) -> None:
    """Tick a specimen, or an inner parcel, off on its manifest, or add it as extra."""
    shipment = shipment_about(work, done.attempt)
    if shipment is None or not shipment.manifest_frozen:
        return
    line = line_of(work, shipment, done.item.id)
    if line is None:
        line = ManifestLine(shipment_id=shipment.item_id, item_id=done.item.id, presence=Presence.EXTRA.value)
        work.session.add(line)
    elif line.presence != Presence.EXTRA:
        line.presence = Presence.FOUND.value
    told = [condition.value for condition in conditions_told(done.attempt.details)]
    line.conditions = " ".join(dict.fromkeys([*(line.conditions or "").split(), *told]))
    work.flush()


def line_follows_the_correction(work: Work, done: Done) -> list[Alert]:
    """A scan taken back is no find; a condition told, or taken back, stands in the line or no more."""
    attempt = done.attempt
    told, gone = conditions_told(attempt.details), conditions_told(attempt.details, TAKEN_BACK)
    undoes = step_taken_back(work, attempt) in FINDS
    line = found_line_of(work, attempt) if told or gone or undoes else None
    if line is None:
        return []
    if undoes:
        _not_found_after_all(work, done, line)
        return []
    left = [word for word in line.conditions.split() if word not in gone]
    line.conditions = " ".join(dict.fromkeys([*left, *(condition.value for condition in told)]))
    work.flush()
    kinds = {f"condition_{condition.value}" for condition in gone}
    _were_mistakes(work, done, kinds, since=0)
    return [_hold_stays(done)] if any(condition in HELD_FOR for condition in gone) else []


FINDS = frozenset({Action.RECEIVE.value, Action.ARRIVE.value})
"""By these something is found in the parcel around it."""


def parcel_is_as_before(work: Work, done: Done) -> None:
    """What a wrong scan of a parcel said is undone; one that nobody sent can be packed on.

    `receipt_checks.parcel_is_as_it_came` has seen to it that nothing came out of it.
    """
    shipment = _shipment(work, done)
    if shipment is None:
        return
    for name, moment in told_moments(newest_events(work, done.item.identifier)).items():
        setattr(shipment, name, moment)
    if done.item.state is State.PACKING:
        work.session.execute(delete(ManifestLine).where(ManifestLine.shipment_id == shipment.item_id))
        shipment.manifest_frozen = False
    work.flush()
    _were_mistakes(work, done, None, since=done.attempt.corrects or 0)


MOMENT_OF = {Action.ARRIVE.value: "arrived_at", Action.OPEN.value: "opened_at"}


def told_moments(newest_first: Iterable[Mapping[str, Any]]) -> dict[str, datetime | None]:
    """When it arrived and was opened, by the last of its steps that stand; None for what nobody said."""
    known: dict[str, datetime | None] = dict.fromkeys(MOMENT_OF.values())
    for event in reversed(that_stand(newest_first)):
        if event["action"] in MOMENT_OF:
            known[MOMENT_OF[event["action"]]] = happened_at(event)
    return known


def _not_found_after_all(work: Work, done: Done, line: ManifestLine) -> None:
    if line.presence == Presence.EXTRA:
        work.session.delete(line)
    else:
        closed = work.session.get_one(Shipment, line.shipment_id).received_at is not None
        line.presence, line.conditions = Presence.MISSING.value if closed else None, ""
    work.flush()
    _were_mistakes(work, done, None, since=done.attempt.corrects or 0)


def _were_mistakes(work: Work, done: Done, kinds: Collection[str] | None, *, since: int) -> None:
    """The questions that a scan opened end with it; `kinds` of None are all of them."""
    asked = select(Discrepancy).where(
        Discrepancy.item_id == done.item.id,
        case_stands(),
        Discrepancy.opened_sequence >= since,
    )
    for case in work.session.scalars(asked.order_by(Discrepancy.id).with_for_update()).all():
        if kinds is None or case.kind in kinds:
            end(work, case, Resolution.MISTAKE, "Taken back at the dock.", done.attempt.by)


def _hold_stays(done: Done) -> Alert:
    sentence = f"The hold on {printed(done.item.identifier)} stands until a biobank lead releases it."
    return Alert("condition", sentence)


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
    """The site that sent it looks first; *lost* comes later. With an inner parcel all that lies in it is."""
    shipment = shipment_about(work, done.attempt)
    line = line_of(work, shipment, done.item.id) if shipment else None
    if line is not None and line.presence is None:
        line.presence = Presence.MISSING.value
        work.flush()
    sentence = f"{printed(done.item.identifier)} was not in the parcel."
    open_discrepancy(work, done.item, "not_in_parcel", sentence, by=done.attempt.by)
    inner = _shipment(work, done)
    for item in [each.identifier for each in things_inside(work, inner)] if inner else []:
        _follow(work, done, item, Action.REPORT_MISSING)


def freeze_manifest(work: Work, shipment: Shipment) -> list[Item]:
    """Keep what lies in the parcel as what was sent, once. Returns what was frozen now."""
    if shipment.manifest_frozen:
        work.flush()
        return []
    inside = things_inside(work, shipment)
    shipment.manifest_frozen = True
    work.session.add_all(ManifestLine(shipment_id=shipment.item_id, item_id=item.id) for item in inside)
    work.flush()
    return inside


def _shipment(work: Work, done: Done) -> Shipment | None:
    return work.session.get(Shipment, done.item.id) if done.item.kind is Kind.PARCEL else None


def _locked(work: Work, inside: Collection[Item]) -> list[str]:
    """Their codes; all are locked before the first of them is changed."""
    codes, numbers = [item.identifier for item in inside], [item.id for item in inside]
    lock_in_order(work, numbers)
    return codes


def _follow(work: Work, done: Done, item: str, action: Action) -> None:
    """The same on what lies inside, so that its history stands by itself."""
    attempt = done.attempt
    parcel = attempt.item.identifier
    record(
        work, item, action, by=attempt.by, performed_by=attempt.performed_by, at=attempt.at,
        source=Source("system", parcel), details={"parcel": parcel},
    )  # fmt: skip


def _printed_list(identifiers: list[str]) -> str:
    return ", ".join(printed(identifier) for identifier in identifiers)
