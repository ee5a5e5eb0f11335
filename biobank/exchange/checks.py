"""What must hold before an order is imported, and what a file itself tells that is odd."""

import re
from collections.abc import Collection, Sequence

from biobank.access.queries import PersonUnknown, person_named
from biobank.core.database import Work
from biobank.core.errors import Conflict, Malformed, NotFound, Outdated
from biobank.custody.steps import Attempt, Flag
from biobank.exchange.choices import HANDLINGS, Fate, FlagKind, OrderStatus
from biobank.exchange.inputs import (
    Author,
    OrderedTube,
    OrderIdentifier,
    ProgrammeOrder,
    SiteReference,
)
from biobank.exchange.json_document import FileRefused
from biobank.exchange.models import ImportedOrder
from biobank.exchange.queries import bearer_of, content_hashes, orders_known_by
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.sites.checks import CODE

ORDER_CANCELLED = "order_cancelled"
LARGEST_ORDER = 1_000_000
"""Bytes. A real one has 4,000; whatever is larger is no order."""
LONGEST_ISSUER, LONGEST_ALIAS = 120, 80

MERELY_NOTED = frozenset(
    {
        FlagKind.SAME_TUBE,
        FlagKind.AS_ORDERED,
        FlagKind.PERSONAL_TEXT_REMOVED,
        FlagKind.UNKNOWN_KEY,
        FlagKind.COLLECTED_BEFORE_CREATED,  # custody finds this one by itself
    },
)
"""Flags that nobody has to explain."""


class OrderUnknown(NotFound):
    """There is no such order, or no such version of it."""

    title = "Order unknown"


class OrderOutdated(Outdated):
    """Somebody changed the order after the version that this was decided on."""

    title = "Order changed since"


class StatusRefused(Malformed):
    """An order is cancelled once, and restored when it is cancelled."""

    title = "Not possible in this status"


class OrderDiffers(Conflict):
    """The order was imported before, and said something else."""

    title = "Order differs"


class IdentifierTaken(Malformed):
    """A name of the order is already somebody else's."""

    title = "Identifier taken"


def what_the_file_says(_work: Work, attempt: Attempt) -> list[Flag]:
    """The oddities that the reader of the file found, as flags of the event."""
    if attempt.source.kind != "file":
        return []
    return [
        Flag(odd["code"], odd["sentence"], is_doubt=odd["code"] not in MERELY_NOTED)
        for odd in attempt.details.get("odd", ())
    ]


def odd_of_the_order(order: ProgrammeOrder) -> list[dict[str, str]]:
    """What is odd in an order as a whole, or in a tube of which it tells no step."""
    told = {test for tube in order.tubes if tube.fate is not Fate.EXPECTED for test in tube.tests}
    odd = [flag.told for flag in order.flags if not told.intersection(flag.tests)]
    if is_cancelled(order):
        sentence = (
            "The order was cancelled; what was collected for it is not to be used before that is settled."
        )
        odd.append({"code": ORDER_CANCELLED, "where": "$.cancelledInfo", "sentence": sentence})
    return odd


def odd_of_the_tube(order: ProgrammeOrder, tube: OrderedTube) -> list[dict[str, str]]:
    return [flag.told for flag in order.flags if set(tube.tests).intersection(flag.tests)]


def is_cancelled(order: ProgrammeOrder) -> bool:
    return order.cancelled_info is not None and order.restored_info is None


def is_kept_as_alias(identifier: OrderIdentifier) -> bool:
    """Whether the kit may be found by it: it names an order, and no participant."""
    fits = len(identifier.system) <= LONGEST_ISSUER and len(identifier.value) <= LONGEST_ALIAS
    return fits and not identifier.names_participant and not is_tracking_number(identifier)


def is_tracking_number(identifier: OrderIdentifier) -> bool:
    """Carriers use numbers again, so one of them names no order."""
    return re.search(r"track", identifier.system, re.IGNORECASE) is not None


def may_be_an_order(content: bytes, file: str) -> bytes:
    """Before anything of it is read. Raises `FileRefused`."""
    if len(content) > LARGEST_ORDER:
        raise FileRefused(file, "$", f"it is larger than {LARGEST_ORDER} bytes, which no order is")
    return content


def says_the_same(work: Work, found: ImportedOrder, content_hash: str) -> None:
    """As it said in one of its versions. Raises `OrderDiffers`."""
    if content_hash not in content_hashes(work, found.id):
        kit = work.session.get_one(Item, found.kit_id)
        raise OrderDiffers(
            f"this order was imported before with other content (kit {printed(kit.identifier)}); nothing was "
            "changed, compare the two, and send what is wrong with the status amended",
            where="$.identifier",
            field="identifier",
            order=kit.identifier,
        )


