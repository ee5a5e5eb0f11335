"""The invariants of custody, each a question to the database and its ledger that has to come back empty."""

from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import func, select

from biobank.access.models import Signature
from biobank.core.moments import read_moment
from biobank.custodians.models import Attestation, AttestationEnd
from biobank.custody.models import Discrepancy
from biobank.custody.queries import holds_on
from biobank.custody.states import (
    FOR_DISPOSAL,
    LIVE,
    MADE,
    THOUGHT_GONE,
    USES,
    Action,
    HoldKind,
    Kind,
    Nature,
    State,
)
from biobank.custody.stories import events_of
from biobank.custody.transitions import TRANSITIONS
from biobank.destruction.choices import BatchState, LineEnd, OrderState
from biobank.destruction.models import WasteBatch
from biobank.destruction.queries import (
    lines_of,
    lines_of_item,
    orders_of,
    specimens_of_person,
    standing_orders,
)
from biobank.identity.accesses import ENTRY
from biobank.identity.models import VaultAccess
from biobank.identity.vault import vault_reading
from biobank.items.models import Item
from biobank.items.queries import participants_behind
from biobank.ledger.models import LedgerEntry
from biobank.ledger.replaying import events_of_kind
from biobank.messages.models import Message
from biobank.messages.states import WAITING, MessageState
from biobank.participants.queries import participant_named
from biobank.withdrawals.choices import SignedKind
from biobank.withdrawals.holding import NOT_GIVEN, bring_up_to_date
from biobank.withdrawals.queries import changes_of, deaths_of, decisions_of, has_decided
from tests.journeys.then import NOW, answers_then, past_of, tubes_behind

DESTRUCTIONS = {Action.PUT_IN_WASTE, Action.DESTROY, Action.ACCEPT_ATTESTATION}
SAID_TO_BE_GONE = {LineEnd.DESTROYED, LineEnd.DESTROYED_EARLIER}
NOT_TO_GO = {LineEnd.LINKED_ELSEWHERE, LineEnd.GIVEN_ANEW, LineEnd.POOLED}


def nothing_is_used_after_a_decision(item, events, **_):
    """I1: no use while a withdrawal hold stands; what hands had done before is a fact with its flag."""
    held = False
    for event in events:
        if event["kind"] == "hold" and event["hold"] == HoldKind.WITHDRAWAL:
            held = event["change"] == "placed"
        elif held and is_a_use(event):
            yield f"I1 {event['action']} of {item.identifier} under a withdrawal hold"


def is_a_use(event):
    for_disposal = event.get("details", {}).get("purpose") == FOR_DISPOSAL
    done_before = "done_under_hold" in event.get("flags", ())
    return event.get("action") in USES and not for_disposal and not done_before


def nothing_is_used_against_an_answer(item, events, material, past, **_):
    """I1, whatever holds say: the answers that everybody behind it had given by then let it be used."""
    for event in events:
        if event["kind"] != "custody" or not is_a_use(event) or event["action"] == Action.ASSIGN:
            continue
        moment = read_moment(event["recorded_at"]).at
        for code, drawn in material(moment):
            if is_blocked(answers_then(past, code, drawn, moment), drawn):
                yield f"I1 {event['action']} of {item.identifier}, though {code} had answered otherwise"


def is_blocked(spans, collected_at):
    """By every answer that may be the one for it, or since it was drawn after its participant had left."""
    if collected_at is not None and any(span.left_at and collected_at > span.left_at for span in spans):
        return True
    return all(span.use_blocked for span in spans)


def everything_of_who_left_is_held(item, work, material, past, **_):
    """I1: of somebody who left and did not keep everything, nothing live is free."""
    if item.state not in LIVE or HoldKind.WITHDRAWAL in holds_on(work, item.id):
        return
    for code, drawn in material(NOW):
        if is_blocked(answers_then(past, code, drawn, NOW), drawn):
            yield f"I1 {item.identifier} is {item.state} and not held, though {code} answered otherwise"


