"""Questions about inventory checks: which there are, how far, which boxes are due, how right the log is."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import in_turns, row_numbered
from biobank.custody.models import Discrepancy
from biobank.custody.states import Kind, State
from biobank.inventories.choices import UNFINISHED, CheckState, Reason
from biobank.inventories.models import InventoryCheck, InventoryDifference, InventorySample
from biobank.items.models import Item
from biobank.storage.models import StorageUnit

NINETY_FIVE = 1.959964
"""Of the normal distribution: 95 of 100 lie so many deviations around the middle."""


class NoSuchCheck(NotFound):
    title = "Check not known"


@dataclass(frozen=True)
class Accuracy:
    """How many things were looked for in closed checks, and how many of them were not as the log says."""

    checks: int
    checked: int
    differences: int

    @property
    def share(self) -> float | None:
        """Of a hundred, how many are as the log says; None where nothing was checked."""
        return 100 * (self.checked - self.differences) / self.checked if self.checked else None

    @property
    def bounds(self) -> tuple[float, float] | None:
        """Between which it lies for all boxes, 95 of 100 times (Wilson), if boxes were drawn at random."""
        if not self.checked:
            return None
        n, p = self.checked, (self.checked - self.differences) / self.checked
        spread = NINETY_FIVE * math.sqrt(p * (1 - p) / n + NINETY_FIVE**2 / (4 * n * n))
        middle, scale = p + NINETY_FIVE**2 / (2 * n), 1 + NINETY_FIVE**2 / n
        return 100 * max(0.0, (middle - spread) / scale), 100 * min(1.0, (middle + spread) / scale)


def check_numbered(work: Work, number: int, *, locked: bool = False) -> InventoryCheck:
    """Raises `NoSuchCheck`."""
    found = row_numbered(work, InventoryCheck, number, locked=locked)
    if found is None:
        raise NoSuchCheck(f"There is no inventory check {number}; look through the list of checks.")
    return found


def checks_seen_by(by: Actor, *states: CheckState) -> Select[InventoryCheck]:
    """Of their sites, to be listed page by page; none named: in any state."""
    question = select(InventoryCheck).where(*_at(by.sites))
    return question.where(InventoryCheck.state.in_(states)) if states else question


def overdue_checks(by: Actor) -> Select[InventoryCheck]:
    """Of their sites, those that are not closed although their day has passed, by our clock in UTC."""
    late = InventoryCheck.due_on < moments.now().date()
    return checks_seen_by(by, *UNFINISHED).where(late)


def _at(sites: frozenset[str] | None) -> list[ColumnElement[bool]]:
    return [] if sites is None else [InventoryCheck.site.in_(sorted(sites))]


def checks_within(check: InventoryCheck) -> Select[InventoryCheck]:
    """Of what stands in the unit of a check, planned with it."""
    return select(InventoryCheck).where(InventoryCheck.within_id == check.id)


def progress_within(work: Work, check: InventoryCheck) -> dict[CheckState, int]:
    """How many of them are how far."""
    within = InventoryCheck.within_id == check.id
    question = select(InventoryCheck.state, func.count()).where(within).group_by(InventoryCheck.state)
    return {CheckState(state): count for state, count in work.session.execute(question)}


def open_check_of(work: Work, unit_id: int) -> InventoryCheck | None:
    """The check of a unit that is planned or under way."""
    return open_checks(work, [unit_id]).get(unit_id)


def open_checks(work: Work, units: Iterable[int]) -> dict[int, InventoryCheck]:
    """The same of many, by number of the unit."""
    found: dict[int, InventoryCheck] = {}
    for some in in_turns(units):
        question = select(InventoryCheck).where(
            InventoryCheck.unit_id.in_(some), InventoryCheck.state.in_(UNFINISHED)
        )
        found |= {check.unit_id: check for check in work.session.scalars(question)}
    return found


def last_closed(work: Work, units: Iterable[int]) -> dict[int, datetime]:
    """When a check of each of these was closed last, by number; of the rest none was."""
    found: dict[int, datetime] = {}
    for some in in_turns(units):
        question = select(InventoryCheck.unit_id, func.max(InventoryCheck.closed_at)).where(
            InventoryCheck.unit_id.in_(some), InventoryCheck.state == CheckState.CLOSED
        )
        rows = work.session.execute(question.group_by(InventoryCheck.unit_id))
        found |= {unit: at for unit, at in rows if at is not None}
    return found


def differences_of(work: Work, check: InventoryCheck) -> Sequence[tuple[InventoryDifference, Discrepancy]]:
    """What a closed check found, with the cases, in the order of the case."""
    question = (
        select(InventoryDifference, Discrepancy)
        .join(Discrepancy, Discrepancy.id == InventoryDifference.discrepancy_id)
        .where(InventoryDifference.check_id == check.id)
    )
    return [(found, case) for found, case in work.session.execute(question.order_by(InventoryDifference.id))]


def boxes_in_use(sites: frozenset[str] | None) -> Select[Item]:
    question = (
        select(Item)
        .join(StorageUnit, StorageUnit.item_id == Item.id)
        .where(Item.kind == Kind.BOX.value, Item.state != State.VOIDED.value)
    )
    return question if sites is None else question.where(Item.site.in_(sorted(sites)))


def boxes_due(work: Work, sites: frozenset[str] | None) -> Select[Item]:
    """Boxes that nobody counted for longer than the cycle, and of which no check is planned."""
    since = moments.now() - timedelta(days=work.settings.inventory_cycle_days)
    done = aliased(InventoryCheck)
    counted = select(done.id).where(
        done.unit_id == Item.id, done.closed_at >= since, done.agreed.is_not(None)
    )
    planned = aliased(InventoryCheck)
    open_one = select(planned.id).where(planned.unit_id == Item.id, planned.state.in_(UNFINISHED))
    return boxes_in_use(sites).where(~counted.exists(), ~open_one.exists())


def samples_seen_by(by: Actor) -> Select[InventorySample]:
    question = select(InventorySample)
    return question if by.sites is None else question.where(InventorySample.site.in_(sorted(by.sites)))


def sample_numbered(work: Work, number: int) -> InventorySample:
    """Raises `NoSuchCheck`."""
    found = row_numbered(work, InventorySample, number)
    if found is None:
        raise NoSuchCheck(f"There is no sample {number}; look through the list of samples.")
    return found


def checks_of_sample(sample: InventorySample) -> Select[InventoryCheck]:
    return select(InventoryCheck).where(InventoryCheck.sample_id == sample.id)


def accuracy(
    work: Work,
    sites: frozenset[str] | None,
    from_at: datetime,
    until_at: datetime,
    reason: Reason | None = None,
) -> Accuracy:
    """Of checks that were closed from the one moment until before the other."""
    agreed, different = func.sum(InventoryCheck.agreed), func.sum(InventoryCheck.differences)
    question = select(func.count(), agreed, different).where(*_closed(sites, from_at, until_at, reason))
    checks, as_told, differences = work.session.execute(question).one()
    return Accuracy(checks, int(as_told or 0) + int(differences or 0), int(differences or 0))


def accuracy_of_sample(work: Work, sample: InventorySample) -> Accuracy:
    of_it = (InventoryCheck.sample_id == sample.id, InventoryCheck.state == CheckState.CLOSED)
    agreed, different = func.sum(InventoryCheck.agreed), func.sum(InventoryCheck.differences)
    checks, as_told, differences = work.session.execute(
        select(func.count(), agreed, different).where(*of_it)
    ).one()
    return Accuracy(checks, int(as_told or 0) + int(differences or 0), int(differences or 0))


def differences_by_kind(
    work: Work,
    sites: frozenset[str] | None,
    from_at: datetime,
    until_at: datetime,
    reason: Reason | None = None,
) -> dict[str, int]:
    question = (
        select(InventoryDifference.kind, func.count())
        .join(InventoryCheck, InventoryCheck.id == InventoryDifference.check_id)
        .where(*_closed(sites, from_at, until_at, reason))
        .group_by(InventoryDifference.kind)
    )
    return {str(kind): int(count) for kind, count in work.session.execute(question)}


def _closed(
    sites: frozenset[str] | None, from_at: datetime, until_at: datetime, reason: Reason | None
) -> list[ColumnElement[bool]]:
    return [
        *_at(sites),
        InventoryCheck.state == CheckState.CLOSED,
        InventoryCheck.closed_at >= from_at,
        InventoryCheck.closed_at < until_at,
        *([InventoryCheck.reason == reason] if reason else []),
    ]
