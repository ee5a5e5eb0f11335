"""Questions about custody: what an item is now, what holds it, what happened to it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import takewhile
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, DomainError
from biobank.core.rows import in_turns
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.models import Hold
from biobank.custody.scanned_items import row_scanned
from biobank.custody.statements import FIND_HOLDS, FIND_ITEM_BY_ID, FIND_ITEMS_INSIDE
from biobank.custody.states import Action, HoldKind, Kind, Nature, State
from biobank.custody.steps import Alert, Attempt, ItemNow, UnknownItem
from biobank.items.aliases import Alias, read_alias
from biobank.items.identifiers import printed
from biobank.ledger.models import LedgerEntry

entries = table_of(LedgerEntry)

CUSTODY_ENTRIES_BACKWARDS = Statement(
    select(entries.c.sequence, entries.c.body)
    .where(entries.c.subject == bindparam("subject"), entries.c.kind == "custody")
    .order_by(entries.c.sequence.desc())
    .limit(bindparam("limit")),
)


TOLD_CHANGES = (
    *("site", "custodian", "sent_to", "participant", "volume_microlitres", "collected_at"),
    "specification",  # of a place that is renamed
)
"""Columns that stand in the event by their own name when a step sets them."""


NEVER_TAKEN_BACK = frozenset(
    {
        Action.REGISTER,
        Action.CORRECT,
        Action.DESTROY,
        Action.ACCEPT_ATTESTATION,
        Action.DISTRIBUTE,  # somebody else has it
        Action.VOID,  # its label is torn up
        # other items followed
        Action.ISSUE,
        Action.ASSIGN,
        Action.LINK,
        Action.ALIQUOT,
        Action.DERIVE,
        Action.POOL,
        Action.SUBSTITUTE,
        # the code is another name for ever, or on nothing any more
        Action.LABEL,
        Action.REPLACE_CODE,
    }
)


EVENTS_LOOKED_AT = 200
"""Of an item, the newest; hardly one has as many."""
CODE_ON_ANOTHER = "code_on_another"
"""Flag of a code that is told and cannot be, since another thing bears it: it stays what it was."""
NAMED = "named"
"""Kind of an entry that tells more names of an item: no step, and no hold."""


class NothingToUndo(Conflict):
    """Only the newest step of an item can be taken back as a whole, and only to where it was."""

    title = "Nothing to take back"


def item_now(work: Work, text: str) -> ItemNow:
    """The item that bears `text` as its printed identifier or as an alias.

    Raises `UnknownItem`, or an `UnreadableIdentifier` that says what the text looks like.
    """
    return _item(row_scanned(work, text))


def item_if_known(work: Work, text: str) -> ItemNow | None:
    """The same for the log of scans, which takes what is no item too."""
    try:
        return item_now(work, text)
    except DomainError:
        return None


def item_by_id(work: Work, item_id: int) -> ItemNow:
    row = work.run(FIND_ITEM_BY_ID, item_id=item_id).fetchone()
    if row is None:
        raise UnknownItem(f"There is no item number {item_id}.")
    return _item(row)


def containers_around(work: Work, item: ItemNow) -> Iterator[ItemNow]:
    """What it lies in, the innermost first; each is asked for when it is looked at."""
    inside = item
    while inside.container_id is not None:
        inside = item_by_id(work, inside.container_id)
        yield inside


def is_or_holds(work: Work, outer: ItemNow, item: ItemNow) -> bool:
    """Whether `outer` is this item itself, or has it in it at any depth."""
    return outer.id == item.id or any(each.id == outer.id for each in containers_around(work, item))


def items_inside(work: Work, item_id: int) -> list[ItemNow]:
    """What lies directly in a container."""
    return [_item(row) for row in work.run(FIND_ITEMS_INSIDE, item_id=item_id).fetchall()]


def _item(row: tuple[Any, ...]) -> ItemNow:
    number, identifier, kind, specification, state, sequence, head, *rest = row
    return ItemNow(number, identifier, Kind(kind), specification, State(state), sequence, bytes(head), *rest)


def holds_on(work: Work, item_id: int) -> frozenset[HoldKind]:
    return frozenset(HoldKind(kind) for (kind,) in work.run(FIND_HOLDS, item_id=item_id).fetchall())


def newest_events(work: Work, identifier: str, limit: int = EVENTS_LOOKED_AT) -> list[Mapping[str, Any]]:
    """The item's newest custody events, newest first."""
    rows = work.run(CUSTODY_ENTRIES_BACKWARDS, subject=identifier, limit=limit).fetchall()
    return [orjson.loads(bytes(body)) for _, body in rows]


def newest_event_of(work: Work, identifier: str, action: Action) -> Mapping[str, Any] | None:
    """The last time that this was done with the item, if it ever was."""
    events = newest_events(work, identifier)
    return next((event for event in events if event["action"] == action.value), None)


def newest_events_of(work: Work, identifiers: Iterable[str], action: Action) -> dict[str, Mapping[str, Any]]:
    """The same of several, each under its identifier."""
    found: dict[str, Mapping[str, Any]] = {}
    for some in in_turns(identifiers):
        asked = select(entries.c.subject, entries.c.body).where(
            entries.c.subject.in_(some), entries.c.kind == "custody"
        )
        for subject, body in work.session.execute(asked.order_by(entries.c.sequence)):
            event = orjson.loads(body)
            if event["action"] == action.value:
                found[subject] = event
    return found


def happened_at(event: Mapping[str, Any]) -> datetime | None:
    """None where nobody said when."""
    told = event["occurred_at"]
    return moments.read_moment(told).at if told else None


