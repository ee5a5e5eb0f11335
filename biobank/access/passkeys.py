"""Passkeys: registered by their person, asked one question at a time, revoked, never erased."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import delete, select, update

from biobank.access import verifying
from biobank.access.account_events import note
from biobank.access.accounts import not_throttled
from biobank.access.actors import Actor
from biobank.access.checks import ANSWERED, PersonRefused
from biobank.access.choices import Happened, Purpose
from biobank.access.models import Passkey, PasskeyQuestion, Person
from biobank.access.proof_checks import PasskeyRefused, PasskeyUnknown
from biobank.access.second_proofs import has_passkey, service_key, standing_code, stays_provable
from biobank.access.setup_links import public_address
from biobank.access.verifying import NotRight, Party, Question
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.personal_shapes import names_nobody
from biobank.core.tokens import sha256_of
from biobank.settings import Settings

ANSWERED_WITHIN = timedelta(minutes=5)
LARGEST_ANSWER = 20_000
"""Characters; an answer to fifty orders has some five thousand."""
LONGEST_NAME = 60
MOST_PASSKEYS = 20


@dataclass(frozen=True)
class Answer:
    """What a browser sent back: to which question, over which records, and what the authenticator said."""

    nonce: str
    shown: tuple[str, ...]
    credential: Mapping[str, Any]

    @property
    def credential_id(self) -> str:
        return str(self.credential.get("id", ""))


@dataclass(frozen=True)
class Taken:
    """An answer that was right: whose it is, and what anybody needs to judge it again."""

    person: Person
    evidence: Mapping[str, Any]


def party_of(settings: Settings) -> Party:
    """The host and origin that passkeys are bound to: from the settings, never from what a request says."""
    address = public_address(settings)
    return Party(urlsplit(address).hostname or "", address)


def ask(work: Work, purpose: Purpose, asked_by: str | None) -> str:
    """The nonce of a new question; those nobody answered are forgotten."""
    work.session.execute(delete(PasskeyQuestion).where(PasskeyQuestion.expires_at < now() - ANSWERED_WITHIN))
    nonce = secrets.token_urlsafe(32)
    work.session.add(
        PasskeyQuestion(
            sha256=sha256_of(nonce),
            purpose=purpose.value,
            asked_by=asked_by,
            expires_at=now() + ANSWERED_WITHIN,
        )
    )
    work.flush()
    return nonce


def read_answer(text: str) -> Answer:
    """As the pages' script writes it: JSON of nonce, shown and credential. Raises `PasskeyRefused`."""
    try:
        told = orjson.loads(text.removeprefix(ANSWERED)) if len(text) <= LARGEST_ANSWER else None
    except orjson.JSONDecodeError:
        told = None
    if not isinstance(told, dict) or not isinstance(told.get("credential"), dict):
        raise PasskeyRefused
    shown = told.get("shown", [])
    if not isinstance(shown, list) or not all(isinstance(each, str) for each in shown):
        raise PasskeyRefused
    return Answer(str(told.get("nonce", "")), tuple(shown), told["credential"])


def owner_handle(work: Work, username: str) -> bytes:
    """How an authenticator keeps its owner apart from others; says nobody who that is."""
    return bytes.fromhex(sha256_of(service_key(work, "passkey owners").hex() + username))


def register(work: Work, by: Actor, answer: Answer, name: str) -> Passkey:
    """By its person alone. Raises `PasskeyRefused`, `PersonRefused` for its name, `NamesSomebody`."""
    named = _name_taken(work, by.person, name)
    question = _answered(work, Purpose.REGISTER, answer, by.person)
    try:
        credential, public_key, count = verifying.registered(
            answer.credential, question, party_of(work.settings)
        )
    except NotRight as problem:
        raise PasskeyRefused from problem
    if work.session.scalar(select(Passkey.id).where(Passkey.credential == credential)) is not None:
        raise PasskeyRefused
    passkey = Passkey(
        person=by.person,
        credential=credential,
        public_key=public_key,
        sign_count=count,
        name=named,
        registered_at=now(),
    )
    work.session.add(passkey)
    work.flush()
    note(
        work,
        by.person,
        Happened.PASSKEY_REGISTERED,
        by,
        passkey=passkey.id,
        credential=credential,
        public_key=public_key.hex(),
    )
    return passkey


