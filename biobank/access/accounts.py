"""Proving who somebody is by password: argon2id, throttled in the database, equal for unknown accounts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy import delete, select, text

from biobank.access.checks import USERNAME, CredentialsRefused, TooManyAttempts
from biobank.access.models import Person, SignInFailure
from biobank.core.database import Work
from biobank.core.moments import now, to_microseconds
from biobank.core.rows import locking
from biobank.core.statements import Statement
from biobank.core.tokens import new_token, sha256_of

HASHER = PasswordHasher()

FREE_ATTEMPTS = {"account": 5, "address": 20, "pin": 3}
"""Failures before the first wait; an address stands for a whole clinic, a PIN is soon guessed."""
LONGEST_WAIT = timedelta(minutes=10)
FORGOTTEN_AFTER = timedelta(hours=1)

# One statement, so that of two failures at once both count.
COUNT_FAILURE = Statement(
    text(
        "INSERT INTO sign_in_failures AS known (sha256, failures, last_failed_at) VALUES (:sha256, 1, :at) "
        "ON CONFLICT (sha256) DO UPDATE SET last_failed_at = excluded.last_failed_at, "
        "failures = CASE WHEN known.last_failed_at < :forgotten THEN 1 ELSE known.failures + 1 END",
    ),
)

# So that there is a row to lock before the first failure is counted.
NO_FAILURE_YET = Statement(
    text(
        "INSERT INTO sign_in_failures (sha256, failures, last_failed_at) VALUES (:sha256, 0, :at) "
        "ON CONFLICT DO NOTHING",
    ),
)


def hashed(password: str) -> str:
    return HASHER.hash(password)


@cache
def _nobodys_hash() -> str:
    return hashed(new_token())


def verified(work: Work, username: str, password: str, address: str | None = None) -> Person:
    """The active person whose password this is. Writes nothing, so that no lock is held while it hashes.

    Raises `TooManyAttempts`, or `CredentialsRefused`: the edge then calls `record_failure` in a transaction
    of its own, since the refused one keeps nothing. What was right counts once `accept_proof` took it. An
    unknown name takes as long as a known one.
    """
    name = username.strip().lower()
    subjects = (f"account:{name}", *([f"address:{address}"] if address else []))
    not_throttled(work, subjects)
    person = _active_person(work, name)
    known = person.password_hash if person else None
    if not belongs(known or _nobodys_hash(), password) or person is None or known is None:
        raise CredentialsRefused(subjects)
    return person


def _active_person(work: Work, name: str) -> Person | None:
    if not USERNAME.fullmatch(name):
        return None
    return work.session.scalar(select(Person).where(Person.username == name, Person.active))


def belongs(password_hash: str, password: str) -> bool:
    """Whether the hash is of this password or PIN."""
    try:
        return HASHER.verify(password_hash, password.encode("utf-8", "surrogateescape"))
    except (VerificationError, InvalidHashError):
        return False


def not_throttled(work: Work, subjects: Sequence[str], *, locked: bool = False) -> None:
    """Raises `TooManyAttempts`. `locked`: as it is now, and nobody counts another failure meanwhile."""
    by_hash = {sha256_of(subject): subject for subject in subjects}
    question = select(SignInFailure).where(SignInFailure.sha256.in_(by_hash)).order_by(SignInFailure.sha256)
    for failure in work.session.scalars(locking(question) if locked else question):
        left = _free_at(failure, by_hash[failure.sha256]) - now()
        if left > timedelta():
            seconds = int(left.total_seconds()) + 1
            raise TooManyAttempts(
                f"Too many failed attempts; wait {seconds} seconds and try again.",
                retry_after_seconds=seconds,
            )


def _free_at(failure: SignInFailure, subject: str) -> datetime:
    """Waits of 1, 2, 4 ... seconds after the free attempts, up to the longest; never for good."""
    over = failure.failures - FREE_ATTEMPTS[subject.partition(":")[0]]
    if over < 0:
        return failure.last_failed_at
    return failure.last_failed_at + min(timedelta(seconds=2 ** min(over, 20)), LONGEST_WAIT)


def record_failure(work: Work, subjects: Sequence[str]) -> None:
    """Count one more failure of each of `subjects`; those of long ago no longer count.

    Raises `TooManyAttempts` when failures that were counted while this one was looked at began a wait: of
    many guesses at once no more are answered than of guesses one by one.
    """
    at = now()
    hashes = sorted(sha256_of(subject) for subject in subjects)
    for sha256 in hashes:
        work.run(NO_FAILURE_YET, sha256=sha256, at=to_microseconds(at))
    not_throttled(work, subjects, locked=True)
    for sha256 in hashes:
        work.run(
            COUNT_FAILURE,
            sha256=sha256,
            at=to_microseconds(at),
            forgotten=to_microseconds(at - FORGOTTEN_AFTER),
        )


def accept_proof(work: Work, username: str, kind: str = "account") -> None:
    """A password or PIN that was right is taken, and the failures before it are forgotten.

    Of the account alone: whoever owns one account could else clear the address and go on guessing. Raises
    `TooManyAttempts` when a wait began while it was looked at, so that a guess among many tells nothing.
    """
    subject = f"{kind}:{username}"
    not_throttled(work, (subject,), locked=True)
    work.session.execute(delete(SignInFailure).where(SignInFailure.sha256 == sha256_of(subject)))
