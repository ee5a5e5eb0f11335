"""Storage as pages: what stands where, and the map of a freezer, rack or box."""

from typing import Any

from flask import Blueprint, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.checks import item_seen_by
from biobank.custody.states import STORAGE, Kind, State
from biobank.items.identifiers import printed
from biobank.outages.queries import outage_around, unit_of
from biobank.storage.checks import celsius
from biobank.storage.choices import RULE_WORDS, Rule
from biobank.storage.filling import Fill, filling
from biobank.storage.proposals import propose_position
from biobank.storage.queries import Unit, UnitMap, map_of, units_in_each, units_inside
from biobank.storage.reserved import FOR_WORDS, Kept, standing_at
from biobank.storage.surroundings import Surroundings, surroundings_of
from biobank.web.box_maps import box_map, fill_shown
from biobank.web.cards import card, name_of, names_of_people, place
from biobank.web.found_items import found_by, holds_shown
from biobank.web.frame import zone_of
from biobank.web.permission import reads
from biobank.web.print_jobs import print_link, voided
from biobank.web.step_buttons import step_buttons
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("storage_pages", __name__)
MOST_UNITS = 200
Shown = dict[str, Any]


@blueprint.get("/storage")
@reads(Permission.SEE_STORAGE)
def storage(*, work: Work, by: Actor) -> str:
    """The outermost units of the reader's sites."""
    units = [unit for unit in units_inside(work, None) if by.works_at(unit.item.site or "")][:MOST_UNITS]
    fills = filling(work, [unit.item.id for unit in units])
    return render_template(
        "storage/storage.html",
        units=[_unit_card(unit, fills) for unit in units],
        may_store=by.may(Permission.RECORD_STEPS),
        may_build=by.may(Permission.BUILD_STORAGE),
    )


@blueprint.get("/storage/units/<identifier>")
@reads(Permission.SEE_STORAGE)
def unit(identifier: str, *, work: Work, by: Actor) -> str:
    """With `?for=` an item, the position proposed for it is lit."""
    found = found_by(work, by, identifier)
    shown, zone = map_of(work, found.identifier), zone_of(work, by)
    inside = units_inside(work, found.id)
    shelves = [] if shown.rows else _shelves(work, inside)
    numbers = {each.item.id for each in inside}
    fills = filling(work, [found.id, *numbers])
    kept = standing_at(work, found.id, moments.now())
    people = names_of_people(work, {each.person for each in kept})
    here = surroundings_of(work, found.id)
    return render_template(
        "storage/unit.html",
        unit=_unit(work, shown.unit, by, here, fills),
        holds=holds_shown(work, found, by, zone),
        outage=_outage(work, here),
        steps=step_buttons(work, found, by),
        print_link=print_link(found, by),
        voided=voided(work, [shown.unit.item], zone).get(found.id),
        actions=_actions(shown.unit, by, has_positions=bool(shown.rows)),
        kept=[_kept(each, zone, people) for each in kept],
        may_keep=by.may(Permission.RECORD_STEPS) and found.state is State.IN_SERVICE,
        inside=[] if shown.rows else _without(shelves, [_unit_card(each, fills) for each in inside]),
        shelves=shelves,
        grid=box_map(work, shown, by, lit=_lit(work, by, shown.unit), kept=kept),
        loose=_loose(work, shown, numbers, by),
    )


def _outage(work: Work, here: Surroundings) -> Shown | None:
    """Of it, or of what it stands in: whoever scans a rack at night is led to where it is carried out."""
    stands = outage_around(work, here.around)
    return {"name": name_of(unit_of(work, stands)), "url": f"/outages/{stands.id}"} if stands else None


def _without(shelves: list[Shown], cards: list[Shown]) -> list[Shown]:
    """What is not shown as a shelf already."""
    shelved = {each["url"] for each in shelves}
    return [each for each in cards if each["url"] not in shelved][:MOST_UNITS]


