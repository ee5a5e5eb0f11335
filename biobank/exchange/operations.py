"""Importing the programme's orders, each all or nothing; the same order a second time changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.steps import ItemNow
from biobank.exchange import checks
from biobank.exchange.choices import OrderStatus
from biobank.exchange.documents import order_document
from biobank.exchange.formats import read_order
from biobank.exchange.inputs import ProgrammeOrder
from biobank.exchange.json_document import FileRefused
from biobank.exchange.models import ImportedOrder, ImportedOrderIdentifier, ImportedOrderNote
from biobank.exchange.personal_text import REMOVED, PersonalText
from biobank.exchange.pseudonyms import Pseudonyms
from biobank.exchange.queries import names_of, orders_known_by
from biobank.exchange.recording import OrderAtHand, record_order, take_in_hand
from biobank.exchange.versions import add_version, note, salted
from biobank.identity.service_questions import is_own_name, participant_of_order
from biobank.kits.queries import definitions
from biobank.participants.models import Participant
from biobank.participants.operations import mint_provisional
from biobank.participants.queries import ParticipantUnknown, participant_named, participant_of_programme

LONGEST_FILE_NAME = 200


@dataclass(frozen=True)
class ImportedFile:
    """What became of one file: the number of its kit, and how many lines of samples it had."""

    kit_id: int
    samples: int
    unchanged: bool
    """It was here already, and said so."""
    changed: bool = False
    """It was here already, and is amended, cancelled or restored now."""


def import_order(work: Work, file: str, content: bytes, *, by: Actor, pseudonyms: Pseudonyms) -> ImportedFile:
    """Read one order into participant, kit, tubes and events, unless it is here already.

    Raises `FileRefused`, `OrderDiffers`, `IdentifierTaken`.
    """
    order = order_in(work, content, file)
    known = _known(work, order, pseudonyms)
    if known is not None:
        return ImportedFile(known.kit_id, len(order.samples), unchanged=True)
    checks.sites_have_codes(order)
    shown = PersonalText(order.subject, []).without_persons(file)[:LONGEST_FILE_NAME]
    at_hand = take_in_hand(work, order, shown, by=by, pseudonyms=pseudonyms)
    participant = _participant(work, at_hand, pseudonyms)
    notes = notes_in(work, order, participant.code, by)
    kit = record_order(work, at_hand, participant.code, [salted(note) for note in notes])
    _remember(work, at_hand, kit, participant.code, notes, pseudonyms)
    return ImportedFile(kit.id, len(order.samples), unchanged=False)


def order_in(work: Work, content: bytes, file: str) -> ProgrammeOrder:
    """Read with the kit definitions and the clock of here. Raises `FileRefused`."""
    skew = timedelta(minutes=work.settings.clock_skew_minutes)
    return read_order(content, file, definitions(work), moments.now(), skew)


def _known(work: Work, order: ProgrammeOrder, pseudonyms: Pseudonyms) -> ImportedOrder | None:
    content_hash = pseudonyms.content(order.content)
    names = names_in(order, pseudonyms)
    found = orders_known_by(work, names, content_hash)
    checks.names_one_order(found)
    for each in found:
        checks.names_are_of_one_order(names, names_of(work, each.id), _in_their_places(order, pseudonyms))
        checks.says_the_same(work, each, content_hash)
        return each
    for position, identifier in enumerate(order.identifiers):
        if checks.is_kept_as_alias(identifier):
            checks.names_nothing_else(work, position, identifier)
    return None


def names_in(order: ProgrammeOrder, pseudonyms: Pseudonyms) -> list[str]:
    """The order's identifiers by keyed hash; tracking numbers are used again and name nothing."""
    return [name for name in _in_their_places(order, pseudonyms) if name]


def _in_their_places(order: ProgrammeOrder, pseudonyms: Pseudonyms) -> list[str]:
    """Empty where a tracking number stands."""
    return [
        "" if checks.is_tracking_number(each) else pseudonyms.identifier(each) for each in order.identifiers
    ]


def _participant(work: Work, at_hand: OrderAtHand, pseudonyms: Pseudonyms) -> Participant:
    """Known by our code, else by the programme's."""
    order = at_hand.order
    if order.participant_code:
        return participant_known(work, order)
    site = at_hand.sites["created"]
    return participant_of_sender(
        work, order.programme_participant, site, by=at_hand.by, pseudonyms=pseudonyms
    )


def participant_of_sender(
    work: Work, programme_participant: str, site: str, *, by: Actor, pseudonyms: Pseudonyms
) -> Participant:
    """By the programme's id in the vault or its keyed hash here; else minted for now, as of `site`."""
    code = participant_of_order(work, by, programme_participant)
    if code is not None:
        return participant_named(work, code)
    programme_hash = pseudonyms.participant(programme_participant)
    known = participant_of_programme(work, programme_hash)
    return known or mint_provisional(work, by, programme_hash=programme_hash, site=site)


def participants_meant(
    work: Work, programme_participant: str, *, by: Actor, pseudonyms: Pseudonyms
) -> frozenset[str | None]:
    """Codes of who is known by the programme's id: as the vault knows it, and here by its keyed hash."""
    found = participant_of_programme(work, pseudonyms.participant(programme_participant))
    by_hash = found.code if found else None
    return frozenset({participant_of_order(work, by, programme_participant), by_hash})


def participant_known(work: Work, order: ProgrammeOrder) -> Participant:
    """Of an order that names them by our code. Raises `FileRefused`."""
    try:
        return participant_named(work, order.participant_code)
    except ParticipantUnknown:
        raise FileRefused(order.file, "$.subject", "nobody has this participant code; correct it") from None


def notes_in(work: Work, order: ProgrammeOrder, participant: str, by: Actor) -> list[ImportedOrderNote]:
    """The order's free texts; one that holds the participant's own name is not kept."""
    texts = [(each.about, each.text) for each in order.notes]
    if order.amended_reason:
        texts.append(("amended", order.amended_reason))
    return [
        note(about, REMOVED if is_own_name(work, by, participant, text) else text) for about, text in texts
    ]


def _remember(
    work: Work,
    at_hand: OrderAtHand,
    kit: ItemNow,
    participant: str,
    notes: Sequence[ImportedOrderNote],
    pseudonyms: Pseudonyms,
) -> None:
    known = ImportedOrder(
        kit_id=kit.id,
        content_hash=pseudonyms.content(at_hand.order.content),
        file=at_hand.file,
        imported_at=moments.now(),
        imported_by=at_hand.by.person,
    )
    work.session.add(known)
    work.flush()
    name_order(work, known.id, names_in(at_hand.order, pseudonyms))
    status = OrderStatus.CANCELLED if checks.is_cancelled(at_hand.order) else OrderStatus.CREATED
    document = order_document(at_hand.order, participant, at_hand.people)
    add_version(work, known, 1, status, document, notes, content_hash=known.content_hash, by=at_hand.by)


def name_order(work: Work, order_id: int, names: Iterable[str]) -> None:
    for name in names:
        work.session.add(ImportedOrderIdentifier(identifier_hash=name, order_id=order_id))
    work.flush()
