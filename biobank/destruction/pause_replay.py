"""What the ledger says of legal holds, ceremonies and rechecks, compared with what is stored."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from biobank.core.database import Work
from biobank.destruction.ceremonies import subject_of
from biobank.destruction.models import (
    CeremonyEvent,
    CeremonyOrder,
    DestructionOrder,
    LegalHold,
    RecheckLine,
    WasteBatch,
)
from biobank.destruction.pauses import CeremonyState
from biobank.destruction.rechecking import KIND
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import compared, events_of_kind

Told = dict[str, dict[str, Any]]


def pause_findings(work: Work) -> Iterator[Finding]:
    """Each legal hold, ceremony and piece to check again that is not what the log tells of it."""
    work.flush()
    yield from compared(_rechecks_told(work), _rechecks_stored(work).items())
    yield from compared(_holds_told(work), _holds_stored(work).items())
    yield from compared(_ceremonies_told(work), _ceremonies_stored(work).items())


def _holds_told(work: Work) -> Told:
    holds: Told = {}
    for order, event in events_of_kind(work, "order"):
        if event.get("change") == "legal_hold_placed":
            holds[f"legal hold {event['hold']}"] = _placed(order, event)
        elif event.get("change") == "legal_hold_lifted":
            holds[f"legal hold {event['hold']}"] |= {
                "lifted_by": event["recorded_by"],
                "lifted_because": event["because"],
                "lift_reference": event["reference"],
            }
    return holds


def _placed(order: str, event: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "order": order,
        "reason": event["because"],
        "reference": event["reference"],
        "placed_by": event["recorded_by"],
    } | dict.fromkeys(("lifted_by", "lifted_because", "lift_reference"))


def _holds_stored(work: Work) -> Told:
    names = ("reason", "reference", "placed_by", "lifted_by", "lifted_because", "lift_reference")
    asked = select(LegalHold, DestructionOrder.identifier).join(
        DestructionOrder, DestructionOrder.id == LegalHold.order_id
    )
    return {
        f"legal hold {hold.id}": {"order": order, **{name: getattr(hold, name) for name in names}}
        for hold, order in work.session.execute(asked.order_by(LegalHold.id))
    }


def _ceremonies_told(work: Work) -> Told:
    found: Told = {}
    for subject, event in events_of_kind(work, "ceremony"):
        if event["change"] == "joined":
            found[subject]["orders"].append(event["order"])
        else:
            known = found.setdefault(subject, {"orders": []})
            known |= {"state": CeremonyState(event["change"]).value, "on": event["on"], "site": event["site"]}
    return {subject: known | {"orders": sorted(known["orders"])} for subject, known in found.items()}


def _ceremonies_stored(work: Work) -> Told:
    joined: dict[int, list[str]] = {}
    asked = select(CeremonyOrder.ceremony_id, DestructionOrder.identifier).join(
        DestructionOrder, DestructionOrder.id == CeremonyOrder.order_id
    )
    for number, order in work.session.execute(asked):
        joined.setdefault(number, []).append(order)
    return {
        subject_of(each): {
            "orders": sorted(joined.get(each.id, ())),
            "state": each.state,
            "on": each.on.isoformat(),
            "site": each.site,
        }
        for each in work.session.scalars(select(CeremonyEvent).order_by(CeremonyEvent.id))
    }


def _rechecks_told(work: Work) -> Told:
    found: Told = {}
    for bag, event in events_of_kind(work, KIND):
        for item in event.get("items", ()):
            found[f"recheck of {item} in {bag}"] = {"finding": None, "checked_by": None}
        if event["change"] == "checked":
            checked = {"finding": event["finding"], "checked_by": event["recorded_by"]}
            found[f"recheck of {event['item']} in {bag}"] = checked
    return found


def _rechecks_stored(work: Work) -> Told:
    bag, piece = aliased(Item), aliased(Item)
    asked = (
        select(RecheckLine, piece.identifier, bag.identifier)
        .join(piece, piece.id == RecheckLine.item_id)
        .join(WasteBatch, WasteBatch.id == RecheckLine.batch_id)
        .join(bag, bag.id == WasteBatch.item_id)
    )
    return {
        f"recheck of {item} in {of}": {"finding": line.finding, "checked_by": line.checked_by}
        for line, item, of in work.session.execute(asked)
    }
