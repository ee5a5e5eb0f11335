"""Disclosures, legal demands and breach reports over HTTP."""

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.permissions import Permission
from biobank.access.schemas import ShownSigningShape
from biobank.core.database import Work, reading
from biobank.disclosures import operations
from biobank.disclosures.breaches import report_breach, tell_people
from biobank.disclosures.handing_out import HandedOut, contents, hand_out
from biobank.disclosures.inputs import (
    DecidedDemand,
    NewBreach,
    NewDemand,
    NewDisclosure,
    NotToldYet,
    ToldOfIt,
)
from biobank.disclosures.models import BreachReport, Disclosure, LegalDemand
from biobank.disclosures.queries import (
    breach_seen_by,
    breaches_seen_by,
    demand_seen_by,
    demands_seen_by,
    disclosure_seen_by,
    disclosures_seen_by,
    not_told_yet,
)
from biobank.disclosures.schemas import (
    BreachAnswer,
    BreachesAnswer,
    BreachShape,
    DemandAnswer,
    DemandDecisionShape,
    DemandsAnswer,
    DemandShape,
    DisclosureAnswer,
    DisclosuresAnswer,
    DisclosureShape,
    DisclosureToldShape,
    HandedOutAnswer,
    MessagesAnswer,
    NotToldShape,
)
from biobank.disclosures.stories import breach_told, demand_told, disclosure_told
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import once_kept, reads, writes
from biobank.web.shapes import NothingToldShape, Paging

blueprint = Blueprint(
    "disclosures", __name__, url_prefix="/disclosures", description="What was given out, and why."
)
demanded = Blueprint(
    "legal_demands", __name__, url_prefix="/legal-demands", description="Subpoenas and orders."
)
breached = Blueprint("breaches", __name__, url_prefix="/breaches", description="What somebody may have seen.")
Told = Mapping[str, Any]


