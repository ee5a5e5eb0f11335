"""What a step of a piece brings with it for the list it is on, and for the study that it goes to."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import bindparam, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.states import Action
from biobank.custody.steps import Attempt, Done
from biobank.distribution.models import StudyRequest
from biobank.distribution.queries import request_called
from biobank.retrieval.checks import LIST, TAKEN
from biobank.retrieval.choices import OUT, LineState, line_after
from biobank.retrieval.models import PickLine, PickList
from biobank.retrieval.numbering import number_sample
from biobank.retrieval.queries import line_of, lines_out_of
from biobank.retrieval.records import change_line

lines = table_of(PickLine)
FIND_LINE = Statement(
    select(lines.c.id).where(lines.c.item_id == bindparam("item_id"), lines.c.sequence.is_not(None)).limit(1)
)
"""Whether an item was ever picked: most never were, and each of their steps asks."""


def picked_for_its_list(work: Work, done: Done) -> None:
    """Wired after `check_out`; the list is locked since it was checked."""
    number = done.attempt.details.get(LIST)
    if number is None:
        return
    listed = work.session.get_one(PickList, number)
    line = line_of(work, listed, done.item.id)
    due = done.attempt.details.get("due_at")
    if line is not None:
        change_line(
            work, line, done.item.identifier, LineState.PICKED, done.attempt.by,
            sequence=done.event["sequence"], due_at=moments.read_moment(str(due)).at if due else None,
        )  # fmt: skip


def line_follows(work: Work, done: Done) -> None:
    """Wired after each step by which what is out comes back, goes on or ends, and after `correct`."""
    if work.run(FIND_LINE, item_id=done.item.id).fetchone() is None:
        return
    line = lines_out_of(work, done.item.id)
    if line is None:
        return
    corrected = done.attempt.action is Action.CORRECT
    if LineState(line.state) not in OUT and not corrected:
        return
    after = LineState.TO_PICK if corrected and _undone(line, done) else line_after(done.item.state)
    if after is None or after == line.state or (corrected and line.state == LineState.NOT_THERE):
        return
    because = done.item.state.value if after is LineState.ENDED else None
    sequence = done.event["sequence"]
    change_line(work, line, done.item.identifier, after, done.attempt.by, because=because, sequence=sequence)


def _undone(line: PickLine, done: Done) -> bool:
    """Whether the check-out itself was taken back: then it is to be picked as before."""
    return line.state == LineState.PICKED and done.attempt.corrects == line.sequence


def what_is_left(_: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Derived at `check_in` and `return`: never less than nothing; unknown stays unknown."""
    taken, known = attempt.details.get(TAKEN), attempt.item.volume_microlitres
    if type(taken) is not int or known is None:
        return {}
    return {"volume_microlitres": max(0, known - taken)}


def study_numbers_it(work: Work, done: Done) -> None:
    """Wired after `distribute`; the request is locked since it was checked."""
    request: StudyRequest = request_called(work, str(done.attempt.details["request"]))
    number_sample(work, request, done.item, by=done.attempt.by)
