"""The specimens of an outage by rack, box, specification or minutes without cooling."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import aliased

from biobank.core.database import Work
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.outages.choices import BANDS, Grouping
from biobank.outages.models import Outage, OutageDecision, OutageLine, OutagePiece
from biobank.outages.queries import minutes_warm

NONE = "-"
"""Code of the group of what has none: no box, no specification."""


@dataclass(frozen=True, kw_only=True)
class Group:
    """Some specimens of an outage: how many, how many by what was decided, and how long they were warm."""

    code: str
    name: str | None
    """Of a rack or box its name; else the code says it."""
    specimens: int
    outcomes: dict[str, int]
    """How many by outcome; `open` are those that nothing was decided about."""
    minutes: tuple[int, int] | None
    """Shortest and longest; None when nobody knows."""


@dataclass
class _Counted:
    outcomes: dict[str, int]
    minutes: list[int | None]


def groups_of(work: Work, outage: Outage, grouping: Grouping) -> list[Group]:
    """Every group, in the order of codes; of minutes the shortest first."""
    minutes = minutes_by_piece(work, outage)
    counted: dict[str, _Counted] = {}
    names = _names(work, outage, grouping)
    for piece, code, outcome, count in work.session.execute(_counts(outage, grouping)):
        own = names.get(code, (str(code) if code is not None else NONE, None))[0]
        key = _band(minutes[piece]) if grouping is Grouping.MINUTES else own
        found = counted.setdefault(key, _Counted({}, []))
        found.outcomes[outcome or "open"] = found.outcomes.get(outcome or "open", 0) + count
        found.minutes.append(minutes[piece])
    called = dict(names.values())
    return [
        Group(
            code=code,
            name=called.get(code),
            specimens=sum(found.outcomes.values()),
            outcomes=found.outcomes,
            minutes=_span(found.minutes),
        )
        for code, found in sorted(counted.items(), key=lambda each: _order(grouping, each[0], called))
    ]


def known_codes(work: Work, outage: Outage, grouping: Grouping) -> set[str]:
    """Of groups that a decision may name: minutes go on, so that each of their bands may."""
    if grouping is Grouping.MINUTES:
        return {band.code for band in BANDS}
    return {group.code for group in groups_of(work, outage, grouping)}


def _counts(outage: Outage, grouping: Grouping) -> Select[Any]:
    by = _column(grouping)
    question = (
        select(OutageLine.piece_id, by, OutageDecision.outcome, func.count())
        .join(Item, Item.id == OutageLine.item_id)
        .outerjoin(OutageDecision, OutageDecision.id == OutageLine.decision_id)
        .where(OutageLine.outage_id == outage.id)
    )
    return question.group_by(OutageLine.piece_id, by, OutageDecision.outcome)


def _column(grouping: Grouping) -> ColumnElement[Any]:
    if grouping is Grouping.BOX:
        return OutageLine.box_id.expression
    return (Item.specification if grouping is Grouping.SPECIFICATION else OutageLine.piece_id).expression


def _names(work: Work, outage: Outage, grouping: Grouping) -> dict[object, tuple[str, str | None]]:
    """Code and name by what `_column` gives."""
    if grouping is Grouping.RACK:
        question = select(OutagePiece.id, Item.identifier, Item.specification, Item.kind).join(
            Item, Item.id == OutagePiece.item_id
        )
        found = work.session.execute(question.where(OutagePiece.outage_id == outage.id))
        return {piece: (code, name) for piece, code, name, _ in found}
    if grouping is Grouping.BOX:
        boxes = select(OutageLine.box_id).where(OutageLine.outage_id == outage.id).distinct()
        numbers = [number for number in work.session.scalars(boxes) if number is not None]
        return {box.id: (box.identifier, box.specification) for box in items_numbered(work, numbers)}
    return {}


def _order(grouping: Grouping, code: str, called: dict[str, str | None]) -> tuple[int, str, str]:
    if grouping is Grouping.MINUTES:
        return [band.code for band in BANDS].index(code), "", ""
    return 0, called.get(code) or "", code


def _span(minutes: Iterable[int | None]) -> tuple[int, int] | None:
    known = list(minutes)
    if None in known or not known:
        return None
    sure = [each for each in known if each is not None]
    return min(sure), max(sure)


def _band(minutes: int | None) -> str:
    return next(band.code for band in BANDS if band.holds(minutes))


def minutes_by_piece(work: Work, outage: Outage) -> dict[int, int | None]:
    pieces = work.session.scalars(select(OutagePiece).where(OutagePiece.outage_id == outage.id))
    return {piece.id: minutes_warm(outage, piece) for piece in pieces}


def kinds_of(work: Work, outage: Outage, decision: OutageDecision) -> list[tuple[str, str | None, int]]:
    """Kind, specification and how many, of the specimens that a decision is about; the most first."""
    counted = func.count()
    question = (
        select(Item.kind, Item.specification, counted)
        .join(OutageLine, OutageLine.item_id == Item.id)
        .where(OutageLine.outage_id == outage.id, of_groups(work, outage, decision))
        .group_by(Item.kind, Item.specification)
    )
    rows = work.session.execute(question.order_by(counted.desc(), Item.kind, Item.specification))
    return [(kind, specification, count) for kind, specification, count in rows]


def of_groups(work: Work, outage: Outage, decision: OutageDecision) -> ColumnElement[bool]:
    """Of a line: that it is of the groups of a decision."""
    grouping, codes = Grouping(decision.grouping), frozenset(decision.groups.splitlines())
    if grouping is Grouping.MINUTES:
        pieces = [
            piece for piece, minutes in minutes_by_piece(work, outage).items() if _band(minutes) in codes
        ]
        return OutageLine.piece_id.in_(pieces)
    if grouping is Grouping.RACK:
        return OutageLine.piece_id.in_(
            select(OutagePiece.id)
            .join(Item, Item.id == OutagePiece.item_id)
            .where(OutagePiece.outage_id == outage.id, Item.identifier.in_(codes))
        )
    return _of_specification(codes) if grouping is Grouping.SPECIFICATION else _of_boxes(codes)


def _of_boxes(codes: Collection[str]) -> ColumnElement[bool]:
    known = OutageLine.box_id.in_(select(Item.id).where(Item.identifier.in_(codes)))
    return known | OutageLine.box_id.is_(None) if NONE in codes else known


def _of_specification(codes: Collection[str]) -> ColumnElement[bool]:
    item = aliased(Item)
    known = item.specification.in_(codes)
    meant = or_(known, item.specification.is_(None)) if NONE in codes else known
    return select(item.id).where(item.id == OutageLine.item_id, meant).exists()