def already_true(work: Work, attempt: Attempt) -> Mapping[str, Any] | None:
    """The earlier event, when a fact is told that stands already (received twice is received once).

    What says more than the earlier one, such as a condition seen later, is an event of its own.
    """
    item, row = attempt.item, attempt.row
    if attempt.action is Action.LABEL:
        return _given_before(work, attempt)
    stands = item.state is row.target or attempt.action is Action.PACK  # packed, it lies there as it was
    if row.nature is not Nature.FACT or not stands or attempt.action is Action.CORRECT:
        return None
    if attempt.place and (attempt.place.id, attempt.position) != (item.container_id, item.position):
        return None
    event = newest_events(work, item.identifier, 1)[0]
    if event["action"] != attempt.action.value:
        return None
    told = event.get("details", {})
    says_more = any(told.get(name) != value for name, value in attempt.details.items())
    return None if says_more else event


def _given_before(work: Work, attempt: Attempt) -> Mapping[str, Any] | None:
    """The event that gave the item this code of its maker."""
    alias = read_alias(attempt.details.get("issuer"), attempt.details.get("code"))
    for event in newest_events(work, attempt.item.identifier):
        if alias.known_as in codes_given(event):
            return event
    return None


def codes_given(event: Mapping[str, Any]) -> list[str]:
    """The other codes that an entry gives its item: at birth, when it is named, or by `label` unless another
    bears it.
    """
    pairs = list(event.get("aliases", ()))
    if event["action"] == Action.LABEL.value and CODE_ON_ANOTHER not in event.get("flags", ()):
        pairs.append((event["details"]["issuer"], event["details"]["code"]))
    return [Alias(issuer, value).known_as for issuer, value in pairs]


@dataclass(frozen=True)
class Undone:
    """What taking back the newest step gives: the state, the place and the other columns before it."""

    state: State
    changes: Mapping[str, Any]


def undone_by(work: Work, attempt: Attempt) -> Undone:
    """What `correct` goes back to: with `details.undo` the newest step is taken back, else values change.

    The step that is taken back stays in the log; the correction names it, and the step before it is the
    newest then. Raises `NothingToUndo`.
    """
    if not attempt.details.get("undo"):
        return Undone(attempt.item.state, {})
    events = _steps_alone(newest_events(work, attempt.item.identifier))
    newest = events[0]
    if attempt.corrects != newest["sequence"] or newest["action"] in NEVER_TAKEN_BACK:
        raise NothingToUndo(
            f"Only the newest step of {printed(attempt.item.identifier)} can be taken back, and none that "
            f"others followed; it is {newest['action'].replace('_', ' ')}, number {newest['sequence']}.",
            newest_sequence=newest["sequence"],
        )
    return Undone(State(newest["from"]), _told_before(events) | _place_before(work, attempt, events))


def newest_step(work: Work, identifier: str) -> Mapping[str, Any]:
    """The last step of an item that stands: what can be taken back, if anything can."""
    return _steps_alone(newest_events(work, identifier))[0]


def that_stand(events: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Without the steps that were taken back, and without what took them back; in the order given."""
    told = list(events)
    undoing = [event for event in told if takes_back(event)]
    gone = {event["sequence"] for event in undoing} | {event["corrects"] for event in undoing}
    return [event for event in told if event["sequence"] not in gone]


def takes_back(event: Mapping[str, Any]) -> bool:
    return event["action"] == Action.CORRECT.value and bool(event.get("details", {}).get("undo"))


def _steps_alone(events: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """From the newest step that stands on: a correction that only told more of the item moved nothing."""
    standing = that_stand(events)
    remarks = takewhile(_is_remark, standing)
    return standing[len(list(remarks)) :] or events


def _is_remark(event: Mapping[str, Any]) -> bool:
    is_correction = event["action"] == Action.CORRECT.value and event["from"] == event["to"]
    return is_correction and "place" not in event


def _told_before(events: list[Mapping[str, Any]]) -> dict[str, Any]:
    """The other columns that the newest step set, as the steps before it left them."""
    return {
        name: next((event[name] for event in events[1:] if name in event), None)
        for name in TOLD_CHANGES
        if name in events[0]
    }


def _place_before(work: Work, attempt: Attempt, events: list[Mapping[str, Any]]) -> dict[str, Any]:
    if "place" not in events[0]:
        return {}
    before = next((event for event in events[1:] if "place" in event), None)
    named = before["place"] if before else None
    container = item_now(work, named).id if named else None
    position = before["position"] if before and named else None
    _still_free(work, attempt, container, position)
    return {
        "container_id": container,
        "position": position,
        "place_named": named,
        "place_unknown_since": None,
    }


def _still_free(work: Work, attempt: Attempt, container: int | None, position: str | None) -> None:
    if container is None or position is None:
        return
    others = [item for item in items_inside(work, container) if item.position == position]
    if others and others[0].id != attempt.item.id:
        raise NothingToUndo(
            f"{position}, where {printed(attempt.item.identifier)} was before, holds "
            f"{printed(others[0].identifier)} by now; scan where it is instead.",
            item=attempt.item.identifier,
        )


def standing_holds(work: Work, items: Iterable[int]) -> dict[int, list[str]]:
    """The kinds of holds that items are under, in the order of their names, by the number of the item."""
    found: dict[int, list[str]] = {}
    for some in in_turns(items):
        standing = select(Hold.item_id, Hold.kind).where(
            Hold.item_id.in_(some), Hold.lifted_sequence.is_(None)
        )
        for number, kind in work.session.execute(standing.order_by(Hold.kind)):
            found.setdefault(number, []).append(kind)
    return found


def alerts_of(attempt: Attempt) -> tuple[Alert, ...]:
    """What whoever scans an item under a hold must hear at once."""
    return tuple(
        Alert(
            "hold", f"{printed(attempt.item.identifier)} is under a hold ({hold.value}): it may not be used."
        )
        for hold in sorted(attempt.holds)
    )
