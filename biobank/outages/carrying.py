"""Carrying racks out of a failed unit: one scan of the rack, one of where it goes, and no rule in the way."""

from dataclasses import dataclass

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.checks import may_see
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import Action
from biobank.custody.steps import Alert, ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.positions import normalise_position
from biobank.outages import checks
from biobank.outages.contents import list_specimens
from biobank.outages.inputs import CarriedOut
from biobank.outages.models import Outage, OutageLine, OutagePiece
from biobank.outages.operations import hold_what_is_listed, note
from biobank.outages.queries import counts_by_piece, is_out_of_service, outage_seen_by, piece_of, subject_of
from biobank.storage.checks import named
from biobank.storage.locking import lock_all_within, lock_for_a_move
from biobank.storage.queries import fittings_of, occupant_of
from biobank.storage.surroundings import surroundings_of


@dataclass(frozen=True)
class Carried:
    """The step that was recorded, what has to be said about it, and how many specimens it held."""

    recorded: Recorded
    alerts: tuple[Alert, ...]
    position: str | None
    held: int


def carry_out(
    work: Work, number: int, carried: CarriedOut, *, by: Actor, at: Told | None, source: Source
) -> Carried:
    """A piece stands somewhere else now; what is in it is held, by the outage if nothing held it yet.

    A position that the unit has not, or in which the log has another, is left out and said: never two in
    one. A piece that the log had elsewhere joins. Raises `NoSuchOutage`, `OutageEnded`, `UnknownItem`,
    `NotAPlace`, `NoSuchStep`.
    """
    outage = outage_seen_by(work, by, number, locked=True)
    checks.still_stands(outage)
    item, place = item_now(work, carried.piece), item_now(work, carried.place)
    lock_for_a_move(work, item, place)
    lock_all_within(work, item)
    position, doubts = _position_there(work, item, place, carried.position, by)
    done = record(
        work, item.identifier, Action.MOVE, by=by, source=source, at=at, place=place.identifier,
        position=position, details={"outage": subject_of(outage)}, confirmation=subject_of(outage),
    )  # fmt: skip
    outage = outage_seen_by(work, by, number, locked=True)
    piece, taken_over = _piece(work, outage, item)
    is_out = not _is_in_it(work, outage, place)
    _stands_there(piece, place, position, by, at, is_out=is_out)
    piece_id, stood, moved_at = piece.id, _joined_from(work, piece), moments.text_or_none(piece.moved_at)
    before = _specimens(work, outage, piece_id)
    list_specimens(work, outage, OutagePiece.id == piece_id)
    came = _specimens(work, outage, piece_id) - before
    held = hold_what_is_listed(work, outage, by, OutageLine.piece_id == piece_id)
    outage = outage_seen_by(work, by, number)
    content: dict[str, object] = {
        "piece": item.identifier, "place": place.identifier, "position": position, "out": is_out,
        "at": moved_at, "joined": stood, "specimens": came,
    }  # fmt: skip
    note(work, outage, "carried_out", by, content)
    alerts = (*done.alerts, *doubts, *_said(work, outage, place, is_out, taken_over))
    return Carried(done, alerts, position, held)


def _specimens(work: Work, outage: Outage, piece_id: int) -> int:
    return counts_by_piece(work, outage, [piece_id]).get(piece_id, 0)


def _position_there(
    work: Work, item: ItemNow, place: ItemNow, asked: str | None, by: Actor
) -> tuple[str | None, list[Alert]]:
    """The position, if the unit has it and nothing else is logged in it."""
    position, fittings = normalise_position(asked), fittings_of(work, place.id)
    if position is None or fittings is None:
        return None, []
    without = f"It is recorded in {named(place)} without a position."
    if fittings.grid is None or position not in fittings.grid:
        return None, [Alert("position", f"There is no {position} there. {without}")]
    occupant = occupant_of(work, place.id, position)
    if occupant is None or occupant == item.identifier:
        return position, []
    in_it = printed(occupant) if may_see(by, place) else "something of that site"
    taken = f"{position} is taken by {in_it} in the log."
    return None, [Alert("position", f"{taken} {without}")]


def _piece(work: Work, outage: Outage, item: ItemNow) -> tuple[OutagePiece, int]:
    """The listed piece, or one that joins; and how many specimens it took over from others."""
    found = piece_of(work, outage, item.id, locked=True)
    if found is not None:
        return found, 0
    joined = OutagePiece(
        outage_id=outage.id, item_id=item.id, stood_in=item.container_id, stood_at=item.position, joined=True
    )
    work.session.add(joined)
    work.flush()
    return joined, _take_over(work, outage, joined)


def _take_over(work: Work, outage: Outage, piece: OutagePiece) -> int:
    """A box that was taken out of its rack is a piece of its own, with what lies in it."""
    inner = select(OutageLine).where(
        OutageLine.outage_id == outage.id,
        (OutageLine.box_id == piece.item_id) | (OutageLine.item_id == piece.item_id),
    )
    lines = list(work.session.scalars(inner))
    for line in lines:
        line.piece_id = piece.id
    work.flush()
    return len(lines)


def _stands_there(
    piece: OutagePiece, place: ItemNow, position: str | None, by: Actor, at: Told | None, *, is_out: bool
) -> None:
    if not is_out:
        piece.moved_at = piece.moved_by = piece.moved_to = piece.moved_position = None
        return
    piece.moved_at = piece.moved_at or (at.at if at else moments.now())
    piece.moved_by, piece.moved_to, piece.moved_position = by.person, place.id, position


def _joined_from(work: Work, piece: OutagePiece) -> list[str | None] | None:
    """Where the log had what joins; None for what was listed."""
    if not piece.joined:
        return None
    around = item_by_id(work, piece.stood_in).identifier if piece.stood_in else None
    return [around, piece.stood_at]


def _is_in_it(work: Work, outage: Outage, place: ItemNow) -> bool:
    """Whether somebody put it back into what failed."""
    return outage.unit_id in surroundings_of(work, place.id).around


def _said(work: Work, outage: Outage, place: ItemNow, is_out: bool, taken_over: int) -> list[Alert]:
    if not is_out:
        return [Alert("outage", f"{named(place)} is in the unit that failed: it still counts as inside.")]
    if is_out_of_service(work, place.id):
        return [Alert("outage", f"{named(place)} is out of service as well; look for another place.")]
    if taken_over:
        return [
            Alert("outage", f"It was listed in another rack of outage {outage.id} and goes by itself now.")
        ]
    return []
