"""How each line of an order ends: judged from its item as it is now, and what the order was told of it."""

from dataclasses import dataclass
from datetime import datetime

from biobank.core.database import Work
from biobank.custody.queries import happened_at, newest_events
from biobank.custody.states import LIVE, Action, Kind, State
from biobank.custody.voided import voiding_of
from biobank.destruction.choices import (
    CALLED_DESTROYED,
    ENDS_BY_TIME,
    BatchState,
    LineEnd,
    Settlement,
    Specimen,
    outcome_of,
)
from biobank.destruction.models import DestructionLine, DestructionOrder, WasteBatch
from biobank.destruction.outside import attested_end, grade_of
from biobank.destruction.queries import batch_of_bag
from biobank.items.models import Item

FALSELY_DESTROYED = "A piece that was called destroyed was found."
DESTROYED_FOR_ANOTHER = "A piece that was destroyed turned out to be another participant's."


@dataclass(frozen=True)
class Outlook:
    """What is the same for every line of an order while it is gone through."""

    order: DestructionOrder
    theirs: frozenset[int]
    """Items that are of the order's participant, or made of theirs."""
    known: frozenset[int]
    """Items that came onto the order with a decision just now."""
    until: datetime | None
    """When the participant came back."""
    kept: frozenset[int]
    """Pools that the programme keeps."""


def brought_up_to_date(work: Work, outlook: Outlook, line: DestructionLine, item: Item) -> bool:
    """Whether the line's end, or its bag, changed."""
    batch = _batch_around(work, line, item)
    is_theirs = item.id in outlook.theirs
    outcome = _end_of(work, outlook, line, item, batch) if is_theirs else LineEnd.LINKED_ELSEWHERE
    before = (line.outcome, line.batch_id)
    line.batch_id = batch.id if batch else None
    if outcome != line.outcome:
        _question_what_was_said(outlook.order, line, outcome)
        _set_outcome(work, line, item, outcome)
    return (line.outcome, line.batch_id) != before


def _batch_around(work: Work, line: DestructionLine, item: Item) -> WasteBatch | None:
    """The bag it lies in; once destroyed, the bag it went with."""
    if item.state == State.IN_WASTE and item.container_id is not None:
        return batch_of_bag(work, item.container_id)
    if item.state == State.DESTROYED and line.batch_id is not None:
        return work.session.get(WasteBatch, line.batch_id)
    return None


def _end_of(
    work: Work, outlook: Outlook, line: DestructionLine, item: Item, batch: WasteBatch | None
) -> LineEnd | None:
    state, order = State(item.state), outlook.order
    if line.outcome is not None and line.outcome in ENDS_BY_TIME.get(state, ()):
        return LineEnd(line.outcome)  # judged once, when it was new
    if line.outcome in (None, LineEnd.GIVEN_ANEW) and _is_given_anew(item, outlook.until):
        return LineEnd.GIVEN_ANEW
    if item.id in outlook.kept:
        return LineEnd.POOLED
    if state is State.VOIDED and _goes_on_under_another(work, item):
        return LineEnd.CODE_REPLACED
    ended_at = _ending(work, item)[1] if state in ENDS_BY_TIME else None
    went = batch is not None and batch.state == BatchState.DESTROYED
    specimen = Specimen(state, ended_at, in_destroyed_batch=went, attested_as=attested_end(work, line, item))
    entered_at = order.decision_recorded_at
    was_known = item.id in outlook.known
    return outcome_of(specimen, order.decided_at, was_known=was_known, entered_at=entered_at)


def _goes_on_under_another(work: Work, item: Item) -> bool:
    event = voiding_of(work, item.identifier)
    return event is not None and event["action"] == Action.REPLACE_CODE.value


def _is_given_anew(item: Item, until: datetime | None) -> bool:
    """A tube that was empty when its participant left, and was filled after they came back."""
    return until is not None and item.collected_at is not None and item.collected_at >= until


def _ending(work: Work, item: Item) -> tuple[int, datetime | None]:
    """The entry that brought the item into its state, and when that was, if anybody said."""
    events = newest_events(work, item.identifier)
    ending = next((event for event in events if event["from"] != event["to"]), events[-1])
    return ending["sequence"], happened_at(ending)


def _question_what_was_said(order: DestructionOrder, line: DestructionLine, outcome: LineEnd | None) -> None:
    if line.outcome in CALLED_DESTROYED:
        elsewhere = outcome is LineEnd.LINKED_ELSEWHERE
        order.in_question = DESTROYED_FOR_ANOTHER if elsewhere else FALSELY_DESTROYED


def _set_outcome(work: Work, line: DestructionLine, item: Item, outcome: LineEnd | None) -> None:
    if outcome is None:
        line.outcome = line.grade = line.outcome_sequence = line.outcome_at = None
        return
    line.outcome = outcome.value
    line.grade = grade_of(work, line, outcome).value
    line.outcome_sequence, line.outcome_at = _ending(work, item)


def missed_the_ceremony(order: DestructionOrder, line: DestructionLine, item: Item) -> bool:
    """A tube that came after it was held; what was made of a tube was there with the tube."""
    if order.ceremony_settled != Settlement.HELD or order.ceremony_settled_at is None:
        return False
    is_here = item.kind == Kind.TUBE and State(item.state) in LIVE
    return is_here and line.added_at > order.ceremony_settled_at
