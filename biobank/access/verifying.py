"""Whether a code of an app, or what a passkey answered, is right: the core of sign-ins and signatures.

Nothing here reads or writes a database, so that all of it can be tried alone.
"""

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from biobank.access.choices import Purpose
from biobank.ledger.canonical import canonical_bytes

STEP_SECONDS = 30
DRIFT = 1
"""Steps by which a phone's clock may be off, either way (RFC 6238, 5.2)."""
DIGITS = 6


class NotRight(Exception):
    """An answer that proves nothing; it says why to a log's reader, never to who asked."""


@dataclass(frozen=True)
class Party:
    """Whom passkeys are for: the service, by the host and the origin that a browser sees."""

    host: str
    origin: str


@dataclass(frozen=True)
class Question:
    """What a passkey is asked; of a signature its meaning, and the SHA-256 of each record as it was shown."""

    purpose: Purpose
    nonce: str
    meaning: str = ""
    shown: tuple[str, ...] = ()

    @property
    def challenge(self) -> bytes:
        """32 bytes that no other purpose, nonce, meaning or set of records has."""
        content = {
            "v": 1,
            "purpose": self.purpose.value,
            "nonce": self.nonce,
            "meaning": self.meaning,
            "shown": sorted(set(self.shown)),
        }
        return hashlib.sha256(canonical_bytes(content)).digest()


def step_at(at: datetime) -> int:
    """The number of the 30 seconds in which `at` lies, since 1970."""
    return int(at.timestamp()) // STEP_SECONDS


def matching_step(secret: str, code: str, at: datetime, after: int) -> int | None:
    """The step whose code this is, as long as it is later than `after`: no code counts twice.

    `secret` is base32. Each of the three codes is compared, whichever is right.
    """
    import pyotp

    codes, here = pyotp.TOTP(secret, digits=DIGITS, interval=STEP_SECONDS), step_at(at)
    typed = "".join(code.split()).encode("utf-8", "surrogateescape")
    found = None
    for step in range(here - DRIFT, here + DRIFT + 1):
        if hmac.compare_digest(codes.generate_otp(step).encode(), typed) and step > after:
            found = step
    return found


def covers(shown: Iterable[str], records: Iterable[str]) -> bool:
    """Whether every record that is to be signed was among those shown when the passkey was asked."""
    return set(records) <= set(shown)


def judged(
    answer: Mapping[str, Any], question: Question, party: Party, *, public_key: bytes, sign_count: int
) -> int:
    """The authenticator's new count, of an answer to this question at this origin, by a person it verified.

    Raises `NotRight` for anything else: another question, origin or host, another key, nobody verified, a
    count that does not go on.
    """
    from webauthn import verify_authentication_response
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        verified = verify_authentication_response(
            credential=dict(answer),
            expected_challenge=question.challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            credential_public_key=public_key,
            credential_current_sign_count=sign_count,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as problem:
        raise NotRight(str(problem)) from problem
    return verified.new_sign_count


def registered(answer: Mapping[str, Any], question: Question, party: Party) -> tuple[str, bytes, int]:
    """Credential id (base64url), public key (COSE) and count of a passkey that was made for this question.

    Raises `NotRight`.
    """
    from webauthn import verify_registration_response
    from webauthn.helpers import bytes_to_base64url
    from webauthn.helpers.exceptions import WebAuthnException

    try:
        verified = verify_registration_response(
            credential=dict(answer),
            expected_challenge=question.challenge,
            expected_rp_id=party.host,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError) as problem:
        raise NotRight(str(problem)) from problem
    return (
        bytes_to_base64url(verified.credential_id),
        verified.credential_public_key,
        verified.sign_count,
    )
