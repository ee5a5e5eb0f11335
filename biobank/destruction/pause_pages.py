"""What stops an order and what lets it go on, as a page: legal holds, and whether clinics destroy."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.destruction import queries
from biobank.destruction.choices import UNFINISHED, OrderState
from biobank.destruction.instructing import let_clinics_destroy
from biobank.destruction.legal_holds import lift_legal_hold, place_legal_hold
from biobank.destruction.models import LegalHold
from biobank.destruction.pauses import HeldBecause, LiftedBecause
from biobank.items.identifiers import printed
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import choices, chosen
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("pause_pages", __name__, url_prefix="/destruction-orders/<identifier>")
MAY = Permission.CONFIRM_DESTRUCTION


@blueprint.get("/pauses")
@reads(MAY)
def pauses(identifier: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, identifier=identifier)


def _page(
    work: Work, by: Actor, *, identifier: str, number: int | None = None, refusal: DomainError | None = None
) -> str:
    order = queries.order_seen_by(work, by, identifier)
    zone = zone_of(work, by)
    return render_template(
        "destruction/pauses.html",
        printed=printed(order.identifier),
        url=f"/destruction-orders/{order.identifier}",
        may_hold=OrderState(order.state) in UNFINISHED,
        holds=[_hold(hold, zone) for hold in reversed(queries.legal_holds_of(work, order))],
        reasons=choices(HeldBecause),
        endings=choices(LiftedBecause),
        at_clinics=order.at_clinics or work.settings.clinics_destroy,
        by_setting=work.settings.clinics_destroy,
        lifting=number,
        **typed_again(refusal),
    )


def _hold(hold: LegalHold, zone: str) -> dict[str, Any]:
    return {
        "number": hold.id,
        "reason": spoken(hold.reason).capitalize(),
        "reference": hold.reference,
        "placed_at": in_zone(hold.placed_at, zone),
        "placed_by": hold.placed_by,
        "lifted_at": in_zone(hold.lifted_at, zone) if hold.lifted_at else None,
        "lifted_by": hold.lifted_by,
        "lifted_because": spoken(hold.lifted_because).capitalize() if hold.lifted_because else None,
    }


@blueprint.post("/legal-holds")
@shown_again(MAY, _page)
@writes(MAY)
def place(identifier: str, *, work: Work, by: Actor) -> Response:
    because = chosen(request.form, "because", HeldBecause, "Say whose duty it is to keep it.")
    place_legal_hold(work, by, identifier, because, request.form.get("reference", ""))
    tell(
        "Legal hold placed",
        "Nothing of this order is destroyed, and its clock stands still until the hold is lifted.",
    )
    return sent_to(f"/destruction-orders/{identifier}")


@blueprint.post("/legal-holds/<int:number>/lift")
@shown_again(MAY, _page)
@writes(MAY)
def lift(identifier: str, number: int, *, work: Work, by: Actor) -> Response:
    sentence = "Say why it need not be kept any more."
    because = chosen(request.form, "lifted_because", LiftedBecause, sentence)
    lift_legal_hold(work, by, number, because, request.form.get("reference", ""))
    tell("Lifted", "The clock of the order goes on by the time for which it stood.")
    return sent_to(f"/destruction-orders/{identifier}")


@blueprint.post("/clinics")
@shown_again(MAY, _page)
@writes(MAY)
def instruct(identifier: str, *, work: Work, by: Actor) -> Response:
    allowed = request.form.get("at_clinics") == "destroy"
    let_clinics_destroy(work, by, identifier, allowed=allowed)
    sentence = "Clinics destroy what they have of it." if allowed else "Clinics ship what they have of it."
    tell("Instructed", sentence)
    return sent_to(f"/destruction-orders/{identifier}")
