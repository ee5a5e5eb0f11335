"""Inventory as pages: what is being counted, what is due, samples that were drawn, how right the log is."""

import secrets
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError, Invalid
from biobank.custody.queries import item_now
from biobank.inventories.choices import UNFINISHED, CheckState, Reason
from biobank.inventories.inputs import NewCheck, NewSample
from biobank.inventories.models import InventoryCheck, InventorySample
from biobank.inventories.operations import count_unit, plan_check
from biobank.inventories.queries import (
    accuracy_of_sample,
    boxes_due,
    checks_of_sample,
    checks_seen_by,
    last_closed,
    overdue_checks,
    sample_numbered,
    samples_seen_by,
)
from biobank.inventories.sampling import draw_sample, plan_due
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.sites.queries import site_named, sites
from biobank.web.addresses import sent_to
from biobank.web.cards import name_of, name_of_person, place
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form, typed_again
from biobank.web.frame import zone_of
from biobank.web.inventory_cards import REASONS, check_cards
from biobank.web.paging import filters, page
from biobank.web.permission import reads, writes
from biobank.web.scan_log import logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required
from biobank.web.words import in_zone

blueprint = Blueprint("inventory_pages", __name__, url_prefix="/inventories")
Shown = dict[str, Any]
OVERDUE = "overdue"
SHOWS: Mapping[str, tuple[str, tuple[CheckState, ...]]] = {
    "open": ("Open", UNFINISHED),
    OVERDUE: ("Overdue", UNFINISHED),
    "closed": ("Closed", (CheckState.CLOSED,)),
    "all": ("All", ()),
}
MOST_SAMPLES = 10
USUAL_SAMPLE = "20"


@blueprint.get("")
@reads(Permission.SEE_STORAGE)
def desk(*, work: Work, by: Actor) -> str:
    return _desk(work, by)


