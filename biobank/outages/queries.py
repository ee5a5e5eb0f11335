"""Questions about outages: which stand, how far each is, what is still inside, how its specimens stand."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import in_turns, locking, row_numbered
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind
from biobank.items.models import Item
from biobank.outages.models import Outage, OutageDecision, OutageLine, OutagePiece
from biobank.storage.surroundings import surroundings_of
from biobank.temperatures.queries import placed_by_a_judgement, waits_for_a_file

outages_told = table_of(Outage)
FIND_FAILING = Statement(select(outages_told.c.unit_id).where(outages_told.c.ended_at.is_(None)))


class NoSuchOutage(NotFound):
    title = "Outage not known"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How many pieces were carried out, of how many; how many specimens are open, of how many."""

    moved: int
    pieces: int
    undecided: int
    specimens: int


def subject_of(outage: Outage) -> str:
    return f"outage:{outage.id}"


def outage_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> Outage:
    """Raises `NoSuchOutage`, also for one of a site that the reader does not work at."""
    found = row_numbered(work, Outage, number, locked=locked)
    if found is None or not by.works_at(found.site):
        raise NoSuchOutage(f"There is no outage {number} at your sites; look through the list of outages.")
    return found


def outages(by: Actor, *, standing: bool | None = None) -> Select[Outage]:
    """Of the reader's sites, to be listed page by page."""
    question = select(Outage)
    if by.sites is not None:
        question = question.where(Outage.site.in_(sorted(by.sites)))
    if standing is None:
        return question
    return question.where(Outage.ended_at.is_(None) if standing else Outage.ended_at.is_not(None))


def unit_of(work: Work, outage: Outage) -> Item:
    return work.session.get_one(Item, outage.unit_id)


def standing_outage_of(work: Work, unit_id: int) -> Outage | None:
    return work.session.scalar(select(Outage).where(Outage.unit_id == unit_id, Outage.ended_at.is_(None)))


def units_failing(work: Work) -> frozenset[int]:
    """Wired for the proposals of storage: nothing new goes where it would grow warm.

    Asked at every scan into storage, so on the scan path's cursor; nearly always there is none.
    """
    return frozenset(number for (number,) in work.run(FIND_FAILING).fetchall())


def is_out_of_service(work: Work, place_id: int) -> bool:
    """It or a unit around it; looked for outwards, since a failed freezer may hold a hundred thousand."""
    failing = units_failing(work)
    return bool(failing) and not failing.isdisjoint(surroundings_of(work, place_id).around)


def outage_around(work: Work, around: Iterable[int]) -> Outage | None:
    """The standing outage of the innermost of these units, told from the inside outwards."""
    failing = units_failing(work)
    failed = next((number for number in around if number in failing), None)
    return standing_outage_of(work, failed) if failed is not None else None


def progress(work: Work, outage: Outage) -> Progress:
    moved = select(func.count(OutagePiece.id), func.count(OutagePiece.moved_at))
    pieces, out = work.session.execute(moved.where(OutagePiece.outage_id == outage.id)).one()
    decided = select(func.count(OutageLine.item_id), func.count(OutageLine.decision_id))
    specimens, done = work.session.execute(decided.where(OutageLine.outage_id == outage.id)).one()
    return Progress(moved=out, pieces=pieces, undecided=specimens - done, specimens=specimens)


def pieces_inside(outage: Outage) -> Select[OutagePiece]:
    """What was not carried out yet, to be listed page by page."""
    return select(OutagePiece).where(OutagePiece.outage_id == outage.id, OutagePiece.moved_at.is_(None))


def pieces_moved(outage: Outage) -> Select[OutagePiece]:
    return select(OutagePiece).where(OutagePiece.outage_id == outage.id, OutagePiece.moved_at.is_not(None))


def piece_of(work: Work, outage: Outage, item_id: int, *, locked: bool = False) -> OutagePiece | None:
    question = select(OutagePiece).where(OutagePiece.outage_id == outage.id, OutagePiece.item_id == item_id)
    return work.session.scalar(locking(question) if locked else question)


def counts_by_piece(work: Work, outage: Outage, numbers: Iterable[int]) -> dict[int, int]:
    """How many specimens each of some pieces held."""
    question = (
        select(OutageLine.piece_id, func.count())
        .where(OutageLine.outage_id == outage.id, OutageLine.piece_id.in_(sorted(numbers)))
        .group_by(OutageLine.piece_id)
    )
    return dict(work.session.execute(question).all())


def minutes_warm(outage: Outage, piece: OutagePiece) -> int | None:
    """From the failure until the piece was carried out, or the unit cooled again; None when nobody knows."""
    until = piece.moved_at or outage.ended_at
    if outage.began_at is None or until is None:
        return None
    return max(0, minutes_between(outage.began_at, until))


def minutes_between(since: datetime, until: datetime) -> int:
    return int((until - since).total_seconds() // 60)


def specimens_of(outage: Outage, *conditions: ColumnElement[bool]) -> Select[int]:
    """Numbers of the listed specimens, in order."""
    question = select(OutageLine.item_id).where(OutageLine.outage_id == outage.id, *conditions)
    return question.order_by(OutageLine.item_id)


def under_its_hold_alone(work: Work, outage: Outage, *conditions: ColumnElement[bool]) -> list[int]:
    """Listed specimens whose hold a judgement placed, and that wait for no other outage and no file."""
    other = aliased(OutageLine)
    elsewhere = (
        select(other.item_id)
        .where(
            other.item_id == OutageLine.item_id,
            other.outage_id != outage.id,
            or_(other.decision_id.is_(None), other.decision_id.in_(_keeping())),
        )
        .exists()
    )
    question = (
        specimens_of(outage, *conditions)
        .join(Hold, Hold.item_id == OutageLine.item_id)
        .where(
            Hold.kind == HoldKind.TEMPERATURE.value,
            Hold.lifted_sequence.is_(None),
            placed_by_a_judgement(),
            ~elsewhere,
            ~waits_for_a_file(OutageLine.item_id.expression),
        )
    )
    return list(work.session.scalars(question))


def _keeping() -> Select[int]:
    return select(OutageDecision.id).where(OutageDecision.outcome == "kept")


def wait_for_outages(work: Work, numbers: Sequence[int]) -> frozenset[int]:
    """Wired for the release of what a logger's file holds: of some items those that no lead has let go."""
    found: set[int] = set()
    for some in in_turns(numbers):
        waiting = or_(OutageLine.decision_id.is_(None), OutageLine.decision_id.in_(_keeping()))
        found |= set(
            work.session.scalars(select(OutageLine.item_id).where(OutageLine.item_id.in_(some), waiting))
        )
    return frozenset(found)


def decisions_of(work: Work, outage: Outage) -> list[OutageDecision]:
    """The newest first; what was given up is left out."""
    question = select(OutageDecision).where(
        OutageDecision.outage_id == outage.id, OutageDecision.dropped_at.is_(None)
    )
    return list(work.session.scalars(question.order_by(OutageDecision.id.desc())))
