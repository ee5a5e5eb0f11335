"""Questions about distribution: which requests, what went to which study, what its holder answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, func, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import locking, row_numbered
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind, State
from biobank.custody.steps import ItemNow
from biobank.distribution.choices import HolderChange, RequestStanding, standing_of
from biobank.distribution.models import (
    DistributedItem,
    Distribution,
    HolderNote,
    StudyPortion,
    StudyRequest,
)
from biobank.items.models import Item
from biobank.items.queries import is_of
from biobank.participants.choices import Scope
from biobank.participants.queries import codes_of, consent_for, participant_named
from biobank.processing.pools import whose
from biobank.processing.queries import scopes_of

Model = TypeVar("Model", StudyRequest, Item)


class RequestUnknown(NotFound):
    title = "Request unknown"


class DistributionUnknown(NotFound):
    """None of that number, or none that who asks may know of: both answers are the same."""

    title = "Distribution unknown"

    def __init__(self, number: int) -> None:
        super().__init__(f"There is no distribution {number}; look through its request.")


@dataclass(frozen=True, kw_only=True)
class Distributed:
    """To whom one specimen went, when, and what its holder answered when asked for it."""

    number: int
    item_id: int
    item: str
    request: str
    study: str
    receiver: str
    agreement: str
    purpose: str
    at: datetime | None
    """When it was handed over, as told."""
    recorded_at: datetime
    came_back: bool
    asked_on: date | None
    answer: str | None
    """A `HolderAnswer`; empty until there is one."""
    answered_on: date | None
    reference: str | None


def subject_of_request(request: StudyRequest) -> str:
    """Under which subject the ledger keeps what concerns a request."""
    return f"study_request:{request.id}"


def request_called(work: Work, number: str, *, locked: bool = False) -> StudyRequest:
    """By its own number. Raises `RequestUnknown`."""
    question = select(StudyRequest).where(StudyRequest.number == number.strip())
    found = work.session.scalar(locking(question) if locked else question)
    if found is None:
        raise RequestUnknown("No study's request has this number; look through the list of requests.")
    return found


def requests() -> Select[StudyRequest]:
    """All of them, to be listed page by page."""
    return select(StudyRequest)


def requests_to_approve(work: Work) -> int:
    """How many wait for somebody's signature."""
    waiting = (StudyRequest.approved_at.is_(None), StudyRequest.ended_at.is_(None))
    return work.session.scalar(select(func.count()).select_from(StudyRequest).where(*waiting)) or 0


def standing_on(request: StudyRequest, on: date | None = None) -> RequestStanding:
    """As a day of UTC, today unless one is named."""
    return standing_of(
        approved=request.approved_at is not None,
        ended=request.ended_at is not None,
        valid_from=request.valid_from,
        valid_until=request.valid_until,
        on=on or moments.now().date(),
    )


def counted_by_portion(work: Work, request: StudyRequest) -> dict[int, int]:
    """How many specimens went out for each of its kinds; what came back counts no more."""
    question = (
        select(DistributedItem.portion_id, func.count())
        .where(DistributedItem.request_id == request.id, DistributedItem.back_sequence.is_(None))
        .group_by(DistributedItem.portion_id)
    )
    return {portion: int(count) for portion, count in work.session.execute(question)}


def portions_for(work: Work, request: StudyRequest, item: ItemNow | Item) -> list[StudyPortion]:
    """Kinds of the request that this specimen would be one of, those that name what is in it first."""
    portions = work.session.scalars(
        select(StudyPortion).where(StudyPortion.request_id == request.id, StudyPortion.kind == item.kind)
    )
    fitting = [each for each in portions if each.specification in ("", item.specification)]
    return sorted(fitting, key=lambda each: (not each.specification, each.id))


def givers_of(work: Work, item: ItemNow) -> list[str]:
    """Whose material it is under the codes that count now, in their order: of a pool everybody in it."""
    return sorted({participant_named(work, code).code for code in whose(work, item)})


def scopes_lacking(work: Work, item: ItemNow, code: str, at: datetime) -> list[str]:
    """What a participant's consents do not cover at a moment, of what handing this to a study needs."""
    needed = [*scopes_of(work, item), Scope.SHARING]
    return [scope.value for scope in needed if not consent_for(work, code, scope, at)]


def distribution_numbered(work: Work, number: int, *, locked: bool = False) -> Distribution:
    """Raises `DistributionUnknown`."""
    found = row_numbered(work, Distribution, number, locked=locked)
    if found is None:
        raise DistributionUnknown(number)
    return found


def distribution_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> Distribution:
    """Raises `DistributionUnknown` also for one that another site hands over."""
    found = distribution_numbered(work, number, locked=locked)
    if not by.works_at(found.site):
        raise DistributionUnknown(number)
    return found


def distributions_of_request(work: Work, request: StudyRequest, by: Actor) -> list[Distribution]:
    """From sites of `by`, oldest first."""
    return _at_sites_of(work, by, Distribution.request_id == request.id)


def open_distributions(work: Work, by: Actor) -> list[Distribution]:
    """Not closed yet, at sites of `by`, oldest first."""
    return _at_sites_of(work, by, Distribution.closed_at.is_(None))


def _at_sites_of(work: Work, by: Actor, condition: ColumnElement[bool]) -> list[Distribution]:
    question = select(Distribution).where(condition).order_by(Distribution.id)
    return [each for each in work.session.scalars(question) if by.works_at(each.site)]


def newest_record_of(work: Work, item_id: int) -> DistributedItem | None:
    question = select(DistributedItem).where(DistributedItem.item_id == item_id)
    return work.session.scalar(question.order_by(DistributedItem.id.desc()).limit(1))


