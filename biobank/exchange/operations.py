"""Importing the programme's orders, all or nothing a file; a second import of a file changes nothing."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, DomainError, Invalid, NotFound
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

LARGEST_ORDER = 1_000_000
"""Bytes. A real one has 4,000; whatever is larger is no order."""

LONGEST_FILE_NAME = 200
Transaction = Callable[[], AbstractContextManager[Work]]


@dataclass(frozen=True)
class ImportedFile:
    """What became of one file: the number of its kit, and how many lines of samples it had."""

    kit_id: int
    samples: int
    unchanged: bool


@dataclass(frozen=True)
class Problem:
    """What in which file could not be taken; it repeats no value that may point at a person."""

    file: str
    where: str
    problem: str


@dataclass(frozen=True)
class OrdersImported:
    """How many orders are new, how many lines of samples they have, how many were here already."""

    orders: int
    samples: int
    unchanged: int
    errors: tuple[Problem, ...]

    def as_document(self) -> dict[str, object]:
        return {**asdict(self), "errors": [asdict(problem) for problem in self.errors]}


def import_orders(
    transaction: Transaction,
    files: Iterable[Path],
    *,
    by: Actor,
    pseudonyms: Pseudonyms,
) -> OrdersImported:
    """Import each file in a transaction of its own (`transaction` is `writing`); one that is refused leaves
    nothing, and does not stop the others.

    Raises `Forbidden` when `by` may not record what the files tell, and `DatabaseUnavailable`.
    """
    imported: list[ImportedFile] = []
    problems: list[Problem] = []
    for file in files:
        try:
            imported.append(_import_file(transaction, file, by, pseudonyms))
        except (Invalid, Conflict, NotFound) as refusal:
            problems.append(_problem(printable_name(file), refusal))
    new = [each for each in imported if not each.unchanged]
    return OrdersImported(
        len(new), sum(each.samples for each in new), len(imported) - len(new), tuple(problems)
    )


def _import_file(transaction: Transaction, file: Path, by: Actor, pseudonyms: Pseudonyms) -> ImportedFile:
    content = _content(file)

    def once() -> ImportedFile:
        with transaction() as work:
            return import_order(work, printable_name(file), content, by=by, pseudonyms=pseudonyms)

    try:
        return once()
    except IntegrityError:
        # Somebody imported the same order, or the same participant, at this moment: now it is here.
        return once()


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            content = opened.read(LARGEST_ORDER + 1)
    except OSError as problem:
        raise FileRefused(printable_name(file), "$", f"it cannot be opened ({problem.strerror})") from problem
    if len(content) > LARGEST_ORDER:
        raise FileRefused(
            printable_name(file), "$", f"it is larger than {LARGEST_ORDER} bytes, which no order is"
        )
    return content


def printable_name(file: Path) -> str:
    """A name with bytes that are no text would break every answer that repeats it."""
    return file.name.encode(errors="replace").decode()


def _problem(file: str, refusal: DomainError) -> Problem:
    return Problem(
        file, str(refusal.extra.get("where", "$")), str(refusal.extra.get("problem", refusal.detail))
    )


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
    """Known by our code, by the programme's id in the vault or its keyed hash here; else minted for now."""
    order = at_hand.order
    if order.participant_code:
        return participant_known(work, order)
    code = participant_of_order(work, at_hand.by, order.programme_participant)
    if code is not None:
        return participant_named(work, code)
    programme_hash = pseudonyms.participant(order.programme_participant)
    known = participant_of_programme(work, programme_hash)
    site = at_hand.sites["created"]
    return known or mint_provisional(work, at_hand.by, programme_hash=programme_hash, site=site)


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
