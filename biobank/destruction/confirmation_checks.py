"""What must hold before a third person confirms an order."""

from biobank.access.actors import Actor
from biobank.access.checks import permitted
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.destruction.choices import MAY_DESTROY, OrderState
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import open_lines, signers_of, stage
from biobank.items.identifiers import printed


def signer_may_confirm(signer: Actor) -> None:
    permitted(signer, Permission.CONFIRM_DESTRUCTION)


def why_not_confirmed(
    work: Work, order: DestructionOrder, signer: str, shown: str, current: str
) -> str | None:
    """The sentence with which an order comes back unsigned, or None."""
    name = printed(order.identifier)
    if order.state in (OrderState.CLOSED, OrderState.CANCELLED):
        return f"Order {name} is {order.state} already; nothing is left to confirm."
    waits = _what_it_waits_for(work, order)
    if waits is not None:
        return waits
    if shown != current:
        return f"Order {name} changed since it was shown to you; look at it again."
    if signer in signers_of(work, order):
        return f"Order {name} was performed or witnessed by {signer}; a third person confirms it."
    return None


def _what_it_waits_for(work: Work, order: DestructionOrder) -> str | None:
    name = printed(order.identifier)
    left = len(open_lines(work, order))
    if left == 1:
        return f"Order {name} has 1 line without an end; nothing is confirmed before."
    if left:
        return f"Order {name} has {left} lines without an end; nothing is confirmed before."
    if order.legal_hold:
        return f"Order {name} is under a legal hold; it is confirmed once compliance has lifted it."
    if stage(order) not in MAY_DESTROY:
        return (
            f"Order {name} still waits; it is confirmed once its hold window is over and its handling is "
            "settled."
        )
    return None
