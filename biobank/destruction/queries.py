"""Questions about destruction: which orders, how far, what lies where, whose certificate."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, or_, select

from biobank.access.actors import Actor
from biobank.access.models import Signature
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.moments import now
from biobank.core.rows import in_turns, locking
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind, State
from biobank.destruction.choices import (
    MAY_DESTROY,
    TO_BE_SETTLED,
    UNFINISHED,
    BatchState,
    Ceremony,
    OrderState,
    Stage,
    is_covered,
    stage_of,
)
from biobank.destruction.models import (
    Certificate,
    DestructionLine,
    DestructionOrder,
    LegalHold,
    WasteBatch,
)
from biobank.items.identifiers import printed, read_identifier
from biobank.items.models import Item, ItemParent
from biobank.items.queries import is_of, item_of, specimens_of
from biobank.participants.models import ParticipantSite
from biobank.participants.queries import codes_of, periods_of


class OrderUnknown(NotFound):
    title = "Order unknown"


class BatchUnknown(NotFound):
    title = "Waste batch unknown"


class CertificateUnknown(NotFound):
    title = "Certificate unknown"


def order_named(work: Work, text: str) -> DestructionOrder:
    """Raises `OrderUnknown`, or what `read_identifier` says of a mistyped code."""
    identifier = read_identifier(text)
    order = work.session.scalar(select(DestructionOrder).where(DestructionOrder.identifier == identifier))
    if order is None:
        raise OrderUnknown(f"There is no destruction order {printed(identifier)}; look it up in the list.")
    return order


def locked_order(work: Work, order_id: int) -> DestructionOrder:
    """The order as it is now, held until the transaction ends: events of one order never cross."""
    question = select(DestructionOrder).where(DestructionOrder.id == order_id)
    return work.session.scalars(locking(question)).one()


def orders_of(work: Work, participant: str) -> Sequence[DestructionOrder]:
    """Every order of a participant, oldest first."""
    return work.session.scalars(
        select(DestructionOrder)
        .where(DestructionOrder.participant == participant)
        .order_by(DestructionOrder.id),
    ).all()


def standing_orders(work: Work, participant: str) -> list[DestructionOrder]:
    """Every order of a participant that was not cancelled, oldest first."""
    return [order for order in orders_of(work, participant) if order.state != OrderState.CANCELLED]


def current_order(work: Work, participant: str) -> DestructionOrder | None:
    """The newest order that was not cancelled: what is found for the first time belongs to it."""
    standing = standing_orders(work, participant)
    return standing[-1] if standing else None


def order_of_item(work: Work, participant: str, item_id: int) -> DestructionOrder | None:
    """The order of a participant that answers for an item."""
    numbers = {line.order_id for line in lines_of_item(work, item_id)}
    return next((order for order in standing_orders(work, participant) if order.id in numbers), None)


def unfinished_orders(work: Work, by: Actor | None = None) -> Sequence[DestructionOrder]:
    """Orders with something left to do, the one that is due first first; of the sites of `by`, if given."""
    seen = select(DestructionOrder) if by is None else orders_seen_by(by)
    question = seen.where(DestructionOrder.state.in_(sorted(UNFINISHED)))
    return work.session.scalars(question.order_by(DestructionOrder.due_at, DestructionOrder.id)).all()


def orders_seen_by(by: Actor) -> Select[DestructionOrder]:
    """Orders of participants who visited a site of `by`, or with an item that is or goes there."""
    if by.sites is None:
        return select(DestructionOrder)
    visited = (
        select(ParticipantSite.site)
        .where(ParticipantSite.participant == DestructionOrder.participant)
        .where(ParticipantSite.site.in_(by.sites))
    )
    lines = (
        select(DestructionLine.id)
        .join(Item, Item.id == DestructionLine.item_id)
        .where(DestructionLine.order_id == DestructionOrder.id)
        .where(is_of(by.sites))
    )
    # Asked of each order, not of all participants and lines there ever were.
    return select(DestructionOrder).where(or_(visited.exists(), lines.exists()))


def order_seen_by(work: Work, by: Actor, text: str) -> DestructionOrder:
    """Raises `OrderUnknown` also for an order that has nothing to do with a site of `by`."""
    order = order_named(work, text)
    if work.session.scalar(orders_seen_by(by).where(DestructionOrder.id == order.id)) is None:
        raise OrderUnknown(f"There is no destruction order {printed(order.identifier)} at your sites.")
    return order


def is_unsettled(order: DestructionOrder) -> bool:
    """A ceremony was asked for, or nobody answered, and compliance has not settled it."""
    return Ceremony(order.ceremony) in TO_BE_SETTLED and order.ceremony_settled is None


def stage(order: DestructionOrder, at: datetime | None = None) -> Stage:
    return stage_of(
        OrderState(order.state),
        order.hold_until,
        unsettled=is_unsettled(order),
        at=at or now(),
        legal_hold=order.legal_hold,
    )


def is_overdue(order: DestructionOrder, at: datetime | None = None) -> bool:
    """Late by the clock, which stands still under a legal hold and while a ceremony is waited for."""
    runs = OrderState(order.state) in UNFINISHED and not is_unsettled(order) and order.paused_at is None
    return runs and order.due_at < (at or now())


def legal_holds_of(work: Work, order: DestructionOrder) -> Sequence[LegalHold]:
    """Every legal hold there ever was on an order, oldest first."""
    return work.session.scalars(
        select(LegalHold).where(LegalHold.order_id == order.id).order_by(LegalHold.id)
    ).all()


def lines_of(work: Work, order: DestructionOrder) -> Sequence[DestructionLine]:
    return work.session.scalars(
        select(DestructionLine).where(DestructionLine.order_id == order.id).order_by(DestructionLine.item_id),
    ).all()


def open_lines(work: Work, order: DestructionOrder) -> list[DestructionLine]:
    return [line for line in lines_of(work, order) if line.outcome is None]


def complete_orders(work: Work, orders: Sequence[DestructionOrder]) -> list[DestructionOrder]:
    """Those of `orders` whose every line has its end, whose time has come, and that nobody confirmed yet."""
    may_be = [order for order in orders if stage(order) in MAY_DESTROY]
    unended = select(DestructionLine.order_id).where(
        DestructionLine.order_id.in_([order.id for order in may_be]), DestructionLine.outcome.is_(None)
    )
    left = set(work.session.scalars(unended.distinct()))
    return [order for order in may_be if order.id not in left]


def lines_of_item(work: Work, item_id: int) -> Sequence[DestructionLine]:
    """On which orders an item is; a pool can be on several."""
    return work.session.scalars(
        select(DestructionLine).where(DestructionLine.item_id == item_id).order_by(DestructionLine.id),
    ).all()


def orders_that_want(work: Work, item_id: int) -> list[DestructionOrder]:
    """Standing orders on which an item has no end yet."""
    lines = [line for line in lines_of_item(work, item_id) if line.outcome is None]
    orders = [work.session.get_one(DestructionOrder, line.order_id) for line in lines]
    return [order for order in orders if order.state != OrderState.CANCELLED]


def has_a_held_line(work: Work, order: DestructionOrder) -> bool:
    """Whether a legal hold stands on a piece that has no end yet."""
    held = (
        select(Hold.id)
        .join(DestructionLine, DestructionLine.item_id == Hold.item_id)
        .where(DestructionLine.order_id == order.id, DestructionLine.outcome.is_(None))
        .where(Hold.kind == HoldKind.LEGAL.value, Hold.lifted_sequence.is_(None))
    )
    return work.session.scalar(held.limit(1)) is not None


def progress(work: Work, order: DestructionOrder) -> dict[str, int]:
    """Lines by outcome, open ones as `open`."""
    return dict(Counter(line.outcome or "open" for line in lines_of(work, order)))


def specimens_of_person(work: Work, participant: str) -> list[Item]:
    """Every specimen of a participant, under whichever code, and what was made of it; parents first."""
    found = {item.id: item for code in codes_of(work, participant) for item in specimens_of(work, code)}
    return [found[number] for number in sorted(found)]


def covered_specimens(
    work: Work,
    specimens: Sequence[Item],
    *,
    left: bool,
    decided_at: datetime,
    until: datetime | None = None,
) -> list[Item]:
    """Those of a participant's specimens that a decision reaches: tubes by its own rule, what was made of
    them as they are.

    `until` is when the participant came back with a new consent.
    """
    parents = parents_among(work, [item.id for item in specimens])
    covered: set[int] = set()
    for item in specimens:  # a child is younger than its parents and comes after them
        theirs = parents.get(item.id)
        if theirs is None:
            state, collected_at = State(item.state), item.collected_at
            reached = is_covered(
                left=left, decided_at=decided_at, state=state, collected_at=collected_at, until=until
            )
        else:
            reached = (left and until is None) or bool(theirs & covered)
        if reached:
            covered.add(item.id)
    return [item for item in specimens if item.id in covered]


def came_back_after(work: Work, participant: str, moment: datetime) -> datetime | None:
    """When who had left by `moment` began a new period of taking part; None while they did not."""
    later = [period.begins_at for period in periods_of(work, participant) if period.begins_at > moment]
    return min(later, default=None)


def parents_among(work: Work, ids: Sequence[int]) -> dict[int, set[int]]:
    """What each of some items was made of, by the numbers of both."""
    found: dict[int, set[int]] = {}
    pairs = select(ItemParent.child_id, ItemParent.parent_id)
    for some in in_turns(ids):
        for child, parent in work.session.execute(pairs.where(ItemParent.child_id.in_(some))):
            found.setdefault(child, set()).add(parent)
    return found


def batch_named(work: Work, text: str, *, locked: bool = False) -> tuple[WasteBatch, Item]:
    """A waste batch by the code on its bag. Raises `BatchUnknown`."""
    identifier = read_identifier(text)
    bag = item_of(work, identifier)
    batch = batch_of_bag(work, bag.id, locked=locked) if bag else None
    if bag is None or batch is None:
        raise BatchUnknown(f"{printed(identifier)} is no waste bag of ours; scan the code on the bag.")
    return batch, bag


def batch_of_bag(work: Work, item_id: int, *, locked: bool = False) -> WasteBatch | None:
    question = select(WasteBatch).where(WasteBatch.item_id == item_id)
    return work.session.scalar(locking(question) if locked else question)


def bag_of(work: Work, batch: WasteBatch) -> Item:
    return work.session.get_one(Item, batch.item_id)


def batches_unfinished(work: Work) -> Sequence[WasteBatch]:
    return work.session.scalars(
        select(WasteBatch).where(WasteBatch.state != BatchState.DESTROYED).order_by(WasteBatch.id),
    ).all()


def batches_of(work: Work, order: DestructionOrder) -> Sequence[WasteBatch]:
    """The batches in which lines of an order lie or went."""
    theirs = select(DestructionLine.batch_id).where(DestructionLine.order_id == order.id)
    return work.session.scalars(
        select(WasteBatch).where(WasteBatch.id.in_(theirs)).order_by(WasteBatch.id)
    ).all()


def pieces_of(work: Work, batch: WasteBatch) -> list[Item]:
    """What was scanned into a bag, also after it went."""
    theirs = select(DestructionLine.item_id).where(DestructionLine.batch_id == batch.id)
    scanned = or_(Item.id.in_(theirs), Item.container_id == batch.item_id)
    return list(work.session.scalars(select(Item).where(scanned).order_by(Item.id)))


def signature_numbered(work: Work, number: int | None) -> Signature | None:
    return work.session.get(Signature, number) if number is not None else None


def signers_of(work: Work, order: DestructionOrder) -> frozenset[str]:
    """User names of performers and witnesses of the order's batches."""
    numbers = [
        number
        for batch in batches_of(work, order)
        for number in (batch.performer_signature, batch.witness_signature)
    ]
    found = work.session.scalars(select(Signature.signer).where(Signature.id.in_([n for n in numbers if n])))
    return frozenset(found)


def certificates_of(work: Work, order: DestructionOrder) -> Sequence[Certificate]:
    """All certificates of an order, oldest first; each replaces the one before it."""
    return work.session.scalars(
        select(Certificate).where(Certificate.order_id == order.id).order_by(Certificate.id),
    ).all()


def certificate_of(work: Work, order: DestructionOrder) -> Certificate:
    """The newest certificate of an order. Raises `CertificateUnknown`."""
    found = certificates_of(work, order)
    if not found:
        raise CertificateUnknown(
            f"Order {printed(order.identifier)} has no certificate yet: compliance has not confirmed it.",
        )
    return found[-1]
