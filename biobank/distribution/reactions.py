"""What a hand-over brings with it: the record of where it went, and what is here again after all."""

from collections.abc import Iterable

from biobank.core.database import Work
from biobank.custody.states import State
from biobank.custody.steps import Alert, Done
from biobank.distribution.checks import portion_left
from biobank.distribution.models import DistributedItem, StudyRequest
from biobank.distribution.operations import note, note_record
from biobank.distribution.queries import newest_record_of, request_called
from biobank.items.identifiers import printed


def where_it_went_is_noted(work: Work, done: Done) -> Iterable[Alert]:
    """Wired after `distribute`; the request is locked since it was checked."""
    attempt = done.attempt
    request = request_called(work, str(attempt.details["request"]))
    kept = DistributedItem(
        item_id=done.item.id,
        sequence=done.event["sequence"],
        request_id=request.id,
        portion_id=portion_left(work, request, attempt).id,
        distribution_id=attempt.details.get("distribution"),
        distributed_at=attempt.at.at if attempt.at else None,
        recorded_at=attempt.recorded_at,
        recorded_by=attempt.by.person,
    )
    work.session.add(kept)
    work.flush()
    note_record(work, request, kept, done.item.identifier, attempt.by)
    told = f"{printed(done.item.identifier)} goes to {request.receiver} for study {request.study}."
    return [Alert("distributed", told)]


def what_is_here_again_is_noted(work: Work, done: Done) -> None:
    """Wired after every step: what is in somebody's hand here never left, or came back."""
    if done.attempt.item.state is not State.DISTRIBUTED or done.item.state is State.DISTRIBUTED:
        return
    found = newest_record_of(work, done.item.id)
    if found is None or found.back_sequence is not None:
        return
    number = work.session.get_one(StudyRequest, found.request_id).number
    request = request_called(work, number, locked=True)
    found.back_sequence = done.event["sequence"]
    work.flush()
    content = {"item": done.item.identifier, "item_sequence": done.event["sequence"]}
    note(work, request, "came_back", done.attempt.by, content)
