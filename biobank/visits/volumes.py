"""How much blood was drawn from a participant, and is still to be drawn in a visit."""

from datetime import datetime

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custody.queries import newest_event_of
from biobank.custody.states import Action, Kind, State
from biobank.items.models import Item
from biobank.kits.queries import specification_of_tube
from biobank.participants.queries import codes_of
from biobank.visits.blood_limits import EIGHT_WEEKS, is_blood
from biobank.visits.models import Visit, VisitKit


def blood_of_eight_weeks(work: Work, participant: str, at: datetime) -> int:
    """In microlitres: what was told of each tube, else what it takes; also of tubes that broke since."""
    question = select(Item).where(
        Item.participant.in_(codes_of(work, participant)),
        Item.kind == Kind.TUBE.value,
        Item.collected_at > at - EIGHT_WEEKS,
    )
    return sum(_drawn_into(work, tube) for tube in work.session.scalars(question))


def blood_still_to_draw(work: Work, visit: Visit) -> int:
    """In microlitres: the blood tubes of the visit's kits of which nobody has said yet what came of them."""
    question = (
        select(Item)
        .join(VisitKit, VisitKit.kit_id == Item.kit_id)
        .where(VisitKit.visit_id == visit.id, Item.state == State.EXPECTED.value)
    )
    return sum(_nominal(work, tube) for tube in work.session.scalars(question))


def _nominal(work: Work, tube: Item) -> int:
    specification = specification_of_tube(work, tube)
    if specification is None or not is_blood(specification):
        return 0
    return specification.nominal_volume_microlitres or 0


def _drawn_into(work: Work, tube: Item) -> int:
    """Told with the collection; the item's own volume has shrunk with each aliquot since."""
    most = _nominal(work, tube)
    if not most:
        return 0
    event = newest_event_of(work, tube.identifier, Action.COLLECT)
    return int(event.get("details", {}).get("volume_microlitres", most)) if event else most
