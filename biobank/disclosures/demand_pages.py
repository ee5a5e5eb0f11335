"""Legal demands as pages: recorded, and decided by compliance with a signature."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.disclosures import operations
from biobank.disclosures.choices import DEMAND_SIGNED, DemandDecision, DemandKind
from biobank.disclosures.inputs import DecidedDemand, NewDemand
from biobank.disclosures.models import LegalDemand
from biobank.disclosures.pages import (
    field_choices,
    refused_form,
    words_of,
)
from biobank.disclosures.queries import demand_seen_by, demands_seen_by
from biobank.disclosures.stories import demand_told
from biobank.participants.queries import ParticipantUnknown
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required
from biobank.web.typed_fields import choices, chosen, signing_typed
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("demand_pages", __name__, url_prefix="/legal-demands")
Shown = dict[str, Any]
DECIDED = {
    DemandDecision.REFUSED: "The demand is refused.",
    DemandDecision.CONTESTED: "The demand is contested.",
    DemandDecision.IN_PART: "The demand is complied with in part.",
    DemandDecision.COMPLIED: "The demand is complied with.",
}
NOT_DECIDED = {"word": "Not decided: nothing leaves", "tone": "late"}


@blueprint.get("")
@reads(Permission.SEE_DISCLOSURES)
def listed(*, work: Work, by: Actor) -> str:
    found = page(
        work,
        demands_seen_by(work, by),
        [LegalDemand.id],
        cursor=request.args.get("cursor"),
        newest_first=True,
    )
    return render_template(
        "disclosures/demands.html",
        demands=[_told(work, each, zone_of(work, by)) for each in found.rows],
        next_url=found.next_url("/legal-demands"),
        may_make=by.may(Permission.MAKE_DISCLOSURES),
    )


def _told(work: Work, demand: LegalDemand, zone: str) -> Shown:
    told = demand_told(work, demand)
    decisions = [
        each
        | {
            "word": spoken(each["decision"]).capitalize(),
            "at": in_zone(each["decided_at"], zone),
            "lets_out": words_of(each["lets_out"]),
        }
        for each in told["decisions"]
    ]
    state = {"word": decisions[-1]["word"], "tone": "plain"} if decisions else NOT_DECIDED
    return told | {
        "url": f"/legal-demands/{demand.id}",
        "kind": spoken(demand.kind).capitalize(),
        "asked": told["asks_for"],
        "asks_for": words_of(told["asks_for"]),
        "decisions": decisions,
        "state": state,
    }


@blueprint.get("/new")
@reads(Permission.MAKE_DISCLOSURES)
def new(*, work: Work, by: Actor) -> str:
    return _form(work, by)


def _form(_: Work, __: Actor, *, refusal: DomainError | None = None) -> str:
    return render_template(
        "disclosures/new_demand.html",
        kinds=choices(DemandKind),
        field_choices=field_choices(),
        **refused_form(refusal, {ParticipantUnknown: "participants"}),
    )


@blueprint.post("")
@shown_again(Permission.MAKE_DISCLOSURES, _form)
@writes(Permission.MAKE_DISCLOSURES)
def recorded(*, work: Work, by: Actor) -> Response:
    form = request.form
    told = NewDemand(
        reference=form.get("reference", "").strip(),
        kind=chosen(form, "kind", DemandKind, "Say what it is."),
        demanded_by=form.get("demanded_by", "").strip(),
        received_on=day_required(request.form, "received_on"),
        answer_by=day_required(request.form, "answer_by") if form.get("answer_by") else None,
        participants=tuple(form.get("participants", "").replace(",", " ").split()),
        fields=tuple(form.getlist("fields")),
    )
    demand = operations.record_demand(work, told, by=by)
    tell("Recorded", "Nothing leaves under it before compliance decided.")
    return sent_to(f"/legal-demands/{demand.id}")


@blueprint.get("/<int:number>")
@reads(Permission.SEE_DISCLOSURES)
def show(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    told = _told(work, demand_seen_by(work, by, number), zone_of(work, by))
    asked = set(told["asked"])
    return render_template(
        "disclosures/demand.html",
        demand=told,
        meaning=DEMAND_SIGNED,
        decisions=choices(DemandDecision),
        field_choices=[each for each in field_choices() if each["value"] in asked],
        may_decide=by.may(Permission.MAKE_DISCLOSURES),
        **refused_form(refusal),
    )


@blueprint.post("/<int:number>/decisions")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.MAKE_DISCLOSURES)
def decided(number: int, *, work: Work, by: Actor) -> Response:
    certificate = request.form.get("certificate", "").strip()
    told = DecidedDemand(
        decision=chosen(request.form, "decision", DemandDecision, "Say what is decided."),
        reason=request.form.get("reason", "").strip(),
        certificate_cited=bool(certificate),
        certificate=certificate or None,
        fields=tuple(request.form.getlist("fields")),
    )
    kept = operations.decide_demand(work, number, told, signing_typed(request.form), by=by)
    tell("Decided", DECIDED[DemandDecision(kept.decision)])
    return sent_to(f"/legal-demands/{number}")
