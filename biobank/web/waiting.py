"""What waits for whom: piles of items by role and site, counted up to a hundred, listed page by page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, ScalarSelect, Select, func, literal, select
from sqlalchemy.orm import InstrumentedAttribute, aliased

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.custody.models import Hold
from biobank.custody.states import SPECIMENS, Kind, State
from biobank.destruction.choices import UNFINISHED
from biobank.destruction.models import DestructionLine, DestructionOrder
from biobank.items.models import Item
from biobank.kits.queries import being_collected
from biobank.outages.models import Outage, OutageLine
from biobank.processing.queries import codes_to_spin, was_spun
from biobank.web.current import current_settings

MOST_COUNTED = 99

Asked = Select[int] | int
"""Numbers of what waits, of which it is asked how many; or how many, where that is already known."""

Condition = Callable[[frozenset[str] | None], Sequence[ColumnElement[bool]]]
"""What an item of the pile is, at these sites; None is all sites."""


@dataclass(frozen=True)
class Pile:
    """Items that wait for one thing to be done."""

    code: str
    label: str
    roles: frozenset[Role]
    tone: str
    condition: Condition
    desk: str | None = None
    """The address of the page where more can be done with them, for those who see destruction."""


CLINIC = frozenset({Role.CLINIC})
FLOOR = frozenset({Role.TECHNICIAN, Role.LEAD})
JUDGES = frozenset({Role.LEAD, Role.COMPLIANCE})
LOST_FROM_SIGHT = frozenset({Role.CLINIC, Role.LEAD})


def _here(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """In the custody of one of these sites."""
    return [] if sites is None else [Item.custodian.in_([f"site:{site}" for site in sorted(sites)])]


def _of(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [] if sites is None else [Item.site.in_(sorted(sites))]


def _sent_to(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [] if sites is None else [Item.sent_to.in_(sorted(sites))]


def is_exactly(column: InstrumentedAttribute[str], value: str) -> ColumnElement[bool]:
    """With the value in the text of the statement, so that a database sees which partial index fits."""
    return column == literal(value, literal_execute=True)


def _specimen(state: State) -> list[ColumnElement[bool]]:
    return [Item.kind.in_(sorted(kind.value for kind in SPECIMENS)), is_exactly(Item.state, state.value)]


def _kit(state: State) -> list[ColumnElement[bool]]:
    return [is_exactly(Item.kind, Kind.KIT.value), Item.state == state.value]


def _held() -> ColumnElement[bool]:
    return select(Hold.id).where(Hold.item_id == Item.id, Hold.lifted_sequence.is_(None)).exists()


def _among_the_held() -> ColumnElement[bool]:
    """The same, for where holds are few and items many: it begins at the holds."""
    return Item.id.in_(select(Hold.item_id).where(Hold.lifted_sequence.is_(None)))


def _outside_quarantine() -> ColumnElement[bool]:
    around = aliased(Item)
    inside = select(around.id).where(
        around.id == Item.container_id, around.kind == Kind.QUARANTINE_PLACE.value
    )
    return ~inside.exists()


def _begun() -> ColumnElement[bool]:
    """Of one of its tubes somebody has said whether it was collected."""
    tube = aliased(Item)
    return select(tube.id).where(tube.kit_id == Item.id, tube.state != State.EXPECTED.value).exists()


def _aside(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """Held, at this site, and not yet where held things belong."""
    here = Item.state.in_([State.RECEIVED.value, State.STORED.value])
    return [here, *_here(sites), _among_the_held(), _outside_quarantine()]


def _at_hand(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """Collected, at these sites, and lying in nothing."""
    return [*_specimen(State.COLLECTED), *_here(sites), Item.container_id.is_(None)]


def _to_pack(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """What goes into the centrifuge first waits there."""
    to_spin = Item.specification.in_(codes_to_spin(current_settings())) & ~was_spun()
    return [*_at_hand(sites), ~to_spin]


SHIPPED_WITHIN = timedelta(days=1)
"""Clinics ship on the day of the draw; what is left on the next day is late."""


def _to_pack_late(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [*_at_hand(sites), Item.collected_at < now() - SHIPPED_WITHIN]


def _outside_of_orders(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """Sent out, ours, and on an order that is not done."""
    on_orders = (
        select(DestructionLine.item_id)
        .join(DestructionOrder, DestructionOrder.id == DestructionLine.order_id)
        .where(DestructionLine.outcome.is_(None), DestructionOrder.state.in_(sorted(UNFINISHED)))
    )
    return [*_specimen(State.SENT_OUT), *_sent_to(sites), Item.id.in_(on_orders)]


def _out_of_service(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [Item.id.in_(select(Outage.unit_id).where(Outage.ended_at.is_(None))), *_of(sites)]


def _after_an_outage(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    """Nothing was decided about them yet."""
    over = select(Outage.id).where(Outage.ended_at.is_not(None))
    waits = select(OutageLine.item_id).where(OutageLine.decision_id.is_(None), OutageLine.outage_id.in_(over))
    return [Item.id.in_(waits), *_here(sites)]


PILES = (
    Pile("failed", "Freezers out of service", FLOOR, "wrong", _out_of_service, desk="/outages"),
    Pile(
        "after_outage",
        "To be judged after an outage",
        frozenset({Role.LEAD}),
        "late",
        _after_an_outage,
        desk="/outages?show=ended",
    ),
    Pile("aside", "Held, and not in quarantine", FLOOR, "wrong", _aside),
    Pile(
        "nowhere",
        "Nobody knows where",
        LOST_FROM_SIGHT,
        "wrong",
        lambda sites: [Item.place_unknown_since.is_not(None), *_of(sites)],
    ),
    Pile(
        "collecting",
        "Kits being collected",
        CLINIC,
        "wait",
        lambda sites: [*being_collected(sites), _begun()],
    ),
    Pile(
        "kits",
        "Kits assigned, and nothing collected yet",
        CLINIC,
        "wait",
        lambda sites: [*being_collected(sites), ~_begun()],
    ),
    Pile(
        "stock",
        "Kits ready for a participant",
        CLINIC,
        "wait",
        lambda sites: [*_kit(State.ISSUED), *_of(sites), Item.sent_to.is_(None), ~_held()],
    ),
    Pile("pack_late", "Tubes collected over a day ago and not packed", CLINIC, "late", _to_pack_late),
    Pile("pack", "Tubes to pack", CLINIC, "wait", _to_pack),
    Pile(
        "store",
        "Tubes to store",
        FLOOR,
        "wait",
        lambda sites: [*_specimen(State.RECEIVED), *_here(sites), ~_held()],
        desk="/storage/store",
    ),
    Pile(
        "bench",
        "Checked out to a bench",
        FLOOR,
        "wait",
        lambda sites: [*_specimen(State.CHECKED_OUT), *_here(sites)],
    ),
    Pile(
        "outside",
        "To be destroyed, and at custodians outside",
        JUDGES,
        "wait",
        _outside_of_orders,
        desk="/custodians/outside",
    ),
    Pile(
        "travelling",
        "Tubes on their way here",
        FLOOR,
        "wait",
        lambda sites: [*_specimen(State.IN_TRANSIT), *_sent_to(sites)],
    ),
    Pile(
        "issue",
        "Kits to issue to a clinic",
        FLOOR,
        "wait",
        lambda sites: [*_kit(State.REGISTERED), *_of(sites)],
    ),
)


def piles_of(by: Actor) -> list[Pile]:
    return [pile for pile in PILES if by.roles & pile.roles]


def items_in(pile: Pile, by: Actor) -> Select[Item]:
    return select(Item).where(*pile.condition(by.sites))


def numbers_in(pile: Pile, by: Actor) -> Select[int]:
    return items_in(pile, by).with_only_columns(Item.id)


def counted(work: Work, pile: Pile, by: Actor) -> int:
    return how_many(work, numbers_in(pile, by))


def how_many(work: Work, numbers: Select[int]) -> int:
    """Never more than one above `MOST_COUNTED`, however many there are."""
    return how_many_each(work, [numbers])[0]


def how_many_each(work: Work, waiting: Sequence[Asked]) -> list[int]:
    """The same of several questions, asked as one: each by itself would be a way to the database and back."""
    questions = [_few(each) for each in waiting if not isinstance(each, int)]
    answers = iter(work.session.execute(select(*questions)).one() if questions else ())
    return [each if isinstance(each, int) else next(answers) for each in waiting]


def _few(numbers: Select[int]) -> ScalarSelect[int]:
    some = numbers.limit(MOST_COUNTED + 1).subquery()
    return select(func.count()).select_from(some).scalar_subquery()