def _loose(work: Work, shown: UnitMap, units: set[int], by: Actor) -> list[Shown]:
    """Without positions its units are shown by themselves."""
    items = [item for item in shown.loose if shown.rows or item.id not in units]
    return [card(work, item, by) for item in items[:MOST_UNITS]]


def _unit(work: Work, unit: Unit, by: Actor, here: Surroundings, fills: dict[int, Fill]) -> Shown:
    own = unit.fittings.temperature_celsius
    rule = here.rule or Rule.SIBLINGS
    return {
        **_unit_card(unit, fills),
        "identifier": unit.item.identifier,
        "place": place(work, unit.item, by),
        "temperature": celsius(here.temperature_celsius) if here.temperature_celsius is not None else None,
        "is_from_around": own is None and here.temperature_celsius is not None,
        "rule": RULE_WORDS[rule] if unit.item.kind in STORAGE else None,
        "contents": sorted(here.contents),
        "kinds": [spoken(kind) for kind in sorted(unit.fittings.allowed)],
    }


def _unit_card(unit: Unit, fills: dict[int, Fill]) -> Shown:
    fill = fills.get(unit.item.id)
    return {
        "printed": printed(unit.item.identifier),
        "url": f"/storage/units/{unit.item.identifier}",
        "name": unit.name,
        "kind": spoken(unit.item.kind),
        "position": unit.item.position,
        "held": unit.held,
        "capacity": unit.capacity,
        "fill": fill_shown(fill) if fill and fill.capacity else None,
    }


def _actions(unit: Unit, by: Actor, *, has_positions: bool) -> list[Shown]:
    """What else can be done with a place, each on a page of its own."""
    address = f"/storage/units/{unit.item.identifier}"
    in_use = unit.item.state != State.VOIDED.value
    offered = (
        (
            "Read a rack scanner's file",
            f"{address}/rack-scan",
            has_positions and by.may(Permission.RECORD_STEPS),
        ),
        (
            "Count what lies in it",
            f"/inventories?unit={unit.item.identifier}",
            by.may(Permission.COUNT_STORAGE),
        ),
        ("Boxes that can be merged", f"/storage/mergers?inside={unit.item.identifier}", not has_positions),
        (
            "Add what stands in it",
            f"/storage/add?inside={unit.item.identifier}",
            unit.item.kind != Kind.BOX and by.may(Permission.BUILD_STORAGE),
        ),
    )
    return [{"label": label, "url": url} for label, url, is_offered in offered if is_offered and in_use]


def _shelves(work: Work, inside: list[Unit]) -> list[Shown]:
    """A freezer as it is opened: each shelf with the racks on it, each with how full it is."""
    shelves = [unit for unit in inside[:MOST_UNITS] if unit.item.kind != Kind.BOX]
    standing = units_in_each(work, [unit.item.id for unit in shelves])
    racks = {number: found[:MOST_UNITS] for number, found in standing.items()}
    fills = filling(work, [rack.item.id for found in racks.values() for rack in found])
    return [
        {
            "name": unit.name,
            "url": f"/storage/units/{unit.item.identifier}",
            "racks": [_unit_card(rack, fills) for rack in racks[unit.item.id]],
        }
        for unit in shelves
        if unit.item.id in racks
    ]


def _kept(kept: Kept, zone: str, people: dict[str, str]) -> Shown:
    return {
        "number": kept.id,
        "positions": sorted(kept.positions),
        "purpose": FOR_WORDS[kept.purpose],
        "reference": kept.reference,
        "person": people.get(kept.person, kept.person),
        "until": in_zone(moments.from_microseconds(kept.until), zone),
    }


def _lit(work: Work, by: Actor, unit: Unit) -> str | None:
    """The position proposed for the item in the address, if it is in this unit."""
    asked = request.args.get("for")
    if not asked:
        return None
    proposal = propose_position(work, item_seen_by(work, by, asked), by)
    return proposal.position if proposal and proposal.unit.item.id == unit.item.id else None
