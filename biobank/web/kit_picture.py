"""A kit as the chair sees it: tubes in draw order with their caps, what is known of each, which is next."""

from collections.abc import Mapping, Sequence
from typing import Any

from biobank.core.database import Work
from biobank.custody.queries import newest_events
from biobank.custody.states import Action, State
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.choices import Fill
from biobank.kits.definitions import SpecimenKind
from biobank.kits.queries import specification_of_tube
from biobank.web.collect_buttons import reason_word
from biobank.web.words import Sign, in_zone, millilitres, state_sign

Shown = dict[str, Any]
EVENTS_LOOKED_AT = 5
SIGNS: Mapping[str, Sign] = {
    State.EXPECTED: {"word": "To draw", "tone": "wait"},
    State.COLLECTED: {"word": "Collected", "tone": "right"},
    State.NOT_COLLECTED: {"word": "Not collected", "tone": "late"},
    State.BROKEN: {"word": "Broken", "tone": "wrong"},
}
SHORT: Sign = {"word": "Short", "tone": "right"}
FILL_UNKNOWN: Sign = {"word": "Amount not known", "tone": "right"}
NOT_TO_DRAW: Sign = {"word": "Do not draw", "tone": "wrong"}
REPLACED: Sign = {"word": "Replaced", "tone": "plain"}
LEVELS = {Fill.FULL: "full", Fill.SHORT: "short", Fill.UNKNOWN: "unknown"}


def picture(
    work: Work, kit: int, zone: str, selected: str | None = None, *, draws_blood: bool = True
) -> list[Shown]:
    """The tubes of a kit as `kits/collect.html` draws them; without clearance blood is not to be drawn."""
    tubes = [
        _tube(work, tube, zone, draws_blood=draws_blood, is_selected=tube.identifier == selected)
        for tube in tubes_of_kit(work, kit)
    ]
    following = next(
        (tube for tube in tubes if tube["state"] == State.EXPECTED.value and tube["is_drawn"]), None
    )
    return [{**tube, "is_next": tube is following} for tube in tubes]


def _tube(work: Work, tube: Item, zone: str, *, draws_blood: bool, is_selected: bool) -> Shown:
    specification = specification_of_tube(work, tube)
    events = (
        [] if tube.state == State.EXPECTED.value else newest_events(work, tube.identifier, EVENTS_LOOKED_AT)
    )
    collected = _newest(events, Action.COLLECT)
    fill = collected.get("details", {}).get("fill") if collected and tube.collected_at else None
    is_drawn = draws_blood or specification is None or specification.specimen is not SpecimenKind.BLOOD
    nominal = specification.nominal_volume_microlitres if specification else None
    return {
        "identifier": tube.identifier,
        "printed": printed(tube.identifier),
        "number": tube.draw_order,
        "code": tube.specification,
        "label": specification.label if specification else tube.specification,
        "colour": specification.colour if specification else None,
        "specimen": specification.specimen.value if specification else None,
        "labels": specification.labels if specification else 1,
        "state": tube.state,
        "sign": NOT_TO_DRAW
        if not is_drawn and tube.state == State.EXPECTED.value
        else _sign(tube, fill, events),
        "level": LEVELS.get(fill, "empty") if fill else "empty",
        "why": _why(tube.state, events),
        "about": millilitres(tube.volume_microlitres) if fill == Fill.SHORT else None,
        "at": in_zone(tube.collected_at, zone) if tube.collected_at else None,
        "is_drawn": is_drawn,
        "is_replaced": _is_replaced(tube.state, events),
        "is_selected": is_selected,
        "nominal": millilitres(nominal),
        "nominal_microlitres": nominal,
    }


def _newest(events: Sequence[Mapping[str, Any]], action: Action) -> Mapping[str, Any] | None:
    return next((event for event in events if event["action"] == action.value), None)


def _sign(tube: Item, fill: str | None, events: Sequence[Mapping[str, Any]]) -> Sign:
    if _is_replaced(tube.state, events):
        return REPLACED
    if tube.state == State.COLLECTED.value and fill in (Fill.SHORT, Fill.UNKNOWN):
        return SHORT if fill == Fill.SHORT else FILL_UNKNOWN
    return SIGNS.get(tube.state) or state_sign(tube.state)


def _is_replaced(state: str, events: Sequence[Mapping[str, Any]]) -> bool:
    """Whether a tube from the shelf has its place."""
    return state == State.NOT_COLLECTED.value and events[0]["action"] == Action.SUBSTITUTE.value


def _why(state: str, events: Sequence[Mapping[str, Any]]) -> str | None:
    """Why there is nothing in it."""
    if state not in (State.NOT_COLLECTED.value, State.BROKEN.value) or not events:
        return None
    reason = events[0].get("details", {}).get("reason")
    return reason_word(str(reason)) if reason else None
