"""Second proofs at sign-in: codes from an app, recovery codes on paper, and who has to have one."""

import hmac
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import ColumnElement, func, select, update

from biobank.access import verifying
from biobank.access.account_events import note
from biobank.access.actors import Actor
from biobank.access.choices import Happened
from biobank.access.identifiers import CODE_LETTERS, bare_code
from biobank.access.models import Passkey, RecoveryCode, TimeCode
from biobank.access.permissions import Role
from biobank.access.proof_checks import CodeRefused, LastProof, NothingToSetUp
from biobank.access.queries import grants_of
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.secret_files import read_secret
from biobank.core.tokens import sha256_of
from biobank.settings import SettingRefused, Settings

NOBODYS = "A" * 32
"""Compared with where there is nothing to compare, so that it takes as long."""
SECRET_LETTERS = 32
"""Of base32: 160 bits, as RFC 4226 recommends."""
RECOVERY_CODES = 10
RECOVERY_LETTERS = 16
NONCE_BYTES = 12


@dataclass(frozen=True)
class RightCode:
    """A code that was right a moment ago; it counts once `take_code` took it."""

    time_code: int
    step: int | None
    recovery: int | None


def roles_with_second_proof(settings: Settings) -> frozenset[Role]:
    """Raises `SettingRefused` for what is no role: who leaves somebody out by a slip has to hear it."""
    names = [name.strip() for name in settings.second_proof_roles.split(",") if name.strip()]
    unknown = sorted(set(names) - set(Role))
    if unknown:
        raise SettingRefused(
            f"second_proof_roles names {', '.join(unknown)}; use some of {', '.join(sorted(Role))}."
        )
    return frozenset() if settings.demo else frozenset(Role(name) for name in names)


def needs_second_proof(work: Work, username: str) -> bool:
    """Whether a role of this person asks for one, wherever they hold it."""
    asking = roles_with_second_proof(work.settings)
    return bool(asking) and any(grant.role in asking for grant in grants_of(work, username))


def has_second_proof(work: Work, username: str) -> bool:
    return standing_code(work, username) is not None or has_passkey(work, username)


def has_passkey(work: Work, username: str, *, but: int | None = None) -> bool:
    found = select(Passkey.id).where(
        Passkey.person == username, Passkey.revoked_at.is_(None), Passkey.id != (but or 0)
    )
    return work.session.scalar(found.limit(1)) is not None


def standing_code(work: Work, username: str) -> TimeCode | None:
    """What this person's app was told, once they confirmed it."""
    return work.session.scalar(
        select(TimeCode).where(
            TimeCode.person == username, TimeCode.confirmed_at.is_not(None), TimeCode.ended_at.is_(None)
        )
    )


def begun_code(work: Work, username: str) -> TimeCode | None:
    """What was shown to this person and not confirmed yet."""
    return work.session.scalar(
        select(TimeCode).where(
            TimeCode.person == username, TimeCode.confirmed_at.is_(None), TimeCode.ended_at.is_(None)
        )
    )


def begin_codes(work: Work, username: str) -> None:
    """A new secret for this person's app; it counts once it is confirmed, and until then the old one does."""
    begun = begun_code(work, username)
    if begun is not None:
        begun.ended_at = now()
    secret = _letters(SECRET_LETTERS)
    work.session.add(
        TimeCode(person=username, sealed=_sealed(work, username, secret), begun_at=now(), last_step=0)
    )
    work.flush()


def _letters(count: int) -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(count))


def secret_of(work: Work, code: TimeCode) -> str:
    """Base32. Raises `CodeRefused` when the service's secret is another than it was sealed with."""
    nonce, sealed = code.sealed[:NONCE_BYTES], code.sealed[NONCE_BYTES:]
    try:
        return AESGCM(_key(work)).decrypt(nonce, sealed, code.person.encode()).decode()
    except InvalidTag:
        raise CodeRefused(
            "Codes that were set up before cannot be read with this service's secret key; ask an "
            "administrator to reset your account."
        ) from None


def address_of(work: Work, username: str, secret: str) -> str:
    """What the QR code says to an app (otpauth)."""
    import pyotp

    codes = pyotp.TOTP(secret, digits=verifying.DIGITS, interval=verifying.STEP_SECONDS)
    return codes.provisioning_uri(name=username, issuer_name=work.settings.programme)


