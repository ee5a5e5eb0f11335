"""What waits at the bench: to be spun, to be aliquoted, to be frozen; by age against its limit."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, Select, and_, func, literal_column, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from biobank.core.database import Work
from biobank.custody.models import Hold
from biobank.custody.states import MADE, Kind
from biobank.custody.steps import ItemNow
from biobank.items.models import Item, ItemParent
from biobank.kits.queries import kits_of_tubes, specification_of_tube
from biobank.processing.choices import Phase, phase_before
from biobank.processing.freezing import is_frozen, material_of
from biobank.processing.plans import Plan, codes_of, plan_for, todays_plans
from biobank.processing.queries import Sites, foreseen, newest_spin, was_spun
from biobank.settings import Settings

MOST_SHOWN = 40
"""A pile, on one page; the others follow as these are done."""
MOST_COUNTED = 10_000
"""Nobody needs to know how many more than this there are."""


@dataclass(frozen=True)
class Due:
    """A specimen and the moment by which it is to be done; None where that cannot be told."""

    item: Item
    until: datetime | None

    def phase(self, at: datetime) -> Phase:
        return phase_before(self.until, at)


@dataclass(frozen=True)
class Pile:
    """The most urgent of what waits for one thing, and how many there are."""

    shown: tuple[Due, ...]
    count: int


def is_to_be_spun_first(work: Work, item: ItemNow) -> bool:
    """A tube whose plan begins with the centrifuge, and that nobody scanned into one."""
    plan = plan_for(work.settings, item.specification) if item.kind is Kind.TUBE else None
    if plan is None or not plan.spun or item.specification not in plan.codes:
        return False
    return newest_spin(work, item.id) is None


def to_spin_here(work: Work, sites: Sites) -> Select[Item]:
    """Tubes that came unspun and whose plan begins with the centrifuge."""
    spun = [plan for plan in todays_plans(work.settings).plans if plan.spun]
    drawn = {code for plan in spun for code in plan.codes}
    return _received(sites).where(
        _is_tube(), Item.specification.in_(sorted(drawn)), ~was_spun(), ~_has_children(), ~_is_held()
    )


def to_aliquot(work: Work, sites: Sites) -> Select[Item]:
    """Tubes of which nothing was made yet, and that may be worked on."""
    plans = [plan for plan in todays_plans(work.settings).plans if plan.lines]
    return _received(sites).where(_is_tube(), _is_ready(plans, work.settings), ~_has_children(), ~_is_held())


def to_freeze(work: Work, sites: Sites) -> Select[Item]:
    """Vials, and tubes that are kept whole, that stand at the bench unfrozen; held ones too."""
    book = todays_plans(work.settings)
    named = [each.name for each in book.materials.values() if each.freeze_within_minutes]
    whole = codes_of(work.settings, [plan for plan in book.plans if plan.kept_whole])
    made = and_(Item.kind.in_(sorted(kind.value for kind in MADE)), Item.specification.in_(named))
    kept = and_(_is_tube(), Item.specification.in_(whole), ~_has_children())
    return _received(sites).where(or_(made, kept), ~is_frozen())


def waiting_to_be_spun(work: Work, sites: Sites) -> Pile:
    return _pile(work, to_spin_here(work, sites), Item.collected_at, _spin_until)


def count_to_be_spun(work: Work, sites: Sites) -> int:
    return _count(work, to_spin_here(work, sites))


def waiting_to_be_aliquoted(work: Work, sites: Sites) -> Pile:
    return _pile(work, to_aliquot(work, sites), Item.collected_at, _aliquot_until)


def waiting_to_be_frozen(work: Work, sites: Sites) -> Pile:
    return _pile(work, to_freeze(work, sites), Item.occurred_at, _freeze_until)


def late_at_the_bench(work: Work, sites: Sites, now: datetime) -> tuple[Select[int], Select[int]]:
    """What waits longer than its plan says: tubes to aliquot, and vials to freeze. Two questions: each finds
    its way by the index of what is received.
    """
    book = todays_plans(work.settings)
    plans = [plan for plan in book.plans if plan.lines]
    aliquots = [
        and_(
            Item.specification.in_(codes_of(work.settings, list(alike))),
            Item.collected_at < now - timedelta(minutes=minutes),
        )
        for minutes, alike in groupby(sorted(plans, key=_limit_of), key=_limit_of)
    ]
    vials = [
        and_(
            Item.specification == each.name,
            Item.occurred_at < now - timedelta(minutes=each.freeze_within_minutes),
        )
        for each in book.materials.values()
        if each.freeze_within_minutes
    ]
    late = to_aliquot(work, sites).where(or_(*aliquots)).with_only_columns(Item.id)
    warm = to_freeze(work, sites).where(or_(*vials)).with_only_columns(Item.id)
    return late, warm


def _limit_of(plan: Plan) -> int:
    return plan.process_within_minutes


Limit = Callable[[Work, Item], datetime | None]


def _pile(
    work: Work, waiting: Select[Item], since: InstrumentedAttribute[datetime | None], limit: Limit
) -> Pile:
    oldest = work.session.scalars(waiting.order_by(since, Item.id).limit(MOST_SHOWN)).all()
    kits_of_tubes(work, oldest)
    return Pile(tuple(_most_urgent(Due(item, limit(work, item)) for item in oldest)), _count(work, waiting))


def _count(work: Work, waiting: Select[Item]) -> int:
    some = waiting.with_only_columns(Item.id).limit(MOST_COUNTED).subquery()
    return work.session.scalar(select(func.count()).select_from(some)) or 0


def _most_urgent(waiting: Iterable[Due]) -> list[Due]:
    return sorted(waiting, key=lambda due: (due.until is None, due.until))


def _spin_until(work: Work, tube: Item) -> datetime | None:
    """By the window of its kit; a tube without one is spun before it is aliquoted."""
    window = foreseen(specification_of_tube(work, tube), tube.specification)
    if window is None or tube.collected_at is None:
        return _aliquot_until(work, tube)
    return tube.collected_at + timedelta(minutes=window.latest_minutes)


def _aliquot_until(work: Work, tube: Item) -> datetime | None:
    plan = plan_for(work.settings, tube.specification)
    if plan is None or tube.collected_at is None:
        return None
    return tube.collected_at + timedelta(minutes=plan.process_within_minutes)


def _freeze_until(work: Work, item: Item) -> datetime | None:
    """A vial from its making on, a tube that is kept whole from its collection on."""
    material = material_of(work, item)
    since = item.collected_at if item.kind == Kind.TUBE else item.occurred_at
    if material is None or material.freeze_within_minutes is None or since is None:
        return None
    return since + timedelta(minutes=material.freeze_within_minutes)


def _received(sites: Sites) -> Select[Item]:
    """Written so that the partial index of what is received is used."""
    received = literal_column("items.state") == literal_column("'received'")
    here = [] if sites is None else [Item.custodian.in_([f"site:{site}" for site in sorted(sites)])]
    return select(Item).where(received, *here)


def _is_tube() -> ColumnElement[bool]:
    return Item.kind == Kind.TUBE.value


def _is_ready(plans: Sequence[Plan], settings: Settings) -> ColumnElement[bool]:
    """A tube that is spun first is ready when it was, or is called by the code of after its spin."""
    first_spun = sorted({code for plan in plans if plan.spun for code in plan.codes})
    at_once = [code for code in codes_of(settings, plans) if code not in first_spun]
    return or_(Item.specification.in_(at_once), and_(Item.specification.in_(first_spun), was_spun()))


def _has_children() -> ColumnElement[bool]:
    return select(ItemParent.child_id).where(ItemParent.parent_id == Item.id).exists()


def _is_held() -> ColumnElement[bool]:
    return select(Hold.id).where(Hold.item_id == Item.id, Hold.lifted_sequence.is_(None)).exists()
