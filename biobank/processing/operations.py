"""Centrifuge programmes of a site, and tubes that go into the centrifuge one scan each."""

from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core.database import Work
from biobank.core.moments import Told, now
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.ledger.queries import entry_of
from biobank.processing import checks
from biobank.processing.inputs import NewProgramme
from biobank.processing.models import CentrifugeProgramme
from biobank.processing.queries import ends_at, newest_spin, programme_named
from biobank.sites.queries import site_named


def add_programme(work: Work, new: NewProgramme, *, by: Actor) -> CentrifugeProgramme:
    """Raises `SiteUnknown`, `SiteNotYours`, `ProgrammeRefused`, `ProgrammeExists`."""
    at_own_site(by, site_named(work, new.site).code)
    checks.programme_can_be(new)
    checks.programme_is_new(work, new)
    programme = CentrifugeProgramme(
        site=new.site,
        name=new.name.strip(),
        g=new.g,
        minutes=new.minutes,
        temperature_celsius=new.temperature_celsius,
        rotor=new.rotor.value if new.rotor else None,
        brake=new.brake.value if new.brake else None,
        added_at=now(),
        added_by=by.person,
    )
    work.session.add(programme)
    work.flush()
    return programme


def retire_programme(work: Work, site: str, name: str, *, by: Actor) -> CentrifugeProgramme:
    """No longer offer it; runs in the log keep its name and numbers.

    Raises `SiteNotYours`, `ProgrammeUnknown`.
    """
    at_own_site(by, site)
    programme = programme_named(work, site, name)
    if programme.retired_at is None:
        programme.retired_at, programme.retired_by = now(), by.person
        work.flush()
    return programme


def spin(
    work: Work,
    tube: str,
    programme: CentrifugeProgramme | None,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    confirmation: str | None = None,
) -> Recorded:
    """A tube goes into the centrifuge at `at`; scanned again while it spins, it is the same run.

    Without a programme nobody knows which it was. Raises what `record` does.
    """
    item = item_now(work, tube)
    earlier = _same_run(work, item, at)
    if earlier is not None:
        return earlier
    return record(
        work, item.identifier, Action.CENTRIFUGE, by=by, source=source, at=at,
        details=told_of(programme) if programme else {}, confirmation=confirmation,
    )  # fmt: skip


def told_of(programme: CentrifugeProgramme) -> dict[str, Any]:
    """A programme as its name and numbers stand in the event of each tube."""
    numbers = {
        "name": programme.name,
        "g": programme.g,
        "minutes": programme.minutes,
        "temperature_celsius": programme.temperature_celsius,
    }
    told = {"programme": {name: value for name, value in numbers.items() if value is not None}}
    fittings = {"rotor": programme.rotor, "brake": programme.brake}
    return told | {name: value for name, value in fittings.items() if value}


def _same_run(work: Work, item: ItemNow, at: Told | None) -> Recorded | None:
    run = newest_spin(work, item.id)
    end = ends_at(run) if run else None
    if run is None or run.began_at is None or end is None or at is None or not run.began_at <= at.at < end:
        return None
    return Recorded(entry_of(work, item.identifier, run.sequence).event, item, repeated=True)
