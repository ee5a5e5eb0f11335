"""What happened to an account, kept and in the ledger: links, proofs, resets, failed signings."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import ColumnElement, select

from biobank.access.actors import Actor
from biobank.access.choices import Happened
from biobank.access.models import AccountEvent, Person
from biobank.core.database import Work
from biobank.core.moments import now, to_text
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.findings import Finding
from biobank.ledger.operations import append_to
from biobank.ledger.replaying import record_findings

KIND = "account_event"


def note(
    work: Work,
    username: str,
    event: Happened,
    by: Actor | str,
    *,
    address_sha256: str | None = None,
    **details: Any,
) -> AccountEvent:
    """`by` is in whose session it happened; `details` are codes, counts and hashes, never a secret."""
    work.session.execute(select(Person.id).where(Person.username == username).with_for_update(key_share=True))
    happened = AccountEvent(
        person=username,
        event=event.value,
        at=now(),
        by=by if isinstance(by, str) else by.person,
        station=None if isinstance(by, str) else by.station,
        address_sha256=address_sha256,
        details=canonical_bytes(details).decode(),
    )
    work.session.add(happened)
    work.flush()
    append_to(
        work,
        subject=f"account:{username}",
        kind=KIND,
        content=content_of(happened),
        recorded_at=happened.at,
    )
    return happened


def content_of(happened: AccountEvent) -> dict[str, object]:
    """What the ledger keeps of it; `verify` compares the two."""
    return {
        "number": happened.id,
        "person": happened.person,
        "event": happened.event,
        "at": to_text(happened.at),
        "by": happened.by,
        "station": happened.station,
        "details": details_of(happened),
    }


def details_of(happened: AccountEvent) -> Mapping[str, Any]:
    details: Mapping[str, Any] = orjson.loads(happened.details)
    return details


def events_of(
    work: Work, username: str, most: int, events: Iterable[Happened] = tuple(Happened)
) -> Sequence[AccountEvent]:
    """The newest first."""
    return _newest(work, most, events, AccountEvent.person == username)


def happened_since(
    work: Work, since: datetime, events: Iterable[Happened], most: int
) -> Sequence[AccountEvent]:
    """Of all accounts, the newest first."""
    return _newest(work, most, events, AccountEvent.at >= since)


def _newest(
    work: Work, most: int, events: Iterable[Happened], which: ColumnElement[bool]
) -> Sequence[AccountEvent]:
    of_these = AccountEvent.event.in_([event.value for event in events])
    newest = select(AccountEvent).where(which, of_these).order_by(AccountEvent.id.desc())
    return work.session.scalars(newest.limit(most)).all()


def account_findings(work: Work) -> Iterator[Finding]:
    """Each event of an account that is not what the log says, or that one of the two lacks."""
    happened = work.session.scalars(select(AccountEvent).order_by(AccountEvent.id))
    stored = ((f"account_event:{each.id}", content_of(each)) for each in happened)
    return record_findings(work, KIND, lambda _, event: f"account_event:{event.get('number')}", stored)
