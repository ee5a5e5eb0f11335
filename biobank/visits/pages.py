"""One visit as a checklist whose next step is the big one."""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.checks import OtherSite
from biobank.custody.states import Kind, State
from biobank.custody.steps import AskedBack
from biobank.identity.choices import SAID
from biobank.identity.queries import vault_knows
from biobank.items.identifiers import Letter, printed, read_scan
from biobank.kits.checks import KitExpired
from biobank.kits.choices import AmendReason, CancelReason, RestoreReason
from biobank.participants.checks import AgeMismatch
from biobank.participants.models import Participant
from biobank.participants.queries import participant_named, standing
from biobank.sites.queries import site_named
from biobank.visits import operations
from biobank.visits.answers import questions_for
from biobank.visits.checks import OtherVisit
from biobank.visits.choices import VisitState
from biobank.visits.inputs import Telling
from biobank.visits.kit_checks import KitTooLarge, VolumeLimit
from biobank.visits.models import Visit
from biobank.visits.queries import visit_of_kit, visit_seen_by
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.language import language
from biobank.web.look_ups import is_participant, page_behind
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import FieldRefused, choices
from biobank.web.visit_steps import IDENTIFIERS, steps_of, visit_row

blueprint = Blueprint("visit_pages", __name__, url_prefix="/visits")
Shown = dict[str, Any]
WHOLE: Mapping[str, tuple[type[StrEnum], Callable[..., Visit], str]] = {
    "amend": (AmendReason, operations.amend_visit, "Visit amended"),
    "cancel": (CancelReason, operations.cancel_visit, "Visit cancelled"),
    "restore": (RestoreReason, operations.restore_visit, "Visit restored"),
}
"""What is done to a visit as a whole: for which reasons, how, and what is said then."""
REASONS = {what: choices(reasons) for what, (reasons, _, _) in WHOLE.items()}
SCAN_BOX = {
    "label": "Scan the kit",
    "hint": "The kit that is taken for this participant. Anything else leads to its page.",
    "button": "Go on",
}
UNFIT = (KitTooLarge, VolumeLimit, OtherVisit, KitExpired, AgeMismatch)
"""Why a kit is put back; every other refusal is about a step that is not done yet."""


class TwoPeople(FieldRefused):
    """A participant code that is not the one of the visit."""

    title = "Somebody else"


@blueprint.get("/<int:number>")
@reads(Permission.RUN_VISITS)
def visit(number: int, *, work: Work, by: Actor) -> str:
    return checklist(work, by, number=number)


