"""Who somebody is: by name, by bearer token, by browser session.

A bearer token is looked up in one compiled statement on the cursor of the scan's own transaction: token,
person and grants together. A browser session likewise.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Select, and_, bindparam, select

from biobank.access.actors import Actor
from biobank.access.checks import SessionEnded, StationLocked, TokenRefused
from biobank.access.choices import Proof
from biobank.access.models import BrowserSession, Person, RoleGrant, Token
from biobank.access.permissions import Role
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.moments import from_microseconds, now, to_microseconds
from biobank.core.statements import Statement
from biobank.core.tokens import sha256_of

people = Person.__table__
grants = RoleGrant.__table__
tokens = Token.__table__
sessions = BrowserSession.__table__

Grant = tuple[str, str | None]
"""Role and site, as stored."""


class PersonUnknown(NotFound):
    title = "Person unknown"


def _with_person(select_from: Any, columns: Sequence[Any]) -> Select[Any]:
    """The person behind a token or a session, one row a standing grant (one with empty role if none)."""
    standing = and_(grants.c.person == people.c.username, grants.c.withdrawn_at.is_(None))
    who = (people.c.active, people.c.username, people.c.printed_name, grants.c.role, grants.c.site)
    joined = select_from.join(people, people.c.username == select_from.c.person).outerjoin(grants, standing)
    return select(*columns, *who).select_from(joined).where(select_from.c.sha256 == bindparam("sha256"))


FIND_TOKEN = Statement(
    _with_person(tokens, (tokens.c.expires_at, tokens.c.revoked_at, tokens.c.scopes, tokens.c.site)),
)
FIND_SESSION = Statement(
    _with_person(
        sessions,
        (
            sessions.c.expires_at,
            sessions.c.revoked_at,
            sessions.c.last_seen_at,
            sessions.c.station,
            sessions.c.locked_at,
            sessions.c.signed_in_by,
        ),
    ),
)


@dataclass(frozen=True)
class SignedIn:
    """A browser's session that still holds, and who is behind it."""

    actor: Actor
    sha256: str
    last_seen_at: datetime


def actor_of_token(work: Work, text: str, *, address: str | None = None) -> Actor:
    """Raises `TokenRefused`, with one sentence for a token that is unknown, expired or revoked alike."""
    rows = work.run(FIND_TOKEN, sha256=sha256_of(text)).fetchall()
    if not rows:
        raise TokenRefused
    expires_at, revoked_at, scopes, site, active, username, printed_name = rows[0][:7]
    if revoked_at is not None or not active or expires_at <= to_microseconds(now()):
        raise TokenRefused
    held = tuple((row[7], row[8]) for row in rows if row[7] is not None)
    return _actor(username, printed_name, held, None, scopes, site, address=address)


def actor_of_session(
    work: Work,
    text: str,
    idle: timedelta,
    *,
    station_idle: timedelta | None = None,
    address: str | None = None,
) -> SignedIn:
    """Raises `SessionEnded` for a session that is unknown, closed, past its end or `idle` for too long.

    At a station raises `StationLocked` from the moment it was locked, or idle for `station_idle`, until then.
    """
    sha256 = sha256_of(text)
    rows = work.run(FIND_SESSION, sha256=sha256).fetchall()
    if not rows:
        raise SessionEnded
    expires_at, revoked_at, last_seen, station, locked_at, proof, active, username, printed_name = rows[0][:9]
    last_seen_at, at = from_microseconds(last_seen), now()
    gone = revoked_at is not None or not active or expires_at <= to_microseconds(at)
    if gone or last_seen_at + idle <= at:
        raise SessionEnded
    if station and (locked_at is not None or (station_idle and last_seen_at + station_idle <= at)):
        raise StationLocked
    held = tuple((row[9], row[10]) for row in rows if row[9] is not None)
    actor = _actor(username, printed_name, held, station, None, None, proof=proof, address=address)
    return SignedIn(actor, sha256, last_seen_at)


@lru_cache(maxsize=1024)
def _actor(
    username: str,
    printed_name: str,
    held: tuple[Grant, ...],
    station: str | None,
    scopes: str | None,
    only_site: str | None,
    *,
    proof: str | None = None,
    address: str | None = None,
) -> Actor:
    """Remembered by value, so that a scan does not work out the same permissions again."""
    return Actor(
        username,
        printed_name,
        frozenset(narrowed(held, only_site)),
        station,
        None if scopes is None else frozenset(scopes.split(",")),
        by_badge=proof == Proof.BADGE,
        enrolling=proof == Proof.ENROLLING,
        address=address,
    )


def narrowed(held: Sequence[Grant], only_site: str | None) -> list[tuple[Role, str | None]]:
    """The grants that count at `only_site`; all of them when none is named."""
    if only_site is None:
        return [(Role(role), site) for role, site in held]
    return [(Role(role), only_site) for role, site in held if site in (None, only_site)]


def person_named(work: Work, username: str) -> Person:
    """Raises `PersonUnknown`."""
    person = work.session.scalar(select(Person).where(Person.username == username))
    if person is None:
        raise PersonUnknown(f"There is no person {username!r}; ask an administrator to add them.")
    return person


def grants_of(work: Work, *usernames: str) -> Sequence[RoleGrant]:
    """Roles that stand now, oldest first."""
    return work.session.scalars(
        select(RoleGrant)
        .where(RoleGrant.person.in_(usernames), RoleGrant.withdrawn_at.is_(None))
        .order_by(RoleGrant.id),
    ).all()


def actor_named(work: Work, username: str, station: str | None = None) -> Actor:
    """The actor that a person would be now; raises `PersonUnknown`. Proves nothing about who asks."""
    person = person_named(work, username)
    held = tuple((grant.role, grant.site) for grant in grants_of(work, username))
    return _actor(person.username, person.printed_name, held, station, None, None)


def is_setting_up(work: Work) -> bool:
    """Whether no token was ever made: until then nobody can act as somebody."""
    return work.session.scalar(select(Token.id).limit(1)) is None
