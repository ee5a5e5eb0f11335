"""What compliance says about one order: whether clinics destroy what they still have of it."""

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.destruction import checks
from biobank.destruction.models import DestructionOrder
from biobank.destruction.operations import note_event
from biobank.destruction.queries import locked_order, order_seen_by


def let_clinics_destroy(work: Work, by: Actor, order: str, *, allowed: bool) -> DestructionOrder:
    """Clinics may put what they have of it in a bag of their own, with performer and witness there; or not.

    Raises `OrderUnknown`, `OnlyCompliance`.
    """
    checks.compliance_decides(by, "Whether a clinic destroys anything is decided by compliance; ask them.")
    found = locked_order(work, order_seen_by(work, by, order).id)
    if found.at_clinics != allowed:
        found.at_clinics = allowed
        note_event(work, found, "at_clinics", by, at_clinics=allowed)
        work.flush()
    return found
