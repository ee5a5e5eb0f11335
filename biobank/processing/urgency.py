"""What of some tubes goes first: by its age against the tube's own limits, what is late before all others."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.custody.cases import case_stands
from biobank.custody.models import Discrepancy
from biobank.custody.queries import standing_holds
from biobank.custody.states import Kind, State
from biobank.items.models import Item, ItemParent
from biobank.kits.queries import kits_of_tubes, specification_of_tube
from biobank.processing.choices import Phase, phase_before
from biobank.processing.models import Spin
from biobank.processing.plans import plan_for
from biobank.processing.queries import foreseen


class Need(StrEnum):
    """What waits to be done with a tube before it can be kept."""

    SPIN = "spin"
    FREEZE = "freeze"
    ALIQUOT = "aliquot"


@dataclass(frozen=True)
class Urgent:
    """A tube, what is to be done with it, and until when; None where nobody knows when it was collected."""

    tube: Item
    need: Need
    until: datetime | None

    def phase(self, at: datetime) -> Phase:
        return phase_before(self.until, at)


CAME_BROKEN = "condition_broken"
"""Kind of the case of a tube that was broken when it came."""
LOUDEST_FIRST = (Phase.LATE, Phase.HURRY, Phase.UNKNOWN, Phase.READY)


def what_goes_first(work: Work, items: Sequence[Item], at: datetime) -> list[Urgent]:
    """Of received tubes, those that a plan or a centrifuge waits for, the most urgent first.

    What is held is not worked on: of that only what is frozen as it is waits. What is broken, or was made
    into something, waits for nothing.
    """
    done = _broken(work, items) | _with_children(work, items)
    tubes = [item for item in items if _is_here(item) and item.id not in done]
    kits_of_tubes(work, tubes)
    spun, held = _spun(work, tubes), standing_holds(work, [tube.id for tube in tubes])
    needed = [urgent for tube in tubes if (urgent := _need(work, tube, tube.id in spun))]
    found = [each for each in needed if each.need is Need.FREEZE or each.tube.id not in held]
    return sorted(found, key=lambda each: (LOUDEST_FIRST.index(each.phase(at)), _deadline(each)))


def _is_here(item: Item) -> bool:
    return item.kind == Kind.TUBE.value and item.state == State.RECEIVED.value


def _broken(work: Work, items: Sequence[Item]) -> set[int]:
    """Those that came broken, until somebody has resolved that they can be used."""
    found: set[int] = set()
    for some in in_turns([item.id for item in items]):
        asked = select(Discrepancy.item_id).where(
            Discrepancy.item_id.in_(some),
            Discrepancy.kind == CAME_BROKEN,
            case_stands(),
        )
        found |= set(work.session.scalars(asked))
    return found


def _with_children(work: Work, items: Sequence[Item]) -> set[int]:
    found: set[int] = set()
    for some in in_turns([item.id for item in items]):
        found |= set(work.session.scalars(select(ItemParent.parent_id).where(ItemParent.parent_id.in_(some))))
    return found


def _deadline(urgent: Urgent) -> float:
    return urgent.until.timestamp() if urgent.until else 0.0


def _spun(work: Work, tubes: Sequence[Item]) -> set[int]:
    found: set[int] = set()
    for some in in_turns([tube.id for tube in tubes]):
        asked = select(Spin.item_id).where(Spin.item_id.in_(some), Spin.undone_sequence.is_(None))
        found |= set(work.session.scalars(asked))
    return found


def _need(work: Work, tube: Item, is_spun: bool) -> Urgent | None:
    """A gel by its window, everything else by the plan of the bench; None for what has neither."""
    window = foreseen(specification_of_tube(work, tube), tube.specification)
    if window is not None and not is_spun:
        return Urgent(tube, Need.SPIN, _after(tube, window.latest_minutes))
    plan = plan_for(work.settings, tube.specification)
    if plan is None:
        return None
    if plan.kept_whole is not None:
        return Urgent(tube, Need.FREEZE, _after(tube, plan.kept_whole.freeze_within_minutes))
    need = Need.SPIN if plan.spun and not is_spun and window is None else Need.ALIQUOT
    return Urgent(tube, need, _after(tube, plan.process_within_minutes))


def _after(tube: Item, minutes: int | None) -> datetime | None:
    if tube.collected_at is None or minutes is None:
        return None
    return tube.collected_at + timedelta(minutes=minutes)
