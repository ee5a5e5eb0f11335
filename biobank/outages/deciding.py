"""What becomes of the specimens of an outage: proposed by groups, signed by a biobank lead, carried out."""

from sqlalchemy import ColumnElement, Select, func, select, update

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.queries import actor_named
from biobank.access.signatures import approval_content, approve, sign_as_shown
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import row_numbered
from biobank.core.tables import table_of
from biobank.custody.many_holds import lift_holds
from biobank.custody.models import Hold
from biobank.custody.operations import record
from biobank.custody.states import ENDS, Action, HoldKind
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.items.queries import items_numbered, participants_behind_all
from biobank.outages import checks
from biobank.outages.choices import DECISION, Outcome
from biobank.outages.groups import known_codes, of_groups
from biobank.outages.inputs import NewDecision
from biobank.outages.models import Outage, OutageDecision, OutageLine
from biobank.outages.operations import note
from biobank.outages.queries import outage_seen_by, specimens_of, subject_of, under_its_hold_alone
from biobank.outages.records import KIND, decision_content, decision_record
from biobank.participants.own_names import own_names_are_not_in

MOST_ENDED = 2000
"""Specimens that one decision may end: each is a step of its own, in one transaction."""
lines = table_of(OutageLine)


class NoSuchDecision(NotFound):
    title = "Decision not known"


def decision_seen_by(
    work: Work, by: Actor, number: int, decision: int, *, locked: bool = False
) -> tuple[Outage, OutageDecision]:
    """Raises `NoSuchOutage`, `NoSuchDecision`."""
    outage = outage_seen_by(work, by, number, locked=locked)
    found = row_numbered(work, OutageDecision, decision, locked=locked)
    if found is None or found.outage_id != outage.id:
        raise NoSuchDecision(f"Outage {number} has no decision {decision}; look at its page.")
    return outage, found


def propose_decision(work: Work, number: int, new: NewDecision, *, by: Actor) -> OutageDecision:
    """It waits for its signature.

    Raises `NoSuchOutage`, `DecisionRefused`, `NamesSomebody`, `OwnNameWritten`.
    """
    outage = outage_seen_by(work, by, number, locked=True)
    checks.can_be_proposed(new)
    checks.groups_are_known(new, known_codes(work, outage, new.grouping))
    decision = OutageDecision(
        outage_id=outage.id,
        outcome=new.outcome.value,
        grouping=new.grouping.value,
        groups="\n".join(sorted(set(new.groups))),
        reason=new.reason,
        proposed_at=moments.now(),
        proposed_by=by.person,
    )
    work.session.add(decision)
    work.flush()
    content = decision_content(work, outage, decision)
    checks.something_is_open(content["items"])
    if new.outcome is Outcome.ENDED and content["items"] > MOST_ENDED:
        raise checks.DecisionRefused(
            f"These are {content['items']} specimens; one signature ends at most {MOST_ENDED}, so choose "
            "fewer groups.",
            field="groups",
        )
    was_in_it = select(OutageLine.item_id.label("id")).where(OutageLine.outage_id == outage.id)
    concerned = participants_behind_all(work, was_in_it)
    own_names_are_not_in(work, by, concerned, new.reason, "reason")
    note(work, outage, "proposed", by, content | {"at": moments.to_text(decision.proposed_at)})
    return decision


def drop_decision(work: Work, number: int, decision: int, *, by: Actor) -> OutageDecision:
    """Given up before it was signed. Raises `NoSuchDecision`, `DecidedAlready`."""
    outage, found = decision_seen_by(work, by, number, decision, locked=True)
    if found.approved_at is not None or found.dropped_at is not None:
        raise checks.DecidedAlready(f"Decision {found.id} is signed or given up already.")
    found.dropped_at = moments.now()
    work.flush()
    at = moments.to_text(found.dropped_at)
    note(work, outage, "dropped", by, {"decision": found.id, "at": at})
    return found


def sign_decision(work: Work, number: int, decision: int, signing: Signing, *, by: Actor) -> OutageDecision:
    """A biobank lead signs it as it was shown, and it is carried out.

    Raises `NoSuchDecision`, `DecidedAlready`, `DecisionRefused`, `RecordChanged`, `NotYoursToDecide`, what
    `sign` raises.
    """
    outage, found = decision_seen_by(work, by, number, decision, locked=True)
    checks.can_be_decided(outage, found)
    content = decision_content(work, outage, found)
    signed = (KIND, f"{subject_of(outage)}/{found.id}", decision_record(work, outage, found)[1])
    signature = sign_as_shown(work, by, signing, DECISION, signed)
    checks.signer_may(outage, actor_named(work, signature.signer))
    approve(found, signature)
    found.items = content["items"]
    work.flush()
    changed = _carry_through(work, outage, found, by)
    outage, found = decision_seen_by(work, by, number, decision)
    told = {"changed": changed, "approved_at": moments.text_or_none(found.approved_at)}
    note(work, outage, "decided", by, content | approval_content(found) | told)
    return found


def _carry_through(work: Work, outage: Outage, decision: OutageDecision, by: Actor) -> int:
    """Gives how many specimens were changed by it: set free, or ended."""
    meant = of_groups(work, outage, decision)
    work.session.execute(
        update(lines).where(lines.c.outage_id == outage.id, meant).values(decision_id=decision.id)
    )
    work.flush()
    reason, of_it = f"{subject_of(outage)}/{decision.id}", OutageLine.decision_id == decision.id
    if decision.outcome == Outcome.RELEASED:
        return lift_holds(
            work, under_its_hold_alone(work, outage, of_it), HoldKind.TEMPERATURE, reason, by=by
        )
    return _end(work, outage, decision, by) if decision.outcome == Outcome.ENDED else 0


def _end(work: Work, outage: Outage, decision: OutageDecision, by: Actor) -> int:
    """Each ends by accident: a step of its own, which names the outage. What a legal hold keeps stays."""
    reason = f"{subject_of(outage)}/{decision.id}"
    numbers = work.session.scalars(to_end(outage, OutageLine.decision_id == decision.id)).all()
    for item in [item.identifier for item in items_numbered(work, numbers)]:
        record(
            work, item, Action.BREAK,
            by=by, source=Source("system", reason), at=None, details={"accident": reason},
        )  # fmt: skip
    return len(numbers)


def to_end(outage: Outage, meant: ColumnElement[bool]) -> Select[int]:
    """What of these is still somewhere and no court keeps."""
    legal = select(Hold.item_id).where(Hold.kind == HoldKind.LEGAL.value, Hold.lifted_sequence.is_(None))
    return (
        specimens_of(outage, meant)
        .join(Item, Item.id == OutageLine.item_id)
        .where(Item.state.not_in(sorted(ENDS)), Item.id.not_in(legal))
    )


def how_many_would_end(work: Work, outage: Outage, decision: OutageDecision) -> int:
    """Of a decision that waits: the rest ended already, or a court keeps it."""
    ending = to_end(outage, of_groups(work, outage, decision)).order_by(None)
    return work.session.scalar(select(func.count()).select_from(ending.subquery())) or 0
