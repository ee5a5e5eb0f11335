"""Withdrawals over HTTP, what comes after them, and what two people sign."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.models import Discrepancy
from biobank.destruction.queries import current_order, lines_of
from biobank.participants.models import Period, ScopeEnd
from biobank.participants.queries import participant_seen_by
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.withdrawals import mistakes, reversing, staying
from biobank.withdrawals.deaths import record_death
from biobank.withdrawals.inputs import Change, DeathTold, Decision, NewConsent, Refusal
from biobank.withdrawals.models import Death, RecordedDecision, RequestEnding, SignedChange
from biobank.withdrawals.queries import (
    death_numbered,
    decision_numbered,
    undecided_decisions,
    waiting_requests,
)
from biobank.withdrawals.records import death_record
from biobank.withdrawals.reportable import cases_seen_by, reportable
from biobank.withdrawals.requests import complete_request, decline_request, take
from biobank.withdrawals.schemas import (
    ChangeAnswer,
    ChangeShape,
    CompletionShape,
    DeathAnswer,
    DeathShape,
    DecisionAnswer,
    DecisionShape,
    DeclineShape,
    EndedAnswer,
    MistakeShape,
    OtherQuery,
    PeriodAnswer,
    PeriodShape,
    RecordAnswer,
    RefusedScopesAnswer,
    RefusedScopesShape,
    ReportableListAnswer,
    ReportableQuery,
    SamePersonQuery,
    SamePersonShape,
    StillOpenAnswer,
)

blueprint = Blueprint(
    "withdrawals", __name__, url_prefix="/withdrawals", description="What participants decide, at any time."
)
later = Blueprint(
    "later facts",
    __name__,
    url_prefix="/participants",
    description="What comes after a decision, and what two people sign.",
)
Asked = Mapping[str, Any]


@blueprint.route("", methods=["POST"])
@writes(Permission.RECORD_WITHDRAWALS)
@blueprint.arguments(DecisionShape)
@blueprint.response(201, DecisionAnswer)
def record(decision: Decision, *, work: Work, by: Actor) -> dict[str, Any]:
    """Record a decision.

    It holds every specimen, opens the destruction order and queues the confirming message, or nothing of it.
    Who asks for somebody else without papers leaves a request that waits: nothing is done yet.
    """
    recorded = take(work, decision, by=by)
    if not isinstance(recorded, RecordedDecision):
        told = {name: getattr(recorded, name) for name in ("participant", "leaves", "due_on", "recorded_at")}
        return {"request": recorded.id, "recorded": told, "order": None, "hold_until": None, "specimens": 0}
    return _with_order(work, recorded)


def _with_order(work: Work, recorded: RecordedDecision) -> dict[str, Any]:
    order = current_order(work, recorded.participant)
    return {
        "recorded": recorded,
        "request": None,
        "order": order.identifier if order else None,
        "hold_until": order.hold_until if order else None,
        "specimens": len(lines_of(work, order)) if order else 0,
    }


@blueprint.route("/waiting")
@reads(Permission.CONFIRM_DESTRUCTION)
@blueprint.response(200, StillOpenAnswer)
def waiting(*, work: Work, by: Actor) -> dict[str, Any]:
    """Answers that are still open, and requests that wait for papers, those due first first."""
    return {"undecided": undecided_decisions(work, by), "requests": waiting_requests(work, by)}


@blueprint.route("/requests/<int:number>/completion", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@blueprint.arguments(CompletionShape)
@blueprint.response(201, DecisionAnswer)
def complete(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The papers came: what was asked is now decided."""
    return _with_order(work, complete_request(work, number, by=by, **asked))


