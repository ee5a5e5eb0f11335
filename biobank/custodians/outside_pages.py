"""The desk for what is outside: who is to be asked, whose answer is late, what waits for compliance."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission, Role
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custodians.attestation_pages import told_of
from biobank.custodians.choices import Wanted
from biobank.custodians.models import Attestation
from biobank.custodians.queries import custodian_named, returned_for
from biobank.destruction import attesting
from biobank.destruction.models import WasteBatch
from biobank.destruction.outside import (
    Outside,
    attestations_seen_by,
    containers_outside,
    outside_of_orders,
)
from biobank.destruction.queries import bag_of
from biobank.items.identifiers import printed
from biobank.web.addresses import sent_to
from biobank.web.cards import card
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import FieldRefused, chosen
from biobank.web.words import in_zone

blueprint = Blueprint("outside_pages", __name__)
Shown = dict[str, Any]
DESK = "/custodians/outside"
MOST_SHOWN = 500
WANTED = {
    Wanted.KEEP_UNUSED: "Keep it and use nothing of it",
    Wanted.RETURN: "Send it back",
    Wanted.DESTROY: "Destroy it and attest that",
}


@blueprint.get(DESK)
@reads(Permission.SEE_DESTRUCTION)
def outside(*, work: Work, by: Actor) -> str:
    return _desk(work, by)


def _desk(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    found, zone = outside_of_orders(work, by), zone_of(work, by)
    waiting = work.session.scalars(attestations_seen_by(by, waiting=True).order_by(Attestation.id)).all()
    containers = [batch for batch in containers_outside(work) if by.works_at(bag_of(work, batch).site or "")]
    return render_template(
        "custodians/outside.html",
        custodians=_by_custodian(work, found, by, zone),
        waiting=[told_of(work, attestation, zone) for attestation in waiting],
        containers=[_container(work, batch, by, zone) for batch in containers],
        wanted=[{"value": each.value, "label": label, "note": None} for each, label in WANTED.items()],
        may_ask=by.has(Role.COMPLIANCE),
        may_attest=by.may(Permission.KEEP_CUSTODIANS),
        ticked=set(request.form.getlist("item")) if refusal else set(),
        **typed_again(refusal),
    )


def _by_custodian(work: Work, found: list[Outside], by: Actor, zone: str) -> list[Shown]:
    named: dict[str, Shown] = {}
    for each in found[:MOST_SHOWN]:
        custodian = named.setdefault(
            each.custodian,
            {
                "code": each.custodian,
                "organisation": custodian_named(work, each.custodian).organisation,
                "url": f"/custodians/{each.custodian}",
                "attest_url": f"/attestations/new?custodian={each.custodian}",
                "lines": [],
            },
        )
        custodian["lines"].append(_line(work, each, by, zone))
    return list(named.values())


def _line(work: Work, each: Outside, by: Actor, zone: str) -> Shown:
    return {
        **card(work, each.item, by),
        "identifier": each.item.identifier,
        "order": {
            "printed": printed(each.order.identifier),
            "url": f"/destruction-orders/{each.order.identifier}",
        },
        "state": _standing(each),
        "wanted": WANTED[Wanted(each.asked.wanted)] if each.asked else None,
        "asked_at": in_zone(each.asked.asked_at, zone) if each.asked else None,
        "due_at": in_zone(each.asked.due_at, zone) if each.asked else None,
        "attestation_url": f"/attestations/{each.attestation.id}" if each.attestation else None,
    }


def _standing(each: Outside) -> Shown:
    if each.attestation is not None:
        return {"word": "Attested, to be accepted", "tone": "wait"}
    if each.is_to_be_asked:
        return {"word": "Ask the custodian", "tone": "late"}
    if each.is_late:
        return {"word": "No answer in time", "tone": "wrong"}
    return {"word": "Asked", "tone": "wait"}


def _container(work: Work, batch: WasteBatch, by: Actor, zone: str) -> Shown:
    bag, returned = bag_of(work, batch), returned_for(work, batch.id)
    enter = f"/attestations/new?batch={bag.identifier}" if by.may(Permission.KEEP_CUSTODIANS) else None
    return {
        "printed": printed(bag.identifier),
        "url": f"/waste-batches/{bag.identifier}",
        "contractor": batch.contractor,
        "manifest": batch.manifest,
        "handed_over_at": in_zone(batch.handed_over_at, zone) if batch.handed_over_at else None,
        "returned_url": f"/attestations/{returned.id}" if returned else None,
        "enter_url": enter if returned is None else None,
    }


@blueprint.post(f"{DESK}/asked")
@shown_again(Permission.SEE_DESTRUCTION, _desk)
@writes(Permission.CONFIRM_DESTRUCTION)
def asked(*, work: Work, by: Actor) -> Response:
    items = request.form.getlist("item")
    if not items:
        raise FieldRefused("Tick the specimens that the custodian was asked about.", field="item")
    wanted = chosen(request.form, "wanted", Wanted, "Say what the custodian was asked to do.")
    noted = attesting.ask_custodian(work, by, items, wanted)
    due = in_zone(noted[0].due_at, zone_of(work, by)).date().isoformat()
    tell("Noted", f"Their custodian was asked about {len(noted)}; the answer is due by {due}.")
    return sent_to(DESK)
