"""Who a code stands for, how they stand, what they consented to."""

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, or_, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.personal_shapes import personal_shape
from biobank.core.rows import in_turns
from biobank.participants.choices import InformationAnswer, SamplesAnswer, Scope, Standing
from biobank.participants.models import Consent, Participant, ParticipantSite, Period, ScopeEnd

CODE = re.compile(r"[A-Za-z0-9-]{1,16}")


class ParticipantUnknown(NotFound):
    """Nobody of that code, or nobody that the one who asks may know of: both answers are the same."""

    title = "Participant unknown"

    def __init__(self, code: str) -> None:
        # What was typed may be anything; only what can be a code is said again.
        shown = "of that code" if personal_shape(code) or not CODE.fullmatch(code) else repr(code)
        super().__init__(f"There is no participant {shown} at your site; check the code.")


def subject_of(code: str) -> str:
    """Under which subject the ledger keeps what concerns a participant."""
    return f"participant:{code}"


def participant_named(work: Work, code: str) -> Participant:
    """The participant; of a provisional code that was linked, the one it turned out to be."""
    participant = work.session.get(Participant, code.strip().upper())
    if participant is None:
        raise ParticipantUnknown(code)
    return participant_named(work, participant.linked_to) if participant.linked_to else participant


def keep_participants(work: Work, codes: Iterable[str]) -> None:
    """Asked for at once, before a list names each of them."""
    for some in in_turns(sorted(set(codes))):
        work.keep(*work.session.scalars(select(Participant).where(Participant.code.in_(some))))


def codes_of(work: Work, code: str) -> list[str]:
    """Every code of a participant: their own, and those that were linked to it, through however many."""
    known = select(Participant.code).where(Participant.code == code).cte("known", recursive=True)
    linked = select(Participant.code).join(known, Participant.linked_to == known.c.code)
    codes = work.session.scalars(select(known.union(linked).c.code))
    return sorted(codes)


def codes_of_many(work: Work, codes: Iterable[str]) -> list[str]:
    """Every code of any number of participants; the few who have several are asked about alone."""
    found: set[str] = set()
    for some in in_turns(codes):
        found.update(some)
        for code in _of_several_codes(work, some):
            found.update(codes_of(work, participant_named(work, code).code))
    return sorted(found)


def periods_of(work: Work, code: str) -> list[Period]:
    """New periods of taking part, under whichever code, oldest first."""
    question = select(Period).where(Period.participant.in_(codes_of(work, code)))
    return list(work.session.scalars(question.order_by(Period.begins_at, Period.id)))


def participant_seen_by(work: Work, by: Actor, code: str) -> Participant:
    """The participant, if `by` works at a site they visited; else `ParticipantUnknown`, as if not there."""
    participant = participant_named(work, code)
    if not may_be_seen_by(work, by, participant.code):
        raise ParticipantUnknown(code)
    return participant


def may_be_seen_by(work: Work, by: Actor, code: str) -> bool:
    """Whether `by` works at a site that the participant visited."""
    return code in those_seen_by(work, by, [code])


def those_seen_by(work: Work, by: Actor, codes: Collection[str]) -> frozenset[str]:
    """Of these participants those who visited a site at which `by` works."""
    if by.sites is None:
        return frozenset(codes)
    visited = select(ParticipantSite.participant).where(
        ParticipantSite.participant.in_(codes), ParticipantSite.site.in_(sorted(by.sites))
    )
    return frozenset(work.session.scalars(visited))


def participant_of_programme(work: Work, programme_hash: str) -> Participant | None:
    found = work.session.scalar(select(Participant).where(Participant.programme_hash == programme_hash))
    return participant_named(work, found.code) if found else None


def sites_visited(work: Work, code: str) -> frozenset[str]:
    return frozenset(
        work.session.scalars(select(ParticipantSite.site).where(ParticipantSite.participant == code)),
    )


