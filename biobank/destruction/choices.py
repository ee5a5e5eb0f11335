"""Words and plain rules of destruction: how far an order is, how a line ends, what an order covers."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from biobank.custody.states import State


class OrderState(StrEnum):
    """As stored. That an open order waits or is ready follows from the clock and the ceremony."""

    OPEN = "open"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


class Stage(StrEnum):
    """As shown."""

    WAITING = "waiting"
    LEGAL_HOLD = "legal_hold"
    READY = "ready"
    IN_PROGRESS = "in_progress"
    CLOSED = "closed"
    REOPENED = "reopened"
    CANCELLED = "cancelled"


MAY_DESTROY = frozenset({Stage.READY, Stage.IN_PROGRESS, Stage.REOPENED})
UNFINISHED = frozenset({OrderState.OPEN, OrderState.IN_PROGRESS, OrderState.REOPENED})


class Ceremony(StrEnum):
    """A handling instruction. Why it was given is kept nowhere."""

    YES = "yes"
    NO = "no"
    UNANSWERED = "unanswered"
    NOT_APPLICABLE = "not_applicable"


TO_BE_SETTLED = frozenset({Ceremony.YES, Ceremony.UNANSWERED})
"""Nothing is destroyed before compliance settled it."""


class Settlement(StrEnum):
    """How compliance settled a ceremony."""

    HELD = "held"
    NOT_WANTED = "not_wanted"


class LineEnd(StrEnum):
    """The one end of a line."""

    DESTROYED = "destroyed"
    DESTROYED_EARLIER = "destroyed_earlier"
    CONSUMED_EARLIER = "consumed_earlier"
    CONSUMED_BEFORE_ENTRY = "consumed_before_entry"
    """After the decision was made, and before anybody had entered it."""
    CONSUMED_AFTER_DECISION = "consumed_after_decision"
    BROKEN_EARLIER = "broken_earlier"
    BROKEN_AFTER_DECISION = "broken_after_decision"
    LOST = "lost"
    NEVER_RECEIVED = "never_received"
    NEVER_COLLECTED = "never_collected"
    NEVER_USED = "never_used"
    CODE_REPLACED = "code_replaced"
    """Two tubes bore its code; what was in it goes on under another one, on a line of its own."""
    LINKED_ELSEWHERE = "linked_elsewhere"
    """It turned out to be another participant's; their order answers for it."""
    DESTROYED_BY_CUSTODIAN = "destroyed_by_custodian"
    """Outside, as a signed document attests that compliance accepted."""
    REPORTED_BY_FILE = "reported_by_file"
    """Outside, as a custodian's file says that compliance accepted."""
    DISTRIBUTED_EARLIER = "distributed_earlier"
    DISTRIBUTED_BEFORE_ENTRY = "distributed_before_entry"
    """After the decision was made, and before anybody had entered it: never after."""
    GIVEN_BACK = "given_back"
    GIVEN_ANEW = "given_anew"
    """Drawn after its participant had come back with a new consent, into a tube that was on the order."""
    POOLED = "pooled"
    """In a pool with others' material, which the programme keeps and uses no more."""


class Grade(StrEnum):
    """How an outcome is known."""

    WITNESSED = "witnessed"
    ATTESTED = "attested"
    """By whom it was entrusted to, in a document that compliance accepted."""
    REPORTED = "reported"
    """By whom it was entrusted to, in a file that compliance accepted."""
    RECORDED = "recorded"


class BatchState(StrEnum):
    FILLING = "filling"
    COUNTED = "counted"
    DESTROYED = "destroyed"


class Method(StrEnum):
    """How material is destroyed beyond reconstruction."""

    AUTOCLAVE = "autoclave"
    INCINERATION = "incineration"
    CHEMICAL = "chemical"


CYCLE_OF = {
    Method.AUTOCLAVE: "cycle number",
    Method.INCINERATION: "container and manifest number",
    Method.CHEMICAL: "container number",
}
"""What identifies one run of each method."""


class SigningRole(StrEnum):
    PERFORMER = "performer"
    WITNESS = "witness"


