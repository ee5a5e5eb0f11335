"""What of a kit is ready for a parcel and why the rest is not; above parcels, since it asks the bench."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.core.moments import Told
from biobank.custody.checks import seen_by
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_now, newest_events
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.processing.choices import PackStanding, Phase
from biobank.processing.queries import at_a_clinic, ends_at, newest_spin, waiting_for_spin

MOST_KITS = 20
"""Kits that one page lists; whose turn comes later is shown when these are packed."""


class NothingReady(Conflict):
    """Nothing of a kit can go into a parcel now."""

    title = "Nothing ready"


@dataclass(frozen=True)
class Line:
    """One tube of a kit beside a parcel. `until` is when it may be spun, or when its spin is over."""

    tube: Item
    standing: PackStanding
    until: datetime | None = None
    parcel: Item | None = None
    """The other parcel that it lies in."""


def kits_to_pack(work: Work, origin: str, parcel: ItemNow | Item) -> list[Item]:
    """Kits with tubes in this parcel or waiting at its origin, the oldest first."""
    waiting = select(Item.kit_id).where(*at_a_clinic([origin]), Item.kit_id.is_not(None))
    inside = select(Item.kit_id).where(Item.container_id == parcel.id, Item.kit_id.is_not(None))
    asked = select(Item).where(Item.id.in_(waiting.union(inside))).order_by(Item.id).limit(MOST_KITS)
    return list(work.session.scalars(asked))


def lines_of_kit(work: Work, kit: ItemNow | Item, parcel: ItemNow | Item) -> list[Line]:
    """Every tube of a kit in draw order, and how it stands to this parcel."""
    return [line_of_tube(work, tube, parcel) for tube in tubes_of_kit(work, kit.id)]


def line_of_tube(work: Work, tube: Item, parcel: ItemNow | Item) -> Line:
    if tube.container_id == parcel.id and tube.state == State.COLLECTED.value:
        return Line(tube, PackStanding.INSIDE)
    known = BY_STATE.get(State(tube.state))
    if known is not None:
        return Line(tube, known)
    if tube.state != State.COLLECTED.value:
        return Line(tube, PackStanding.ELSEWHERE)
    around = work.session.get(Item, tube.container_id) if tube.container_id is not None else None
    if around is not None and around.kind == Kind.PARCEL.value:
        return Line(tube, PackStanding.OTHER_PARCEL, parcel=around)
    if holds_on(work, tube.id):
        return Line(tube, PackStanding.HELD)
    return _before_and_after_the_spin(work, tube, moments.now())


BY_STATE = {
    State.EXPECTED: PackStanding.TO_COLLECT,
    State.NOT_COLLECTED: PackStanding.NOT_COLLECTED,
    State.IN_TRANSIT: PackStanding.SENT,
    State.BROKEN: PackStanding.BROKEN,
}
SPINS_LATER = {Phase.CLOTTING: PackStanding.CLOTTING, Phase.LATE: PackStanding.TOO_LATE}


def _before_and_after_the_spin(work: Work, tube: Item, now: datetime) -> Line:
    waiting = waiting_for_spin(work, tube)
    if waiting is not None:
        phase = waiting.window.phase(now)
        until = waiting.window.opens_at if phase is Phase.CLOTTING else waiting.window.closes_at
        return Line(tube, SPINS_LATER.get(phase, PackStanding.TO_SPIN), until)
    run = newest_spin(work, tube.id)
    end = ends_at(run) if run else None
    return Line(tube, PackStanding.SPINNING, end) if end and end > now else Line(tube, PackStanding.READY)


def put_in(
    work: Work,
    parcel: str,
    text: str,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    confirmation: str | None = None,
) -> list[Recorded]:
    """What was scanned goes into the parcel: a tube, or of a kit all that is ready.

    What lies in it already is packed once. Raises `NothingReady` and what `record` does.
    """
    found = item_now(work, text)
    if found.kind is Kind.KIT:
        return pack_kit(work, parcel, found.identifier, by=by, source=source, at=at)
    if found.container_id == item_now(work, parcel).id:
        return [Recorded(newest_events(work, found.identifier, 1)[0], found, repeated=True)]
    packed = record(
        work, found.identifier, Action.PACK, by=by, source=source, at=at, place=parcel,
        confirmation=confirmation,
    )  # fmt: skip
    return [packed]


def pack_kit(
    work: Work, parcel: str, kit: str, *, by: Actor, source: Source, at: Told | None
) -> list[Recorded]:
    """Everything of a kit that is ready, all or none. Raises `NothingReady`, `OtherSite`."""
    found, place = item_now(work, kit), item_now(work, parcel)
    seen_by(work, by, found)
    lines = lines_of_kit(work, found, place)
    ready = [line.tube.identifier for line in lines if line.standing is PackStanding.READY]
    if not ready:
        raise NothingReady(_nothing(found, lines), item=found.identifier)
    return [
        record(work, tube, Action.PACK, by=by, source=source, at=at, place=place.identifier) for tube in ready
    ]


def _nothing(kit: ItemNow, lines: Iterable[Line]) -> str:
    if any(line.standing is PackStanding.INSIDE for line in lines):
        return f"All of kit {printed(kit.identifier)} that is ready lies in this parcel already."
    return (
        f"Nothing of kit {printed(kit.identifier)} is ready to be packed; its list below says why, "
        "and a tube that goes all the same is scanned by itself."
    )
