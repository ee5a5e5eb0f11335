"""The centrifuge as a page: choose the programme, scan the tubes in; what waits, what spins, what is late."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.steps import Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.processing.bench import count_to_be_spun
from biobank.processing.checks import SpinRefused
from biobank.processing.choices import HURRY, Phase
from biobank.processing.models import CentrifugeProgramme, Spin
from biobank.processing.operations import spin
from biobank.processing.queries import (
    Waiting,
    count_waiting,
    ends_at,
    programme_numbered,
    programmes_of,
    spins_shown,
    tubes_waiting,
)
from biobank.sites.queries import site_called
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import card
from biobank.web.collect_answers import name_of_tube
from biobank.web.feedback import LOUDEST, QUIET, tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import NAME, time_told
from biobank.web.words import Sign, in_zone, spoken

blueprint = Blueprint("spin_pages", __name__, url_prefix="/centrifuge")
Shown = dict[str, Any]

UNKNOWN = "unknown"
"""The choice of somebody who does not know which programme it was."""
LONGEST_NUMBER = 18
SENT = ("text", "programme", NAME, f"{NAME}_unknown")
PHASES: Mapping[Phase, Sign] = {
    Phase.CLOTTING: {"word": "Clots, not yet", "tone": "wait"},
    Phase.READY: {"word": "May go in", "tone": "right"},
    Phase.HURRY: {"word": "Now, before others", "tone": "late"},
    Phase.LATE: {"word": "Too late", "tone": "wrong"},
    Phase.UNKNOWN: {"word": "Collection time not known", "tone": "ask"},
}
URGENT_FIRST = (Phase.LATE, Phase.HURRY, Phase.READY, Phase.CLOTTING, Phase.UNKNOWN)
ODD: Mapping[str, Sign] = {
    "centrifuged_early": {"word": "Went in too early", "tone": "late"},
    "centrifuged_late": {"word": "Went in too late", "tone": "late"},
    "centrifuge_time_unknown": {"word": "Time not known", "tone": "ask"},
}


@blueprint.get("")
@reads(Permission.RUN_CENTRIFUGE)
def centrifuge(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    now, zone = moments.now(), zone_of(work, by)
    waiting = [_waiting(work, each, by, zone, now) for each in tubes_waiting(work, by.sites)]
    spins = [_spin(work, run, tube, by, zone, now) for run, tube in spins_shown(work, by.sites, now)]
    programmes = programmes_of(work, by.sites)
    return render_template(
        "processing/centrifuge.html",
        programmes=programmes_shown(work, programmes, by),
        waiting=sorted(waiting, key=lambda each: URGENT_FIRST.index(each["phase"])),
        waiting_in_all=count_waiting(work, by.sites),
        at_the_bench=count_to_be_spun(work, by.sites) if by.may(Permission.PROCESS_SPECIMENS) else 0,
        spins=spins,
        phases=[{"code": phase.value, "sign": sign} for phase, sign in PHASES.items()],
        now=in_zone(now, zone),
        form=_form(programmes),
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal, *SENT),
    )


def programmes_shown(work: Work, programmes: list[CentrifugeProgramme], by: Actor) -> list[Shown]:
    """With the site's name in front for whoever works at several."""
    several = by.sites is None or len(by.sites) > 1
    return [
        {
            "value": str(programme.id),
            "label": f"{site_called(work, programme.site)}: {programme.name}" if several else programme.name,
            "g": programme.g,
            "minutes": programme.minutes,
            "temperature": programme.temperature_celsius,
            "rotor": spoken(programme.rotor) if programme.rotor else None,
        }
        for programme in programmes
    ]


def _form(programmes: list[CentrifugeProgramme]) -> dict[str, str]:
    """As it was sent, or as after the last scan; where there is only one programme, that one."""
    told = request.form if request.method == "POST" else request.args
    form = {name: told[name] for name in (*SENT[1:], "confirmation") if told.get(name)}
    if "programme" not in form and len(programmes) == 1:
        form["programme"] = str(programmes[0].id)
    return form


def _waiting(work: Work, waiting: Waiting, by: Actor, zone: str, now: datetime) -> Shown:
    window = waiting.window
    known = window.opens_at is not None and window.closes_at is not None
    return {
        **card(work, waiting.tube, by),
        "phase": window.phase(now),
        "opens_at": in_zone(window.opens_at, zone) if window.opens_at else None,
        "closes_at": in_zone(window.closes_at, zone) if window.closes_at else None,
        "hurry_at": in_zone(window.closes_at - HURRY, zone) if known and window.closes_at else None,
    }


def _spin(work: Work, run: Spin, tube: Item, by: Actor, zone: str, now: datetime) -> Shown:
    end = ends_at(run)
    return {
        **card(work, tube, by),
        "programme": run.programme,
        "began_at": in_zone(run.began_at, zone) if run.began_at else None,
        "ends_at": in_zone(end, zone) if end else None,
        "done": end is not None and end <= now,
        "odd": ODD.get(run.warning or ""),
        "undo_url": f"/items/{tube.identifier}/steps/correct",
    }


@blueprint.post("/scan")
@shown_again(Permission.RUN_CENTRIFUGE, _page)
@logging_refused_forms
@writes(Permission.RUN_CENTRIFUGE)
def scan(*, work: Work, by: Actor) -> Response:
    """One scan is one tube into the centrifuge."""
    text = request.form.get("text", "")
    done = spin(
        work, text, programme_chosen(work, by), by=by, source=Source("scan"),
        at=time_told(request.form, zone_of(work, by)),
        confirmation=confirmation_told(),
    )  # fmt: skip
    log_taken(work, text, done, by=by)
    _tell(work, with_scanner_alert(done, text))
    kept = {name: request.form[name] for name in SENT[1:] if request.form.get(name)}
    return sent_to(f"/centrifuge?{urlencode(kept)}")


def programme_chosen(work: Work, by: Actor) -> CentrifugeProgramme | None:
    """Raises `SpinRefused` when none was chosen, `ProgrammeUnknown`."""
    chosen = request.form.get("programme", "")
    if chosen == UNKNOWN:
        return None
    if not chosen.isdecimal() or len(chosen) > LONGEST_NUMBER:
        raise SpinRefused("Choose the programme of the centrifuge first, then scan.", field="programme")
    return programme_numbered(work, by, int(chosen))


def _tell(work: Work, done: Recorded) -> None:
    """What went in, and every warning that stays with it."""
    if any(alert.kind in LOUDEST for alert in done.alerts):
        tell_of(done)
        return
    tube = f"{name_of_tube(work, done.item)}, {printed(done.item.identifier)}"
    if done.repeated:
        tell("In the centrifuge already", f"{tube}: it is the same run.")
        return
    warnings = [alert.text for alert in done.alerts]
    stops = [alert for alert in done.alerts if alert.kind not in QUIET]
    word = "In the centrifuge. Look again" if stops else "In the centrifuge"
    tell(word, " ".join([f"{tube}.", *warnings]), tone="ask" if stops else "right")
