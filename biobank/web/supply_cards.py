"""Orders of mailed kits as every page shows them: where each stands, and what to know before touching it."""

from collections.abc import Mapping, Sequence
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.participants.queries import codes_of, participant_named
from biobank.supplies.checks import participant_stopped
from biobank.supplies.choices import OPEN, UNDER_WAY, Stage
from biobank.supplies.models import SupplyOrder
from biobank.supplies.queries import is_late_now, is_without_sample_now, orders_seen_by
from biobank.web.words import Sign

SIGNS: Mapping[Stage, Sign] = {
    Stage.ORDERED: {"word": "Ordered", "tone": "wait"},
    Stage.FAILED: {"word": "Failed at the supplier", "tone": "late"},
    Stage.QUEUED: {"word": "Being packed", "tone": "wait"},
    Stage.CANCELLED: {"word": "Cancelled", "tone": "plain"},
    Stage.MAILED: {"word": "Mailed", "tone": "wait"},
    Stage.DELIVERED: {"word": "At the participant's", "tone": "wait"},
    Stage.COMING_BACK: {"word": "On its way back", "tone": "wait"},
    Stage.CAME_BACK: {"word": "Back, not opened", "tone": "wait"},
    Stage.NO_SAMPLE: {"word": "Found empty", "tone": "wrong"},
    Stage.RECEIVED: {"word": "Sample received", "tone": "right"},
}
STOP: Sign = {"word": "Withdrew or died: mail nothing", "tone": "wrong"}
QUARANTINE: Sign = {"word": "Withdrew or died: into quarantine", "tone": "late"}
LATE: Sign = {"word": "Late", "tone": "late"}
NO_SAMPLE_SEEN: Sign = {"word": "No sample seen", "tone": "late"}
MOST_OF_ONE = 20


def supply_card(work: Work, order: SupplyOrder) -> dict[str, Any]:
    """Its number, its page, where it stands, and what is wrong with that."""
    return {
        "number": order.number,
        "url": f"/supplies/{order.number}",
        "ordered_on": order.ordered_on,
        "state": SIGNS[Stage(order.stage)],
        "warnings": _warnings(work, order),
    }


def _warnings(work: Work, order: SupplyOrder) -> list[Sign]:
    stopped = participant_stopped(participant_named(work, order.participant))
    found = []
    if stopped and order.stage in OPEN:
        found.append(QUARANTINE if order.stage in UNDER_WAY else STOP)
    if is_late_now(order, work.settings):
        found.append(LATE)
    if is_without_sample_now(order, work.settings):
        found.append(NO_SAMPLE_SEEN)
    return found


def mailed_to(work: Work, by: Actor, code: str) -> Sequence[dict[str, Any]]:
    """The newest orders for a participant, under whichever code, for who may see mailed kits."""
    if not by.may(Permission.SEE_SUPPLIES):
        return []
    theirs = orders_seen_by(by, SupplyOrder.participant.in_(codes_of(work, code)))
    newest = theirs.order_by(SupplyOrder.id.desc()).limit(MOST_OF_ONE)
    return [supply_card(work, order) for order in work.session.scalars(newest)]
