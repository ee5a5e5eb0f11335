"""Destruction results out: one line a specimen, read off the log, so that no restart skips or repeats one."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, or_, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.feeds.choices import ResultStatus
from biobank.ledger.queries import entries, leaves, tree_size

QUESTIONING = frozenset({"reopened", "cancelled"})
"""Changes of an order after which its certificates no longer say all."""
NOTHING_YET = -1
"""The position before the first entry of the log."""

certificates, orders = table_of(Certificate), table_of(DestructionOrder)
EVENTS = Statement(
    select(leaves.c.leaf_index, entries.c.subject, entries.c.kind, entries.c.recorded_at, entries.c.body)
    .join(leaves, leaves.c.entry_id == entries.c.id)
    .where(
        leaves.c.leaf_index > bindparam("after"),
        or_(
            entries.c.subject.in_(select(certificates.c.identifier)),
            entries.c.subject.in_(
                select(orders.c.identifier).where(orders.c.id.in_(select(certificates.c.order_id)))
            ),
        ),
    )
    .order_by(leaves.c.leaf_index)
)


class CursorAhead(Conflict):
    title = "Further than the log"


@dataclass(frozen=True, kw_only=True)
class Result:
    """One specimen as one certificate states it, or that this certificate is in question now."""

    position: int
    """Place of its entry in the ledger's tree."""
    line: int
    """Within that entry, from 1."""
    status: ResultStatus
    participant: str
    item: str
    outcome: str | None
    """None: it has no end any more."""
    grade: str | None
    occurred_at: str | None
    certificate: str
    certificate_sha256: str
    replaces: str | None
    """The certificate that this one takes the place of, with all its lines."""
    order: str
    recorded_at: datetime

    @property
    def row(self) -> str:
        """By what the receiver acknowledges it."""
        return f"{self.position}-{self.line}"


@dataclass(frozen=True)
class Results:
    """Lines, and the position after which the next page begins."""

    lines: Sequence[Result]
    position: int


def results_after(work: Work, position: int, *, limit: int) -> Results:
    """Lines of entries after `position` in the log's own order; an entry's lines are never parted.

    At least `limit` lines where there are so many. What is not sealed yet comes next time. Raises
    `CursorAhead` for a position that this log has not reached: then it is older than its reader.
    """
    if position >= tree_size(work):
        raise CursorAhead(
            f"Position {position} is ahead of this log: an older backup was restored since. "
            "Tell whoever runs the service, and read again from the beginning."
        )
    found: list[Result] = []
    for at, lines in _entries(work, position):
        found += lines
        position = at
        if len(found) >= limit:
            break
    return Results(found, position)


def every_result(work: Work) -> Iterator[Result]:
    for _, lines in _entries(work, NOTHING_YET):
        yield from lines


def _entries(work: Work, after: int) -> Iterator[tuple[int, list[Result]]]:
    """Every entry that tells a result, with its place."""
    work.flush()
    rows = work.run(EVENTS, after=after).fetchall()
    for at, subject, kind, recorded_at, body in rows:
        event = orjson.loads(bytes(body))
        told = moments.from_microseconds(recorded_at)
        if kind == "certificate":
            yield at, _stated(work, subject, event, at, told)
        elif kind == "order" and event.get("change") in QUESTIONING:
            lines = _questioned(work, subject, event, at, told)
            if lines:
                yield at, lines


def _stated(work: Work, identifier: str, event: Mapping[str, Any], at: int, told: datetime) -> list[Result]:
    """Every line of a certificate, as it states it."""
    record = _record_of(work, identifier)
    stated = record["order_record"]
    return [
        _result(record, event["sha256"], line, at, number, told)
        for number, line in enumerate(stated["lines"], 1)
    ]


def _record_of(work: Work, identifier: str) -> dict[str, Any]:
    text = work.session.scalars(select(Certificate.record).where(Certificate.identifier == identifier)).one()
    record: dict[str, Any] = orjson.loads(text)
    return record


def _questioned(work: Work, order: str, event: Mapping[str, Any], at: int, told: datetime) -> list[Result]:
    """The lines of the certificate that stood until then; with what changed as it is now."""
    newest = _certificate_before(work, order, told)
    if newest is None:
        return []
    record = orjson.loads(newest.record)
    now: Mapping[str, str | None] = event.get("outcomes", {})
    lines = [_as_it_is(line, now) for line in record["order_record"]["lines"]]
    return [
        _result(record, newest.sha256, line, at, number, told, status=ResultStatus.IN_QUESTION)
        for number, line in enumerate(lines, 1)
    ]


def _certificate_before(work: Work, order: str, told: datetime) -> Certificate | None:
    question = (
        select(Certificate)
        .join(DestructionOrder, DestructionOrder.id == Certificate.order_id)
        .where(DestructionOrder.identifier == order, Certificate.issued_at <= told)
    )
    return work.session.scalars(question.order_by(Certificate.id.desc()).limit(1)).first()


def _as_it_is(line: Mapping[str, Any], now: Mapping[str, str | None]) -> Mapping[str, Any]:
    if line["item"] not in now:
        return line
    return {**line, "outcome": now[line["item"]], "grade": None, "occurred_at": None}


def _result(
    record: Mapping[str, Any],
    sha256: str,
    line: Mapping[str, Any],
    at: int,
    number: int,
    told: datetime,
    *,
    status: ResultStatus = ResultStatus.STANDS,
) -> Result:
    stated = record["order_record"]
    return Result(
        position=at,
        line=number,
        status=status,
        participant=stated["participant"],
        item=line["item"],
        outcome=line["outcome"],
        grade=line["grade"],
        occurred_at=line["occurred_at"],
        certificate=record["certificate"],
        certificate_sha256=sha256,
        replaces=record["replaces"],
        order=stated["order"],
        recorded_at=told,
    )
