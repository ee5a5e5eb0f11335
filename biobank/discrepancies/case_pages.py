"""One case as a page: what differs, whose turn it is, what was said, and what can be done about it now."""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.cases import subject_of_case
from biobank.custody.hold_checks import NOT_RELEASED_BY_A_STEP
from biobank.custody.models import Discrepancy
from biobank.custody.queries import holds_on
from biobank.custody.states import HoldKind
from biobank.custody.steps import Source
from biobank.discrepancies import operations, separating
from biobank.discrepancies.checks import NotYoursToResolve, may_resolve, works_on_it
from biobank.discrepancies.choices import (
    SEPARATION,
    SIGNED_BY_TWO,
    TWO_WITH_ONE_CODE,
    Resolution,
    SiteAnswer,
)
from biobank.discrepancies.inputs import Answering, Asking, Resolving, Separating
from biobank.discrepancies.models import CodeSeparation
from biobank.discrepancies.queries import case_numbered, newest_separation, standing_cases_of
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.ledger.queries import Entry, entries_of
from biobank.sites.queries import site_called, sites
from biobank.web.addresses import sent_to
from biobank.web.cards import name_of_person, names_of_people, place
from biobank.web.case_lists import case_rows
from biobank.web.case_words import (
    ANSWERS,
    CHANGES,
    RESOLUTIONS,
    answer_word,
    choices_of,
    ends_offered,
    resolution_word,
)
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import chosen, signing_typed
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("one_case_pages", __name__, url_prefix="/discrepancies")
Shown = dict[str, Any]
SENTENCES: Mapping[str, str] = {
    "question": "question",
    "answer": "found_out",
    "resolution": "why",
    "reopening": "reason",
    "separation": "which",
}
"""Under which name the form of each address asks for its sentence."""


@blueprint.get("/<int:number>")
@reads(Permission.SEE_ITEMS)
def case(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found, zone = case_numbered(work, by, number), zone_of(work, by)
    sent = request.path.rpartition("/")[2]
    errors = errors_by_field(refusal, {"sentence": SENTENCES.get(sent, "why")})
    shown = {"feedback": refused(refusal)} if refusal and not errors else {}
    item = work.session.get_one(Item, found.item_id)
    others = [each for each in standing_cases_of(work, item.id) if each.id != found.id]
    return render_template(
        "discrepancies/case.html",
        case=case_rows(work, [found], by, zone)[0] | _more(work, found, zone),
        place=place(work, item, by),
        may=_may(work, found, by),
        me=by.person,
        sites=[{"value": site.code, "label": site.name, "note": None} for site in sites(work)],
        answers=choices_of(ANSWERS),
        ends=ends_offered(found.kind),
        holds=_holds(work, item.id),
        separation=_separation(work, found, by, zone),
        outcomes=[
            {"value": each.value, "label": RESOLUTIONS[each][0], "note": RESOLUTIONS[each][1]}
            for each in RESOLUTIONS
            if each in SIGNED_BY_TWO
        ],
        meaning=SEPARATION,
        life=_life(work, entries_of(work, subject_of_case(found.id)), zone),
        others=case_rows(work, others, by, zone),
        form=request.form if refusal else {},
        errors=errors,
        **shown,
    )


def _more(work: Work, found: Discrepancy, zone: str) -> Shown:
    return {
        "stands": found.resolved_at is None,
        "site_code": found.site,
        "answer": answer_word(found.answer) if found.answer else None,
        "answer_sentence": found.answer_sentence,
        "resolved_as": resolution_word(found.resolved_as) if found.resolved_as else None,
        "resolution": found.resolution,
        "resolved_by": name_of_person(work, found.resolved_by),
        "resolved_at": in_zone(found.resolved_at, zone) if found.resolved_at else None,
    }


def _may(work: Work, found: Discrepancy, by: Actor) -> dict[str, bool]:
    """What the reader can do about it now."""
    stands, changes = found.resolved_at is None, by.may(Permission.RECORD_STEPS)
    ours = found.site is not None and found.site in (by.sites or ())
    works, resolves = (changes and _passes(each, work, found, by) for each in (works_on_it, may_resolve))
    two = found.kind == TWO_WITH_ONE_CODE
    return {
        "assign": works and stands,
        "ask": works and stands and not two,
        "answer": changes and stands and ours,
        "resolve": resolves and stands and not two,
        "separate": resolves and stands and two,
        "reopen": works and not stands and found.resolved_as != Resolution.CODES_SEPARATED,
    }


def _passes(
    check: Callable[[Work, Discrepancy, Actor], None], work: Work, found: Discrepancy, by: Actor
) -> bool:
    try:
        check(work, found, by)
    except NotYoursToResolve:
        return False
    return True


def _holds(work: Work, item_id: int) -> list[Mapping[str, str | None]]:
    """Those that a release may lift."""
    standing = sorted(holds_on(work, item_id) - NOT_RELEASED_BY_A_STEP)
    return [
        {"value": hold.value, "label": spoken(hold.value).capitalize(), "note": None} for hold in standing
    ]


def _separation(work: Work, found: Discrepancy, by: Actor, zone: str) -> Shown | None:
    """What the first of two people proposed."""
    kept: CodeSeparation | None = newest_separation(work, found)
    if kept is None:
        return None
    other = separating.other_of(work, kept)
    return {
        "outcome": resolution_word(kept.outcome),
        "sentence": kept.sentence,
        "other": {"printed": printed(other), "url": f"/items/{other}"} if other else None,
        "by": name_of_person(work, kept.proposed_by),
        "at": in_zone(kept.proposed_at, zone),
        "approved_by": name_of_person(work, kept.approved_by),
        "sha256": separating.shown_for_approval(work, found, kept),
        "is_own": kept.proposed_by == by.person,
    }


def _life(work: Work, entries: list[Entry], zone: str) -> list[Shown]:
    """What became of it, the newest first."""
    people = names_of_people(work, {entry.event["recorded_by"] for entry in entries})
    return [
        {
            "word": CHANGES.get(entry.event["change"], spoken(entry.event["change"]).capitalize()),
            "at": in_zone(entry.recorded_at, zone),
            "by": people.get(entry.event["recorded_by"], entry.event["recorded_by"]),
            **_said(work, entry.event),
        }
        for entry in reversed(entries)
    ]


def _said(work: Work, event: Mapping[str, Any]) -> Shown:
    """Of one entry: its code in words, who has it now, and what was typed, which nobody translates."""
    told = event.get("resolution") or event.get("answer_sentence") or event.get("sentence")
    code = None
    if event.get("resolved_as"):
        code = resolution_word(event["resolved_as"])
    elif event.get("answer"):
        code = answer_word(event["answer"])
    heir = event.get("heir")
    return {
        "code": code,
        "sentence": told,
        "owner": name_of_person(work, event.get("owner")),
        "heir": {"printed": printed(heir), "url": f"/items/{heir}"} if heir else None,
    }


@blueprint.post("/<int:number>/owner")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECORD_STEPS)
def assigned(number: int, *, work: Work, by: Actor) -> Response:
    owner = request.form.get("owner", "").strip().lower()
    kept = operations.assign(work, number, owner or None, by=by)
    tell("Given", f"{kept.owner} sees to case {number}." if kept.owner else f"Nobody has case {number} now.")
    return sent_to(f"/discrepancies/{number}")


