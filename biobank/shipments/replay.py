"""What the ledger says of parcels and of the lines of their manifests, compared with what is stored."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import or_, select

from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.queries import takes_back, that_stand
from biobank.custody.states import Action, Kind, State
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.queries import entries, streamed
from biobank.ledger.replaying import wrong
from biobank.shipments.checks import TAKEN_BACK, Shipping, shipping_told
from biobank.shipments.choices import Carrier, Presence
from biobank.shipments.models import ManifestLine, Shipment

Event = Mapping[str, Any]
AT_ONCE = 500
items, shipments, lines = table_of(Item), table_of(Shipment), table_of(ManifestLine)

OF_PARCELS = Statement(
    select(entries.c.subject, entries.c.body)
    .join(items, items.c.identifier == entries.c.subject)
    .where(entries.c.kind == "custody", items.c.kind == Kind.PARCEL.value)
    .order_by(entries.c.subject, entries.c.sequence)
)
OF_LISTED = Statement(
    select(entries.c.subject, entries.c.body)
    .join(items, items.c.identifier == entries.c.subject)
    .where(
        entries.c.kind == "custody",
        or_(items.c.id.in_(select(lines.c.item_id)), items.c.state == State.IN_TRANSIT.value),
    )
    .order_by(entries.c.subject, entries.c.sequence)
)
MOMENT_OF = {
    Action.DISPATCH: "dispatched_at",
    Action.ARRIVE: "arrived_at",
    Action.OPEN: "opened_at",
    Action.RECEIVE: "received_at",
}
OF_A_LINE = {Action.DISPATCH, Action.RECEIVE, Action.ARRIVE, Action.REPORT_MISSING, Action.CORRECT}
SHIPPING = tuple(Shipping.__annotations__)


def parcel_findings(work: Work) -> Iterator[Finding]:
    """Parcels whose sites, carrier or moments, and lines whose finds or conditions, differ from the log."""
    work.flush()
    told = ((subject, parcel_told(events)) for subject, events in _grouped(work, OF_PARCELS))
    while batch := dict(islice(told, AT_ONCE)):
        yield from _compared(work, batch)
    yield from _line_findings(work)


def _grouped(work: Work, statement: Statement) -> Iterator[tuple[str, list[Event]]]:
    for subject, rows in groupby(streamed(work, statement), key=itemgetter(0)):
        yield subject, [orjson.loads(bytes(body)) for _, body in rows]


# Parcels.


def _compared(work: Work, told: Mapping[str, dict[str, Any]]) -> Iterator[Finding]:
    asked = (
        select(Item.identifier, Shipment)
        .join(Item, Item.id == Shipment.item_id)
        .where(Item.identifier.in_(list(told)))
    )
    stored = {row.identifier: row.Shipment for row in work.session.execute(asked)}
    for subject, columns in told.items():
        if subject not in stored:
            yield wrong(f"parcel {subject}", "is in the log and not stored")
            continue
        for name, value in columns.items():
            found = getattr(stored[subject], name)
            shown = text_or_none(found) if name in MOMENT_OF.values() else found
            if shown != value:
                yield wrong(f"{name} of parcel {subject}", f"is stored as {shown} and told as {value}")


def parcel_told(events: Iterable[Event]) -> dict[str, Any]:
    """Columns by name, as far as the parcel's own entries tell them."""
    known: dict[str, Any] = dict.fromkeys(MOMENT_OF.values())
    for event in that_stand(events):
        details = event.get("details", {})
        if event["action"] == Action.REGISTER:
            known |= {name: details.get(name) for name in ("origin", "destination")}
            known |= {"unannounced": bool(details.get("unannounced")), **_shipping(details, {})}
        elif event["action"] == Action.DISPATCH:
            known |= {} if _follows(event) else _shipping(details, known)
        if event["action"] in MOMENT_OF:
            known[MOMENT_OF[Action(event["action"])]] = event["occurred_at"]
        if event["action"] == Action.DISPATCH and _follows(event):
            known.pop("carrier", None)  # it is the outer parcel's
    return known


def _follows(event: Event) -> bool:
    """An inner parcel goes with the outer one."""
    return bool(event["source"]["kind"] == "system")


