"""What custodians attest or report, as pages: taken in with its document, accepted or refused."""

import hashlib
from collections.abc import Mapping
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custodians.choices import RefusedBecause, SignerRole
from biobank.custodians.inputs import Destroyed, Document, NewAttestation, NewReport
from biobank.custodians.models import Attestation, AttestationEnd
from biobank.custodians.queries import custodian_named, end_of
from biobank.destruction import attesting
from biobank.destruction.attestation_records import attestation_record
from biobank.destruction.choices import ACCEPTANCE, Method
from biobank.destruction.inputs import Credentials
from biobank.destruction.outside import (
    attestation_seen_by,
    outside_of_orders,
)
from biobank.destruction.queries import batch_named
from biobank.items.identifiers import printed
from biobank.web.addresses import sent_to
from biobank.web.cards import card
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import FieldRefused, choices, chosen
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("attestation_pages", __name__)
Shown = dict[str, Any]
MOST_SHOWN = 500
STATES = {
    None: {"word": "Waits for compliance", "tone": "wait"},
    True: {"word": "Accepted", "tone": "right"},
    False: {"word": "Refused", "tone": "wrong"},
}


@blueprint.get("/attestations/new")
@reads(Permission.KEEP_CUSTODIANS)
def new(*, work: Work, by: Actor) -> str:
    return _new(work, by)


