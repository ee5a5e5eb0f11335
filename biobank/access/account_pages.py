"""Your account: password, codes of an app, recovery codes and passkeys; a change asks for the password."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from biobank.access.accounts import accept_proof, verified
from biobank.access.actors import Actor
from biobank.access.checks import PasswordNeeded, typed_alike
from biobank.access.choices import Proof
from biobank.access.identifiers import in_groups
from biobank.access.models import Passkey, Person
from biobank.access.passkeys import (
    party_of,
    passkeys_of,
    read_answer,
    register,
    revoke_passkey,
)
from biobank.access.permissions import Permission
from biobank.access.queries import person_named
from biobank.access.second_proofs import (
    address_of,
    begin_codes,
    begun_code,
    confirm_codes,
    end_codes,
    has_second_proof,
    needs_second_proof,
    new_recovery_codes,
    recovery_codes_left,
    secret_of,
    standing_code,
)
from biobank.access.setup_links import change_password, chosen_hash
from biobank.access.squares import square_of
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.web.addresses import sent_to
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form
from biobank.web.frame import zone_of
from biobank.web.permission import once_kept, reads, writes
from biobank.web.sessions import current_visit, give_cookie
from biobank.web.shown_again import shown_again
from biobank.web.signing_in import goes_on_anew
from biobank.web.words import in_zone

blueprint = Blueprint("account", __name__)
URL = "/account"


@blueprint.get(URL)
@reads(Permission.USE_ACCOUNT)
def account(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None, **_: object) -> str:
    by_sign_in(by)
    zone = zone_of(work, by)
    return render_template(
        "access/account.html",
        username=by.person,
        enrolling=by.enrolling,
        needed=needs_second_proof(work, by.person),
        proved=has_second_proof(work, by.person),
        has_codes=standing_code(work, by.person) is not None,
        recovery_left=recovery_codes_left(work, by.person),
        passkeys=[_listed(passkey, zone) for passkey in passkeys_of(work, by.person)],
        origin=party_of(work.settings).origin,
        form=request.form,
        errors=errors_of_form(refusal, {"password": "new_password"}),
    )


def by_sign_in(by: Actor) -> None:
    """Neither by badge nor by token: what is changed here opens a new session, and that takes a sign-in."""
    visit = current_visit()
    if by.by_badge or visit is None or visit.session is None:
        raise PasswordNeeded


def _listed(passkey: Passkey, zone: str) -> dict[str, Any]:
    used = passkey.last_used_at
    return {
        "number": passkey.id,
        "name": passkey.name,
        "since": in_zone(passkey.registered_at, zone),
        "used": in_zone(used, zone) if used else None,
    }


def _sure(work: Work, by: Actor) -> Person:
    """Whoever sits here types their password once more. Raises `CredentialsRefused`, `TooManyAttempts`."""
    by_sign_in(by)
    person = verified(work, by.person, request.form.get("password", ""), request.remote_addr)
    accept_proof(work, person.username)
    return person


def _onwards(work: Work, person: Person, proof: Proof = Proof.PASSWORD) -> Response:
    """In a new session: what somebody learned of the one before is worth nothing."""
    cookie = goes_on_anew(work, person, proof)
    response = sent_to(URL)
    give_cookie(response, cookie)
    return response


@blueprint.post(f"{URL}/password")
@shown_again(Permission.USE_ACCOUNT, _page)
@writes(Permission.USE_ACCOUNT)
def password_changed(*, work: Work, by: Actor) -> Response:
    person = _sure(work, by)
    chosen = request.form.get("new_password", "")
    typed_alike(chosen, request.form.get("new_password_again", ""), "new_password_again")
    change_password(work, by, chosen_hash(by.person, chosen))
    tell("Password changed", "It counts from now on; every other browser of yours is signed out.")
    return _onwards(work, person, Proof.ENROLLING if by.enrolling else Proof.PASSWORD)


@blueprint.post(f"{URL}/codes")
@shown_again(Permission.USE_ACCOUNT, _page)
@writes(Permission.USE_ACCOUNT)
def codes_begun(*, work: Work, by: Actor) -> Response:
    _sure(work, by)
    begin_codes(work, by.person)
    return sent_to(f"{URL}/codes")


@blueprint.get(f"{URL}/codes")
@reads(Permission.USE_ACCOUNT)
def codes(*, work: Work, by: Actor) -> Response | str:
    return _codes_page(work, by)


def _codes_page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> Response | str:
    by_sign_in(by)
    begun = begun_code(work, by.person)
    if begun is None:
        return sent_to(URL)
    secret = secret_of(work, begun)
    return render_template(
        "access/codes.html",
        picture=square_of(address_of(work, by.person, secret)),
        secret=in_groups(secret),
        errors=errors_of_form(refusal),
    )


def _codes_again(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    page = _codes_page(work, by, refusal=refusal)
    return page if isinstance(page, str) else _page(work, by, refusal=refusal)


@blueprint.post(f"{URL}/codes/confirm")
@shown_again(Permission.USE_ACCOUNT, _codes_again)
@writes(Permission.USE_ACCOUNT)
def codes_confirmed(*, work: Work, by: Actor) -> Response:
    by_sign_in(by)
    return _recovery_sheet(work, by, confirm_codes(work, by, request.form.get("code", "")))


def _recovery_sheet(work: Work, by: Actor, recovery: list[str]) -> Response:
    """Shown this once, after the transaction: no answer that is kept for a repeated request holds them."""
    cookie = goes_on_anew(work, person_named(work, by.person), Proof.PASSWORD)

    def sheet() -> Response:
        codes = [in_groups(code) for code in recovery]
        response = current_app.make_response(
            render_template("access/recovery.html", username=by.person, codes=codes)
        )
        give_cookie(response, cookie)
        return response

    once_kept(sheet)
    return sent_to(URL)


@blueprint.post(f"{URL}/codes/end")
@shown_again(Permission.USE_ACCOUNT, _page)
@writes(Permission.USE_ACCOUNT)
def codes_ended(*, work: Work, by: Actor) -> Response:
    person = _sure(work, by)
    end_codes(work, by)
    tell("Codes ended", "The app's codes and those on paper open nothing any more.")
    return _onwards(work, person)


@blueprint.post(f"{URL}/recovery")
@shown_again(Permission.USE_ACCOUNT, _page)
@writes(Permission.USE_ACCOUNT)
def recovery_made(*, work: Work, by: Actor) -> Response:
    _sure(work, by)
    return _recovery_sheet(work, by, new_recovery_codes(work, by))


@blueprint.post(f"{URL}/passkeys")
@shown_again(Permission.USE_ACCOUNT, _page)
@writes(Permission.USE_ACCOUNT)
def passkey_made(*, work: Work, by: Actor) -> Response:
    person = _sure(work, by)
    answer = read_answer(request.form.get("passkey", ""))
    passkey = register(work, by, answer, request.form.get("name", ""))
    tell("Passkey kept", f"{passkey.name} signs you in, and signs for you, from now on.")
    return _onwards(work, person)


@blueprint.post(f"{URL}/passkeys/<int:number>/revoke")
@shown_again(Permission.USE_ACCOUNT, _page)
@writes(Permission.USE_ACCOUNT)
def passkey_revoked(number: int, *, work: Work, by: Actor) -> Response:
    person = _sure(work, by)
    passkey = revoke_passkey(work, by, number)
    tell("Passkey revoked", f"{passkey.name} opens and signs nothing any more.")
    return _onwards(work, person)
