"""The invariants of custody, each a question to the database and its ledger that has to come back empty."""

from collections import Counter

from sqlalchemy import select

from biobank.custody.queries import holds_on
from biobank.custody.states import LIVE, THOUGHT_GONE, USES, Action, HoldKind, Kind, Nature, State
from biobank.custody.stories import events_of
from biobank.custody.transitions import TRANSITIONS
from biobank.destruction.choices import BatchState, OrderState
from biobank.destruction.models import WasteBatch
from biobank.destruction.queries import lines_of, orders_of, signature_numbered, signers_of
from biobank.items.models import Item
from biobank.messages.models import Message
from biobank.participants.models import Participant
from biobank.participants.queries import standing
from biobank.withdrawals.queries import decisions_of


def nothing_is_used_after_a_decision(item, events, **_):
    """I1: no use while a withdrawal hold stands; what hands had done before is a fact with its flag."""
    held = False
    for event in events:
        if event["kind"] == "hold" and event["hold"] == HoldKind.WITHDRAWAL:
            held = event["change"] == "placed"
        elif held and event.get("action") in USES and "done_under_hold" not in event.get("flags", ()):
            yield f"I1 {event['action']} of {item.identifier} under a withdrawal hold"


def everything_of_who_left_is_held(item, work, **_):
    """I1: of somebody who left and did not keep everything, nothing live is free."""
    person = work.session.get(Participant, item.participant) if item.participant else None
    if person is None or not standing(person).use_blocked or item.state not in LIVE:
        return
    if HoldKind.WITHDRAWAL not in holds_on(work, item.id):
        yield f"I1 {item.identifier} is {item.state} and not held, though {person.code} left"


def only_who_chose_so_is_destroyed(item, work, **_):
    """I3."""
    if item.state not in (State.IN_WASTE, State.DESTROYED):
        return
    person = work.session.get(Participant, item.participant) if item.participant else None
    if person is None or person.samples != "destroy":
        yield f"I3 {item.identifier} is {item.state} and its participant did not ask for it"


def it_is_somebodys_or_in_quarantine(item, work, **_):
    """I4."""
    if item.state in LIVE and item.participant is None and not holds_on(work, item.id):
        yield f"I4 {item.identifier} is {item.state}, of nobody, and not held"


def it_is_in_one_place_and_one_custody(item, work, **_):
    """I5."""
    if item.container_id is not None and item.place_unknown_since is not None:
        yield f"I5 {item.identifier} has a place that nobody knows"
    if item.container_id is None and item.position is not None:
        yield f"I5 {item.identifier} has a position in nothing"
    if item.state in LIVE and item.custodian is None:
        yield f"I5 {item.identifier} is {item.state} in nobody's custody"
    container = work.session.get(Item, item.container_id) if item.container_id else None
    if (item.state == State.IN_WASTE) != (container is not None and container.kind == Kind.WASTE):
        yield f"I5 {item.identifier} is {item.state} in {container and container.kind}"
    if item.state in THOUGHT_GONE and container is not None:
        yield f"I5 {item.identifier} is {item.state} and lies in a {container.kind}"


def no_decision_leaves_destroyed(item, events, **_):
    """I6, and the record of the destruction stays."""
    for event in events:
        if event["kind"] != "custody" or event["from"] != State.DESTROYED:
            continue
        if TRANSITIONS[Kind(item.kind), Action(event["action"])].nature is not Nature.FACT:
            yield f"I6 {event['action']} took {item.identifier} out of destroyed"
    destroyed = [event for event in events if event.get("action") == Action.DESTROY]
    if item.state == State.DESTROYED and not destroyed:
        yield f"I6 {item.identifier} is destroyed without a record"


def numbers_have_no_gap(item, events, **_):
    """I11."""
    if [event["sequence"] for event in events] != list(range(1, item.sequence + 1)):
        yield f"I11 {item.identifier} has events {[event['sequence'] for event in events]} of {item.sequence}"


OF_A_SPECIMEN = (
    nothing_is_used_after_a_decision,
    everything_of_who_left_is_held,
    only_who_chose_so_is_destroyed,
    it_is_somebodys_or_in_quarantine,
    it_is_in_one_place_and_one_custody,
    no_decision_leaves_destroyed,
    numbers_have_no_gap,
)


def a_closed_order_has_no_live_line(work, order):
    """I2."""
    if order.state != OrderState.CLOSED:
        return
    for line in lines_of(work, order):
        state = work.session.get_one(Item, line.item_id).state
        if line.outcome is None or state in LIVE:
            yield f"I2 order {order.identifier} is closed with a line that is {state} ({line.outcome})"


def three_people_sign(work, order):
    """I7."""
    for batch in work.session.scalars(select(WasteBatch).where(WasteBatch.state == BatchState.DESTROYED)):
        performer = signature_numbered(work, batch.performer_signature).signer
        if performer == signature_numbered(work, batch.witness_signature).signer:
            yield f"I7 batch {batch.id} was performed and witnessed by {performer}"
    if order.state != OrderState.CLOSED:
        return
    closed = [event for event in events_of(work, order.identifier) if event["change"] == "closed"][-1]
    confirmer = signature_numbered(work, int(closed["signature"].partition(":")[2])).signer
    if confirmer in signers_of(work, order):
        yield f"I7 order {order.identifier} was confirmed by {confirmer}, who performed or witnessed"


def every_decision_is_confirmed_once(work, code):
    """I8."""
    decisions = [f"decision:{decision.id}" for decision in decisions_of(work, code)]
    sent = Counter(work.session.scalars(select(Message.about).where(Message.about.in_(decisions))))
    for about in decisions:
        if sent[about] != 1:
            yield f"I8 {about} of {code} has {sent[about]} confirmations"


def violations(work, codes, specimens):
    """Of some participants and some specimens, all that is not as it has to be."""
    for identifier in specimens:
        item = work.session.scalars(select(Item).where(Item.identifier == identifier)).one()
        events = events_of(work, identifier)
        for invariant in OF_A_SPECIMEN:
            yield from invariant(item=item, events=events, work=work)
    for code in codes:
        yield from every_decision_is_confirmed_once(work, code)
        for order in orders_of(work, code):
            yield from a_closed_order_has_no_live_line(work, order)
            yield from three_people_sign(work, order)
