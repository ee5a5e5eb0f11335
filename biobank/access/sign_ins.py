"""Proving at sign-in who somebody is: name, password and code in one request, or a passkey."""

from dataclasses import dataclass

from biobank.access.accounts import verified
from biobank.access.checks import CredentialsRefused
from biobank.access.choices import Proof
from biobank.access.models import Person
from biobank.access.proof_checks import SignInRefused
from biobank.access.second_proofs import (
    RightCode,
    has_passkey,
    needs_second_proof,
    right_code,
    standing_code,
    take_code,
)
from biobank.core.database import Work

NOBODY = ""
"""Has no codes; looked at in the place of whoever was refused, so that it takes as long."""


@dataclass(frozen=True)
class SignIn:
    """Who proved who they are, how far that reaches, and the code that is still to be taken."""

    person: Person
    proof: Proof
    code: RightCode | None = None


def proved_by_password(
    work: Work, username: str, password: str, code: str, address: str | None = None
) -> SignIn:
    """Writes nothing; `count_code` takes the code in the transaction that opens the session.

    All is looked at before anything is answered: raises `SignInRefused` whatever was wrong, and
    `TooManyAttempts`. Whoever set up codes is asked for one; whoever needs a second proof and has only a
    passkey signs in with that; whoever needs one and has none may set one up and nothing else.
    """
    try:
        person = verified(work, username, password, address)
    except CredentialsRefused as refusal:
        right_code(work, NOBODY, code)
        raise SignInRefused(refusal.subjects) from refusal
    right = right_code(work, person.username, code)
    if right is not None:
        return SignIn(person, Proof.PASSWORD, right)
    if standing_code(work, person.username) is not None:
        raise SignInRefused(_subjects(person, address))
    if not needs_second_proof(work, person.username):
        return SignIn(person, Proof.PASSWORD)
    if has_passkey(work, person.username):
        raise SignInRefused(_subjects(person, address))
    return SignIn(person, Proof.ENROLLING)


def _subjects(person: Person, address: str | None) -> tuple[str, ...]:
    account = (f"account:{person.username}",)
    return (*account, f"address:{address}") if address else account


def count_code(work: Work, sign_in: SignIn, address: str | None = None) -> None:
    """Raises `SignInRefused` when somebody else used the same code a moment before."""
    if sign_in.code is not None and not take_code(work, sign_in.person.username, sign_in.code):
        raise SignInRefused(_subjects(sign_in.person, address))
