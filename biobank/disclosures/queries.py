"""Questions about demands, disclosures and breaches: how they stand, who was told, and who not yet."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import ColumnElement, Select, func, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import row_numbered
from biobank.core.tables import MOST_DIGITS
from biobank.disclosures.choices import DisclosureState, listed
from biobank.disclosures.models import (
    BreachPerson,
    BreachReport,
    DemandDecided,
    Disclosure,
    DisclosureNote,
    LegalDemand,
)
from biobank.identity.choices import IdentityField
from biobank.messages.models import Message
from biobank.messages.queries import message_about
from biobank.participants.models import ParticipantSite
from biobank.participants.queries import codes_of, may_be_seen_by, participant_named

PREFIX = "D-"
"""Before the number of a disclosure, where a look into the vault names it."""


class DisclosureUnknown(NotFound):
    """None of that number, or none that who asks may know of: both answers are the same."""

    title = "Disclosure unknown"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no disclosure {number}; look through the list.")


class DemandUnknown(NotFound):
    """None of that number, or none that who asks may know of: both answers are the same."""

    title = "Legal demand unknown"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no legal demand {number}; look through the list.")


class BreachUnknown(NotFound):
    """None of that number, or none that who asks may know of: both answers are the same."""

    title = "Breach report unknown"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no breach report {number}; look through the list.")


def demand_numbered(work: Work, number: int, *, locked: bool = False) -> LegalDemand:
    """Raises `DemandUnknown`."""
    found = row_numbered(work, LegalDemand, number, locked=locked)
    if found is None:
        raise DemandUnknown(number)
    return found


def demand_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> LegalDemand:
    """Raises `DemandUnknown` also for one that names somebody whom `by` may not know of."""
    found = demand_numbered(work, number, locked=locked)
    if not _names_only_seen(work, by, found):
        raise DemandUnknown(number)
    return found


def demands() -> Select[LegalDemand]:
    return select(LegalDemand)


def demands_seen_by(work: Work, by: Actor) -> Select[LegalDemand]:
    """Of participants who visited a site of `by`, all that it names; there are never many demands."""
    if by.sites is None:
        return demands()
    seen = [each.id for each in work.session.scalars(demands()) if _names_only_seen(work, by, each)]
    return demands().where(LegalDemand.id.in_(seen))


def _names_only_seen(work: Work, by: Actor, demand: LegalDemand) -> bool:
    codes = (participant_named(work, code).code for code in listed(demand.participants))
    return by.sites is None or all(may_be_seen_by(work, by, code) for code in codes)


def decisions_on(work: Work, demand: LegalDemand) -> Sequence[DemandDecided]:
    """Oldest first; the last one counts."""
    question = select(DemandDecided).where(DemandDecided.demand_id == demand.id)
    return work.session.scalars(question.order_by(DemandDecided.id)).all()


def decision_on(work: Work, demand: LegalDemand) -> DemandDecided | None:
    found = decisions_on(work, demand)
    return found[-1] if found else None


def undecided_demands(work: Work, by: Actor | None = None) -> Sequence[LegalDemand]:
    """Those on which nobody decided, the one to be answered first first; as `by` sees them, if given."""
    decided = select(DemandDecided.demand_id)
    seen = demands() if by is None else demands_seen_by(work, by)
    found = work.session.scalars(seen.where(LegalDemand.id.not_in(decided))).all()
    return sorted(found, key=lambda each: (each.answer_by or date.max, each.id))


def disclosure_numbered(work: Work, number: int, *, locked: bool = False) -> Disclosure:
    """Raises `DisclosureUnknown`."""
    found = row_numbered(work, Disclosure, number, locked=locked)
    if found is None:
        raise DisclosureUnknown(number)
    return found


def disclosure_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> Disclosure:
    """Raises `DisclosureUnknown` also for one of a participant of other sites."""
    found = disclosure_numbered(work, number, locked=locked)
    if not may_be_seen_by(work, by, participant_named(work, found.participant).code):
        raise DisclosureUnknown(number)
    return found


def disclosures_seen_by(by: Actor | None) -> Select[Disclosure]:
    """Of participants who visited a site of `by`; all of them when nobody is given."""
    if by is None or by.sites is None:
        return select(Disclosure)
    visited = select(ParticipantSite.participant).where(ParticipantSite.site.in_(by.sites))
    return select(Disclosure).where(Disclosure.participant.in_(visited))


def disclosures_of(work: Work, code: str) -> Sequence[Disclosure]:
    """Everything about a participant that was given out or is to be, under whichever code, oldest first."""
    codes = codes_of(work, participant_named(work, code).code)
    question = select(Disclosure).where(Disclosure.participant.in_(codes))
    return work.session.scalars(question.order_by(Disclosure.id)).all()


def state_of(disclosure: Disclosure) -> DisclosureState:
    if disclosure.dropped_at is not None:
        return DisclosureState.GIVEN_UP
    if disclosure.made_at is not None:
        return DisclosureState.HANDED_OUT
    return DisclosureState.OPENED if disclosure.approved_at is None else DisclosureState.APPROVED


def notes_on(work: Work, disclosure: Disclosure) -> Sequence[DisclosureNote]:
    """Whether its participant was told, oldest first."""
    question = select(DisclosureNote).where(DisclosureNote.disclosure_id == disclosure.id)
    return work.session.scalars(question.order_by(DisclosureNote.id)).all()


def not_told_yet(work: Work, by: Actor | None = None) -> list[tuple[Disclosure, DisclosureNote | None]]:
    """What was given out and its participant does not know of, with why; the first to look at first."""
    told = select(DisclosureNote.disclosure_id).where(DisclosureNote.change == "told")
    made = (Disclosure.made_at.is_not(None), Disclosure.id.not_in(told))
    question = disclosures_seen_by(by).where(*made)
    found = [(each, next(reversed(notes_on(work, each)), None)) for each in work.session.scalars(question)]
    return sorted(found, key=lambda pair: (_again_on(pair[1]), pair[0].id))


def _again_on(note: DisclosureNote | None) -> date:
    return note.look_again_on or date.min if note else date.min


def to_approve(work: Work, by: Actor) -> int:
    """How many wait for an approval that this person may give: never of their own."""
    others = (Disclosure.dropped_at.is_(None), Disclosure.opened_by != by.person)
    return _how_many(work, by, Disclosure.approved_at.is_(None), *others)


def to_hand_out(work: Work, by: Actor) -> int:
    """How many are approved, and nobody handed them out yet."""
    approved = (Disclosure.approved_at.is_not(None), Disclosure.dropped_at.is_(None))
    return _how_many(work, by, *approved, Disclosure.made_at.is_(None))


def _how_many(work: Work, by: Actor, *conditions: ColumnElement[bool]) -> int:
    question = disclosures_seen_by(by).where(*conditions).with_only_columns(func.count(Disclosure.id))
    return work.session.scalar(question) or 0


def to_tell_today(work: Work, by: Actor | None = None) -> list[Disclosure]:
    """Of those the ones that nobody gave a later day for."""
    today = moments.now().date()
    return [disclosure for disclosure, note in not_told_yet(work, by) if _again_on(note) <= today]


def lets_out(work: Work, participant: str, fields: frozenset[IdentityField], document: str) -> bool:
    """Whether an approved disclosure of this number, such as `D-12`, gives out these fields of them."""
    number = document.upper().removeprefix(PREFIX)
    if not number.isascii() or not number.isdigit() or len(number) > MOST_DIGITS:
        return False
    found = row_numbered(work, Disclosure, int(number))
    if found is None or state_of(found) not in (DisclosureState.APPROVED, DisclosureState.HANDED_OUT):
        return False
    of_them = participant_named(work, found.participant).code == participant
    return of_them and {name.value for name in fields} <= set(listed(found.fields))


def breach_numbered(work: Work, number: int, *, locked: bool = False) -> BreachReport:
    """Raises `BreachUnknown`."""
    found = row_numbered(work, BreachReport, number, locked=locked)
    if found is None:
        raise BreachUnknown(number)
    return found


def breach_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> BreachReport:
    """Raises `BreachUnknown` also for one that `by` may not know of."""
    found = breach_numbered(work, number, locked=locked)
    if work.session.scalar(breaches_seen_by(by).where(BreachReport.id == number)) is None:
        raise BreachUnknown(number)
    return found


def breaches_seen_by(by: Actor) -> Select[BreachReport]:
    """Of a site alone those that concern somebody, and nobody but people who visited it."""
    if by.sites is None:
        return select(BreachReport)
    visited = select(ParticipantSite.participant).where(ParticipantSite.site.in_(by.sites))
    concerned = select(BreachPerson.id).where(BreachPerson.report_id == BreachReport.id)
    others = concerned.where(BreachPerson.participant.not_in(visited))
    return select(BreachReport).where(concerned.exists(), ~others.exists())


def people_of(work: Work, report: BreachReport) -> Sequence[BreachPerson]:
    """Whom a breach concerns, in the order of their codes."""
    question = select(BreachPerson).where(BreachPerson.report_id == report.id)
    return work.session.scalars(question.order_by(BreachPerson.participant)).all()


def is_to_be_told(person: BreachPerson) -> bool:
    """Whoever has something in the vault that was seen or confirmed; codes alone tell nobody who they are."""
    return bool(person.shown or person.confirmed)


def about_breach(person: BreachPerson) -> str:
    """What the message to a participant is about."""
    return f"breach:{person.report_id}:{person.participant}"


def message_to(work: Work, person: BreachPerson) -> Message | None:
    """Who was told when: the message as it stands in the outbox."""
    return message_about(work, about_breach(person))


def untold_people(work: Work, report: BreachReport) -> list[BreachPerson]:
    found = [each for each in people_of(work, report) if is_to_be_told(each)]
    return [each for each in found if message_to(work, each) is None]
