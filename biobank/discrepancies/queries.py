"""Questions about cases: which somebody sees, which a list is of, how many wait, what stands of an item."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from biobank.access.actors import Actor
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import row_numbered
from biobank.custody.cases import case_stands
from biobank.custody.checks import seen_by
from biobank.custody.models import Discrepancy
from biobank.custody.queries import item_by_id
from biobank.custody.steps import ItemNow
from biobank.discrepancies.inputs import CasesAsked
from biobank.discrepancies.models import CodeSeparation
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.kits.queries import specification_of_tube


class NoSuchCase(NotFound):
    title = "Case not known"


def case_numbered(work: Work, by: Actor, number: int, *, locked: bool = False) -> Discrepancy:
    """For who works at the site that is asked, at the one that found it, or at one of the item's.

    Raises `NoSuchCase`, `OtherSite`.
    """
    case = row_numbered(work, Discrepancy, number, locked=locked)
    if case is None:
        raise NoSuchCase(f"There is no case {number}; look through the list of cases.")
    if not any(site and by.works_at(site) for site in (case.site, case.found_at)):
        seen_by(work, by, item_by_id(work, case.item_id))
    return case


def cases_asked_for(by: Actor, asked: CasesAsked, among: Select[int] | None = None) -> Select[Discrepancy]:
    """To be listed page by page; `among` are numbers of items, such as those on a parcel's list.

    Without a site: of a biobank what it found, of a clinic what it is asked.
    """
    question = select(Discrepancy).where(*_seen(by, asked), *_narrowed(asked))
    return question if among is None else question.where(Discrepancy.item_id.in_(among))


def _seen(by: Actor, asked: CasesAsked) -> list[ColumnElement[bool]]:
    named = ((Discrepancy.site, asked.site), (Discrepancy.found_at, asked.found_at))
    return [*_theirs(by, asked), *(column == site for column, site in named if site)]


FINDERS = frozenset({Role.TECHNICIAN, Role.LEAD})
"""Who resolves what their site found; the others are asked."""


def _theirs(by: Actor, asked: CasesAsked) -> list[ColumnElement[bool]]:
    """One side of a case and an equation wherever it can be one, so that an index gives the rows in order."""
    if by.sites is None or asked.site in by.sites or asked.found_at in by.sites:
        return []  # all sites, or narrowed to one of their own already
    return [_at(Discrepancy.found_at if by.roles & FINDERS else Discrepancy.site, by.sites)]


def _at(column: InstrumentedAttribute[str | None], sites: frozenset[str]) -> ColumnElement[bool]:
    return column == next(iter(sites)) if len(sites) == 1 else column.in_(sorted(sites))


def _narrowed(asked: CasesAsked) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if asked.standing is not None:
        found.append(case_stands() if asked.standing else ~case_stands())
    if asked.overdue:
        found += is_overdue(moments.now())
    if asked.states:
        found.append(Discrepancy.state.in_([state.value for state in asked.states]))
    if asked.kind:
        found.append(Discrepancy.kind == asked.kind)
    if asked.owner is not None:
        found.append(Discrepancy.owner == (asked.owner or None))
    if asked.older_than_days:
        found.append(_opened_before(moments.now() - timedelta(days=asked.older_than_days)))
    return found


def _opened_before(at: datetime) -> ColumnElement[bool]:
    """By number, which grows with the day: so a list begins where it has to, and passes nothing over."""
    newest = select(Discrepancy.id).where(Discrepancy.opened_at < at).order_by(Discrepancy.opened_at.desc())
    return Discrepancy.id <= func.coalesce(newest.limit(1).scalar_subquery(), 0)


def is_overdue(now: datetime) -> list[ColumnElement[bool]]:
    return [case_stands(), Discrepancy.due_at < now]


def overdue_cases(by: Actor) -> Select[int]:
    """Numbers of those of somebody's sites that are overdue."""
    return _numbers(by, *is_overdue(moments.now()))


def cases_to_answer(by: Actor) -> Select[int]:
    """Numbers of the questions that somebody's own sites are asked; who has all sites answers none."""
    sites = by.sites or frozenset()
    return select(Discrepancy.id).where(
        case_stands(), Discrepancy.site.in_(sorted(sites)), Discrepancy.state == "asked"
    )


def standing_cases(by: Actor) -> Select[int]:
    """Numbers of those of somebody's sites that stand."""
    return _numbers(by, case_stands())


def cases_given_to(by: Actor) -> Select[int]:
    """Numbers of those that stand and that somebody sees to."""
    return select(Discrepancy.id).where(case_stands(), Discrepancy.owner == by.person)


def _numbers(by: Actor, *conditions: ColumnElement[bool]) -> Select[int]:
    return select(Discrepancy.id).where(*conditions, *_theirs(by, CasesAsked()))


def standing_cases_of(work: Work, item_id: int) -> list[Discrepancy]:
    """What stands of one item, the oldest first."""
    question = select(Discrepancy).where(Discrepancy.item_id == item_id, case_stands())
    return list(work.session.scalars(question.order_by(Discrepancy.id)))


def items_of_cases(work: Work, cases: Sequence[Discrepancy]) -> dict[int, Item]:
    """The items of cases by number."""
    return {item.id: item for item in items_numbered(work, [case.item_id for case in cases])}


def newest_separation(work: Work, case: Discrepancy) -> CodeSeparation | None:
    """The proposal that counts."""
    question = select(CodeSeparation).where(CodeSeparation.case_id == case.id)
    return work.session.scalar(question.order_by(CodeSeparation.id.desc()).limit(1))


def labels_of(work: Work, item: ItemNow) -> int:
    """How many labels with its one code its specification counts; a urine cup and its tube bear the same."""
    found = specification_of_tube(work, item)
    return found.labels if found else 1
