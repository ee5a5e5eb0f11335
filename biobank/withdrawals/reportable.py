"""What compliance has to report: destroyed by mistake or falsely, and used after a decision."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, or_, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.custody.cases import case_stands
from biobank.custody.models import Discrepancy
from biobank.discrepancies.choices import REPORTABLE
from biobank.items.models import Item


@dataclass(frozen=True)
class Reportable:
    """One event, by the case that was opened for it, and the item it happened to."""

    case: Discrepancy
    item: Item


def cases_seen_by(by: Actor, *, standing: bool = False) -> Select[Discrepancy]:
    """Of the sites of `by`; `standing` leaves out what was explained."""
    question = select(Discrepancy).where(Discrepancy.kind.in_(sorted(REPORTABLE)))
    if standing:
        question = question.where(case_stands())
    if by.sites is not None:
        theirs = select(Item.id).where(or_(Item.site.in_(by.sites), Item.sent_to.in_(by.sites)))
        question = question.where(Discrepancy.item_id.in_(theirs))
    return question


def reportable(work: Work, cases: Sequence[Discrepancy]) -> list[Reportable]:
    return [Reportable(case, work.session.get_one(Item, case.item_id)) for case in cases]
