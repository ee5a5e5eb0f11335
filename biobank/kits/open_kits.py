"""One kit is open at a station at a time: which it is, that it is left, that another is begun."""

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.custody.states import State
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.models import OpenKit


class OtherKitOpen(Conflict):
    """A tube was scanned while another kit is open here: perhaps it is another participant's."""

    title = "Another kit is open here"


def other_kit_open(work: Work, by: Actor, kit: ItemNow) -> Item | None:
    """The kit that was begun at this station, not left, and still has tubes to come."""
    found = work.session.get(OpenKit, _bench(by))
    if found is None or found.kit_id == kit.id or not waits(work, found.kit_id):
        return None
    return work.session.get(Item, found.kit_id)


def waits(work: Work, kit: int) -> bool:
    """Whether nobody has said yet of one of its tubes whether it was collected."""
    return any(tube.state == State.EXPECTED.value for tube in tubes_of_kit(work, kit))


def no_other_kit_is_open(work: Work, by: Actor, kit: ItemNow) -> None:
    """Raises `OtherKitOpen`."""
    other = other_kit_open(work, by, kit)
    if other is not None:
        raise OtherKitOpen(
            f"{printed(other.identifier)} is still being collected at this station, and nothing was recorded "
            "now; go on with it, or leave it for later.",
            kit=other.identifier,
        )


def note_open(work: Work, by: Actor, kit: ItemNow) -> None:
    """An answer was given in this kit here: it is the open one, until no tube of it waits."""
    if not waits(work, kit.id):
        leave_kit(work, by)
        return
    found = work.session.get(OpenKit, _bench(by))
    if found is None:
        found = OpenKit(bench=_bench(by))
        work.session.add(found)
    elif found.kit_id == kit.id:
        return
    found.kit_id, found.opened_at, found.opened_by = kit.id, moments.now(), by.person
    work.flush()


def leave_kit(work: Work, by: Actor) -> None:
    """Whatever is open at this station is left for later; it stays among the kits being collected."""
    found = work.session.get(OpenKit, _bench(by))
    if found is not None:
        work.session.delete(found)
        work.flush()


def _bench(by: Actor) -> str:
    return by.station or f"person {by.person}"
