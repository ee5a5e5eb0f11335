"""A participant as the sample side knows one, and the form on which a decision is recorded."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy import func, select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.destruction.choices import Ceremony
from biobank.destruction.queries import current_order, orders_of
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.queries import consents_of, participant_seen_by, standing
from biobank.web.addresses import sent_to
from biobank.web.cards import card, names_of_people, place
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.order_cards import listed
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.step_forms import FieldRefused, choices
from biobank.web.told_times import time_required
from biobank.web.words import Sign, as_told, in_zone, spoken
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.operations import withdraw
from biobank.withdrawals.queries import decisions_of, undecided_decisions

blueprint = Blueprint("withdrawal_pages", __name__)
Told = dict[str, Any]
MOST_OPEN = 200

BUNDLES: Mapping[str, Mapping[str, str]] = {
    "keep": {"leaves": "true", "information": "keep", "samples": "keep"},
    "destroy": {"leaves": "true", "information": "remove", "samples": "destroy"},
}
"""The two usual decisions; every other is told answer by answer."""


@blueprint.get("/participants/<code>")
@reads(Permission.SEE_PARTICIPANTS)
def participant(code: str, *, work: Work, by: Actor) -> str:
    """Codes only: who it is, is known elsewhere."""
    found, zone = participant_seen_by(work, by, code), zone_of(work, by)
    theirs = select(Item).where(Item.participant == found.code)
    shown = page(work, theirs, [Item.id], cursor=request.args.get("cursor"))
    more = f"/participants/{found.code}?cursor={shown.next_cursor}" if shown.next_cursor else None
    return render_template(
        "participants/participant.html",
        participant={"code": found.code, "standing": standing_sign(found), "provisional": found.provisional},
        decide_url=_decide_url(found) if by.may(Permission.RECORD_WITHDRAWALS) else None,
        decisions=[_decided(work, decision, zone) for decision in decisions_of(work, found.code)],
        orders=[listed(work, order, zone) for order in orders_of(work, found.code)],
        consents=[
            {
                "form": f"{consent.form_version} ({consent.language})",
                "covers": ", ".join(sorted(spoken(scope) for scope in consent.covers)),
                "effective_at": in_zone(consent.effective_at, zone),
            }
            for consent in consents_of(work, found.code)
        ],
        items=[{**card(work, item, by), "place": place(work, item, by)} for item in shown.rows],
        next_url=more,
    )


def standing_sign(found: Participant) -> Sign:
    now = standing(found)
    if now.deceased_on is not None:
        return {"word": "Deceased", "tone": "plain"}
    if now.left:
        return {"word": "Left", "tone": "late"}
    if InformationAnswer.UNDECIDED in (now.information, now.samples):
        return {"word": "Answers still open", "tone": "late"}
    return {"word": "Takes part", "tone": "right"}


def _decide_url(found: Participant) -> str:
    return f"/participants/{found.code}/decision"


def _decided(work: Work, decision: RecordedDecision, zone: str) -> Told:
    people = names_of_people(work, {decision.recorded_by})
    return {
        "leaves": decision.leaves,
        "information": spoken(decision.information),
        "samples": spoken(decision.samples),
        "asked": f"{decision.requested_by}, {spoken(decision.capacity)}, {spoken(decision.channel)}",
        "decided_at": as_told(decision.decided_at, decision.offset_minutes),
        "recorded_at": in_zone(decision.recorded_at, zone),
        "recorded_by": people.get(decision.recorded_by, decision.recorded_by),
    }


@blueprint.get("/participants/<code>/decision")
@reads(Permission.RECORD_WITHDRAWALS)
def decision(code: str, *, work: Work, by: Actor) -> str:
    return _form(work, by, code=code)


def _form(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    found = participant_seen_by(work, by, code)
    specimens = select(func.count()).where(Item.participant == found.code, Item.kind != "kit")
    url = f"/participants/{found.code}"
    return render_template(
        "withdrawals/decision.html",
        participant={
            "code": found.code,
            "url": url,
            "standing": standing_sign(found),
            "specimens": work.session.scalar(specimens),
        },
        capacities=choices(Capacity),
        channels=choices(channel for channel in Channel if channel is not Channel.COMMAND),
        url=_decide_url(found),
        back_url=url,
        zone=zone_of(work, by),
        form=request.form if refusal else {},
        errors=errors_of_form(refusal),
    )


@blueprint.post("/participants/<code>/decision")
@shown_again(Permission.RECORD_WITHDRAWALS, _form)
@writes(Permission.RECORD_WITHDRAWALS)
def decide(code: str, *, work: Work, by: Actor) -> Response:
    recorded = withdraw(work, read_decision(code, request.form, zone_of(work, by)), by=by)
    order = current_order(work, recorded.participant) if recorded.samples == SamplesAnswer.DESTROY else None
    ordered = f" Destruction order {printed(order.identifier)} is open." if order else ""
    tell("Recorded", f"It takes effect now. One message confirms it to {recorded.participant}.{ordered}")
    return sent_to(f"/participants/{recorded.participant}")


def read_decision(code: str, form: Mapping[str, str], zone: str) -> Decision:
    """Nothing is filled in for the participant. Raises `FieldRefused`, `NotAMoment`."""
    bundle = _one_of(form, "bundle", ("keep", "destroy", "separate"), "Say what the participant decided.")
    answers = BUNDLES.get(bundle, form)
    leaves = _one_of(answers, "leaves", ("true", "false"), "Say whether the participant leaves.")
    information = _one_of(answers, "information", tuple(InformationAnswer), ABOUT.format("the information"))
    samples = _one_of(answers, "samples", tuple(SamplesAnswer), ABOUT.format("the samples"))
    return Decision(
        participant=code,
        leaves=leaves == "true",
        information=InformationAnswer(information),
        samples=SamplesAnswer(samples),
        requested_by=form.get("requested_by", ""),
        capacity=Capacity(_one_of(form, "capacity", tuple(Capacity), "Say who asks.")),
        ceremony=Ceremony(_one_of(form, "ceremony", tuple(Ceremony), "Say what was answered, or no answer.")),
        channel=Channel(_one_of(form, "channel", tuple(Channel), "Say how it reached us.")),
        decided_at=time_required(form, zone, "decided_at"),
        evidence=form.get("evidence", "").strip() or None,
    )


ABOUT = "Say what the participant answered about {}; not decided is an answer too."


def _one_of(form: Mapping[str, str], name: str, known: tuple[str, ...], sentence: str) -> str:
    value = form.get(name, "")
    if value not in known:
        raise FieldRefused(sentence, field=name)
    return value


@blueprint.get("/decisions/open")
@reads(Permission.CONFIRM_DESTRUCTION)
def undecided(*, work: Work, by: Actor) -> str:
    """Answers that are still open, the one due first first."""
    zone = zone_of(work, by)
    return render_template(
        "withdrawals/open.html",
        decisions=[
            {
                **_decided(work, decision, zone),
                "participant": decision.participant,
                "url": f"/participants/{decision.participant}",
                "due_on": decision.due_on,
            }
            for decision in undecided_decisions(work, by)[:MOST_OPEN]
        ],
    )
