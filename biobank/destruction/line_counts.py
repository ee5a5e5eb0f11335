"""How far many orders are: their lines counted by the database, those that ended and those that came late."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, func, select

from biobank.core.database import Work
from biobank.destruction.models import DestructionLine, DestructionOrder


@dataclass(frozen=True)
class LinesCounted:
    """How many lines an order has, how many ended, and how many came late and are open."""

    total: int = 0
    ended: int = 0
    late_and_open: int = 0


def lines_counted(work: Work, orders: Sequence[DestructionOrder]) -> Mapping[int, LinesCounted]:
    """By the number of the order; counted by the database, since a list has many orders of many lines."""
    line, late = DestructionLine, case((DestructionLine.late & DestructionLine.outcome.is_(None), 1))
    question = select(line.order_id, func.count(), func.count(line.outcome), func.count(late))
    found = {order.id: LinesCounted() for order in orders}
    theirs = question.where(line.order_id.in_(found)).group_by(line.order_id)
    return found | {number: LinesCounted(*counts) for number, *counts in work.session.execute(theirs)}
