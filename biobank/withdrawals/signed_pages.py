"""Pages on which compliance and a second person sign: a reversal, a mistake, one person with two codes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.destruction.inputs import Credentials
from biobank.items.identifiers import printed
from biobank.participants.models import Participant
from biobank.participants.queries import participant_named, participant_seen_by
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.words import in_zone, spoken
from biobank.withdrawals import mistakes, reversing
from biobank.withdrawals.choices import MEANINGS, SignedKind
from biobank.withdrawals.inputs import Change, TwoPeople
from biobank.withdrawals.models import SignedChange
from biobank.withdrawals.queries import death_numbered, decision_numbered
from biobank.withdrawals.records import Shown, death_record
from biobank.withdrawals.told_forms import form_frame, read_asking, shown_participant

blueprint = Blueprint("signed_pages", __name__)
Fact = dict[str, str]

WORDS: Mapping[SignedKind, tuple[str, str]] = {
    SignedKind.REVERSAL: (
        "Take a decision back",
        (
            "The participant stands where they stood before. The destruction order is cancelled and the "
            "tubes can be used again. One message confirms it."
        ),
    ),
    SignedKind.MISTAKEN_DECISION: (
        "Entered for the wrong participant",
        (
            "It counts no more for this participant, and its order is cancelled. What was destroyed already "
            "becomes an incident. It goes to the participant whose it is, if that is known."
        ),
    ),
    SignedKind.MISTAKEN_DEATH: (
        "A death that was told by mistake",
        "The participant counts as living again. Messages that were not sent yet go to them.",
    ),
    SignedKind.SAME_PERSON: (
        "One participant with two codes",
        (
            "Everything goes on under the other code. Both decisions stand and the stricter answer holds for "
            "all. One order covers both, and its hold window begins anew; nothing is destroyed by this."
        ),
    ),
}


@dataclass(frozen=True)
class ToSign:
    """What a page shows to both."""

    kind: SignedKind
    participant: Participant
    url: str
    shown: Shown | None = None
    until: datetime | None = None
    impossible: str | None = None
    asks_other: str | None = None


def _drawn(work: Work, by: Actor, to_sign: ToSign, refusal: DomainError | None) -> str:
    heading, does = WORDS[to_sign.kind]
    record, sha256 = to_sign.shown or ({}, "")
    zone = zone_of(work, by)
    return render_template(
        "withdrawals/signed_change.html",
        kind=to_sign.kind.value,
        participant=shown_participant(to_sign.participant),
        heading=heading,
        does=does,
        impossible=to_sign.impossible,
        facts=_facts(record),
        asks_other=to_sign.asks_other,
        other=_other(),
        look_url=to_sign.url,
        sha256=sha256,
        meaning=MEANINGS[to_sign.kind],
        until=in_zone(to_sign.until, zone) if to_sign.until else None,
        url=to_sign.url,
        **form_frame(work, by, refusal),
    )


def _other() -> str:
    return (request.form.get("other") or request.args.get("other") or "").strip().upper()


def _facts(record: Mapping[str, Any]) -> list[Fact]:
    """The record in words, as far as people compare it."""
    facts = [
        {"label": f"Decision {each['decision']}", "value": _decision(each)}
        for each in _all(record, "decisions")
    ]
    facts += [
        {"label": "Destruction order", "value": f"{printed(each['order'])}, {spoken(each['state'])}"}
        for each in _all(record, "orders")
    ]
    if record.get("death"):
        facts.append({"label": "Told by", "value": str(record["death"]["requested_by"])})
    if record.get("other"):
        facts.append({"label": "The other code", "value": str(record["other"])})
    return facts


def _all(record: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    found = list(record.get(name, ()))
    for stand in record.get("stand", ()):
        found += stand[name]
    return found


def _decision(each: Mapping[str, Any]) -> str:
    leaves = "Leaves" if each["leaves"] else "Stays"
    return f"{leaves}. Information: {spoken(each['information'])}. Samples: {spoken(each['samples'])}."


def _signed(work: Work, by: Actor, code: str) -> Change:
    form = request.form
    first = Credentials(form.get("signer", ""), form.get("password", ""))
    second = Credentials(form.get("second_signer", ""), form.get("second_password", ""))
    people = TwoPeople(first, second, form.get("sha256", ""))
    asked = read_asking(form, zone_of(work, by))
    return Change(participant=code, signed=people, other=_other() or None, **asked)


def _done(kept: SignedChange, sentence: str) -> Response:
    tell("Signed by both", sentence)
    return sent_to(f"/participants/{kept.participant}")


def _reversal(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    found, kind = participant_seen_by(work, by, code), SignedKind.REVERSAL
    url = f"/participants/{found.code}/reversal"
    try:
        reversible, shown = reversing.shown_for_reversal(work, found)
    except DomainError as impossible:
        return _drawn(work, by, ToSign(kind, found, url, impossible=impossible.detail), refusal)
    return _drawn(work, by, ToSign(kind, found, url, shown, reversible.until), refusal)


@blueprint.get("/participants/<code>/reversal")
@reads(Permission.REVERSE_DECISIONS)
def reversal(code: str, *, work: Work, by: Actor) -> str:
    return _reversal(work, by, code=code)


@blueprint.post("/participants/<code>/reversal")
@shown_again(Permission.REVERSE_DECISIONS, _reversal)
@writes(Permission.REVERSE_DECISIONS)
def reverse(code: str, *, work: Work, by: Actor) -> Response:
    kept = reversing.reverse(work, _signed(work, by, code), by=by)
    return _done(kept, "The decision is taken back, and what was held for it can be used again.")


def _mistake(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    decision = decision_numbered(work, by, number)
    found = participant_named(work, decision.participant)
    shown = mistakes.shown_for_mistake(work, by, number, _other() or None)
    url = f"/decisions/{number}/mistake"
    asks = "Whose decision it was, if that is known"
    return _drawn(work, by, ToSign(SignedKind.MISTAKEN_DECISION, found, url, shown, asks_other=asks), refusal)


@blueprint.get("/decisions/<int:number>/mistake")
@reads(Permission.REVERSE_DECISIONS)
def mistake(number: int, *, work: Work, by: Actor) -> str:
    return _mistake(work, by, number=number)


@blueprint.post("/decisions/<int:number>/mistake")
@shown_again(Permission.REVERSE_DECISIONS, _mistake)
@writes(Permission.REVERSE_DECISIONS)
def correct(number: int, *, work: Work, by: Actor) -> Response:
    whose = decision_numbered(work, by, number).participant
    kept = mistakes.correct_decision(work, number, _signed(work, by, whose), by=by)
    return _done(kept, "The decision counts no more for this participant.")


def _death(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    death = death_numbered(work, by, number)
    found, url = participant_named(work, death.participant), f"/deaths/{number}/mistake"
    return _drawn(work, by, ToSign(SignedKind.MISTAKEN_DEATH, found, url, death_record(death)), refusal)


@blueprint.get("/deaths/<int:number>/mistake")
@reads(Permission.REVERSE_DECISIONS)
def mistaken_death(number: int, *, work: Work, by: Actor) -> str:
    return _death(work, by, number=number)


@blueprint.post("/deaths/<int:number>/mistake")
@shown_again(Permission.REVERSE_DECISIONS, _death)
@writes(Permission.REVERSE_DECISIONS)
def correct_death(number: int, *, work: Work, by: Actor) -> Response:
    whose = death_numbered(work, by, number).participant
    kept = mistakes.correct_death(work, number, _signed(work, by, whose), by=by)
    return _done(kept, "The death is taken back.")


def _same_person(work: Work, by: Actor, *, code: str, refusal: DomainError | None = None) -> str:
    found, url = participant_seen_by(work, by, code), f"/participants/{code}/same-person"
    shown = mistakes.shown_for_same_person(work, by, code, _other()) if _other() else None
    asks = "The other code, under which everything goes on"
    return _drawn(work, by, ToSign(SignedKind.SAME_PERSON, found, url, shown, asks_other=asks), refusal)


@blueprint.get("/participants/<code>/same-person")
@reads(Permission.REVERSE_DECISIONS)
def same_person(code: str, *, work: Work, by: Actor) -> str:
    return _same_person(work, by, code=code)


@blueprint.post("/participants/<code>/same-person")
@shown_again(Permission.REVERSE_DECISIONS, _same_person)
@writes(Permission.REVERSE_DECISIONS)
def merge(code: str, *, work: Work, by: Actor) -> Response:
    kept = mistakes.merge_codes(work, _signed(work, by, code), by=by)
    return _done(kept, "Both codes are one participant now.")
