"""Questions about the journal: where it is, what of the log it lacks, and what of it this database lacks."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Select, String, literal, make_url, or_, select, tuple_, union
from sqlalchemy import cast as cast_to

from biobank.core.database import Work
from biobank.destruction.models import Certificate, DestructionOrder, LegalHold
from biobank.journal.choices import CERTIFICATE, DECISIVE, ORDER, belongs, is_of_an_order
from biobank.journal.formats import Entry, JournalBroken, Line, read_journal
from biobank.journal.models import JournalApplication
from biobank.journal.orders import Told, about_order, to_enter_again, to_enter_later
from biobank.ledger.models import LedgerEntry
from biobank.participants.models import Participant, Period, ScopeEnd
from biobank.participants.queries import subject_of
from biobank.settings import Settings
from biobank.withdrawals.models import Death, RecordedDecision, SignedChange, WaitingRequest

BESIDE = "withdrawals.jsonl"
NONE = "none"
AT_ONCE = 400
CONCERNING = (RecordedDecision, Death, WaitingRequest, SignedChange, Period, ScopeEnd)


def journal_path(settings: Settings) -> Path | None:
    """The file that the settings name; beside an SQLite database where they name none. None: no journal."""
    named = settings.withdrawal_journal_file
    if named:
        return None if named == NONE else Path(named)
    url = make_url(settings.database_url)
    if url.get_backend_name() != "sqlite" or url.database in (None, "", ":memory:"):
        return None
    return Path(url.database or "").resolve().with_name(BESIDE)


def journal_warnings(settings: Settings) -> list[str]:
    """For the start of the service and `config check`."""
    if journal_path(settings) or settings.withdrawal_journal_file == NONE or settings.demo:
        return []
    sentence = (
        "There is no withdrawal journal: a restored backup would forget the decisions since its day. "
        "Name a file on another disk with withdrawal_journal_file."
    )
    return [sentence]


def decisive_entries(work: Work) -> Iterator[Entry]:
    """Every entry of the log that the journal holds, in the log's order, each after those it rests on."""
    work.flush()
    concerned = _subjects().subquery()
    numbers = union(
        _entries(DECISIVE).where(LedgerEntry.subject.in_(select(concerned))),
        _entries({ORDER}).where(LedgerEntry.subject.in_(_orders())),
        _entries({CERTIFICATE}).where(LedgerEntry.subject.in_(select(Certificate.identifier))),
    )
    question = select(LedgerEntry).where(LedgerEntry.id.in_(numbers)).order_by(LedgerEntry.id)
    for row in work.session.scalars(question):
        entry = as_entry(row)
        if belongs(entry.kind, entry.event):
            yield from with_cited(work, entry)


def _entries(kinds: Iterable[str]) -> Select[int]:
    return select(LedgerEntry.id).where(LedgerEntry.kind.in_(kinds))


def _orders() -> Select[str]:
    """Those that were ever under a legal hold, or whose ceremony is settled."""
    held = DestructionOrder.id.in_(select(LegalHold.order_id))
    settled = DestructionOrder.ceremony_settled.is_not(None)
    return select(DestructionOrder.identifier).where(or_(held, settled))


def _subjects() -> Select[tuple[str]]:
    """Of everybody of whom anything was ever told; the log itself has no index of kinds."""
    told = [select(table.participant) for table in CONCERNING]
    linked = select(Participant.code).where(Participant.linked_to.is_not(None))
    others = select(cast_to(Participant.linked_to, String)).where(Participant.linked_to.is_not(None))
    found = union(*told, linked, others).subquery()
    return select(cast_to(literal(subject_of("")), String) + found.c[0])


def as_entry(row: LedgerEntry) -> Entry:
    return Entry(row.subject, row.sequence, row.kind, bytes(row.body).decode())


def with_cited(work: Work, entry: Entry) -> list[Entry]:
    """An entry after those that it rests on; one of an order with what says which order it is."""
    event = entry.event
    if is_of_an_order(entry.kind, event):
        order = event["order"] if entry.kind == CERTIFICATE else entry.subject
        return [replace(entry, about=about_order(work, order, event))]
    if entry.kind == "signed_change":
        return [*_first_of(work, event["signatures"]), entry]
    if entry.kind == "period":
        return [*_consent(work, entry.subject, event["consent"]), entry]
    return [entry]


def _first_of(work: Work, subjects: Sequence[str]) -> list[Entry]:
    question = select(LedgerEntry).where(LedgerEntry.subject.in_(subjects), LedgerEntry.sequence == 1)
    return [as_entry(row) for row in work.session.scalars(question.order_by(LedgerEntry.id))]


def _consent(work: Work, subject: str, number: int) -> list[Entry]:
    question = select(LedgerEntry).where(LedgerEntry.subject == subject, LedgerEntry.kind == "consent")
    found = [as_entry(row) for row in work.session.scalars(question)]
    return [each for each in found if each.event["consent"] == number]


def lacking(work: Work, lines: Iterable[Line]) -> list[Line]:
    """Lines that this database neither has in its log nor has taken over: it is older than the journal."""
    waiting = list(lines)
    found: list[Line] = []
    for start in range(0, len(waiting), AT_ONCE):
        some = waiting[start : start + AT_ONCE]
        known = _in_log(work, some) | _taken_over(work, some)
        found += [line for line in some if line.entry.hash not in known]
    return found


def _in_log(work: Work, lines: Sequence[Line]) -> set[str]:
    named = [(line.entry.subject, line.entry.sequence) for line in lines]
    question = select(LedgerEntry.hash).where(tuple_(LedgerEntry.subject, LedgerEntry.sequence).in_(named))
    return {bytes(digest).hex() for digest in work.session.scalars(question)}


def _taken_over(work: Work, lines: Sequence[Line]) -> set[str]:
    hashes = [line.entry.hash for line in lines]
    question = select(JournalApplication.entry_hash).where(JournalApplication.entry_hash.in_(hashes))
    return set(work.session.scalars(question))


def entered_by_hand(work: Work) -> list[Told]:
    """What is to be entered again: of lines that this database lacks, and of those that it took over.

    Of a journal that cannot be read nothing is known.
    """
    path = journal_path(work.settings)
    try:
        missing = lacking(work, read_journal(path)) if path else []
    except (JournalBroken, OSError):
        missing = []
    return [*to_enter_later(missing), *to_enter_again(work)]
