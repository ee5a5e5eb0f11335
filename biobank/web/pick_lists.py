"""What the page of a pick list shows: the stop where somebody stands, those after it, gaps, what is out."""

from collections.abc import Sequence
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import item_by_id
from biobank.distribution.models import StudyRequest
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.retrieval.choices import LineState, PickPurpose
from biobank.retrieval.models import PickList
from biobank.retrieval.operations import alternatives
from biobank.retrieval.queries import OnLine, lines_on
from biobank.retrieval.walk import HELD, Stop, everything_around, going_on_at, path_in, walk_of
from biobank.web.cards import card, name_of, names_of_people, page_of, specification_of
from biobank.web.frame import zone_of
from biobank.web.words import in_zone, millilitres, spoken

Shown = dict[str, Any]
MOST_STOPS = 30
MOST_SHOWN = 50
MOST_GAPS_FILLED = 3
"""Gaps for which other pieces are looked up at once."""


def shown_list(work: Work, listed: PickList, by: Actor, row: Shown, stop: str | None) -> Shown:
    """`stop` is the code of the place before which the reader stands, if it was told."""
    walk = walk_of(work, listed)
    ahead = going_on_at(walk.stops, stop)
    picks = listed.cancelled_at is None and by.may(Permission.PICK)
    first = ahead[0] if ahead else None
    out = lines_on(work, listed, LineState.PICKED)
    people = names_of_people(work, {each.line.changed_by or "" for each in out[:MOST_SHOWN]})
    return {
        "listed": row,
        "study": _study(work, listed),
        "doors": walk.doors,
        "left": walk.pieces,
        "short": max(0, listed.wanted - row["pieces"] + row["off"]),
        "picks": picks,
        "here": _stop(first, by) | {"pieces": _pieces(work, first, by)} if first else None,
        "next": [_stop(each, by) for each in ahead[1 : MOST_STOPS + 1]],
        "more_stops": max(0, len(ahead) - 1 - MOST_STOPS),
        "gone": [_gone(work, each, why, by) for each, why in walk.gone[:MOST_SHOWN]],
        "gaps": _gaps(work, listed, by) if picks else [],
        "out": [_out(work, each, by, zone_of(work, by), people) for each in out[:MOST_SHOWN]],
        "out_in_all": len(out),
        "may_hand_over": bool(out) and listed.purpose == PickPurpose.STUDY and by.may(Permission.DISTRIBUTE),
        "may_send_out": bool(out) and listed.purpose == PickPurpose.CONTRACT_WORK and by.may(Permission.PICK),
    }


def _study(work: Work, listed: PickList) -> Shown | None:
    if listed.request_id is None:
        return None
    found = work.session.get_one(StudyRequest, listed.request_id)
    return {"number": found.number, "study": found.study, "url": f"/study-requests/{found.number}"}


def _stop(stop: Stop, by: Actor) -> Shown:
    return {"path": path_shown(stop.path, by), "count": len(stop.pieces), "code": stop.code}


def _pieces(work: Work, stop: Stop, by: Actor) -> list[Shown]:
    return [_piece(work, each, by) for each in stop.pieces]


def path_shown(path: Sequence[Item], by: Actor) -> list[Shown]:
    """As `signs.place` draws it."""
    return [{"name": name_of(place), "url": page_of(place, by)} for place in path]


def _piece(work: Work, each: OnLine, by: Actor) -> Shown:
    item, found = each.item, specification_of(work, each.item)
    return {
        "identifier": item.identifier,
        "printed": printed(item.identifier),
        "url": page_of(item, by),
        "position": item.position,
        "kind": spoken(item.kind),
        "specification": found.label if found else item.specification,
        "volume": millilitres(item.volume_microlitres),
    }


def _gone(work: Work, each: OnLine, why: str, by: Actor) -> Shown:
    return _piece(work, each, by) | {"why": "under a hold" if why == HELD else spoken(why)}


def _out(work: Work, each: OnLine, by: Actor, zone: str, people: dict[str, str]) -> Shown:
    due, picked_by = each.line.due_at, each.line.changed_by or ""
    return _piece(work, each, by) | {
        "by": people.get(picked_by, picked_by),
        "due_at": in_zone(due, zone) if due else None,
        "late": due is not None and due < moments.now(),
    }


WHY = {
    LineState.NOT_THERE.value: "not there", "held": "under a hold", "left": "left storage",
    "not_allowed": "its participant does not let it be used so", "cancelled": "cancelled",
}  # fmt: skip


def _gaps(work: Work, listed: PickList, by: Actor) -> list[Shown]:
    """What was not there or was taken off, while fewer are on the list than are wanted."""
    lines = lines_on(work, listed)
    gaps = [each for each in lines if each.line.state in (LineState.NOT_THERE, LineState.REMOVED)]
    open_gaps = listed.wanted - (len(lines) - len(gaps))
    if open_gaps <= 0:
        return []
    return [
        _gap(work, listed, each, by, fill=at < MOST_GAPS_FILLED)
        for at, each in enumerate(reversed(gaps[-MOST_SHOWN:]))
    ]


def _gap(work: Work, listed: PickList, each: OnLine, by: Actor, *, fill: bool) -> Shown:
    found = alternatives(work, listed, item_by_id(work, each.item.id)) if fill else []
    around = everything_around(work, found)
    because = each.line.because if each.line.state == LineState.REMOVED else each.line.state
    return {
        **card(work, each.item, by),
        "why": WHY.get(because or "", because),
        "looked_up": fill,
        "instead": [_piece(work, OnLine(each.line, item), by) | _where(around, item, by) for item in found],
    }


def _where(around: dict[int, Item], item: Item, by: Actor) -> Shown:
    return {"path": [*path_shown(path_in(around, item), by), {"name": item.position or "", "url": None}]}
