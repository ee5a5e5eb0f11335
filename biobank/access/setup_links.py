"""One-time links under which a person chooses their password, so that no administrator ever knows one."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, select, update

from biobank.access import accounts
from biobank.access.account_events import note
from biobank.access.actors import Actor
from biobank.access.checks import password_strong_enough
from biobank.access.choices import Happened
from biobank.access.identifiers import bare_code, new_link_code
from biobank.access.models import BrowserSession, Passkey, Person, SetupLink
from biobank.access.proof_checks import LinkRefused, NothingToSetUp, OwnAccount, SetUpAlready
from biobank.access.queries import person_named
from biobank.access.second_proofs import end_second_proofs
from biobank.core.database import Work
from biobank.core.moments import now, to_text
from biobank.core.tokens import sha256_of
from biobank.settings import SettingRefused, Settings


def public_address(settings: Settings) -> str:
    """Under which people reach the service, without a slash at its end. Raises `SettingRefused`."""
    address = (settings.public_url or f"http://localhost:{settings.serve_port}").rstrip("/")
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        raise SettingRefused(
            f"public_url is {settings.public_url!r}; write an address without a path, such as "
            "https://biobank.example."
        )
    return address


def link_address(settings: Settings, code: str) -> str:
    """The code stands behind the #, which no browser sends: no log and no referrer ever sees it."""
    return f"{public_address(settings)}/set-up#{code}"


def make_link(work: Work, by: Actor, username: str) -> tuple[SetupLink, str]:
    """A link and its code, which is shown this once; the one before stops working.

    Raises `PersonUnknown`, `OwnAccount`, `NothingToSetUp` for somebody disabled, `SetUpAlready` for somebody
    who has a password: that one is reset first.
    """
    person = _somebody_else(work, by, username)
    if person.password_hash is not None:
        raise SetUpAlready(f"{username} has a password already; reset the account, which gives a new link.")
    return _new_link(work, by, person)


def reset_account(work: Work, by: Actor, username: str) -> tuple[SetupLink, str]:
    """Nothing by which this person proved who they are counts any more; they set up anew by the link.

    Password, PIN, codes, passkeys and open sessions. Raises what `make_link` does, but `SetUpAlready`.
    """
    person = _somebody_else(work, by, username)
    person.password_hash = person.pin_hash = None
    end_second_proofs(work, username)
    work.session.execute(
        update(Passkey)
        .where(Passkey.person == username, Passkey.revoked_at.is_(None))
        .values(revoked_at=now(), revoked_by=by.person)
    )
    end_sessions(work, username)
    note(work, username, Happened.RESET, by)
    return _new_link(work, by, person)


def _somebody_else(work: Work, by: Actor, username: str) -> Person:
    if by.person == username:
        raise OwnAccount("Nobody sets up or resets their own account so; ask another administrator.")
    person = person_named(work, username)
    if not person.active:
        raise NothingToSetUp(f"{username} is disabled or works elsewhere, and gets no link.")
    return person


def _new_link(work: Work, by: Actor, person: Person) -> tuple[SetupLink, str]:
    _revoke(work, by, person.username)
    code, at = new_link_code(), now()
    link = SetupLink(
        person=person.username,
        sha256=sha256_of(code),
        made_at=at,
        made_by=by.person,
        expires_at=at + timedelta(hours=work.settings.setup_link_hours),
    )
    work.session.add(link)
    work.flush()
    note(work, person.username, Happened.LINK_MADE, by, link=link.id, expires_at=to_text(link.expires_at))
    return link, code


def revoke_link(work: Work, by: Actor, username: str) -> None:
    """A link that went astray opens nothing any more. Raises `NothingToSetUp`."""
    person_named(work, username)
    if not _revoke(work, by, username):
        raise NothingToSetUp(f"{username} has no open link; there is nothing to take back.")


def _revoke(work: Work, by: Actor, username: str) -> bool:
    open_links = open_links_of(work, username)
    for link in open_links:
        link.revoked_at, link.revoked_by = now(), by.person
        note(work, username, Happened.LINK_REVOKED, by, link=link.id)
    return bool(open_links)


def open_links_of(work: Work, *usernames: str) -> Sequence[SetupLink]:
    """At most one of each: neither used nor taken back nor too old."""
    return work.session.scalars(select(SetupLink).where(SetupLink.person.in_(usernames), *_open_now())).all()


def _open_now() -> tuple[ColumnElement[bool], ...]:
    return SetupLink.used_at.is_(None), SetupLink.revoked_at.is_(None), SetupLink.expires_at > now()


def link_of_code(work: Work, code: str, *, address: str | None) -> SetupLink:
    """Writes nothing. Raises `LinkRefused`, which the edge counts, and `TooManyAttempts`."""
    subjects = (f"address:{address}",) if address else ()
    accounts.not_throttled(work, subjects)
    link = work.session.scalar(
        select(SetupLink)
        .join(Person, Person.username == SetupLink.person)
        .where(SetupLink.sha256 == sha256_of(bare_code(code)), Person.active, *_open_now())
    )
    if link is None:
        raise LinkRefused(subjects)
    return link


def chosen_hash(username: str, password: str) -> str:
    """Hashed before a transaction that writes is open. Raises `PasswordRefused`."""
    password_strong_enough(username, password)
    return accounts.hashed(password)


def use_link(work: Work, link_id: int, password_hash: str) -> Person:
    """Once: of two at the same moment one is refused. Raises `LinkRefused`."""
    used = work.session.scalar(
        update(SetupLink)
        .where(SetupLink.id == link_id, *_open_now())
        .values(used_at=now())
        .returning(SetupLink.person)
    )
    if used is None:
        raise LinkRefused(())
    person = person_named(work, used)
    person.password_hash = password_hash
    end_sessions(work, person.username)
    note(work, person.username, Happened.LINK_USED, person.username, link=link_id)
    return person


def change_password(work: Work, by: Actor, password_hash: str) -> None:
    """By the person alone, who proved a moment ago that they know the one before; other sessions end."""
    person_named(work, by.person).password_hash = password_hash
    end_sessions(work, by.person)
    note(work, by.person, Happened.PASSWORD_CHANGED, by)


def end_sessions(work: Work, username: str) -> None:
    """Every browser of this person is signed out; the caller opens a new session where one is to go on."""
    work.session.execute(
        update(BrowserSession)
        .where(BrowserSession.person == username, BrowserSession.revoked_at.is_(None))
        .values(revoked_at=now())
    )
