"""Disclosures as pages: opened, approved, handed out once, and whether their participant was told."""

from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.core.errors import DomainError
from biobank.core.tables import MOST_DIGITS
from biobank.disclosures import operations
from biobank.disclosures.choices import (
    DISCLOSURE_SIGNED,
    FIELDS,
    Basis,
    DisclosureState,
    NotYetBecause,
    ToldHow,
)
from biobank.disclosures.handing_out import HandedOut, contents, hand_out
from biobank.disclosures.inputs import NewDisclosure, NotToldYet, ToldOfIt
from biobank.disclosures.models import Disclosure
from biobank.disclosures.queries import (
    DemandUnknown,
    disclosure_seen_by,
    disclosures_seen_by,
    not_told_yet,
    state_of,
    undecided_demands,
)
from biobank.disclosures.stories import disclosure_told
from biobank.participants.queries import ParticipantUnknown
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.paging import page
from biobank.web.permission import once_kept, reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required
from biobank.web.typed_fields import FieldRefused, choices, chosen, signing_typed
from biobank.web.words import spoken

blueprint = Blueprint("disclosure_pages", __name__, url_prefix="/disclosures")
Shown = dict[str, Any]
STATES: Mapping[DisclosureState, Shown] = {
    DisclosureState.OPENED: {"word": "Waits for its approval", "tone": "wait"},
    DisclosureState.APPROVED: {"word": "Approved, not handed out", "tone": "wait"},
    DisclosureState.HANDED_OUT: {"word": "Handed out", "tone": "plain"},
    DisclosureState.GIVEN_UP: {"word": "Given up", "tone": "plain"},
}


def field_choices() -> tuple[Mapping[str, str], ...]:
    return tuple({"value": name, "label": spoken(name).capitalize()} for name in FIELDS)


def words_of(names: Iterable[str]) -> list[str]:
    return [spoken(name).capitalize() for name in names]


Unknown = Mapping[type[DomainError], str]
"""Beside which field it stands that there is no such thing."""
NOWHERE: Unknown = {}


def refused_form(refusal: DomainError | None, unknown: Unknown = NOWHERE) -> Shown:
    """What was typed, and what is wrong with it."""
    at = unknown.get(type(refusal)) if refusal else None
    errors = {"errors": {at: refusal.detail}} if refusal and at else {}
    return typed_again(refusal) | errors | {"ticked": request.form.getlist("fields") if refusal else []}


@blueprint.get("")
@reads(Permission.SEE_DISCLOSURES)
def listed(*, work: Work, by: Actor) -> str:
    """Newest first, a page at a time; above them whom nobody told yet."""
    found = page(
        work, disclosures_seen_by(by), [Disclosure.id], cursor=request.args.get("cursor"), newest_first=True
    )
    return render_template(
        "disclosures/disclosures.html",
        disclosures=[_told(work, each) for each in found.rows],
        untold=[_told(work, each) for each, _ in not_told_yet(work, by)],
        undecided=[
            {"url": f"/legal-demands/{each.id}", "reference": each.reference, "answer_by": each.answer_by}
            for each in undecided_demands(work, by)
        ],
        next_url=found.next_url("/disclosures"),
        may_make=by.may(Permission.MAKE_DISCLOSURES),
    )


def _told(work: Work, found: Disclosure) -> Shown:
    told = disclosure_told(work, found)
    because = told["not_told_because"]
    return told | {
        "url": f"/disclosures/{found.id}",
        "state": STATES[told["state"]],
        "basis": spoken(found.basis).capitalize(),
        "gives_out": words_of(told["gives_out"]),
        "not_told_because": spoken(because) if because else None,
        "demand_url": f"/legal-demands/{found.demand_id}" if found.demand_id else None,
    }


@blueprint.get("/new")
@reads(Permission.MAKE_DISCLOSURES)
def new(*, work: Work, by: Actor) -> str:
    return _form(work, by)


def _form(_: Work, __: Actor, *, refusal: DomainError | None = None) -> str:
    unknown = {ParticipantUnknown: "participant", DemandUnknown: "demand"}
    return render_template(
        "disclosures/new.html",
        bases=choices(Basis),
        field_choices=field_choices(),
        **refused_form(refusal, unknown),
    )


