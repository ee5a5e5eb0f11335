"""What the chair hears of each tube: what it is, whether it was recorded, and which one comes next."""

from collections.abc import Sequence
from typing import Any

from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.states import LIVE, Action, State
from biobank.custody.steps import AskedBack, ItemNow, Recorded
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.choices import Fill
from biobank.kits.collecting import SaidBefore, SaidOtherwise
from biobank.kits.open_kits import OtherKitOpen
from biobank.kits.queries import specification_of_tube
from biobank.web.collect_buttons import reason_word
from biobank.web.feedback import QUIET, refused, tell, tell_of
from biobank.web.words import done_word, millilitres, spoken


def tell_of_tube(work: Work, done: Recorded) -> None:
    """Right and what comes next; what has to be heard of a doubtful tube stands before that."""
    name = name_of_tube(work, done.item)
    if done.repeated:
        tell(
            "Collected already",
            f"{name} was collected before; nothing was recorded now. {what_is_next(work, done.item)}",
            tone="ask",
        )
        return
    if any(alert.kind not in QUIET for alert in done.alerts):
        tell_of(done)
        return
    tell(_word(done), _what_was_said(done, name, what_is_next(work, done.item)))


def _word(done: Recorded) -> str:
    fill = done.event.get("details", {}).get("fill")
    return FILLED.get(fill) or done_word(done.event["action"])


FILLED = {Fill.SHORT: "Collected, short", Fill.UNKNOWN: "Collected, amount not known"}


def _what_was_said(done: Recorded, name: str, following: str) -> str:
    """One sentence a kind of answer, and what to do next."""
    action, details = done.event["action"], done.event.get("details", {})
    if action != Action.COLLECT:
        reason = reason_word(str(details.get("reason", "")))
        broke = action == Action.BREAK
        return (
            f"{name} broke: {reason}. {following}" if broke else f"{name} stays empty: {reason}. {following}"
        )
    volume = millilitres(details.get("volume_microlitres"))
    if details.get("fill") == Fill.SHORT:
        return f"{name} holds about {volume}. {following}" if volume else f"{name} is not full. {following}"
    if details.get("fill") == Fill.UNKNOWN:
        return f"Nobody knows how full {name} is. {following}"
    return f"{name} is full. {following}"


def tell_of_rest(done: Sequence[Recorded]) -> None:
    reason = reason_word(done[0].event["details"]["reason"])
    tell("Rest not collected", f"{len(done)} tubes are marked as not collected: {reason}.")


def tell_of_undo(work: Work, done: Sequence[Recorded]) -> None:
    """Nothing was erased: the log keeps both."""
    if len(done) > 1:
        tell("Taken back", f"{len(done)} tubes wait again for an answer.", tone="ask")
        return
    tube = done[0].item
    tell("Taken back", f"{name_of_tube(work, tube)} is {spoken(tube.state)} again.", tone="ask")


def refused_here(refusal: DomainError) -> dict[str, Any]:
    """The big answer to what was not recorded; a question sounds and looks like one."""
    is_question = isinstance(refusal, AskedBack | OtherKitOpen | SaidOtherwise | SaidBefore)
    return refused(refusal) | ({"tone": "ask", "link": None} if is_question else {})


def name_of_tube(work: Work, tube: ItemNow | Item) -> str:
    """`8 mL SST`, else its code."""
    specification = specification_of_tube(work, tube)
    return specification.label if specification else printed(tube.identifier)


LEFT = LIVE - {State.COLLECTED}
"""A tube that is collected after its siblings went is a straggler."""


def what_is_next(work: Work, tube: ItemNow) -> str:
    tubes = tubes_of_kit(work, tube.kit_id) if tube.kit_id is not None else []
    if any(each.state in LEFT and each.id != tube.id for each in tubes):
        return "The other tubes of this kit have left; pack this one by itself."
    following = [each for each in tubes if each.state == State.EXPECTED.value]
    if not following:
        return "Every tube of this kit has its answer."
    return f"Next in draw order: {name_of_tube(work, following[0])}; {len(following)} to go."
