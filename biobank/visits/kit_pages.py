"""A kit that was scanned without a visit: for whom it is to be, keyed twice or scanned."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_now
from biobank.custody.states import Kind, State
from biobank.custody.steps import AskedBack, ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.visits import operations
from biobank.visits.choices import VisitState
from biobank.visits.models import Visit
from biobank.visits.pages import FIELD_OF, is_minor, telling
from biobank.visits.queries import today_at, visit_seen_by, visits_asked_for
from biobank.web.addresses import sent_to
from biobank.web.cards import card
from biobank.web.collect_page import kit_seen_by
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.paging import page
from biobank.web.participant_codes import code_told
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms
from biobank.web.shown_again import shown_again

blueprint = Blueprint("visit_kit_pages", __name__, url_prefix="/visits/kits")
MOST_OPEN = 12
"""Open visits of today that are offered; a clinic has as many chairs."""


@blueprint.get("/<identifier>")
@reads(Permission.RUN_VISITS)
def kit(identifier: str, *, work: Work, by: Actor) -> str | Response:
    """An assigned kit is at its picture already, and one of another site where its site is told."""
    found = item_now(work, identifier)
    is_ours = any(by.works_at(site) for site in found.sites())
    if found.kind is Kind.KIT and (found.state is State.ASSIGNED or not is_ours):
        return sent_to(f"/kits/{found.identifier}/collect")
    return _page(work, by, identifier=identifier)


def _page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    found = kit_seen_by(work, by, identifier)
    row = work.session.get_one(Item, found.id)
    asked_back = isinstance(refusal, AskedBack)
    told = {"feedback": refused(refusal)} if refusal and not asked_back else {}
    return render_template(
        "visits/kit.html",
        kit={
            **card(work, row, by),
            "is_issued": found.state is State.ISSUED,
            "expires_on": row.expires_on,
            "site": found.site,
        },
        open_visits=_open_visits(work, by, found),
        form=request.form if refusal else {},
        errors=errors_by_field(refusal, FIELD_OF),
        ask_back=refusal.detail if refusal and asked_back else None,
        **told,
    )


def _open_visits(work: Work, by: Actor, kit: ItemNow) -> list[dict[str, Any]]:
    if kit.site is None:
        return []
    question = visits_asked_for(by, site=kit.site, state=VisitState.OPEN)
    today = question.where(Visit.on == today_at(work, kit.site))
    rows = page(work, today, [Visit.id], limit=MOST_OPEN, newest_first=True).rows
    return [{"number": visit.id, "participant": visit.participant} for visit in rows]


@blueprint.post("/<identifier>")
@shown_again(Permission.RUN_VISITS, _page)
@logging_refused_forms
@writes(Permission.RUN_VISITS)
def take(identifier: str, *, work: Work, by: Actor) -> Response:
    """Assigned at once where the visit is ready for it, else it waits in the visit."""
    found, told = kit_seen_by(work, by, identifier), telling(work, by)
    number = request.form.get("visit", type=int)
    if number is not None:
        visit = visit_seen_by(work, by, number)
    else:
        site = found.site or by.bench_site or ""
        visit = operations.open_visit(work, code_told(request.form), site, told, minor=is_minor())
    if visit.identity_attested_at is None or visit.clearance is None:
        tell(
            "Visit open",
            f"Visit {visit.id} of {visit.participant}: the kit waits until the next steps are done.",
        )
        return sent_to(f"/visits/{visit.id}?kit={found.identifier}")
    done = operations.assign_kit(work, visit.id, found.identifier, told)
    log_taken(work, identifier, done, by=by)
    tell("Assigned", f"{printed(found.identifier)} is for {visit.participant}.")
    return sent_to(f"/kits/{found.identifier}/collect")
