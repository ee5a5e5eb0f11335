"""Badges and PINs: who carries which, and proving at a station who somebody is."""

from sqlalchemy import select

from biobank.access import checks
from biobank.access.accounts import belongs, hashed, not_throttled
from biobank.access.actors import Actor
from biobank.access.identifiers import new_badge
from biobank.access.models import Badge, Person
from biobank.access.queries import person_named
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.tokens import sha256_of


def give_badge(work: Work, by: Actor, username: str) -> str:
    """The code for a new badge, shown this once; the one before stops working.

    Raises `PersonUnknown`, `BadgeRefused` for somebody who is disabled.
    """
    person = person_named(work, username)
    if not person.active:
        raise checks.BadgeRefused(f"{username} is disabled or works elsewhere, and gets no badge.")
    _take(work, by, person)
    code = new_badge()
    work.session.add(
        Badge(sha256=sha256_of(code), person=person.username, given_at=now(), given_by=by.person)
    )
    work.flush()
    return code


def take_badge(work: Work, by: Actor, username: str) -> None:
    """A badge that is lost, or of somebody who leaves, opens nothing any more. Raises `BadgeRefused`."""
    if not _take(work, by, person_named(work, username)):
        raise checks.BadgeRefused(f"{username} has no badge; there is nothing to take back.")


def _take(work: Work, by: Actor, person: Person) -> bool:
    badge = work.session.scalar(
        select(Badge).where(Badge.person == person.username, Badge.taken_at.is_(None))
    )
    if badge is not None:
        badge.taken_at, badge.taken_by = now(), by.person
        work.flush()
    return badge is not None


def has_badge(work: Work, username: str) -> bool:
    found = select(Badge.id).where(Badge.person == username, Badge.taken_at.is_(None))
    return work.session.scalar(found) is not None


def person_of_badge(work: Work, code: str, *, address: str | None) -> Person:
    """Whose badge this is. Raises `BadgeUnknown`, which the edge counts, and `TooManyAttempts`."""
    subjects = (f"address:{address}",) if address else ()
    not_throttled(work, subjects)
    person = work.session.scalar(
        select(Person)
        .join(Badge, Badge.person == Person.username)
        .where(Badge.sha256 == sha256_of(code), Badge.taken_at.is_(None), Person.active)
    )
    if person is None:
        raise checks.BadgeUnknown(subjects)
    return person


def set_pin(work: Work, person: Person, pin: str) -> None:
    """By the person alone, who proved a moment ago that they know their password. Raises `PinRefused`."""
    checks.pin_hard_to_guess(pin)
    person.pin_hash = hashed(pin)
    work.flush()


def verified_pin(work: Work, username: str, pin: str, *, address: str | None) -> Person:
    """The person, whose PIN this is; writes nothing, like `accounts.verified`.

    Raises `BadgeRefused` while there is no PIN, `TooManyAttempts`, or `PinWrong`, which the edge counts.
    """
    person = person_named(work, username)
    if person.pin_hash is None or not person.active:
        raise checks.BadgeRefused(
            "You have no PIN yet; sign in with your password and choose one under Badge and PIN."
        )
    subjects = (f"pin:{username}", *([f"address:{address}"] if address else []))
    not_throttled(work, subjects)
    if not belongs(person.pin_hash, pin):
        raise checks.PinWrong(subjects)
    return person