def _new(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    """For a container, or for what one custodian has; a file cannot be kept for the second try."""
    sent = request.form if request.method == "POST" else request.args
    batch = _bag(work, sent.get("batch", ""))
    found = custodian_named(work, batch["contractor"] if batch else sent.get("custodian", ""))
    lines = [] if batch else outside_of_orders(work, by, found.code)[:MOST_SHOWN]
    return render_template(
        "custodians/attest.html",
        custodian={"code": found.code, "organisation": found.organisation},
        batch=batch,
        items=[
            {**card(work, each.item, by), "identifier": each.item.identifier}
            for each in lines
            if each.attestation is None
        ],
        roles=choices(SignerRole),
        methods=choices(Method),
        ticked=set(request.form.getlist("item")),
        problems=list(refusal.extra.get("problems", ())) if refusal else [],  # type: ignore[call-overload]  # a list of sentences, if any
        **typed_again(refusal, {"date": "destroyed_on", "sha256": "document_file"}),
    )


def _bag(work: Work, text: str) -> Shown | None:
    if not text:
        return None
    batch, bag = batch_named(work, text)
    told = {"identifier": bag.identifier, "printed": printed(bag.identifier)}
    return {**told, "contractor": batch.contractor or "", "manifest": batch.manifest}


@blueprint.post("/attestations")
@shown_again(Permission.KEEP_CUSTODIANS, _new)
@writes(Permission.KEEP_CUSTODIANS)
def attested(*, work: Work, by: Actor) -> Response:
    """A document about specimens, or the manifest of a container."""
    form = request.form
    document, destroyed = _document(form), _destroyed(form)
    if form.get("batch"):
        taken = attesting.receive_manifest(work, by, form["batch"], document, destroyed)
    else:
        items = tuple(form.getlist("item"))
        told = NewAttestation(
            custodian=form.get("custodian", ""), document=document, destroyed=destroyed, items=items
        )
        taken = attesting.receive_attestation(work, by, told)
    return _taken(taken)


def _taken(attestation: Attestation) -> Response:
    tell("Entered", "Somebody else of compliance accepts or refuses it; until then nothing has ended.")
    return sent_to(f"/attestations/{attestation.id}")


def _document(form: Mapping[str, str]) -> Document:
    """Raises `FieldRefused`."""
    role = chosen(form, "signer_role", SignerRole, "Choose what the person is who signed it.")
    sum_of_file = _sum_of("document_file")
    if sum_of_file is None:
        raise FieldRefused(
            "Choose the document's file: its SHA-256 is kept, not the file.", field="document_file"
        )
    return Document(number=form.get("document", "").strip(), sha256=sum_of_file, signer_role=role)


def _sum_of(name: str) -> str | None:
    """Of the bytes that were sent; nothing of the file is kept."""
    content = _content_of(name)
    return hashlib.sha256(content).hexdigest() if content else None


def _content_of(name: str) -> bytes:
    sent = request.files.get(name)
    return sent.read() if sent is not None else b""


def _destroyed(form: Mapping[str, str]) -> Destroyed:
    """Raises `FieldRefused`."""
    try:
        on = date.fromisoformat(form.get("destroyed_on", ""))
    except ValueError as problem:
        raise FieldRefused("Say on which day it was destroyed.", field="destroyed_on") from problem
    return Destroyed(on=on, method=form.get("method", ""), reference=form.get("reference", "").strip())


@blueprint.post("/attestations/reports")
@shown_again(Permission.KEEP_CUSTODIANS, _new)
@writes(Permission.KEEP_CUSTODIANS)
def reported(*, work: Work, by: Actor) -> Response:
    """The custodian's own file, every row or none."""
    content = _content_of("file")
    if not content:
        raise FieldRefused("Choose the custodian's file.", field="file")
    told = NewReport(
        custodian=request.form.get("custodian", ""),
        number=request.form.get("number", "").strip(),
        content=content,
    )
    return _taken(attesting.receive_report(work, by, told))


@blueprint.get("/attestations/<int:number>")
@reads(Permission.SEE_DESTRUCTION)
def attestation(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found, zone = attestation_seen_by(work, by, number), zone_of(work, by)
    record, _ = attestation_record(work, found)
    end = end_of(work, found)
    return render_template(
        "custodians/attestation.html",
        attestation=told_of(work, found, zone),
        pieces=[_piece(piece) for piece in record["pieces"]],
        batch={"printed": printed(record["batch"]), "url": f"/waste-batches/{record['batch']}"}
        if record["batch"]
        else None,
        end=_ended(end, zone) if end else None,
        may_decide=end is None and by.may(Permission.CONFIRM_DESTRUCTION),
        meaning=ACCEPTANCE,
        reasons=choices(RefusedBecause),
        **typed_again(refusal),
    )


def told_of(work: Work, attestation: Attestation, zone: str) -> Shown:
    record, sha256 = attestation_record(work, attestation)
    end = end_of(work, attestation)
    return {
        "number": attestation.id,
        "url": f"/attestations/{attestation.id}",
        "grade": spoken(attestation.grade).capitalize(),
        "custodian": attestation.custodian,
        "organisation": attestation.organisation,
        "document": attestation.document,
        "document_sha256": attestation.document_sha256,
        "signer_role": spoken(attestation.signer_role).capitalize() if attestation.signer_role else None,
        "received_at": in_zone(attestation.received_at, zone),
        "received_by": attestation.received_by,
        "pieces": len(record["pieces"]),
        "state": STATES[end.accepted if end else None],
        "sha256": sha256,
    }


def _ended(end: AttestationEnd, zone: str) -> Shown:
    because = spoken(end.because).capitalize() if end.because else None
    return {"by": end.decided_by, "at": in_zone(end.decided_at, zone), "because": because}


def _piece(piece: Mapping[str, Any]) -> Shown:
    return {
        "printed": printed(piece["item"]),
        "url": f"/items/{piece['item']}",
        "label": piece["specification"] or spoken(piece["kind"]),
        "orders": [
            {"printed": printed(order), "url": f"/destruction-orders/{order}"} for order in piece["orders"]
        ],
        "destroyed_on": date.fromisoformat(piece["destroyed_on"]),
        "method": spoken(piece["method"]).capitalize(),
        "reference": piece["reference"],
        "file_line": piece["file_line"],
    }


@blueprint.post("/attestations/<int:number>/acceptance")
@shown_again(Permission.SEE_DESTRUCTION, _page)
@writes(Permission.CONFIRM_DESTRUCTION)
def accepted(number: int, *, work: Work, by: Actor) -> Response:
    form = request.form
    attestation_seen_by(work, by, number)
    credentials = Credentials(form.get("signer", ""), form.get("password", ""))
    signature = attesting.accept_attestation(
        work, by, number, credentials, form.get("sha256", ""), document_sha256=_sum_of("document_file")
    )
    tell("Accepted", f"{signature.printed_name} accepted it: its specimens are destroyed by their custodian.")
    return sent_to(f"/attestations/{number}")


@blueprint.post("/attestations/<int:number>/refusal")
@shown_again(Permission.SEE_DESTRUCTION, _page)
@writes(Permission.CONFIRM_DESTRUCTION)
def refused(number: int, *, work: Work, by: Actor) -> Response:
    because = chosen(request.form, "because", RefusedBecause, "Choose why it is refused.")
    attestation_seen_by(work, by, number)
    attesting.refuse_attestation(work, by, number, because)
    tell(
        "Refused", "Its lines are open: ask the custodian again, or have the specimens sent back.", tone="ask"
    )
    return sent_to(f"/attestations/{number}")
