"""Studies and their requests as pages: registered, approved, ended, checked, and their file."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.tables import MOST_DIGITS
from biobank.custody.states import SPECIMENS, Kind
from biobank.distribution import operations
from biobank.distribution.choices import APPROVAL, EndedBecause, RequestStanding
from biobank.distribution.inputs import NewRequest, Portion
from biobank.distribution.models import StudyRequest
from biobank.distribution.queries import (
    Distributed,
    counted_by_portion,
    distributions_of_request,
    holders_to_ask,
    open_distributions,
    request_called,
    requests,
    standing_on,
)
from biobank.distribution.records import request_record
from biobank.exchange.study_files import study_file
from biobank.items.identifiers import printed
from biobank.retrieval.models import PickList
from biobank.retrieval.queries import lists_seen_by
from biobank.sites.queries import site_called
from biobank.web.addresses import sent_to
from biobank.web.downloads import download
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required
from biobank.web.typed_fields import FieldRefused, choices, chosen, signing_typed
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("study_pages", __name__, url_prefix="/study-requests")
Shown = dict[str, Any]
MOST_KINDS = 4
"""Lines of kinds that the form offers; the API takes more."""
MOST_LISTS = 10
STANDINGS: Mapping[RequestStanding, Shown] = {
    RequestStanding.REGISTERED: {"word": "Waits for its approval", "tone": "wait"},
    RequestStanding.NOT_YET: {"word": "Begins later", "tone": "wait"},
    RequestStanding.OPEN: {"word": "Approved", "tone": "right"},
    RequestStanding.EXPIRED: {"word": "Over", "tone": "plain"},
    RequestStanding.ENDED: {"word": "Ended", "tone": "wrong"},
}


@blueprint.get("")
@reads(Permission.SEE_DISTRIBUTION)
def listed(*, work: Work, by: Actor) -> str:
    """Newest first, a page at a time."""
    found = page(work, requests(), [StudyRequest.id], cursor=request.args.get("cursor"), newest_first=True)
    return render_template(
        "distribution/requests.html",
        requests=[_told(work, each) for each in found.rows],
        next_url=found.next_url("/study-requests"),
        to_ask=len(holders_to_ask(work, by)) if by.may(Permission.ASK_HOLDERS) else 0,
        unfinished=[
            {"number": each.id, "url": f"/distributions/{each.id}", "site": site_called(work, each.site)}
            for each in open_distributions(work, by)
        ]
        if by.may(Permission.DISTRIBUTE)
        else [],
        may_register=by.may(Permission.REGISTER_STUDIES),
    )


def _told(work: Work, found: StudyRequest) -> Shown:
    given = counted_by_portion(work, found)
    return {
        "number": found.number,
        "url": f"/study-requests/{found.number}",
        "study": found.study,
        "receiver": found.receiver,
        "agreement": found.agreement,
        "purpose": found.purpose,
        "valid_from": found.valid_from,
        "valid_until": found.valid_until,
        "state": STANDINGS[standing_on(found)],
        "portions": [
            {
                "kind": spoken(each.kind).capitalize(),
                "specification": each.specification,
                "most": each.most,
                "given": given.get(each.id, 0),
            }
            for each in found.portions
        ],
    }


@blueprint.get("/new")
@reads(Permission.REGISTER_STUDIES)
def new(*, work: Work, by: Actor) -> str:
    return _form(work, by)


def _form(_: Work, __: Actor, *, refusal: DomainError | None = None) -> str:
    return render_template(
        "distribution/new.html",
        kinds=choices(sorted(SPECIMENS)),
        lines=range(1, MOST_KINDS + 1),
        **typed_again(refusal),
    )


@blueprint.post("")
@shown_again(Permission.REGISTER_STUDIES, _form)
@writes(Permission.REGISTER_STUDIES)
def registered(*, work: Work, by: Actor) -> Response:
    form = request.form
    texts = {
        name: form.get(name, "").strip() for name in ("number", "study", "receiver", "agreement", "purpose")
    }
    told = NewRequest(
        valid_from=day_required(request.form, "valid_from"),
        valid_until=day_required(request.form, "valid_until"),
        portions=_portions(),
        **texts,
    )
    kept = operations.register_request(work, told, by=by)
    tell("Registered", f"Request {kept.number} waits for somebody else's approval.")
    return sent_to(f"/study-requests/{kept.number}")


def _portions() -> tuple[Portion, ...]:
    """Lines of the form that were filled in. Raises `FieldRefused`."""
    found = []
    for line in range(1, MOST_KINDS + 1):
        kind, most = request.form.get(f"kind_{line}", ""), request.form.get(f"most_{line}", "").strip()
        if not kind and not most:
            continue
        if kind not in {each.value for each in SPECIMENS}:
            raise FieldRefused("Choose the kind of specimen.", field=f"kind_{line}")
        if not most.isascii() or not most.isdigit() or len(most) > MOST_DIGITS:
            raise FieldRefused("Say how many at most, in a whole number.", field=f"most_{line}")
        specification = request.form.get(f"specification_{line}", "").strip()
        found.append(Portion(kind=Kind(kind), most=int(most), specification=specification))
    return tuple(found)


@blueprint.get("/<code>")
@reads(Permission.SEE_DISTRIBUTION)
def show(code: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, code=code)


def _page(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    found, zone = request_called(work, code), zone_of(work, by)
    standing, sha256 = standing_on(found), request_record(found)[1]
    waits = standing is RequestStanding.REGISTERED
    return render_template(
        "distribution/request.html",
        study=_told(work, found),
        registered={"by": found.registered_by, "at": in_zone(found.registered_at, zone)},
        approved=_approved(found, zone),
        ended=spoken(found.ended_because) if found.ended_because else None,
        handed=[
            {
                "number": each.id, "url": f"/distributions/{each.id}", "site": site_called(work, each.site),
                "closed_at": in_zone(each.closed_at, zone) if each.closed_at else None,
            }
            for each in distributions_of_request(work, found, by)
        ],
        sha256=sha256,
        meaning=APPROVAL,
        may_approve=waits and by.may(Permission.APPROVE_STUDIES),
        may_end=found.ended_at is None and by.may(Permission.APPROVE_STUDIES),
        may_hand_over=standing is RequestStanding.OPEN and by.may(Permission.DISTRIBUTE),
        may_pick=standing is RequestStanding.OPEN and by.may(Permission.PICK),
        pick_lists=_pick_lists(work, found, by),
        may_export=standing is RequestStanding.OPEN and by.may(Permission.EXPORT_FILES),
        may_check=by.may(Permission.CHECK_PAST_STUDIES),
        reasons=choices(EndedBecause),
        **typed_again(refusal),
    )  # fmt: skip


def _pick_lists(work: Work, found: StudyRequest, by: Actor) -> list[Shown]:
    """The newest of its lists at the reader's sites."""
    if not by.may(Permission.SEE_STORAGE):
        return []
    newest = lists_seen_by(by, request=found).order_by(PickList.id.desc()).limit(MOST_LISTS)
    return [{"number": each.id, "url": f"/pick-lists/{each.id}"} for each in work.session.scalars(newest)]