def distribution_of(work: Work, item_id: int) -> Distributed | None:
    """Where a specimen went last, None if it never went to a study."""
    record = newest_record_of(work, item_id)
    return told_of(work, [record])[0] if record is not None else None


def newest_distributions(work: Work, item_ids: Sequence[int]) -> dict[int, Distributed]:
    """Where each of these specimens went last, by its number; without those that never went to a study."""
    question = select(DistributedItem).where(DistributedItem.item_id.in_(sorted(item_ids)))
    newest = {each.item_id: each for each in work.session.scalars(question.order_by(DistributedItem.id))}
    return {each.item_id: each for each in told_of(work, list(newest.values()))}


def distributed_to(work: Work, request: StudyRequest, by: Actor) -> list[Distributed]:
    """All that a study was ever given under a request of what is of a site of `by`, oldest first."""
    question = _of_sites(by).where(DistributedItem.request_id == request.id)
    return told_of(work, work.session.scalars(question.order_by(DistributedItem.id)).all())


def _of_sites(by: Actor | None) -> Select[DistributedItem]:
    """Of items that are of a site of `by`; of all of them when nobody is given."""
    question = select(DistributedItem).join(Item, Item.id == DistributedItem.item_id)
    return question if by is None or by.sites is None else question.where(is_of(by.sites))


def distributed_in(work: Work, distribution: Distribution) -> list[Distributed]:
    """What one hand-over consists of, in the order in which it was scanned, without what stayed here."""
    of_it = DistributedItem.distribution_id == distribution.id
    question = select(DistributedItem).where(of_it, DistributedItem.back_sequence.is_(None))
    return told_of(work, work.session.scalars(question.order_by(DistributedItem.id)).all())


def distributions_of_participant(work: Work, code: str) -> list[Distributed]:
    """What of a participant's went to studies, under whichever of their codes, oldest first.

    Of what was made of several people's it is not here: no study is told whose that is.
    """
    codes = codes_of(work, participant_named(work, code).code)
    question = (
        select(DistributedItem)
        .join(Item, Item.id == DistributedItem.item_id)
        .where(Item.participant.in_(codes))
        .order_by(DistributedItem.id)
    )
    return told_of(work, work.session.scalars(question).all())


def told_of(work: Work, records: Sequence[DistributedItem]) -> list[Distributed]:
    """Records in words of the desk, in their order."""
    requests_by_id = _by_id(work, StudyRequest, {each.request_id for each in records})
    items = _by_id(work, Item, {each.item_id for each in records})
    notes = notes_by_record(work, [each.id for each in records])
    return [
        _told(each, requests_by_id[each.request_id], items[each.item_id], notes.get(each.id, []))
        for each in records
    ]


def _by_id(work: Work, model: type[Model], numbers: set[int]) -> dict[int, Model]:
    found = work.session.scalars(select(model).where(model.id.in_(sorted(numbers))))
    return {each.id: each for each in found}


def notes_by_record(work: Work, numbers: Sequence[int]) -> dict[int, list[HolderNote]]:
    """What was asked and answered about each record, oldest first."""
    question = select(HolderNote).where(HolderNote.distributed_id.in_(numbers)).order_by(HolderNote.id)
    found: dict[int, list[HolderNote]] = {}
    for note in work.session.scalars(question):
        found.setdefault(note.distributed_id, []).append(note)
    return found


def _told(
    record: DistributedItem, request: StudyRequest, item: Item, notes: Sequence[HolderNote]
) -> Distributed:
    asked = [note for note in notes if note.change == HolderChange.ASKED]
    answered = [note for note in notes if note.change == HolderChange.ANSWERED]
    newest = answered[-1] if answered else None
    return Distributed(
        number=record.id,
        item_id=item.id,
        item=item.identifier,
        request=request.number,
        study=request.study,
        receiver=request.receiver,
        agreement=request.agreement,
        purpose=request.purpose,
        at=record.distributed_at,
        recorded_at=record.recorded_at,
        came_back=record.back_sequence is not None,
        asked_on=asked[-1].on_day if asked else None,
        answer=newest.answer if newest else None,
        answered_on=newest.on_day if newest else None,
        reference=newest.reference if newest else None,
    )


def holders_to_ask(work: Work, by: Actor | None = None, *, limit: int = 500) -> list[Distributed]:
    """What went to studies and is of participants who withdrew since, without an answer, oldest first."""
    question = _of_who_withdrew(by).where(DistributedItem.id.not_in(ANSWERED))
    return told_of(work, work.session.scalars(question.order_by(DistributedItem.id).limit(limit)).all())


def holders_that_answered(work: Work, by: Actor | None = None, *, limit: int = 100) -> list[Distributed]:
    """What of such specimens their studies answered about, the newest handed over first."""
    question = _of_who_withdrew(by).where(DistributedItem.id.in_(ANSWERED))
    newest_first = question.order_by(DistributedItem.id.desc()).limit(limit)
    return told_of(work, work.session.scalars(newest_first).all())


ANSWERED = select(HolderNote.distributed_id).where(HolderNote.change == HolderChange.ANSWERED.value)


def _of_who_withdrew(by: Actor | None) -> Select[DistributedItem]:
    withdrawn = select(Hold.item_id).where(
        Hold.kind == HoldKind.WITHDRAWAL.value, Hold.lifted_sequence.is_(None)
    )
    return _of_sites(by).where(
        Item.state == State.DISTRIBUTED.value,
        DistributedItem.back_sequence.is_(None),
        DistributedItem.item_id.in_(withdrawn),
    )
