"""Questions about demands, disclosures and breaches: how they stand, who was told, and who not yet."""

from collections.abc import Sequence
from datetime import date
from typing import TypeVar

from sqlalchemy import Select, func, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.tables import HIGHEST_NUMBER, MOST_DIGITS
from biobank.disclosures.checks import BreachUnknown, DemandUnknown, DisclosureUnknown, state_of
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
from biobank.participants.queries import codes_of, participant_named

Numbered = TypeVar("Numbered", LegalDemand, Disclosure, BreachReport)
PREFIX = "D-"
"""Before the number of a disclosure, where a look into the vault names it."""


def _numbered(work: Work, model: type[Numbered], number: int, *, locked: bool = False) -> Numbered | None:
    if not 0 < number <= HIGHEST_NUMBER:
        return None
    question = select(model).where(model.id == number)
    if locked:
        question = question.with_for_update().execution_options(populate_existing=True)
    return work.session.scalar(question)


def demand_numbered(work: Work, number: int, *, locked: bool = False) -> LegalDemand:
    """Raises `DemandUnknown`."""
    found = _numbered(work, LegalDemand, number, locked=locked)
    if found is None:
        raise DemandUnknown(f"There is no legal demand {number}; look through the list.")
    return found


def demands() -> Select[LegalDemand]:
    return select(LegalDemand)


def decisions_on(work: Work, demand: LegalDemand) -> Sequence[DemandDecided]:
    """Oldest first; the last one counts."""
    question = select(DemandDecided).where(DemandDecided.demand_id == demand.id)
    return work.session.scalars(question.order_by(DemandDecided.id)).all()


def decision_on(work: Work, demand: LegalDemand) -> DemandDecided | None:
    found = decisions_on(work, demand)
    return found[-1] if found else None


def undecided_demands(work: Work) -> Sequence[LegalDemand]:
    """Those on which nobody decided, the one to be answered first first."""
    decided = select(DemandDecided.demand_id)
    found = work.session.scalars(select(LegalDemand).where(LegalDemand.id.not_in(decided))).all()
    return sorted(found, key=lambda each: (each.answer_by or date.max, each.id))


def disclosure_numbered(work: Work, number: int, *, locked: bool = False) -> Disclosure:
    """Raises `DisclosureUnknown`."""
    found = _numbered(work, Disclosure, number, locked=locked)
    if found is None:
        raise DisclosureUnknown(f"There is no disclosure {number}; look through the list.")
    return found


def disclosures() -> Select[Disclosure]:
    return select(Disclosure)


def disclosures_of(work: Work, code: str) -> Sequence[Disclosure]:
    """Everything about a participant that was given out or is to be, under whichever code, oldest first."""
    codes = codes_of(work, participant_named(work, code).code)
    question = select(Disclosure).where(Disclosure.participant.in_(codes))
    return work.session.scalars(question.order_by(Disclosure.id)).all()


def notes_on(work: Work, disclosure: Disclosure) -> Sequence[DisclosureNote]:
    """Whether its participant was told, oldest first."""
    question = select(DisclosureNote).where(DisclosureNote.disclosure_id == disclosure.id)
    return work.session.scalars(question.order_by(DisclosureNote.id)).all()


def not_told_yet(work: Work) -> list[tuple[Disclosure, DisclosureNote | None]]:
    """What was given out and its participant does not know of, with why; the first to look at first."""
    told = select(DisclosureNote.disclosure_id).where(DisclosureNote.change == "told")
    question = select(Disclosure).where(Disclosure.made_at.is_not(None), Disclosure.id.not_in(told))
    found = [(each, next(reversed(notes_on(work, each)), None)) for each in work.session.scalars(question)]
    return sorted(found, key=lambda pair: (_again_on(pair[1]), pair[0].id))


def _again_on(note: DisclosureNote | None) -> date:
    return note.look_again_on or date.min if note else date.min


def to_approve(work: Work, person: str) -> int:
    """How many wait for an approval that this person may give: never of their own."""
    question = select(func.count(Disclosure.id)).where(
        Disclosure.approved_at.is_(None), Disclosure.dropped_at.is_(None), Disclosure.opened_by != person
    )
    return work.session.scalar(question) or 0


def to_hand_out(work: Work) -> int:
    """How many are approved, and nobody handed them out yet."""
    approved = (Disclosure.approved_at.is_not(None), Disclosure.dropped_at.is_(None))
    question = select(func.count(Disclosure.id)).where(*approved, Disclosure.made_at.is_(None))
    return work.session.scalar(question) or 0


def to_tell_today(work: Work) -> list[Disclosure]:
    """Of those the ones that nobody gave a later day for."""
    today = moments.now().date()
    return [disclosure for disclosure, note in not_told_yet(work) if _again_on(note) <= today]


def lets_out(work: Work, participant: str, fields: frozenset[IdentityField], document: str) -> bool:
    """Whether an approved disclosure of this number, such as `D-12`, gives out these fields of them."""
    number = document.upper().removeprefix(PREFIX)
    if not number.isascii() or not number.isdigit() or len(number) > MOST_DIGITS:
        return False
    found = _numbered(work, Disclosure, int(number))
    if found is None or state_of(found) not in (DisclosureState.APPROVED, DisclosureState.HANDED_OUT):
        return False
    of_them = participant_named(work, found.participant).code == participant
    return of_them and {name.value for name in fields} <= set(listed(found.fields))


def breach_numbered(work: Work, number: int, *, locked: bool = False) -> BreachReport:
    """Raises `BreachUnknown`."""
    found = _numbered(work, BreachReport, number, locked=locked)
    if found is None:
        raise BreachUnknown(f"There is no breach report {number}; look through the list.")
    return found


def breaches() -> Select[BreachReport]:
    return select(BreachReport)


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