def _shipping(details: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    told = {name: details.get(name) or known.get(name) for name in SHIPPING}
    if told["carrier"] and not told["tracking_number"]:
        rest = asdict(shipping_told({**told, "carrier": None}))
        return rest | {"carrier": Carrier(told["carrier"])}
    return asdict(shipping_told(told))


# Lines.


@dataclass
class LineTold:
    """A line of a manifest as the entries of its item tell it."""

    presence: Presence | None = None
    conditions: list[str] = field(default_factory=list)
    sent: bool = False
    """It was dispatched in this parcel, so that there has to be a line."""


def lines_told(events: Iterable[Event]) -> dict[str, LineTold] | None:
    """By the code of the parcel; None of an item with an entry that names no parcel where it might have."""
    known: dict[str, LineTold] = {}
    actions: dict[int, str] = {}
    for event in events:
        actions[event["sequence"]] = event["action"]
        parcel = event.get("details", {}).get("parcel")
        was_opened = takes_back(event) and actions.get(event["corrects"]) == Action.OPEN
        if event["action"] not in OF_A_LINE or was_opened:
            continue
        if parcel is not None:
            _take(known, parcel, event)
        elif event["action"] != Action.DISPATCH and _may_be_of_a_line(event):
            return None
    return known


def _may_be_of_a_line(event: Event) -> bool:
    """A correction of something else, such as a volume, says nothing of a receipt."""
    details = event.get("details", {})
    return event["action"] != Action.CORRECT or bool(details.get("undo") or details.get("conditions"))


def _take(known: dict[str, LineTold], parcel: str, event: Event) -> None:
    action, details = event["action"], event["details"]
    line = known.setdefault(parcel, LineTold())
    line.sent = line.sent or (action == Action.DISPATCH and _follows(event))
    if action in (Action.RECEIVE, Action.ARRIVE):
        is_extra = "not_on_manifest" in event.get("flags", ()) or line.presence is Presence.EXTRA
        line.presence = Presence.EXTRA if is_extra else Presence.FOUND
    elif action == Action.REPORT_MISSING and line.presence is None:
        line.presence = Presence.MISSING
    elif action == Action.CORRECT and details.get("undo"):
        known[parcel] = LineTold()
        return
    gone = set(details.get(TAKEN_BACK, ()))
    kept = [word for word in line.conditions if word not in gone]
    line.conditions = list(dict.fromkeys([*kept, *details.get("conditions", ())]))


def _line_findings(work: Work) -> Iterator[Finding]:
    told = ((subject, lines_told(events)) for subject, events in _grouped(work, OF_LISTED))
    while batch := dict(islice(told, AT_ONCE)):
        missing = {(item, parcel) for item, told in batch.items() for parcel in _sent_in(told)}
        for item, parcel, presence, conditions, is_told in _stored(work, list(batch)):
            missing.discard((item, parcel))
            name, line = f"line {item} of parcel {parcel}", (batch[item] or {}).get(parcel)
            if line is None and is_told and batch[item] is not None:
                yield wrong(name, "is stored, and nothing tells of it")
            elif line is not None and not _fits(line, presence, conditions):
                shown = f"{line.presence or 'not seen'} {' '.join(line.conditions)}".strip()
                stored = f"{presence or 'not seen'} {conditions}".strip()
                yield wrong(name, f"is stored as {stored} and told as {shown}")
        for item, parcel in sorted(missing):
            yield wrong(f"line {item} of parcel {parcel}", "is told and not stored")


def _sent_in(told: Mapping[str, LineTold] | None) -> Iterator[str]:
    yield from (parcel for parcel, line in (told or {}).items() if line.sent)


def _fits(line: LineTold, presence: str | None, conditions: str) -> bool:
    """What nobody told of is not seen, or missing once its parcel was closed."""
    unseen = (None, Presence.MISSING.value) if line.presence is None else (line.presence.value,)
    return presence in unseen and conditions.split() == line.conditions


def _stored(work: Work, subjects: list[str]) -> list[tuple[str, str, str | None, str, bool]]:
    """Item, parcel, presence, conditions, and whether an entry has to tell that it is on the list."""
    parcel = items.alias("parcel")
    on_its_way = shipments.c.dispatched_at.is_not(None) & shipments.c.arrived_at.is_(None)
    on_its_way &= shipments.c.opened_at.is_(None) & lines.c.presence.is_(None)
    is_told = on_its_way | (lines.c.presence == Presence.FOUND.value)
    asked = (
        select(items.c.identifier, parcel.c.identifier, lines.c.presence, lines.c.conditions, is_told)
        .join(lines, lines.c.item_id == items.c.id)
        .join(parcel, parcel.c.id == lines.c.shipment_id)
        .join(shipments, shipments.c.item_id == lines.c.shipment_id)
        .where(items.c.identifier.in_(subjects))
    )
    return [tuple(row) for row in work.session.execute(asked)]