@blueprint.route("/requests/<int:number>/decline", methods=["POST"])
@writes(Permission.CONFIRM_DESTRUCTION)
@blueprint.arguments(DeclineShape)
@blueprint.response(201, EndedAnswer)
def decline(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> RequestEnding:
    """Compliance does not follow a request; who asked is told."""
    return decline_request(work, number, by=by, **asked)


@blueprint.route("/reportable-events")
@reads(Permission.CONFIRM_DESTRUCTION)
@blueprint.arguments(ReportableQuery, location="query")
@blueprint.response(200, ReportableListAnswer)
def events(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """What compliance has to report, newest first."""
    found = page(
        work,
        cases_seen_by(by, standing=asked["standing"]),
        [Discrepancy.id],
        cursor=asked["cursor"],
        limit=asked["limit"],
        newest_first=True,
    )
    return {"events": reportable(work, found.rows), "next_cursor": found.next_cursor}


@later.route("/<code>/deaths", methods=["POST"])
@writes(Permission.RECORD_WITHDRAWALS)
@later.arguments(DeathShape)
@later.response(201, DeathAnswer)
def death(asked: Asked, code: str, *, work: Work, by: Actor) -> Death:
    """Record that somebody told of a death: new collection stops, nothing is destroyed."""
    return record_death(work, DeathTold(participant=code, **asked), by=by)


@later.route("/<code>/periods", methods=["POST"])
@writes(Permission.RECORD_WITHDRAWALS)
@later.arguments(PeriodShape)
@later.response(201, PeriodAnswer)
def period(asked: Asked, code: str, *, work: Work, by: Actor) -> Period:
    """Who had left takes part again, with a new consent; what was decided before stays."""
    told = NewConsent(
        participant=code,
        form_version=asked["form_version"],
        consent_language=asked["language"],
        scopes=asked["scopes"],
        effective_at=asked["effective_at"].at,
        source=asked["source"],
    )
    return staying.take_part_again(work, told, by=by)


@later.route("/<code>/refused-scopes", methods=["POST"])
@writes(Permission.RECORD_WITHDRAWALS)
@later.arguments(RefusedScopesShape)
@later.response(201, RefusedScopesAnswer)
def refuse(asked: Asked, code: str, *, work: Work, by: Actor) -> ScopeEnd:
    """A participant stays and gives no more of these; it is no withdrawal."""
    return staying.refuse_scopes(work, Refusal(participant=code, **asked), by=by)


@later.route("/<code>/reversal")
@reads(Permission.REVERSE_DECISIONS)
@later.response(200, RecordAnswer)
def reversal(code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """What a reversal would take back, for both to look at and sign; refused with what is still possible."""
    found, (record, sha256) = reversing.shown_for_reversal(work, participant_seen_by(work, by, code))
    return {"record": record, "sha256": sha256, "until": found.until}


@later.route("/<code>/reversal", methods=["POST"])
@writes(Permission.REVERSE_DECISIONS)
@later.arguments(ChangeShape)
@later.response(201, ChangeAnswer)
def reverse(asked: Asked, code: str, *, work: Work, by: Actor) -> SignedChange:
    """Take a decision back, with two signatures in this one request."""
    return reversing.reverse(work, Change(participant=code, **asked), by=by)


@later.route("/decisions/<int:number>/mistake")
@reads(Permission.REVERSE_DECISIONS)
@later.arguments(OtherQuery, location="query")
@later.response(200, RecordAnswer)
def mistake(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What is signed about a decision that was entered for the wrong participant."""
    record, sha256 = mistakes.shown_for_mistake(work, by, number, asked["other"])
    return {"record": record, "sha256": sha256, "until": None}


@later.route("/decisions/<int:number>/mistake", methods=["POST"])
@writes(Permission.REVERSE_DECISIONS)
@later.arguments(MistakeShape)
@later.response(201, ChangeAnswer)
def correct(asked: Asked, number: int, *, work: Work, by: Actor) -> SignedChange:
    """A decision counts no more for whom it was entered, and goes to whose it is."""
    whose = decision_numbered(work, by, number).participant
    return mistakes.correct_decision(work, number, Change(participant=whose, **asked), by=by)


@later.route("/deaths/<int:number>/mistake")
@reads(Permission.REVERSE_DECISIONS)
@later.response(200, RecordAnswer)
def mistaken_death(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What is signed about a death that was told by mistake."""
    record, sha256 = death_record(death_numbered(work, by, number))
    return {"record": record, "sha256": sha256, "until": None}


@later.route("/deaths/<int:number>/mistake", methods=["POST"])
@writes(Permission.REVERSE_DECISIONS)
@later.arguments(ChangeShape)
@later.response(201, ChangeAnswer)
def correct_death(asked: Asked, number: int, *, work: Work, by: Actor) -> SignedChange:
    """A death counts no more."""
    whose = death_numbered(work, by, number).participant
    return mistakes.correct_death(work, number, Change(participant=whose, **asked), by=by)


@later.route("/<code>/same-person")
@reads(Permission.REVERSE_DECISIONS)
@later.arguments(SamePersonQuery, location="query")
@later.response(200, RecordAnswer)
def same_person(asked: Asked, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Where both codes stand, for both to look at and sign."""
    record, sha256 = mistakes.shown_for_same_person(work, by, code, asked["other"])
    return {"record": record, "sha256": sha256, "until": None}


@later.route("/<code>/same-person", methods=["POST"])
@writes(Permission.REVERSE_DECISIONS)
@later.arguments(SamePersonShape)
@later.response(201, ChangeAnswer)
def merge(asked: Asked, code: str, *, work: Work, by: Actor) -> SignedChange:
    """Two codes are one participant: this one goes on as the other; nothing is destroyed by it."""
    return mistakes.merge_codes(work, Change(participant=code, **asked), by=by)
