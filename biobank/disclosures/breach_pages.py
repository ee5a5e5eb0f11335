"""Breach reports as pages: looked at first, then kept, and everybody told."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.access.queries import PersonUnknown
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.disclosures.breaches import report_breach, tell_people
from biobank.disclosures.choices import BreachAbout, BreachCause, BreachStep
from biobank.disclosures.inputs import NewBreach
from biobank.disclosures.models import BreachReport
from biobank.disclosures.pages import refused_form, words_of
from biobank.disclosures.queries import breach_seen_by, breaches_seen_by, untold_people
from biobank.disclosures.stories import CANNOT_BE_KNOWN, breach_told
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required, time_required
from biobank.web.typed_fields import choices, chosen
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("breach_pages", __name__, url_prefix="/breaches")
Shown = dict[str, Any]


@blueprint.get("")
@reads(Permission.SEE_DISCLOSURES)
def listed(*, work: Work, by: Actor) -> str:
    found = page(
        work, breaches_seen_by(by), [BreachReport.id], cursor=request.args.get("cursor"), newest_first=True
    )
    return render_template(
        "disclosures/breaches.html",
        breaches=[_told(work, each, zone_of(work, by)) for each in found.rows],
        next_url=found.next_url("/breaches"),
        may_make=by.may(Permission.MAKE_DISCLOSURES),
    )


def _told(work: Work, report: BreachReport, zone: str) -> Shown:
    told = breach_told(work, report)
    people = [
        each
        | {
            "shown": words_of(each["shown"]),
            "confirmed": words_of(each["confirmed"]),
            "message": spoken(each["message"]) if each["message"] else None,
            "told_at": in_zone(each["told_at"], zone) if each["told_at"] else None,
        }
        for each in told["people"]
    ]
    return told | {
        "url": f"/breaches/{report.id}",
        "about": spoken(report.about).capitalize(),
        "cause": spoken(report.cause),
        "from_at": in_zone(report.from_at, zone),
        "until_at": in_zone(report.until_at, zone),
        "people": people,
        "untold": len(untold_people(work, report)),
    }


@blueprint.get("/new")
@reads(Permission.MAKE_DISCLOSURES)
def new(*, work: Work, by: Actor) -> str:
    return _form(work, by)


def _form(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    return render_template(
        "disclosures/new_breach.html",
        abouts=choices(BreachAbout),
        causes=choices(BreachCause),
        steps=choices(BreachStep),
        chosen_steps=request.form.getlist("steps") if refusal else [],
        cannot_be_known=CANNOT_BE_KNOWN,
        zone=zone_of(work, by),
        **refused_form(refusal, {PersonUnknown: "named"}),
    )


@blueprint.post("")
@shown_again(Permission.MAKE_DISCLOSURES, _form)
@writes(Permission.MAKE_DISCLOSURES)
def reported(*, work: Work, by: Actor) -> Response:
    form, zone = request.form, zone_of(work, by)
    told = NewBreach(
        about=chosen(form, "about", BreachAbout, "Say through what."),
        named=form.get("named", "").strip() or None,
        from_at=time_required(form, zone, "from_at").at,
        until_at=time_required(form, zone, "until_at").at,
        cause=chosen(form, "cause", BreachCause, "Say how it happened, as far as it is known."),
        found_on=day_required(request.form, "found_on"),
        steps=tuple(BreachStep(step) for step in form.getlist("steps") if step in set(BreachStep)),
    )
    report = report_breach(work, told, by=by)
    tell("Reported", "Look at whom it concerns, then tell them.")
    return sent_to(f"/breaches/{report.id}")


@blueprint.get("/<int:number>")
@reads(Permission.SEE_DISCLOSURES)
def show(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    report = _told(work, breach_seen_by(work, by, number), zone_of(work, by))
    may_tell = by.may(Permission.MAKE_DISCLOSURES) and report["untold"] > 0
    return render_template(
        "disclosures/breach.html", report=report, may_tell=may_tell, **refused_form(refusal)
    )


@blueprint.post("/<int:number>/messages")
@shown_again(Permission.SEE_DISCLOSURES, _page)
@writes(Permission.MAKE_DISCLOSURES)
def people_told(number: int, *, work: Work, by: Actor) -> Response:
    queued = len(tell_people(work, number, by=by))
    if queued == 1:
        tell("Queued", "One message tells what was seen and what they can do.")
    else:
        tell("Queued", f"{queued} messages tell what was seen and what they can do.")
    return sent_to(f"/breaches/{number}")
