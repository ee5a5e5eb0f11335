"""Destruction over HTTP: orders and their walks, waste batches, signatures, certificates."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import seen_by
from biobank.custody.queries import item_by_id
from biobank.destruction import ceremonies as ceremony_events
from biobank.destruction import queries, walk
from biobank.destruction.batches import count_batch, open_waste_batch, sign_batch, undo_count
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.choices import UNFINISHED, SigningRole
from biobank.destruction.confirmation import confirm_orders
from biobank.destruction.inputs import Confirmed, Count
from biobank.destruction.instructing import let_clinics_destroy
from biobank.destruction.legal_holds import lift_legal_hold, place_legal_hold
from biobank.destruction.models import CeremonyEvent, DestructionOrder, LegalHold, WasteBatch
from biobank.destruction.pause_schemas import (
    CeremoniesAnswer,
    CeremonyAnswer,
    ClinicsShape,
    HeldShape,
    JoinShape,
    LegalHoldAnswer,
    LegalHoldShape,
    LiftLegalHoldShape,
    NotFoundShape,
    PlanShape,
    RecheckAnswer,
)
from biobank.destruction.rechecking import lines_of_recheck, tell_not_found
from biobank.destruction.records import batch_record, order_record
from biobank.destruction.schemas import (
    BatchSignatureShape,
    CeremonyShape,
    ConfirmationShape,
    ConfirmedAnswer,
    CountShape,
    OrderRecordAnswer,
    OrdersAnswer,
    OrdersQuery,
    WasteBatchAnswer,
    WasteBatchShape,
    WorklistAnswer,
)
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.web.downloads import download
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shapes import NothingToldShape

orders = Blueprint(
    "destruction", __name__, url_prefix="/destruction-orders", description="What has to be accounted for."
)
batches = Blueprint(
    "waste batches",
    __name__,
    url_prefix="/waste-batches",
    description="Bags, from first scan to destruction.",
)

ceremonies = Blueprint(
    "ceremonies", __name__, url_prefix="/ceremonies", description="Ceremonies that several orders wait for."
)

SHOWN = ("identifier", "participant", "opened_at", "hold_until", "due_at", "closed_at", "in_question")


@orders.route("")
@reads(Permission.SEE_DESTRUCTION)
@orders.arguments(OrdersQuery, location="query")
@orders.response(200, OrdersAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Destruction orders that have to do with your sites, oldest first."""
    question = queries.orders_seen_by(by)
    if asked["unfinished"]:
        question = question.where(DestructionOrder.state.in_(sorted(UNFINISHED)))
    found = page(work, question, [DestructionOrder.id], cursor=asked["cursor"], limit=asked["limit"])
    return {"orders": [_facts(work, order) for order in found.rows], "next_cursor": found.next_cursor}


def _facts(work: Work, order: DestructionOrder) -> dict[str, Any]:
    return {
        **{name: getattr(order, name) for name in SHOWN},
        "stage": queries.stage(order),
        "late": queries.is_overdue(order),
        "lines": queries.progress(work, order),
    }