def names_one_order(found: Sequence[ImportedOrder]) -> None:
    """Raises `IdentifierTaken`."""
    if len(found) > 1:
        raise IdentifierTaken(
            "its identifiers belong to several orders that are here already; the sender must correct them",
            where="$.identifier",
            field="identifier",
        )


def names_are_of_one_order(own: Collection[str], others: Collection[str], names: Sequence[str]) -> None:
    """`own` are all names of this order, `others` those of the one here; they are one order if one set holds
    the other. `names` stand in the order of `identifier`. Raises `IdentifierTaken`.
    """
    if set(own) <= set(others) or set(others) <= set(own):
        return
    position = next(at for at, name in enumerate(names) if name in others)
    raise IdentifierTaken(
        "this identifier is on another order; the sender must correct it",
        where=f"$.identifier[{position}]",
        field=f"identifier[{position}]",
    )


def names_no_other_order(work: Work, order_id: int, names: Sequence[str]) -> None:
    """Raises `IdentifierTaken`."""
    for position, name in enumerate(names):
        if any(found.id != order_id for found in orders_known_by(work, [name], "")):
            raise IdentifierTaken(
                "this identifier is on another order; the sender must correct it",
                where=f"$.identifier[{position}]",
                field=f"identifier[{position}]",
            )


def is_newest(version: int, expected: int) -> None:
    """Raises `OrderOutdated`."""
    if version != expected:
        raise OrderOutdated(
            f"The order is at version {version}, and this was decided on version {expected}; read the order "
            "again, then decide.",
            version=version,
        )


def may_be_cancelled(status: OrderStatus) -> None:
    """Raises `StatusRefused`."""
    if status is OrderStatus.CANCELLED:
        raise StatusRefused("The order is cancelled already; nothing was changed.", field="status")


def may_be_restored(status: OrderStatus) -> None:
    """Raises `StatusRefused`."""
    if status is not OrderStatus.CANCELLED:
        raise StatusRefused(
            f"The order is not cancelled ({status.value}); only a cancelled one is restored.", field="status"
        )


def amendment_keeps_status(order: ProgrammeOrder, status: OrderStatus) -> None:
    """Raises `FileRefused` for one that cancels or restores in passing."""
    cancelled = status is OrderStatus.CANCELLED
    if is_cancelled(order) and not cancelled:
        raise FileRefused(order.file, "$.cancelledInfo", "an order is cancelled with PATCH; leave this out")
    if order.restored_info and cancelled:
        raise FileRefused(order.file, "$.restoredInfo", "an order is restored with PATCH; leave this out")


def names_nothing_else(
    work: Work, position: int, identifier: OrderIdentifier, but: int | None = None
) -> None:
    """`but` is the number of the order's own kit. Raises `IdentifierTaken`."""
    bearer = bearer_of(work, identifier.system, identifier.value)
    if bearer is not None and bearer.id != but:
        raise IdentifierTaken(
            f"this identifier is that of {printed(bearer.identifier)}, which is here already; "
            "the sender must correct it",
            where=f"$.identifier[{position}]",
            field=f"identifier[{position}]",
        )


def is_of_participant(order: ProgrammeOrder, named: frozenset[str | None], participant: str | None) -> None:
    """Raises `FileRefused`; neither of the two is named in it."""
    if participant not in named:
        raise FileRefused(
            order.file,
            "$.subject",
            "the order is of another participant; cancel it and send a new one, or have two people correct "
            "the participant of its kit",
        )


def sites_have_codes(order: ProgrammeOrder) -> None:
    """Raises `FileRefused` for a site that cannot be known here by its value."""
    for handling in HANDLINGS:
        info = order.info(handling)
        if info and info.site:
            site_has_a_code(info.site, f"$.{handling}Info.site.value", order.file)


def site_has_a_code(site: SiteReference, where: str, file: str) -> None:
    """Raises `FileRefused`."""
    if not CODE.fullmatch(site.value):
        raise FileRefused(
            file,
            where,
            "a site's code has up to 64 letters, digits, dots, dashes or underscores; correct it",
        )


def person_known(work: Work, author: Author, where: str, file: str) -> str:
    """Somebody as we gave them back. Raises `FileRefused`."""
    try:
        person = person_named(work, author.value)
    except PersonUnknown:
        person = None
    if person is None or not person.outsider:
        raise FileRefused(file, where, "this is nobody that we gave back; send the sender's own account")
    return person.username
