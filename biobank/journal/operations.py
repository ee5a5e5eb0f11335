"""Applying the journal to an older backup: every line it lacks, each with all that followed from it."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from biobank.access.actors import Actor
from biobank.access.models import Signature
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.steps import Source
from biobank.destruction.legal_holds import put_on, take_off
from biobank.destruction.models import DestructionOrder, LegalHold
from biobank.destruction.queries import locked_order, standing_orders
from biobank.journal import checks, records
from biobank.journal.choices import CERTIFICATE, EXACTLY, LIFTED, MARK, ORDER, PLACED, TO_ENTER
from biobank.journal.formats import Line
from biobank.journal.guarding import checkpoints_that_do_not_fit
from biobank.journal.models import JournalApplication
from biobank.journal.orders import SUBJECT, order_meant, told_of
from biobank.journal.queries import lacking
from biobank.kits.operations import hold_outside_consent, link_participant
from biobank.ledger.notes import to_base64
from biobank.ledger.operations import append_to
from biobank.ledger.queries import root, tree_size
from biobank.participants.models import Consent, Participant, Period, ScopeEnd
from biobank.participants.operations import lock, register_again
from biobank.participants.queries import ParticipantUnknown, participant_named
from biobank.withdrawals.choices import SignedKind
from biobank.withdrawals.deaths import messages_follow, restate_death
from biobank.withdrawals.holding import bring_up_to_date, restate
from biobank.withdrawals.mistakes import become_one, orders_of_decision, undo
from biobank.withdrawals.models import (
    Death,
    RecordedDecision,
    SignedChange,
    WaitingRequest,
)
from biobank.withdrawals.operations import carry_out
from biobank.withdrawals.reversing import take_back

Told = Mapping[str, Any]
NUMBERED = (
    RecordedDecision,
    Death,
    WaitingRequest,
    SignedChange,
    Signature,
    Consent,
    Period,
    ScopeEnd,
    LegalHold,
)
"""Tables whose rows are made again with the number that they had."""
LANGUAGE = "en"
"""Of the message that confirms a decision anew: the log does not keep in which the first one was."""


def apply_journal(work: Work, lines: Sequence[Line], *, by: Actor) -> list[JournalApplication]:
    """Take over every line that this database lacks, in their order; all of them or none.

    Each keeps its own times, number and who recorded it; its entry in the log says which line it comes from
    and who applied it. Raises `AllSitesNeeded`, `LineRefused`.
    """
    checks.works_at_all_sites(by)
    applied = [_Applying(work, line, by).apply() for line in lacking(work, lines)]
    work.flush()
    _number_on(work)
    return applied


def accept_loss(work: Work, *, by: Actor) -> Told:
    """Record that the entries since this backup are lost for good: the log goes on from here.

    Raises `AllSitesNeeded`, `NothingLost`.
    """
    checks.works_at_all_sites(by)
    lost, size = checkpoints_that_do_not_fit(work), tree_size(work)
    if not lost:
        raise checks.NothingLost("This log has all that the checkpoints outside cover; nothing is to accept.")
    content = {
        "size": size,
        "root": to_base64(root(work, size)),
        "lost": [{"size": kept.size, "root": to_base64(kept.root)} for kept in lost],
        "recorded_by": by.person,
    }
    return append_to(work, subject=SUBJECT, kind="entries_lost", content=content).event


class _Applying:
    """One line at hand."""

    def __init__(self, work: Work, line: Line, by: Actor) -> None:
        self.work, self.line, self.by = work, line, by
        self.told: Told = line.entry.event
        self.kind = line.entry.kind
        self.subject = line.entry.subject
        self.code = self.subject.partition(":")[2]

    def apply(self) -> JournalApplication:
        try:
            number = APPLY[self.line.entry.kind](self)
        except IntegrityError as problem:
            raise checks.LineRefused(
                self.line.number, "its number is taken, or somebody who signed has no account in this backup"
            ) from problem
        except DomainError as refusal:
            raise checks.LineRefused(self.line.number, refusal.detail.rstrip(".")) from refusal
        return self._noted(number)

    def _noted(self, number: int | None) -> JournalApplication:
        applied = JournalApplication(
            line=self.line.number,
            entry_hash=self.line.entry.hash,
            kind=self.kind,
            subject=self.subject,
            number=number,
            applied_at=moments.now(),
            applied_by=self.by.person,
        )
        self.work.session.add(applied)
        self.work.flush()
        return applied

    def participant(self, code: str | None = None) -> Participant:
        """Locked, and registered where the backup does not know them."""
        named = code or self.code
        try:
            participant_named(self.work, named)
        except ParticipantUnknown:
            register_again(self.work, self.by, named)
        return lock(self.work, named)

    def enter(self, row: Any) -> None:
        """Store the row again, and its entry: what was told, which line it is, and who applied it."""
        self.work.session.add(row)
        self.work.flush()
        told = {name: value for name, value in self.told.items() if name not in EXACTLY}
        append_to(self.work, subject=self.subject, kind=self.kind, content={**told, **self.came()})

    def came(self) -> dict[str, Any]:
        """From which line it is, when that was, and who applied it."""
        first = self.told["recorded_at"]
        return {MARK: self.line.number, "first_recorded_at": first, "applied_by": self.by.person}

    def decision(self) -> int:
        participant = self.participant()
        row = records.decision(self.code, self.told)
        self.enter(row)
        carry_out(self.work, participant, row, language=LANGUAGE, by=self.by)
        return row.id

    def death(self) -> int:
        participant = self.participant()
        row = records.death(self.code, self.told)
        self.enter(row)
        restate_death(self.work, participant)
        messages_follow(self.work, participant, by=self.by)
        return row.id

    def waiting_request(self) -> int:
        self.participant()
        row = records.waiting_request(self.code, self.told)
        self.enter(row)
        return row.id

    def request_ended(self) -> int:
        row = records.request_ending(self.told)
        self.enter(row)
        return row.request_id

    def signature(self) -> int:
        row = records.signature(int(self.code), self.told)
        self.enter(row)
        return row.id

    def consent(self) -> int:
        self.participant()
        row = records.consent(self.code, self.told)
        self.enter(row)
        return row.id

    def period(self) -> int:
        participant = self.participant()
        row = records.period(self.code, self.told)
        self.enter(row)
        restate(self.work, participant)
        bring_up_to_date(self.work, participant.code, by=self.by)
        return row.id

    def scopes_ended(self) -> int:
        participant = self.participant()
        row = records.scope_end(self.code, self.told)
        self.enter(row)
        hold_outside_consent(self.work, participant, row.decided_at, by=self.by)
        return row.id

    def signed_change(self) -> int:
        participant = self.participant()
        if self.told["other"]:
            self.participant(self.told["other"])
        row = records.signed_change(self.code, self.told)
        self.enter(row)
        CHANGES[SignedKind(row.kind)](self, participant, row)
        return row.id

    def reversal(self, participant: Participant, row: SignedChange) -> None:
        orders = [
            each for each in standing_orders(self.work, participant.code) if each.decision in row.undone
        ]
        order = locked_order(self.work, orders[-1].id) if orders else None
        take_back(self.work, participant, order, row, by=self.by)

    def mistaken_decision(self, participant: Participant, row: SignedChange) -> None:
        for number in sorted(row.undone):
            decision = self.work.session.get_one(RecordedDecision, number)
            found = orders_of_decision(self.work, decision)
            orders = [locked_order(self.work, order.id) for order in found]
            undo(self.work, participant, decision, orders, row, self.by)

    def mistaken_death(self, participant: Participant, _row: SignedChange) -> None:
        restate_death(self.work, participant)
        messages_follow(self.work, participant, by=self.by)

    def same_person(self, participant: Participant, row: SignedChange) -> None:
        become_one(self.work, participant, self.participant(row.other), by=self.by)

    def of_an_order(self) -> int | None:
        """A legal hold is placed and lifted again; what takes people's hands is told to who restores."""
        told = told_of(self.line.entry)
        order = order_meant(self.work, told["about"])
        hold = self.work.session.get(LegalHold, told["hold"]) if told["what"] == LIFTED else None
        if order is not None and (told["what"] == PLACED or hold is not None):
            self.participant(order.participant)
            return self.legal_hold(locked_order(self.work, order.id), hold)
        self.kind = TO_ENTER
        append_to(self.work, subject=SUBJECT, kind=TO_ENTER, content={**told, **self.came()})
        return None

    def legal_hold(self, order: DestructionOrder, hold: LegalHold | None) -> int:
        if hold is None:
            placed = records.legal_hold(order.id, self.told)
            return put_on(self.work, order, placed, by=self.by, **self.came())
        take_off(self.work, order, records.lifted(hold, self.told), by=self.by, **self.came())
        return int(self.told["hold"])

    def relink_participant(self) -> None:
        """Of a code that is linked already, by the line before or by the other one of the pair, nothing."""
        before, code = self.told["provisional"], self.told["participant"]
        provisional = self.work.session.get(Participant, before) or register_again(self.work, self.by, before)
        if provisional.linked_to is None:
            link_participant(self.work, before, code, by=self.by, source=Source("command"))
            restate(self.work, lock(self.work, code))
            bring_up_to_date(self.work, before, by=self.by)


