"""What the ledger says of every place and of what is kept free, compared with what is stored."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.moments import text_or_none, to_text
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.states import STORAGE, Action
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.queries import entries
from biobank.ledger.replaying import (
    EventName,
    Facts,
    compared_by_event,
    events_of_kind,
    events_with,
    wrong,
)
from biobank.storage.models import StorageReservation, StorageUnit
from biobank.storage.refitting import Fitted, fitted
from biobank.storage.reservations import ENTRY

items, units = table_of(Item), table_of(StorageUnit)
OF_UNITS = Statement(
    select(entries.c.subject, entries.c.body)
    .join(items, items.c.identifier == entries.c.subject)
    .join(units, units.c.item_id == items.c.id)
    .where(entries.c.kind == "custody")
    .order_by(entries.c.subject, entries.c.sequence)
)
LOOKED_AT = (b'"action":"register"', b'"action":"refit"')


def unit_findings(work: Work) -> Iterator[Finding]:
    """Places whose grid, temperature or meaning is not what their entries say."""
    work.flush()
    told = _fitted_as_told(work)
    stored = select(StorageUnit, Item.identifier).join(Item, Item.id == StorageUnit.item_id)
    for unit, identifier in work.session.execute(stored.order_by(StorageUnit.item_id)):
        if told.get(identifier) != fitted(unit):
            yield wrong(identifier, f"is stored as {fitted(unit)}, not {told.get(identifier)}")
    without = select(Item.identifier).outerjoin(StorageUnit, StorageUnit.item_id == Item.id)
    without = without.where(Item.kind.in_(sorted(STORAGE)), StorageUnit.item_id.is_(None))
    for identifier in work.session.scalars(without.order_by(Item.id)):
        yield wrong(identifier, "is in the log and not stored as a place")


def _fitted_as_told(work: Work) -> dict[str, Fitted | None]:
    found: dict[str, Fitted | None] = {}
    for subject, event in events_with(work, OF_UNITS, LOOKED_AT):
        found[subject] = _after(found.get(subject), event)
    return found


def _after(before: Fitted | None, event: Mapping[str, Any]) -> Fitted | None:
    if event["action"] == Action.REGISTER:
        before = Fitted()
    try:
        return before.told(event.get("details", {})) if before else None
    except (TypeError, ValueError):
        return None


def reservation_findings(work: Work) -> Iterator[Finding]:
    """What is kept free otherwise than the log says, or without an entry; or said and not stored."""
    work.flush()
    asked = select(StorageReservation, Item.identifier).join(Item, Item.id == StorageReservation.item_id)
    stored = work.session.execute(asked.order_by(StorageReservation.id))
    rows = (((unit, row.sequence), _stored(row)) for row, unit in stored)
    yield from compared_by_event("reservation", _kept_as_told(work), rows)


def _kept_as_told(work: Work) -> dict[EventName, Facts]:
    found: dict[EventName, Facts] = {}
    for subject, event in events_of_kind(work, ENTRY):
        if event.get("change") == "made":
            found[subject, event["sequence"]] = {
                "positions": " ".join(event["positions"]),
                "purpose": event["purpose"],
                "reference": event["reference"],
                "person": event["recorded_by"],
                "made_at": event["recorded_at"],
                "until": event["until"],
                "ended": (None, None),
            }
        elif (subject, event.get("made_by")) in found:
            found[subject, event["made_by"]]["ended"] = (event["recorded_at"], event["recorded_by"])
    return found


def _stored(row: StorageReservation) -> dict[str, Any]:
    return {
        "positions": row.positions,
        "purpose": row.purpose,
        "reference": row.reference,
        "person": row.person,
        "made_at": to_text(row.made_at),
        "until": to_text(row.until),
        "ended": (text_or_none(row.ended_at), row.ended_by),
    }