@orders.route("/<identifier>")
@reads(Permission.SEE_DESTRUCTION)
@orders.response(200, OrderRecordAnswer)
def show(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """An order with every line, and the hash that a signature names."""
    order = queries.order_seen_by(work, by, identifier)
    return _with_record(work, order)


def _with_record(work: Work, order: DestructionOrder) -> dict[str, Any]:
    record, sha256 = order_record(work, order)
    issued = [certificate.identifier for certificate in queries.certificates_of(work, order)]
    return {**_facts(work, order), "record": record, "sha256": sha256, "certificates": issued}


@orders.route("/<identifier>/worklist")
@reads(Permission.SEE_DESTRUCTION)
@orders.response(200, WorklistAnswer)
def worklist(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """What is to be fetched for an order, place by place."""
    return {"picks": walk.worklist(work, [queries.order_seen_by(work, by, identifier)])}


@orders.route("/<identifier>/ceremony", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@orders.arguments(CeremonyShape)
@orders.response(200, OrderRecordAnswer)
def ceremony(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Settle the handling instruction: destruction may go on."""
    return _with_record(work, settle_ceremony(work, by, identifier, asked["settlement"]))


@orders.route("/<identifier>/legal-holds", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@orders.arguments(LegalHoldShape)
@orders.response(201, LegalHoldAnswer)
def place_hold(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> LegalHold:
    """Place a legal hold: nothing of the order is destroyed, and its clock stands still."""
    return place_legal_hold(work, by, identifier, asked["because"], asked["reference"])


@orders.route("/<identifier>/legal-holds/<int:number>/lift", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@orders.arguments(LiftLegalHoldShape)
@orders.response(200, LegalHoldAnswer)
def lift_hold(asked: Mapping[str, Any], identifier: str, number: int, *, work: Work, by: Actor) -> LegalHold:
    """Lift a legal hold: the clock goes on by the time for which it stood."""
    queries.order_seen_by(work, by, identifier)
    return lift_legal_hold(work, by, number, asked["because"], asked["reference"])


@orders.route("/<identifier>/clinics", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@orders.arguments(ClinicsShape)
@orders.response(200, OrderRecordAnswer)
def instruct(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Say whether clinics destroy what they still have of the order, or ship it."""
    return _with_record(work, let_clinics_destroy(work, by, identifier, allowed=asked["destroy"]))


@ceremonies.route("")
@reads(Permission.CONFIRM_DESTRUCTION)
@ceremonies.response(200, CeremoniesAnswer)
def list_ceremonies(*, work: Work, by: Actor) -> dict[str, Any]:
    """Ceremonies, those that are planned first."""
    return {"ceremonies": [_ceremony(work, by, each) for each in ceremony_events.ceremonies(work, by)]}


@ceremonies.route("", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@ceremonies.arguments(PlanShape)
@ceremonies.response(201, CeremonyAnswer)
def plan(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Plan a ceremony that several orders wait for."""
    return _ceremony(work, by, ceremony_events.plan_ceremony(work, by, **asked))


@ceremonies.route("/<int:number>/orders", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@ceremonies.arguments(JoinShape)
@ceremonies.response(200, CeremonyAnswer)
def join(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Let further orders join a planned ceremony."""
    return _ceremony(work, by, ceremony_events.join_ceremony(work, by, number, asked["orders"]))


@ceremonies.route("/<int:number>/held", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@ceremonies.arguments(HeldShape)
@ceremonies.response(200, CeremonyAnswer)
def held(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Record that it was held: what lies on its orders can be destroyed."""
    return _ceremony(work, by, ceremony_events.record_ceremony_held(work, by, number, on=asked["on"]))


@ceremonies.route("/<int:number>/call-off", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@ceremonies.arguments(NothingToldShape)
@ceremonies.response(200, CeremonyAnswer)
def call_off(_: object, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """It is not held: its orders wait and can join another."""
    return _ceremony(work, by, ceremony_events.call_off_ceremony(work, by, number))


def _ceremony(work: Work, by: Actor, ceremony: CeremonyEvent) -> dict[str, Any]:
    joined = [order.identifier for order in ceremony_events.orders_of_ceremony(work, ceremony, by)]
    return {
        "id": ceremony.id,
        "on": ceremony.on,
        "site": ceremony.site,
        "state": ceremony.state,
        "orders": joined,
    }


@orders.route("/signatures", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@orders.arguments(ConfirmationShape)
@orders.response(200, ConfirmedAnswer)
def confirm(asked: Mapping[str, Any], *, work: Work, by: Actor) -> Confirmed:
    """Confirm several orders with one signature; one that changed meanwhile comes back, the others close."""
    return confirm_orders(work, by, asked["orders"], asked["credentials"])


@orders.route("/<identifier>/certificate.pdf")
@reads(Permission.SEE_CERTIFICATES)
@orders.sends("application/pdf", "The newest certificate, exactly as issued.")
def certificate(identifier: str, *, work: Work, by: Actor) -> Response:
    """The certificate of a closed order."""
    issued = queries.certificate_of(work, queries.order_seen_by(work, by, identifier))
    return download(issued.pdf, "application/pdf", f"{issued.identifier}.pdf")


@batches.route("", methods=["POST"])
@writes(Permission.PREPARE_DESTRUCTION)
@batches.arguments(WasteBatchShape)
@batches.response(201, WasteBatchAnswer)
def open_bag(asked: Mapping[str, str], *, work: Work, by: Actor) -> dict[str, Any]:
    """Open a waste bag at a site of yours; what goes in is scanned with it as the place."""
    batch, _ = open_waste_batch(work, by, site=asked["site"])
    return _bag(work, batch)


@batches.route("/<identifier>")
@reads(Permission.SEE_DESTRUCTION)
@batches.response(200, WasteBatchAnswer)
def show_bag(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """A bag, what is in it, and the hash that a signature names."""
    return _bag(work, _seen(work, by, identifier)[0])


@batches.route("/<identifier>/count", methods=["POST"])
@writes(Permission.PREPARE_DESTRUCTION)
@batches.arguments(CountShape)
@batches.response(200, WasteBatchAnswer)
def count(counted: Count, identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Say how many pieces were counted and how they are destroyed; the bag closes."""
    _, bag = _seen(work, by, identifier)
    return _bag(work, count_batch(work, by, bag.identifier, counted))


@batches.route("/<identifier>/count", methods=["DELETE"])
@writes(Permission.PREPARE_DESTRUCTION)
@batches.response(200, WasteBatchAnswer)
def count_again(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Open a counted bag again."""
    _, bag = _seen(work, by, identifier)
    return _bag(work, undo_count(work, by, bag.identifier))


@batches.route("/<identifier>/recheck")
@reads(Permission.SEE_DESTRUCTION)
@batches.response(200, RecheckAnswer)
def recheck(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Pieces to look for again, since one of the batch was called destroyed and found."""
    return _recheck(work, _seen(work, by, identifier)[0])


@batches.route("/<identifier>/recheck", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@batches.arguments(NotFoundShape)
@batches.response(200, RecheckAnswer)
def looked(asked: Mapping[str, str], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Say that a piece was looked for and is not there; one that is there is scanned into quarantine."""
    batch, bag = _seen(work, by, identifier)
    tell_not_found(work, by, bag.identifier, asked["item"])
    return _recheck(work, batch)


def _recheck(work: Work, batch: WasteBatch) -> dict[str, Any]:
    lines = lines_of_recheck(work, batch)
    items = {item.id: item.identifier for item in items_numbered(work, [line.item_id for line in lines])}
    return {"pieces": [{**vars(line), "identifier": items[line.item_id]} for line in lines]}


@batches.route("/<identifier>/signatures", methods=["POST"])
@writes(Permission.SIGN_DESTRUCTION)
@batches.arguments(BatchSignatureShape)
@batches.response(201, WasteBatchAnswer)
def sign(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Sign a counted bag as performer or witness; the second signature destroys what is in it."""
    _, bag = _seen(work, by, identifier)
    role: SigningRole = asked["role"]
    sign_batch(work, by, bag.identifier, role, asked["credentials"], asked["sha256"])
    return _bag(work, queries.batch_named(work, bag.identifier)[0])


def _seen(work: Work, by: Actor, identifier: str) -> tuple[WasteBatch, Item]:
    batch, bag = queries.batch_named(work, identifier)
    seen_by(work, by, item_by_id(work, bag.id))
    return batch, bag


def _bag(work: Work, batch: WasteBatch) -> dict[str, Any]:
    record, sha256 = batch_record(work, batch)
    bag = queries.bag_of(work, batch)
    given = {
        SigningRole.PERFORMER: queries.signature_numbered(work, batch.performer_signature),
        SigningRole.WITNESS: queries.signature_numbered(work, batch.witness_signature),
    }
    return {
        "identifier": bag.identifier,
        "state": batch.state,
        "site": bag.site,
        "record": record,
        "sha256": sha256,
        "signed_by": {role: one.signer if one else None for role, one in given.items()},
    }
