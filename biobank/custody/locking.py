"""Who changes many items in one transaction locks them in one order: two never wait for each other."""

from collections.abc import Iterable

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.items.models import Item


def lock_in_order(work: Work, numbers: Iterable[int]) -> dict[int, int]:
    """Let nobody else change these items until the transaction ends; what was read of them is read anew.

    Locked as a move of them will: a weaker lock lets others point at an item, and a move would wait for those
    who now wait for it. Gives the number of each one's newest entry.
    """
    newest: dict[int, int] = {}
    work.flush()
    for some in in_turns(sorted(set(numbers))):
        question = select(Item.id, Item.sequence).where(Item.id.in_(some)).order_by(Item.id)
        newest |= dict(work.session.execute(question.with_for_update()).all())
    work.expire()
    return newest
