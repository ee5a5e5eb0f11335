"""The programme's rule about pools: destroyed with the first who leaves, or kept and used no more."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.queries import happened_at
from biobank.custody.states import ENDS, MADE, Kind, State
from biobank.destruction.models import DestructionOrder
from biobank.items.models import Item
from biobank.items.queries import participants_behind, with_all_it_was_made_of
from biobank.ledger.queries import entry_of
from biobank.participants.choices import SamplesAnswer
from biobank.participants.queries import codes_of, participant_named


class PoolPolicy(StrEnum):
    """What becomes of a pool when one of those whose material is in it asks for destruction."""

    DESTROY_POOL = "destroy_pool"
    KEEP_POOL = "keep_pool"


def kept_by_policy(work: Work, order: DestructionOrder, items: Iterable[Item]) -> frozenset[int]:
    """Pools of an order that the programme keeps, and what was made of them: never used again.

    A pool is kept where it was mixed before the decision, and as long as somebody whose material is in it
    has not asked for destruction.
    """
    if work.settings.pool_policy != PoolPolicy.KEEP_POOL:
        return frozenset()
    own = frozenset(codes_of(work, order.participant))
    mixed = [item for item in items if item.kind in MADE and item.participant is None]
    return frozenset(item.id for item in mixed if _is_kept(work, order, item, own))


def _is_kept(work: Work, order: DestructionOrder, item: Item, own: frozenset[str]) -> bool:
    if State(item.state) in ENDS | {State.IN_WASTE}:
        return False
    others = [code for code in participants_behind(work, item.id) if code not in own]
    stay = [code for code in others if participant_named(work, code).samples != SamplesAnswer.DESTROY]
    return bool(stay) and all(at is not None and at <= order.decided_at for at in _mixed_at(work, item))


def _mixed_at(work: Work, item: Item) -> list[datetime | None]:
    """When each pool was made that it is, or was made of; None where nobody knows."""
    above = with_all_it_was_made_of(select(Item.id).where(Item.id == item.id))
    pools = select(Item.identifier).where(Item.id.in_(select(above.c.id)), Item.kind == Kind.POOL.value)
    return [happened_at(entry_of(work, pool, 1).event) for pool in work.session.scalars(pools)]
