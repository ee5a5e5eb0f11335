"""What must hold before a kit is mailed, an order changed, or a kit said to have come back empty."""

from biobank.core.errors import Conflict, Outdated
from biobank.exchange.json_document import FileRefused
from biobank.participants.models import Participant
from biobank.participants.queries import standing
from biobank.supplies.choices import NOT_MAILED, Stage
from biobank.supplies.formats import DOCUMENT
from biobank.supplies.inputs import SupplyTold
from biobank.supplies.models import SupplyOrder


class NotToBeMailed(Conflict):
    """Nothing is mailed to who left or died."""

    title = "Not to be mailed"


class SupplyOrderDiffers(Conflict):
    """An order of this number is here, and says something else."""

    title = "Order differs"


class NoOrderForDelivery(Conflict):
    """A parcel of an order that nobody told of."""

    title = "Order missing"


class SupplyOrderOutdated(Outdated):
    """Somebody told more of the order after the version that this was decided on."""

    title = "Order changed since"


class NotBack(Conflict):
    """A kit of which a sample was received, or that nobody mailed, did not come back without one."""

    title = "Not possible in this stage"


def participant_stopped(participant: Participant) -> bool:
    """Whether nothing more is asked of them: they left, or died."""
    return standing(participant).collection_stopped


def may_be_mailed(participant: Participant, told: SupplyTold) -> None:
    """A request to mail is a decision; that a kit was mailed is a fact, and taken. Raises `NotToBeMailed`."""
    if participant_stopped(participant) and (told.stage is None or told.stage in NOT_MAILED):
        raise NotToBeMailed(
            f"{participant.code} withdrew or died; mail nothing, and cancel the order where it was made.",
            participant=participant.code,
        )


def is_of_this_order(order: SupplyOrder, told: SupplyTold, number: str) -> None:
    """Raises `FileRefused` for a document about another order than the address."""
    if told.order != order.number:
        raise FileRefused(DOCUMENT, "$", f"it is about another order than the address, which names {number}")


def is_of_its_participant(*, same: bool) -> None:
    """Raises `FileRefused`; neither of the two is named in it."""
    if not same:
        raise FileRefused(
            DOCUMENT,
            "$",
            "the order is of another participant; cancel it, and order another kit for this one",
        )


def is_newest(order: SupplyOrder, expected: int | None) -> None:
    """Raises `SupplyOrderOutdated`."""
    if expected is not None and expected != order.version:
        raise SupplyOrderOutdated(
            f"The order is at version {order.version}, and this was decided on version {expected}; read the "
            "order again, then decide.",
            version=order.version,
        )


def differs(order: SupplyOrder) -> SupplyOrderDiffers:
    return SupplyOrderDiffers(
        f"Order {order.number} is here already and says something else; send what is new with PUT.",
        order=order.number,
    )


def may_have_come_back_empty(order: SupplyOrder) -> None:
    """Raises `NotBack`."""
    if order.stage == Stage.RECEIVED:
        raise NotBack(
            f"A sample of order {order.number} was received; report what became of it at the tube itself.",
            order=order.number,
        )
    if Stage(order.stage).is_before(Stage.MAILED):
        raise NotBack(
            f"Order {order.number} was never told as mailed; look for the order that is on the kit.",
            order=order.number,
        )
