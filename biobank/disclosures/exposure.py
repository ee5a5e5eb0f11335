"""What somebody may have seen through an account, a station, a token or in a time, as far as it is written.

Every look into the vault is written down, so names and addresses are told exactly. Pages of the sample side
that were only read are not: they hold codes, and only what was written through them says who was there.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import or_, select

from biobank.access.models import Token
from biobank.access.queries import person_named
from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.core.tables import MOST_DIGITS
from biobank.custody.states import SPECIMENS
from biobank.destruction.models import DestructionOrder
from biobank.disclosures.checks import BreachRefused
from biobank.disclosures.choices import BreachAbout, listed
from biobank.disclosures.inputs import NewBreach
from biobank.disclosures.models import Disclosure
from biobank.disclosures.records import DISCLOSURE
from biobank.identity.accesses import ENTRY as LOOK
from biobank.identity.choices import AccessKind
from biobank.identity.models import VaultAccess
from biobank.identity.queries import accesses_between
from biobank.items.models import Item
from biobank.items.queries import participants_behind
from biobank.ledger.replaying import events_between
from biobank.participants.queries import ParticipantUnknown, participant_named, subject_of
from biobank.sites.models import Station
from biobank.visits.models import Visit

IN_FULL = frozenset({AccessKind.READ, AccessKind.ENTER, AccessKind.CHANGE, AccessKind.ADDRESS})
"""Looks that show fields, or are made by who typed them; the others say yes or no."""


@dataclass(frozen=True)
class Reach:
    """Whose looks and entries count: one person's, one station's, or anybody's, between two moments."""

    from_at: datetime
    until_at: datetime
    person: str | None = None
    station: str | None = None

    def has(self, event: Mapping[str, Any]) -> bool:
        people = (event.get("recorded_by"), event.get("performed_by"))
        of_person = self.person is None or self.person in people
        return of_person and (self.station is None or event.get("station") == self.station)


@dataclass
class Exposed:
    """What of one participant was seen: fields in full, fields of which it was answered whether they fit."""

    shown: set[str] = field(default_factory=set)
    confirmed: set[str] = field(default_factory=set)
    looks: int = 0
    entries: int = 0

    def take(self, look: VaultAccess) -> None:
        self.looks += 1
        into = self.shown if AccessKind(look.kind) in IN_FULL else self.confirmed
        into.update(listed(look.fields))


def reach_of(work: Work, told: NewBreach) -> Reach:
    """Raises `PersonUnknown`, `BreachRefused`. Of a token: as its person, while it was valid."""
    named, between = (told.named or "").strip(), (told.from_at, told.until_at)
    if told.about is BreachAbout.ACCOUNT:
        return Reach(*between, person=person_named(work, named).username)
    if told.about is BreachAbout.STATION:
        if work.session.scalar(select(Station.code).where(Station.code == named)) is None:
            raise BreachRefused(
                "There is no station of this name; it is written as SITE/NAME.", field="named"
            )
        return Reach(*between, station=named)
    if told.about is BreachAbout.TOKEN:
        return _of_token(work, named, *between)
    return Reach(*between)


def _of_token(work: Work, named: str, from_at: datetime, until_at: datetime) -> Reach:
    """What was done with a token and what its person did otherwise is not told apart: both count."""
    is_number = named.isascii() and named.isdigit() and len(named) <= MOST_DIGITS
    token = work.session.get(Token, int(named)) if is_number else None
    if token is None:
        raise BreachRefused(
            "There is no token of this number; look it up in the list of tokens.", field="named"
        )
    ended_at = min(token.expires_at, token.revoked_at or token.expires_at)
    return Reach(max(from_at, token.created_at), min(until_at, ended_at), person=token.person)


def exposed(work: Work, reach: Reach) -> dict[str, Exposed]:
    """By participant, under the code that counts now, in the order of the codes."""
    found: dict[str, Exposed] = {}
    looks = accesses_between(reach.from_at, reach.until_at, by=reach.person, station=reach.station)
    for look in looks:
        if look.participant is not None:
            found.setdefault(_now_called(work, look.participant), Exposed()).take(look)
    for codes in _written_about(work, reach):
        for code in {_now_called(work, each) for each in codes}:
            found.setdefault(code, Exposed()).entries += 1
    return dict(sorted(found.items()))


def _now_called(work: Work, code: str) -> str:
    try:
        return participant_named(work, code).code
    except ParticipantUnknown:
        return code


def _written_about(work: Work, reach: Reach) -> Iterator[Sequence[str]]:
    """Of each entry that was written through it, everybody whom it is about."""
    events = events_between(work, reach.from_at, reach.until_at)
    subjects = [subject for subject, event in events if event["kind"] != LOOK and reach.has(event)]
    whose = _whose(work, set(subjects))
    yield from (whose[subject] for subject in subjects if subject in whose)


def _whose(work: Work, subjects: Collection[str]) -> Mapping[str, Sequence[str]]:
    """Whom a participant's own entries, and those of a visit, a disclosure, an order or an item are about."""
    prefix, found = subject_of(""), dict[str, Sequence[str]]()
    for some in in_turns(sorted(subjects)):
        found |= {each: [each.removeprefix(prefix)] for each in some if each.startswith(prefix)}
        found |= _whose_records(work, some)
        found |= _whose_items(work, some)
    return found


def _whose_records(work: Work, subjects: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    for kind, model in (("visit", Visit), (DISCLOSURE, Disclosure)):
        by_number = {int(number): each for each in subjects if (number := _number_of(kind, each))}
        question = select(model.id, model.participant).where(model.id.in_(by_number))
        yield from ((by_number[number], [code]) for number, code in work.session.execute(question))
    orders = select(DestructionOrder.identifier, DestructionOrder.participant)
    named = orders.where(DestructionOrder.identifier.in_(subjects))
    yield from ((identifier, [code]) for identifier, code in work.session.execute(named))


def _number_of(kind: str, subject: str) -> str | None:
    number = subject.removeprefix(f"{kind}:")
    return number if number != subject and number.isdecimal() and len(number) <= MOST_DIGITS else None


def _whose_items(work: Work, identifiers: Sequence[str]) -> Iterator[tuple[str, Sequence[str]]]:
    """Of a pool, and of what was made of one, everybody whose material is in it."""
    question = select(Item.id, Item.identifier, Item.participant).where(Item.identifier.in_(identifiers))
    somebodys = or_(Item.participant.is_not(None), Item.kind.in_(SPECIMENS))
    for number, identifier, code in work.session.execute(question.where(somebodys)):
        yield identifier, [code] if code else participants_behind(work, number)
