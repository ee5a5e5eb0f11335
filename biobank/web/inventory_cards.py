"""Inventory checks as pages show them: in a list, while they are counted, with their differences."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.models import Discrepancy
from biobank.custody.states import Action
from biobank.custody.steps import ItemNow
from biobank.inventories.choices import FIRST, LAST, SECOND, CheckState, Difference, Reason, Seen
from biobank.inventories.comparing import Comparison, Found
from biobank.inventories.models import InventoryCheck, InventoryDifference, InventoryReading
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.printing.count_sheets import CountSheet
from biobank.storage.queries import UnitMap, map_of
from biobank.web.cards import card, name_of, names_of_people, place
from biobank.web.words import Sign, in_zone, spoken

Shown = dict[str, Any]

REASONS: Mapping[Reason, str] = {
    Reason.ROUTINE: "Routine",
    Reason.AFTER_OUTAGE: "After an outage",
    Reason.BEFORE_SHIPPING: "Before shipping",
    Reason.AUDIT_SAMPLE: "Audit sample",
    Reason.SUSPICION: "Something looked wrong",
}
STATES: Mapping[CheckState, Sign] = {
    CheckState.PLANNED: {"word": "Planned", "tone": "wait"},
    CheckState.COUNTING: {"word": "Being counted", "tone": "ask"},
    CheckState.COUNTED: {"word": "Counted, to look at", "tone": "late"},
    CheckState.CLOSED: {"word": "Closed", "tone": "right"},
    CheckState.CANCELLED: {"word": "Cancelled", "tone": "plain"},
}
TURNS: Mapping[int, str] = {
    FIRST: "First count",
    SECOND: "Second count, by somebody else",
    LAST: "Look where the two counts differ",
}
DIFFERENCES: Mapping[Difference, Sign] = {
    Difference.MISSING: {"word": "Missing", "tone": "wrong"},
    Difference.WRONG_POSITION: {"word": "Wrong position", "tone": "late"},
    Difference.ELSEWHERE: {"word": "Belongs elsewhere", "tone": "late"},
    Difference.NOT_PLACED: {"word": "In no place in the log", "tone": "late"},
    Difference.NOT_EXPECTED: {"word": "Should not be here", "tone": "wrong"},
    Difference.UNKNOWN_CODE: {"word": "No code of ours", "tone": "wrong"},
    Difference.NOT_FOR_HERE: {"word": "Not for storage", "tone": "wrong"},
    Difference.UNREAD: {"word": "Cannot be read", "tone": "ask"},
    Difference.SAME_CODE: {"word": "One code on two", "tone": "wrong"},
}
DOES: Mapping[Action, str] = {
    Action.DISPLACE: "Its place becomes unknown, and it is looked for.",
    Action.MOVE: "It is moved here in the log.",
    Action.STORE: "It is stored here in the log.",
    Action.CHECK_IN: "It is checked in here.",
    Action.RECEIVE: "It is received here.",
    Action.FIND: "It is found, and held until it is explained.",
    Action.QUARANTINE: "It is held where it lies. Put it in quarantine.",
    Action.REGISTER: "It gets a code and a label of its own, and is held. Put it in quarantine.",
}
"""What closing records."""
ONLY_A_CASE = "Nothing is recorded of it but its case."
SEEN: Mapping[Seen, str] = {Seen.EMPTY: "empty", Seen.NO_READ: "unread"}


def check_cards(work: Work, checks: Sequence[InventoryCheck], zone: str) -> list[Shown]:
    """The lines of a list."""
    units = {unit.id: unit for unit in items_numbered(work, [check.unit_id for check in checks])}
    people = names_of_people(work, {_last_by(check) for check in checks})
    return [_check_card(check, units[check.unit_id], zone, people) for check in checks]


def _last_by(check: InventoryCheck) -> str:
    return check.closed_by or check.counted_by or check.begun_by or check.planned_by


def _check_card(check: InventoryCheck, unit: Item, zone: str, people: Mapping[str, str]) -> Shown:
    last = check.closed_at or check.counted_at or check.begun_at or check.planned_at
    return {
        "number": check.id,
        "url": f"/inventories/{check.id}",
        "name": name_of(unit),
        "kind": spoken(unit.kind),
        "printed": printed(unit.identifier),
        "reason": REASONS[Reason(check.reason)],
        "sign": STATES[CheckState(check.state)],
        "due_on": check.due_on,
        "at": in_zone(last, zone),
        "by": people.get(_last_by(check), _last_by(check)),
        "differences": check.differences,
    }


def head_of(work: Work, check: InventoryCheck, by: Actor, zone: str) -> Shown:
    """What stands above every page of a check."""
    unit = work.session.get_one(Item, check.unit_id)
    people = names_of_people(work, {_last_by(check)})
    return {
        **_check_card(check, unit, zone, people),
        "state": check.state,
        "turn": TURNS[check.turn],
        "unit_url": f"/storage/units/{unit.identifier}",
        "place": place(work, unit, by),
        "because": check.because,
        "agreed": check.agreed,
    }


def sheet_of(work: Work, check: InventoryCheck, unit: ItemNow, by: Actor, zone: str) -> CountSheet:
    """On paper, as blind as the page: positions, and nothing of what the log has in them."""
    around = place(work, work.session.get_one(Item, unit.id), by)
    rows = map_of(work, unit.identifier).rows
    return CountSheet(
        programme=work.settings.programme,
        check=check.id,
        unit=unit.identifier,
        name=name_of(unit),
        place=tuple(str(each["name"]) for each in around),
        rows=tuple((name, tuple(position for position, _ in cells)) for name, cells in rows),
        printed_at=moments.now(),
        zone=zone,
    )


def counting_grid(
    drawn: UnitMap, slots: Mapping[str, InventoryReading], cursor: str | None, number: int
) -> Shown | None:
    """The positions with what was read in this turn; nothing of what the log has in them."""
    if not drawn.rows:
        return None
    rows = [
        {
            "name": name,
            "cells": [_cell(position, slots.get(position), cursor, number) for position, _ in cells],
        }
        for name, cells in drawn.rows
    ]
    return {"columns": len(drawn.rows[0][1]), "rows": rows}


def _cell(position: str, reading: InventoryReading | None, cursor: str | None, number: int) -> Shown:
    return {
        "position": position,
        "is_now": position == cursor,
        "url": f"/inventories/{number}?at={position}",
        "short": short_of(reading) if reading else None,
        "seen": reading.seen if reading else None,
    }


def short_of(reading: InventoryReading) -> str:
    """The end of the code, or what was seen instead of one."""
    if reading.seen == Seen.CODE and reading.item_id is not None and reading.code:
        return printed(reading.code)[-5:]
    return (reading.code or "")[-5:] if reading.seen == Seen.CODE else SEEN[Seen(reading.seen)]


def read_without_positions(slots: Iterable[InventoryReading]) -> list[str]:
    return [
        printed(each.code) if each.item_id is not None and each.code else each.code or SEEN[Seen(each.seen)]
        for each in slots
    ]


def differences_shown(work: Work, comparison: Comparison, by: Actor) -> list[Shown]:
    """Those that closing would record, those to be looked at again first."""
    found = sorted(comparison.differences, key=lambda each: not each.is_overtaken)
    return [_difference(work, each, by) for each in found]


def _difference(work: Work, found: Found, by: Actor) -> Shown:
    return {
        "sign": DIFFERENCES[found.kind],
        "kind": found.kind.value,
        "position": found.position,
        "item": card(work, found.item, by) if found.item else None,
        "sentence": found.sentence,
        "does": DOES[found.step] if found.step else ONLY_A_CASE,
        "look_again": found.is_overtaken,
        "gone": found.kind is Difference.MISSING,
    }


def recorded_shown(
    work: Work, found: Iterable[tuple[InventoryDifference, Discrepancy]], by: Actor
) -> list[Shown]:
    """The differences of a closed check, each with its case."""
    shown = []
    for difference, case in found:
        item = work.session.get_one(Item, difference.item_id) if difference.item_id else None
        shown.append(
            {
                "sign": DIFFERENCES[Difference(difference.kind)],
                "kind": difference.kind,
                "position": difference.position,
                "item": card(work, item, by) if item else None,
                "sentence": case.sentence,
                "case": case.id,
                "case_url": f"/discrepancies/{case.id}",
            }
        )
    return shown
