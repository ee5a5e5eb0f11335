"""The safety questions and the consents of a visit, as its checklist sends them."""

import re
from collections.abc import Mapping

from flask import Blueprint, Response, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.kits.operations import take_consent
from biobank.participants.queries import participant_named
from biobank.sites.queries import site_named
from biobank.visits.answers import clear_safety, question_sets
from biobank.visits.choices import DRAWN, Clearance
from biobank.visits.inputs import SafetyTold
from biobank.visits.pages import checklist, telling, to_visit
from biobank.visits.queries import visit_seen_by
from biobank.web.feedback import tell
from biobank.web.permission import writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import time_required
from biobank.web.typed_fields import FieldRefused, thousandths_typed
from biobank.web.visit_steps import ADVICE, CLEARANCES

blueprint = Blueprint("visit_safety_pages", __name__, url_prefix="/visits")


@blueprint.post("/<int:number>/safety")
@shown_again(Permission.RUN_VISITS, checklist)
@writes(Permission.RUN_VISITS)
def safety(number: int, *, work: Work, by: Actor) -> Response:
    """What the answers leave is told; the answers themselves are never shown again."""
    version = request.form.get("question_set", "")
    asked = question_sets(work).get(version)
    answers = {each.code: request.form.get(each.code, "") for each in asked.questions} if asked else {}
    safety = SafetyTold(
        question_set=version,
        answers=answers,
        chosen=request.form.get("chosen") or None,
        weight_grams=thousandths_typed(request.form, "weight", least=0),
        drawn_elsewhere_microlitres=thousandths_typed(request.form, "drawn", least=0) or 0,
    )
    found = clear_safety(work, number, safety, telling(work, by))
    clearance = Clearance(str(found.clearance))
    tone = "right" if clearance in DRAWN else "ask"
    tell(CLEARANCES[clearance]["word"], ADVICE[clearance], tone=tone)
    return to_visit(found)


@blueprint.post("/<int:number>/consents")
@shown_again(Permission.RUN_VISITS, checklist)
@writes(Permission.REGISTER_PARTICIPANTS)
def consent(number: int, *, work: Work, by: Actor) -> Response:
    """One more signed form of the participant of the visit."""
    found, form = visit_seen_by(work, by, number), request.form
    zone = site_named(work, found.site).zone
    expires = time_required(form, zone, "expires_at") if form.get("expires_at", "").strip() else None
    signer = form.get("signed_by") or None
    taken = take_consent(
        work,
        by,
        participant=participant_named(work, found.participant).code,
        form_version=_printed_on_it(form, "form_version"),
        language=form.get("language", "en"),
        scopes=form.getlist("scopes"),
        effective_at=time_required(form, zone, "effective_at").at,
        expires_at=expires.at if expires else None,
        source=_printed_on_it(form, "source"),
        signed_by=signer,
        assent=(form.get("assent") == "yes") if signer == "guardian" else None,
    )
    tell("Consent recorded", f"Form {taken.form_version} of {taken.participant}.")
    return to_visit(found)


PRINTED_ON_A_FORM = re.compile(r"(?=.*[0-9])[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
"""A version or a number; words, which may be a name, are neither."""


def _printed_on_it(form: Mapping[str, str], name: str) -> str:
    text = form.get(name, "").strip()
    if not PRINTED_ON_A_FORM.fullmatch(text):
        raise FieldRefused(
            "Copy it from the form, without blanks and with its digits, such as F-1042.", field=name
        )
    return text
