"""What must hold before something goes into waste, is signed for or is confirmed."""

from collections.abc import Iterable, Sequence

from biobank.access.actors import Actor
from biobank.access.checks import permitted
from biobank.access.permissions import Permission, Role
from biobank.core.database import Work
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.moments import now
from biobank.custody.queries import holds_on
from biobank.custody.states import Action, HoldKind, Kind
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.custody.transitions import TRANSITIONS
from biobank.destruction.choices import (
    CYCLE_OF,
    MAY_DESTROY,
    BatchState,
    SigningRole,
)
from biobank.destruction.inputs import Count
from biobank.destruction.models import DestructionOrder, WasteBatch
from biobank.destruction.outside import is_handed_over
from biobank.destruction.queries import (
    batch_of_bag,
    is_unsettled,
    orders_that_want,
    signature_numbered,
    stage,
)
from biobank.items.identifiers import printed
from biobank.sites.queries import clinics


class NotAWasteBag(Invalid):
    title = "Not a waste bag"


class BagClosed(Conflict):
    title = "Bag is closed"


class NotOrdered(Conflict):
    title = "Not to be destroyed"


class ClinicShipsIt(Conflict):
    title = "Ship it to the biobank"


class OrderWaits(Conflict):
    title = "Not yet"


class PiecesHeld(Conflict):
    title = "Under a legal hold"


class OnlyWithItsBatch(Conflict):
    title = "Destroyed by signatures"


class CountDiffers(Conflict):
    title = "Pieces and scans differ"


class CycleMissing(Invalid):
    title = "Which run"


class NotCounted(Conflict):
    title = "Not counted"


class SignedAlready(Conflict):
    title = "Signed already"


class SamePerson(Forbidden):
    title = "Somebody else signs"


class OtherRole(Forbidden):
    title = "Not your signature"


class NotYourSite(Forbidden):
    title = "Not your site"


class CeremonyNotOpen(Conflict):
    title = "Nothing to settle"


class OnlyCompliance(Forbidden):
    title = "Compliance decides"


def bag_takes_it(work: Work, attempt: Attempt) -> None:
    """Wired before `put_in_waste`: the place is a bag that is being filled."""
    if attempt.place is None or attempt.place.kind is not Kind.WASTE:
        named = attempt.place.kind.replace("_", " ") if attempt.place else "nothing"
        raise NotAWasteBag(f"This is a {named}; scan the code of a waste bag.", field="place")
    bag = printed(attempt.place.identifier)
    batch = batch_of_bag(work, attempt.place.id, locked=True)
    if batch is None or batch.state != BatchState.FILLING:
        word = batch.state if batch else "not open"
        raise BagClosed(f"Bag {bag} is {word}: nothing goes into it any more. Open another bag.")
    if attempt.place.site and not attempt.by.works_at(attempt.place.site):
        raise BagClosed(f"Bag {bag} is of {attempt.place.site}; take a bag of your own site.")


def destruction_is_ordered(work: Work, attempt: Attempt) -> None:
    """Wired before `put_in_waste`: an order wants it, and its time has come. A loud stop otherwise."""
    name = printed(attempt.item.identifier)
    standing = orders_that_want(work, attempt.item.id)
    if not standing:
        raise NotOrdered(
            f"STOP: {name} is on no destruction order. Do not put it in waste; take it back to its place "
            "and tell a biobank lead.",
            item=attempt.item.identifier,
        )
    _time_has_come(attempt.item, standing)


def _time_has_come(item: ItemNow, orders: Iterable[DestructionOrder]) -> None:
    """Of every order: a pool is nobody's alone. Raises `OrderWaits`."""
    for order in orders:
        if stage(order) not in MAY_DESTROY:
            raise OrderWaits(f"STOP: {waits_for(item, order)}", item=item.identifier)


