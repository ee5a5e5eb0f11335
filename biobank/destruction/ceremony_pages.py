"""Ceremonies as a page: planned for several orders, recorded as held, or called off."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.destruction import ceremonies
from biobank.destruction.models import CeremonyEvent, DestructionOrder
from biobank.destruction.pauses import OUTSIDE, CeremonyState
from biobank.items.identifiers import printed
from biobank.sites.queries import site_called, sites
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required
from biobank.web.words import Sign, spoken

blueprint = Blueprint("ceremony_pages", __name__, url_prefix="/ceremonies")
MAY = Permission.CONFIRM_DESTRUCTION
URL = "/ceremonies"
TONES = {CeremonyState.PLANNED: "wait", CeremonyState.HELD: "right", CeremonyState.CALLED_OFF: "plain"}


@blueprint.get("")
@reads(MAY)
def listed(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, number: int | None = None, refusal: DomainError | None = None) -> str:
    return render_template(
        "destruction/ceremonies.html",
        ceremonies=[_shown(work, by, each) for each in ceremonies.ceremonies(work, by)],
        waiting=[_order(order) for order in ceremonies.orders_to_join(work, by)],
        places=[
            {"value": OUTSIDE, "label": "A place outside"},
            *({"value": site.code, "label": site.name} for site in sites(work)),
        ],
        today=moments.now().date().isoformat(),
        settling=number,
        chosen=request.form.getlist("order") if refusal else [],
        **typed_again(refusal),
    )


def _shown(work: Work, by: Actor, ceremony: CeremonyEvent) -> dict[str, Any]:
    state = CeremonyState(ceremony.state)
    sign: Sign = {"word": spoken(state).capitalize(), "tone": TONES[state]}
    return {
        "number": ceremony.id,
        "on": ceremony.on,
        "place": site_called(work, ceremony.site) if ceremony.site else "A place outside",
        "state": sign,
        "planned": state is CeremonyState.PLANNED,
        "orders": [_order(order) for order in ceremonies.orders_of_ceremony(work, ceremony, by)],
    }


def _order(order: DestructionOrder) -> dict[str, Any]:
    return {
        "identifier": order.identifier,
        "printed": printed(order.identifier),
        "url": f"/destruction-orders/{order.identifier}",
    }


@blueprint.post("")
@shown_again(MAY, _page)
@writes(MAY)
def plan(*, work: Work, by: Actor) -> Response:
    orders = request.form.getlist("order")
    on, place = day_required(request.form, "on"), request.form.get("place", "")
    ceremony = ceremonies.plan_ceremony(work, by, on=on, place=place, orders=orders)
    tell("Planned", f"Ceremony {ceremony.id}: record it as held once it was, then its orders go on.")
    return sent_to(URL)


@blueprint.post("/<int:number>/orders")
@shown_again(MAY, _page)
@writes(MAY)
def join(number: int, *, work: Work, by: Actor) -> Response:
    ceremonies.join_ceremony(work, by, number, request.form.getlist("order"))
    tell("Joined", f"The orders wait for ceremony {number}.")
    return sent_to(URL)


@blueprint.post("/<int:number>/held")
@shown_again(MAY, _page)
@writes(MAY)
def held(number: int, *, work: Work, by: Actor) -> Response:
    ceremonies.record_ceremony_held(work, by, number, on=day_required(request.form, "on"))
    tell("Ceremony held", "What lies on its orders can be destroyed.")
    return sent_to(URL)


@blueprint.post("/<int:number>/call-off")
@shown_again(MAY, _page)
@writes(MAY)
def call_off(number: int, *, work: Work, by: Actor) -> Response:
    ceremonies.call_off_ceremony(work, by, number)
    tell("Called off", "Its orders wait, and can join another.")
    return sent_to(URL)