APPLY: Mapping[str, Callable[[_Applying], int | None]] = {
    "decision": _Applying.decision,
    "death": _Applying.death,
    "waiting_request": _Applying.waiting_request,
    "request_ended": _Applying.request_ended,
    "signature": _Applying.signature,
    "consent": _Applying.consent,
    "period": _Applying.period,
    "scopes_ended": _Applying.scopes_ended,
    "signed_change": _Applying.signed_change,
    "relink_participant": _Applying.relink_participant,
    ORDER: _Applying.of_an_order,
    CERTIFICATE: _Applying.of_an_order,
}
CHANGES: Mapping[SignedKind, Callable[[_Applying, Participant, SignedChange], None]] = {
    SignedKind.REVERSAL: _Applying.reversal,
    SignedKind.MISTAKEN_DECISION: _Applying.mistaken_decision,
    SignedKind.MISTAKEN_DEATH: _Applying.mistaken_death,
    SignedKind.SAME_PERSON: _Applying.same_person,
}


def _number_on(work: Work) -> None:
    """PostgreSQL's own numbering does not see rows that bring their number."""
    if work.is_sqlite:
        return
    for table in NUMBERED:
        newest = work.session.scalar(select(func.max(table.id)))
        if newest:
            told = {"table": table.__tablename__, "newest": newest}
            work.session.execute(text("SELECT setval(pg_get_serial_sequence(:table, 'id'), :newest)"), told)