def _name_taken(work: Work, username: str, name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise PersonRefused(
            f"Name the passkey by what it lies in, with at most {LONGEST_NAME} characters, such as blue key.",
            field="name",
        )
    names_nobody("name", plain)
    if len(passkeys_of(work, username)) >= MOST_PASSKEYS:
        raise PersonRefused(
            f"You have {MOST_PASSKEYS} passkeys; revoke one that you do not use.", field="name"
        )
    return plain


def passkeys_of(work: Work, username: str) -> Sequence[Passkey]:
    """Those that count, oldest first."""
    return work.session.scalars(
        select(Passkey).where(Passkey.person == username, Passkey.revoked_at.is_(None)).order_by(Passkey.id)
    ).all()


def revoke_passkey(work: Work, by: Actor, number: int) -> Passkey:
    """By its person alone. Raises `PasskeyUnknown`, `LastProof`."""
    passkey = work.session.get(Passkey, number)
    if passkey is None or passkey.person != by.person or passkey.revoked_at is not None:
        raise PasskeyUnknown("You have no such passkey; look at the list again.")
    other = standing_code(work, by.person) is not None or has_passkey(work, by.person, but=number)
    stays_provable(work, by.person, otherwise=other)
    passkey.revoked_at, passkey.revoked_by = now(), by.person
    note(work, by.person, Happened.PASSKEY_REVOKED, by, passkey=passkey.id)
    return passkey


def signed_in_by_passkey(work: Work, answer: Answer, *, address: str | None) -> Person:
    """Whose passkey answered. Raises `PasskeyRefused`, which the edge counts, and `TooManyAttempts`."""
    passkey = _standing(work, answer)
    subjects = _subjects(passkey.person if passkey else None, address)
    return _judged(work, Purpose.SIGN_IN, answer, passkey, subjects, asked_by=None).person


def signed_by_passkey(
    work: Work,
    by: Actor,
    signer: str,
    answer: Answer,
    meaning: str,
    records: Sequence[str],
    *,
    address: str | None,
) -> Taken:
    """`records` are the SHA-256 that are to be signed, of which each has to be among those shown.

    Raises `PasskeyRefused`, which the edge counts, and `TooManyAttempts`.
    """
    passkey, subjects = _standing(work, answer), _subjects(signer, address)
    if passkey is None or passkey.person != signer or not verifying.covers(answer.shown, records):
        raise PasskeyRefused(subjects)
    return _judged(
        work, Purpose.SIGN, answer, passkey, subjects, asked_by=by.person, meaning=meaning, shown=answer.shown
    )


def _subjects(username: str | None, address: str | None) -> tuple[str, ...]:
    account = (f"account:{username}",) if username else ()
    return (*account, f"address:{address}") if address else account


def _standing(work: Work, answer: Answer) -> Passkey | None:
    """The passkey that says it answered, of somebody active."""
    return work.session.scalar(
        select(Passkey)
        .join(Person, Person.username == Passkey.person)
        .where(Passkey.credential == answer.credential_id, Passkey.revoked_at.is_(None), Person.active)
        .with_for_update(of=Passkey)
    )


def _judged(
    work: Work,
    purpose: Purpose,
    answer: Answer,
    passkey: Passkey | None,
    subjects: tuple[str, ...],
    *,
    asked_by: str | None,
    meaning: str = "",
    shown: tuple[str, ...] = (),
) -> Taken:
    not_throttled(work, subjects)
    if passkey is None:
        raise PasskeyRefused(subjects)
    party = party_of(work.settings)
    try:
        question = _answered(work, purpose, answer, asked_by, meaning, shown)
        count = verifying.judged(
            answer.credential, question, party, public_key=passkey.public_key, sign_count=passkey.sign_count
        )
    except (NotRight, PasskeyRefused) as problem:
        raise PasskeyRefused(subjects) from problem
    passkey.sign_count, passkey.last_used_at = count, now()
    work.flush()
    person = work.session.scalars(select(Person).where(Person.username == passkey.person)).one()
    return Taken(person, _evidence(passkey, answer, party, count))


def _answered(
    work: Work,
    purpose: Purpose,
    answer: Answer,
    asked_by: str | None,
    meaning: str = "",
    shown: tuple[str, ...] = (),
) -> Question:
    """The question that was asked, which is answered with this. Raises `PasskeyRefused`."""
    mine = PasskeyQuestion.asked_by.is_(None) if asked_by is None else PasskeyQuestion.asked_by == asked_by
    taken = work.session.scalar(
        update(PasskeyQuestion)
        .where(
            PasskeyQuestion.sha256 == sha256_of(answer.nonce),
            PasskeyQuestion.purpose == purpose.value,
            PasskeyQuestion.answered_at.is_(None),
            PasskeyQuestion.expires_at > now(),
            mine,
        )
        .values(answered_at=now())
        .returning(PasskeyQuestion.id)
    )
    if taken is None:
        raise PasskeyRefused
    return Question(purpose, answer.nonce, meaning, shown)


def _evidence(passkey: Passkey, answer: Answer, party: Party, count: int) -> Mapping[str, Any]:
    """All that the authenticator signed, and by which key it is to be judged."""
    said = answer.credential["response"]
    return {
        "credential": passkey.credential,
        "public_key": passkey.public_key.hex(),
        "host": party.host,
        "origin": party.origin,
        "nonce": answer.nonce,
        "shown": sorted(set(answer.shown)),
        "authenticator_data": str(said["authenticatorData"]),
        "client_data": str(said["clientDataJSON"]),
        "signature": str(said["signature"]),
        "sign_count": count,
        "user_verified": True,
    }
