"""What is odd in something that is told of a mailed kit: it is kept with a flag, and never refused."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from biobank.core.moments import Told, from_microseconds, read_moment, to_microseconds
from biobank.participants.models import Participant
from biobank.supplies.checks import participant_stopped
from biobank.supplies.choices import NOT_MAILED, Leg, Odd, Stage, Telling
from biobank.supplies.inputs import DeliveryTold, RequestTold, SupplyFlag, SupplyTold
from biobank.supplies.models import SupplyOrder, SupplyVersion
from biobank.supplies.queries import document_of, newest_by_way

SPOKEN = {
    Stage.ORDERED: "ordered",
    Stage.FAILED: "failed at the supplier",
    Stage.QUEUED: "being packed",
    Stage.CANCELLED: "cancelled",
    Stage.MAILED: "mailed",
    Stage.DELIVERED: "delivered",
    Stage.COMING_BACK: "on its way back",
    Stage.CAME_BACK: "back at the biobank",
    Stage.NO_SAMPLE: "back without a sample",
    Stage.RECEIVED: "received",
}


def odd_at_all(order: SupplyOrder | None, told: SupplyTold, participant: Participant) -> Iterator[SupplyFlag]:
    """What can be odd in either document. `order` is None while there is none yet."""
    if told.stage is None:
        yield SupplyFlag(
            Odd.UNKNOWN_STATUS, f"Nobody here knows the status “{told.status}”; the order stays as it was."
        )
    if told.removed:
        yield SupplyFlag(Odd.PERSONAL_TEXT_REMOVED, "A text that seemed to point at a person was not kept.")
    if order is not None and told.stage is not None and told.stage.is_before(Stage(order.stage)):
        yield SupplyFlag(
            Odd.STEPS_BACK,
            f"It is told as {SPOKEN[told.stage]} after it was {SPOKEN[Stage(order.stage)]}; it stays so.",
        )
    if participant_stopped(participant):
        yield from _of_who_stopped(told, participant)


def _of_who_stopped(told: SupplyTold, participant: Participant) -> Iterator[SupplyFlag]:
    if told.stage is None or told.stage in NOT_MAILED:
        sentence = f"{participant.code} withdrew or died; stop the mailing, and cancel the order."
        yield SupplyFlag(Odd.STOP_THE_MAILING, sentence)
    elif told.stage is not Stage.CANCELLED:
        sentence = f"{participant.code} withdrew or died; what comes back goes to quarantine."
        yield SupplyFlag(Odd.MAILED_AFTER_LEAVING, sentence)


def odd_request(order: SupplyOrder | None, told: RequestTold, latest: datetime) -> Iterator[SupplyFlag]:
    """`latest` is our clock plus the skew that is allowed."""
    if told.ordered_on is not None and told.ordered_on > latest.date():
        yield SupplyFlag(Odd.IN_THE_FUTURE, f"It was ordered on {told.ordered_on}, which has not come yet.")
    if order is not None and order.barcode and told.barcode not in (None, order.barcode):
        yield SupplyFlag(
            Odd.OTHER_KIT, f"Another kit ({told.barcode}) is told than before; {order.barcode} stays."
        )


def odd_delivery(
    order: SupplyOrder, told: DeliveryTold, versions: Sequence[SupplyVersion], latest: datetime
) -> Iterator[SupplyFlag]:
    """`versions` are what was told of the order before."""
    if told.at is not None:
        yield from _odd_time(order, told.at, _last_told(versions), latest)
    before = newest_by_way(versions)
    earlier = before[told.leg].tracking_number if told.leg in before else None
    if earlier and told.tracking_number not in (None, earlier):
        yield SupplyFlag(
            Odd.OTHER_NUMBER,
            f"Another tracking number ({told.tracking_number}) is told for this way than before ({earlier}).",
        )
    if told.leg is Leg.BACK and Stage(order.stage).is_before(Stage.MAILED):
        yield SupplyFlag(
            Odd.BACK_BEFORE_OUT, "It is told on its way back, and nobody told that it was mailed."
        )


def _odd_time(order: SupplyOrder, at: Told, last: datetime | None, latest: datetime) -> Iterator[SupplyFlag]:
    if at.at > latest:
        yield SupplyFlag(
            Odd.IN_THE_FUTURE, f"{at.at:%Y-%m-%d %H:%M} UTC has not come yet; the time is unknown."
        )
    elif order.ordered_on is not None and at.at.date() < order.ordered_on:
        yield SupplyFlag(
            Odd.BEFORE_THE_ORDER,
            f"{at.at:%Y-%m-%d %H:%M} UTC lies before the day of the order, {order.ordered_on}.",
        )
    elif last is not None and at.at < last:
        yield SupplyFlag(
            Odd.BEFORE_THE_LAST,
            f"{at.at:%Y-%m-%d %H:%M} UTC lies before what was told last ({last:%Y-%m-%d %H:%M} UTC).",
        )


def _last_told(versions: Sequence[SupplyVersion]) -> datetime | None:
    told = (document_of(each).get("occurred_at") for each in versions if each.telling == Telling.DELIVERY)
    found = [read_moment(at).at for at in told if at]
    return from_microseconds(max(map(to_microseconds, found))) if found else None


def used_elsewhere(number: str, other: str) -> SupplyFlag:
    return SupplyFlag(
        Odd.NUMBER_USED,
        f"The tracking number {number} is also told for order {other}; carriers use them again.",
    )
