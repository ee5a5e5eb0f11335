"""What must hold before an order is imported, and what a file itself tells that is odd."""

import re
from collections.abc import Sequence

from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.custody.steps import Attempt, Flag
from biobank.exchange.choices import Fate, FlagKind
from biobank.exchange.inputs import OrderedTube, OrderFlag, OrderIdentifier, ProgrammeOrder
from biobank.exchange.json_document import FileRefused
from biobank.exchange.models import ImportedOrder
from biobank.exchange.queries import bearer_of
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.sites.checks import CODE

ORDER_CANCELLED = "order_cancelled"
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


class OrderDiffers(Conflict):
    """The order was imported before, and said something else."""

    title = "Order differs"


class IdentifierTaken(Conflict):
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
    odd = [_odd(flag) for flag in order.flags if not told.intersection(flag.tests)]
    if is_cancelled(order):
        sentence = (
            "The order was cancelled; what was collected for it is not to be used before that is settled."
        )
        odd.append({"code": ORDER_CANCELLED, "where": "$.cancelledInfo", "sentence": sentence})
    return odd


def odd_of_the_tube(order: ProgrammeOrder, tube: OrderedTube) -> list[dict[str, str]]:
    return [_odd(flag) for flag in order.flags if set(tube.tests).intersection(flag.tests)]


def _odd(flag: OrderFlag) -> dict[str, str]:
    return {"code": flag.kind.value, "where": flag.where, "sentence": flag.sentence}


def is_cancelled(order: ProgrammeOrder) -> bool:
    return order.cancelled_info is not None and order.restored_info is None


def is_kept_as_alias(identifier: OrderIdentifier) -> bool:
    """Whether the kit may be found by it: it names an order, and no participant."""
    fits = len(identifier.system) <= LONGEST_ISSUER and len(identifier.value) <= LONGEST_ALIAS
    return fits and not identifier.names_participant and not is_tracking_number(identifier)


def is_tracking_number(identifier: OrderIdentifier) -> bool:
    """Carriers use numbers again, so one of them names no order."""
    return re.search(r"track", identifier.system, re.IGNORECASE) is not None


def says_the_same(work: Work, found: ImportedOrder, content_hash: str) -> None:
    """Raises `OrderDiffers`."""
    if found.content_hash != content_hash:
        kit = work.session.get_one(Item, found.kit_id)
        raise OrderDiffers(
            f"this order was imported before with other content (kit {printed(kit.identifier)}); nothing was "
            "changed, compare the two",
            where="$.identifier",
        )


def names_one_order(found: Sequence[ImportedOrder]) -> None:
    """Raises `IdentifierTaken`."""
    if len(found) > 1:
        raise IdentifierTaken(
            "its identifiers belong to several orders that are here already; the sender must correct them",
            where="$.identifier",
        )


def names_nothing_else(work: Work, position: int, identifier: OrderIdentifier) -> None:
    """Raises `IdentifierTaken`."""
    bearer = bearer_of(work, identifier.system, identifier.value)
    if bearer is not None:
        raise IdentifierTaken(
            f"this identifier is that of {printed(bearer.identifier)}, which is here already; "
            "the sender must correct it",
            where=f"$.identifier[{position}]",
        )


def sites_have_codes(order: ProgrammeOrder) -> None:
    """Raises `FileRefused` for a site that cannot be known here by its value."""
    for key in ("created", "collected", "processed", "finalized"):
        info = getattr(order, f"{key}_info")
        if info and info.site and not CODE.fullmatch(info.site.value):
            raise FileRefused(
                order.file,
                f"$.{key}Info.site.value",
                "a site's code has up to 64 letters, digits, dots, dashes or underscores; correct it",
            )
