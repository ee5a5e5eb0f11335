"""Today's arrivals: who came, who is expected, and the next person to begin with."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.steps import AskedBack
from biobank.items.identifiers import read_scan
from biobank.sites.queries import site_named
from biobank.visits import operations
from biobank.visits.appointments import expect, expect_no_more
from biobank.visits.choices import VisitState
from biobank.visits.models import Visit
from biobank.visits.pages import FIELD_OF, is_minor, telling, to_visit
from biobank.visits.queries import expected_today, today_at, visits_asked_for
from biobank.web.addresses import sent_to
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.look_ups import page_behind
from biobank.web.paging import page
from biobank.web.participant_codes import code_told
from biobank.web.permission import reads, writes
from biobank.web.scan_log import logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required
from biobank.web.visit_steps import visit_row

blueprint = Blueprint("visit_arrival_pages", __name__, url_prefix="/visits")
Shown = dict[str, Any]
SHOWN = {"today": "Today", "open": "Still open", "all": "All visits"}


@blueprint.get("")
@reads(Permission.RUN_VISITS)
def visits(*, work: Work, by: Actor) -> str:
    return _arrivals(work, by)


def _arrivals(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    site, asked = _site_asked(by), request.args.get("show", "today")
    chosen = asked if asked in SHOWN else "today"
    question = visits_asked_for(by, site=site, state=VisitState.OPEN if chosen == "open" else None)
    if chosen == "today" and site:
        question = question.where(Visit.on == today_at(work, site))
    found = page(work, question, [Visit.id], cursor=request.args.get("cursor"), newest_first=True)
    zone = zone_of(work, by)
    told = {"feedback": refused(refusal)} if refusal and not isinstance(refusal, AskedBack) else {}
    return render_template(
        "visits/visits.html",
        site_shown=_site(work, site),
        sites=_sites(work, by, site),
        filters=_filters(site, chosen),
        visits=[visit_row(visit, zone) for visit in found.rows],
        expected=expected_today(work, site) if site else [],
        next_url=_url(site, chosen, found.next_cursor) if found.next_cursor else None,
        form=request.form if refusal else {},
        errors=errors_by_field(refusal, FIELD_OF),
        ask_back=refusal.detail if isinstance(refusal, AskedBack) else None,
        **told,
    )


def _site_asked(by: Actor) -> str | None:
    asked = request.args.get("site") or request.form.get("site")
    if asked and by.works_at(asked):
        return asked
    return by.bench_site or min(by.sites or (), default=None)


def _site(work: Work, site: str | None) -> Shown:
    return {"code": site, "name": site_named(work, site).name if site else "", "today": _today(work, site)}


def _today(work: Work, site: str | None) -> date:
    return today_at(work, site) if site else moments.now().date()


def _sites(work: Work, by: Actor, chosen: str | None) -> list[Shown]:
    """To choose from, for who works at several."""
    codes = sorted(by.sites or ())
    if len(codes) < 2:  # noqa: PLR2004 (one site is no choice)
        return []
    return [
        {"name": site_named(work, code).name, "url": _url(code, "today"), "current": code == chosen}
        for code in codes
    ]


def _filters(site: str | None, chosen: str) -> list[Shown]:
    return [
        {"label": label, "url": _url(site, code), "current": code == chosen} for code, label in SHOWN.items()
    ]


def _url(site: str | None, show: str, cursor: str | None = None) -> str:
    asked = {"site": site, "show": show, "cursor": cursor}
    return f"/visits?{urlencode({name: value for name, value in asked.items() if value})}"


@blueprint.post("")
@shown_again(Permission.RUN_VISITS, _arrivals)
@logging_refused_forms
@writes(Permission.RUN_VISITS)
def open_(*, work: Work, by: Actor) -> Response:
    """Somebody has come, or something else was scanned there."""
    text = request.form.get("code", "")
    if text.strip() and read_scan(text).is_ours:
        return sent_to(page_behind(work, by, text))
    code = code_told(request.form)
    site = request.form.get("site") or by.bench_site or ""
    visit = operations.open_visit(work, code, site, telling(work, by), minor=is_minor())
    tell("Visit open", f"Visit {visit.id} of {visit.participant}.")
    return to_visit(visit)


@blueprint.post("/expected")
@shown_again(Permission.RUN_VISITS, _arrivals)
@writes(Permission.RUN_VISITS)
def expected(*, work: Work, by: Actor) -> Response:
    """An appointment."""
    on = day_required(request.form, "on")
    site, code = request.form.get("site", ""), code_told(request.form, "expected")
    made = expect(work, code, site, on, time=request.form.get("time"), by=by)
    tell("Expected", f"{made.participant} is expected on {made.on}.")
    return sent_to(_url(site, "today"))


@blueprint.post("/expected/<int:number>/remove")
@writes(Permission.RUN_VISITS)
def remove(number: int, *, work: Work, by: Actor) -> Response:
    """They do not come."""
    expect_no_more(work, number, by=by)
    tell("Removed", "The appointment was taken off the list.")
    return sent_to("/visits")
