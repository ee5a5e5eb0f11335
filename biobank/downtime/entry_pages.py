"""Typing in a form: its number, its kit, the participant code twice, and what is ticked for each tube."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import Told
from biobank.custody.steps import ItemNow
from biobank.downtime.checks import EntryRefused
from biobank.downtime.choices import FormVoidReason, TubeOutcome
from biobank.downtime.inputs import EnteredForm, EnteredTube
from biobank.downtime.models import DowntimeForm
from biobank.downtime.operations import enter_form, void_form
from biobank.downtime.pages import form_shown
from biobank.downtime.queries import form_named, people_of_site
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.checks import kit_named
from biobank.kits.choices import NotCollectedReason
from biobank.kits.queries import specification_of_tube
from biobank.sites.queries import site_named
from biobank.web.addresses import sent_to
from biobank.web.collect_buttons import reason_word
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import time_required
from biobank.web.typed_fields import thousandths_typed
from biobank.web.visit_steps import IDENTIFIERS
from biobank.web.words import spoken

blueprint = Blueprint("downtime_entry", __name__, url_prefix="/downtime/forms")

Shown = dict[str, Any]
Typed = Mapping[str, str]
CLOCK = re.compile(r"([0-9]{1,2})[:.h]?([0-9]{2})")
MOST_TOLD = 3
"""Sentences of what was flagged that the answer repeats; all stand with the tubes."""


@blueprint.get("/<identifier>")
@reads(Permission.RUN_VISITS)
def form(identifier: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, identifier=identifier)


def _page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    found = form_named(work, by, identifier)
    typed: Typed = request.form if refusal else {}
    kit, not_a_kit = _kit(work, request.form.get("kit") or request.args.get("kit", ""))
    problem = refusal or not_a_kit
    return render_template(
        "downtime/form.html",
        entry=_entry(work, found, zone_of(work, by)),
        kit={"identifier": kit.identifier, "printed": printed(kit.identifier), "note": _note(found, kit)}
        if kit
        else None,
        tubes=list(_tubes(work, kit)) if kit else [],
        people=people_of_site(work, found.site),
        identifiers=IDENTIFIERS,
        reasons=[{"value": each.value, "label": reason_word(each.value)} for each in NotCollectedReason],
        void_reasons=[
            {"value": each.value, "label": spoken(each.value).capitalize()} for each in FormVoidReason
        ],
        ticked=request.form.getlist("identifier") if refusal else [],
        offsets=problem.extra.get("offsets", []) if problem else [],
        form=typed,
        errors=errors_of_form(problem),
        **({"feedback": refused(problem)} if problem else {}),
    )


def _kit(work: Work, text: str) -> tuple[ItemNow | None, DomainError | None]:
    """The kit on the form, or why that is none."""
    if not text.strip():
        return None, None
    try:
        kit = kit_named(work, text)
    except DomainError as problem:
        problem.extra.setdefault("field", "kit")
        return None, problem
    return kit, None


def _note(found: DowntimeForm, kit: ItemNow) -> str | None:
    if kit.specification == found.definition:
        return None
    return f"The form was printed for {found.definition}; the kit is {kit.specification}."


def _entry(work: Work, found: DowntimeForm, zone: str) -> Shown:
    kit = work.session.get(Item, found.kit_id) if found.kit_id is not None else None
    return {
        **form_shown(work, found, zone),
        "kit": {"printed": printed(kit.identifier), "url": f"/items/{kit.identifier}"} if kit else None,
    }


def _tubes(work: Work, kit: ItemNow) -> Iterator[Shown]:
    for number, tube in enumerate(tubes_of_kit(work, kit.id), 1):
        known = specification_of_tube(work, tube)
        yield {
            "number": number,
            "identifier": tube.identifier,
            "label": known.label if known else tube.specification,
            "code": tube.specification,
            "colour": known.colour if known else None,
            "spins": bool(known and known.centrifuge),
        }


@blueprint.post("/<identifier>")
@shown_again(Permission.RUN_VISITS, _page)
@writes(Permission.RUN_VISITS)
def enter(identifier: str, *, work: Work, by: Actor) -> Response:
    found = form_named(work, by, identifier)
    told = _told(work, found, request.form)
    alerts = enter_form(work, told, by=by)
    sentences = [f"{printed(found.number)} is entered: {len(told.tubes)} tubes."]
    sentences += [alert.text for alert in alerts[:MOST_TOLD]]
    if len(alerts) > MOST_TOLD:
        sentences.append("There is more; look at the tubes of the kit.")
    tell("Form entered", " ".join(sentences), tone="ask" if alerts else "right")
    return sent_to(f"/downtime/forms/{found.number}")


def _told(work: Work, found: DowntimeForm, typed: Typed) -> EnteredForm:
    """Raises `EntryRefused`, `NotAMoment`, `FieldRefused`, each with the field."""
    kit, problem = _kit(work, typed.get("kit", ""))
    if kit is None:
        raise problem or EntryRefused("Scan the label of the kit on the form.", field="kit")
    cleared = typed.get("cleared", "")
    zone = site_named(work, found.site).zone
    rows = (_row(typed, number, tube, zone) for number, tube in enumerate(tubes_of_kit(work, kit.id), 1))
    return EnteredForm(
        number=found.number,
        kit=kit.identifier,
        participant=_participant(typed),
        performer=typed.get("performer", "").strip(),
        tubes=tuple(row for row in rows if row),
        identifiers=tuple(request.form.getlist("identifier")),
        blood_cleared={"yes": True, "no": False}.get(cleared),
        labels_confirmed="labels_confirmed" in typed,
        compensated="compensated" in typed,
        parcel=typed.get("parcel", "").strip(),
    )


def _participant(typed: Typed) -> str:
    """Typed twice, since a participant's code has no check digits."""
    once, again = (typed.get(name, "").strip().upper() for name in ("participant", "participant_again"))
    if not once or once != again:
        raise EntryRefused(
            "The two participant codes are not the same; type both again from the form.",
            field="participant",
        )
    return once


