"""Questions about recalls: what is of a lot, how each of it stands, what is to be looked for where."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import CTE, ColumnElement, Select, case, func, or_, select
from sqlalchemy.orm import aliased

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import row_numbered
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind, Kind
from biobank.items.models import Item
from biobank.items.queries import with_all_made_of
from biobank.kits.stock import UNUSED
from biobank.recalls.choices import BY_STATE, GONE_FROM_SIGHT, LOOKED_FOR, NOT_HELD, RecallStanding
from biobank.recalls.models import Recall, RecallLine


class NoSuchRecall(NotFound):
    title = "Recall not known"


@dataclass(frozen=True, kw_only=True)
class Count:
    """How many of one kind, in one state, at one site, a lot has; the site is None where nobody knows."""

    kind: str
    state: str
    site: str | None
    items: int


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many things of a recall stand how, at one site."""

    site: str | None
    standing: RecallStanding
    items: int


SITE = case(
    (Item.custodian.like("site:%"), func.substr(Item.custodian, len("site:") + 1)),
    else_=func.coalesce(Item.sent_to, Item.site),
)
"""Where somebody has to look: at who has it, else where it is going, else where it is of."""

STANDING: ColumnElement[str] = case(
    *((Item.state == state.value, standing.value) for state, standing in BY_STATE.items()),
    (RecallLine.found_at.is_not(None), RecallStanding.FOUND.value),
    (
        or_(Item.state.in_(sorted(GONE_FROM_SIGHT)), Item.place_unknown_since.is_not(None)),
        RecallStanding.MISSING.value,
    ),
    else_=RecallStanding.TO_FIND.value,
)


def items_of_lot(lot: str, specification: str = "") -> CTE:
    """Numbers of all items of a lot: kits, tubes, unused kits with such a tube, everything made of them."""
    named = [Item.lot == lot] + ([Item.specification == specification] if specification else [])
    of_it = select(Item.id).where(Item.kind.in_([Kind.KIT.value, Kind.TUBE.value]), *named)
    kit, tube = aliased(Item), aliased(Item)
    its_tubes = select(tube.id).join(kit, kit.id == tube.kit_id).where(tube.lot == lot, kit.id.in_(of_it))
    its_kits = (
        select(kit.id).join(tube, tube.kit_id == kit.id).where(tube.id.in_(of_it), kit.state.in_(UNUSED))
    )
    first = of_it.union(its_tubes, its_kits).subquery()
    return with_all_made_of(select(first.c.id))


def counts_of_lot(work: Work, lot: str, specification: str = "") -> list[Count]:
    """What a recall would find, before anybody opens it."""
    found = items_of_lot(lot, specification)
    question = (
        select(Item.kind, Item.state, SITE, func.count())
        .join(found, found.c.id == Item.id)
        .group_by(Item.kind, Item.state, SITE)
        .order_by(Item.kind, Item.state, SITE)
    )
    return [
        Count(kind=kind, state=state, site=site, items=items)
        for kind, state, site, items in work.session.execute(question)
    ]


def recall_numbered(work: Work, number: int, *, locked: bool = False) -> Recall:
    """Raises `NoSuchRecall`."""
    found = row_numbered(work, Recall, number, locked=locked)
    if found is None:
        raise NoSuchRecall(f"There is no recall {number}; look through the list of recalls.")
    return found


def recalls(*, standing: bool | None = None) -> Select[Recall]:
    """All, those that stand or those that were lifted; to be listed page by page."""
    question = select(Recall)
    if standing is None:
        return question
    return question.where(Recall.lifted_at.is_(None) if standing else Recall.lifted_at.is_not(None))


def standing_recalls(work: Work) -> list[Recall]:
    return list(work.session.scalars(recalls(standing=True).order_by(Recall.id)))


def standing_recalls_of_lots(work: Work, item_id: int) -> list[Recall]:
    """Recalls that stand on the lot of a kit or tube, whether or not they list it yet."""
    question = (
        select(Recall)
        .join(Item, Item.lot == Recall.lot)
        .where(
            Item.id == item_id,
            Recall.lifted_at.is_(None),
            or_(Recall.specification == "", Recall.specification == Item.specification),
        )
        .order_by(Recall.id)
    )
    return list(work.session.scalars(question))


def line_of(work: Work, recall: Recall, item_id: int) -> RecallLine | None:
    return work.session.get(RecallLine, (recall.id, item_id))


def number_listed(work: Work, recall: Recall) -> int:
    """How many items it covers."""
    question = select(func.count()).select_from(RecallLine).where(RecallLine.recall_id == recall.id)
    return work.session.scalar(question) or 0


def recalls_of_item(work: Work, item_id: int) -> list[Recall]:
    """Standing recalls that list an item."""
    question = (
        select(Recall)
        .join(RecallLine, RecallLine.recall_id == Recall.id)
        .where(RecallLine.item_id == item_id, Recall.lifted_at.is_(None))
        .order_by(Recall.id)
    )
    return list(work.session.scalars(question))


def sites_told(by: Actor) -> frozenset[str] | None:
    """Who may recall is told what is left at every site, which is None; the others of their own."""
    return None if by.may(Permission.RECALL) else by.sites


def progress(work: Work, recall: Recall, sites: frozenset[str] | None = None) -> list[Progress]:
    """How the things of a recall stand, by site."""
    question = (
        select(SITE, STANDING, func.count())
        .select_from(RecallLine)
        .join(Item, Item.id == RecallLine.item_id)
        .where(RecallLine.recall_id == recall.id, *_at(sites))
        .group_by(SITE, STANDING)
        .order_by(SITE)
    )
    return [
        Progress(site=site, standing=RecallStanding(standing), items=items)
        for site, standing, items in work.session.execute(question)
    ]


def _at(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [] if sites is None else [SITE.in_(sorted(sites))]


def items_to_find(recall: Recall, sites: frozenset[str] | None = None) -> Select[Item]:
    """What somebody still has to find for a recall, to be listed page by page."""
    return (
        select(Item)
        .join(RecallLine, RecallLine.item_id == Item.id)
        .where(
            RecallLine.recall_id == recall.id,
            STANDING.in_(sorted(standing.value for standing in LOOKED_FOR)),
            *_at(sites),
        )
    )


def to_hold(work: Work, recall: Recall) -> Sequence[int]:
    """Numbers of the items of a recall that there still is something of."""
    question = (
        select(Item.id)
        .join(RecallLine, RecallLine.item_id == Item.id)
        .where(RecallLine.recall_id == recall.id, Item.state.not_in(sorted(NOT_HELD)))
    )
    return work.session.scalars(question.order_by(Item.id)).all()


def held_by_it_alone(work: Work, recall: Recall) -> Sequence[int]:
    """Numbers of the items of a recall that are under its hold and that no other standing recall lists."""
    other, line = aliased(Recall), aliased(RecallLine)
    elsewhere = (
        select(line.item_id)
        .join(other, other.id == line.recall_id)
        .where(line.item_id == RecallLine.item_id, other.id != recall.id, other.lifted_at.is_(None))
        .exists()
    )
    question = (
        select(RecallLine.item_id)
        .join(Hold, Hold.item_id == RecallLine.item_id)
        .where(
            RecallLine.recall_id == recall.id,
            Hold.kind == HoldKind.RECALL.value,
            Hold.lifted_sequence.is_(None),
            ~elsewhere,
        )
    )
    return work.session.scalars(question.order_by(RecallLine.item_id)).all()
