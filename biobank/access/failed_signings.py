"""Signings that failed: each an event of an account, several within an hour an alarm until it is settled."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from biobank.access.account_events import note
from biobank.access.actors import Actor
from biobank.access.checks import USERNAME, FailedSigning
from biobank.access.choices import Happened
from biobank.access.models import AccountEvent, Person
from biobank.access.proof_checks import NoAlarm, OwnAccount
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.tokens import sha256_of

WITHIN = timedelta(hours=1)


class Finding(StrEnum):
    """What somebody found out about an alarm, after asking the person."""

    MISTYPED = "mistyped"
    SOMEBODY_ELSE = "somebody_else"
    UNEXPLAINED = "unexplained"


def note_failed_signing(work: Work, failed: FailedSigning) -> None:
    """Of the account that was named, or of whoever's session it was when that one is unknown."""
    person = _whose(work, failed)
    if person is None:
        return
    at = sha256_of(f"address:{failed.address}") if failed.address else None
    note(
        work,
        person,
        Happened.SIGNING_FAILED,
        failed.by,
        address_sha256=at,
        meaning=failed.meaning,
        proved_by=failed.proved_by.value,
        named_somebody=person == failed.claimed,
    )
    counted = {"account": _failures(work, AccountEvent.person == person)}
    if at is not None:
        counted["address"] = _failures(work, AccountEvent.address_sha256 == at)
    most = max(counted, key=lambda of: counted[of])
    if counted[most] >= work.settings.failed_signings_alarm and not has_alarm(work, person):
        note(work, person, Happened.SIGNING_ALARM, failed.by, failures=counted[most], of=most)


def _whose(work: Work, failed: FailedSigning) -> str | None:
    """What was typed as a name may be a password: only names of people are kept."""
    named = [name for name in (failed.claimed, failed.by.person) if USERNAME.fullmatch(name)]
    known = set(work.session.scalars(select(Person.username).where(Person.username.in_(named))))
    return next((name for name in named if name in known), None)


def _failures(work: Work, of: ColumnElement[bool]) -> int:
    """Within the hour, and since an alarm of them was settled."""
    failed = (AccountEvent.event == Happened.SIGNING_FAILED.value) & (AccountEvent.at > now() - WITHIN)
    return work.session.scalar(select(func.count(AccountEvent.id)).where(failed, of, ~_settled_since())) or 0


def _settled_since() -> ColumnElement[bool]:
    settled = aliased(AccountEvent)
    return (
        select(settled.id)
        .where(
            settled.person == AccountEvent.person,
            settled.event == Happened.ALARM_SETTLED.value,
            settled.id > AccountEvent.id,
        )
        .exists()
    )


def _open() -> Select[AccountEvent]:
    return select(AccountEvent).where(AccountEvent.event == Happened.SIGNING_ALARM.value, ~_settled_since())


def open_alarms(work: Work) -> Sequence[AccountEvent]:
    """Oldest first; at most one an account."""
    return work.session.scalars(_open().order_by(AccountEvent.id)).all()


def alarms_open(work: Work) -> int:
    return work.session.scalar(select(func.count()).select_from(_open().subquery())) or 0


def has_alarm(work: Work, username: str) -> bool:
    return work.session.scalar(_open().where(AccountEvent.person == username).limit(1)) is not None


def settle_alarm(work: Work, by: Actor, username: str, finding: str) -> None:
    """Whoever looked into it says what it was. Raises `NoAlarm`, `OwnAccount`."""
    if by.person == username:
        raise OwnAccount("An alarm of your own account is settled by somebody else.")
    if finding not in set(Finding):
        raise NoAlarm("Say what it was: choose one of the findings.", field="finding")
    if not has_alarm(work, username):
        raise NoAlarm("There is no open alarm of this account; look at the list again.")
    note(work, username, Happened.ALARM_SETTLED, by, finding=finding)
