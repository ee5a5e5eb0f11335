"""The recorded facts behind a specimen's SPREC code: from the log, the runs, the freezers and the plans."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.moments import from_microseconds
from biobank.custody.queries import happened_at, item_by_id
from biobank.custody.states import Action, Kind
from biobank.custody.steps import ItemNow
from biobank.items.queries import parents_of
from biobank.kits.queries import specification_of_tube
from biobank.ledger.queries import entries_of, entry_of
from biobank.processing.freezing import FROZEN, material_of
from biobank.processing.models import CentrifugeRun, FreezeThaw, Spin
from biobank.processing.plans import drawn_as, plan_for, todays_plans
from biobank.processing.queries import tubes_behind
from biobank.processing.runs import is_cut_short
from biobank.processing.sprec import (
    OTHER_SAMPLE,
    PRIMARY,
    UNKNOWN_CONTAINER,
    Element,
    SpinFacts,
    SprecFacts,
    code_of,
    elements_of,
)
from biobank.storage.surroundings import surroundings_of

Event = Mapping[str, Any]
OF_TUBES = {"blood": "BLD", "urine": "URN"}
"""What a tube holds before anything is made of it."""


def sprec_of(work: Work, item: ItemNow) -> tuple[Element, ...] | None:
    """The seven elements of a tube or an aliquot; None for what the standard has no such code for.

    That are mixtures of several tubes, and what was extracted: DNA, RNA, protein.
    """
    tubes = tubes_behind(work, item) if item.kind in (Kind.TUBE, Kind.ALIQUOT) else []
    return elements_of(_facts(work, item, item_by_id(work, tubes[0].id))) if len(tubes) == 1 else None


def sprec_code(work: Work, item: ItemNow) -> str | None:
    """`SER-SST-C-B-N-B-D`."""
    elements = sprec_of(work, item)
    return code_of(elements) if elements else None


def _facts(work: Work, item: ItemNow, tube: ItemNow) -> SprecFacts:
    steps = _makings(work, item)
    making = _details(steps[0].event) if steps else {}
    spins, kept_after = _spins_on_the_way(work, steps) if steps else (_spins(work, tube, None), None)
    plan = plan_for(work.settings, tube.specification)
    frozen = _frozen_at(work, item)
    sample, twice = _sample(work, item)
    return SprecFacts(
        sample=sample,
        sample_spun_twice=twice,
        container=plan.container if plan else UNKNOWN_CONTAINER,
        collected_at=from_microseconds(tube.collected_at) if tube.collected_at else None,
        spins=tuple(spin for spin, _ in spins),
        processed_at=steps[0].at if steps else frozen,
        kept_before=spins[0][1] if spins else making.get("kept_at"),
        kept_after=kept_after,
        frozen_at=frozen,
        vial=_vial(work, item, tube),
        store_celsius=_store_celsius(work, item),
    )


def _sample(work: Work, item: ItemNow) -> tuple[str, str | None]:
    material = material_of(work, item)
    if material is not None:
        return material.sprec, material.sprec_spun_twice
    specification = specification_of_tube(work, item) if item.kind is Kind.TUBE else None
    return OF_TUBES.get(specification.specimen if specification else "", OTHER_SAMPLE), None


@dataclass(frozen=True)
class _Making:
    """A step that made something: of what, and its event where that is told."""

    parent: ItemNow
    event: Event | None

    @property
    def at(self) -> datetime | None:
        return happened_at(self.event) if self.event else None


def _details(event: Event | None) -> Mapping[str, Any]:
    return event.get("details", {}) if event else {}


def _makings(work: Work, item: ItemNow) -> list[_Making]:
    """The steps on the way from the tube to this specimen, the first one first; none for the tube itself."""
    parents = parents_of(work, item.id)
    if not parents:
        return []
    parent = item_by_id(work, parents[0].id)
    number = _details(entry_of(work, item.identifier, 1).event).get("parent_sequence")
    event = entry_of(work, parent.identifier, number).event if number else None
    return [*_makings(work, parent), _Making(parent, event)]


Spun = list[tuple[SpinFacts, str | None]]


def _spins_on_the_way(work: Work, steps: list[_Making]) -> tuple[Spun, str | None]:
    """Each run before the next step that made something, and how it was kept after the last of them."""
    spins, kept_after = Spun(), None
    for step in steps:
        found = _spins(work, step.parent, step.at)
        if found:
            spins, kept_after = [*spins, *found], _details(step.event).get("kept_at")
    return spins, kept_after


def _spins(work: Work, tube: ItemNow, made_at: datetime | None) -> Spun:
    """Each run of a tube before something was made of it, and how it was kept before the run."""
    asked = (
        select(Spin, CentrifugeRun)
        .join(CentrifugeRun, CentrifugeRun.id == Spin.run_id, isouter=True)
        .where(Spin.item_id == tube.id, Spin.undone_sequence.is_(None))
        .order_by(Spin.sequence)
    )
    return [
        _spin(spin, run, entry_of(work, tube.identifier, spin.sequence).event)
        for spin, run in work.session.execute(asked)
        if not (made_at and spin.began_at and spin.began_at > made_at)
    ]


def _spin(spin: Spin, run: CentrifugeRun | None, event: Event) -> tuple[SpinFacts, str | None]:
    """A run that ended early ran as long as it did."""
    details = event.get("details", {})
    told = details.get("programme") or {}
    minutes = spin.minutes
    if run is not None and is_cut_short(run) and run.ended_at and spin.began_at:
        minutes = int((run.ended_at - spin.began_at).total_seconds() // 60)
    facts = SpinFacts(
        began_at=spin.began_at,
        minutes=minutes,
        g=told.get("g"),
        celsius=told.get("temperature_celsius"),
        brake=details.get("brake"),
    )
    return facts, details.get("kept_at")


def _frozen_at(work: Work, item: ItemNow) -> datetime | None:
    """When it was frozen first; else when it was stored first in what is a freezer."""
    asked = select(FreezeThaw.at).where(
        FreezeThaw.item_id == item.id, FreezeThaw.undone_sequence.is_(None), FreezeThaw.change == FROZEN
    )
    frozen = work.session.scalar(asked.order_by(FreezeThaw.sequence).limit(1))
    if frozen is not None or not _is_freezer(_store_celsius(work, item)):
        return frozen
    events = (entry.event for entry in entries_of(work, item.identifier))
    stored = next((event for event in events if event.get("action") == Action.STORE), None)
    return happened_at(stored) if stored else None


WARMEST_FREEZER = -18


def _is_freezer(celsius: int | None) -> bool:
    return celsius is not None and celsius <= WARMEST_FREEZER


def _store_celsius(work: Work, item: ItemNow) -> int | None:
    """Of the innermost place around it that has a temperature; None while it lies in none."""
    inside = item.container_id
    return surroundings_of(work, inside).temperature_celsius if inside is not None else None


def _vial(work: Work, item: ItemNow, tube: ItemNow) -> str | None:
    """As the plan says: which vessel somebody really took is recorded nowhere else."""
    if item.kind is Kind.TUBE:
        return PRIMARY
    line = todays_plans(work.settings).line_of(
        drawn_as(work.settings, tube.specification), item.specification or ""
    )
    return line.vial.value if line else None