@blueprint.route("")
@reads(Permission.SEE_DISCLOSURES)
@blueprint.arguments(Paging, location="query")
@blueprint.response(200, DisclosuresAnswer)
def listed(asked: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """The newest first."""
    found = page(work, disclosures_seen_by(by), [Disclosure.id], newest_first=True, **asked)
    return {
        "disclosures": [disclosure_told(work, each) for each in found.rows],
        "next_cursor": found.next_cursor,
    }


@blueprint.route("/untold")
@reads(Permission.SEE_DISCLOSURES)
@blueprint.response(200, DisclosuresAnswer)
def untold(*, work: Work, by: Actor) -> dict[str, Any]:
    """What its participant was not told of yet, with why; what is to be looked at first first."""
    return {
        "disclosures": [disclosure_told(work, each) for each, _ in not_told_yet(work, by)],
        "next_cursor": None,
    }


@blueprint.route("", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@blueprint.arguments(DisclosureShape)
@blueprint.response(201, DisclosureAnswer)
def opened(new: NewDisclosure, *, work: Work, by: Actor) -> dict[str, Any]:
    """Name every field that is to leave; somebody else approves it."""
    return disclosure_told(work, operations.open_disclosure(work, new, by=by))


@blueprint.route("/<int:number>")
@reads(Permission.SEE_DISCLOSURES)
@blueprint.response(200, DisclosureAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """How a disclosure stands."""
    return disclosure_told(work, disclosure_seen_by(work, by, number))


@blueprint.route("/<int:number>/approval", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@blueprint.arguments(ShownSigningShape)
@blueprint.response(200, DisclosureAnswer)
def approved(told: Signing, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Sign it as it was shown."""
    return disclosure_told(work, operations.approve_disclosure(work, number, told, by=by))


@blueprint.route("/<int:number>/hand-out", methods=["POST"])
@writes(Permission.READ_IDENTITY)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, HandedOutAnswer)
def handed_out(_: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The very fields, once, after that was written down."""
    made = hand_out(work, number, by=by)
    once_kept(lambda: _contents(made))  # not remembered with the Idempotency-Key: that is the samples' side
    return {"number": number}


def _contents(made: HandedOut) -> Response:
    with reading() as work:
        return jsonify({"number": made.number, "contents": contents(work, made)})


@blueprint.route("/<int:number>/drop", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, DisclosureAnswer)
def dropped(_: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Nothing is given out after all."""
    return disclosure_told(work, operations.drop_disclosure(work, number, by=by))


@blueprint.route("/<int:number>/message", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, DisclosureAnswer)
def messaged(_: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Tell the participant by a message."""
    operations.tell_by_message(work, number, by=by)
    return disclosure_told(work, disclosure_seen_by(work, by, number))


@blueprint.route("/<int:number>/told", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@blueprint.arguments(DisclosureToldShape)
@blueprint.response(200, DisclosureAnswer)
def told(asked: ToldOfIt, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The participant was told otherwise."""
    operations.note_told(work, number, asked, by=by)
    return disclosure_told(work, disclosure_seen_by(work, by, number))


@blueprint.route("/<int:number>/not-told", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@blueprint.arguments(NotToldShape)
@blueprint.response(200, DisclosureAnswer)
def not_told(asked: NotToldYet, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Why the participant is not told yet, and when somebody looks again."""
    operations.note_not_told(work, number, asked, by=by)
    return disclosure_told(work, disclosure_seen_by(work, by, number))


@demanded.route("")
@reads(Permission.SEE_DISCLOSURES)
@demanded.arguments(Paging, location="query")
@demanded.response(200, DemandsAnswer)
def demands_listed(asked: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """The newest first."""
    found = page(work, demands_seen_by(work, by), [LegalDemand.id], newest_first=True, **asked)
    return {"demands": [demand_told(work, each) for each in found.rows], "next_cursor": found.next_cursor}


@demanded.route("", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@demanded.arguments(DemandShape)
@demanded.response(201, DemandAnswer)
def demand_recorded(new: NewDemand, *, work: Work, by: Actor) -> dict[str, Any]:
    """A demand came; nothing leaves under it before it is decided."""
    return demand_told(work, operations.record_demand(work, new, by=by))


@demanded.route("/<int:number>")
@reads(Permission.SEE_DISCLOSURES)
@demanded.response(200, DemandAnswer)
def demand_shown(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A demand and what was decided on it."""
    return demand_told(work, demand_seen_by(work, by, number))


@demanded.route("/<int:number>/decisions", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@demanded.arguments(DemandDecisionShape)
@demanded.response(201, DemandAnswer)
def demand_decided(
    told: tuple[DecidedDemand, Signing], number: int, *, work: Work, by: Actor
) -> dict[str, Any]:
    """Refuse it, contest it, or let named fields out; signed over the demand as it was shown."""
    operations.decide_demand(work, number, *told, by=by)
    return demand_told(work, demand_seen_by(work, by, number))


@breached.route("")
@reads(Permission.SEE_DISCLOSURES)
@breached.arguments(Paging, location="query")
@breached.response(200, BreachesAnswer)
def breaches_listed(asked: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """The newest first."""
    found = page(work, breaches_seen_by(by), [BreachReport.id], newest_first=True, **asked)
    return {"breaches": [breach_told(work, each) for each in found.rows], "next_cursor": found.next_cursor}


@breached.route("", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@breached.arguments(BreachShape)
@breached.response(201, BreachAnswer)
def breach_reported(new: NewBreach, *, work: Work, by: Actor) -> dict[str, Any]:
    """Whom it concerns, and what of them was seen, as the records tell now."""
    return breach_told(work, report_breach(work, new, by=by))


@breached.route("/<int:number>")
@reads(Permission.SEE_DISCLOSURES)
@breached.response(200, BreachAnswer)
def breach_shown(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A breach report, and who was told when."""
    return breach_told(work, breach_seen_by(work, by, number))


@breached.route("/<int:number>/messages", methods=["POST"])
@writes(Permission.MAKE_DISCLOSURES)
@breached.arguments(NothingToldShape)
@breached.response(201, MessagesAnswer)
def people_told(_: Told, number: int, *, work: Work, by: Actor) -> dict[str, int]:
    """One message to everybody of whom something was seen, and who has none yet."""
    return {"queued": len(tell_people(work, number, by=by))}
