"""Files of the programme's orders, all or nothing a file: the new are imported, those here are changed."""

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy.exc import IntegrityError

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict, DomainError, Invalid, NotFound
from biobank.exchange.amending import amend_order, change_status, order_seen_by
from biobank.exchange.checks import LARGEST_ORDER, OrderDiffers, may_be_an_order
from biobank.exchange.choices import OrderStatus
from biobank.exchange.json_document import FileRefused
from biobank.exchange.operations import ImportedFile, import_order, order_in
from biobank.exchange.pseudonyms import Pseudonyms
from biobank.exchange.queries import newest_version, order_locked

Transaction = Callable[[], AbstractContextManager[Work]]
CHANGED = frozenset({OrderStatus.AMENDED, OrderStatus.CANCELLED, OrderStatus.RESTORED})
"""What a file says as its `status` when it is about an order that is here."""


@dataclass(frozen=True)
class Problem:
    """What in which file could not be taken; it repeats no value that may point at a person."""

    file: str
    where: str
    problem: str


@dataclass(frozen=True)
class OrdersImported:
    """How many orders are new, how many lines of samples they have, what became of those that were here."""

    orders: int
    samples: int
    changed: int
    """Amended, cancelled or restored."""
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
    new = [each for each in imported if not (each.unchanged or each.changed)]
    return OrdersImported(
        orders=len(new),
        samples=sum(each.samples for each in new),
        changed=sum(each.changed for each in imported),
        unchanged=sum(each.unchanged for each in imported),
        errors=tuple(problems),
    )


def _import_file(transaction: Transaction, file: Path, by: Actor, pseudonyms: Pseudonyms) -> ImportedFile:
    content = _content(file)

    def once() -> ImportedFile:
        with transaction() as work:
            return _taken(work, printable_name(file), content, by, pseudonyms)

    try:
        return once()
    except IntegrityError:
        # Somebody imported the same order, or the same participant, at this moment: now it is here.
        return once()


def _taken(work: Work, file: str, content: bytes, by: Actor, pseudonyms: Pseudonyms) -> ImportedFile:
    try:
        return import_order(work, file, content, by=by, pseudonyms=pseudonyms)
    except OrderDiffers as differs:
        order = order_in(work, content, file)
        status = (order.status or "").lower()
        if status not in CHANGED:
            raise
        change = amend_order if status == OrderStatus.AMENDED else change_status
        kit = str(differs.extra["order"])
        found = order_seen_by(work, by, kit)
        order_locked(work, found.order.id)
        newest = newest_version(work, found.order.id).version
        change(work, kit, content, expected=newest, by=by, pseudonyms=pseudonyms)
        return ImportedFile(found.kit.id, len(order.samples), unchanged=False, changed=True)


def _content(file: Path) -> bytes:
    try:
        with file.open("rb") as opened:
            return may_be_an_order(opened.read(LARGEST_ORDER + 1), printable_name(file))
    except OSError as problem:
        raise FileRefused(printable_name(file), "$", f"it cannot be opened ({problem.strerror})") from problem


def printable_name(file: Path) -> str:
    """A name with bytes that are no text would break every answer that repeats it."""
    return file.name.encode(errors="replace").decode()


def _problem(file: str, refusal: DomainError) -> Problem:
    return Problem(
        file, str(refusal.extra.get("where", "$")), str(refusal.extra.get("problem", refusal.detail))
    )