def checklist(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    """The visit's page; after a refusal with what was typed, and the step open that it is about."""
    found = visit_seen_by(work, by, number)
    site = site_named(work, found.site)
    who = participant_named(work, found.participant)
    asked_back = isinstance(refusal, AskedBack)
    told = {"feedback": _refused(refusal)} if refusal and not asked_back else {}
    return render_template(
        "visits/visit.html",
        visit={**visit_row(found, site.zone), "site": site.name},
        participant=_who(who),
        steps=steps_of(work, found, who, site.zone),
        waiting_kit=None if isinstance(refusal, UNFIT) else _waiting_kit(work, by, found),
        identifiers=IDENTIFIERS,
        vault=_vault(work, by, found),
        questions=questions_for(work, found),
        language=language(),
        reasons=REASONS,
        may_consent=by.may(Permission.REGISTER_PARTICIPANTS),
        zone=site.zone,
        scan={**SCAN_BOX, "url": f"/visits/{found.id}/scan"},
        opened=request.path.rsplit("/", 1)[1] if refusal else None,
        form=_typed() if refusal else {},
        errors=errors_by_field(refusal, FIELD_OF),
        ask_back=refusal.detail if refusal and asked_back else None,
        **told,
    )


def _vault(work: Work, by: Actor, visit: Visit) -> Shown:
    """Whether the vault knows the person, and then answers whether they are who they say."""
    may_ask = by.may(Permission.CHECK_IDENTITY, visit.site)
    return {"knows": vault_knows(work, visit.participant), "may_ask": may_ask}


def _typed() -> dict[str, str]:
    """What a refused form shows again; who somebody says they are is typed again."""
    return {name: text for name, text in request.form.items() if name not in SAID}


def _refused(refusal: DomainError) -> Shown:
    """Of a kit of another site the way on is to tell them, not to learn about barcodes."""
    answer, item = refused(refusal), str(refusal.extra.get("item", ""))
    if isinstance(refusal, OtherSite) and item.startswith(Letter.KIT):
        answer["link"] = {"label": "Tell them that it is here", "url": f"/kits/{item}/collect"}
    return answer


def _who(participant: Participant) -> Shown:
    return {
        "code": participant.code,
        "minor": participant.minor,
        "url": f"/participants/{participant.code}",
        "stopped": standing(participant).collection_stopped,
    }


def _waiting_kit(work: Work, by: Actor, visit: Visit) -> Shown | None:
    """A kit that was scanned before the visit was ready for it; it is assigned by one more step."""
    text = request.values.get("kit") or request.form.get("text") or ""
    if not text.strip():
        return None
    try:
        item = found_by(work, by, text)
    except DomainError:
        return None
    if item.kind is not Kind.KIT or item.state is not State.ISSUED or visit.state != VisitState.OPEN.value:
        return None
    return {
        "identifier": item.identifier,
        "printed": printed(item.identifier),
        "definition": item.specification,
    }


FIELD_OF = {"participant": "code"}
"""Where a form asks for something under another name."""


def telling(work: Work, by: Actor) -> Telling:
    """Now, on the clock of the reader's site, by who is signed in."""
    return Telling(by=by, at=now_told(work, by), confirmation=confirmation_told())


def is_minor() -> bool | None:
    """Of somebody who is new here; None while nobody was asked."""
    return {"yes": True, "no": False}.get(request.form.get("minor", ""))


def to_visit(visit: Visit) -> Response:
    """Back to the checklist, with the kit that waits."""
    kit = request.form.get("kit", "").strip()
    return sent_to(f"/visits/{visit.id}?{urlencode({'kit': kit})}" if kit else f"/visits/{visit.id}")


@blueprint.post("/<int:number>/scan")
@shown_again(Permission.RUN_VISITS, checklist)
@logging_refused_forms
@writes(Permission.RUN_VISITS)
def scan(number: int, *, work: Work, by: Actor) -> Response:
    """A kit is assigned and its picture opens; all else leads to its page, and the wrong person is told."""
    found, text = visit_seen_by(work, by, number), request.form.get("text", "")
    code = read_scan(text).code
    if is_participant(work, code):
        _same_person(work, found, code)
        tell("Right", f"This is {code}, whose visit this is.")
        return to_visit(found)
    item = found_by(work, by, text) if read_scan(text).is_ours else None
    if item is None or item.kind is not Kind.KIT or item.state is not State.ISSUED:
        mine = item is not None and item.kind is Kind.KIT and visit_of_kit(work, item) is not None
        return sent_to(f"/kits/{item.identifier}/collect" if item and mine else page_behind(work, by, text))
    done = operations.assign_kit(work, number, text, telling(work, by))
    log_taken(work, text, done, by=by)
    tell("Assigned", f"{printed(done.item.identifier)} is for {found.participant}.")
    return sent_to(f"/kits/{done.item.identifier}/collect")


def _same_person(work: Work, visit: Visit, code: str) -> None:
    if participant_named(work, visit.participant).code != code and visit.participant != code:
        raise TwoPeople(
            f"{code} is not the participant of this visit; look again who sits in the chair.", field="text"
        )


@blueprint.post("/<int:number>/identity")
@shown_again(Permission.RUN_VISITS, checklist)
@writes(Permission.RUN_VISITS)
def identity(number: int, *, work: Work, by: Actor) -> Response:
    told, visited = request.form.getlist("identifiers"), visit_seen_by(work, by, number)
    if vault_knows(work, visited.participant):
        raise FieldRefused(
            "Their name is known: type the name and the birth date that they say.", field="given_name"
        )
    found = operations.attest_identity(work, number, told, telling(work, by))
    tell("Identity confirmed", "Two identifiers agreed.")
    return to_visit(found)


@blueprint.post("/<int:number>/labels")
@shown_again(Permission.RUN_VISITS, checklist)
@writes(Permission.RUN_VISITS)
def labels(number: int, *, work: Work, by: Actor) -> Response:
    found = visit_seen_by(work, by, number)
    operations.confirm_labels(work, number, request.form.get("labelled", ""), telling(work, by))
    tell("Labels confirmed", "The participant has read the labels with you.")
    return to_visit(found)


@blueprint.post("/<int:number>/compensation")
@shown_again(Permission.RUN_VISITS, checklist)
@writes(Permission.RUN_VISITS)
def compensation(number: int, *, work: Work, by: Actor) -> Response:
    found = operations.hand_out_compensation(work, number, telling(work, by))
    tell("Handed out", f"{found.compensation} to {found.participant}.")
    return to_visit(found)


@blueprint.post("/<int:number>/close")
@shown_again(Permission.RUN_VISITS, checklist)
@writes(Permission.RUN_VISITS)
def close(number: int, *, work: Work, by: Actor) -> Response:
    found = operations.close_visit(work, number, telling(work, by))
    tell("Visit closed", f"Visit {found.id} of {found.participant} is complete.")
    return sent_to("/visits")


@blueprint.post("/<int:number>/amend", defaults={"what": "amend"})
@blueprint.post("/<int:number>/cancel", defaults={"what": "cancel"})
@blueprint.post("/<int:number>/restore", defaults={"what": "restore"})
@shown_again(Permission.RUN_VISITS, lambda work, by, what, **named: checklist(work, by, **named))  # noqa: ARG005 (of the address)
@writes(Permission.RUN_VISITS)
def whole(number: int, what: str, *, work: Work, by: Actor) -> Response:
    """Amended, cancelled or restored, with a reason from the list."""
    reasons, do, word = WHOLE[what]
    try:
        reason = reasons(request.form.get("reason", ""))
    except ValueError as problem:
        raise FieldRefused("Choose a reason.", field="reason") from problem
    found = do(work, number, reason, telling(work, by), remark=request.form.get("remark"))
    tell(word, f"Visit {found.id} is {found.state}.")
    return to_visit(found)
