"""Who works at places waits for others who do, and never two for each other.

Places are locked from the outside inwards, then what lies in them in the order of its numbers.
"""

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.item_entries import Overtaken
from biobank.custody.locking import lock_in_order
from biobank.custody.states import STORAGE, Kind
from biobank.custody.steps import Attempt, ItemNow
from biobank.storage.filling import boxes_below
from biobank.storage.queries import LOCK_UNIT, lock_unit
from biobank.storage.surroundings import surroundings_of

HOLDS_OTHERS = STORAGE | {Kind.PARCEL}


def lock_around(work: Work, place: int) -> None:
    """A place and all that is around it, the outermost first; once more where it was carried meanwhile."""
    locked: list[int] = []
    while (around := surroundings_of(work, place).around) != locked:
        for number in reversed(around):
            work.run(LOCK_UNIT, item_id=number).fetchone()
        locked = around


def lock_for_a_move(work: Work, item: ItemNow, place: ItemNow) -> None:
    """For a place that is carried: of two who carry two places into each other the second sees the first."""
    for number in sorted({surroundings_of(work, each.id).around[-1] for each in (item, place)}):
        work.run(LOCK_UNIT, item_id=number).fetchone()
    lock_around(work, place.id)


def lock_all_within(work: Work, unit: ItemNow) -> None:
    """The unit and every place in it: nothing is put into any of them until the transaction ends."""
    lock_unit(work, unit)
    lock_in_order(work, work.session.scalars(select(boxes_below([unit.id]).c.id)).all())


def place_holds_still(work: Work, attempt: Attempt) -> None:
    """The first question about a place: what the others find of it is so until the step is written.

    Nobody gives the place up, keeps it free, refits it, declares it failing or sends it off meanwhile.
    Raises `Overtaken` where somebody just did: the step is judged anew.
    """
    if attempt.place is None or attempt.place.kind not in HOLDS_OTHERS:
        return
    if attempt.item.kind in HOLDS_OTHERS:
        lock_for_a_move(work, attempt.item, attempt.place)
    if lock_unit(work, attempt.place) != attempt.place.sequence:
        raise Overtaken
