"""The sessions at a station: locked while nobody is there, opened again by their person alone."""

from datetime import datetime, timedelta

from sqlalchemy import select, update

from biobank.access.models import BrowserSession, Person
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.tokens import sha256_of


def lock_session(work: Work, sha256: str, page: str | None = None) -> None:
    """The badge screen from now on; `page` is where its person goes on. What was locked keeps its page."""
    work.session.execute(
        update(BrowserSession)
        .where(BrowserSession.sha256 == sha256, BrowserSession.locked_at.is_(None))
        .values(locked_at=now(), page=page)
    )


def unlock_session(work: Work, session: BrowserSession) -> None:
    """After its person proved that it is them; its forms in open tabs stay good."""
    session.locked_at, session.last_seen_at, session.page = None, now(), None
    work.flush()


def is_locked(session: BrowserSession, station_idle: timedelta | None) -> bool:
    """By somebody, or of itself because nobody was there for so long."""
    return session.locked_at is not None or (
        station_idle is not None and session.last_seen_at + station_idle <= now()
    )


def standing_session(work: Work, text: str) -> BrowserSession | None:
    """The session of a cookie that is neither closed nor at its absolute end; it may be locked or idle."""
    return work.session.scalar(
        select(BrowserSession)
        .join(Person, Person.username == BrowserSession.person)
        .where(
            BrowserSession.sha256 == sha256_of(text),
            BrowserSession.revoked_at.is_(None),
            BrowserSession.expires_at > now(),
            Person.active,
        )
    )


def left_open(work: Work, person: str, station: str, idle: timedelta) -> BrowserSession | None:
    """The session that this person has at this station and may open again by the badge alone."""
    at = now()
    return work.session.scalar(
        select(BrowserSession)
        .where(
            BrowserSession.person == person,
            BrowserSession.station == station,
            BrowserSession.revoked_at.is_(None),
            BrowserSession.expires_at > at,
            BrowserSession.last_seen_at > at - idle,
        )
        .order_by(BrowserSession.last_seen_at.desc(), BrowserSession.id.desc())
        .limit(1)
    )


def opened_since(work: Work, since: datetime) -> list[tuple[str, str]]:
    """SHA-256 and person of every session that was opened since, newest first."""
    rows = work.session.execute(
        select(BrowserSession.sha256, BrowserSession.person)
        .where(BrowserSession.created_at >= since)
        .order_by(BrowserSession.id.desc())
    )
    return [(sha256, person) for sha256, person in rows]
