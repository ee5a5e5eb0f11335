"""What must hold before a logger's file is taken for a parcel, or tubes are released."""

from collections.abc import Sequence
from datetime import timedelta

from biobank.access.actors import Actor
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import shown
from biobank.core.personal_shapes import names_nobody
from biobank.custody.checks import called
from biobank.custody.steps import AskedBack, ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.shipments.models import Shipment
from biobank.temperatures.excursions import Stretch
from biobank.temperatures.inputs import Releasing, SentFile
from biobank.temperatures.layouts import in_letters
from biobank.temperatures.logger_files import LoggerFile, LoggerFileRefused
from biobank.temperatures.models import TakenLoggerFile

LONGEST_REASON = 500
LONGEST_CONFIRMATION = 200
UNSEEN_AT_MOST = timedelta(hours=2)
"""Of the journey, before the first reading or after the last, that nobody asks about."""


class AnotherParcel(Conflict):
    title = "Of another parcel"


class ReleaseRefused(Invalid):
    title = "Release refused"


def parcel_travelled(shipment: Shipment, parcel: Item) -> None:
    """Raises `LoggerFileRefused`."""
    if shipment.dispatched_at is None:
        raise LoggerFileRefused(
            f"{printed(parcel.identifier)} was not dispatched, so a logger tells nothing of its journey yet."
        )


def is_of_its_logger(shipment: Shipment, parcel: Item, read: LoggerFile) -> None:
    """Raises `LoggerFileRefused` when the file is of another logger than was packed."""
    if shipment.logger and read.logger and in_letters(shipment.logger) != in_letters(read.logger):
        raise LoggerFileRefused(
            f"This file is of logger {read.logger}, and {printed(parcel.identifier)} was packed with "
            f"{shipment.logger}; choose that one's file."
        )


def is_of_its_journey(shipment: Shipment, parcel: Item, read: LoggerFile, zone: str) -> None:
    """Raises `LoggerFileRefused` when no reading was made on the way."""
    since, until = shipment.dispatched_at, shipment.arrived_at
    first, last = read.readings[0].at, read.readings[-1].at
    if since is not None and (last < since or (until is not None and first >= until)):
        raise LoggerFileRefused(
            f"The readings are from {shown(first, zone)} to {shown(last, zone)}, and "
            f"{printed(parcel.identifier)} left on {shown(since, zone)}; choose the file of this journey."
        )


def something_was_seen(journey: Sequence[Stretch]) -> None:
    """Raises `LoggerFileRefused`."""
    if not journey:
        raise LoggerFileRefused("No reading was made on the way; choose the file of this journey.")


def nothing_surprises(shipment: Shipment, parcel: Item, read: LoggerFile, sent: SentFile) -> None:
    """Asked back once; confirmed with a reason it is taken. Raises `AskedBack`."""
    if sent.confirmation:
        return
    doubt = _of_the_number(shipment, read) or _of_the_time(shipment, read)
    if doubt is not None:
        code, sentence = doubt
        raise AskedBack(
            f"{sentence} If it is the file of {printed(parcel.identifier)} all the same, confirm it with a "
            "reason.",
            confirmable=True,
            reason_code=code,
            item=parcel.identifier,
        )


def _of_the_number(shipment: Shipment, read: LoggerFile) -> tuple[str, str] | None:
    if not shipment.logger:
        return "no_logger_told", "Nobody told the number of a logger when this parcel was packed."
    if not read.logger:
        return "no_logger_in_file", "The file does not say of which logger it is."
    return None


def _of_the_time(shipment: Shipment, read: LoggerFile) -> tuple[str, str] | None:
    since, until = shipment.dispatched_at, shipment.arrived_at
    if since is not None and read.readings[0].at > since + UNSEEN_AT_MOST:
        return "begins_late", "The first reading was made hours after the parcel had left."
    if until is not None and read.readings[-1].at < until - UNSEEN_AT_MOST:
        return "ends_early", "The last reading was made hours before the parcel arrived."
    return None


def confirmation_can_be_so(sent: SentFile) -> None:
    """Raises `LoggerFileRefused`, `NamesSomebody`."""
    text = sent.confirmation or ""
    if len(text) > LONGEST_CONFIRMATION:
        raise LoggerFileRefused(f"The reason has at most {LONGEST_CONFIRMATION} characters.")
    names_nobody("confirmation", text)


def is_not_of_another(parcel: Item, known: TakenLoggerFile, other: ItemNow, by: Actor) -> None:
    """Raises `AnotherParcel`."""
    if known.parcel_id != parcel.id:
        raise AnotherParcel(
            f"This very file was read for {called(by, other)} already; choose the file of "
            f"{printed(parcel.identifier)}.",
            logger_file=known.id,
        )


def can_be_released(told: Releasing) -> None:
    """Raises `ReleaseRefused`, `NamesSomebody`."""
    if not told.reason:
        raise ReleaseRefused("Say in one sentence why they may be used.", field="reason")
    if len(told.reason) > LONGEST_REASON:
        raise ReleaseRefused(f"The reason has at most {LONGEST_REASON} characters.", field="reason")
    names_nobody("reason", told.reason)


def are_open(chosen: int, of_them: int) -> None:
    """Raises `ReleaseRefused`."""
    if not of_them or chosen != of_them:
        raise ReleaseRefused("Choose tubes of this file that are not released yet.", field="items")
