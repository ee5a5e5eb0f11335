"""The steps of a visit as its page shows them: what is done, by whom, and the one that comes next."""

from typing import Any

from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.states import State
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.queries import definitions
from biobank.participants.choices import Scope, Signer
from biobank.participants.models import Consent, Participant
from biobank.participants.queries import consent_for, consents_of
from biobank.visits.blood_limits import kit_for_weight
from biobank.visits.choices import DRAWN, Change, Clearance, Identifier, VisitState
from biobank.visits.models import Visit, VisitKit
from biobank.visits.queries import answers_of, clearance_of, kits_of, newest_change
from biobank.web.cards import names_of_people
from biobank.web.words import Sign, in_zone, spoken

Shown = dict[str, Any]
COLLECTED_FOR = (Scope.BLOOD, Scope.URINE)
"""What the kits hold."""
ORDER = ("identity", "consents", "safety", "kit", "collect", "compensation", "close")

CLEARANCES: dict[Clearance, Sign] = {
    Clearance.FULL: {"word": "Blood may be drawn", "tone": "right"},
    Clearance.MODIFIED: {"word": "Blood, fewer tubes", "tone": "late"},
    Clearance.NO_BLOOD: {"word": "No blood today", "tone": "wrong"},
    Clearance.URINE_ONLY: {"word": "Urine only", "tone": "wrong"},
}
ADVICE: dict[Clearance, str] = {
    Clearance.FULL: "Nothing stands against drawing blood; go on with the kit.",
    Clearance.MODIFIED: "Take the kit, and leave out the tubes that would be too much.",
    Clearance.NO_BLOOD: "An answer or the weight stands against blood, or is not known, which counts the "
    "same. Draw no blood; if somebody finds out more today, ask again.",
    Clearance.URINE_ONLY: "An answer stands against blood, or is not known, which counts the same. "
    "Collect urine only; if somebody finds out more today, ask again.",
}
"""Why it is so, as far as no answer is told by it, and what to do next."""
IDENTIFIERS = (
    {"value": Identifier.FULL_NAME, "label": "Full name"},
    {"value": Identifier.BIRTH_DATE, "label": "Birth date"},
    {"value": Identifier.PHOTO_ID, "label": "Photo ID"},
    {"value": Identifier.HOME_ADDRESS, "label": "Home address"},
)
SCOPES: dict[str, str] = {
    Scope.BLOOD: "blood",
    Scope.URINE: "urine",
    Scope.DNA: "DNA",
    Scope.SHARING: "sharing",
}
DONE: Sign = {"word": "Done", "tone": "right"}
NOT_YET: Sign = {"word": "Not yet", "tone": "wait"}
STATES: dict[str, Sign] = {
    VisitState.OPEN: {"word": "Under way", "tone": "wait"},
    VisitState.CLOSED: {"word": "Closed", "tone": "right"},
    VisitState.CANCELLED: {"word": "Cancelled", "tone": "wrong"},
}


def visit_row(visit: Visit, zone: str) -> Shown:
    return {
        "number": visit.id,
        "url": f"/visits/{visit.id}",
        "participant": visit.participant,
        "on": visit.on,
        "opened_at": in_zone(visit.opened_at, zone),
        "state": STATES[visit.state],
        "identity": visit.identity_attested_at is not None,
        "safety": visit.clearance is not None,
        "version": visit.version,
        "is_open": visit.state == VisitState.OPEN.value,
        "compensated": visit.compensated_at is not None,
    }


def steps_of(work: Work, visit: Visit, participant: Participant, zone: str) -> dict[str, Shown]:
    """By code, in their order; at most one of them has `next`."""
    people = names_of_people(work, _people(visit))
    kits = [_kit(work, item, link) for item, link in kits_of(work, visit)]
    steps = {
        "identity": _told(visit.identity_attested_at, visit.identity_attested_by, people, zone),
        "consents": _consents(work, participant, zone),
        "safety": _safety(work, visit, participant, people, zone),
        "kit": {"sign": DONE if kits else NOT_YET, "done": bool(kits), "kits": kits},
        "collect": _collect(kits),
        "compensation": {
            **_told(visit.compensated_at, visit.compensated_by, people, zone),
            "amount": visit.compensation or work.settings.compensation,
        },
        "close": _goodbye(work, visit, zone),
    }
    following = next((code for code in ORDER if not steps[code]["done"]), None)
    for code in ORDER:
        steps[code] |= {"code": code, "number": ORDER.index(code) + 1, "next": code == following}
    return steps


def _people(visit: Visit) -> set[str]:
    named = (visit.identity_attested_by, visit.cleared_by, visit.compensated_by)
    return {person for person in named if person}


def _told(at: Any, by: str | None, people: dict[str, str], zone: str) -> Shown:
    return {
        "sign": DONE if at else NOT_YET,
        "done": at is not None,
        "at": in_zone(at, zone) if at else None,
        "by": people.get(by, by) if by else None,
    }


