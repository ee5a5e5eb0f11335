"""Aliquoting as one screen: the vials of the plan stand there, what was really made is recorded once."""

from collections.abc import Collection, Iterator
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import children_of
from biobank.processing.aliquoting import aliquot
from biobank.processing.bench import is_to_be_spun_first
from biobank.processing.choices import Kept, NotMade
from biobank.processing.freezing import thaws_of
from biobank.processing.inputs import NewAliquots, Vials
from biobank.processing.plans import Plan, plan_for, todays_plans
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import card, identity
from biobank.web.feedback import LOUDEST, QUIET, tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import alerts_shown, found_by, holds_shown
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import time_told
from biobank.web.typed_fields import (
    FieldRefused,
    Form,
    choices,
    chosen,
    codes_typed,
    kept_typed,
    millilitres_typed,
)
from biobank.web.words import millilitres

blueprint = Blueprint("aliquot_pages", __name__, url_prefix="/processing/aliquots")
Shown = dict[str, Any]
MAY = Permission.PROCESS_SPECIMENS
MOST_CHILDREN_SHOWN = 60
MOST_MORE = 50
FIELD_OF = {"children": "codes", "vials": "not_made", "issuer": "issuer", "code": "codes"}
NEXT = {
    "url": "/processing/scan",
    "label": "Scan the next tube",
    "hint": "Its plan opens. What you typed here is not recorded before you press the button below.",
    "button": "Open this tube",
}
SENT_ONCE = frozenset({"csrf_token", "idempotency_key", "confirmation"})


@blueprint.get("/<identifier>")
@reads(MAY)
def aliquots(identifier: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, identifier=identifier)


def _page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    found = found_by(work, by, identifier)
    row, zone = work.session.get_one(Item, found.id), zone_of(work, by)
    plan = plan_for(work.settings, found.specification) if found.kind is Kind.TUBE else None
    made = children_of(work, found.id)
    sent = [name for name in request.form if name not in SENT_ONCE]
    return render_template(
        "processing/aliquots.html",
        item=identity(work, row, by, zone),
        scan=NEXT,
        holds=holds_shown(work, found, by, zone),
        alerts=alerts_shown(work, found, by),
        facts=_facts(work, found, plan),
        plan={"key": todays_plans(work.settings).key, "source": plan.source} if plan else None,
        vials=list(_vials(plan)),
        materials=[_option(name) for name in todays_plans(work.settings).materials],
        reasons=choices(plan.not_made if plan else ()),
        kept=[option for option in choices(Kept) if option["value"] != Kept.BODY],
        made=[
            {**card(work, child, by), "volume": millilitres(child.volume_microlitres)}
            for child in made[:MOST_CHILDREN_SHOWN]
        ],
        print_url=f"/printing?{urlencode([('item', child.identifier) for child in made])}" if made else None,
        zone=zone,
        form=request.form if refusal else _as_planned(plan),
        errors=errors_by_field(refusal, FIELD_OF),
        **refused_or_asked(refusal, *sent),
    )


def _option(name: str) -> Shown:
    return {"value": name, "label": name.capitalize(), "note": None}


def _facts(work: Work, found: ItemNow, plan: Plan | None) -> Shown:
    """What the bench looks at before it begins."""
    return {
        "volume": "used up" if found.state is State.CONSUMED else millilitres(found.volume_microlitres),
        "planned": millilitres(plan.volume_microlitres) if plan else None,
        "unspun": is_to_be_spun_first(work, found),
        "thaws": thaws_of(work, found.id),
    }


def _vials(plan: Plan | None) -> Iterator[Shown]:
    """One row a vial, numbered through the lines of the plan."""
    number = 0
    for line in plan.lines if plan else ():
        for _ in range(line.count):
            yield {
                "number": number,
                "material": line.material.name,
                "celsius": line.material.store_celsius,
                "volume": millilitres(line.volume_microlitres),
                "source": line.source,
            }
            number += 1


