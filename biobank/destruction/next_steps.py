"""What is to be done next on an order, each for those who can: fetch, ship, ask, confirm."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custodians.choices import Wanted
from biobank.custodians.queries import asked_about
from biobank.destruction.choices import MAY_DESTROY
from biobank.destruction.models import DestructionLine, DestructionOrder
from biobank.destruction.queries import stage
from biobank.destruction.walk import Instruction, Pick

BAGS, CONFIRM, OUTSIDE = "/waste-batches", "/destruction-orders/confirm", "/custodians/outside"


@dataclass(frozen=True)
class NextStep:
    """One sentence, and the page where it is done, if the reader does it."""

    sentence: str
    label: str | None = None
    url: str | None = None


def next_steps(
    work: Work,
    order: DestructionOrder,
    by: Actor,
    picks: Sequence[Pick],
    outside: Sequence[int],
    left: Sequence[DestructionLine],
) -> list[NextStep]:
    """`outside` are the numbers of the pieces at custodians, `left` the lines without an end."""
    if stage(order) not in MAY_DESTROY:
        return []
    if not left and by.may(Permission.CONFIRM_DESTRUCTION):
        sentence = "Every line has its end. Confirm the order, and its certificate is issued."
        return [NextStep(sentence, "Confirm", CONFIRM)]
    return [*_of_the_walk(by, picks), *_of_custodians(work, order, outside)]


def _of_the_walk(by: Actor, picks: Sequence[Pick]) -> Iterator[NextStep]:
    shipped = [pick for pick in picks if pick.instruction is Instruction.SHIP]
    there = [pick for pick in picks if pick.instruction is not Instruction.SHIP]
    own = [pick for pick in there if _is_of_a_site_of(by, pick)] if _puts_in_waste(by) else []
    if own:
        yield NextStep(_fetch(len(own)), "To the waste bags", BAGS)
    if shipped:
        yield NextStep(_ship(len(shipped)))
    if _puts_in_waste(by) and len(there) > len(own):
        yield NextStep(_of_others(len(there) - len(own)))


def _puts_in_waste(by: Actor) -> bool:
    return by.may(Permission.PREPARE_DESTRUCTION)


def _is_of_a_site_of(by: Actor, pick: Pick) -> bool:
    return by.works_at((pick.item.custodian or "").removeprefix("site:"))


def _of_custodians(work: Work, order: DestructionOrder, outside: Sequence[int]) -> Iterator[NextStep]:
    asked = asked_about(work, outside)
    mine = [each for each in asked.values() if each.order_id == order.id]
    answering = sum(each.wanted != Wanted.KEEP_UNUSED for each in mine)
    if len(outside) > answering:
        yield NextStep(_ask(len(outside) - answering), "What is outside", OUTSIDE)
    if answering:
        yield NextStep(_wait(answering), "What is outside", OUTSIDE)


def _fetch(count: int) -> str:
    if count == 1:
        return "Fetch 1 piece and scan it into a waste bag."
    return f"Fetch {count} pieces and scan them into a waste bag."


def _ship(count: int) -> str:
    if count == 1:
        return "1 piece is at a clinic, which ships it to the biobank."
    return f"{count} pieces are at a clinic, which ships them to the biobank."


def _of_others(count: int) -> str:
    if count == 1:
        return "1 piece is at another site, whose people put it in waste."
    return f"{count} pieces are at another site, whose people put them in waste."


def _ask(count: int) -> str:
    if count == 1:
        return "1 piece is at a custodian: ask for it."
    return f"{count} pieces are at custodians: ask for them."


def _wait(count: int) -> str:
    if count == 1:
        return "1 piece is at a custodian that was asked: enter what it attests."
    return f"{count} pieces are at custodians that were asked: enter what they attest."
