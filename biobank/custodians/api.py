"""Custodians outside over HTTP: who they are, what they are asked, what they attest, what is accepted."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custodians import operations, queries
from biobank.custodians.inputs import CustodianChange, NewAttestation, NewCustodian, NewReport
from biobank.custodians.models import Attestation, Custodian
from biobank.custodians.schemas import (
    AcceptanceShape,
    AllOutsideAnswer,
    AttestationAnswer,
    AttestationsAnswer,
    AttestationShape,
    AttestationsQuery,
    CustodianAnswer,
    CustodianChangeShape,
    CustodiansAnswer,
    CustodiansAskedAnswer,
    CustodianShape,
    CustodiansQuery,
    ManifestShape,
    QuestionShape,
    RefusalShape,
    ReportShape,
)
from biobank.destruction import attesting
from biobank.destruction.attestation_records import attestation_record
from biobank.destruction.inputs import Credentials
from biobank.destruction.outside import attestation_seen_by, attestations_seen_by, outside_of_orders
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint(
    "custodians", __name__, url_prefix="/custodians", description="Who holds what is ours outside."
)
attestations = Blueprint(
    "attestations", __name__, url_prefix="/attestations", description="What custodians say they destroyed."
)


@blueprint.route("")
@reads(Permission.SEE_ITEMS)
@blueprint.arguments(CustodiansQuery, location="query")
@blueprint.response(200, CustodiansAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Custodians outside, and how many specimens of your sites each has."""
    held = queries.numbers_sent_out(work, by)
    found = queries.custodians(work, in_use=asked["in_use"])
    return {"custodians": [_facts(custodian, held) for custodian in found]}


def _facts(custodian: Custodian, held: Mapping[str, int]) -> dict[str, Any]:
    names = ("code", "kind", "organisation", "agreement", "in_use")
    return {**{name: getattr(custodian, name) for name in names}, "holds": held.get(custodian.code, 0)}


@blueprint.route("", methods=["POST"])
@writes(Permission.KEEP_CUSTODIANS)
@blueprint.arguments(CustodianShape)
@blueprint.response(201, CustodianAnswer)
def add(new: NewCustodian, *, work: Work, by: Actor) -> dict[str, Any]:
    """Register a contract lab, a waste contractor or a repository."""
    return _facts(operations.add_custodian(work, new, by=by), {})


@blueprint.route("/<code>", methods=["PATCH"])
@writes(Permission.KEEP_CUSTODIANS)
@blueprint.arguments(CustodianChangeShape)
@blueprint.response(200, CustodianAnswer)
def change(asked: CustodianChange, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Change what is known of a custodian, or take it out of use: what it has still comes back."""
    changed = operations.change_custodian(work, code, asked, by=by)
    return _facts(changed, queries.numbers_sent_out(work, by))


@blueprint.route("/outside")
@reads(Permission.SEE_DESTRUCTION)
@blueprint.response(200, AllOutsideAnswer)
def outside(*, work: Work, by: Actor) -> dict[str, Any]:
    """Open lines of orders whose specimens are outside: who was asked, who is late, what is attested."""
    return {"outside": outside_of_orders(work, by)}


@blueprint.route("/questions", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@blueprint.arguments(QuestionShape)
@blueprint.response(201, CustodiansAskedAnswer)
def ask(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Note that custodians were asked to keep specimens unused, to send them back, or to destroy them."""
    return {"asked": attesting.ask_custodian(work, by, asked["items"], asked["wanted"])}


@attestations.route("")
@reads(Permission.SEE_DESTRUCTION)
@attestations.arguments(AttestationsQuery, location="query")
@attestations.response(200, AttestationsAnswer)
def attested(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """What custodians said, oldest first."""
    question = attestations_seen_by(by, waiting=asked["waiting"])
    found = page(work, question, [Attestation.id], cursor=asked["cursor"], limit=asked["limit"])
    told = [_told(work, attestation) for attestation in found.rows]
    return {"attestations": told, "next_cursor": found.next_cursor}


def _told(work: Work, attestation: Attestation) -> dict[str, Any]:
    record, sha256 = attestation_record(work, attestation)
    end = queries.end_of(work, attestation)
    return {
        "number": attestation.id,
        "state": "waiting" if end is None else "accepted" if end.accepted else "refused",
        "because": end.because if end else None,
        "received_at": attestation.received_at,
        "record": record,
        "sha256": sha256,
    }


@attestations.route("/<int:number>")
@reads(Permission.SEE_DESTRUCTION)
@attestations.response(200, AttestationAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What a custodian said, and the hash that a signature names."""
    return _told(work, attestation_seen_by(work, by, number))


@attestations.route("", methods=["POST"])
@writes(Permission.KEEP_CUSTODIANS)
@attestations.arguments(AttestationShape)
@attestations.response(201, AttestationAnswer)
def receive(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Take in a signed document; it ends nothing before compliance accepts it."""
    return _told(work, attesting.receive_attestation(work, by, NewAttestation(**asked)))


@attestations.route("/reports", methods=["POST"])
@writes(Permission.KEEP_CUSTODIANS)
@attestations.arguments(ReportShape)
@attestations.response(201, AttestationAnswer)
def report(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Take in a custodian's CSV, every row or none; a refusal has a sentence for each bad row."""
    new = NewReport(custodian=asked["custodian"], number=asked["number"], content=asked["content"].encode())
    return _told(work, attesting.receive_report(work, by, new))


@attestations.route("/manifests", methods=["POST"])
@writes(Permission.KEEP_CUSTODIANS)
@attestations.arguments(ManifestShape)
@attestations.response(201, AttestationAnswer)
def manifest(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Take in the manifest with which a contractor says that it incinerated a container."""
    told = attesting.receive_manifest(work, by, asked["batch"], asked["document"], asked["destroyed"])
    return _told(work, told)


@attestations.route("/<int:number>/acceptance", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@attestations.arguments(AcceptanceShape)
@attestations.response(201, AttestationAnswer)
def accept(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Sign that it is accepted: its specimens are destroyed by their custodian then."""
    attestation = attestation_seen_by(work, by, number)
    attesting.accept_attestation(
        work,
        by,
        number,
        Credentials(asked["username"], asked["password"]),
        asked["sha256"],
        document_sha256=asked["document_sha256"],
    )
    return _told(work, attestation)


@attestations.route("/<int:number>/refusal", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@attestations.arguments(RefusalShape)
@attestations.response(200, AttestationAnswer)
def refuse(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Do not accept it: every line stays open."""
    attestation_seen_by(work, by, number)
    return _told(work, attesting.refuse_attestation(work, by, number, asked["because"]))
