"""What a station needs to go on without network, and what came of what it sent."""

from collections.abc import Sequence

from sqlalchemy import Select, select

from biobank.access.actors import Actor
from biobank.access.models import Person, RoleGrant
from biobank.core.database import Work
from biobank.custody.cases import case_stands
from biobank.custody.models import Discrepancy
from biobank.custody.queries import item_if_known, newest_events
from biobank.custody.states import Kind
from biobank.items.models import Item, ItemAlias
from biobank.kits.queries import kits_waiting
from biobank.offline.checks import COLLECTORS
from biobank.offline.choices import WITHOUT_NETWORK, QueueOutcome
from biobank.offline.inputs import QueuedScan
from biobank.offline.models import OfflineScan

MOST_KITS = 200
NEWEST = 50
"""Events of a tube, among which what was told at the chair a moment ago is."""


def open_kits(work: Work, site: str) -> list[Item]:
    """Assigned kits of a site of which some tube waits to be drawn."""
    return kits_waiting(work, site, MOST_KITS)


def other_codes(work: Work, kits: Sequence[Item]) -> dict[str, list[str]]:
    """The codes of makers on the tubes of some kits, by the tube's identifier."""
    question = (
        select(Item.identifier, ItemAlias.value)
        .join(ItemAlias, ItemAlias.item_id == Item.id)
        .where(Item.kit_id.in_([kit.id for kit in kits]))
        .order_by(ItemAlias.id)
    )
    found: dict[str, list[str]] = {}
    for identifier, value in work.session.execute(question):
        found.setdefault(identifier, []).append(value)
    return found


def collectors_at(work: Work, site: str) -> list[str]:
    """User names of those who may have drawn what is scanned at a site."""
    question = (
        select(RoleGrant.person)
        .join(Person, Person.username == RoleGrant.person)
        .where(
            RoleGrant.site == site,
            RoleGrant.role.in_([role.value for role in COLLECTORS]),
            RoleGrant.withdrawn_at.is_(None),
            Person.active,
        )
        .distinct()
        .order_by(RoleGrant.person)
    )
    return list(work.session.scalars(question))


def received(work: Work, key: str) -> OfflineScan | None:
    """The scan of this key, when it was sent before."""
    return work.session.scalar(select(OfflineScan).where(OfflineScan.key == key))


def is_told(work: Work, queued: QueuedScan) -> bool:
    """Whether the step that a scan tells was ever recorded of its tube; what is no tube has no such step."""
    item = item_if_known(work, queued.item)
    if item is None or item.kind is not Kind.TUBE:
        return True
    events = newest_events(work, item.identifier, NEWEST)
    return any(event["action"] in WITHOUT_NETWORK for event in events)


def told_before(work: Work, item_id: int, *, performed_by: str, counter: int) -> bool:
    """Whether somebody's queue held an earlier scan of an item."""
    question = select(OfflineScan.id).where(
        OfflineScan.item_id == item_id,
        OfflineScan.performed_by == performed_by,
        OfflineScan.counter < counter,
    )
    return work.session.scalar(question.limit(1)) is not None


def cases_of(work: Work, item_id: int, sequence: int) -> list[str]:
    """The sentences of the discrepancies that an event opened."""
    question = select(Discrepancy.sentence).where(
        Discrepancy.item_id == item_id, Discrepancy.opened_sequence == sequence
    )
    return list(work.session.scalars(question.order_by(Discrepancy.id)))


def conflicts_seen_by(by: Actor) -> Select[OfflineScan]:
    """Of the sites that somebody works at."""
    question = select(OfflineScan).where(OfflineScan.outcome == QueueOutcome.CONFLICT.value)
    return question if by.sites is None else question.where(OfflineScan.site.in_(sorted(by.sites)))


def open_cases(work: Work, items: Sequence[int]) -> frozenset[int]:
    """Those items of which some discrepancy still waits for an explanation."""
    question = select(Discrepancy.item_id).where(Discrepancy.item_id.in_(items), case_stands())
    return frozenset(work.session.scalars(question))
