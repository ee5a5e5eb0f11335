"""Centrifuge runs as pages: all tubes that go in together are scanned, started and taken out."""

from datetime import datetime, timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.steps import Source
from biobank.processing.choices import Balance, Kept
from biobank.processing.inputs import NewRun
from biobank.processing.models import CentrifugeRun
from biobank.processing.queries import programmes_of
from biobank.processing.runs import (
    end_run,
    is_cut_short,
    newest_runs,
    run_numbered,
    start_run,
    tubes_in,
)
from biobank.processing.spin_pages import ODD, programme_chosen, programmes_shown
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import card, names_of_people
from biobank.web.feedback import QUIET, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import NAME, now_told, time_required, time_told
from biobank.web.typed_fields import choices, chosen, kept_typed
from biobank.web.words import Sign, in_zone, spoken

blueprint = Blueprint("run_pages", __name__, url_prefix="/centrifuge/runs")
Shown = dict[str, Any]
MAY = Permission.RUN_CENTRIFUGE
FIELDS = ("tubes", "programme", "balance", "centrifuge", "kept_at", NAME, f"{NAME}_unknown")


@blueprint.get("")
@reads(MAY)
def runs(*, work: Work, by: Actor) -> str:
    """`tube`, as often as wanted, is scanned already."""
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    now, zone, programmes = moments.now(), zone_of(work, by), programmes_of(work, by.sites)
    told = request.form if refusal else {"tubes": "\n".join(request.args.getlist("tube"))}
    only = {"programme": str(programmes[0].id)} if len(programmes) == 1 else {}
    return render_template(
        "processing/runs.html",
        programmes=programmes_shown(work, programmes, by),
        runs=[_run(run, zone, now) for run in newest_runs(work, by)],
        balances=choices(Balance),
        kept=[option for option in choices(Kept) if option["value"] != Kept.BODY],
        zone=zone,
        bench_url=_bench_of(by),
        form={**only, **told},
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal, *FIELDS),
    )


def _bench_of(by: Actor) -> str | None:
    """A clinic has a centrifuge and no bench."""
    return "/processing" if by.may(Permission.PROCESS_SPECIMENS) else None


def _scanned() -> list[str]:
    """One a line, as they were typed."""
    return [line.strip() for line in request.form.get("tubes", "").splitlines() if line.strip()]


def _run(run: CentrifugeRun, zone: str, now: datetime) -> Shown:
    done_at = run.began_at + timedelta(minutes=run.minutes) if run.began_at and run.minutes else None
    return {
        "number": run.id,
        "url": f"/centrifuge/runs/{run.id}",
        "centrifuge": run.centrifuge,
        "programme": run.programme,
        "tubes": run.tubes,
        "began_at": in_zone(run.began_at, zone) if run.began_at else None,
        "done_at": in_zone(done_at, zone) if done_at else None,
        "ended_at": in_zone(run.ended_at, zone) if run.ended_at else None,
        "sign": _sign(run, done_at, now),
    }


def _sign(run: CentrifugeRun, done_at: datetime | None, now: datetime) -> Sign:
    if run.ended_at is not None:
        short = is_cut_short(run)
        return {"word": "Ended early" if short else "Taken out", "tone": "late" if short else "plain"}
    if done_at is None:
        return {"word": "Its end is not known", "tone": "ask"}
    spins = now < done_at
    return {"word": "Spins" if spins else "Done, take it out", "tone": "wait" if spins else "right"}


@blueprint.post("")
@shown_again(MAY, _page)
@logging_refused_forms
@writes(MAY)
def start(*, work: Work, by: Actor) -> Response:
    """All tubes go in, or none."""
    form = request.form
    new = NewRun(
        tubes=tuple(_scanned()),
        balance=chosen(form, "balance", Balance, "Say how the tubes stand in the rotor."),
        centrifuge=form.get("centrifuge", "").strip(),
        kept_at=kept_typed(form),
    )
    run, steps = start_run(
        work, new, programme_chosen(work, by), by=by, source=Source("scan"),
        at=time_told(form, zone_of(work, by)), confirmation=confirmation_told(),
    )  # fmt: skip
    alerts = dict.fromkeys(alert.text for step in steps for alert in step.alerts if alert.kind not in QUIET)
    sentence = f"Run {run.id}: {run.tubes} tubes are in the centrifuge."
    tell("In the centrifuge", " ".join([sentence, *list(alerts)[:10]]), tone="ask" if alerts else "right")
    return sent_to(f"/centrifuge/runs/{run.id}")


@blueprint.get("/<int:number>")
@reads(MAY)
def run(number: int, *, work: Work, by: Actor) -> str:
    return _one(work, by, number=number)


def _one(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    now, zone = moments.now(), zone_of(work, by)
    found = run_numbered(work, by, number)
    people = names_of_people(work, {name for name in (found.begun_by, found.ended_by) if name})
    tubes = [
        {**card(work, tube, by), "odd": ODD.get(spin.warning or "")} for spin, tube in tubes_in(work, found)
    ]
    return render_template(
        "processing/run.html",
        run=_run(found, zone, now),
        balance=spoken(found.balance),
        people={"begun": people.get(found.begun_by), "ended": people.get(found.ended_by or "")},
        tubes=tubes,
        now=in_zone(now, zone),
        bench_url=_bench_of(by),
        zone=zone,
        form=request.form if refusal else {},
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal),
    )


@blueprint.post("/<int:number>/out")
@shown_again(MAY, _one)
@writes(MAY)
def out(number: int, *, work: Work, by: Actor) -> Response:
    """The tubes are taken out."""
    typed = request.form.get(NAME, "").strip()
    at = time_required(request.form, zone_of(work, by), NAME) if typed else now_told(work, by)
    ended = end_run(work, number, by=by, at=at)
    if is_cut_short(ended):
        sentence = f"Run {ended.id} was shorter than its programme; spin its tubes again or ask a lead."
        tell("Ended early", sentence, tone="ask")
    else:
        tell("Taken out", f"Run {ended.id}: scan each tube at the bench to go on with it.")
    return sent_to(f"/centrifuge/runs/{number}")
