"""What passkeys are asked: at a sign-in, when one is made, under a signature; each once, within minutes."""

from typing import Any

from flask import Blueprint, Response, jsonify, request

from biobank.access.account_pages import by_sign_in
from biobank.access.actors import Actor
from biobank.access.checks import something_is_signed
from biobank.access.choices import Purpose
from biobank.access.passkeys import ask, owner_handle, party_of, passkeys_of
from biobank.access.permissions import Permission
from biobank.access.verifying import Question
from biobank.core.database import Work, writing
from biobank.web.current import current_settings
from biobank.web.permission import public, writes
from biobank.web.sessions import refuse_other_origin

blueprint = Blueprint("passkeys", __name__)
ES256, RS256, EDDSA = -7, -257, -8
TO_ANSWER, TO_MAKE = 120_000, 300_000
"""Milliseconds that a browser gives somebody for it."""


@blueprint.post("/sign-in/question")
@public("nobody is signed in yet")
def to_sign_in() -> Response:
    """It names no account, so that nobody learns which there are."""
    refuse_other_origin(request)
    with writing() as work:
        nonce = ask(work, Purpose.SIGN_IN, None)
    return _to_answer(Question(Purpose.SIGN_IN, nonce))


@blueprint.post("/signatures/question")
@writes(Permission.USE_ACCOUNT)
def to_sign(*, work: Work, by: Actor) -> Response:
    """Of these records, with this meaning."""
    shown, meaning = tuple(request.form.getlist("sha256")), request.form.get("meaning", "").strip()
    something_is_signed(shown, meaning)
    return _to_answer(Question(Purpose.SIGN, ask(work, Purpose.SIGN, by.person), meaning, shown))


def _to_answer(question: Question) -> Response:
    """For `navigator.credentials.get`; whose passkey it is comes with the answer."""
    return _asked(
        question,
        rpId=party_of(current_settings()).host,
        userVerification="required",
        timeout=TO_ANSWER,
    )


@blueprint.post("/account/passkeys/question")
@writes(Permission.USE_ACCOUNT)
def to_make(*, work: Work, by: Actor) -> Response:
    """For `navigator.credentials.create`."""
    from webauthn.helpers import bytes_to_base64url

    by_sign_in(by)
    owner = bytes_to_base64url(owner_handle(work, by.person))
    known = [{"type": "public-key", "id": passkey.credential} for passkey in passkeys_of(work, by.person)]
    return _asked(
        Question(Purpose.REGISTER, ask(work, Purpose.REGISTER, by.person)),
        rp={"id": party_of(work.settings).host, "name": work.settings.programme},
        user={"id": owner, "name": by.person, "displayName": by.person},
        pubKeyCredParams=[{"type": "public-key", "alg": alg} for alg in (ES256, EDDSA, RS256)],
        authenticatorSelection={"residentKey": "required", "userVerification": "required"},
        excludeCredentials=known,
        attestation="none",
        timeout=TO_MAKE,
    )


def _asked(question: Question, **options: Any) -> Response:
    from webauthn.helpers import bytes_to_base64url

    challenge = bytes_to_base64url(question.challenge)
    return jsonify(nonce=question.nonce, options={"challenge": challenge, **options})
