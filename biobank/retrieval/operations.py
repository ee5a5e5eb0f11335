"""Pick lists from making to end: picked by scan, not there, an alternative, taken off, cancelled."""

from dataclasses import dataclass
from datetime import timedelta
from itertools import chain, islice

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.checks import StepRefused, seen_by
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_by_id, item_now, newest_event_of
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.distribution.checks import RequestNotOpen
from biobank.distribution.models import StudyRequest
from biobank.distribution.queries import portions_for, request_called
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import items_numbered, place_path
from biobank.retrieval import checks
from biobank.retrieval.candidates import candidates
from biobank.retrieval.choices import (
    COUNTED,
    PICKABLE,
    CancelledBecause,
    LineState,
    RemovedBecause,
)
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.retrieval.models import PickLine, PickList
from biobank.retrieval.queries import line_of, lines_on, list_seen_by, promised, still_to_come
from biobank.retrieval.records import add_lines, change_line, made_content, note
from biobank.retrieval.walk import HELD, walk_of
from biobank.sites.queries import site_named

ALTERNATIVES = 3
LOOKED_AT = 40
"""Pieces among which the nearest are offered."""


@dataclass(frozen=True)
class Picking:
    """What a scan for a list came to: the step, or why the piece was taken off the list instead."""

    item: ItemNow
    done: Recorded | None
    lay_in: int | None
    """Number of the box that it was in."""
    refusal: str | None = None


def make_list(work: Work, new: NewPickList, *, by: Actor) -> PickList:
    """Choose the pieces, as many as there are; what is short stands in `wanted` against its lines.

    A study's request is locked: two lists never promise more than it says. Raises `PickListRefused`,
    `SiteNotYours`, `RequestUnknown`, `RequestNotOpen`, `UnknownItem`.
    """
    site = site_named(work, new.site)
    at_own_site(by, site.code)
    checks.can_be_made(work, new)
    request = request_called(work, new.request or "", locked=True) if new.request else None
    listed = _list(new, request, work.settings.pick_out_hours, by)
    pieces = _named(work, listed, new, request) if new.items else _chosen(work, new, request)
    work.session.add(listed)
    work.flush()
    note(work, listed, "made", by, made_content(listed))
    add_lines(work, listed, pieces, by)
    return listed


def _list(new: NewPickList, request: StudyRequest | None, usual_hours: int, by: Actor) -> PickList:
    return PickList(
        purpose=new.purpose.value,
        request_id=request.id if request else None,
        site=new.site,
        goes_to=request.receiver if request else new.goes_to,
        wanted=sum(wish.count for wish in new.wishes) + len(new.items),
        rule=new.rule.value,
        one_each=new.one_each,
        least_microlitres=new.least_microlitres,
        collected_at=new.collected_at,
        out_hours=new.out_hours or usual_hours,
        made_at=moments.now(),
        made_by=by.person,
    )


def _chosen(work: Work, new: NewPickList, request: StudyRequest | None) -> list[tuple[int, str]]:
    if request is not None:
        checks.request_has_left(work, request, new.wishes, still_to_come(work, request))
    found: dict[int, str] = {}
    people: set[str] | None = set() if new.one_each else None
    for wish in new.wishes:
        fitting = (each for each in candidates(work, new, wish, people) if each.id not in found)
        found |= {each.id: each.identifier for each in islice(fitting, wish.count)}
    if not found:
        raise checks.PickListRefused("Nothing that is stored here may be picked for this.", field="wishes")
    return list(found.items())


