"""Withdrawals over HTTP."""

from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.destruction.queries import current_order, lines_of
from biobank.web.openapi import Blueprint
from biobank.web.permission import writes
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw
from biobank.withdrawals.schemas import DecisionAnswer, DecisionShape

blueprint = Blueprint(
    "withdrawals", __name__, url_prefix="/withdrawals", description="What participants decide, at any time."
)


@blueprint.route("", methods=["POST"])
@writes(Permission.RECORD_WITHDRAWALS)
@blueprint.arguments(DecisionShape)
@blueprint.response(201, DecisionAnswer)
def record(decision: Decision, *, work: Work, by: Actor) -> dict[str, Any]:
    """Record a decision.

    It holds every specimen, opens the destruction order and queues the confirming message, or nothing of it.
    """
    recorded = withdraw(work, decision, by=by)
    order = current_order(work, recorded.participant)
    return {
        "recorded": recorded,
        "order": order.identifier if order else None,
        "hold_until": order.hold_until if order else None,
        "specimens": len(lines_of(work, order)) if order else 0,
    }
