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
from biobank.participants.queries import (
    consents_of,
    participant_seen_by,
    periods_of,
    scope_ends_of,
    standing,
)
from biobank.web.addresses import sent_to
from biobank.web.cards import card, names_of_people, place
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.order_cards import listed
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.supply_cards import mailed_to
from biobank.web.typed_fields import chosen
from biobank.web.words import as_told, in_zone, spoken
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.models import RecordedDecision, WaitingRequest
from biobank.withdrawals.queries import (
    deaths_of,
    decisions_of,
    ending_of,
    requests_of,
    undone_decisions,
)
from biobank.withdrawals.requests import take
from biobank.withdrawals.told_forms import form_frame, read_asking, shown_participant, standing_sign

blueprint = Blueprint("withdrawal_pages", __name__)
Told = dict[str, Any]

BUNDLES: Mapping[str, Mapping[str, str]] = {
    "keep": {"leaves": "true", "information": "keep", "samples": "keep"},
    "destroy": {"leaves": "true", "information": "remove", "samples": "destroy"},
}
"""The two usual decisions; every other is told answer by answer."""
UNDONE = {
    "reversal": "Taken back by the participant.",
    "mistaken_decision": "Entered for the wrong participant.",
}


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
        steps=_steps(found, by),
        decisions=_decisions(work, found, zone, by),
        later=_later(work, found, zone),
        orders=listed(work, orders_of(work, found.code), zone),
        mailed=mailed_to(work, by, found.code),
        consents=_consents(work, found, zone),
        items=[{**card(work, item, by), "place": place(work, item, by)} for item in shown.rows],
        next_url=more,
    )


def _steps(found: Participant, by: Actor) -> list[Told]:
    """What can be recorded now, the usual first."""
    now, url = standing(found), f"/participants/{found.code}"
    steps = []
    if by.may(Permission.RECORD_WITHDRAWALS):
        steps.append(("Record a decision", f"{url}/decision"))
        if now.left and not now.died:
            steps.append(("Takes part again", f"{url}/period"))
        if not now.left:
            steps.append(("Gives no more of something", f"{url}/refusal"))
        steps.append(("Record a death", f"{url}/death"))
    if by.may(Permission.MAKE_STATEMENTS):
        steps.append(("Make a statement for them", f"{url}/statement"))
    if by.may(Permission.MAKE_AUDIT_PACKS):
        steps.append(("Make an audit pack", f"{url}/audit-pack"))
    if by.may(Permission.SEE_IDENTITY_ACCESS):
        steps.append(("Identity desk", f"/identity/{found.code}"))
    if by.may(Permission.REVERSE_DECISIONS):
        if now.decided_at is not None:
            steps.append(("Take a decision back", f"{url}/reversal"))
        steps.append(("Is another code's participant too", f"{url}/same-person"))
    return [{"label": label, "url": to} for label, to in steps]


def _consents(work: Work, found: Participant, zone: str) -> list[Told]:
    return [
        {
            "form": f"{consent.form_version} ({consent.language})",
            "covers": ", ".join(sorted(spoken(scope) for scope in consent.covers)),
            "effective_at": in_zone(consent.effective_at, zone),
        }
        for consent in consents_of(work, found.code)
    ]


def _decisions(work: Work, found: Participant, zone: str, by: Actor) -> list[Told]:
    undone = undone_decisions(work, found.code)
    corrects = by.may(Permission.REVERSE_DECISIONS)
    return [
        {
            **decided(work, decision, zone),
            "undone": UNDONE[undone[decision.id].kind] if decision.id in undone else None,
            "correct_url": f"/decisions/{decision.id}/mistake"
            if corrects and decision.id not in undone
            else None,
        }
        for decision in decisions_of(work, found.code)
    ]


