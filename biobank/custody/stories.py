"""One item's whole life as plain data: what it is, where it is, and every event in order."""

from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.queries import holds_on, item_now
from biobank.items.models import Item
from biobank.items.queries import parents_of, place_path
from biobank.ledger.models import LedgerEntry


def events_of(work: Work, identifier: str) -> list[Mapping[str, Any]]:
    """Everything the ledger holds about an item, oldest first."""
    bodies = work.session.scalars(
        select(LedgerEntry.body).where(LedgerEntry.subject == identifier).order_by(LedgerEntry.sequence),
    )
    return [orjson.loads(body) for body in bodies]


def place_of(work: Work, item: Item) -> str | None:
    """Innermost first, with the position: `B… A1, R…, R…`; None when it is nowhere in particular."""
    if item.place_unknown_since is not None:
        return "unknown"
    path = [outer.identifier for outer in place_path(work, item)]
    if path and item.position:
        path[0] = f"{path[0]} {item.position}"
    return ", ".join(path) or None


def story_of(work: Work, text: str) -> dict[str, Any]:
    """An item as `custody show --json` prints it. Raises `UnknownItem`."""
    found = item_now(work, text)
    item = work.session.get_one(Item, found.id)
    return {
        "id": item.identifier,
        "kind": item.kind,
        "specification": item.specification,
        "parent": next((parent.identifier for parent in parents_of(work, item.id)), None),
        "state": item.state,
        "custodian": item.custodian,
        "site": item.site,
        "place": place_of(work, item),
        "holds": sorted(hold.value for hold in holds_on(work, item.id)),
        "volume_microlitres": item.volume_microlitres,
        "events": events_of(work, item.identifier),
    }