def only_who_chose_so_is_destroyed(item, events, material, past, **_):
    """I3: somebody whose it was when it went into waste, or was destroyed, had answered so by then."""
    for event in events:
        if event.get("action") not in DESTRUCTIONS:
            continue
        moment = read_moment(event["recorded_at"]).at
        told = [span for code, drawn in material(moment) for span in answers_then(past, code, drawn, moment)]
        if not any(span.samples == "destroy" for span in told):
            yield f"I3 {event['action']} of {item.identifier}, and nobody behind it had chosen so"


def it_is_somebodys_or_in_quarantine(item, work, **_):
    """I4."""
    somebodys = item.participant or (item.kind in MADE and participants_behind(work, item.id))
    if item.state in LIVE and not somebodys and not holds_on(work, item.id):
        yield f"I4 {item.identifier} is {item.state}, of nobody, and not held"


def it_is_in_one_place_and_one_custody(item, work, **_):
    """I5."""
    if item.container_id is not None and item.place_unknown_since is not None:
        yield f"I5 {item.identifier} has a place that nobody knows"
    if item.container_id is None and item.position is not None:
        yield f"I5 {item.identifier} has a position in nothing"
    if item.state in LIVE and item.custodian is None:
        yield f"I5 {item.identifier} is {item.state} in nobody's custody"
    outside = (item.custodian or "").startswith("custodian:")
    if item.state in LIVE - {State.IN_TRANSIT} and outside != (item.state == State.SENT_OUT):
        yield f"I5 {item.identifier} is {item.state} in the custody of {item.custodian}"
    container = work.session.get(Item, item.container_id) if item.container_id else None
    if (item.state == State.IN_WASTE) != (container is not None and container.kind == Kind.WASTE):
        yield f"I5 {item.identifier} is {item.state} in {container and container.kind}"
    if item.state in THOUGHT_GONE | {State.SENT_OUT} and container is not None:
        yield f"I5 {item.identifier} is {item.state} and lies in a {container.kind}"


def no_decision_leaves_destroyed(item, events, **_):
    """I6, and the record of the destruction stays."""
    for event in events:
        if event["kind"] != "custody" or event["from"] != State.DESTROYED:
            continue
        if TRANSITIONS[Kind(item.kind), Action(event["action"])].nature is not Nature.FACT:
            yield f"I6 {event['action']} took {item.identifier} out of destroyed"
    if item.state == State.DESTROYED and not any(event.get("action") in DESTRUCTIONS for event in events):
        yield f"I6 {item.identifier} is destroyed without a record"


def what_was_found_is_no_secret(item, events, work, **_):
    """I6: what was called destroyed and is here was held, is an incident, and no order says it is gone."""
    steps = [event for event in events if event["kind"] == "custody"]
    left = [event for event in steps if event["from"] == State.DESTROYED and event["to"] != State.DESTROYED]
    lines = lines_of_item(work, item.id)
    if not left or not lines:
        return
    kinds = set(work.session.scalars(select(Discrepancy.kind).where(Discrepancy.item_id == item.id)))
    if "false_destruction" not in kinds:
        yield f"I6 {item.identifier} was destroyed, was found, and is no incident"
    if not any(event["kind"] == "hold" and event["change"] == "placed" for event in events):
        yield f"I6 {item.identifier} was destroyed, was found, and was never held"
    for line in lines:
        if item.state in LIVE and line.outcome in SAID_TO_BE_GONE:
            yield f"I6 {item.identifier} is {item.state}, and its line says {line.outcome}"


def numbers_have_no_gap(item, events, **_):
    """I11."""
    if [event["sequence"] for event in events] != list(range(1, item.sequence + 1)):
        yield f"I11 {item.identifier} has events {[event['sequence'] for event in events]} of {item.sequence}"


OF_A_SPECIMEN = (
    nothing_is_used_after_a_decision,
    nothing_is_used_against_an_answer,
    everything_of_who_left_is_held,
    only_who_chose_so_is_destroyed,
    it_is_somebodys_or_in_quarantine,
    it_is_in_one_place_and_one_custody,
    no_decision_leaves_destroyed,
    what_was_found_is_no_secret,
    numbers_have_no_gap,
)