def clinic_may_destroy_it(work: Work, attempt: Attempt) -> None:
    """Wired before `put_in_waste`: a clinic ships what it has, unless the settings or compliance say else."""
    site = attempt.place.site if attempt.place else None
    if site not in clinics(work) or work.settings.clinics_destroy:
        return
    if not any(order.at_clinics for order in orders_that_want(work, attempt.item.id)):
        raise ClinicShipsIt(
            f"{printed(attempt.item.identifier)} is not destroyed at a clinic: ship it to the biobank. Where "
            "that cannot be, compliance says so on its order.",
            item=attempt.item.identifier,
        )


def pieces_are_ordered(work: Work, pieces: Iterable[ItemNow]) -> None:
    """Before a bag is counted or signed: an order may be cancelled or wait again since a piece went in, and
    the piece may be another participant's. Raises `NotOrdered`, `OrderWaits`.
    """
    for piece in pieces:
        orders = orders_that_want(work, piece.id)
        if not orders:
            raise NotOrdered(
                f"STOP: no destruction order wants {printed(piece.identifier)} any more. Take it out of the "
                "bag and put it back in its place; nothing is destroyed with it.",
                item=piece.identifier,
            )
        _time_has_come(piece, orders)


def no_piece_is_held(work: Work, bag: str, pieces: Iterable[ItemNow]) -> None:
    """Before a bag is counted or signed: a legal hold may have come since a piece went in.

    Raises `PiecesHeld`; what one of two people signed is not destroyed either.
    """
    held = [piece for piece in pieces if HoldKind.LEGAL in holds_on(work, piece.id)]
    if held:
        raise PiecesHeld(
            _take_out(printed(bag), [printed(piece.identifier) for piece in held]),
            items=[piece.identifier for piece in held],
        )


def _take_out(bag: str, held: Sequence[str]) -> str:
    if len(held) == 1:
        return (
            f"STOP: a legal hold stands on {held[0]} in bag {bag}; it may not be destroyed. Take it out and "
            "put it in quarantine, then count the bag again."
        )
    return (
        f"STOP: a legal hold stands on {len(held)} pieces in bag {bag}; they may not be destroyed. Take "
        f"these out and put them in quarantine, then count the bag again: {', '.join(held)}."
    )


def waits_for(item: ItemNow, order: DestructionOrder) -> str:
    """One sentence: why an order may not be carried out yet, and what is right until then."""
    if order.legal_hold:
        return (
            f"{printed(item.identifier)} is on order {printed(order.identifier)}, on which a legal hold "
            "stands; keep it in quarantine, cold and usable, until compliance lifts it."
        )
    until = f"the hold window ends on {order.hold_until:%Y-%m-%d %H:%M} UTC"
    reason = until if now() < order.hold_until else "compliance has settled the handling instruction"
    if is_unsettled(order) and now() < order.hold_until:
        reason = f"{until} and compliance has settled the handling instruction"
    return (
        f"{printed(item.identifier)} is on order {printed(order.identifier)}, which waits until {reason}; "
        "keep it in quarantine, cold and usable."
    )


def comes_out_before_the_count(work: Work, attempt: Attempt) -> list[Flag]:
    """Wired before `take_out_of_waste`: after the count it is asked back, and undoes the count."""
    batch = batch_of_bag(work, attempt.item.container_id) if attempt.item.container_id else None
    if batch is None or batch.state == BatchState.FILLING:
        return []
    return attempt.ask_back(
        "taken_out_after_count",
        f"The bag of {printed(attempt.item.identifier)} has been counted; taking it out undoes the count.",
    )


def batch_is_signed(work: Work, attempt: Attempt) -> None:
    """Wired before `destroy`: only the last signature of its batch destroys anything."""
    bag = attempt.item.id if attempt.item.kind is Kind.WASTE else attempt.item.container_id
    batch = batch_of_bag(work, bag) if bag is not None else None
    unsigned = batch is None or batch.performer_signature is None or batch.witness_signature is None
    if unsigned or (batch is not None and is_handed_over(batch)):
        raise OnlyWithItsBatch(
            f"{printed(attempt.item.identifier)} is not destroyed by a scan: put it in waste, count the bag, "
            "and let performer and witness sign the batch.",
            item=attempt.item.identifier,
        )