def _as_planned(plan: Plan | None) -> dict[str, str]:
    """All made, as much in each as planned."""
    form: dict[str, str] = {}
    for vial in _vials(plan):
        form |= {
            f"made-{vial['number']}": "yes",
            f"volume-{vial['number']}": vial["volume"].removesuffix(" mL"),
        }
    return form


@blueprint.post("/<identifier>")
@shown_again(MAY, _page)
@logging_refused_forms
@writes(MAY)
def make(identifier: str, *, work: Work, by: Actor) -> Response:
    """Recorded whole, asked back once, or shown again with what is wrong in it."""
    found = found_by(work, by, identifier)
    plan = plan_for(work.settings, found.specification) if found.kind is Kind.TUBE else None
    told = _told(found, plan, todays_plans(work.settings).materials, request.form)
    steps = aliquot(
        work, told, by=by, source=Source("scan"),
        at=time_told(request.form, zone_of(work, by)), confirmation=confirmation_told(),
    )  # fmt: skip
    if request.form.get("frozen"):
        _freeze(work, steps[0], by)
    _tell(steps)
    return sent_to(f"/processing/aliquots/{found.identifier}")


def _freeze(work: Work, made: Recorded, by: Actor) -> None:
    at = time_told(request.form, zone_of(work, by))
    for child in made.born:
        record(work, child.identifier, Action.FREEZE, by=by, source=Source("scan"), at=at)


def _told(found: ItemNow, plan: Plan | None, materials: Collection[str], form: Form) -> NewAliquots:
    planned = list(_vials(plan))
    made = [vial for vial in planned if form.get(f"made-{vial['number']}")]
    vials = [(vial["material"], millilitres_typed(form, f"volume-{vial['number']}")) for vial in made]
    vials += _more(materials, form)
    codes = codes_typed(form)
    if codes and len(codes) != len(vials):
        raise FieldRefused(
            f"Codes scanned: {len(codes)}, vials: {len(vials)}; scan each once, from top to bottom.",
            field="codes",
        )
    return NewAliquots(
        parent=found.identifier,
        vials=tuple(
            Vials(named, volume, (code,))
            for (named, volume), code in zip(vials, codes or [""] * len(vials), strict=True)
        ),
        not_made=_lacking(plan, [vial["material"] for vial in planned if vial not in made], form),
        issuer=form.get("issuer", "").strip(),
        kept_at=kept_typed(form),
        used_up=bool(form.get("used_up")),
    )


def _more(materials: Collection[str], form: Form) -> list[tuple[str, int | None]]:
    """Vials beyond the plan, of a material that the plans know."""
    named, count = form.get("more_material", "").strip(), form.get("more_count", "").strip()
    if not named and not count:
        return []
    if not count.isdecimal() or not 0 < int(count[:4]) <= MOST_MORE:
        raise FieldRefused(f"Type how many more were made, 1 to {MOST_MORE}.", field="more_count")
    if named not in materials:
        raise FieldRefused("Choose what more was made.", field="more_material")
    return [(named, millilitres_typed(form, "more_volume"))] * int(count)


def _lacking(plan: Plan | None, named: list[str], form: Form) -> tuple[tuple[str, int, NotMade], ...]:
    if not named or plan is None:
        return ()
    why = chosen(form, "not_made", plan.not_made, "Choose why vials of the plan were not made.")
    return tuple((name, named.count(name), why) for name in dict.fromkeys(named))


def _tell(steps: list[Recorded]) -> None:
    made = steps[0]
    if any(alert.kind in LOUDEST for alert in made.alerts):
        tell_of(made)
        return
    stops = [alert for alert in made.alerts if alert.kind not in QUIET]
    held = any(alert.kind in ("quarantine", "hold") for alert in stops)
    sentence = f"Made of {printed(made.item.identifier)}: {counted(len(made.born), 'vial')}."
    tone = "wrong" if held else "ask" if stops else "right"
    tell("Aliquoted", " ".join([sentence, *(alert.text for alert in stops)]), tone=tone)
