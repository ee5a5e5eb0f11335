"""Questions about the stock of kits: what stands on a site's shelf, what comes, what expires, what went."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
from sqlalchemy import ColumnElement, Select, case, func, select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind, State
from biobank.items.models import Item
from biobank.kits.models import StockLevel
from biobank.kits.queries import IS_KIT, definitions
from biobank.ledger.models import LedgerEntry

GONE_DAYS = 30
"""How far back used, voided and returned kits are counted."""
UNUSED = (State.REGISTERED.value, State.ISSUED.value, State.RETURNED.value)

ON_THE_WAY = Item.sent_to.is_not(None)
RECALLED = (
    select(Hold.id)
    .where(Hold.item_id == Item.id, Hold.kind == HoldKind.RECALL.value, Hold.lifted_sequence.is_(None))
    .exists()
)


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """Kits of one definition, lot and expiry that stand at a site, or are on their way there."""

    site: str
    definition: str
    lot: str | None
    expires_on: date | None
    kits: int
    recalled: int
    newest: int
    """The highest number of an item among them: a delivery is confirmed up to it."""

    def expires_within(self, days: int, today: date) -> bool:
        return self.expires_on is not None and self.expires_on <= today + timedelta(days=days)

    def has_expired(self, today: date) -> bool:
        return self.expires_on is not None and self.expires_on < today


@dataclass(frozen=True, kw_only=True)
class Gone:
    """How many kits of one definition were used, voided and given back within `GONE_DAYS`."""

    definition: str
    used: int
    voided: int
    returned: int


@dataclass(frozen=True, kw_only=True)
class Low:
    """A site whose shelf holds fewer usable kits of a kind than it wants."""

    site: str
    kit: str
    lowest: int
    usable: int


def sites_stocked(by: Actor) -> frozenset[str] | None:
    """Whose stock somebody sees: who makes kits sees every site's, the others their own; None is all."""
    return None if by.may(Permission.MAKE_KITS) else by.sites


def on_the_shelf(work: Work, sites: frozenset[str] | None) -> list[Shelf]:
    """By site, the earliest expiry first; kits that have not come yet are left out."""
    return _shelves(work, Item.site, _of(Item.site, sites), [~ON_THE_WAY, Item.state == State.ISSUED.value])


def on_the_way(work: Work, sites: frozenset[str] | None) -> list[Shelf]:
    """Issued to these sites, or given back to them, and not yet scanned there."""
    states = [Item.state.in_([State.ISSUED.value, State.RETURNED.value]), ON_THE_WAY]
    return _shelves(work, Item.sent_to, _of(Item.sent_to, sites), states)


def _of(column: Any, sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [] if sites is None else [column.in_(sorted(sites))]


def _shelves(
    work: Work, site: Any, where: Sequence[ColumnElement[bool]], states: Sequence[ColumnElement[bool]]
) -> list[Shelf]:
    group = (site, Item.specification, Item.lot, Item.expires_on)
    question = (
        select(*group, func.count(), func.sum(_one_if(RECALLED)), func.max(Item.id))
        .where(IS_KIT, *states, *where, site.is_not(None))
        .group_by(*group)
        .order_by(site, Item.expires_on.is_(None), Item.expires_on, Item.specification, Item.lot)
    )
    return [_shelf(tuple(row)) for row in work.session.execute(question)]


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _shelf(row: tuple[Any, ...]) -> Shelf:
    site, definition, lot, expires_on, kits, recalled, newest = row
    return Shelf(
        site=site, definition=definition or "", lot=lot, expires_on=expires_on, kits=kits,
        recalled=recalled, newest=newest,
    )  # fmt: skip


def gone(work: Work, sites: frozenset[str] | None, now: datetime) -> list[Gone]:
    """What left the shelf within `GONE_DAYS`, by definition."""
    since = now - timedelta(days=GONE_DAYS)
    states = (State.ASSIGNED, State.VOIDED, State.RETURNED)
    counts = [func.sum(_one_if(Item.state == state.value)) for state in states]
    question = (
        select(Item.specification, *counts)
        .where(
            IS_KIT, Item.state.in_([state.value for state in states]), Item.recorded_at >= since,
            *_of(Item.site, sites),
        )
        .group_by(Item.specification)
        .order_by(Item.specification)
    )  # fmt: skip
    return [
        Gone(definition=row[0] or "", used=row[1], voided=row[2], returned=row[3])
        for row in work.session.execute(question)
    ]


def kits_on_shelf(site: str, *, definition: str | None = None, lot: str | None = None) -> Select[Item]:
    """The kits behind a number of `on_the_shelf`, to be listed page by page; an empty lot is none."""
    question = select(Item).where(IS_KIT, Item.state == State.ISSUED.value, Item.site == site, ~ON_THE_WAY)
    return _of_batch(question, definition, lot)


def kits_on_their_way(site: str, *, definition: str | None = None, lot: str | None = None) -> Select[Item]:
    """The kits behind a number of `on_the_way`, to be listed page by page; an empty lot is none."""
    states = [State.ISSUED.value, State.RETURNED.value]
    question = select(Item).where(IS_KIT, Item.state.in_(states), Item.sent_to == site)
    return _of_batch(question, definition, lot)


def _of_batch(question: Select[Item], definition: str | None, lot: str | None) -> Select[Item]:
    if definition is not None:
        question = question.where(Item.specification == definition)
    if lot is not None:
        question = question.where(Item.lot == lot if lot else Item.lot.is_(None))
    return question


def levels_of(work: Work, sites: frozenset[str] | None) -> list[StockLevel]:
    question = select(StockLevel).where(*_of(StockLevel.site, sites))
    return list(work.session.scalars(question.order_by(StockLevel.site, StockLevel.kit)))


def name_of_kit(work: Work, definition: str) -> str:
    """`adult` of `adult-3.2`: what a level is set for, whatever the version."""
    known = definitions(work).get(definition)
    return known.name if known else definition


def running_low(work: Work, levels: Iterable[StockLevel], shelves: Iterable[Shelf], today: date) -> list[Low]:
    """Levels that the usable kits on the shelf do not reach; expired and recalled ones are none."""
    usable: dict[tuple[str, str], int] = {}
    for shelf in shelves:
        key = (shelf.site, name_of_kit(work, shelf.definition))
        count = 0 if shelf.has_expired(today) else shelf.kits - shelf.recalled
        usable[key] = usable.get(key, 0) + count
    counted = ((level, usable.get((level.site, level.kit), 0)) for level in levels)
    return [
        Low(site=level.site, kit=level.kit, lowest=level.lowest, usable=count)
        for level, count in counted
        if count < level.lowest
    ]


def kits_by_name(work: Work) -> Mapping[str, str]:
    """Each name of a kit with its newest definition."""
    return {definition.name: key for key, definition in sorted(definitions(work).items())}


def made_at(work: Work, identifier: str) -> str | None:
    """The site that a kit was made at, by its first entry."""
    body = work.session.scalar(
        select(LedgerEntry.body).where(LedgerEntry.subject == identifier, LedgerEntry.sequence == 1)
    )
    site = orjson.loads(body).get("site") if body else None
    return str(site) if site else None


def today() -> date:
    """By our clock in UTC: expiry is a day printed on a label."""
    return moments.now().date()