def _row(typed: Typed, number: int, tube: Item, zone: str) -> EnteredTube | None:
    outcome, reason = typed.get(f"outcome-{number}", ""), typed.get(f"reason-{number}", "")
    at, spun = (_time(typed, f"{name}-{number}", zone) for name in ("at", "spun"))
    volume = thousandths_typed(typed, f"volume-{number}")
    if outcome not in set(TubeOutcome):
        if at or spun or volume or reason:
            raise EntryRefused(f"Tick what became of tube {number}.", field=f"outcome-{number}")
        return None
    return EnteredTube(
        tube=tube.identifier,
        outcome=TubeOutcome(outcome),
        at=at,
        volume_microlitres=volume if outcome == TubeOutcome.SHORT else None,
        reason=NotCollectedReason(reason) if reason in set(NotCollectedReason) else None,
        spun_at=spun,
    )


def _time(typed: Typed, name: str, zone: str) -> Told | None:
    """On the day of the form, 24 hours, with or without a colon; what is left empty is not known."""
    text = typed.get(name, "").strip()
    if not text:
        return None
    day = typed.get("on", "").strip()
    if not day:
        raise EntryRefused("Type the date that stands on the form.", field="on")
    clock = CLOCK.fullmatch(text)
    if clock is None:
        raise EntryRefused("Type the time as on the form, such as 09:30.", field=name)
    moment = {name: f"{day}T{int(clock[1]):02d}:{clock[2]}", f"{name}_offset": typed.get("offset", "")}
    return time_required(moment, zone, name)


@blueprint.post("/<identifier>/void")
@shown_again(Permission.RUN_VISITS, _page)
@writes(Permission.RUN_VISITS)
def void(identifier: str, *, work: Work, by: Actor) -> Response:
    reason = request.form.get("reason", "")
    if reason not in set(FormVoidReason):
        raise EntryRefused("Say why the form is voided.", field="reason")
    voided = void_form(work, identifier, FormVoidReason(reason), by=by)
    tell("Form voided", f"{printed(voided.number)} is not waited for any more.")
    return sent_to("/downtime")
