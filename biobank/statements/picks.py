"""For what samples of a participant were put on pick lists, and what became of each there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.distribution.models import StudyRequest
from biobank.ledger.models import LedgerEntry
from biobank.retrieval.models import PickLine, PickList
from biobank.retrieval.queries import subject_of


@dataclass(frozen=True)
class Picked:
    """Some samples of theirs on one list, which stand there in the same way; and the entries that say so."""

    listed: PickList
    study: str | None
    state: str
    items: tuple[str, ...]
    entries: tuple[str, ...]


def picked_of(work: Work, items: Mapping[int, str]) -> Iterator[Picked]:
    """`items` are codes by number. A list names many people's samples: nothing is said of the others."""
    for listed, study, lines in _lists(work, items):
        entries = _entries_about(work, listed, [items[line.item_id] for line in lines])
        for state in sorted({line.state for line in lines}):
            some = tuple(items[line.item_id] for line in lines if line.state == state)
            named = dict.fromkeys(entry for item in some for entry in entries.get(item, ()))
            yield Picked(listed, study, state, some, tuple(named))


def _lists(work: Work, items: Mapping[int, str]) -> Iterator[tuple[PickList, str | None, Sequence[PickLine]]]:
    """Each list with the study that it is for, if it is for one, and its lines about these samples."""
    by_list: dict[int, list[PickLine]] = {}
    for some in in_turns(items):
        found = select(PickLine).where(PickLine.item_id.in_(some)).order_by(PickLine.id)
        for line in work.session.scalars(found):
            by_list.setdefault(line.list_id, []).append(line)
    asked = (
        select(PickList, StudyRequest.study)
        .outerjoin(StudyRequest, StudyRequest.id == PickList.request_id)
        .order_by(PickList.id)
    )
    for some in in_turns(sorted(by_list)):
        for listed, study in work.session.execute(asked.where(PickList.id.in_(some))):
            yield listed, study, by_list[listed.id]


def _entries_about(work: Work, listed: PickList, items: Sequence[str]) -> dict[str, list[str]]:
    """By item the entries of the list that name it."""
    question = select(LedgerEntry.sequence, LedgerEntry.body).where(LedgerEntry.subject == subject_of(listed))
    found: dict[str, list[str]] = {}
    for sequence, body in work.session.execute(question.order_by(LedgerEntry.sequence)):
        event = orjson.loads(body)
        named = {event.get("item"), *event.get("items", ())}
        for item in items:
            if item in named:
                found.setdefault(item, []).append(f"{subject_of(listed)}:{sequence}")
    return found
