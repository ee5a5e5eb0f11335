"""What the ledger says of decisions, deaths, requests and signatures of two, compared with what is stored."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

from sqlalchemy import or_, select

from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import record_findings, wrong
from biobank.participants.models import Participant
from biobank.withdrawals.contents import (
    change_content,
    death_content,
    decision_content,
    ending_content,
    request_content,
)
from biobank.withdrawals.models import (
    Death,
    RecordedDecision,
    RequestEnding,
    SignedChange,
    WaitingRequest,
)
from biobank.withdrawals.queries import deaths_of, spans_of
from biobank.withdrawals.standing import newest_answers

Content = Callable[[Any], dict[str, object]]
RECORDS: tuple[tuple[str, str, type[Any], Content], ...] = (
    ("decision", "decision", RecordedDecision, decision_content),
    ("death", "death", Death, death_content),
    ("waiting_request", "request", WaitingRequest, request_content),
    ("request_ended", "request", RequestEnding, ending_content),
    ("signed_change", "change", SignedChange, change_content),
)
"""Kind of entry, the field that numbers it, the table, and what the entry says of a row."""


def decision_findings(work: Work) -> Iterator[Finding]:
    """Each record that is not the one entered, and each standing that does not follow from them."""
    for kind, number, table, content in RECORDS:
        rows = [content(row) for row in work.session.scalars(select(table).order_by(table.id))]
        stored = ((_called(kind, row[number]), row) for row in rows)
        yield from record_findings(work, kind, _caller(kind, number), stored)
    yield from _standing_findings(work)


def _called(kind: str, number: object) -> str:
    return f"{kind.replace('_', ' ')} {number}"


def _caller(kind: str, number: str) -> Callable[[str, Any], str]:
    return lambda _, event: _called(kind, event.get(number))


def _standing_findings(work: Work) -> Iterator[Finding]:
    concerned = or_(
        Participant.decided_at.is_not(None),
        Participant.left,
        Participant.deceased,
        Participant.code.in_(select(RecordedDecision.participant)),
        Participant.code.in_(select(Death.participant)),
    )
    question = (
        select(Participant).where(concerned, Participant.linked_to.is_(None)).order_by(Participant.code)
    )
    for participant in work.session.scalars(question):
        with suppress(ValueError):  # an answer that is none was named with its decision
            yield from _differences(participant, _standing(work, participant.code))


def _differences(participant: Participant, told: dict[str, Any]) -> Iterator[Finding]:
    for name, ought in told.items():
        is_so = getattr(participant, name)
        if is_so != ought:
            yield wrong(participant.code, f"is stored with {name} {is_so}, not {ought}")


def _standing(work: Work, code: str) -> dict[str, Any]:
    """Where the decisions and deaths leave a participant, one after the other."""
    spans, deaths = spans_of(work, code), deaths_of(work, code)
    information, samples = newest_answers(spans)
    return {
        "left": spans[-1].left_at is not None,
        "information": information,
        "samples": samples,
        "deceased": bool(deaths),
        "deceased_on": deaths[-1].died_on if deaths else None,
    }
