"""What features compare with the log have in common: entries by kind, and records that an entry repeats."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import orjson
from sqlalchemy import bindparam, select

from biobank.core.database import Work
from biobank.core.moments import to_microseconds
from biobank.core.statements import Statement
from biobank.ledger.findings import Finding, Wrong
from biobank.ledger.queries import entries, streamed

Event = Mapping[str, Any]
Facts = dict[str, Any]
"""What is known of a record, each fact under a name of its own."""
EventName = tuple[str, int]
"""An item and the number of its event."""
OF_THE_ENTRY = frozenset(
    {"v", "kind", "subject", "sequence", "previous", "recorded_at", "recorded_by", "change"}
)
ENTRIES_OF_KIND = Statement(
    select(entries.c.subject, entries.c.body)
    .where(entries.c.kind == bindparam("kind"))
    .order_by(entries.c.subject, entries.c.sequence)
)


ENTRIES_BETWEEN = Statement(
    select(entries.c.subject, entries.c.body)
    .where(entries.c.recorded_at >= bindparam("from_at"), entries.c.recorded_at <= bindparam("until_at"))
    .order_by(entries.c.subject, entries.c.sequence)
)


def events_of_kind(work: Work, kind: str) -> Iterator[tuple[str, Event]]:
    """Each subject and event of a kind; what cannot be read is left out: the log's own audit names it."""
    yield from _events(work, ENTRIES_OF_KIND, kind=kind)


def events_between(work: Work, from_at: datetime, until_at: datetime) -> Iterator[tuple[str, Event]]:
    """Each subject and event that was recorded between two moments; reads the whole log, for it is rare."""
    yield from _events(
        work, ENTRIES_BETWEEN, from_at=to_microseconds(from_at), until_at=to_microseconds(until_at)
    )


def events_with(work: Work, statement: Statement, words: Collection[bytes]) -> Iterator[tuple[str, Event]]:
    """Each subject and event whose body holds one of these words; the others, which are most, stay unread."""
    bodies = ((subject, bytes(body)) for subject, body in streamed(work, statement))
    yield from _read(each for each in bodies if any(word in each[1] for word in words))


def _events(work: Work, statement: Statement, **parameters: object) -> Iterator[tuple[str, Event]]:
    yield from _read(streamed(work, statement, **parameters))


def _read(rows: Iterable[tuple[Any, ...]]) -> Iterator[tuple[str, Event]]:
    for subject, body in rows:
        with suppress(ValueError):
            event = orjson.loads(body)
            if isinstance(event, dict):
                yield subject, event


def record_findings(
    work: Work,
    kind: str,
    called: Callable[[str, Event], str],
    stored: Iterable[tuple[str, Event]],
) -> Iterator[Finding]:
    """Records that are not what their entry of `kind` says, or that lack it, and entries without a record.

    `called` names the record that an entry is about; `stored` holds each record's name and content.
    """
    work.flush()
    told = {called(subject, event): event for subject, event in events_of_kind(work, kind)}
    yield from compared(told, stored)


def compared(told: Mapping[str, Event], stored: Iterable[tuple[str, Event]]) -> Iterator[Finding]:
    """The same of what is known by the name of its record already."""
    left = dict(told)
    for name, content in stored:
        event = left.pop(name, None)
        if event is None:
            yield wrong(name, "is stored and has no entry in the log")
        else:
            for column, value in content.items():
                if event.get(column) != value:
                    yield wrong(name, f"is stored with {column} {value}, not {event.get(column)}")
    for name in left:
        yield wrong(name, "is in the log and not stored")


def compared_by_event(
    what: str, told: Mapping[EventName, Event], stored: Iterable[tuple[EventName, Event]]
) -> Iterator[Finding]:
    """The same of records that belong to an event of an item each."""

    def called(of: EventName) -> str:
        return f"{what} {of[1]} of {of[0]}"

    yield from compared(
        {called(of): event for of, event in told.items()}, ((called(of), content) for of, content in stored)
    )


def content_told(event: Event) -> Facts:
    """What an event tells beside what every event has."""
    return {name: value for name, value in event.items() if name not in OF_THE_ENTRY}


def fact_findings(name: str, told: Facts, stored: Facts) -> Iterator[Finding]:
    """Each fact of a record that is stored otherwise than the log tells it, or that one of the two lacks."""
    for fact in sorted({*told, *stored}):
        if told.get(fact) != stored.get(fact):
            yield wrong(name, f"is stored with {fact} {stored.get(fact)}, not {told.get(fact)}")


def wrong(name: str, what: str) -> Finding:
    return Finding(Wrong.STATE, name, None, f"{name} {what}.")