def _later(work: Work, found: Participant, zone: str) -> list[Told]:
    """What else was told, newest first: periods, refusals, deaths, requests of others."""
    code = found.code
    facts = [
        *((each.begins_at, "Took part again, with a new consent.") for each in periods_of(work, code)),
        *(
            (end.decided_at, f"Gives no more: {', '.join(sorted(end.ends))}.")
            for end in scope_ends_of(work, code)
        ),
        *((death.decided_at, "A death was told.") for death in deaths_of(work, code)),
        *((each.decided_at, _request_told(work, each)) for each in requests_of(work, code)),
    ]
    return [{"at": in_zone(at, zone), "sentence": sentence} for at, sentence in sorted(facts, reverse=True)]


def _request_told(work: Work, waiting: WaitingRequest) -> str:
    ended = ending_of(work, waiting)
    return f"A request of {spoken(waiting.capacity)}: {ended.ending if ended else 'waits for papers'}."


def decided(work: Work, decision: RecordedDecision | WaitingRequest, zone: str) -> Told:
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
    newest = _answered_before(work, found) if "open" in request.args and refusal is None else None
    frame = form_frame(work, by, refusal)
    return render_template(
        "withdrawals/decision.html",
        participant=shown_participant(found) | {"specimens": work.session.scalar(specimens)},
        known=_known(newest) if newest else None,
        url=f"/participants/{found.code}/decision",
        back_url=f"/participants/{found.code}",
        **frame | ({"form": _prefilled(newest)} if newest else {}),
    )


def _answered_before(work: Work, found: Participant) -> RecordedDecision | None:
    decisions = decisions_of(work, found.code)
    return decisions[-1] if decisions else None


def _known(newest: RecordedDecision) -> str:
    answers = f"information {spoken(newest.information)}, samples {spoken(newest.samples)}"
    return f"Answered so far: {answers}. Ask for what is not decided."


def _prefilled(newest: RecordedDecision) -> Told:
    """What is known, and no answer: who asks, in which capacity, and whether they leave."""
    told = {
        "bundle": "separate",
        "leaves": "true" if newest.leaves else "false",
        "requested_by": newest.requested_by,
        "capacity": newest.capacity,
    }
    return told | ({"ceremony": newest.ceremony} if newest.ceremony != Ceremony.UNANSWERED else {})


@blueprint.post("/participants/<code>/decision")
@shown_again(Permission.RECORD_WITHDRAWALS, _form)
@writes(Permission.RECORD_WITHDRAWALS)
def decide(code: str, *, work: Work, by: Actor) -> Response:
    recorded = take(work, read_decision(code, request.form, zone_of(work, by)), by=by)
    if isinstance(recorded, WaitingRequest):
        sentence = "Who asks showed no papers: nothing is done. The request waits for compliance."
        tell("It waits", sentence, tone="ask")
        return sent_to(f"/participants/{recorded.participant}")
    order = current_order(work, recorded.participant) if recorded.samples == SamplesAnswer.DESTROY else None
    ordered = f" Destruction order {printed(order.identifier)} is open." if order else ""
    tell("Recorded", f"It takes effect now. One message confirms it to {recorded.participant}.{ordered}")
    return sent_to(f"/participants/{recorded.participant}")


def read_decision(code: str, form: Mapping[str, str], zone: str) -> Decision:
    """Nothing is filled in for the participant. Raises `FieldRefused`, `NotAMoment`."""
    bundle = chosen(form, "bundle", ("keep", "destroy", "separate"), "Say what the participant decided.")
    answers = BUNDLES.get(bundle, form)
    leaves = chosen(answers, "leaves", ("true", "false"), "Say whether the participant leaves.")
    return Decision(
        participant=code,
        leaves=leaves == "true",
        information=chosen(answers, "information", InformationAnswer, ABOUT.format("the information")),
        samples=chosen(answers, "samples", SamplesAnswer, ABOUT.format("the samples")),
        ceremony=chosen(form, "ceremony", Ceremony, "Say what was answered, or no answer."),
        language="es" if form.get("language") == "es" else "en",
        **read_asking(form, zone),
    )


ABOUT = "Say what the participant answered about {}; not decided is an answer too."
