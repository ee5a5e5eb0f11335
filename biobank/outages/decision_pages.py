"""What becomes of the specimens of an outage, as pages: choose groups, look at the decision, sign it."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.items.identifiers import printed
from biobank.kits.definitions import newest_specification
from biobank.kits.queries import definitions
from biobank.outages.choices import BANDS, DECISION, Grouping, Outcome
from biobank.outages.deciding import (
    decision_seen_by,
    drop_decision,
    how_many_would_end,
    propose_decision,
    sign_decision,
)
from biobank.outages.groups import NONE, Group, groups_of, kinds_of
from biobank.outages.inputs import NewDecision
from biobank.outages.models import Outage, OutageDecision
from biobank.outages.pages import told_of
from biobank.outages.queries import outage_seen_by
from biobank.outages.records import decision_record
from biobank.outages.words import BAND_NAMES, OUTCOME_SIGNS
from biobank.web.addresses import sent_to
from biobank.web.cards import name_of_person
from biobank.web.feedback import tell
from biobank.web.field_errors import typed_again
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import chosen, signing_typed
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("outage_decision_pages", __name__, url_prefix="/outages")
Shown = dict[str, Any]
GROUPINGS = {
    Grouping.RACK: "By rack",
    Grouping.BOX: "By box",
    Grouping.SPECIFICATION: "By kind of specimen",
    Grouping.MINUTES: "By time without cooling",
}
OUTCOMES = (
    {"value": "released", "label": "Release", "note": "They may be used again."},
    {"value": "kept", "label": "Keep under the hold", "note": "They stay, and may not be used yet."},
    {
        "value": "ended",
        "label": "End by accident",
        "note": "They are lost, and the record says how.",
    },
)


@blueprint.get("/<int:number>/judge")
@reads(Permission.DECIDE_OUTAGES)
def judge(number: int, *, work: Work, by: Actor) -> str:
    return _judge(work, by, number=number)


def _judge(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    outage, grouping = outage_seen_by(work, by, number), _grouping()
    return render_template(
        "outages/judge.html",
        outage=told_of(work, by, outage),
        filters=[
            {"label": label, "url": f"/outages/{number}/judge?by={each.value}", "current": each is grouping}
            for each, label in GROUPINGS.items()
        ],
        grouping=grouping.value,
        groups=[_group(each) for each in groups_of(work, outage, grouping)],
        chosen=request.form.getlist("groups"),
        outcomes=OUTCOMES,
        **typed_again(refusal),
    )


def _grouping() -> Grouping:
    asked = request.values.get("grouping") or request.args.get("by", "")
    return next((each for each in Grouping if each.value == asked), Grouping.RACK)


def _group(group: Group) -> Shown:
    return {
        "code": group.code,
        "name": name_of_group(group.code, group.name),
        "specimens": group.specimens,
        "outcomes": [
            {"sign": OUTCOME_SIGNS[outcome], "count": count}
            for outcome, count in sorted(group.outcomes.items())
        ],
        "minutes": group.minutes,
    }


def name_of_group(code: str, name: str | None = None) -> str:
    """In words: a band, a rack's or box's name, the code of a tube."""
    if code in BAND_NAMES:
        return BAND_NAMES[code]
    if code == NONE:
        return "In no box"
    return name or (printed(code) if len(code) > 12 else code)  # noqa: PLR2004 (an identifier has thirteen signs)


@blueprint.post("/<int:number>/decisions")
@shown_again(Permission.DECIDE_OUTAGES, _judge)
@writes(Permission.DECIDE_OUTAGES)
def proposed(number: int, *, work: Work, by: Actor) -> Response:
    grouping = _grouping()
    groups = request.form.getlist("groups")
    if request.form.get("all"):
        groups = [each.code for each in groups_of(work, outage_seen_by(work, by, number), grouping)]
    new = NewDecision(
        outcome=chosen(request.form, "outcome", Outcome, "Choose what becomes of them."),
        grouping=grouping,
        groups=tuple(groups),
        reason=request.form.get("reason", "").strip(),
    )
    decision = propose_decision(work, number, new, by=by)
    return sent_to(f"/outages/{number}/decisions/{decision.id}")


@blueprint.get("/<int:number>/decisions/<int:decision>")
@reads(Permission.SEE_STORAGE)
def show(number: int, decision: int, *, work: Work, by: Actor) -> str:
    return _decision(work, by, number=number, decision=decision)


def _decision(
    work: Work, by: Actor, *, number: int, decision: int, refusal: DomainError | None = None
) -> str:
    outage, found = decision_seen_by(work, by, number, decision)
    record, sha256 = decision_record(work, outage, found)
    waits = found.approved_at is None and found.dropped_at is None
    return render_template(
        "outages/decision.html",
        outage=told_of(work, by, outage),
        decision=_shown(work, outage, found, record["groups"], zone_of(work, by))
        | {"items": record["items"] if waits else found.items}
        | {"kinds": [_kind(work, *each) for each in kinds_of(work, outage, found)]},
        ending=how_many_would_end(work, outage, found) if waits and found.outcome == Outcome.ENDED else None,
        sha256=found.record_sha256 or sha256,
        meaning=DECISION,
        may_sign=waits and outage.ended_at is not None and by.may(Permission.DECIDE_OUTAGES),
        may_drop=waits and by.may(Permission.DECIDE_OUTAGES),
        **typed_again(refusal),
    )


def _kind(work: Work, kind: str, specification: str | None, count: int) -> Shown:
    known = newest_specification(definitions(work), specification) if specification else None
    return {"kind": spoken(kind), "specification": known.label if known else specification, "count": count}


def _shown(work: Work, outage: Outage, found: OutageDecision, groups: list[str], zone: str) -> Shown:
    grouping = Grouping(found.grouping)
    names = {each.code: each.name for each in groups_of(work, outage, grouping)}
    return {
        "number": found.id,
        "url": f"/outages/{outage.id}/decisions/{found.id}",
        "sign": OUTCOME_SIGNS[found.outcome],
        "grouping": GROUPINGS[grouping],
        "groups": [name_of_group(code, names.get(code)) for code in _in_order(groups)],
        "reason": found.reason,
        "proposed_by": name_of_person(work, found.proposed_by),
        "proposed_at": in_zone(found.proposed_at, zone),
        "approved_by": name_of_person(work, found.approved_by),
        "approved_at": in_zone(found.approved_at, zone) if found.approved_at else None,
        "dropped": found.dropped_at is not None,
    }


def _in_order(codes: list[str]) -> list[str]:
    """Bands as time goes on, the rest as they are."""
    bands = [band.code for band in BANDS]
    return sorted(codes, key=lambda code: (bands.index(code) if code in bands else 0, code))


@blueprint.post("/<int:number>/decisions/<int:decision>/signature")
@shown_again(Permission.SEE_STORAGE, _decision)
@writes(Permission.DECIDE_OUTAGES)
def signed(number: int, decision: int, *, work: Work, by: Actor) -> Response:
    done = sign_decision(work, number, decision, signing_typed(request.form), by=by)
    tell("Decided", f"Specimens that were judged: {done.items}. Each has an entry of its own.")
    return sent_to(f"/outages/{number}")


@blueprint.post("/<int:number>/decisions/<int:decision>/drop")
@shown_again(Permission.SEE_STORAGE, _decision)
@writes(Permission.DECIDE_OUTAGES)
def dropped(number: int, decision: int, *, work: Work, by: Actor) -> Response:
    drop_decision(work, number, decision, by=by)
    tell("Given up", "Nothing was decided; choose the groups again.")
    return sent_to(f"/outages/{number}/judge")
