"""Forms on which a death, a new period of taking part, or a refusal of one kind is recorded."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.participants.queries import participant_seen_by
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import time_required
from biobank.web.typed_fields import FieldRefused, chosen
from biobank.withdrawals.deaths import record_death
from biobank.withdrawals.inputs import DeathTold, NewConsent, Refusal
from biobank.withdrawals.staying import refuse_scopes, take_part_again
from biobank.withdrawals.told_forms import form_frame, read_asking, read_scopes, shown_participant

blueprint = Blueprint("told_pages", __name__)
Page = Callable[..., str]


def _form(template: str, last: str) -> Page:
    def form(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
        found = participant_seen_by(work, by, code)
        return render_template(
            template,
            participant=shown_participant(found),
            url=f"/participants/{found.code}/{last}",
            **form_frame(work, by, refusal),
        )

    return form


DEATH = _form("withdrawals/death.html", "death")
PERIOD = _form("withdrawals/period.html", "period")
REFUSAL = _form("withdrawals/refusal.html", "refusal")


@blueprint.get("/participants/<code>/death")
@reads(Permission.RECORD_WITHDRAWALS)
def death(code: str, *, work: Work, by: Actor) -> str:
    return DEATH(work, by, code=code)


@blueprint.post("/participants/<code>/death")
@shown_again(Permission.RECORD_WITHDRAWALS, DEATH)
@writes(Permission.RECORD_WITHDRAWALS)
def die(code: str, *, work: Work, by: Actor) -> Response:
    asked = read_asking(request.form, zone_of(work, by))
    told = record_death(work, DeathTold(participant=code, died_on=_day(), **asked), by=by)
    tell("Recorded", "Nothing new is collected. Nothing is destroyed by it.")
    return sent_to(f"/participants/{told.participant}")


def _day() -> date | None:
    text = request.form.get("died_on", "").strip()
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as problem:
        raise FieldRefused(
            "Give the day, such as 2026-03-01, or leave it empty.", field="died_on"
        ) from problem


@blueprint.get("/participants/<code>/period")
@reads(Permission.RECORD_WITHDRAWALS)
def period(code: str, *, work: Work, by: Actor) -> str:
    return PERIOD(work, by, code=code)


@blueprint.post("/participants/<code>/period")
@shown_again(Permission.RECORD_WITHDRAWALS, PERIOD)
@writes(Permission.RECORD_WITHDRAWALS)
def begin_period(code: str, *, work: Work, by: Actor) -> Response:
    begun = take_part_again(work, _consent(code, zone_of(work, by)), by=by)
    tell("Takes part again", "A new period began. What was decided before stays as it is.")
    return sent_to(f"/participants/{begun.participant}")


def _consent(code: str, zone: str) -> NewConsent:
    told: dict[str, Any] = {name: request.form.get(name, "").strip() for name in ("form_version", "source")}
    for name, text in told.items():
        if not text:
            raise FieldRefused("Write what stands on the form.", field=name)
    return NewConsent(
        participant=code,
        consent_language=chosen(request.form, "language", ("en", "es"), "Say in which language."),
        scopes=read_scopes(),
        effective_at=time_required(request.form, zone, "effective_at").at,
        **told,
    )


@blueprint.get("/participants/<code>/refusal")
@reads(Permission.RECORD_WITHDRAWALS)
def refusal(code: str, *, work: Work, by: Actor) -> str:
    return REFUSAL(work, by, code=code)


@blueprint.post("/participants/<code>/refusal")
@shown_again(Permission.RECORD_WITHDRAWALS, REFUSAL)
@writes(Permission.RECORD_WITHDRAWALS)
def refuse(code: str, *, work: Work, by: Actor) -> Response:
    asked = read_asking(request.form, zone_of(work, by))
    end = refuse_scopes(work, Refusal(participant=code, scopes=read_scopes(), **asked), by=by)
    tell("Recorded", f"From then on nothing more is taken of this: {', '.join(sorted(end.ends))}.")
    return sent_to(f"/participants/{end.participant}")
