"""Compliance confirms several orders with one signature; what changed meanwhile comes back unsigned."""

from collections.abc import Container, Mapping
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.destruction import queries
from biobank.destruction.choices import CONFIRMATION
from biobank.destruction.confirmation import confirm_orders
from biobank.destruction.inputs import Confirmed, Credentials, Shown
from biobank.destruction.models import DestructionOrder
from biobank.destruction.records import order_record
from biobank.items.identifiers import printed
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.order_cards import progress_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again

blueprint = Blueprint("confirm_pages", __name__)
URL = "/destruction-orders/confirm"
MOST_AT_ONCE = 50
"""Orders that one page offers to one signature."""


@blueprint.get(URL)
@reads(Permission.CONFIRM_DESTRUCTION)
def confirm(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(
    work: Work,
    by: Actor,
    *,
    refusal: DomainError | None = None,
    returned: Container[str] = (),
) -> str:
    ticked = {text.partition(" ")[0] for text in request.form.getlist("record")}
    complete = queries.complete_orders(work, queries.unfinished_orders(work, by))
    return render_template(
        "destruction/confirm.html",
        url=URL,
        meaning=CONFIRMATION,
        orders=[_shown(work, order, returned, ticked) for order in complete[:MOST_AT_ONCE]],
        **typed_again(refusal),
    )


def _shown(work: Work, order: DestructionOrder, returned: Container[str], ticked: set[str]) -> dict[str, Any]:
    record, sha256 = order_record(work, order)
    lines = queries.lines_of(work, order)
    return {
        "identifier": order.identifier,
        "printed": printed(order.identifier),
        "url": f"/destruction-orders/{order.identifier}",
        "participant": order.participant,
        "lines": len(lines),
        "sha256": sha256,
        "outcomes": progress_of(lines)["outcomes"],
        "performers": _signers(record, "performer"),
        "witnesses": _signers(record, "witness"),
        "checked": order.identifier in ticked and order.identifier not in returned,
    }


def _signers(record: Mapping[str, Any], role: str) -> list[str]:
    return sorted({batch[role]["printed_name"] for batch in record["batches"] if batch[role]})


@blueprint.post(URL)
@shown_again(Permission.CONFIRM_DESTRUCTION, _page)
@writes(Permission.CONFIRM_DESTRUCTION)
def confirmed(*, work: Work, by: Actor) -> Response:
    records = [text.partition(" ") for text in request.form.getlist("record")]
    credentials = Credentials(request.form.get("signer", ""), request.form.get("password", ""))
    done = confirm_orders(work, by, [Shown(order, sha256) for order, _, sha256 in records], credentials)
    _tell(done)
    if done.returned:
        return current_app.make_response(_page(work, by, returned=done.returned))
    to = f"/destruction-orders/{next(iter(done.certificates))}" if len(done.certificates) == 1 else URL
    return sent_to(to)


def _tell(done: Confirmed) -> None:
    certificates = ", ".join(printed(certificate) for certificate in done.certificates.values())
    if done.returned:
        sentence = " ".join(done.returned.values())
        tell(
            "Came back unsigned",
            f"{sentence} {f'Signed: {certificates}.' if certificates else ''}",
            tone="ask",
        )
    elif certificates:
        tell("Confirmed", f"Certificate {certificates} is issued.")
    else:
        tell("Nothing ticked", "Tick the orders that you confirm, then sign.", tone="ask")
