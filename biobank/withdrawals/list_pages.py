"""Lists of compliance: decisions, open answers, requests that wait, deaths, reportable events."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.models import Discrepancy
from biobank.discrepancies.choices import REPORTABLE
from biobank.items.identifiers import printed
from biobank.participants.queries import participant_named
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import time_required
from biobank.web.typed_fields import choices, chosen
from biobank.web.words import as_told, in_zone, spoken
from biobank.withdrawals.choices import DeclinedBecause
from biobank.withdrawals.models import Death, RecordedDecision, WaitingRequest
from biobank.withdrawals.pages import UNDONE, decided
from biobank.withdrawals.queries import (
    deaths_of,
    deaths_seen_by,
    decisions_of,
    decisions_seen_by,
    ending_of,
    request_numbered,
    undecided_decisions,
    undone_decisions,
    waiting_requests,
)
from biobank.withdrawals.reportable import cases_seen_by, reportable
from biobank.withdrawals.requests import complete_request, decline_request
from biobank.withdrawals.told_forms import form_frame, lists_but, shown_participant

blueprint = Blueprint("decision_lists", __name__)
Told = dict[str, Any]
MOST_SHOWN = 200


@blueprint.get("/decisions")
@reads(Permission.CONFIRM_DESTRUCTION)
def decisions(*, work: Work, by: Actor) -> str:
    """Every decision of the reader's sites, newest first."""
    shown = page(
        work,
        decisions_seen_by(by),
        [RecordedDecision.id],
        cursor=request.args.get("cursor"),
        newest_first=True,
    )
    zone = zone_of(work, by)
    return render_template(
        "withdrawals/decisions.html",
        decisions=[_row(work, decision, zone) for decision in shown.rows],
        lists=lists_but("/decisions"),
        next_url=shown.next_url("/decisions"),
    )


def _row(work: Work, decision: RecordedDecision, zone: str) -> Told:
    code = participant_named(work, decision.participant).code
    change = undone_decisions(work, code).get(decision.id)
    return {
        **decided(work, decision, zone),
        "participant": decision.participant,
        "url": f"/participants/{code}",
        "note": UNDONE[change.kind] if change else None,
    }


@blueprint.get("/decisions/open")
@reads(Permission.CONFIRM_DESTRUCTION)
def undecided(*, work: Work, by: Actor) -> str:
    """Answers that are still open, the one due first first."""
    zone = zone_of(work, by)
    rows = [_open(work, each, zone) for each in undecided_decisions(work, by)[:MOST_SHOWN]]
    return render_template("withdrawals/open.html", decisions=rows, lists=lists_but("/decisions/open"))


def _open(work: Work, each: RecordedDecision | WaitingRequest, zone: str) -> Told:
    url = f"/participants/{each.participant}"
    return {
        **decided(work, each, zone),
        "participant": each.participant,
        "url": url,
        "answer_url": f"{url}/decision?open=1",
        "due_on": each.due_on,
        "overdue": each.due_on is not None and each.due_on < moments.now().date(),
    }


@blueprint.get("/requests")
@reads(Permission.CONFIRM_DESTRUCTION)
def requests(*, work: Work, by: Actor) -> str:
    """Requests that wait for papers, the one due first first."""
    zone = zone_of(work, by)
    rows = [
        _open(work, each, zone) | {"number": each.id, "url": f"/requests/{each.id}"}
        for each in waiting_requests(work, by)[:MOST_SHOWN]
    ]
    return render_template("withdrawals/requests.html", requests=rows, lists=lists_but("/requests"))


@blueprint.get("/requests/<int:number>")
@reads(Permission.CONFIRM_DESTRUCTION)
def request_page(number: int, *, work: Work, by: Actor) -> str:
    return _request(work, by, number=number)


