"""Commands that show what is due to be counted, plan it, draw samples and tell how right the log is."""

from datetime import timedelta
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.counting import counted
from biobank.core.database import reading, writing
from biobank.custody.queries import item_by_id
from biobank.inventories.choices import CheckState, Reason
from biobank.inventories.inputs import NewCheck, NewSample
from biobank.inventories.models import InventoryCheck
from biobank.inventories.operations import plan_check
from biobank.inventories.queries import accuracy, boxes_due, checks_seen_by, differences_by_kind
from biobank.inventories.sampling import draw_sample, plan_due
from biobank.items.models import Item
from biobank.web.terminal import acting, json_option, show, table

MOST_LISTED = 500
CHECKS = ("check", "unit", "site", "reason", "state", "due_on")


@click.group("inventories")
def group() -> None:
    """Counting what lies in storage."""


@group.command("list")
@click.option("--state", type=click.Choice([state.value for state in CheckState]), help="Left out: all.")
@json_option
@acting(Permission.SEE_STORAGE)
def list_checks(*, state: str | None, by: Actor, as_json: bool) -> None:
    """Show the newest checks of your sites."""
    states = [CheckState(state)] if state else []
    with reading() as work:
        question = checks_seen_by(by, *states).order_by(InventoryCheck.id.desc()).limit(MOST_LISTED)
        found = work.session.scalars(question).all()
        rows = [_row(check, item_by_id(work, check.unit_id).identifier) for check in found]
    lines = table(rows, CHECKS) if rows else ["There is no such check."]
    show({"checks": rows}, as_json=as_json, lines=lines)


def _row(check: InventoryCheck, unit: str) -> dict[str, Any]:
    told = {name: getattr(check, name) for name in ("site", "reason", "state", "due_on")}
    return {"check": check.id, "unit": unit, **told}


@group.command("due")
@json_option
@acting(Permission.SEE_STORAGE)
def list_due(*, by: Actor, as_json: bool) -> None:
    """Show boxes that nobody counted for longer than the cycle, 500 at most."""
    with reading() as work:
        question = boxes_due(work, by.sites).order_by(Item.id).limit(MOST_LISTED)
        units = [box.identifier for box in work.session.scalars(question)]
    show({"units": units}, as_json=as_json, lines=units or ["Nothing is due."])


@group.command("plan")
@click.argument("unit")
@click.option("--whole", is_flag=True, help="Everything that stands in it, too.")
@click.option("--reason", type=click.Choice([reason.value for reason in Reason]), default="routine")
@json_option
@acting(Permission.PLAN_INVENTORIES)
def plan_one(unit: str, *, whole: bool, reason: str, by: Actor, as_json: bool) -> None:
    """Plan to count UNIT."""
    with writing() as work:
        number = plan_check(work, NewCheck(unit=unit, whole=whole, reason=Reason(reason)), by=by).id
    show({"check": number}, as_json=as_json, lines=[f"Check {number} is planned."])


@group.command("plan-due")
@click.argument("site")
@click.option("--most", type=click.IntRange(1, MOST_LISTED), default=20, show_default=True)
@json_option
@acting(Permission.PLAN_INVENTORIES)
def plan_those_due(site: str, *, most: int, by: Actor, as_json: bool) -> None:
    """Plan to count boxes of SITE, those longest without a count first; for a nightly run."""
    with writing() as work:
        numbers = [check.id for check in plan_due(work, site, most, by=by)]
    show({"checks": numbers}, as_json=as_json, lines=[f"Planned: {counted(len(numbers), 'check')}."])


@group.command("sample")
@click.argument("site")
@click.option("--size", type=click.IntRange(1, MOST_LISTED), required=True)
@click.option("--seed", required=True, help="With it anybody can draw the same boxes again.")
@json_option
@acting(Permission.PLAN_INVENTORIES)
def sample(site: str, *, size: int, seed: str, by: Actor, as_json: bool) -> None:
    """Draw boxes of SITE at random for an audit, and plan a check of each."""
    with writing() as work:
        drawn = draw_sample(work, NewSample(site=site, size=size, seed=seed), by=by)
        document = {"sample": drawn.id, "population": drawn.population, "sha256": drawn.population_sha256}
    told = f"Sample {document['sample']} is drawn out of {document['population']} boxes."
    show(document, as_json=as_json, lines=[told])


@group.command("accuracy")
@click.option("--days", type=click.IntRange(1, 3660), default=365, show_default=True)
@json_option
@acting(Permission.SEE_STORAGE)
def figures(*, days: int, by: Actor, as_json: bool) -> None:
    """Show what was checked in the last days and what differed."""
    until = moments.now()
    between = (until - timedelta(days=days), until)
    with reading() as work:
        told = accuracy(work, by.sites, *between)
        by_kind = differences_by_kind(work, by.sites, *between)
    document = {
        "checks": told.checks,
        "checked": told.checked,
        "differences": told.differences,
        "share": told.share,
        "by_kind": by_kind,
    }
    share = "nothing was checked" if told.share is None else f"{told.share:.2f} % are as the log says"
    line = f"{told.checks} checks, {told.checked} things, {told.differences} differences: {share}."
    show(document, as_json=as_json, lines=[line, *(f"{kind}: {count}" for kind, count in by_kind.items())])
