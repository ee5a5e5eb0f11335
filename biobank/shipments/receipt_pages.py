"""A receipt as pages: here, open, conditions, taken back, a second one, no record, counted, closed."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.states import Action
from biobank.custody.steps import Recorded, Source
from biobank.items.identifiers import printed
from biobank.kits.definitions import newest_first
from biobank.kits.queries import definitions
from biobank.shipments.choices import Condition
from biobank.shipments.found_tubes import take_in_second, take_in_unknown
from biobank.shipments.inputs import Counted, FoundTube
from biobank.shipments.receipt_checks import CountDoesNotFit
from biobank.shipments.receiving import receive_counted, take_back, take_step_back, tell_conditions
from biobank.web.addresses import sent_to
from biobank.web.asked_back import refused_or_asked
from biobank.web.feedback import QUIET, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.permission import reads, writes
from biobank.web.print_jobs import print_link
from biobank.web.receipt import parcel_page
from biobank.web.receipt_steps import SCAN, address, step_of_parcel, tell_of_many
from biobank.web.scan_log import log_taken, logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.words import spoken

blueprint = Blueprint("receipt_pages", __name__, url_prefix="/shipments/<identifier>")
Shown = dict[str, Any]
MOST_PIECES = 6
"""Digits of a count."""


@blueprint.post("/arrive")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def arrive(identifier: str, *, work: Work, by: Actor) -> Response:
    return _step(work, by, identifier, Action.ARRIVE)


@blueprint.post("/open")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def open_parcel(identifier: str, *, work: Work, by: Actor) -> Response:
    return _step(work, by, identifier, Action.OPEN)


@blueprint.post("/receive")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def close_receipt(identifier: str, *, work: Work, by: Actor) -> Response:
    """Asked once how many were not found, and again when that has changed meanwhile."""
    return _step(work, by, identifier, Action.RECEIVE)


@blueprint.post("/wrong-parcel")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def wrong_parcel(identifier: str, *, work: Work, by: Actor) -> Response:
    """Another one was meant: what was said of this one is taken back, one step a press."""
    parcel, told = found_by(work, by, identifier), request.form.get("step")
    step = Action.OPEN if told == Action.OPEN else Action.ARRIVE
    done = take_step_back(work, parcel.identifier, step, by=by, source=SCAN, at=now_told(work, by))
    log_taken(work, parcel.identifier, done, by=by)
    tell("Taken back", f"{printed(parcel.identifier)} is {spoken(done.item.state)} again.")
    return sent_to(address(parcel))


def _step(work: Work, by: Actor, identifier: str, step: Action) -> Response:
    parcel = found_by(work, by, identifier)
    done = step_of_parcel(work, by, parcel, step, request.form.get("missing", ""))
    log_taken(work, parcel.identifier, done, by=by)
    return sent_to(address(parcel))


@blueprint.post("/conditions")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def tell_condition(identifier: str, *, work: Work, by: Actor) -> Response:
    """One press is one condition; the same press again takes it back."""
    parcel, tube = found_by(work, by, identifier), request.form.get("item", "")
    named = [each for each in Condition if each.value == request.form.get("condition")]
    gone = request.form.get("is_so") == "yes"
    done = tell_conditions(
        work, parcel.identifier, tube, added=() if gone else named, taken_back=named if gone else (),
        by=by, source=SCAN, at=now_told(work, by),
    )  # fmt: skip
    if named:
        _tell_condition(done, named[0], gone=gone)
    return sent_to(address(parcel, done.item.identifier))


def _tell_condition(done: Recorded, condition: Condition, *, gone: bool) -> None:
    """That it is under a hold was said when it was scanned."""
    said = [alert.text for alert in done.alerts if alert.kind not in QUIET | {"hold"}]
    code = printed(done.item.identifier)
    sentence = " ".join(said) or f"{code}: {spoken(condition.value)}."
    if gone:
        tell("Taken back", sentence, tone="ask" if said else "right")
    elif condition is Condition.BROKEN:
        link = {"label": "Its own page", "url": f"/items/{done.item.identifier}"}
        rest = f"{sentence} If nothing of it can be used, report it broken on its own page."
        tell("Noted", rest, tone="ask", link=link)
    else:
        tell("Noted. Stop" if said else "Noted", sentence, tone="wrong" if said else "right")


@blueprint.post("/take-back")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def take_scan_back(identifier: str, *, work: Work, by: Actor) -> Response:
    """It was scanned by mistake; the scan and its undoing stay in its history."""
    parcel, tube = found_by(work, by, identifier), request.form.get("item", "")
    done = take_back(work, parcel.identifier, tube, by=by, source=SCAN, at=now_told(work, by))
    tell("Scan taken back", f"{printed(done.item.identifier)} counts as not found.")
    return sent_to(address(parcel))


@blueprint.post("/second")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def another_with_this_code(identifier: str, *, work: Work, by: Actor) -> Response:
    parcel, tube = found_by(work, by, identifier), request.form.get("item", "")
    found = take_in_second(work, parcel.identifier, tube, by=by, source=SCAN, at=now_told(work, by))
    tell(
        "Two with one code",
        f"Put both in quarantine. The second one is {printed(found.other.identifier)} from now on: "
        "print its label and put it on.",
        tone="wrong",
        link=print_link(found.other, by),
    )
    return sent_to(address(parcel, found.other.identifier))


@blueprint.post("/count")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def all_are_here(identifier: str, *, work: Work, by: Actor) -> Response:
    parcel, pieces = found_by(work, by, identifier), request.form.get("pieces", "").strip()
    if not pieces.isdecimal() or len(pieces) > MOST_PIECES:
        raise CountDoesNotFit("Type how many tubes you counted, such as 12.", field="pieces")
    counted = Counted(pieces=int(pieces), seal=request.form.get("seal", ""))
    results = receive_counted(work, parcel.identifier, counted, by=by, at=now_told(work, by))
    tell_of_many(results, parcel)
    return sent_to(address(parcel))


@blueprint.get("/unknown-tube")
@reads(Permission.RECEIVE_SHIPMENTS)
def unknown_form(identifier: str, *, work: Work, by: Actor) -> str:
    return _unknown_page(work, by, identifier=identifier)


def _unknown_page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    parcel = found_by(work, by, identifier)
    return render_template(
        "shipments/unknown_tube.html",
        parcel={"printed": printed(parcel.identifier), "url": address(parcel)},
        kinds=_kinds(work),
        form=request.form if refusal else {},
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal),
    )


def _kinds(work: Work) -> list[Shown]:
    """Every kind of tube that clinics draw, each once."""
    found: dict[str, str] = {}
    for definition in newest_first(definitions(work)):
        for tube in definition.tubes:
            found.setdefault(tube.code, tube.label)
    return [
        {"value": code, "label": f"{label} ({code})", "note": None} for code, label in sorted(found.items())
    ]


@blueprint.post("/unknown-tube")
@shown_again(Permission.RECEIVE_SHIPMENTS, _unknown_page)
@logging_refused_forms
@writes(Permission.RECEIVE_SHIPMENTS)
def take_unknown_in(identifier: str, *, work: Work, by: Actor) -> Response:
    parcel, form = found_by(work, by, identifier), request.form
    tube = FoundTube(
        specification=form.get("specification") or None,
        issuer=form.get("issuer", "").strip(),
        code=form.get("code", "").strip(),
    )
    done = take_in_unknown(work, parcel.identifier, tube, by=by, source=Source("scan"), at=now_told(work, by))
    code = printed(done.item.identifier)
    tell(
        "Taken in without a record",
        f"It is {code} from now on: print its label, put it on, and put the tube in quarantine.",
        tone="ask",
        link=print_link(done.item, by),
    )
    return sent_to(address(parcel, done.item.identifier))
