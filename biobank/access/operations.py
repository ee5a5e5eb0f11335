"""Adding people, granting roles, giving out tokens, and opening and closing sessions."""

from datetime import timedelta

from sqlalchemy import select, update

from biobank.access import accounts, checks
from biobank.access.account_events import note
from biobank.access.actors import Actor
from biobank.access.choices import Happened, Proof
from biobank.access.models import BrowserSession, Person, RoleGrant, Token
from biobank.access.queries import PersonUnknown, grants_of, person_named
from biobank.access.second_proofs import has_second_proof, needs_second_proof
from biobank.access.setup_links import end_sessions
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.moments import now
from biobank.core.tokens import new_token, sha256_of
from biobank.sites.queries import site_named


class TokenUnknown(NotFound):
    title = "Token unknown"


def add_person(
    work: Work, by: Actor, *, username: str, printed_name: str, password: str | None = None
) -> Person:
    """Raises `PersonRefused`, `PersonExists`, `PasswordRefused`. Without a password there is no sign-in."""
    checks.person_well_formed(username, printed_name)
    checks.person_not_there_yet(work, username)
    person = Person(
        username=username, printed_name=printed_name.strip(), created_at=now(), created_by=by.person
    )
    work.session.add(person)
    if password is not None:
        set_password(person, password)
    work.flush()
    return person


def set_password(person: Person, password: str) -> None:
    """Raises `PasswordRefused`."""
    checks.password_strong_enough(person.username, password)
    person.password_hash = accounts.hashed(password)


def disable(work: Work, by: Actor, username: str) -> Person:
    """The account and everything opened with it stop working now; nothing is erased."""
    checks.not_for_oneself(by, username)
    person = person_named(work, username)
    person.active = False
    note(work, username, Happened.DISABLED, by)
    return person


def outsider(work: Work, sha256: str) -> Person:
    """The person who stands for somebody elsewhere, known only by a keyed hash; added when new."""
    username = f"ext-{sha256[:12].lower()}"
    try:
        return person_named(work, username)
    except PersonUnknown:
        person = Person(
            username=username,
            printed_name=f"Outsider {username}",
            outsider=True,
            active=False,
            created_at=now(),
            created_by="service",
        )
        work.session.add(person)
        work.flush()
        return person


def grant_role(work: Work, by: Actor, *, username: str, role: str, site: str | None = None) -> RoleGrant:
    """Raises `OwnRoles`, `RoleRefused`, `SiteUnknown`, `PersonUnknown`. What is held stays as it is."""
    known = checks.role_known(role)
    checks.role_has_its_site(known, site)
    checks.not_for_oneself(by, username)
    person = person_named(work, username)
    if site is not None:
        site_named(work, site)
    for standing in grants_of(work, username):
        if (standing.role, standing.site) == (known, site):
            return standing
    grant = RoleGrant(
        person=person.username, role=known.value, site=site, granted_at=now(), granted_by=by.person
    )
    work.session.add(grant)
    work.flush()
    if needs_second_proof(work, username) and not has_second_proof(work, username):
        end_sessions(work, username)  # what is open was opened by less than the role asks for
    return grant


def withdraw_role(work: Work, by: Actor, *, username: str, role: str, site: str | None = None) -> None:
    """Take a role back from this moment on. Raises `OwnRoles`, `RoleRefused` when it is not held."""
    checks.not_for_oneself(by, username)
    for standing in grants_of(work, username):
        if (standing.role, standing.site) == (role, site):
            standing.withdrawn_at, standing.withdrawn_by = now(), by.person
            work.flush()
            return
    raise checks.RoleRefused(
        f"{username} does not hold the role {role} at {site or 'all sites'}.", field="role"
    )


def create_token(
    work: Work,
    by: Actor,
    *,
    username: str,
    days: int,
    scopes: frozenset[str] | None = None,
    site: str | None = None,
) -> tuple[Token, str]:
    """A token and its text, which is shown this once. Raises `PersonUnknown`, `SiteUnknown`, `Invalid`."""
    person = person_named(work, username)
    if not person.active:
        raise checks.TokenLimitsRefused(f"{username} is disabled or works elsewhere, and gets no token.")
    if days < 1:
        raise checks.TokenLimitsRefused("A token is valid for at least one day.", field="days")
    if scopes is not None:
        checks.scopes_known(scopes)
    if site is not None:
        site_named(work, site)
    text = new_token()
    token = Token(
        sha256=sha256_of(text),
        person=person.username,
        scopes=None if scopes is None else ",".join(sorted(scopes)),
        site=site,
        created_at=now(),
        created_by=by.person,
        expires_at=now() + timedelta(days=days),
    )
    work.session.add(token)
    work.flush()
    return token, text


def revoke_token(work: Work, number: int) -> Token:
    """Raises `TokenUnknown`. A token revoked before keeps its first moment."""
    token = work.session.get(Token, number)
    if token is None:
        raise TokenUnknown(f"There is no token {number}; its number was shown when it was made.")
    token.revoked_at = token.revoked_at or now()
    work.flush()
    return token


def open_session(
    work: Work,
    person: Person,
    *,
    lasting: timedelta,
    station: str | None = None,
    replacing: str | None = None,
    by: Proof = Proof.PASSWORD,
) -> str:
    """Sign in whom `accounts.verified` or `badges.verified_pin` returned; the text is for the cookie alone.

    A session that the browser had before (`replacing`) ends: whoever learned its cookie has nothing.
    """
    if replacing:
        close_session(work, replacing)
    text = new_token()
    at = now()
    work.session.add(
        BrowserSession(
            sha256=sha256_of(text),
            person=person.username,
            station=station,
            created_at=at,
            last_seen_at=at,
            expires_at=at + lasting,
            signed_in_by=by,
        ),
    )
    if by in (Proof.PASSWORD, Proof.ENROLLING):
        accounts.accept_proof(work, person.username)
    work.flush()
    return text


def close_session(work: Work, text: str) -> None:
    """Sign out; a session that is unknown or closed stays so."""
    session = work.session.scalar(
        select(BrowserSession).where(
            BrowserSession.sha256 == sha256_of(text), BrowserSession.revoked_at.is_(None)
        ),
    )
    if session is not None:
        session.revoked_at = now()
        work.flush()


def seen(work: Work, sha256: str) -> None:
    """Note that a session was used; the edge calls it at most once a minute."""
    work.session.execute(
        update(BrowserSession).where(BrowserSession.sha256 == sha256).values(last_seen_at=now()),
    )