@blueprint.post("/<int:number>/question")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECORD_STEPS)
def asked(number: int, *, work: Work, by: Actor) -> Response:
    told = Asking(site=request.form.get("site") or None, sentence=request.form.get("question", ""))
    kept = operations.ask_site(work, number, told, by=by)
    tell("Asked", f"{site_called(work, kept.site or '')} finds case {number} on its start page.")
    return sent_to(f"/discrepancies/{number}")


@blueprint.post("/<int:number>/answer")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECORD_STEPS)
def answered(number: int, *, work: Work, by: Actor) -> Response:
    answer = chosen(request.form, "site_answer", SiteAnswer, "Choose what you found out.")
    told = Answering(answer=answer, sentence=request.form.get("found_out", ""))
    operations.answer_case(work, number, told, by=by)
    tell("Answered", f"Who has case {number} sees what you found out.")
    return sent_to(f"/discrepancies/{number}")


@blueprint.post("/<int:number>/resolution")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECORD_STEPS)
def resolved(number: int, *, work: Work, by: Actor) -> Response:
    resolution = chosen(request.form, "resolution", Resolution, "Choose how the case ends.")
    holds = [hold for hold in HoldKind if hold.value == request.form.get("hold")]
    told = Resolving(
        resolution=resolution, sentence=request.form.get("why", ""), hold=holds[0] if holds else None
    )
    operations.resolve(work, number, told, by=by, source=Source("scan"), at=now_told(work, by))
    tell("Resolved", f"Case {number} is resolved: {resolution_word(resolution).lower()}.")
    return sent_to(f"/discrepancies/{number}")


@blueprint.post("/<int:number>/reopening")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECORD_STEPS)
def reopened(number: int, *, work: Work, by: Actor) -> Response:
    operations.reopen(work, number, request.form.get("reason", ""), by=by)
    tell("Opened again", f"Case {number} stands again.")
    return sent_to(f"/discrepancies/{number}")


@blueprint.post("/<int:number>/separation")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECORD_STEPS)
def proposed(number: int, *, work: Work, by: Actor) -> Response:
    outcome = chosen(request.form, "outcome", SIGNED_BY_TWO, "Choose what becomes of the code.")
    told = Separating(
        outcome=outcome,
        sentence=request.form.get("which", ""),
        other=request.form.get("other", "").strip() or None,
    )
    separating.propose(work, number, told, by=by)
    tell("Proposed", "Somebody else looks at both tubes and signs below.")
    return sent_to(f"/discrepancies/{number}")


@blueprint.post("/<int:number>/approval")
@shown_again(Permission.SEE_ITEMS, _page)
@writes(Permission.RECORD_STEPS)
def approved(number: int, *, work: Work, by: Actor) -> Response:
    separating.approve_separation(work, number, signing_typed(request.form), by=by)
    tell("Signed", f"Case {number} is resolved; print the new label from the page of the tube.")
    return sent_to(f"/discrepancies/{number}")
