"""The form of one step of one item, and what is recorded when it is sent."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import offset_name
from biobank.custody.checks import NoSuchStep, row_for, seen_by
from biobank.custody.operations import record
from biobank.custody.queries import item_now, newest_step
from biobank.custody.states import Action
from biobank.custody.step_words import step_word
from biobank.custody.steps import AskedBack, ItemNow
from biobank.custody.transitions import OPEN_TO_ANY_SITE, Transition
from biobank.items.models import Item
from biobank.storage.proposals import propose_position
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told
from biobank.web.cards import identity, page_of
from biobank.web.feedback import tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.step_buttons import proposed, step_url
from biobank.web.step_forms import Field, fields_of, read_step, shown
from biobank.web.typed_fields import FieldRefused

blueprint = Blueprint("custody_pages", __name__)


def told_of(work: Work, by: Actor, identifier: str, action: str) -> tuple[ItemNow, Transition]:
    """The item and the row of the table. Raises `OtherSite` for what is not taken from any site."""
    item = item_now(work, identifier)
    if action not in set(Action):
        raise NoSuchStep(
            f"There is no step called {action!r}; look at the item's page.", item=item.identifier
        )
    row = row_for(item, Action(action))
    if row.action not in OPEN_TO_ANY_SITE:
        seen_by(work, by, item)
    return item, row


@blueprint.get("/items/<identifier>/steps/<action>")
@reads(Permission.RECORD_STEPS)
def step(identifier: str, action: str, *, work: Work, by: Actor) -> str:
    return _form(work, by, identifier=identifier, action=action)


def _form(work: Work, by: Actor, *, identifier: str, action: str, refusal: DomainError | None = None) -> str:
    """The step's form; after a refusal with what was typed, if it is one that the form can mend."""
    item, row = told_of(work, by, identifier, action)
    asked_back, errors = isinstance(refusal, AskedBack), _errors(refusal)
    if refusal is not None and not asked_back and not errors:
        raise refusal
    zone = zone_of(work, by)
    return render_template(
        "items/step.html",
        item=identity(work, work.session.get_one(Item, item.id), by, zone),
        step=_step(work, item, row, by),
        fields=shown(_fields(row, item, zone, refusal)),
        form=request.form if refusal else _prefilled(work, item, row, by),
        errors=errors,
        ask_back={"sentence": refusal.detail} if refusal and asked_back else None,
    )


def _prefilled(work: Work, item: ItemNow, row: Transition, by: Actor) -> dict[str, str]:
    """The position that the storing station proposes to them. The box is scanned: it is that in the hand."""
    proposal = propose_position(work, item, by) if row.action in (Action.STORE, Action.CHECK_IN) else None
    return {"position": proposal.position} if proposal and proposal.position else {}


@blueprint.post("/items/<identifier>/steps/<action>")
@shown_again(Permission.RECORD_STEPS, _form)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def take_step(identifier: str, action: str, *, work: Work, by: Actor) -> Response:
    """Recorded, asked back once, or shown again with what is wrong in it."""
    item, row = told_of(work, by, identifier, action)
    told = read_step(request.form, row, zone_of(work, by))
    if row.action is Action.CORRECT:
        told["corrects"] = newest_step(work, item.identifier)["sequence"]
    _place_is_known(work, told["place"])
    done = record(work, item.identifier, row.action, by=by, confirmation=confirmation_told(), **told)
    scanned = told["place"] or identifier
    log_taken(work, scanned, done, by=by, item=item_now(work, scanned))
    tell_of(with_scanner_alert(done, scanned))
    return sent_to(page_of(done.item, by))


def _place_is_known(work: Work, place: str | None) -> None:
    """A place that cannot be read is asked for again in its field. Raises `FieldRefused`."""
    if place is None:
        return
    try:
        item_now(work, place)
    except DomainError as refusal:
        raise FieldRefused(refusal.detail, field="place") from refusal


def _step(work: Work, item: ItemNow, row: Transition, by: Actor) -> dict[str, Any]:
    place = proposed(work, item, by) if row.action in (Action.STORE, Action.CHECK_IN) else None
    return {
        "label": step_word(row.action),
        "url": step_url(item, row.action),
        "back_url": page_of(item, by),
        "sentence": f"Proposed: {place}." if place else None,
    }


def _errors(refusal: DomainError | None) -> dict[str, str]:
    """By field; what is refused of a participant stands where the participant was typed."""
    if refusal and "participant" in refusal.extra and "participant" in request.form:
        return {"participant": refusal.detail}
    return errors_by_field(refusal, FIELD_OF)


FIELD_OF = {"volume_microlitres": "volume", "children": "specification", "conditions": ""}
"""Where a form asks for a detail under another name; empty where the whole form is wrong."""


def _fields(row: Transition, item: ItemNow, zone: str, refusal: DomainError | None) -> list[Field]:
    """With the question which of two equal wall times it was, in the night that has it twice."""
    fields = fields_of(row, item.kind, zone)
    offsets = refusal.extra.get("offsets", ()) if refusal else ()
    if not isinstance(offsets, list):
        return fields
    options = tuple({"value": str(each), "label": _offset(each), "note": None} for each in offsets)
    at = next(number for number, field in enumerate(fields) if field.name == "occurred_at") + 1
    return [
        *fields[:at],
        Field("occurred_at_offset", "Which of the two", "choice", options=options),
        *fields[at:],
    ]


def _offset(minutes: int) -> str:
    return offset_name(timedelta(minutes=minutes))