def _named(
    work: Work, listed: PickList, new: NewPickList, request: StudyRequest | None
) -> list[tuple[int, str]]:
    """Each piece once, however often it was scanned."""
    items = {item.id: item for item in (item_now(work, text) for text in new.items)}
    for item in items.values():
        checks.piece_can_be_listed(work, listed, item, request)
    taken = promised(work, items)
    if taken:
        named = printed(items[min(taken)].identifier)
        raise checks.PickListRefused(f"{named} is on another pick list; leave it out.", field="items")
    listed.wanted = len(items)
    if request is not None:
        counted: dict[tuple[Kind, str], int] = {}
        for item in items.values():
            kind = (item.kind, item.specification or "")
            counted[kind] = counted.get(kind, 0) + 1
        wishes = tuple(Wish(kind=kind, specification=code, count=n) for (kind, code), n in counted.items())
        checks.request_has_left(work, request, wishes, still_to_come(work, request))
    return [(item.id, item.identifier) for item in items.values()]


def pick(work: Work, number: int, text: str, *, by: Actor, source: Source, at: Told | None) -> Picking:
    """One piece is in hand: it is checked out for the list, or taken off it when it may not be picked.

    Raises `PickListUnknown`, `ListCancelled`, `NotOnTheList`, `OtherSite`, `PickedAlready`, `EnoughPicked`,
    `UnknownItem`.
    """
    listed = list_seen_by(work, by, number)
    checks.not_cancelled(listed)
    item = item_now(work, text)
    line = _line_to_pick(work, listed, item, by)
    told = _told(listed)
    try:
        with work.savepoint():
            done = record(work, item.identifier, Action.CHECK_OUT, by=by, source=source, at=at, details=told)
    except RequestNotOpen:
        raise
    except StepRefused as refusal:
        line = _line_to_pick(work, list_seen_by(work, by, number, locked=True), item, by)
        because = why_not(work, item)
        change_line(work, line, item.identifier, LineState.REMOVED, by, because=because.value)
        return Picking(item, None, item.container_id, f"{refusal.detail} It was taken off the list.")
    return Picking(done.item, done, item.container_id)


def _told(listed: PickList) -> dict[str, object]:
    due = moments.now() + timedelta(hours=listed.out_hours)
    return {checks.LIST: listed.id, "due_at": moments.to_text(due), "goes_to": listed.goes_to}


def _line_to_pick(work: Work, listed: PickList, item: ItemNow, by: Actor) -> PickLine:
    line = line_of(work, listed, item.id)
    if line is None:
        seen_by(work, by, item)
        raise checks.NotOnTheList(_where_it_belongs(work, listed, item), item=item.identifier)
    if LineState(line.state) not in PICKABLE:
        raise checks.picked_already(work, line, item)
    return line


def _where_it_belongs(work: Work, listed: PickList, item: ItemNow) -> str:
    stored, named = work.session.get_one(Item, item.id), printed(item.identifier)
    path = [place.specification or printed(place.identifier) for place in reversed(place_path(work, stored))]
    if not path:
        return (
            f"{named} is not on pick list {listed.id} and in no place in the log; put it aside and look at "
            "its page."
        )
    where = ", ".join([*path, *([item.position] if item.position else [])])
    return f"{named} is not on pick list {listed.id}; put it back where it belongs: {where}."


def why_not(work: Work, item: ItemNow) -> RemovedBecause:
    """In a word, why a piece may not be picked."""
    if item.state is not State.STORED:
        return RemovedBecause.LEFT
    return RemovedBecause.HELD if holds_on(work, item.id) else RemovedBecause.NOT_ALLOWED


def report_not_there(work: Work, number: int, text: str, *, by: Actor, source: Source) -> Recorded:
    """A piece is not where it should be: its place is unknown from now on, and a case looks for it.

    Raises `PickListUnknown`, `ListCancelled`, `NotOnTheList`, `OtherSite`, `PickedAlready`.
    """
    listed = list_seen_by(work, by, number)
    checks.not_cancelled(listed)
    item = item_now(work, text)
    line = _line_to_pick(work, listed, item, by)
    details: dict[str, object] = {checks.LIST: listed.id}
    if item.container_id is not None:
        details |= {"place": item_by_id(work, item.container_id).identifier, "position": item.position or ""}
    done = record(work, item.identifier, Action.DISPLACE, by=by, source=source, at=None, details=details)
    sequence = done.event["sequence"]
    change_line(work, line, item.identifier, LineState.NOT_THERE, by, sequence=sequence)
    return done


