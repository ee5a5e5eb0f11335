"""Taking what the programme tells of mailed kits, and what is seen of them here; the same twice is once."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.steps import Source
from biobank.exchange.operations import participant_of_sender, participants_meant
from biobank.exchange.personal_text import REMOVED
from biobank.exchange.pseudonyms import Pseudonyms
from biobank.exchange.recording import for_sites
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.own_names import OwnNameWritten, own_name_is_not_in
from biobank.participants.queries import ParticipantUnknown, participant_named
from biobank.supplies import checks, mailing, plausibility
from biobank.supplies.choices import Leg, Stage, Telling
from biobank.supplies.formats import read_delivery, read_request
from biobank.supplies.inputs import DeliveryTold, RequestTold, SupplyFlag, SupplyTold
from biobank.supplies.models import SupplyOrder
from biobank.supplies.queries import (
    SupplyOrderUnknown,
    facility_of,
    order_called,
    order_seen_by,
    other_order_with,
    versions_of,
)
from biobank.supplies.versions import add_version, move_on


@dataclass(frozen=True)
class Taken:
    """An order after something was told of it; `unchanged` when that was told before, word for word."""

    order: SupplyOrder
    unchanged: bool
    flags: tuple[SupplyFlag, ...] = ()


def take_request(work: Work, content: bytes, *, by: Actor, pseudonyms: Pseudonyms) -> Taken:
    """A new order, or the one that is here and says the same.

    Raises `FileRefused`, `NotToBeMailed`, `SupplyOrderDiffers`, `NoFacility`.
    """
    told = read_request(content)
    site = facility_of(work, by)
    by = for_sites(by, [site])
    participant = _locked(work, told, site, by, pseudonyms)
    found = order_called(work, told.order, locked=True)
    if found is not None:
        checks.is_of_its_participant(same=_is_of(work, found, participant))
        if not _was_told(work, found, told, pseudonyms):
            raise checks.differs(found)
        return Taken(found, unchanged=True)
    checks.may_be_mailed(participant, told)
    order = SupplyOrder(
        number=told.order,
        participant=participant.code,
        site=site,
        stage=Stage.ORDERED.value,
        stage_since=moments.now(),
        version=0,
    )
    work.session.add(order)
    return _taken_request(work, order, told, participant, by, pseudonyms)


def change_request(
    work: Work, number: str, content: bytes, *, expected: int | None, by: Actor, pseudonyms: Pseudonyms
) -> Taken:
    """What the supplier says of an order now. `expected` is the version that the sender read, if told.

    Raises `FileRefused`, `SupplyOrderUnknown`, `SupplyOrderOutdated`.
    """
    told = read_request(content)
    order = _order_told(work, number, told, by, pseudonyms)
    checks.is_newest(order, expected)
    if _was_told(work, order, told, pseudonyms):
        return Taken(order, unchanged=True)
    by = for_sites(by, [order.site])
    return _taken_request(work, order, told, lock(work, order.participant), by, pseudonyms)


def take_delivery(
    work: Work,
    content: bytes,
    *,
    by: Actor,
    pseudonyms: Pseudonyms,
    number: str | None = None,
    expected: int | None = None,
) -> Taken:
    """Where a parcel of an order is now. `number` is the order of the address, if it names one.

    Raises `FileRefused`, `NoOrderForDelivery`, `SupplyOrderUnknown`, `SupplyOrderOutdated`.
    """
    told = read_delivery(content)
    if number is None and order_called(work, told.order) is None:
        raise checks.NoOrderForDelivery(
            f"There is no order {told.order}; send its SupplyRequest first.", order=told.order
        )
    order = _order_told(work, number or told.order, told, by, pseudonyms)
    checks.is_newest(order, expected)
    if _was_told(work, order, told, pseudonyms):
        return Taken(order, unchanged=True)
    return _taken_delivery(work, order, told, for_sites(by, [order.site]), pseudonyms)


def tell_empty(work: Work, number: str, *, by: Actor, source: Source, at: Told | None) -> SupplyOrder:
    """Somebody opened the kit that came back, and no sample was in it; said twice it is once.

    Raises `SupplyOrderUnknown`, `NotBack`.
    """
    order = order_seen_by(work, by, number, locked=True)
    checks.may_have_come_back_empty(order)
    if order.stage == Stage.NO_SAMPLE:
        return order
    mailing.find_empty(work, order, at, by=by, source=source)
    order = order_seen_by(work, by, number, locked=True)
    move_on(order, Stage.NO_SAMPLE, at.at if at else None)
    add_version(work, order, Telling.FINDING, {"status": Stage.NO_SAMPLE.value}, [], by=by)
    return order


def tell_received(work: Work, order: SupplyOrder, at: datetime | None, *, by: Actor) -> None:
    """A sample of its kit is here."""
    if order.stage != Stage.RECEIVED:
        move_on(order, Stage.RECEIVED, at)
        add_version(work, order, Telling.FINDING, {"status": Stage.RECEIVED.value}, [], by=by)


def _locked(work: Work, told: SupplyTold, site: str, by: Actor, pseudonyms: Pseudonyms) -> Participant:
    """Whose the order is, held until the end: a decision of theirs comes before it or after."""
    if told.participant_code:
        return lock(work, told.participant_code)
    named = told.programme_participant
    return lock(work, participant_of_sender(work, named, site, by=by, pseudonyms=pseudonyms).code)


def _order_told(work: Work, number: str, told: SupplyTold, by: Actor, pseudonyms: Pseudonyms) -> SupplyOrder:
    """Held; after its participant, as every decision locks."""
    order = order_called(work, number)
    if order is None:
        raise SupplyOrderUnknown
    lock(work, order.participant)
    order = order_called(work, number, locked=True)
    assert order is not None  # noqa: S101 (no order is ever removed)
    checks.is_of_this_order(order, told, number)
    checks.is_of_its_participant(same=_names_its_participant(work, order, told, by, pseudonyms))
    return order


def _names_its_participant(
    work: Work, order: SupplyOrder, told: SupplyTold, by: Actor, pseudonyms: Pseudonyms
) -> bool:
    """By our code; else by the programme's number, known here by its keyed hash or to the vault."""
    if told.participant_code:
        try:
            return _is_of(work, order, participant_named(work, told.participant_code))
        except ParticipantUnknown:
            return False
    meant = participants_meant(work, told.programme_participant, by=by, pseudonyms=pseudonyms)
    return participant_named(work, order.participant).code in meant


