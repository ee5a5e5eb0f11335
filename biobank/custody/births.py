"""How an item comes into being: its row, its first entry, its parents and its other codes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody import queries
from biobank.custody.free_text import birth_names_nobody
from biobank.custody.states import MADE, Action, Kind, State
from biobank.custody.steps import ItemNow, Source
from biobank.custody.transitions import TRANSITIONS
from biobank.items.identifiers import Letter, new_identifier, normalise
from biobank.items.models import Item, ItemAlias, ItemParent
from biobank.ledger.operations import Written, store_entry, write_entry

LETTERS = {
    Kind.KIT: Letter.KIT,
    Kind.TUBE: Letter.TUBE,
    **dict.fromkeys(MADE, Letter.ALIQUOT),
    Kind.BOX: Letter.BOX,
    Kind.PARCEL: Letter.PARCEL,
    Kind.WASTE: Letter.WASTE,
}
"""The identifier's letter; all other places share `R`."""


@dataclass(frozen=True, kw_only=True)
class Birth:
    """What is known of an item when it is registered; volumes in microlitres."""

    kind: Kind
    specification: str | None = None
    site: str | None = None
    custodian: str | None = None
    participant: str | None = None
    kit: ItemNow | None = None
    parents: tuple[ItemNow, ...] = ()
    place: ItemNow | None = None
    position: str | None = None
    draw_order: int | None = None
    lot: str | None = None
    expires_on: date | None = None
    volume_microlitres: int | None = None
    collected_at: int | None = None
    aliases: tuple[tuple[str, str], ...] = ()
    details: Mapping[str, Any] = field(default_factory=dict)
    state: State | None = None
    """What it is when it is registered; None is what the table of steps says of its kind."""

    @property
    def begins_as(self) -> State:
        return self.state or TRANSITIONS[self.kind, Action.REGISTER].target


def register(work: Work, birth: Birth, *, by: Actor, source: Source, at: Told | None = None) -> ItemNow:
    """Bring an item into being with a new identifier; born now without `at`. Raises `NamesSomebody`."""
    birth_names_nobody(source, {"name": birth.specification, "code": birth.aliases, **birth.details})
    work.flush()
    told = at or moments.told(moments.now())
    written = write_entry(
        subject=new_identifier(LETTERS.get(birth.kind, Letter.PLACE)),
        sequence=1,
        previous=b"",
        kind="custody",
        recorded_at=moments.now(),
        content=_content(birth, by, source, told),
    )
    born = _item(birth, written, told)
    work.session.add(born)
    work.flush()
    work.session.add_all(ItemParent(child_id=born.id, parent_id=parent.id) for parent in birth.parents)
    work.session.add_all(
        ItemAlias(item_id=born.id, issuer=who, value=normalise(code)) for who, code in birth.aliases
    )
    work.flush()
    store_entry(work, written)
    return queries.item_by_id(work, born.id)


def _content(birth: Birth, by: Actor, source: Source, told: Told) -> dict[str, Any]:
    content: dict[str, Any] = {
        "action": Action.REGISTER.value,
        "from": State.UNREGISTERED.value,
        "to": birth.begins_as.value,
        "item_kind": birth.kind.value,
        "performed_by": by.person,
        "recorded_by": by.person,
        "source": {"kind": source.kind, "reference": source.reference},
        "occurred_at": moments.to_text(told.at),
        "zone": told.zone,
        "offset_minutes": told.offset_minutes,
    }
    optional = {
        "station": by.station,
        "specification": birth.specification,
        "site": birth.site,
        "custodian": birth.custodian,
        "participant": birth.participant,
        "kit": birth.kit.identifier if birth.kit else None,
        "parents": [parent.identifier for parent in birth.parents],
        "draw_order": birth.draw_order,
        "lot": birth.lot,
        "expires_on": birth.expires_on.isoformat() if birth.expires_on else None,
        "volume_microlitres": birth.volume_microlitres,
        "collected_at": birth.collected_at,
        "aliases": [list(alias) for alias in birth.aliases],
        "details": dict(birth.details),
    }
    content |= {name: value for name, value in optional.items() if value not in (None, "", [], {})}
    if birth.place:
        content |= {"place": birth.place.identifier, "position": birth.position}
    return content


def _item(birth: Birth, written: Written, told: Told) -> Item:
    return Item(
        identifier=written.event["subject"],
        kind=birth.kind.value,
        specification=birth.specification,
        state=written.event["to"],
        sequence=1,
        head=written.hash,
        site=birth.site,
        custodian=birth.custodian,
        participant=birth.participant,
        kit_id=birth.kit.id if birth.kit else None,
        container_id=birth.place.id if birth.place else None,
        position=birth.position,
        draw_order=birth.draw_order,
        lot=birth.lot,
        expires_on=birth.expires_on,
        volume_microlitres=birth.volume_microlitres,
        collected_at=moments.from_microseconds(birth.collected_at) if birth.collected_at else None,
        occurred_at=told.at,
        recorded_at=written.recorded_at,
    )
