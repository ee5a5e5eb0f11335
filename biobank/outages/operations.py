"""Declaring an outage, telling its temperature, ending it: holds and log in one transaction."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.checks import item_seen_by
from biobank.custody.many_holds import place_holds
from biobank.custody.queries import item_by_id
from biobank.custody.states import HoldKind
from biobank.ledger.operations import append_to
from biobank.outages import checks
from biobank.outages.choices import EndedHow
from biobank.outages.contents import list_what_stands_in
from biobank.outages.inputs import NewOutage
from biobank.outages.models import Outage
from biobank.outages.queries import outage_seen_by, progress, specimens_of, subject_of
from biobank.outages.records import stood, told
from biobank.storage.locking import lock_all_within

KIND = "outage"


def declare_outage(work: Work, new: NewOutage, *, by: Actor) -> Outage:
    """A unit cools no more: what stands in it is listed, and every specimen in it is held at once.

    Raises `UnknownItem`, `OtherSite`, `OutageRefused`, `OutageStands`, `SiteNotYours`.
    """
    unit = item_seen_by(work, by, new.unit)
    lock_all_within(work, unit)
    checks.unit_can_fail(work, unit)
    at_own_site(by, str(unit.site))
    checks.told_can_be_so(new.began, new.temperature_celsius)
    outage = Outage(
        unit_id=unit.id,
        site=str(unit.site),
        began_at=new.began.at if new.began else None,
        temperature_celsius=new.temperature_celsius,
        warmest_celsius=new.temperature_celsius,
        declared_at=moments.now(),
        declared_by=by.person,
    )
    work.session.add(outage)
    work.flush()
    number = outage.id
    list_what_stands_in(work, outage)
    listed = _listed(work, outage)
    hold_what_is_listed(work, outage, by)
    outage = outage_seen_by(work, by, number)
    content = told(outage, unit.identifier) | listed | {"stood_sha256": stood(work, outage)}
    note(work, outage, "declared", by, content)
    return outage


def _listed(work: Work, outage: Outage) -> dict[str, int]:
    counted = progress(work, outage)
    return {"pieces": counted.pieces, "specimens": counted.specimens}


def hold_what_is_listed(work: Work, outage: Outage, by: Actor, *conditions: Any) -> int:
    """Every listed specimen that no temperature hold stands on. Gives how many."""
    numbers = work.session.scalars(specimens_of(outage, *conditions)).all()
    return place_holds(work, numbers, HoldKind.TEMPERATURE, subject_of(outage), by=by)


def note(work: Work, outage: Outage, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    """An entry of the outage; the caller has locked it."""
    append_to(
        work,
        subject=subject_of(outage),
        kind=KIND,
        content={"change": change, "recorded_by": by.person, **content},
    )


def tell_temperature(work: Work, number: int, celsius: int, *, by: Actor, at: Told | None) -> Outage:
    """What its display shows now; the warmest is kept.

    Raises `NoSuchOutage`, `OutageRefused`, `OutageEnded`.
    """
    outage = outage_seen_by(work, by, number, locked=True)
    checks.still_stands(outage)
    checks.told_can_be_so(at, celsius)
    warmest = outage.warmest_celsius
    outage.warmest_celsius = celsius if warmest is None else max(warmest, celsius)
    work.flush()
    note(
        work,
        outage,
        "temperature",
        by,
        {"celsius": celsius, "at": moments.text_or_none(at.at if at else None)},
    )
    return outage


def end_outage(work: Work, number: int, how: EndedHow, *, by: Actor, at: Told) -> Outage:
    """It cools again or is given up; what came into it meanwhile is listed and held like the rest.

    Raises `NoSuchOutage`, `OutageEnded`, `OutageRefused`.
    """
    outage = outage_seen_by(work, by, number, locked=True)
    checks.still_stands(outage)
    checks.ends_after_it_began(outage, at)
    lock_all_within(work, item_by_id(work, outage.unit_id))
    before = _listed(work, outage)
    list_what_stands_in(work, outage)
    after = _listed(work, outage)
    hold_what_is_listed(work, outage, by)
    outage = outage_seen_by(work, by, number, locked=True)
    outage.ended_at, outage.ended_by, outage.ended_how = at.at, by.person, how.value
    work.flush()
    content = {"how": how.value, "at": moments.to_text(at.at), "stood_sha256": stood(work, outage)}
    came = {name: after[name] - before[name] for name in after}
    note(work, outage, "ended", by, content | came)
    return outage