def _desk(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    """The newest first; a scan begins to count a unit, or goes on; `unit` is the one whose page led here."""
    shown = request.args.get("show", "open")
    _, states = SHOWS.get(shown, SHOWS["open"])
    listed = page(
        work,
        overdue_checks(by) if shown == OVERDUE else checks_seen_by(by, *states),
        [InventoryCheck.id],
        cursor=request.args.get("cursor"),
        newest_first=True,
    )
    zone = zone_of(work, by)
    return render_template(
        "inventories/desk.html",
        filters=filters("/inventories?show=", SHOWS, shown),
        checks=check_cards(work, listed.rows, zone),
        next_url=listed.next_url(f"/inventories?show={shown}"),
        may_count=by.may(Permission.COUNT_STORAGE),
        form=request.form if refusal else {"text": request.args.get("unit", "")},
        errors=errors_of_form(refusal),
    )


@blueprint.post("/begin")
@shown_again(Permission.SEE_STORAGE, _desk)
@logging_refused_forms
@writes(Permission.COUNT_STORAGE)
def begun(*, work: Work, by: Actor) -> Response:
    """Scan the box: its check is the page that follows."""
    return sent_to(f"/inventories/{count_unit(work, request.form.get('text', ''), by=by).id}")


@blueprint.get("/plan")
@reads(Permission.SEE_STORAGE)
def plan(*, work: Work, by: Actor) -> str:
    return _plan(work, by)


def _plan(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    """Boxes that are due, and what can be planned; `unit` is the one from whose page somebody comes."""
    due = page(work, boxes_due(work, by.sites), [Item.id], cursor=request.args.get("cursor"))
    samples = work.session.scalars(
        samples_seen_by(by).order_by(InventorySample.id.desc()).limit(MOST_SAMPLES)
    )
    zone, last = zone_of(work, by), last_closed(work, [box.id for box in due.rows])
    typed = {"unit": request.args.get("unit", ""), "seed": secrets.token_hex(4), "size": USUAL_SAMPLE}
    return render_template(
        "inventories/plan.html",
        due=[_due(work, box, by, last.get(box.id), zone) for box in due.rows],
        next_url=due.next_url("/inventories/plan"),
        cycle_days=work.settings.inventory_cycle_days,
        samples=[_sample(work, sample, zone) for sample in samples],
        sites=_sites(work, by),
        reasons=[{"value": reason.value, "label": label} for reason, label in REASONS.items()],
        may_plan=by.may(Permission.PLAN_INVENTORIES),
        **(typed_again(refusal) if refusal else {"form": typed, "errors": {}}),
    )


def _sites(work: Work, by: Actor) -> list[Shown]:
    """Of the reader, those that store."""
    return [
        {"value": site.code, "label": site.name}
        for site in sites(work)
        if site.kind == "biobank" and by.works_at(site.code)
    ]


def _due(work: Work, box: Item, by: Actor, last: datetime | None, zone: str) -> Shown:
    return {
        "name": name_of(box),
        "printed": printed(box.identifier),
        "url": f"/storage/units/{box.identifier}",
        "place": place(work, box, by),
        "last_at": in_zone(last, zone) if last else None,
    }


def _sample(work: Work, sample: InventorySample, zone: str) -> Shown:
    return {
        "number": sample.id,
        "url": f"/inventories/samples/{sample.id}",
        "site": site_named(work, sample.site).name,
        "size": min(sample.size, sample.population),
        "population": sample.population,
        "seed": sample.seed,
        "at": in_zone(sample.drawn_at, zone),
        "by": name_of_person(work, sample.drawn_by),
    }


@blueprint.post("/plan")
@shown_again(Permission.SEE_STORAGE, _plan)
@writes(Permission.PLAN_INVENTORIES)
def planned(*, work: Work, by: Actor) -> Response:
    form = request.form
    reason = form.get("reason", "")
    if reason not in list(Reason):
        raise Invalid("Choose why it is counted.", field="reason")
    new = NewCheck(
        unit=item_now(work, form.get("unit", "")).identifier,
        reason=Reason(reason),
        due_on=_due_on(),
        whole="whole" in form,
    )
    check = plan_check(work, new, by=by)
    tell("Planned", "It waits until somebody counts it.")
    return sent_to(f"/inventories/{check.id}")


def _due_on() -> date | None:
    return day_required(request.form, "due_on") if request.form.get("due_on", "").strip() else None


@blueprint.post("/plan/due")
@shown_again(Permission.SEE_STORAGE, _plan)
@writes(Permission.PLAN_INVENTORIES)
def due_planned(*, work: Work, by: Actor) -> Response:
    done = plan_due(work, request.form.get("site", ""), _number("most"), by=by, due_on=_due_on())
    tell("Planned", f"Boxes to be counted: {len(done)}.")
    return sent_to("/inventories")


@blueprint.post("/plan/sample")
@shown_again(Permission.SEE_STORAGE, _plan)
@writes(Permission.PLAN_INVENTORIES)
def sample_drawn(*, work: Work, by: Actor) -> Response:
    form = request.form
    seed = form.get("seed", "").strip()
    new = NewSample(site=form.get("site", ""), size=_number("size"), seed=seed, due_on=_due_on())
    sample = draw_sample(work, new, by=by)
    size = min(sample.size, sample.population)
    tell("Drawn", f"Boxes to be counted: {size} of {sample.population}.")
    return sent_to(f"/inventories/samples/{sample.id}")


def _number(name: str) -> int:
    typed = request.form.get(name, "").strip()
    if not (typed.isascii() and typed.isdecimal() and len(typed) <= 6):  # noqa: PLR2004 (none is larger)
        raise Invalid("Type a whole number.", field=name)
    return int(typed)


@blueprint.get("/samples/<int:number>")
@reads(Permission.SEE_STORAGE)
def sample(number: int, *, work: Work, by: Actor) -> str:
    """A sample, with how right the log was of it, and how it is drawn again."""
    found = sample_numbered(work, number)
    at_own_site(by, found.site)
    listed = page(work, checks_of_sample(found), [InventoryCheck.id], cursor=request.args.get("cursor"))
    zone = zone_of(work, by)
    return render_template(
        "inventories/sample.html",
        sample=_sample(work, found, zone) | {"sha256": found.population_sha256},
        figures=accuracy_of_sample(work, found),
        checks=check_cards(work, listed.rows, zone),
        next_url=listed.next_url(f"/inventories/samples/{number}"),
    )
