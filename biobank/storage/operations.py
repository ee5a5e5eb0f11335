"""Adding storage units."""

from dataclasses import replace

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core.database import Work
from biobank.custody.births import Birth, register
from biobank.custody.queries import item_now
from biobank.custody.steps import ItemNow, Source
from biobank.items.positions import normalise_position
from biobank.sites.queries import site_named
from biobank.storage import checks
from biobank.storage.inputs import NewUnit
from biobank.storage.models import StorageUnit


def add_unit(work: Work, unit: NewUnit, *, by: Actor, source: Source) -> ItemNow:
    """Register a room, freezer, shelf, rack, box or quarantine place, with a new barcode.

    Raises `SiteUnknown`, `SiteNotYours`, `UnitRefused`, `NotAPlace`, `NoSuchPosition`, `PositionTaken`.
    """
    site = site_named(work, unit.site)
    at_own_site(by, site.code)
    unit = replace(unit, position=normalise_position(unit.position))
    checks.unit_can_be_so(work, unit)
    born = register(
        work,
        Birth(
            kind=unit.kind,
            specification=unit.name.strip(),
            site=site.code,
            custodian=f"site:{site.code}",
            place=item_now(work, unit.inside) if unit.inside else None,
            position=unit.position,
            details=_told(unit),
        ),
        by=by,
        source=source,
    )
    work.session.add(
        StorageUnit(
            item_id=born.id,
            grid_rows=unit.rows,
            grid_columns=unit.columns,
            temperature_celsius=unit.temperature_celsius,
            allowed_kinds=" ".join(sorted(unit.allowed)),
        ),
    )
    work.flush()
    return born


def _told(unit: NewUnit) -> dict[str, object]:
    told = {
        "rows": unit.rows or None,
        "columns": unit.columns or None,
        "temperature_celsius": unit.temperature_celsius,
        "allowed": [kind.value for kind in unit.allowed] or None,
    }
    return {name: value for name, value in told.items() if value is not None}
