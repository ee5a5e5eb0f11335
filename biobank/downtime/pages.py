"""Downtime as pages: packs to print ahead, which forms are out, what was told late."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.downtime.checks import PackRefused
from biobank.downtime.choices import FormStanding
from biobank.downtime.documents import PAPERS, pack_pdf
from biobank.downtime.inputs import NewPack
from biobank.downtime.models import DowntimeForm, LateEntry
from biobank.downtime.operations import print_pack
from biobank.downtime.queries import form_named, forms_listed, forms_of_pack, late_entries, standing_of
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.definitions import newest_first
from biobank.kits.queries import definitions
from biobank.sites.models import SiteKind
from biobank.sites.queries import site_called, sites
from biobank.web.addresses import sent_to
from biobank.web.downloads import download
from biobank.web.feedback import refused, tell
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.words import Sign, done_word, in_zone, spoken

blueprint = Blueprint("downtime", __name__, url_prefix="/downtime")

Shown = dict[str, Any]
USUAL_COUNT = 20

FILTERS = {
    "out": ("Out", FormStanding.OUT),
    "entered": ("Entered", FormStanding.ENTERED),
    "voided": ("Voided", FormStanding.VOIDED),
    "all": ("All", None),
}
SIGNS: dict[FormStanding, Sign] = {
    FormStanding.OUT: {"word": "Out", "tone": "wait"},
    FormStanding.ENTERED: {"word": "Entered", "tone": "right"},
    FormStanding.VOIDED: {"word": "Voided", "tone": "plain"},
}


@blueprint.get("")
@reads(Permission.RUN_VISITS)
def forms(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    asked = request.args.get("show", "out")
    label, standing = FILTERS.get(asked, FILTERS["out"])
    question = forms_listed(by, standing)
    listed = page(work, question, [DowntimeForm.id], cursor=request.args.get("cursor"), newest_first=True)
    zone = zone_of(work, by)
    told = {"feedback": refused(refusal), "form": request.form} if refusal else {}
    return render_template(
        "downtime/downtime.html",
        filters=[
            {"label": words, "url": f"/downtime?show={name}", "current": words == label}
            for name, (words, _) in FILTERS.items()
        ],
        forms=[form_shown(work, form, zone) for form in listed.rows],
        next_url=listed.next_url(f"/downtime?show={asked}"),
        sites=_sites(work, by),
        definitions=[{"value": each.key, "label": each.key} for each in newest_first(definitions(work))],
        papers=[{"value": "letter", "label": "Letter"}, {"value": "a4", "label": "A4"}],
        usual_count=USUAL_COUNT,
        pack=_pack(work, by),
        **told,
    )


def form_shown(work: Work, form: DowntimeForm, zone: str) -> Shown:
    return {
        "number": form.number,
        "printed": printed(form.number),
        "url": f"/downtime/forms/{form.number}",
        "site": site_called(work, form.site),
        "definition": form.definition,
        "printed_at": in_zone(form.printed_at, zone),
        "printed_by": form.printed_by,
        "entered_at": in_zone(form.entered_at, zone) if form.entered_at else None,
        "entered_by": form.entered_by,
        "voided_at": in_zone(form.voided_at, zone) if form.voided_at else None,
        "voided_by": form.voided_by,
        "void_reason": spoken(form.void_reason) if form.void_reason else None,
        "state": SIGNS[standing_of(form)],
    }


def _sites(work: Work, by: Actor) -> list[Shown]:
    """Clinics that the person works at."""
    return [
        {"value": site.code, "label": site.name}
        for site in sites(work)
        if site.kind == SiteKind.CLINIC and by.works_at(site.code)
    ]


def _pack(work: Work, by: Actor) -> Shown | None:
    """The pack that was just made, to be opened."""
    number, paper = request.args.get("pack"), request.args.get("paper")
    if not number or paper not in PAPERS:
        return None
    found = forms_of_pack(work, by, number)
    return {"url": f"/downtime/packs/{found[0].pack}.pdf?paper={paper}", "count": len(found)}


@blueprint.post("/packs")
@shown_again(Permission.RUN_VISITS, _page)
@writes(Permission.RUN_VISITS)
def make_pack(*, work: Work, by: Actor) -> Response:
    told = request.form
    count = told.get("count", "").strip()
    if not count.isdecimal() or len(count) > len(str(USUAL_COUNT)) + 2:
        raise PackRefused("Type how many forms, as a whole number.", field="count")
    new = NewPack(site=told.get("site", ""), definition=told.get("definition", ""), count=int(count))
    paper = told.get("paper", "")
    if paper not in PAPERS:
        raise PackRefused("Choose the paper of the printer.", field="paper")
    made = print_pack(work, new, by=by)
    tell("Forms ready", f"{len(made)} forms have their numbers; open the pack and print it.")
    return sent_to(f"/downtime?pack={made[0].number}&paper={paper}")


@blueprint.get("/packs/<identifier>.pdf")
@reads(Permission.RUN_VISITS)
def pack(identifier: str, *, work: Work, by: Actor) -> Response:
    paper = request.args.get("paper", PAPERS[0])
    if paper not in PAPERS:
        raise PackRefused("The paper is letter or a4.", field="paper")
    found = forms_of_pack(work, by, identifier)
    return download(pack_pdf(work, found, paper), "application/pdf", f"downtime-{found[0].pack}.pdf")


@blueprint.post("/scan")
@shown_again(Permission.RUN_VISITS, _page)
@writes(Permission.RUN_VISITS)
def scan(*, work: Work, by: Actor) -> Response:
    found = form_named(work, by, request.form.get("text", ""))
    return sent_to(f"/downtime/forms/{found.number}")


@blueprint.get("/late")
@reads(Permission.RUN_VISITS)
def late(*, work: Work, by: Actor) -> str:
    listed = page(
        work, late_entries(by), [LateEntry.id], cursor=request.args.get("cursor"), newest_first=True
    )
    zone = zone_of(work, by)
    return render_template(
        "downtime/late.html",
        entries=[_late(work, entry, zone) for entry in listed.rows],
        hours=work.settings.late_entry_hours,
        next_url=listed.next_url("/downtime/late"),
    )


def _late(work: Work, entry: LateEntry, zone: str) -> Shown:
    item = work.session.get_one(Item, entry.item_id)
    hours = (entry.recorded_at - entry.occurred_at).total_seconds() / 3600
    paper = entry.source == "paper"
    return {
        "printed": printed(item.identifier),
        "url": f"/items/{item.identifier}",
        "step": done_word(entry.action),
        "occurred_at": in_zone(entry.occurred_at, zone),
        "recorded_at": in_zone(entry.recorded_at, zone),
        "hours": f"{hours:.0f}",
        "recorded_by": entry.recorded_by,
        "source": spoken(entry.source),
        "form": {"printed": printed(entry.reference), "url": f"/downtime/forms/{entry.reference}"}
        if paper
        else None,
    }