def a_closed_order_has_no_live_line(work, order):
    """I2."""
    if order.state != OrderState.CLOSED:
        return
    for line in lines_of(work, order):
        state = work.session.get_one(Item, line.item_id).state
        if line.outcome is None or (state in LIVE and line.outcome not in NOT_TO_GO):
            yield f"I2 order {order.identifier} is closed with a line that is {state} ({line.outcome})"


def an_order_covers_everything(work, code, past):
    """I2: of who left for good and wants it destroyed, nothing that was given is on no order."""
    spans = past.spans(code)
    if len(spans) > 1 or spans[0].left_at is None or spans[0].samples != "destroy":
        return
    theirs = {line.item_id for order in standing_orders(work, code) for line in lines_of(work, order)}
    for item in specimens_of_person(work, code):
        if item.id not in theirs and State(item.state) not in NOT_GIVEN:
            yield f"I2 {item.identifier} ({item.state}) of {code} is on no order"


def left_to_follow(work, codes, by):
    """I2: orders and holds are as going through all of somebody's again makes them; it writes if they are not."""
    newest = newest_entry(work, of_items=True)
    for code in codes:
        if has_decided(work, code):
            bring_up_to_date(work, code, by=by)
    work.flush()
    written = select(LedgerEntry.subject, LedgerEntry.body).where(LedgerEntry.id > newest)
    return [f"I2 {subject} was not up to date: {body}" for subject, body in work.session.execute(written)]


def performer_and_witness_differ(work):
    """I7, also of a container that was only handed over so far."""
    for batch in work.session.scalars(select(WasteBatch)):
        signed = who_signed(work, batch)
        if len(signed) == 2 and len(set(signed)) == 1:
            yield f"I7 batch {batch.id} was performed and witnessed by {signed[0]}"
        if batch.state == BatchState.DESTROYED and len(signed) != 2:
            yield f"I7 batch {batch.id} is destroyed and has {len(signed)} signatures"


def who_signed(work, batch):
    numbers = [number for number in (batch.performer_signature, batch.witness_signature) if number]
    return [work.session.get_one(Signature, number).signer for number in numbers]


def nobody_accepts_their_own(work):
    """I7, of what custodians attest: who entered it and who accepted it are two."""
    pairs = select(Attestation, AttestationEnd).join(
        AttestationEnd, AttestationEnd.attestation_id == Attestation.id
    )
    for attestation, end in work.session.execute(pairs.where(AttestationEnd.accepted)):
        if end.decided_by == attestation.received_by:
            yield f"I7 attestation {attestation.id} was entered and accepted by {end.decided_by}"


def somebody_else_confirms(work, order):
    """I7."""
    if order.state != OrderState.CLOSED:
        return
    closed = [event for event in events_of(work, order.identifier) if event["change"] == "closed"][-1]
    confirmer = work.session.get_one(Signature, int(closed["signature"].partition(":")[2])).signer
    bags = {line.batch_id for line in lines_of(work, order) if line.batch_id}
    if any(confirmer in who_signed(work, work.session.get_one(WasteBatch, number)) for number in bags):
        yield f"I7 order {order.identifier} was confirmed by {confirmer}, who performed or witnessed"


TOLD_OF = {SignedKind.REVERSAL, SignedKind.MISTAKEN_DECISION}


def every_decision_is_confirmed_once(work, code):
    """I8: to the participant, and while they are dead to who asked, or to who told of the death."""
    decisions = {f"decision:{each.id}": each for each in decisions_of(work, code)}
    changes = {f"change:{each.id}": each for each in changes_of(work, code) if each.kind in TOLD_OF}
    told = decisions | changes
    found = list(work.session.scalars(select(Message).where(Message.about.in_(told))))
    sent = Counter(message.about for message in found)
    for about in told:
        if sent[about] != 1:
            yield f"I8 {about} of {code} has {sent[about]} confirmations"
    person = participant_named(work, code)
    deaths = deaths_of(work, person.code)
    for message in found:
        theirs = message.addressee in {person.code, told[message.about].participant}
        if MessageState(message.state) in WAITING and theirs is bool(deaths):
            yield f"I8 {message.about} of {code} goes to {message.addressee}; {len(deaths)} deaths were told"


