"""Putting what is in the hand into a place, by the step that fits it; where in a place the next one goes."""

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import Told
from biobank.custody.checks import is_specimen
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.storage.proposals import Proposal, positions_for, propose_position, wanted_by
from biobank.storage.queries import Unit, is_storage
from biobank.storage.surroundings import surroundings_of


class NothingInHand(Invalid):
    """A place or nothing was scanned before it was known what is to be stored."""

    title = "What is to be stored"


class NoRoom(Conflict):
    """Every position is taken or kept free for others."""

    title = "No room there"


def step_into(item: ItemNow) -> Action:
    """What storing it is called: a place or something stored is moved, what was out is checked in."""
    if is_storage(item) or item.state is State.STORED:
        return Action.MOVE
    return Action.CHECK_IN if item.state is State.CHECKED_OUT else Action.STORE


def put(
    work: Work,
    item: ItemNow,
    place: str,
    position: str | None,
    *,
    by: Actor,
    at: Told | None,
    confirmation: str | None = None,
) -> Recorded:
    """Raises what `record` raises."""
    return record(
        work,
        item.identifier,
        step_into(item),
        by=by,
        source=Source("scan"),
        at=at,
        place=place,
        position=position,
        confirmation=confirmation,
    )


def where_to(work: Work, item: ItemNow, by: Actor, unit: Unit | None = None) -> Proposal | None:
    """The proposed place, or in a named unit its next position; None when there is no room for it.

    A box or rack in the hand is proposed a position only in a unit that was named.
    """
    if unit is None:
        return propose_position(work, item, by) if is_specimen(item) else None
    if unit.fittings.grid is None or unit.item.kind == Kind.AUTOMATED_STORE:
        return Proposal(unit, None)
    here = surroundings_of(work, unit.item.id)
    free = positions_for(work, unit, here, wanted_by(work, item, by))
    return Proposal(unit, free[0]) if free else None


def refuse_full(unit: Unit) -> None:
    """Raises `NoRoom`."""
    raise NoRoom(
        f"{unit.name} ({printed(unit.item.identifier)}) has no free position that is not kept for others; "
        "scan another place."
    )
