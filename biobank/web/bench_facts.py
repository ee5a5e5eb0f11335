"""What the bench did with a specimen, as its page shows it: SPREC with its facts, thaws, measures."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.states import MADE, SPECIMENS, Kind, State
from biobank.custody.steps import ItemNow
from biobank.ledger.queries import entry_of
from biobank.processing.freezing import material_of, thaws_of
from biobank.processing.measures import BY_NAME, in_words
from biobank.processing.plans import Vial, plan_for
from biobank.processing.sprec import PRIMARY, Element, code_of
from biobank.processing.sprec_facts import sprec_of
from biobank.web.words import in_zone, spoken

Shown = dict[str, Any]
VESSELS = {
    Vial.SMALL_TUBE: "Polypropylene tube up to half a mL",
    Vial.TUBE: "Polypropylene tube up to 2 mL",
    Vial.CRYOTUBE: "Cryotube of 1 to 2 mL",
    Vial.LARGE_TUBE: "Polypropylene tube above 5 mL",
    PRIMARY: "The tube that was drawn",
}
UNITS = {"Force": "g", "Duration": "min", "Temperature": "°C", "Stored at": "°C"}


def bench_facts(work: Work, found: ItemNow, by: Actor, zone: str) -> Shown | None:
    """As `processing/facts.html` takes them; None for what is no specimen, or was not drawn yet."""
    if found.kind not in SPECIMENS or found.state in (State.EXPECTED, State.NOT_COLLECTED, State.VOIDED):
        return None
    elements = sprec_of(work, found)
    material = material_of(work, found)
    return {
        "sprec": code_of(elements) if elements else None,
        "elements": [_element(element, zone) for element in elements or ()],
        "thaws": thaws_of(work, found.id),
        "thaws_at_most": material.thaws_at_most if material else None,
        "measures": _measures(work, found) if found.kind is Kind.DERIVATIVE else [],
        "plan_url": _plan_url(work, found, by),
    }


def _plan_url(work: Work, found: ItemNow, by: Actor) -> str | None:
    """Where its vials stand, for who works at the bench."""
    plan = plan_for(work.settings, found.specification) if found.kind is Kind.TUBE else None
    at_hand = found.state in (State.RECEIVED, State.CHECKED_OUT) and by.may(Permission.PROCESS_SPECIMENS)
    return f"/processing/aliquots/{found.identifier}" if plan and plan.lines and at_hand else None


def _measures(work: Work, found: ItemNow) -> list[tuple[str, str]]:
    """As they were told when it was made."""
    born = entry_of(work, found.identifier, 1).event if found.kind in MADE else {}
    told = born.get("details", {})
    measured = {name: told[name] for name in BY_NAME if name in told}
    return in_words(measured, born.get("volume_microlitres"))


def _element(element: Element, zone: str) -> Shown:
    facts: Mapping[str, object] = element.facts
    return {
        "name": element.name,
        "code": element.code,
        "facts": [{"label": name, **_value(name, value, zone)} for name, value in facts.items()],
    }


def _value(name: str, value: object, zone: str) -> Shown:
    """A moment, or a text with its unit; neither where nobody knows."""
    if isinstance(value, datetime):
        return {"at": in_zone(value, zone), "text": None}
    if value is None:
        return {"at": None, "text": None}
    words = VESSELS.get(str(value)) or spoken(str(value))
    return {"at": None, "text": " ".join(filter(None, (words, UNITS.get(name))))}