def confirm_codes(work: Work, by: Actor, code: str) -> list[str]:
    """From now on this person signs in with codes of the app; gives new recovery codes, shown this once.

    Raises `CodeRefused`, `NothingToSetUp`.
    """
    begun = begun_code(work, by.person)
    if begun is None:
        raise NothingToSetUp("No set-up of codes is under way; begin it under Your account.")
    step = verifying.matching_step(secret_of(work, begun), code, now(), begun.last_step)
    if step is None:
        raise CodeRefused(
            "This is not the code that the app shows now; wait for the next one and check the phone's clock.",
            field="code",
        )
    before = standing_code(work, by.person)
    if before is not None:
        before.ended_at = now()
    begun.confirmed_at, begun.last_step = now(), step
    note(work, by.person, Happened.TIME_CODES_SET_UP, by)
    return new_recovery_codes(work, by)


def end_codes(work: Work, by: Actor) -> None:
    """By the person alone. Raises `NothingToSetUp`, `LastProof`."""
    standing = standing_code(work, by.person)
    if standing is None:
        raise NothingToSetUp("You sign in without codes of an app; there is nothing to end.")
    stays_provable(work, by.person, otherwise=has_passkey(work, by.person))
    standing.ended_at = now()
    _end_recovery(work, by.person)
    note(work, by.person, Happened.TIME_CODES_ENDED, by)


def stays_provable(work: Work, username: str, *, otherwise: bool) -> None:
    """Raises `LastProof` when a role asks for a second proof and no other one is left."""
    if not otherwise and needs_second_proof(work, username):
        raise LastProof(
            "Your role signs in with a second proof, and this is your only one; set up another one first."
        )


def new_recovery_codes(work: Work, by: Actor) -> list[str]:
    """Ten codes to be kept on paper; those before end. Raises `NothingToSetUp`."""
    if standing_code(work, by.person) is None:
        raise NothingToSetUp("Recovery codes stand in for an app; set up the app first.")
    _end_recovery(work, by.person)
    codes = [_letters(RECOVERY_LETTERS) for _ in range(RECOVERY_CODES)]
    work.session.add_all(
        RecoveryCode(person=by.person, sha256=sha256_of(code), made_at=now()) for code in codes
    )
    note(work, by.person, Happened.RECOVERY_CODES_MADE, by, count=RECOVERY_CODES)
    return codes


def _end_recovery(work: Work, username: str) -> None:
    work.session.execute(
        update(RecoveryCode)
        .where(RecoveryCode.person == username, RecoveryCode.ended_at.is_(None))
        .values(ended_at=now())
    )


def recovery_codes_left(work: Work, username: str) -> int:
    left = select(func.count()).where(*_unused(username))
    return work.session.scalar(left) or 0


def _unused(username: str) -> Sequence[ColumnElement[bool]]:
    return (
        RecoveryCode.person == username,
        RecoveryCode.used_at.is_(None),
        RecoveryCode.ended_at.is_(None),
    )


def right_code(work: Work, username: str, code: str) -> RightCode | None:
    """Of an app or of the paper, if it is one of this person's; writes nothing."""
    standing = standing_code(work, username)
    secret = NOBODYS if standing is None else secret_of(work, standing)
    step = verifying.matching_step(secret, code, now(), standing.last_step if standing else 0)
    if standing is None:
        return None
    if step is not None:
        return RightCode(standing.id, step, None)
    recovery = work.session.scalar(
        select(RecoveryCode.id).where(RecoveryCode.sha256 == sha256_of(bare_code(code)), *_unused(username))
    )
    return None if recovery is None else RightCode(standing.id, None, recovery)


def take_code(work: Work, username: str, right: RightCode) -> bool:
    """Whether it still counts: of two who use one code at once, one is refused."""
    if right.recovery is not None:
        note(work, username, Happened.RECOVERY_CODE_USED, username)
        paper = update(RecoveryCode).where(RecoveryCode.id == right.recovery, *_unused(username))
        return work.session.scalar(paper.values(used_at=now()).returning(RecoveryCode.id)) is not None
    app = update(TimeCode).where(TimeCode.id == right.time_code, TimeCode.last_step < right.step)
    return work.session.scalar(app.values(last_step=right.step).returning(TimeCode.id)) is not None


def end_second_proofs(work: Work, username: str) -> None:
    """For a reset: no code of an app or of the paper counts any more."""
    work.session.execute(
        update(TimeCode)
        .where(TimeCode.person == username, TimeCode.ended_at.is_(None))
        .values(ended_at=now())
    )
    _end_recovery(work, username)


def service_key(work: Work, purpose: str) -> bytes:
    """32 bytes for one purpose, derived from the service's secret."""
    secret = read_secret(Path(work.settings.secret_key_file), "secret_key_file")
    return hmac.digest(secret, purpose.encode(), "sha256")


def _key(work: Work) -> bytes:
    return service_key(work, "time codes")


def _sealed(work: Work, username: str, secret: str) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_key(work)).encrypt(nonce, secret.encode(), username.encode())