def _request(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found = request_numbered(work, by, number)
    ended = ending_of(work, found)
    shown = _open(work, found, zone_of(work, by)) | {"number": number, "evidence": found.evidence}
    whose = shown_participant(participant_named(work, found.participant))
    return render_template(
        "withdrawals/request.html",
        waiting=shown | {"participant": whose},
        ended=f"It was {ended.ending}{f': {spoken(ended.reason)}' if ended.reason else ''}."
        if ended
        else None,
        url=f"/requests/{number}",
        reasons=choices(DeclinedBecause),
        **form_frame(work, by, refusal),
    )


@blueprint.post("/requests/<int:number>/completion")
@shown_again(Permission.CONFIRM_DESTRUCTION, _request)
@writes(Permission.CONFIRM_DESTRUCTION)
def complete(number: int, *, work: Work, by: Actor) -> Response:
    at = time_required(request.form, zone_of(work, by), "accepted_at")
    evidence = request.form.get("evidence", "")
    recorded = complete_request(work, number, evidence=evidence, accepted_at=at, by=by)
    tell("Recorded", "The request is a decision now, and takes effect. One message confirms it.")
    return sent_to(f"/participants/{recorded.participant}")


@blueprint.post("/requests/<int:number>/decline")
@shown_again(Permission.CONFIRM_DESTRUCTION, _request)
@writes(Permission.CONFIRM_DESTRUCTION)
def decline(number: int, *, work: Work, by: Actor) -> Response:
    because = chosen(request.form, "because", DeclinedBecause, "Say why it is declined.")
    decline_request(work, number, because=because, by=by)
    tell("Declined", "Nothing was done. Who asked is told.")
    return sent_to("/requests")


@blueprint.get("/deaths")
@reads(Permission.CONFIRM_DESTRUCTION)
def deaths(*, work: Work, by: Actor) -> str:
    """Deaths that were told, newest first."""
    shown = page(work, deaths_seen_by(by), [Death.id], cursor=request.args.get("cursor"), newest_first=True)
    return render_template(
        "withdrawals/deaths.html",
        deaths=[_death(work, death, zone_of(work, by), by) for death in shown.rows],
        lists=lists_but("/deaths"),
        next_url=shown.next_url("/deaths"),
    )


def _death(work: Work, death: Death, zone: str, by: Actor) -> Told:
    code = participant_named(work, death.participant).code
    stands = death.id in {each.id for each in deaths_of(work, code)}
    since = [each for each in decisions_of(work, code) if each.capacity == "participant"]
    doubted = any(each.decided_at > death.decided_at for each in since)
    note = "Decided something since: is it right?" if doubted else None
    return {
        "participant": death.participant,
        "url": f"/participants/{code}",
        "died_on": death.died_on,
        "asked": f"{death.requested_by}, {spoken(death.capacity)}, {spoken(death.channel)}",
        "told_at": as_told(death.decided_at, death.offset_minutes),
        "recorded_at": in_zone(death.recorded_at, zone),
        "note": note if stands else "Taken back as a mistake.",
        "correct_url": f"/deaths/{death.id}/mistake"
        if stands and by.may(Permission.REVERSE_DECISIONS)
        else None,
    }


@blueprint.get("/reportable-events")
@reads(Permission.CONFIRM_DESTRUCTION)
def reportable_events(*, work: Work, by: Actor) -> str:
    """What compliance has to report, newest first."""
    cursor = request.args.get("cursor")
    shown = page(work, cases_seen_by(by), [Discrepancy.id], cursor=cursor, newest_first=True)
    return render_template(
        "withdrawals/reportable.html",
        events=[
            {
                "word": REPORTABLE[event.case.kind],
                "item": {
                    "printed": printed(event.item.identifier),
                    "url": f"/items/{event.item.identifier}",
                    "label": event.item.specification,
                },
                "participant": {
                    "code": event.item.participant,
                    "url": f"/participants/{event.item.participant}",
                }
                if event.item.participant
                else None,
                "sentence": event.case.sentence,
                "opened_at": in_zone(event.case.opened_at, zone_of(work, by)),
                "open": event.case.resolved_at is None,
            }
            for event in reportable(work, shown.rows)
        ],
        lists=lists_but("/reportable-events"),
        next_url=shown.next_url("/reportable-events"),
    )