def _approved(found: StudyRequest, zone: str) -> Shown | None:
    return {"by": found.approved_by, "at": in_zone(found.approved_at, zone)} if found.approved_at else None


@blueprint.post("/<code>/approval")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@writes(Permission.APPROVE_STUDIES)
def approved(code: str, *, work: Work, by: Actor) -> Response:
    kept = operations.approve_request(work, code, signing_typed(request.form), by=by)
    tell("Approved", f"Material may be handed to study {kept.study} until its last day.")
    return sent_to(f"/study-requests/{kept.number}")


@blueprint.post("/<code>/end")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@writes(Permission.APPROVE_STUDIES)
def ended(code: str, *, work: Work, by: Actor) -> Response:
    because = chosen(request.form, "because", EndedBecause, "Say why it ends.")
    kept = operations.end_request(work, code, because, by=by)
    tell("Ended", f"Nothing more goes to study {kept.study}.")
    return sent_to(f"/study-requests/{kept.number}")


@blueprint.post("/<code>/distributions")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@writes(Permission.DISTRIBUTE)
def opened(code: str, *, work: Work, by: Actor) -> Response:
    site = by.bench_site or request.form.get("site", "").strip()
    if not site:
        raise FieldRefused("Say at which site it is packed.", field="site")
    begun = operations.open_distribution(work, code, site=site, by=by)
    return sent_to(f"/distributions/{begun.id}")


@blueprint.post("/<code>/checks")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@writes(Permission.CHECK_PAST_STUDIES)
def checked(code: str, *, work: Work, by: Actor) -> str:
    """Shown in the answer itself: an address that shows it again would be a look that nobody wrote down."""
    found = operations.check_past_study(work, code, request.form.get("reference", ""), by=by)
    zone = zone_of(work, by)
    return render_template(
        "distribution/checked.html", number=code, items=[row_of(each, zone) for each in found]
    )


def row_of(each: Distributed, zone: str) -> Shown:
    """A specimen at a study, and what its holder said."""
    return {
        "printed": printed(each.item),
        "url": f"/items/{each.item}",
        "item": each.item,
        "study": each.study,
        "receiver": each.receiver,
        "request": each.request,
        "at": in_zone(each.at or each.recorded_at, zone),
        "asked_on": each.asked_on,
        "answer": spoken(each.answer) if each.answer else None,
        "answered_on": each.answered_on,
        "reference": each.reference,
        "came_back": each.came_back,
    }


@blueprint.post("/<code>/file")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@writes(Permission.EXPORT_FILES)
def exported(code: str, *, work: Work, by: Actor) -> Response:
    made = study_file(work, code, by=by)
    return download(made.content, "text/csv; charset=utf-8", made.name)