@blueprint.post("")
@shown_again(Permission.MAKE_DISCLOSURES, _form)
@writes(Permission.MAKE_DISCLOSURES)
def opened(*, work: Work, by: Actor) -> Response:
    form = request.form
    demand = form.get("demand", "").strip()
    if demand and not (demand.isascii() and demand.isdigit() and len(demand) <= MOST_DIGITS):
        raise FieldRefused("Give the number of the legal demand.", field="demand")
    told = NewDisclosure(
        participant=form.get("participant", "").strip(),
        basis=chosen(form, "basis", Basis, "Say on which ground."),
        fields=tuple(form.getlist("fields")),
        receiver=form.get("receiver", "").strip(),
        purpose=form.get("purpose", "").strip(),
        demand=int(demand) if demand else None,
    )
    kept = operations.open_disclosure(work, told, by=by)
    tell("Opened", "Somebody else approves it with a signature.")
    return sent_to(f"/disclosures/{kept.id}")


@blueprint.get("/<int:number>")
@reads(Permission.SEE_DISCLOSURES)
def show(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found = disclosure_seen_by(work, by, number)
    shown, state = _told(work, found), state_of(found)
    may_make = by.may(Permission.MAKE_DISCLOSURES)
    waits = state is DisclosureState.HANDED_OUT and shown["told_on"] is None
    return render_template(
        "disclosures/disclosure.html",
        disclosure=shown,
        meaning=DISCLOSURE_SIGNED,
        may_approve=may_make and state is DisclosureState.OPENED,
        may_hand_out=by.may(Permission.READ_IDENTITY) and state is DisclosureState.APPROVED,
        may_drop=may_make and state in (DisclosureState.OPENED, DisclosureState.APPROVED),
        may_tell=may_make and waits,
        ways=choices(way for way in ToldHow if way is not ToldHow.MESSAGE),
        reasons=choices(NotYetBecause),
        **refused_form(refusal),
    )


@blueprint.post("/<int:number>/approval")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.MAKE_DISCLOSURES)
def approved(number: int, *, work: Work, by: Actor) -> Response:
    operations.approve_disclosure(work, number, signing_typed(request.form), by=by)
    tell("Approved", "It can be handed out once, by who may read this participant's identity.")
    return sent_to(f"/disclosures/{number}")


@blueprint.post("/<int:number>/hand-out")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.READ_IDENTITY)
def handed_out(number: int, *, work: Work, by: Actor) -> Response:
    made = hand_out(work, number, by=by)
    once_kept(lambda: _contents(made))
    return sent_to(f"/disclosures/{number}")


def _contents(made: HandedOut) -> Response:
    """After it was written down everywhere; shown this once."""
    with reading() as work:
        told = contents(work, made)
    rows = [{"label": spoken(name).capitalize(), "text": _text(value)} for name, value in told.items()]
    shown = render_template("disclosures/handed_out.html", number=made.number, rows=rows)
    response = current_app.make_response(shown)
    response.headers["Cache-Control"] = "no-store"
    return response


def _text(value: Any) -> str:
    if not isinstance(value, list):
        return str(value)
    return "; ".join(", ".join(str(part) for part in row.values()) for row in value)


@blueprint.post("/<int:number>/drop")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.MAKE_DISCLOSURES)
def dropped(number: int, *, work: Work, by: Actor) -> Response:
    operations.drop_disclosure(work, number, by=by)
    tell("Given up", "Nothing leaves.")
    return sent_to("/disclosures")


@blueprint.post("/<int:number>/message")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.MAKE_DISCLOSURES)
def messaged(number: int, *, work: Work, by: Actor) -> Response:
    operations.tell_by_message(work, number, by=by)
    tell("Queued", "One message tells the participant what was given out.")
    return sent_to(f"/disclosures/{number}")


@blueprint.post("/<int:number>/told")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.MAKE_DISCLOSURES)
def told_otherwise(number: int, *, work: Work, by: Actor) -> Response:
    how = chosen(request.form, "how", ToldHow, "Say how they were told.")
    operations.note_told(work, number, ToldOfIt(how=how, on=day_required(request.form, "on")), by=by)
    tell("Noted", "The participant knows of it.")
    return sent_to(f"/disclosures/{number}")


@blueprint.post("/<int:number>/not-told")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.MAKE_DISCLOSURES)
def not_told(number: int, *, work: Work, by: Actor) -> Response:
    because = chosen(request.form, "because", NotYetBecause, "Say why not yet.")
    told = NotToldYet(because=because, look_again_on=day_required(request.form, "look_again_on"))
    operations.note_not_told(work, number, told, by=by)
    tell("Noted", "It stays among those that nobody told yet.")
    return sent_to(f"/disclosures/{number}")
