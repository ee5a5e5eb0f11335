"""What the page at the chair shows: the kit, its picture, the buttons of the tube at hand."""

from typing import Any

from flask import render_template, request

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.states import State
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.cancelling import is_cancelled
from biobank.kits.checks import is_a_kit
from biobank.kits.collecting import newest_answer
from biobank.kits.open_kits import OtherKitOpen, other_kit_open
from biobank.visits.choices import DRAWN
from biobank.visits.models import Visit, VisitKit
from biobank.visits.queries import clearance_of, visit_of_kit
from biobank.web.asked_back import refused_or_asked
from biobank.web.collect_buttons import choices, tube_buttons
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.kit_picture import picture

Shown = dict[str, Any]
TOLD = ("text", "tube", "answer", "volume", "reason", "code", "lot", "expires_on")
"""Fields of the forms of this page that a confirmation sends once more."""


def kit_seen_by(work: Work, by: Actor, identifier: str) -> ItemNow:
    """Raises `OtherSite`, before it says what the code is of, and `NotAKit`."""
    found = found_by(work, by, identifier)
    is_a_kit(found)
    return found


def collect_page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    """The page, also of a kit whose tubes all have their answer: it may be looked at, and corrected."""
    kit = kit_seen_by(work, by, identifier)
    visit, blood = visit_of_kit(work, kit), draws_blood(work, kit)
    tubes = picture(work, kit.id, zone_of(work, by), _selected(refusal), draws_blood=blood)
    return render_template(
        "kits/collect.html",
        kit=_kit(work, by, work.session.get_one(Item, kit.id), tubes),
        tubes=tubes,
        visit=_visit(work, visit, kit) if visit else None,
        draws_blood=blood,
        other=_other(work, by, kit, refusal),
        undo=newest_answer(work, kit.id),
        **_at_hand(kit, tubes, refusal),
        **refused_or_asked(refusal, *TOLD),
    )


def draws_blood(work: Work, kit: ItemNow | Item) -> bool:
    """Whether the safety questions of the kit's visit left blood to draw; without a visit nobody asked."""
    visit = visit_of_kit(work, kit)
    return visit is None or clearance_of(work, visit) in DRAWN


def _selected(refusal: DomainError | None) -> str | None:
    """The tube that the buttons speak of: the one that was scanned or chosen last."""
    named = refusal.extra.get("item") if refusal else request.args.get("tube")
    named = named or request.form.get("tube")
    return str(named) if named else None


def _at_hand(kit: ItemNow, tubes: list[Shown], refusal: DomainError | None) -> Shown:
    """What may be said of the tube at hand, and the question that was opened."""
    tube = next((tube for tube in tubes if tube["is_selected"]), None)
    ask = request.args.get("ask", "") or request.form.get("ask", "")
    return {
        "tube": tube,
        "buttons": tube_buttons(f"/kits/{kit.identifier}/collect", tube) if tube else [],
        "ask": ask,
        "choices": choices(ask, tube),
        "form": request.form,
        "errors": errors_by_field(refusal),
    }


def _kit(work: Work, by: Actor, kit: Item, tubes: list[Shown]) -> Shown:
    counted = [tube for tube in tubes if not tube["is_replaced"]]
    answered = [tube for tube in counted if tube["state"] != State.EXPECTED.value]
    return {
        "identifier": kit.identifier,
        "printed": printed(kit.identifier),
        "url": f"/kits/{kit.identifier}/collect",
        "item_url": f"/items/{kit.identifier}",
        "site": kit.site,
        "participant": kit.participant if kit.site is None or by.works_at(kit.site) else None,
        "definition": kit.specification,
        "state": kit.state,
        "is_cancelled": is_cancelled(work, kit.id),
        "expires_on": kit.expires_on,
        "total": len(counted),
        "answered": len(answered),
        "collected": sum(1 for tube in counted if tube["at"] is not None),
        "following": next((tube for tube in tubes if tube["is_next"]), None),
    }


def _visit(work: Work, visit: Visit, kit: ItemNow) -> Shown:
    link = work.session.get_one(VisitKit, (visit.id, kit.id))
    return {
        "url": f"/visits/{visit.id}",
        "state": visit.state,
        "labels_confirmed": link.labels_confirmed_at is not None,
    }


def _other(work: Work, by: Actor, kit: ItemNow, refusal: DomainError | None) -> Shown | None:
    """The kit that is open at this station, and the scan that waits until it is left."""
    other = other_kit_open(work, by, kit)
    if other is None:
        return None
    waiting = request.form.get("text", "") if isinstance(refusal, OtherKitOpen) else ""
    return {
        "printed": printed(other.identifier),
        "url": f"/kits/{other.identifier}/collect",
        "text": waiting,
    }