def _is_of(work: Work, order: SupplyOrder, participant: Participant) -> bool:
    return participant_named(work, order.participant).code == participant.code


def _was_told(work: Work, order: SupplyOrder, told: SupplyTold, pseudonyms: Pseudonyms) -> bool:
    """In any version: what arrives again late changes nothing."""
    content_hash = pseudonyms.content(told.content)
    return any(each.content_hash == content_hash for each in versions_of(work, order))


def _taken_request(
    work: Work,
    order: SupplyOrder,
    told: RequestTold,
    participant: Participant,
    by: Actor,
    pseudonyms: Pseudonyms,
) -> Taken:
    told = _without_own_name(work, told, participant, by)
    before = order if order.version else None
    flags = [
        *plausibility.odd_at_all(before, told, participant),
        *plausibility.odd_request(before, told, _latest(work)),
    ]
    order.ordered_on = order.ordered_on or told.ordered_on
    order.product_code = told.product_code or order.product_code
    order.product_name = told.product_name or order.product_name
    order.barcode = order.barcode or told.barcode
    move_on(order, told.stage, None)
    work.flush()
    if told.stage is not Stage.CANCELLED:
        flags += mailing.link_mailed_kit(work, order, by=by)
    return _kept(work, order, told, flags, by, pseudonyms)


def _taken_delivery(
    work: Work, order: SupplyOrder, told: DeliveryTold, by: Actor, pseudonyms: Pseudonyms
) -> Taken:
    participant, latest = participant_named(work, order.participant), _latest(work)
    told = _without_own_name(work, told, participant, by)
    flags = [
        *plausibility.odd_at_all(order, told, participant),
        *plausibility.odd_delivery(order, told, versions_of(work, order), latest),
    ]
    other = other_order_with(work, told.tracking_number, order) if told.tracking_number else None
    if told.tracking_number and other:
        flags.append(plausibility.used_elsewhere(told.tracking_number, other))
    at = told.at if told.at and told.at.at <= latest else None
    move_on(order, told.stage, at.at if at else None)
    work.flush()
    if told.leg is Leg.BACK and told.stage is not None:
        mailing.send_back(work, order, told, at, by=by)
    return _kept(work, order, told, flags, by, pseudonyms)


def _kept(
    work: Work,
    order: SupplyOrder,
    told: RequestTold | DeliveryTold,
    flags: list[SupplyFlag],
    by: Actor,
    pseudonyms: Pseudonyms,
) -> Taken:
    add_version(
        work, order, told.telling, told.as_document(), flags, by=by, leg=told.leg,
        tracking_number=told.tracking_number, content_hash=pseudonyms.content(told.content),
    )  # fmt: skip
    mailing.ask_about(work, order, flags, by=by)
    return Taken(order, unchanged=False, flags=tuple(flags))


def _latest(work: Work) -> datetime:
    return moments.now() + timedelta(minutes=work.settings.clock_skew_minutes)


WORDS = ("status", "order_type", "supplier", "product_name", "carrier")
"""What of a document is words rather than codes."""
Document = TypeVar("Document", RequestTold, DeliveryTold)


def _without_own_name(work: Work, told: Document, participant: Participant, by: Actor) -> Document:
    """The vault is asked once whether any of the words is the participant's own name; then none is kept."""
    words = {name: str(word) for name in WORDS if (word := getattr(told, name, None))}
    try:
        own_name_is_not_in(work, by, participant.code, " ".join(words.values()), "document")
    except OwnNameWritten:
        removed: dict[str, Any] = {"removed": True, **dict.fromkeys(words, REMOVED)}
        return replace(told, **removed)
    return told
