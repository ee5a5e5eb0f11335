"""Which holds a step may place and which a release may lift."""

from biobank.access.permissions import Role
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.custody.states import Action, HoldKind
from biobank.custody.steps import Attempt
from biobank.items.identifiers import printed


class NothingToRelease(Conflict):
    """No hold stands that this release may lift."""

    title = "Nothing to release"


class NotYourHold(Forbidden):
    """A hold that a decision places, or compliance alone."""

    title = "Not your hold"


class UnknownHold(Invalid):
    """A kind of hold that there is not."""

    title = "Unknown hold"


FROM_A_DECISION = frozenset({HoldKind.WITHDRAWAL, HoldKind.RECALL, HoldKind.CANCELLED})
"""They stand until the participant comes back, the recall is lifted or the collection restored."""
NOT_RELEASED_BY_A_STEP = FROM_A_DECISION | {HoldKind.LEGAL}


def hold_named(attempt: Attempt, otherwise: HoldKind) -> HoldKind:
    named = attempt.details.get("hold", otherwise.value)
    try:
        return HoldKind(named)
    except ValueError as problem:
        known = ", ".join(hold.value for hold in HoldKind)
        raise UnknownHold(  # what was typed is not said again: the log of scans keeps this sentence
            f"There is no such kind of hold; there are {known}.", field="details.hold"
        ) from problem


def holds_to_lift(attempt: Attempt) -> list[HoldKind]:
    """What a release lifts: the hold that it names, else all that a release may lift."""
    named = "hold" in attempt.details
    wanted = {hold_named(attempt, HoldKind.DISCREPANCY)} if named else set(HoldKind)
    kept = NOT_RELEASED_BY_A_STEP
    if named and attempt.by.roles & {Role.COMPLIANCE}:
        kept = kept - {HoldKind.LEGAL}
    return sorted((wanted & attempt.holds) - kept)


PLACED_BY_A_STEP = frozenset(HoldKind) - FROM_A_DECISION


def hold_can_be_named(attempt: Attempt) -> None:
    """Quarantine places what a step may place, a legal hold by compliance, or sets aside what is held
    already; release lifts what it may.
    """
    if attempt.action is Action.QUARANTINE:
        hold = hold_named(attempt, HoldKind.DISCREPANCY)
        kept = hold is HoldKind.LEGAL and not attempt.by.roles & {Role.COMPLIANCE}
        if hold not in attempt.holds and (kept or hold not in PLACED_BY_A_STEP):
            raise NotYourHold(
                f"A {hold.value} hold is not placed at the bench: it follows from a withdrawal, a recall, a "
                "cancelled collection or a decision of compliance.",
                field="details.hold",
            )
    if attempt.action is Action.RELEASE and not holds_to_lift(attempt):
        raise NothingToRelease(
            f"{printed(attempt.item.identifier)} has no hold that a release lifts; a withdrawal, a "
            "recall, a cancelled collection and a legal hold end by a decision of their own.",
            holds=sorted(hold.value for hold in attempt.holds),
        )
