"""What the chair hears of each tube: what it is, whether it was recorded, and which one comes next."""

from biobank.core.database import Work
from biobank.custody.states import State
from biobank.custody.steps import ItemNow, Recorded
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.queries import specification_of_tube
from biobank.web.feedback import QUIET, tell, tell_of
from biobank.web.words import done_word


def tell_of_tube(work: Work, done: Recorded) -> None:
    """Right and what comes next; what has to be heard of a doubtful tube stands before that."""
    if done.repeated:
        tell(
            "Collected already",
            f"{name_of_tube(work, done.item)} was collected before; nothing was recorded now. "
            f"{what_is_next(work, done.item)}",
            tone="ask",
        )
        return
    if any(alert.kind not in QUIET for alert in done.alerts):
        tell_of(done)
        return
    tell(done_word(done.event["action"]), f"{name_of_tube(work, done.item)}. {what_is_next(work, done.item)}")


def name_of_tube(work: Work, tube: ItemNow | Item) -> str:
    """`8 mL SST`, else its code."""
    specification = specification_of_tube(work, tube)
    return specification.label if specification else printed(tube.identifier)


def what_is_next(work: Work, tube: ItemNow) -> str:
    tubes = tubes_of_kit(work, tube.kit_id) if tube.kit_id is not None else []
    following = [each for each in tubes if each.state == State.EXPECTED.value]
    if not following:
        return "Every tube of this kit has its answer."
    return f"Next in draw order: {name_of_tube(work, following[0])}; {len(following)} to go."
