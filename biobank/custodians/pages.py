"""Custodians outside as pages: who they are, what each has, and what is sent out to them."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custodians import queries
from biobank.custodians.choices import CustodianKind, Purpose
from biobank.custodians.inputs import CustodianChange, NewCustodian
from biobank.custodians.models import Custodian
from biobank.custodians.operations import add_custodian, change_custodian
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.custody.transitions import TRANSITIONS
from biobank.items.models import Item
from biobank.web.addresses import sent_to
from biobank.web.cards import card
from biobank.web.feedback import tell, tell_of
from biobank.web.field_errors import errors_of_form, typed_again
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import choices, chosen
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("custodian_pages", __name__, url_prefix="/custodians")
Shown = dict[str, Any]
IN_USE = {True: {"word": "In use", "tone": "right"}, False: {"word": "Not in use", "tone": "plain"}}
SENDERS = TRANSITIONS[Kind.TUBE, Action.SEND_OUT].roles


@blueprint.get("")
@reads(Permission.SEE_ITEMS)
def listed(*, work: Work, by: Actor) -> str:
    return _list(work, by)


def _list(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    held = queries.numbers_sent_out(work, by)
    return render_template(
        "custodians/custodians.html",
        custodians=[_told(each, held.get(each.code, 0)) for each in queries.custodians(work)],
        kinds=choices(CustodianKind),
        may_add=by.may(Permission.KEEP_CUSTODIANS),
        outside_url="/custodians/outside" if by.may(Permission.SEE_DESTRUCTION) else None,
        **typed_again(refusal),
    )


def _told(custodian: Custodian, holds: int) -> Shown:
    return {
        "code": custodian.code,
        "url": f"/custodians/{custodian.code}",
        "kind": spoken(custodian.kind).capitalize(),
        "organisation": custodian.organisation,
        "agreement": custodian.agreement,
        "state": IN_USE[custodian.in_use],
        "in_use": custodian.in_use,
        "holds": holds,
    }


@blueprint.post("")
@shown_again(Permission.SEE_ITEMS, _list)
@writes(Permission.KEEP_CUSTODIANS)
def add(*, work: Work, by: Actor) -> Response:
    form = request.form
    new = NewCustodian(
        code=form.get("code", ""),
        kind=chosen(form, "kind", CustodianKind, "Choose what kind of custodian it is."),
        organisation=form.get("organisation", ""),
        agreement=form.get("agreement", ""),
    )
    custodian = add_custodian(work, new, by=by)
    tell("Registered", f"What is ours can be sent to {custodian.code} now.")
    return sent_to(f"/custodians/{custodian.code}")


@blueprint.get("/<code>")
@reads(Permission.SEE_ITEMS)
def custodian(code: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, code=code)


def _page(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    found, zone = queries.custodian_named(work, code), zone_of(work, by)
    held = page(work, queries.sent_out_to(found.code, by), [Item.id], cursor=request.args.get("cursor"))
    sends = found.in_use and by.may(Permission.RECORD_STEPS) and bool(by.roles & SENDERS)
    return render_template(
        "custodians/custodian.html",
        custodian=_told(found, queries.numbers_sent_out(work, by).get(found.code, 0)),
        purposes=_purposes(found) if sends else [],
        items=[{**card(work, item, by), "since": in_zone(item.recorded_at, zone)} for item in held.rows],
        next_url=held.next_url(f"/custodians/{found.code}"),
        may_change=by.may(Permission.KEEP_CUSTODIANS),
        attest_url=_attest_url(found, by),
        form=request.form if refusal else _known(found),
        errors=errors_of_form(refusal),
    )


def _known(found: Custodian) -> Shown:
    """What the forms begin with; the purpose of the scan before stays chosen."""
    purpose = {"purpose": request.args["purpose"]} if "purpose" in request.args else {}
    return {"organisation": found.organisation, "agreement": found.agreement, **purpose}


def _purposes(found: Custodian) -> list[Shown]:
    """What it can be sent to this custodian for: the one that is left is chosen."""
    disposes = found.kind == CustodianKind.WASTE_CONTRACTOR
    fitting = [each for each in Purpose if (each is Purpose.DISPOSAL) == disposes]
    return [{"value": each.value, "label": spoken(each.value).capitalize(), "note": None} for each in fitting]


def _attest_url(found: Custodian, by: Actor) -> str | None:
    return f"/attestations/new?custodian={found.code}" if by.may(Permission.KEEP_CUSTODIANS) else None


@blueprint.post("/<code>")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.KEEP_CUSTODIANS)
def changed(code: str, *, work: Work, by: Actor) -> Response:
    form = request.form
    told = CustodianChange(
        organisation=form.get("organisation"),
        agreement=form.get("agreement"),
        in_use="in_use" in form,
    )
    custodian = change_custodian(work, code, told, by=by)
    tell("Changed", f"This is what is known of {custodian.code} from now on.")
    return sent_to(f"/custodians/{custodian.code}")


@blueprint.post("/<code>/sent-out")
@shown_again(Permission.SEE_ITEMS, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def send_out(code: str, *, work: Work, by: Actor) -> Response:
    """One scan after another; where each goes is on the page."""
    found, text = queries.custodian_named(work, code), request.form.get("text", "")
    details = {"custodian": found.code, "purpose": request.form.get("purpose", "")}
    source, at = Source("scan"), now_told(work, by)
    done = record(work, text, Action.SEND_OUT, by=by, source=source, at=at, details=details)
    log_taken(work, text, done, by=by)
    tell_of(with_scanner_alert(done, text))
    return sent_to(f"/custodians/{found.code}?purpose={Purpose(details['purpose'])}")