def alternatives(work: Work, listed: PickList, item: ItemNow) -> list[Item]:
    """What may be picked instead, what lies in the same box first."""
    people: set[str] | None = None
    if listed.one_each:
        live = lines_on(work, listed, *COUNTED)
        people = {each.item.participant for each in live if each.item.participant}
    wishes = _wishes_like(work, listed, item)
    fitting = chain.from_iterable(candidates(work, listed, wish, people) for wish in wishes)
    box = item.container_id or _box_before(work, item)
    looked_at = {each.id: each for each in islice(fitting, LOOKED_AT)}
    nearest = sorted(looked_at.values(), key=lambda each: each.container_id != box)[:ALTERNATIVES]
    found = {each.id: each for each in items_numbered(work, [each.id for each in nearest])}
    return [found[each.id] for each in nearest]


def _wishes_like(work: Work, listed: PickList, item: ItemNow) -> list[Wish]:
    """The same material; for a study whose request asks for less of it, then whatever that covers."""
    known = [item.specification or ""]
    if listed.request_id is not None:
        request = work.session.get_one(StudyRequest, listed.request_id)
        known += [each.specification for each in portions_for(work, request, item)]
    return [Wish(kind=item.kind, specification=each, count=ALTERNATIVES) for each in dict.fromkeys(known)]


def _box_before(work: Work, item: ItemNow) -> int | None:
    """Where it was thought to be."""
    told = newest_event_of(work, item.identifier, Action.DISPLACE)
    before = told["details"].get("place") if told else None
    return item_now(work, before).id if before else None


def take_instead(work: Work, number: int, missing: str, instead: str | None, *, by: Actor) -> ItemNow:
    """An alternative goes onto the list for a piece that cannot be picked; the best, unless one is named.

    Raises `PickListUnknown`, `ListCancelled`, `NotOnTheList`, `EnoughPicked`, `PickListRefused`.
    """
    listed = list_seen_by(work, by, number, locked=True)
    checks.not_cancelled(listed)
    item = item_now(work, missing)
    line = line_of(work, listed, item.id)
    if line is None or line.state in COUNTED:
        raise checks.NotOnTheList(f"{printed(item.identifier)} is no gap of pick list {listed.id}; go on.")
    checks.a_gap_is_left(work, listed)
    offered = alternatives(work, listed, item)
    named = item_now(work, instead).id if instead else None
    found = next((each for each in offered if named in (None, each.id)), None)
    if found is None:
        raise checks.PickListRefused("There is no such piece that may be picked instead; go on without.")
    add_lines(work, listed, [(found.id, found.identifier)], by)
    return item_now(work, found.identifier)


def take_off_gone(work: Work, number: int, *, by: Actor) -> int:
    """Take off the list what left or was held since it was made; gives how many. Raises `PickListUnknown`."""
    listed = list_seen_by(work, by, number, locked=True)
    gone = walk_of(work, listed).gone
    for each, why in gone:
        because = (RemovedBecause.HELD if why == HELD else RemovedBecause.LEFT).value
        change_line(work, each.line, each.item.identifier, LineState.REMOVED, by, because=because)
    return len(gone)


def cancel_list(work: Work, number: int, because: CancelledBecause, *, by: Actor) -> PickList:
    """What is not picked yet stays where it is; what is picked comes back or goes on.

    Raises `PickListUnknown`, `ListCancelled`.
    """
    listed = list_seen_by(work, by, number, locked=True)
    checks.not_cancelled(listed)
    listed.cancelled_at, listed.cancelled_by = moments.now(), by.person
    listed.cancelled_because = because.value
    for each in lines_on(work, listed, LineState.TO_PICK):
        each.line.state, each.line.because = LineState.REMOVED.value, RemovedBecause.CANCELLED.value
        each.line.changed_by = by.person
    work.flush()
    note(work, listed, "cancelled", by, {"because": because.value})
    return listed
