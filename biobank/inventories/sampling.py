"""Which boxes are counted next: those that nobody counted for longest, or some drawn for an audit."""

import hashlib
from datetime import date

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import item_by_id
from biobank.inventories import checks
from biobank.inventories.choices import Reason
from biobank.inventories.inputs import NewCheck, NewSample
from biobank.inventories.models import InventoryCheck, InventorySample
from biobank.inventories.operations import plan_one
from biobank.inventories.queries import boxes_due, boxes_in_use, open_checks
from biobank.items.models import Item
from biobank.ledger.operations import append_to
from biobank.sites.queries import site_named

KIND = "inventory_sample"
MOST_PLANNED = 500


def plan_due(
    work: Work, site: str, most: int, *, by: Actor, due_on: date | None = None
) -> list[InventoryCheck]:
    """Plan checks of boxes that are due, those longest without a count first; at most `most`, and 500.

    Raises `SiteUnknown`, `SiteNotYours`.
    """
    at_own_site(by, site_named(work, site).code)
    last = (
        select(InventoryCheck.closed_at)
        .where(InventoryCheck.unit_id == Item.id, InventoryCheck.agreed.is_not(None))
        .order_by(InventoryCheck.closed_at.desc())
        .limit(1)
        .scalar_subquery()
    )
    question = boxes_due(work, frozenset({site})).with_only_columns(Item.id)
    never_first = last.is_not(None)
    numbers = work.session.scalars(
        question.order_by(never_first, last, Item.id).limit(min(most, MOST_PLANNED))
    ).all()
    return [_plan(work, number, Reason.ROUTINE, due_on, by) for number in numbers]


def draw_sample(work: Work, new: NewSample, *, by: Actor) -> InventorySample:
    """Draw boxes of a site at random, plan a check of each, and keep with what seed and out of how many.

    A box of which a check is open already is counted by that one and left out of the plan. Raises
    `SampleRefused`, `NamesSomebody`, `SiteUnknown`, `SiteNotYours`.
    """
    at_own_site(by, site_named(work, new.site).code)
    checks.can_be_drawn(new.size, new.seed)
    boxes = _codes_of_boxes(work, new.site)
    sample = InventorySample(
        site=new.site,
        seed=new.seed,
        size=new.size,
        population=len(boxes),
        population_sha256=hashlib.sha256("\n".join(sorted(boxes)).encode()).hexdigest(),
        drawn_at=moments.now(),
        drawn_by=by.person,
    )
    work.session.add(sample)
    work.flush()
    number, drawn = sample.id, drawn_of(list(boxes), new.seed, new.size)
    append_to(
        work,
        subject=subject_of(number),
        kind=KIND,
        content=told(sample) | {"change": "drawn", "drawn": drawn},
    )
    known = open_checks(work, [boxes[code] for code in drawn])
    for code in drawn:
        if boxes[code] not in known:
            _plan(work, boxes[code], Reason.AUDIT_SAMPLE, new.due_on, by, number)
    return work.session.get_one(InventorySample, number)


def drawn_of(codes: list[str], seed: str, size: int) -> list[str]:
    """The first `size` in the order of the SHA-256 of `seed:code`: whoever has the seed draws the same."""
    return sorted(codes, key=lambda code: hashlib.sha256(f"{seed}:{code}".encode()).digest())[:size]


def subject_of(number: int) -> str:
    return f"inventory-sample:{number}"


def told(sample: InventorySample) -> dict[str, object]:
    """What its entry says of a sample; `verify` compares the two."""
    return {
        "site": sample.site,
        "seed": sample.seed,
        "size": sample.size,
        "population": sample.population,
        "population_sha256": sample.population_sha256,
        "drawn_by": sample.drawn_by,
        "drawn_at": moments.to_text(sample.drawn_at),
    }


def _codes_of_boxes(work: Work, site: str) -> dict[str, int]:
    question = boxes_in_use(frozenset({site})).with_only_columns(Item.identifier, Item.id)
    return {str(code): int(number) for code, number in work.session.execute(question)}


def _plan(
    work: Work, number: int, reason: Reason, due_on: date | None, by: Actor, sample_id: int | None = None
) -> InventoryCheck:
    unit = item_by_id(work, number)
    new = NewCheck(unit=unit.identifier, reason=reason, due_on=due_on)
    return plan_one(work, unit, new, by=by, sample_id=sample_id)