def count_agrees(bag: str, count: Count, scanned: int) -> None:
    """Raises `CountDiffers`."""
    if count.pieces == scanned:
        return
    more = "more" if count.pieces > scanned else "fewer"
    difference = abs(count.pieces - scanned)
    pieces = "one piece" if difference == 1 else f"{difference} pieces"
    what = "it is" if difference == 1 else "they are"
    raise CountDiffers(
        f"Bag {printed(bag)} holds {pieces} {more} than scanned ({count.pieces} counted, {scanned} scanned): "
        f"nothing is signed until {what} scanned and explained.",
        field="pieces",
        counted=count.pieces,
        scanned=scanned,
    )


def something_to_destroy(bag: str, scanned: int) -> None:
    if scanned == 0:
        raise CountDiffers(f"Bag {printed(bag)} is empty; scan what goes into it first.", field="pieces")


def run_is_named(count: Count) -> None:
    if not count.cycle.strip() or not count.place.strip():
        raise CycleMissing(
            f"Name the {CYCLE_OF[count.method]} and the place where it is done: the certificate states both.",
            field="cycle" if not count.cycle.strip() else "place",
        )


def is_filling(batch: WasteBatch, bag: str) -> None:
    if batch.state != BatchState.FILLING:
        raise BagClosed(f"Bag {printed(bag)} is {batch.state} already; undo the count first if it was wrong.")


def is_counted(batch: WasteBatch, bag: str) -> None:
    if batch.state != BatchState.COUNTED:
        word = "not counted yet" if batch.state == BatchState.FILLING else "destroyed already"
        raise NotCounted(f"Bag {printed(bag)} is {word}; a batch is signed once it is counted.")


def role_is_free(work: Work, batch: WasteBatch, role: SigningRole, signer: str) -> None:
    """Each role signs once, and the two are different people. Raises `SignedAlready`, `SamePerson`."""
    numbers = {
        SigningRole.PERFORMER: batch.performer_signature,
        SigningRole.WITNESS: batch.witness_signature,
    }
    if numbers[role] is not None:
        raise SignedAlready(f"The {role} has signed this batch already; the other signature is missing.")
    others = [signature_numbered(work, number) for number in numbers.values()]
    if any(other is not None and other.signer == signer for other in others):
        raise SamePerson(f"{signer} signed this batch already; performer and witness are different people.")


def signer_may_sign(signer: Actor, role: SigningRole, site: str | None) -> None:
    """A witness needs the permission to sign, a performer a role that destroys as well; both are there."""
    permitted(signer, Permission.SIGN_DESTRUCTION)
    bench = TRANSITIONS[Kind.WASTE, Action.DESTROY].roles
    if role is SigningRole.PERFORMER and not signer.roles & bench:
        raise OtherRole(f"{signer.person} may witness a destruction and not perform one; a technician does.")
    if site is not None and not signer.works_at(site):
        raise NotYourSite(f"{signer.person} does not work at {site}; somebody who does signs.", site=site)


def site_is_yours(by: Actor, site: str) -> None:
    if not by.works_at(site):
        raise NotYourSite(f"You do not work at {site}; open the bag at a site of your own.", site=site)


def compliance_decides(by: Actor, sentence: str = "This is decided by compliance; ask them.") -> None:
    """Raises `OnlyCompliance`."""
    if not by.has(Role.COMPLIANCE):
        raise OnlyCompliance(sentence)


def ceremony_is_open(order: DestructionOrder) -> None:
    if not is_unsettled(order):
        raise CeremonyNotOpen(f"Order {printed(order.identifier)} waits for no handling instruction.")