def looks_are_written_down(work, looks):
    """I9: vault and ledger tell of the same looks, and of each kind of as many as there were."""
    in_ledger = {event["access"]: event["access_kind"] for _, event in events_of_kind(work, ENTRY)}
    with vault_reading() as vault:
        in_vault = dict(iter(vault.session.execute(select(VaultAccess.access, VaultAccess.kind))))
    for access in in_ledger.keys() ^ in_vault.keys():
        yield f"I9 the look {access} is in one of ledger and vault alone"
    written = Counter(in_vault.values())
    for kind in ("enter", "read", "check", "find"):
        if written[kind] != looks[kind]:
            yield f"I9 {looks[kind]} times somebody did {kind}, and {written[kind]} times it was written down"


def no_history_has_a_gap(work):
    """I11, of every subject of the ledger: items, orders, participants, bags, requests, searches."""
    numbers = func.count(), func.min(LedgerEntry.sequence), func.max(LedgerEntry.sequence)
    question = select(LedgerEntry.subject, *numbers).group_by(LedgerEntry.subject)
    for subject, entries, first, last in work.session.execute(question):
        if (first, last) != (1, entries):
            yield f"I11 {subject} has {entries} entries, numbered {first} to {last}"


def whose_it_was(events, moment):
    """The participant that an item's entries name by a moment."""
    named = [event["participant"] for event in events if "participant" in event]
    times = [read_moment(event["recorded_at"]).at for event in events if "participant" in event]
    return next((code for code, at in zip(named[::-1], times[::-1], strict=True) if at < moment), None)


@dataclass
class Judged:
    """What was found in order before: an item is judged again when it has more entries, or more was told."""

    events: dict = field(default_factory=dict)
    tubes: dict = field(default_factory=dict)
    right: dict = field(default_factory=dict)
    newest: int = 0
    decisive: int = 0

    def events_of(self, work, item):
        kept = self.events.get(item.identifier)
        if kept is None or kept[0] != item.sequence:
            kept = self.events[item.identifier] = item.sequence, events_of(work, item.identifier)
        return kept[1]

    def material_of(self, work, item, events):
        """Of a moment: whose material it is, and when that was drawn; a pool is of several."""
        tubes = tubes_behind(work, item, self.tubes)
        if any("participant" in event for event in events) or tubes == [item]:
            told = [(events, tubes[0].collected_at)]
        else:
            told = [(self.events_of(work, tube), tube.collected_at) for tube in tubes]
        return lambda moment: [
            (code, drawn) for theirs, drawn in told if (code := whose_it_was(theirs, moment)) is not None
        ]

    def violations(self, work, item, past):
        seen = item.sequence, past.size
        if self.right.get(item.id) == seen:
            return
        events = self.events_of(work, item)
        known = {"item": item, "events": events, "work": work, "past": past}
        for invariant in OF_A_SPECIMEN:
            yield from invariant(**known, material=self.material_of(work, item, events))
        self.right[item.id] = seen


def newest_entry(work, *, of_items):
    """Number of the newest entry of the ledger; without those of items alone, of people, orders and the like."""
    question = select(func.max(LedgerEntry.id))
    if not of_items:
        question = question.where(LedgerEntry.kind.not_in(("custody", "hold")))
    return work.session.scalar(question)


def violations(work, codes, specimens, judged):
    """Of some participants and specimens, all that is not as it has to be."""
    newest = newest_entry(work, of_items=True)
    if newest == judged.newest:
        return
    past = past_of(work, codes)
    rows = work.session.scalars(select(Item).where(Item.identifier.in_(specimens)))
    for item in sorted(rows, key=lambda row: row.id):
        yield from judged.violations(work, item, past)
    for code in codes:
        if past.whose(code) == code:
            yield from an_order_covers_everything(work, code, past)
        for order in orders_of(work, code):
            yield from a_closed_order_has_no_live_line(work, order)
            yield from somebody_else_confirms(work, order)
    decisive = newest_entry(work, of_items=False)
    if decisive != judged.decisive:
        yield from performer_and_witness_differ(work)
        yield from nobody_accepts_their_own(work)
        for code in codes:
            yield from every_decision_is_confirmed_once(work, code)
    judged.newest, judged.decisive = newest, decisive