MEANINGS = {
    SigningRole.PERFORMER: "I destroyed the pieces of this batch as described.",
    SigningRole.WITNESS: "I saw the pieces of this batch destroyed as described.",
}
HANDED_OVER = {
    SigningRole.PERFORMER: "I sealed the pieces of this batch and gave them to the contractor as described.",
    SigningRole.WITNESS: "I saw the pieces of this batch sealed and given to the contractor as described.",
}
"""Of a container that a contractor takes: nobody here sees it destroyed."""
ACCEPTANCE = "I checked this against its document, and I accept that these specimens are destroyed."
CONFIRMATION = "I checked that every line of these orders has its end, and I confirm it."


def stage_of(
    state: OrderState, hold_until: datetime, *, unsettled: bool, at: datetime, legal_hold: bool = False
) -> Stage:
    """How far an order is at a moment; `unsettled` says that a ceremony still has to be settled."""
    if state in (OrderState.CLOSED, OrderState.CANCELLED):
        return Stage(state.value)
    if legal_hold:
        return Stage.LEGAL_HOLD
    if unsettled or at < hold_until:
        return Stage.WAITING
    return Stage.READY if state is OrderState.OPEN else Stage(state.value)


@dataclass(frozen=True)
class Specimen:
    """What the rules below look at."""

    state: State
    ended_at: datetime | None
    in_destroyed_batch: bool = False
    attested_as: LineEnd | None = None
    """What compliance accepted of its custodian since it is on the order."""


CALLED_DESTROYED = frozenset({LineEnd.DESTROYED, LineEnd.DESTROYED_BY_CUSTODIAN, LineEnd.REPORTED_BY_FILE})
"""Ends by this order after which nothing of a specimen may turn up."""

ENDS_BY_STATE = {
    State.GIVEN_BACK: LineEnd.GIVEN_BACK,
    State.LOST: LineEnd.LOST,
    State.NEVER_RECEIVED: LineEnd.NEVER_RECEIVED,
    State.NOT_COLLECTED: LineEnd.NEVER_COLLECTED,
    State.VOIDED: LineEnd.NEVER_USED,
}
ENDS_BY_TIME = {
    State.CONSUMED: (
        LineEnd.CONSUMED_EARLIER,
        LineEnd.CONSUMED_BEFORE_ENTRY,
        LineEnd.CONSUMED_AFTER_DECISION,
    ),
    State.DISTRIBUTED: (
        LineEnd.DISTRIBUTED_EARLIER,
        LineEnd.DISTRIBUTED_BEFORE_ENTRY,
        LineEnd.DISTRIBUTED_BEFORE_ENTRY,  # none after: since then every hand-over is refused
    ),
    State.BROKEN: (LineEnd.BROKEN_EARLIER, LineEnd.BROKEN_AFTER_DECISION, LineEnd.BROKEN_AFTER_DECISION),
}


def outcome_of(
    specimen: Specimen, decided_at: datetime, *, was_known: bool, entered_at: datetime | None = None
) -> LineEnd | None:
    """The end of a line, or None while its specimen may still be somewhere; `entered_at` is of the decision.

    An end at an unknown time is earlier than the decision only if it was known when the order came to it.
    """
    if specimen.state is State.DESTROYED:
        if specimen.in_destroyed_batch:
            return LineEnd.DESTROYED
        return specimen.attested_as or LineEnd.DESTROYED_EARLIER
    if specimen.state not in ENDS_BY_TIME:
        return ENDS_BY_STATE.get(specimen.state)
    earlier, before_entry, after = ENDS_BY_TIME[specimen.state]
    if specimen.ended_at is None:
        return earlier if was_known else after
    if specimen.ended_at <= decided_at:
        return earlier
    return before_entry if entered_at is not None and specimen.ended_at <= entered_at else after


def is_covered(
    *,
    left: bool,
    decided_at: datetime,
    state: State,
    collected_at: datetime | None,
    until: datetime | None = None,
) -> bool:
    """Whether a decision about samples reaches a tube.

    Who left: everything. Who stays decided about what had been given by then; a tube collected at an unknown
    time counts as given, an empty one does not. Of who came back, `until` then, only what is known to have
    been given before.
    """
    if until is not None and (collected_at is None or collected_at >= until):
        return False
    if left:
        return True
    if state in (State.EXPECTED, State.NOT_COLLECTED, State.VOIDED):
        return False
    return collected_at is None or collected_at <= decided_at
