"""Adding storage units, and storing or naming a whole rack by its scanner's file."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.births import Birth, register
from biobank.custody.checks import item_seen_by
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import Alert, ItemNow, Source
from biobank.items.choices import ScanOutcome
from biobank.items.inputs import SeenScan
from biobank.items.operations import log_scans
from biobank.items.positions import normalise_position
from biobank.sites.queries import site_named
from biobank.storage import checks
from biobank.storage.choices import Naming, Order
from biobank.storage.inputs import NewUnit, RackFile
from biobank.storage.models import StorageUnit
from biobank.storage.queries import lock_unit
from biobank.storage.rack_files import RackScan, read_rack_file
from biobank.storage.rack_planning import grid_of, plan_naming, plan_storing
from biobank.storage.rack_plans import RackPlan, RackRefused, WellStep, in_order


def add_unit(work: Work, unit: NewUnit, *, by: Actor, source: Source) -> ItemNow:
    """Register any place, from a building to a box or a bag, with a new barcode.

    Raises `SiteUnknown`, `SiteNotYours`, `OtherSite`, `UnitRefused`, `NotAPlace`, `NoSuchPosition`,
    `PositionTaken`.
    """
    site = site_named(work, unit.site)
    at_own_site(by, site.code)
    around = item_seen_by(work, by, unit.inside) if unit.inside else None
    unit = replace(unit, position=normalise_position(unit.position))
    checks.unit_can_be_so(work, unit)
    born = register(
        work,
        Birth(
            kind=unit.kind,
            specification=unit.name.strip(),
            site=site.code,
            custodian=f"site:{site.code}",
            place=around,
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
            naming=unit.naming.value,
            filled_by=unit.filled_by.value,
            allowed_contents="\n".join(unit.contents),
            rule=unit.rule.value if unit.rule else None,
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
        "naming": unit.naming.value if unit.naming is not Naming.LETTER_NUMBER else None,
        "filled_by": unit.filled_by.value if unit.filled_by is not Order.ROWS else None,
        "contents": list(unit.contents) or None,
        "rule": unit.rule.value if unit.rule else None,
    }
    return {name: value for name, value in told.items() if value is not None}


def take_rack_file(work: Work, unit: str, told: RackFile, *, by: Actor, dry_run: bool = False) -> RackPlan:
    """Store what a rack scanner's file says, or name it; with `dry_run` nothing of it is kept.

    Raises `RackFileRefused`, `UnknownItem` and what `store_rack` and `name_rack` raise.
    """
    box = item_now(work, unit)
    scan = read_rack_file(told.content, told.name, layout=told.layout, grid=grid_of(work, box, by))

    def taken() -> RackPlan:
        if told.issuer is not None:
            return name_rack(work, box, scan, told.issuer, by=by, at=told.at, expected=told.expected)
        return store_rack(
            work,
            box,
            scan,
            by=by,
            at=told.at,
            leave_out_unknown=told.leave_out_unknown,
            expected=told.expected,
        )

    return rehearsed(work, taken) if dry_run else taken()


def store_rack(
    work: Work,
    box: ItemNow,
    scan: RackScan,
    *,
    by: Actor,
    at: Told | None,
    leave_out_unknown: bool = False,
    expected: str | None = None,
) -> RackPlan:
    """Store or move what was read in each well to its position of the box, each by the step that fits it.

    All of it or nothing; what the log has and the file has not is listed and left. `expected` is the
    fingerprint of the plan that somebody agreed to. Raises `RackRefused`, `NotAPlace`, `OtherSite` and
    what `record` raises.
    """
    plan = _plan_that_stays(
        work, box, partial(plan_storing, work, box, scan, by=by, leave_out_unknown=leave_out_unknown)
    )
    return _carried_out(work, plan, by, at, expected)


def name_rack(
    work: Work,
    box: ItemNow,
    scan: RackScan,
    issuer: str,
    *,
    by: Actor,
    at: Told | None,
    expected: str | None = None,
) -> RackPlan:
    """Give what the log has in each position the code that its maker put on it and that was read there.

    All of it or nothing. Raises as `store_rack`, and `AliasRefused`.
    """
    plan = _plan_that_stays(work, box, partial(plan_naming, work, box, scan, issuer, by=by))
    return _carried_out(work, plan, by, at, expected)


def _plan_that_stays(work: Work, box: ItemNow, plan: Callable[[], RackPlan]) -> RackPlan:
    """Made once more where somebody changed a piece of it before all of them were locked."""
    lock_unit(work, box)
    first = plan()
    as_read = {item.id: item.sequence for item in first.pieces}
    return first if lock_in_order(work, as_read) == as_read else plan()


class _Rehearsed(Exception):
    """Takes back what was only tried."""


def rehearsed(work: Work, job: Callable[[], RackPlan]) -> RackPlan:
    """What `store_rack` or `name_rack` would do and would have to say, of which nothing is kept."""
    plans: list[RackPlan] = []
    with suppress(_Rehearsed), work.savepoint():
        plans.append(job())
        raise _Rehearsed
    return replace(plans[0], is_done=False)


def _carried_out(work: Work, plan: RackPlan, by: Actor, at: Told | None, expected: str | None) -> RackPlan:
    if expected is not None and expected != plan.fingerprint:
        raise RackRefused(
            f"Something in {checks.named(plan.box)} changed since the file was shown; look at it again, then "
            "confirm what is to be done now."
        )
    heard: dict[str, tuple[Alert, ...]] = {}
    for step, is_lifted in in_order(plan.steps, plan.box):
        if is_lifted:
            _lift_out(work, plan, step, by)
        else:
            heard[step.position] = _done(work, plan, step, by, at)
    log_scans(work, [_seen(step) for step in plan.steps], by=by)
    return plan.heard(heard, is_done=True)


def _done(work: Work, plan: RackPlan, step: WellStep, by: Actor, at: Told | None) -> tuple[Alert, ...]:
    where: dict[str, Any] = {"place": plan.box.identifier, "position": step.position}
    if plan.issuer is not None:
        where = {"details": {"issuer": plan.issuer, "code": step.code}}
    source = Source("file", plan.scan.source_of(step.position))
    return record(work, step.item.identifier, step.action, by=by, source=source, at=at, **where).alerts


def _seen(step: WellStep) -> SeenScan:
    return SeenScan(step.code, ScanOutcome.TAKEN, step.action.value, step.item.id)


def _lift_out(work: Work, plan: RackPlan, step: WellStep, by: Actor) -> None:
    """Of tubes that changed places one leaves its position before another takes it."""
    record(
        work,
        step.item.identifier,
        Action.DISPLACE,
        by=by,
        source=Source("file", plan.scan.source_of(step.position)),
        at=None,  # nobody knows when they changed places
        details={"place": plan.box.identifier, "found_at": step.position},
    )