ENDED = {VisitState.CLOSED: Change.CLOSED, VisitState.CANCELLED: Change.CANCELLED}


def _goodbye(work: Work, visit: Visit, zone: str) -> Shown:
    """By whom and when the visit was closed or cancelled the last time; nothing of it while it is open."""
    ended = ENDED.get(VisitState(visit.state))
    event = newest_change(work, visit, ended) if ended else None
    if event is None:
        return _told(None, None, {}, zone)
    by, at = event["performed_by"], moments.read_moment(event["occurred_at"] or event["recorded_at"]).at
    sign = DONE if ended is Change.CLOSED else STATES[VisitState.CANCELLED]
    return {**_told(at, by, names_of_people(work, {by}), zone), "sign": sign}


def _consents(work: Work, participant: Participant, zone: str) -> Shown:
    now = moments.now()
    in_force = {scope: consent_for(work, participant.code, scope, now) for scope in COLLECTED_FOR}
    missing = [scope.value for scope, consent in in_force.items() if consent is None]
    unsigned = [
        scope.value
        for scope, consent in in_force.items()
        if participant.minor and consent is not None and consent.signed_by != Signer.GUARDIAN
    ]
    done = len(missing) < len(in_force) and not unsigned
    return {
        "sign": _consent_sign(missing, unsigned),
        "done": done,
        "missing": missing,
        "unsigned": unsigned,
        "forms": [_form(consent, zone) for consent in consents_of(work, participant.code)],
    }


def _consent_sign(missing: list[str], unsigned: list[str]) -> Sign:
    if unsigned:
        return {"word": "Guardian's consent missing", "tone": "wrong"}
    if len(missing) == len(COLLECTED_FOR):
        return {"word": "No consent", "tone": "wrong"}
    if missing:
        return {"word": "In part", "tone": "late"}
    return {"word": "In force", "tone": "right"}


def _form(consent: Consent, zone: str) -> Shown:
    return {
        "version": consent.form_version,
        "language": consent.language,
        "scopes": [SCOPES.get(scope, scope) for scope in sorted(consent.covers)],
        "effective_at": in_zone(consent.effective_at, zone),
        "expires_at": in_zone(consent.expires_at, zone) if consent.expires_at else None,
        "signed_by": spoken(consent.signed_by) if consent.signed_by else None,
        "assent": consent.assent,
        "sign": _form_sign(consent),
    }


def _form_sign(consent: Consent) -> Sign:
    now = moments.now()
    if consent.withdrawn_at is not None and consent.withdrawn_at <= now:
        return {"word": "Withdrawn", "tone": "wrong"}
    if consent.effective_at > now:
        return {"word": "Not yet in force", "tone": "wait"}
    if consent.expires_at is not None and consent.expires_at <= now:
        return {"word": "Expired", "tone": "late"}
    return {"word": "In force", "tone": "right"}


def _safety(work: Work, visit: Visit, participant: Participant, people: dict[str, str], zone: str) -> Shown:
    clearance = clearance_of(work, visit)
    told = _told(visit.cleared_at, visit.cleared_by, people, zone)
    return {
        **told,
        "sign": CLEARANCES[clearance] if clearance else NOT_YET,
        "advice": ADVICE[clearance] if clearance else None,
        "proposed": _proposed(work, visit, participant, clearance),
    }


def _proposed(work: Work, visit: Visit, participant: Participant, clearance: Clearance | None) -> str | None:
    """Which kit to take for a child; of the weight itself nothing is shown again."""
    answers = answers_of(work, visit)
    if clearance is None or not (participant.minor or (answers and answers.weight_grams)):
        return None
    weight = answers.weight_grams if answers and clearance in DRAWN else None
    kit = kit_for_weight(definitions(work), weight)
    return kit.key if kit else None


def _kit(work: Work, item: Item, link: VisitKit) -> Shown:
    tubes = tubes_of_kit(work, item.id)
    answered = sum(tube.state != State.EXPECTED.value for tube in tubes)
    return {
        "identifier": item.identifier,
        "printed": printed(item.identifier),
        "definition": item.specification,
        "url": f"/kits/{item.identifier}/collect",
        "answered": answered,
        "total": len(tubes),
        "complete": answered == len(tubes),
        "labels_confirmed": link.labels_confirmed_at is not None,
    }


def _collect(kits: list[Shown]) -> Shown:
    """Every tube has its answer, and the labels were read with the participant."""
    open_kits = [kit for kit in kits if not kit["complete"]]
    unread = [kit for kit in kits if kit["complete"] and not kit["labels_confirmed"]]
    done = bool(kits) and not open_kits and not unread
    return {"sign": DONE if done else NOT_YET, "done": done, "open": open_kits, "unread": unread}