def standing(participant: Participant) -> Standing:
    return Standing(
        left=participant.left,
        information=InformationAnswer(participant.information) if participant.information else None,
        samples=SamplesAnswer(participant.samples) if participant.samples else None,
        decided_at=participant.decided_at,
        decision_recorded_at=participant.decision_recorded_at,
        deceased=participant.deceased,
        deceased_on=participant.deceased_on,
    )


def consent_for(work: Work, code: str, scope: Scope | str, at: datetime) -> Consent | None:
    """The newest consent that covers `scope` and was in force at `at`."""
    theirs = _in_force(at).where(Consent.participant == code)
    ended_at = scope_ended_at(work, code, scope, at)
    for consent in work.session.scalars(theirs.order_by(Consent.effective_at.desc(), Consent.id.desc())):
        if str(scope) in consent.covers and (ended_at is None or consent.effective_at > ended_at):
            return consent
    return None


def _in_force(at: datetime) -> Select[Consent]:
    return select(Consent).where(
        Consent.effective_at <= at,
        or_(Consent.expires_at.is_(None), Consent.expires_at > at),
        or_(Consent.withdrawn_at.is_(None), Consent.withdrawn_at > at),
    )


@dataclass(frozen=True)
class Lets:
    """What somebody lets be done with what they gave: nothing at all, or what their consents cover."""

    use_blocked: bool
    covers: frozenset[str]


def what_they_let(work: Work, codes: Iterable[str], at: datetime) -> dict[str, Lets]:
    """How each of many participants stands and consents at a moment, in few questions.

    Whoever has several codes, or ended a scope, is asked alone, as `consent_for` asks.
    """
    found: dict[str, Lets] = {}
    for some in in_turns(codes):
        covered: dict[str, set[str]] = {}
        for consent in work.session.scalars(_in_force(at).where(Consent.participant.in_(some))):
            covered.setdefault(consent.participant, set()).update(consent.covers)
        for each in work.session.scalars(select(Participant).where(Participant.code.in_(some))):
            found[each.code] = Lets(standing(each).use_blocked, frozenset(covered.get(each.code, ())))
        found |= {code: _let_alone(work, code, at) for code in _asked_alone(work, some)}
    return found


def _asked_alone(work: Work, codes: Sequence[str]) -> set[str]:
    ended = select(ScopeEnd.participant).where(ScopeEnd.participant.in_(codes))
    return _of_several_codes(work, codes) | set(work.session.scalars(ended))


def _of_several_codes(work: Work, codes: Sequence[str]) -> set[str]:
    """Those that were linked to another, and those that another was linked to."""
    linked = select(Participant.code).where(Participant.code.in_(codes), Participant.linked_to.is_not(None))
    to = select(Participant.linked_to).where(Participant.linked_to.in_(codes))
    return {str(code) for question in (linked, to) for code in work.session.scalars(question)}


def _let_alone(work: Work, code: str, at: datetime) -> Lets:
    named = participant_named(work, code)
    covers = frozenset(scope.value for scope in Scope if consent_for(work, named.code, scope, at))
    return Lets(standing(named).use_blocked, covers)


def scope_ended_at(work: Work, code: str, scope: Scope | str, at: datetime) -> datetime | None:
    """When somebody last said before `at` that they give no more of this: earlier consents are over."""
    question = select(ScopeEnd).where(
        ScopeEnd.participant.in_(codes_of(work, code)), ScopeEnd.decided_at <= at
    )
    ends = work.session.scalars(question.order_by(ScopeEnd.decided_at.desc()))
    return next((end.decided_at for end in ends if str(scope) in end.ends), None)


def scope_ends_of(work: Work, code: str) -> list[ScopeEnd]:
    """What a participant gives no more, oldest first."""
    question = select(ScopeEnd).where(ScopeEnd.participant.in_(codes_of(work, code)))
    return list(work.session.scalars(question.order_by(ScopeEnd.id)))


def consents_of(work: Work, code: str) -> list[Consent]:
    """All of them, newest first."""
    return list(
        work.session.scalars(
            select(Consent)
            .where(Consent.participant == code)
            .order_by(Consent.effective_at.desc(), Consent.id.desc())
        ),
    )
